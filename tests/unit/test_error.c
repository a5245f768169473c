#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "incant/error.h"

static int
forget(void **state)
{
	(void)state;
	error_clear();
	return 0;
}

static void
a_thread_starts_without_an_error(void **state)
{
	(void)state;
	assert_int_equal(error_get()->class, ERR_NONE);
	assert_string_equal(error_get()->message, "");
	assert_string_equal(error_get()->hint, "");
}

static void
setting_an_error_returns_minus_one_and_keeps_class_and_text(void **state)
{
	(void)state;
	assert_int_equal(error_set(ERR_STORE, "cannot write '%s' (%d)", "/x/y", 7), -1);
	assert_int_equal(error_get()->class, ERR_STORE);
	assert_string_equal(error_get()->message, "cannot write '/x/y' (7)");
}

static void
the_cause_of_a_system_error_stands_last(void **state)
{
	(void)state;
	assert_int_equal(error_set_errno(ERR_STORE, ENOSPC, "cannot write '%s'", "/x"), -1);
	assert_string_equal(error_get()->message, "cannot write '/x': No space left on device");
}

static void
callers_put_what_they_know_in_front(void **state)
{
	(void)state;
	error_set(ERR_SOURCE, "connection refused");
	error_hint("Is it running?");
	assert_int_equal(error_add("cannot dump '%s'", "prod"), -1);
	error_add("backup failed");
	assert_int_equal(error_get()->class, ERR_SOURCE);
	assert_string_equal(error_get()->message, "backup failed: cannot dump 'prod': connection refused");
	assert_string_equal(error_get()->hint, "Is it running?");
}

static void
adding_to_no_error_makes_an_internal_one(void **state)
{
	(void)state;
	assert_int_equal(error_add("nobody said why"), -1);
	assert_int_equal(error_get()->class, ERR_INTERNAL);
	assert_string_equal(error_get()->message, "nobody said why");
}

static void
the_first_hint_stays(void **state)
{
	(void)state;
	assert_int_equal(error_hint("No error, no hint."), -1);
	assert_string_equal(error_get()->hint, "");
	error_set(ERR_KEYS, "no identity");
	error_hint("Name %s.", "one");
	error_hint("Something vaguer.");
	assert_string_equal(error_get()->hint, "Name one.");
	error_set(ERR_KEYS, "another error");
	assert_string_equal(error_get()->hint, "");
}

static void
control_characters_do_not_reach_the_message(void **state)
{
	(void)state;
	error_set(ERR_SOURCE, "a\nb\tc\033[31m\x7f é");
	assert_string_equal(error_get()->message, "a?b?c?[31m? é");
	error_set(ERR_SOURCE, "x");
	error_hint("one\ntwo");
	error_add("front\n");
	assert_string_equal(error_get()->message, "front?: x");
	assert_string_equal(error_get()->hint, "one?two");
}

static void
arguments_may_come_from_the_current_error(void **state)
{
	(void)state;
	error_set(ERR_SOURCE, "inner");
	error_set(ERR_STORE, "outer of %s", error_get()->message);
	assert_string_equal(error_get()->message, "outer of inner");
	error_add("%s", error_get()->message);
	assert_string_equal(error_get()->message, "outer of inner: outer of inner");
}

static void
a_text_too_long_ends_in_dots_and_in_whole_characters(void **state)
{
	char text[2 * sizeof(error_get()->message)];
	size_t capacity = sizeof(error_get()->message);

	(void)state;
	/* Two bytes a character: whatever the capacity, one of the two offsets would cut one in half. */
	for (size_t offset = 0; offset < 2; offset++) {
		memset(text, 'x', offset);
		for (size_t i = offset; i + 2 < sizeof(text); i += 2)
			memcpy(text + i, "é", 3);
		error_set(ERR_SOURCE, "%s", text);
		const char *message = error_get()->message;
		size_t len = strlen(message);
		assert_in_range(len, capacity - 3, capacity - 1);
		assert_string_equal(message + len - 5, "é...");
		error_add("%s", text);
		len = strlen(message);
		assert_in_range(len, capacity - 3, capacity - 1);
		assert_string_equal(message + len - 3, "...");
	}
}

static void
an_error_can_get_another_class(void **state)
{
	(void)state;
	assert_int_equal(error_reclass(ERR_DAMAGED), -1);
	assert_int_equal(error_get()->class, ERR_NONE);
	error_set(ERR_STORE, "cannot read");
	error_reclass(ERR_DAMAGED);
	assert_int_equal(error_get()->class, ERR_DAMAGED);
	assert_string_equal(error_get()->message, "cannot read");
}

static void *
fail_elsewhere(void *carried)
{
	error_set(ERR_CLOUD, "worker failed");
	error_hint("Wait.");
	error_take(carried);
	return error_get()->class == ERR_NONE ? carried : NULL;
}

static void
an_error_travels_from_one_thread_to_another(void **state)
{
	struct error carried;
	pthread_t thread;
	void *result = NULL;

	(void)state;
	error_set(ERR_STORE, "mine");
	assert_int_equal(pthread_create(&thread, NULL, fail_elsewhere, &carried), 0);
	assert_int_equal(pthread_join(thread, &result), 0);
	assert_ptr_equal(result, &carried);
	assert_string_equal(error_get()->message, "mine");
	assert_int_equal(error_put(&carried), -1);
	assert_int_equal(error_get()->class, ERR_CLOUD);
	assert_string_equal(error_get()->message, "worker failed");
	assert_string_equal(error_get()->hint, "Wait.");
}

static void
every_class_has_a_word_of_its_own(void **state)
{
	(void)state;
	for (int a = ERR_NONE; a <= ERR_GUARD; a++)
		for (int b = ERR_NONE; b < a; b++)
			assert_string_not_equal(
				error_class_name((enum error_class)a), error_class_name((enum error_class)b));
	assert_string_equal(error_class_name(ERR_NOT_FOUND), "not-found");
	assert_string_equal(error_class_name(ERR_INTERRUPTED), "interrupted");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_thread_starts_without_an_error, forget),
		cmocka_unit_test_setup(setting_an_error_returns_minus_one_and_keeps_class_and_text, forget),
		cmocka_unit_test_setup(the_cause_of_a_system_error_stands_last, forget),
		cmocka_unit_test_setup(callers_put_what_they_know_in_front, forget),
		cmocka_unit_test_setup(adding_to_no_error_makes_an_internal_one, forget),
		cmocka_unit_test_setup(the_first_hint_stays, forget),
		cmocka_unit_test_setup(control_characters_do_not_reach_the_message, forget),
		cmocka_unit_test_setup(arguments_may_come_from_the_current_error, forget),
		cmocka_unit_test_setup(a_text_too_long_ends_in_dots_and_in_whole_characters, forget),
		cmocka_unit_test_setup(an_error_can_get_another_class, forget),
		cmocka_unit_test_setup(an_error_travels_from_one_thread_to_another, forget),
		cmocka_unit_test_setup(every_class_has_a_word_of_its_own, forget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
