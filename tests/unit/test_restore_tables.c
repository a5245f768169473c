#include "config.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "../../src/restore/restore_tables.h"
#include "incant/mem.h"

static void
a_name_has_one_key_however_it_is_written(void **state)
{
	(void)state;
	static const char *const names[] = { "public.t", "\"public\".t rest", " public . \"t\"", "PUBLIC.T" };
	char *key = restore_table_key("public", "t");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *at = names[i];
		char *read = restore_table_key_read(&at);
		assert_string_equal(read, key);
		free(read);
	}
	free(key);
	const char *none = "'text'";
	assert_null(restore_table_key_read(&none));
}

static const struct restore_table *
create(struct restore_tables *tables, const char *statement)
{
	restore_tables_create(tables, "public.t", statement);
	return restore_tables_find(tables, "\"public\".\"t\"");
}

static void
expect_checks(const char *statement, bool checks)
{
	struct restore_tables tables = { .list = NULL };
	const struct restore_table *table = create(&tables, statement);
	assert_true(table->created);
	if (table->checks != checks)
		fail_msg("%s", statement);
	restore_tables_clear(&tables);
}

static void
a_check_that_calls_a_function_of_a_user_is_noticed(void **state)
{
	(void)state;
	expect_checks("CREATE TABLE public.t (a integer);", false);
	expect_checks("CREATE TABLE public.t (a integer DEFAULT public.f(1));", false);
	expect_checks("CREATE TABLE public.t (a integer, CONSTRAINT c CHECK ((a > 0)), b text DEFAULT "
		      "public.f());",
		false);
	expect_checks("CREATE TABLE public.t (a text, CONSTRAINT c CHECK ((length(a) > 0)));", false);
	expect_checks("CREATE TABLE public.t (a integer, CONSTRAINT c CHECK (public.f(a)));", true);
	expect_checks(
		"CREATE TABLE public.t (a integer, CONSTRAINT c CHECK (((a > 0) AND \"s s\".\"f\"(a))));",
		true);
	expect_checks("CREATE TABLE public.t (a text, CONSTRAINT c CHECK ((a <> 'CHECK public.f('::text)));",
		false);
}

static void
a_partitioned_table_is_known(void **state)
{
	(void)state;
	struct restore_tables tables = { .list = NULL };
	assert_true(
		create(&tables, "CREATE TABLE public.t (a integer)\nPARTITION BY RANGE (a);")->partitioned);
	restore_tables_clear(&tables);
	assert_false(create(&tables, "CREATE TABLE public.t (partition integer);")->partitioned);
	restore_tables_clear(&tables);
}

static const char *
root(struct restore_tables *tables, const char *key)
{
	return restore_tables_root(tables, mem_text(key), NULL);
}

static void
families_have_one_root_by_partition_and_by_inheritance(void **state)
{
	(void)state;
	struct restore_tables tables = { .list = NULL };
	restore_tables_create(&tables, "s.a", "CREATE TABLE s.a (x integer);");
	restore_tables_create(&tables, "s.b", "CREATE TABLE s.b (y integer)\nINHERITS (s.a, s.z);");
	restore_tables_create(&tables, "s.c", "CREATE TABLE s.c (y integer);");
	restore_tables_create(&tables, "s.p", "CREATE TABLE s.p (y integer) PARTITION BY LIST (y);");
	restore_tables_relate(&tables, "s.p s.c");
	const char *of_a = root(&tables, "\"s\".\"a\"");
	assert_ptr_equal(of_a, root(&tables, "\"s\".\"b\""));
	assert_ptr_equal(of_a, root(&tables, "\"s\".\"z\""));
	assert_ptr_not_equal(of_a, root(&tables, "\"s\".\"c\""));
	assert_ptr_equal(root(&tables, "\"s\".\"p\""), root(&tables, "\"s\".\"c\""));
	/* A later entry moves the others, but not what they are. */
	assert_ptr_not_equal(root(&tables, "\"r\".\"first\""), of_a);
	assert_ptr_equal(of_a, root(&tables, "\"s\".\"b\""));
	assert_false(restore_tables_find(&tables, "\"s\".\"z\"")->created);
	assert_null(restore_tables_find(&tables, "\"s\".\"nowhere\""));
	restore_tables_clear(&tables);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_has_one_key_however_it_is_written),
		cmocka_unit_test(a_check_that_calls_a_function_of_a_user_is_noticed),
		cmocka_unit_test(a_partitioned_table_is_known),
		cmocka_unit_test(families_have_one_root_by_partition_and_by_inheritance),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
