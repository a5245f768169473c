#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "incant/error.h"
#include "sample_backup.h"

static const char *const migrate[] = { "./migrate", "--url=postgres://a:b@c/d", NULL };

static void
a_command_is_demanded_and_a_known_way(void **state)
{
	struct words none = { .command_line = NULL };
	struct words odd = { .command_line = migrate, .on_failure = "pray" };
	struct words plain = { .command_line = migrate };
	struct words keep = { .command_line = migrate, .on_failure = "keep" };

	(void)state;
	assert_int_equal(cmd_guard_ops.check(&none), -1);
	assert_int_equal(error_get()->class, ERR_USAGE);
	assert_string_equal(error_get()->message, "guard needs a command behind '--'");
	assert_int_equal(cmd_guard_ops.check(&odd), -1);
	assert_int_equal(error_get()->class, ERR_USAGE);
	assert_int_equal(cmd_guard_ops.check(&plain), 0);
	assert_int_equal(plain.guard_failure, OP_GUARD_ASK);
	assert_int_equal(cmd_guard_ops.check(&keep), 0);
	assert_int_equal(keep.guard_failure, OP_GUARD_KEEP);
}

static struct contents_table
table(const char *name, uint64_t rows, uint64_t digest)
{
	return (struct contents_table){ .schema = (char *)(uintptr_t) "public",
		.name = (char *)(uintptr_t)name,
		.columns = (char *)(uintptr_t) "",
		.rows = rows,
		.digest.low = digest };
}

/* Two contents: table public.t has more rows, public.u has come, and public.v has other rows. */
static void
make_changes(struct op_guard_report *guard)
{
	static struct contents_table was[2], is[3];

	was[0] = table("t", 10, 0);
	was[1] = table("v", 7, 1);
	is[0] = table("t", 1234, 1);
	is[1] = table("u", 1, 0);
	is[2] = table("v", 7, 2);
	static struct contents_section before = { .database = (char *)(uintptr_t) "app",
		.encoding = (char *)(uintptr_t) "UTF8",
		.tables = was,
		.table_count = 2 };
	static struct contents_section after = { .database = (char *)(uintptr_t) "app",
		.encoding = (char *)(uintptr_t) "UTF8",
		.tables = is,
		.table_count = 3 };
	const struct contents from = { .sections = &before, .section_count = 1 };
	const struct contents to = { .sections = &after, .section_count = 1 };

	scan_diff_compare(&guard->diff, &from, &to);
	guard->compared = true;
}

static void
what_changed_is_shown(void **state)
{
	const struct words words = { .command_line = migrate };
	struct report report = { .done = true };
	struct op_guard_report *guard = &report.guard;

	(void)state;
	sample_backup(&guard->backup.backup, "x");
	guard->backup.made = guard->ran = true;
	guard->end.ms = 1500;
	make_changes(guard);
	assert_shows_text(&cmd_guard_ops, &words, &report,
		"command: exit status 0 after 1.5s\n"
		"backup before it: 20261122T030000Z, pinned\n"
		"what it changed:\n"
		"  DATABASE  HOW      WHAT  NAME\n"
		"  app       changed  rows  table public.t  10 rows -> 1,234 rows\n"
		"  app       added    rows  table public.u  0 rows -> 1 row\n"
		"  app       changed  rows  table public.v  7 rows, but not the same\n");
	char *json = shown_json(&cmd_guard_ops, &words, &report);
	assert_non_null(strstr(json,
		"\"snapshot\":null,\"command\":{\"argv\":[\"./migrate\",\"--url=postgres://a:***@c/d\"],"
		"\"exit_code\":0,\"seconds\":1.5},\"changes\":[{\"database\":\"app\",\"what\":\"rows\","
		"\"how\":\"changed\",\"name\":\"table public.t\","));
	assert_non_null(strstr(json, "\"rows_before\":10,\"rows_after\":1234}"));
	assert_non_null(strstr(json, "\"restored\":null}"));
	free(json);
	cmd_guard_ops.clear(&report);
}

static void
a_report_of_nothing_has_every_member(void **state)
{
	const struct words words = { .json = true };
	struct report report = { .done = false };

	(void)state;
	assert_shows_json(&cmd_guard_ops, &words, &report,
		"{\"backup\":null,\"snapshot\":null,\"command\":{\"argv\":[],\"exit_code\":null,\"seconds\":"
		"0.0},\"changes\":null,"
		"\"restored\":null}");
	assert_shows_text(&cmd_guard_ops, &words, &report, "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_command_is_demanded_and_a_known_way),
		cmocka_unit_test(what_changed_is_shown),
		cmocka_unit_test(a_report_of_nothing_has_every_member),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
