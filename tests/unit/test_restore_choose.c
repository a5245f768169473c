/* Which tables --table means: names of one database or of several, partitions, doubt. */
#include "config.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "../../src/restore/restore_inside.h"
#include "incant/error.h"

/* A text that may be written to, as the structures have them. */
#define TEXT(text) ((char[]){ text })

/*
 * Databases app and other. Both have public.a; app has the partitioned table public.days too, whose partition
 * days_1 has rows and a partition of its own, and sales.a.
 */
enum { APP, OTHER };
static struct contents_statement statements[] = {
	{ .kind = "CREATE TABLE", .name = TEXT("public.days") },
	{ .kind = "ALTER TABLE ATTACH PARTITION", .name = TEXT("public.days public.days_1") },
	{ .kind = "ALTER TABLE ATTACH PARTITION", .name = TEXT("public.days_1 public.\"Days 1b\"") },
};
static struct contents_table app_tables[] = {
	{ .schema = TEXT("public"), .name = TEXT("a"), .rows = 10, .at = { 100, 10 } },
	{ .schema = TEXT("public"), .name = TEXT("days_1"), .rows = 20, .at = { 110, 10 } },
	{ .schema = TEXT("public"), .name = TEXT("Days 1b"), .rows = 40, .at = { 120, 10 } },
	{ .schema = TEXT("sales"), .name = TEXT("a"), .rows = 80, .at = { 130, 10 } },
};
static struct contents_table other_tables[] = {
	{ .schema = TEXT("public"), .name = TEXT("a"), .rows = 1, .at = { 200, 10 } },
};
static struct contents_section sections[] = {
	[APP] = { .database = TEXT("app"),
		.statements = statements,
		.statement_count = 3,
		.tables = app_tables,
		.table_count = 4 },
	[OTHER] = { .database = TEXT("other"), .tables = other_tables, .table_count = 1 },
};
static const struct contents contents = { .sections = sections, .section_count = 2 };

/* Chooses one table, of these databases (NULL = of all), and returns how many rows are restored; -1 = none.
 */
static int64_t
choose(const char *table, const char *database)
{
	const char *const tables[] = { table }, *const databases[] = { database };
	const struct restore_options options = { .contents = &contents,
		.tables = tables,
		.table_count = 1,
		.databases = databases,
		.database_count = database != NULL ? 1 : 0 };
	struct restore_step steps[] = { { .section = &sections[APP] }, { .section = &sections[OTHER] } };
	struct restore_plan plan = { .steps = steps, .count = 2 };
	int64_t rows = 0;

	error_clear();
	if (restore_plan_choose(&options, &plan) != 0)
		return -1;
	for (size_t i = 0; i < 2; i++) {
		assert_true(steps[i].wanted == (steps[i].chosen != NULL));
		rows += steps[i].wanted ? (int64_t)steps[i].rows : 0;
		free(steps[i].chosen);
	}
	return rows;
}

static void
a_table_is_named_with_its_database_and_schema(void **state)
{
	(void)state;
	assert_int_equal(choose("app.public.a", NULL), 10);
	assert_int_equal(choose("\"app\".\"sales\".a", NULL), 80);
	assert_int_equal(choose("other.public.a", NULL), 1);
}

static void
one_database_need_not_be_named(void **state)
{
	(void)state;
	assert_int_equal(choose("sales.a", "app"), 80);
	assert_int_equal(choose("public.a", "other"), 1);
	assert_int_equal(choose("a", "other"), 1);
	/* Without a schema it is the one in public. */
	assert_int_equal(choose("a", "app"), 10);
}

static void
what_is_not_there_is_refused(void **state)
{
	(void)state;
	assert_int_equal(choose("app.public.z", NULL), -1);
	assert_int_equal(error_get()->class, ERR_NOT_FOUND);
	assert_non_null(strstr(error_get()->message, "no table 'app.public.z'"));
	assert_int_equal(choose("public.a", NULL), -1);
	assert_int_equal(choose("app.public.a", "other"), -1);
}

static void
rows_of_a_partitioned_table_are_those_of_its_partitions(void **state)
{
	(void)state;
	assert_int_equal(choose("app.public.days", NULL), 60);
	assert_int_equal(choose("app.public.days_1", NULL), 60);
	assert_int_equal(choose("app.public.\"Days 1b\"", NULL), 40);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_table_is_named_with_its_database_and_schema),
		cmocka_unit_test(one_database_need_not_be_named),
		cmocka_unit_test(what_is_not_there_is_refused),
		cmocka_unit_test(rows_of_a_partitioned_table_are_those_of_its_partitions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
