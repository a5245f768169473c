#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "capture.h"
#include "incant/log.h"
#include "incant/progress.h"

static const uint64_t mib = 1024 * 1024;

static void
a_line_with_a_known_end_has_share_rate_and_time_left(void **state)
{
	char text[200];

	(void)state;
	assert_string_equal(progress_format(text, sizeof(text), "dump", 50 * mib, 200 * mib, 10000),
		"dump: 50.0 MiB of 200 MiB (25%), 5.0 MiB/s, 30.0s left");
	assert_string_equal(progress_format(text, sizeof(text), "verify", 200 * mib, 200 * mib, 40000),
		"verify: 200 MiB of 200 MiB (100%), 5.0 MiB/s, 0.0s left");
}

static void
a_line_without_a_known_end_has_the_rate_only(void **state)
{
	char text[200];

	(void)state;
	assert_string_equal(
		progress_format(text, sizeof(text), "dump", 50 * mib, 0, 10000), "dump: 50.0 MiB, 5.0 MiB/s");
}

static void
an_estimate_that_was_too_low_is_dropped(void **state)
{
	char text[200];

	(void)state;
	assert_string_equal(progress_format(text, sizeof(text), "dump", 50 * mib, 50 * mib - 1, 10000),
		"dump: 50.0 MiB, 5.0 MiB/s");
}

static void
no_time_and_no_bytes_divide_by_nothing(void **state)
{
	char text[200];

	(void)state;
	assert_string_equal(
		progress_format(text, sizeof(text), "dump", mib, 2 * mib, 0), "dump: 1.0 MiB, 0 B/s");
	assert_string_equal(
		progress_format(text, sizeof(text), "dump", 0, 2 * mib, 5000), "dump: 0 B, 0 B/s");
}

static void
a_short_capacity_cuts_the_line(void **state)
{
	char text[8];

	(void)state;
	assert_string_equal(progress_format(text, sizeof(text), "dump", mib, 0, 1000), "dump: 1");
}

static void
outside_a_terminal_nothing_is_drawn_before_a_minute(void **state)
{
	struct capture capture;
	char text[200];

	(void)state;
	capture_begin(&capture);
	progress_advance(mib);
	progress_begin("dump", 100 * mib);
	for (int i = 0; i < 100; i++)
		progress_advance(mib);
	progress_end();
	progress_end();
	progress_advance(mib);
	assert_string_equal(capture_end(&capture, text, sizeof(text)), "");
}

static void *
advance_a_lot(void *unused)
{
	for (int i = 0; i < 10000; i++)
		progress_advance(1000);
	return unused;
}

static void
many_threads_may_advance_at_once(void **state)
{
	pthread_t threads[3];
	struct capture capture;
	char text[200];

	(void)state;
	capture_begin(&capture);
	progress_begin("dump", 0);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, advance_a_lot, NULL), 0);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	progress_end();
	assert_string_equal(capture_end(&capture, text, sizeof(text)), "");
}

/* A pseudo terminal of so many columns in place of standard error. Returns its other end. */
static int
become_terminal(unsigned short columns, int *original)
{
	struct winsize size = { .ws_row = 24, .ws_col = columns };
	int master = posix_openpt(O_RDWR | O_NOCTTY);

	assert_true(master >= 0);
	assert_int_equal(grantpt(master), 0);
	assert_int_equal(unlockpt(master), 0);
	int terminal = open(ptsname(master), O_RDWR | O_NOCTTY);
	assert_true(terminal >= 0);
	assert_int_equal(ioctl(terminal, TIOCSWINSZ, &size), 0);
	*original = dup(STDERR_FILENO);
	assert_true(dup2(terminal, STDERR_FILENO) >= 0);
	close(terminal);
	return master;
}

/* Advances until something is drawn, and reads it. */
static void
advance_until_drawn(int master, char *text, size_t capacity)
{
	struct pollfd drawn = { .fd = master, .events = POLLIN };
	ssize_t got;

	do
		progress_advance(64 * 1024);
	while (poll(&drawn, 1, 10) == 0);
	got = read(master, text, capacity - 1);
	text[got > 0 ? got : 0] = '\0';
}

