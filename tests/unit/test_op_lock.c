/* The lock of a source: held, waited for, let go. */
#include "config.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <signal.h>

#include "incant/interrupt.h"
#include "incant/op_lock.h"
#include "incant/settings.h"
#include "made_backup.h"

static void
who_cannot_have_it_is_told_who_has(void **state)
{
	const struct scratch *scratch = *state;
	struct settings *settings = made_settings(scratch->path, NULL);
	struct op_lock *one = NULL, *two = NULL;

	assert_int_equal(op_lock_take(settings, "first thing", 0, &one), 0);
	assert_int_equal(op_lock_take(settings, "second thing", 0, &two), -1);
	assert_null(two);
	assert_int_equal(error_get()->class, ERR_BUSY);
	char *who = mem_format("first thing, pid %ld on ", (long)getpid());
	assert_non_null(strstr(error_get()->message, who));
	assert_non_null(strstr(error_get()->message, " since 2"));
	assert_non_null(strstr(error_get()->hint, "--wait"));
	free(who);
	op_lock_release(one);
	assert_int_equal(op_lock_take(settings, "second thing", 0, &two), 0);
	op_lock_release(two);
	op_lock_release(NULL);
	settings_free(settings);
}

static void
waiting_ends_with_the_time_and_with_a_signal(void **state)
{
	const struct scratch *scratch = *state;
	struct settings *settings = made_settings(scratch->path, NULL);
	struct op_lock *one = NULL, *two = NULL;

	assert_int_equal(op_lock_take(settings, "first", 0, &one), 0);
	assert_int_equal(op_lock_take(settings, "second", 20, &two), -1);
	assert_int_equal(error_get()->class, ERR_BUSY);
	interrupt_simulate(SIGTERM);
	assert_int_equal(op_lock_take(settings, "second", 600000, &two), -1);
	assert_int_equal(error_get()->class, ERR_INTERRUPTED);
	interrupt_simulate(0);
	op_lock_release(one);
	settings_free(settings);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_set_up, scratch_tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(who_cannot_have_it_is_told_who_has),
		TEST(waiting_ends_with_the_time_and_with_a_signal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
