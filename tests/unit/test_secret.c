#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "incant/mem.h"
#include "incant/secret.h"

static void
while_a_secret_is_held_nothing_is_dumped(void **state)
{
	struct rlimit before, during, after;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_CORE, &before), 0);
	assert_int_equal(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0), 1);
	secret_hold();
	secret_hold();
	secret_release();
	assert_int_equal(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0), 0);
	assert_int_equal(getrlimit(RLIMIT_CORE, &during), 0);
	assert_int_equal(during.rlim_cur, 0);
	secret_release();
	assert_int_equal(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0), 1);
	assert_int_equal(getrlimit(RLIMIT_CORE, &after), 0);
	assert_int_equal(after.rlim_cur, before.rlim_cur);
}

static void
wiping_leaves_zeros(void **state)
{
	char bytes[] = "secret";

	(void)state;
	secret_wipe(bytes, 3);
	assert_memory_equal(bytes, "\0\0\0ret", 6);
	secret_wipe(NULL, 0);
}

static void
a_cleared_buf_can_be_used_again(void **state)
{
	struct buf buf = BUF_EMPTY;

	(void)state;
	secret_clear(&buf);
	buf_append_text(&buf, "secret");
	secret_clear(&buf);
	assert_string_equal(buf_text(&buf), "");
	buf_append_text(&buf, "more");
	assert_string_equal(buf_text(&buf), "more");
	secret_clear(&buf);
	secret_free(NULL);
	secret_free(mem_text("secret"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(while_a_secret_is_held_nothing_is_dumped),
		cmocka_unit_test(wiping_leaves_zeros),
		cmocka_unit_test(a_cleared_buf_can_be_used_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
