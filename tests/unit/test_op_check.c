#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../src/cli/output_check.h"
#include "incant/error.h"
#include "incant/op_check.h"

static struct op_checks
sample(void)
{
	struct op_checks checks = { .checks = NULL };

	op_checks_add_ok(&checks, "clock", "%d seconds off", 0);
	op_checks_add_bad(&checks, "firewall", "Switch ufw on.", "none is on");
	op_checks_add_bad(&checks, "reboot", NULL, "line\nbreak");
	return checks;
}

static void
checks_keep_their_order_and_the_bad_ones_are_counted(void **state)
{
	struct op_checks checks = sample();

	(void)state;
	assert_int_equal(checks.count, 3);
	assert_string_equal(checks.checks[0].detail, "0 seconds off");
	assert_null(checks.checks[0].hint);
	assert_string_equal(checks.checks[1].hint, "Switch ufw on.");
	assert_int_equal(op_checks_count_bad(&checks), 2);
	op_checks_clear(&checks);
	assert_int_equal(checks.count, 0);
}

static void
an_error_becomes_a_check_and_is_forgotten(void **state)
{
	struct op_checks checks = { .checks = NULL };

	(void)state;
	error_set(ERR_STORE, "store x: gone");
	error_hint("Mount it.");
	op_checks_add_error(&checks, "store x");
	assert_int_equal(error_get()->class, ERR_NONE);
	assert_false(checks.checks[0].ok);
	assert_string_equal(checks.checks[0].detail, "store x: gone");
	assert_string_equal(checks.checks[0].hint, "Mount it.");
	op_checks_clear(&checks);
}

static void
text_has_a_line_a_check_and_its_hint_below(void **state)
{
	struct op_checks checks = sample();
	struct buf text = BUF_EMPTY;

	(void)state;
	output_checks(&text, &checks);
	assert_string_equal(buf_text(&text), "ok    clock: 0 seconds off\n"
					     "BAD   firewall: none is on\n"
					     "      → Switch ufw on.\n"
					     "BAD   reboot: line?break\n");
	buf_clear(&text);
	op_checks_clear(&checks);
}

static void
json_has_every_member_of_every_check(void **state)
{
	struct op_checks checks = sample();
	struct json *object = json_new_object();
	struct buf text = BUF_EMPTY;

	(void)state;
	output_json_checks(object, &checks);
	json_write(object, 0, &text);
	assert_string_equal(buf_text(&text),
		"{\"checks\":[{\"name\":\"clock\",\"ok\":true,\"detail\":\"0 seconds off\",\"hint\":null},"
		"{\"name\":\"firewall\",\"ok\":false,\"detail\":\"none is on\",\"hint\":\"Switch ufw on.\"},"
		"{\"name\":\"reboot\",\"ok\":false,\"detail\":\"line\\nbreak\",\"hint\":null}]}");
	json_free(object);
	buf_clear(&text);
	op_checks_clear(&checks);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(checks_keep_their_order_and_the_bad_ones_are_counted),
		cmocka_unit_test(an_error_becomes_a_check_and_is_forgotten),
		cmocka_unit_test(text_has_a_line_a_check_and_its_hint_below),
		cmocka_unit_test(json_has_every_member_of_every_check),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