static void
on_a_terminal_a_bar_is_drawn_and_removed(void **state)
{
	char text[400];
	int original;

	(void)state;
	setenv("TERM", "xterm", 1);
	int master = become_terminal(200, &original);
	progress_begin("dump", 1000 * mib);
	advance_until_drawn(master, text, sizeof(text));
	progress_end();
	ssize_t got = read(master, text + strlen(text), sizeof(text) - strlen(text) - 1);
	dup2(original, STDERR_FILENO);
	close(original);
	close(master);

	assert_int_equal(got, strlen("\r\033[K"));
	assert_memory_equal(text, "\r[>-----------------------] dump: ", 34);
	assert_non_null(strstr(text, " of 1000 MiB (0%), "));
	assert_non_null(strstr(text, " left\033[K\r\033[K"));
}

static void
a_bar_never_wraps(void **state)
{
	char text[400];
	int original;

	(void)state;
	setenv("TERM", "xterm", 1);
	int master = become_terminal(40, &original);
	progress_begin("dump", 1000 * mib);
	advance_until_drawn(master, text, sizeof(text));
	progress_end();
	dup2(original, STDERR_FILENO);
	close(original);
	close(master);

	const char *line_end = strstr(text, "\033[K");
	assert_non_null(line_end);
	assert_int_equal(line_end - text, 1 + 39);
}

static void
each_lane_at_work_has_a_line_and_all_lines_are_removed(void **state)
{
	char text[800];
	int original;

	(void)state;
	setenv("TERM", "xterm", 1);
	int master = become_terminal(200, &original);
	progress_begin("restore", 1000 * mib);
	progress_lane(0, "COPY public.a");
	progress_lane(1, "nothing any more");
	progress_lane(1, NULL);
	progress_lane(2, "CREATE\tINDEX b");
	progress_lane(PROGRESS_LANES, "not shown");
	advance_until_drawn(master, text, sizeof(text));
	progress_end();
	ssize_t got = read(master, text + strlen(text), sizeof(text) - strlen(text) - 1);
	dup2(original, STDERR_FILENO);
	close(original);
	close(master);

	assert_true(got > 0);
	assert_non_null(strstr(text, " left\033[K\r\n   1  COPY public.a\033[K\r\n   3  CREATE"));
	assert_null(strstr(text, "any more"));
	assert_null(strstr(text, "not shown"));
	assert_non_null(strstr(text, "INDEX b\033[K\033[2A\r\033[J"));
}

static void
a_quiet_run_draws_nothing(void **state)
{
	char text[400];
	int original;
	struct pollfd drawn = { .events = POLLIN };

	(void)state;
	log_set_level(LOG_QUIET);
	drawn.fd = become_terminal(200, &original);
	progress_begin("dump", mib);
	progress_advance(mib);
	progress_end();
	log_line("end");
	ssize_t got = read(drawn.fd, text, sizeof(text));
	dup2(original, STDERR_FILENO);
	close(original);
	close(drawn.fd);
	log_set_level(LOG_NORMAL);
	assert_int_equal(got, 5);
	assert_memory_equal(text, "end\r\n", 5);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_with_a_known_end_has_share_rate_and_time_left),
		cmocka_unit_test(a_line_without_a_known_end_has_the_rate_only),
		cmocka_unit_test(an_estimate_that_was_too_low_is_dropped),
		cmocka_unit_test(no_time_and_no_bytes_divide_by_nothing),
		cmocka_unit_test(a_short_capacity_cuts_the_line),
		cmocka_unit_test(outside_a_terminal_nothing_is_drawn_before_a_minute),
		cmocka_unit_test(many_threads_may_advance_at_once),
		cmocka_unit_test(on_a_terminal_a_bar_is_drawn_and_removed),
		cmocka_unit_test(a_bar_never_wraps),
		cmocka_unit_test(each_lane_at_work_has_a_line_and_all_lines_are_removed),
		cmocka_unit_test(a_quiet_run_draws_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
