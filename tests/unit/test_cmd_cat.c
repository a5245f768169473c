#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "../../src/cli/cmd_cat.h"
#include "../../src/cli/command.h"
#include "incant/error.h"

static void
assert_split(const char *text, const char *database, const char *table)
{
	const char *rest = NULL;
	char *first = cmd_cat_split_table(text, &rest);

	if (first == NULL)
		fail_msg("%s was not split", text);
	assert_string_equal(first, database);
	assert_string_equal(rest, table);
	free(first);
}

static void
assert_not_split(const char *text)
{
	const char *rest = text;

	assert_null(cmd_cat_split_table(text, &rest));
	assert_ptr_equal(rest, text);
}

static void
three_parts_are_database_schema_and_table(void **state)
{
	(void)state;
	assert_split("app.public.users", "app", "public.users");
	assert_split("App.Public.Users", "App", "Public.Users");
	assert_split("\"my.db\".public.\"a.b\"", "my.db", "public.\"a.b\"");
	assert_split("\"a\"\"b\".s.t", "a\"b", "s.t");
	assert_split("\"\".s.t", "", "s.t");
}

static void
fewer_or_more_parts_are_left_as_they_are(void **state)
{
	(void)state;
	assert_not_split("users");
	assert_not_split("public.users");
	assert_not_split("\"a.b\".c");
	assert_not_split("a.b.c.d");
	assert_not_split("");
	assert_not_split("\"a.b.c");
}

static void
a_database_that_is_named_keeps_its_table_whole(void **state)
{
	struct words apart = { .table = "app.public.users" };
	struct words given = { .database = "x", .table = "app.public.users" };

	(void)state;
	assert_int_equal(cmd_cat_ops.check(&apart), 0);
	assert_string_equal(apart.split_database, "app");
	assert_string_equal(apart.table, "public.users");
	words_clear(&apart);
	assert_int_equal(cmd_cat_ops.check(&given), 0);
	assert_null(given.split_database);
	assert_string_equal(given.table, "app.public.users");
	words_clear(&given);
}

static void
words_that_exclude_each_other_are_refused(void **state)
{
	struct words json = { .json = true };
	struct words table = { .globals = true, .table = "t" };
	struct words database = { .globals = true, .database = "d" };

	(void)state;
	assert_int_equal(cmd_cat_ops.check(&json), -1);
	assert_int_equal(error_get()->class, ERR_USAGE);
	assert_int_equal(cmd_cat_ops.check(&table), -1);
	assert_int_equal(cmd_cat_ops.check(&database), -1);
	assert_string_equal(error_get()->message, "--globals excludes --database and --table");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(three_parts_are_database_schema_and_table),
		cmocka_unit_test(fewer_or_more_parts_are_left_as_they_are),
		cmocka_unit_test(a_database_that_is_named_keeps_its_table_whole),
		cmocka_unit_test(words_that_exclude_each_other_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
