#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/base/log_bar.h"
#include "capture.h"
#include "incant/error.h"
#include "incant/log.h"

static int
start_afresh(void **state)
{
	(void)state;
	log_set_level(LOG_NORMAL);
	log_reset();
	return 0;
}

static const char *
what_each_level_prints(enum log_level level, char *text, size_t capacity)
{
	struct capture capture;

	log_set_level(level);
	capture_begin(&capture);
	log_warning("warned");
	log_info("informed");
	log_verbose("told");
	return capture_end(&capture, text, capacity);
}

static void
each_level_prints_more_than_the_one_before(void **state)
{
	char text[200];

	(void)state;
	assert_string_equal(
		what_each_level_prints(LOG_QUIET, text, sizeof(text)), "incant-backup: warning: warned\n");
	assert_string_equal(what_each_level_prints(LOG_NORMAL, text, sizeof(text)),
		"incant-backup: warning: warned\nincant-backup: informed\n");
	assert_string_equal(what_each_level_prints(LOG_VERBOSE, text, sizeof(text)),
		"incant-backup: warning: warned\nincant-backup: informed\nincant-backup: told\n");
	assert_int_equal(log_get_level(), LOG_VERBOSE);
}

static void
warnings_are_kept_in_their_order_until_reset(void **state)
{
	struct capture capture;
	char text[4000];
	char expected[20];
	size_t count = 1;

	(void)state;
	log_warnings(&count);
	assert_int_equal(count, 0);
	capture_begin(&capture);
	for (int i = 0; i < 40; i++)
		log_warning("number %d", i);
	capture_end(&capture, text, sizeof(text));
	const char *const *warnings = log_warnings(&count);
	assert_int_equal(count, 40);
	for (int i = 0; i < 40; i++) {
		snprintf(expected, sizeof(expected), "number %d", i);
		assert_string_equal(warnings[i], expected);
	}
	log_reset();
	log_warnings(&count);
	assert_int_equal(count, 0);
}

static void
what_is_logged_cannot_command_the_terminal(void **state)
{
	struct capture capture;
	char text[200];
	size_t count = 0;

	(void)state;
	capture_begin(&capture);
	log_warning("a\033[2Jb\nc\xff");
	log_info("d\re");
	capture_end(&capture, text, sizeof(text));
	assert_string_equal(text, "incant-backup: warning: a?[2Jb?c\xef\xbf\xbd\nincant-backup: d?e\n");
	assert_string_equal(log_warnings(&count)[0], "a?[2Jb?c\xef\xbf\xbd");
}

static void
a_line_is_printed_as_it_is(void **state)
{
	struct capture capture;
	char text[200];

	(void)state;
	log_set_level(LOG_QUIET);
	capture_begin(&capture);
	log_line("hint: look\tthere");
	assert_string_equal(capture_end(&capture, text, sizeof(text)), "hint: look\tthere\n");
}

static void
the_bar_is_taken_away_before_a_line_is_printed(void **state)
{
	struct capture capture;
	char text[200];

	(void)state;
	capture_begin(&capture);
	log_bar("[=>-]");
	log_bar("[==>]");
	log_info("one");
	log_info("two");
	log_bar(NULL);
	log_bar("[==>]");
	log_bar(NULL);
	log_bar(NULL);
	capture_end(&capture, text, sizeof(text));
	assert_string_equal(text, "\r[=>-]\033[K\r[==>]\033[K"
				  "\r\033[Kincant-backup: one\nincant-backup: two\n"
				  "\r[==>]\033[K\r\033[K");
}

static void
logging_leaves_the_current_error_alone(void **state)
{
	struct capture capture;
	char text[200];

	(void)state;
	error_set(ERR_STORE, "first");
	capture_begin(&capture);
	log_warning("%s", "second");
	capture_end(&capture, text, sizeof(text));
	assert_string_equal(error_get()->message, "first");
	error_clear();
}

enum { THREADS = 4, LINES = 50 };

static void *
warn_often(void *name)
{
	for (int i = 0; i < LINES; i++)
		log_warning("%s %d", (const char *)name, i);
	return NULL;
}

static void
lines_of_many_threads_stay_whole(void **state)
{
	static const char *const names[THREADS] = { "alpha", "beta", "gamma", "delta" };
	pthread_t threads[THREADS];
	struct capture capture;
	static char text[THREADS * LINES * 60];
	size_t count = 0;

	(void)state;
	capture_begin(&capture);
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(
			pthread_create(&threads[i], NULL, warn_often, (void *)(uintptr_t)names[i]), 0);
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	capture_end(&capture, text, sizeof(text));

	const char *const *warnings = log_warnings(&count);
	const char *at = text;
	assert_int_equal(count, THREADS * LINES);
	for (size_t i = 0; i < count; i++) {
		const char *line_end = strchr(at, '\n');
		assert_non_null(line_end);
		assert_int_equal(strncmp(at, "incant-backup: warning: ", 24), 0);
		assert_null(memchr(at + 24, ':', (size_t)(line_end - at) - 24));
		assert_true(strlen(warnings[i]) >= strlen("beta 0"));
		at = line_end + 1;
	}
	assert_string_equal(at, "");
}

static void
the_end_of_the_log_is_kept_in_whole_lines_whatever_is_printed(void **state)
{
	struct capture capture;
	char printed[64];

	(void)state;
	log_reset();
	log_set_level(LOG_QUIET);
	capture_begin(&capture);
	log_info("first");
	log_warning("second");
	assert_string_equal(
		capture_end(&capture, printed, sizeof(printed)), "incant-backup: warning: second\n");
	char *tail = log_tail();
	assert_string_equal(tail, "incant-backup: first\nincant-backup: warning: second\n");
	free(tail);
	for (int i = 0; i < 5000; i++)
		log_info("line %d", i);
	tail = log_tail();
	assert_true(strlen(tail) <= 8192);
	assert_true(strlen(tail) > 8000);
	assert_memory_equal(tail, "incant-backup: line ", strlen("incant-backup: line "));
	assert_string_equal(tail + strlen(tail) - strlen("line 4999\n"), "line 4999\n");
	free(tail);
	log_reset();
	tail = log_tail();
	assert_string_equal(tail, "");
	free(tail);
	log_set_level(LOG_NORMAL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(each_level_prints_more_than_the_one_before, start_afresh),
		cmocka_unit_test_setup(warnings_are_kept_in_their_order_until_reset, start_afresh),
		cmocka_unit_test_setup(what_is_logged_cannot_command_the_terminal, start_afresh),
		cmocka_unit_test_setup(a_line_is_printed_as_it_is, start_afresh),
		cmocka_unit_test_setup(the_bar_is_taken_away_before_a_line_is_printed, start_afresh),
		cmocka_unit_test_setup(logging_leaves_the_current_error_alone, start_afresh),
		cmocka_unit_test_setup_teardown(lines_of_many_threads_stay_whole, start_afresh, start_afresh),
		cmocka_unit_test(the_end_of_the_log_is_kept_in_whole_lines_whatever_is_printed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
