#include "config.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "incant/mem.h"
#include "incant/restore_rename.h"
#include "incant/text.h"

#define ID "20261122T030000Z"

static const struct restore_name names[] = {
	{ "app", "app_incant_" ID },
	{ "Odd \"name\"; --", "odd \"new\"" },
	{ "caf\xe9", "latin\xe9" },
};

/* NULL = it stays as it is. */
static void
expect(const char *statement, const char *expected)
{
	char *renamed = restore_rename_statement(names, sizeof(names) / sizeof(names[0]), statement);
	if (expected == NULL)
		assert_null(renamed);
	else
		assert_non_null(renamed);
	if (expected != NULL)
		assert_string_equal(renamed, expected);
	free(renamed);
}

#define NEW "\"app_incant_" ID "\""

static void
every_statement_about_a_database_is_about_the_new_one(void **state)
{
	(void)state;
	expect("CREATE DATABASE app WITH TEMPLATE = template0 ENCODING = 'UTF8';",
		"CREATE DATABASE " NEW " WITH TEMPLATE = template0 ENCODING = 'UTF8';");
	expect("ALTER DATABASE app OWNER TO app;", "ALTER DATABASE " NEW " OWNER TO app;");
	expect("ALTER DATABASE app SET \"my.note\" TO 'app, app';",
		"ALTER DATABASE " NEW " SET \"my.note\" TO 'app, app';");
	expect("ALTER DATABASE app SET search_path TO app, \"app\";",
		"ALTER DATABASE " NEW " SET search_path TO app, \"app\";");
	expect("ALTER DATABASE app IS_TEMPLATE = true;", "ALTER DATABASE " NEW " IS_TEMPLATE = true;");
	expect("ALTER DATABASE app CONNECTION LIMIT = 7;", "ALTER DATABASE " NEW " CONNECTION LIMIT = 7;");
	expect("COMMENT ON DATABASE app IS 'app';", "COMMENT ON DATABASE " NEW " IS 'app';");
	expect("SECURITY LABEL FOR \"on\" ON DATABASE app IS 'ON DATABASE app';",
		"SECURITY LABEL FOR \"on\" ON DATABASE " NEW " IS 'ON DATABASE app';");
	expect("ALTER ROLE app IN DATABASE app SET x TO 'app';",
		"ALTER ROLE app IN DATABASE " NEW " SET x TO 'app';");
}

static void
lists_of_databases_are_rewritten_name_by_name(void **state)
{
	(void)state;
	expect("GRANT CONNECT,TEMPORARY ON DATABASE app TO app WITH GRANT OPTION;",
		"GRANT CONNECT,TEMPORARY ON DATABASE " NEW " TO app WITH GRANT OPTION;");
	expect("REVOKE GRANT OPTION FOR ALL ON DATABASE other, app ,\"Odd \"\"name\"\"; --\" FROM PUBLIC;",
		"REVOKE GRANT OPTION FOR ALL ON DATABASE other, " NEW " ,\"odd \"\"new\"\"\" FROM PUBLIC;");
}

static void
a_name_is_known_however_it_is_written(void **state)
{
	(void)state;
	expect("create database APP;", "create database " NEW ";");
	expect("CREATE DATABASE \"app\";", "CREATE DATABASE " NEW ";");
	expect("CREATE DATABASE\n\t\"Odd \"\"name\"\"; --\"\nWITH TEMPLATE = template0;",
		"CREATE DATABASE\n\t\"odd \"\"new\"\"\"\nWITH TEMPLATE = template0;");
	expect("CREATE DATABASE \"caf\xe9\";", "CREATE DATABASE \"latin\xe9\";");
	expect("CREATE DATABASE \"APP\";", NULL);
	expect("CREATE DATABASE \"app \";", NULL);
	expect("CREATE DATABASE apple;", NULL);
}

static void
what_is_not_about_a_database_stays_as_it_is(void **state)
{
	(void)state;
	expect("", NULL);
	expect("CREATE", NULL);
	expect("CREATE DATABASE", NULL);
	expect("GRANT", NULL);
	expect("CREATE TABLE app (database app);", NULL);
	expect("CREATE SCHEMA app;", NULL);
	expect("ALTER SCHEMA app OWNER TO app;", NULL);
	expect("ALTER ROLE app SET x TO 'IN DATABASE app';", NULL);
	expect("COMMENT ON SCHEMA app IS 'ON DATABASE app';", NULL);
	expect("GRANT ALL ON TABLE public.app TO app;", NULL);
	expect("GRANT app TO other GRANTED BY app;", NULL);
	expect("SECURITY LABEL FOR x ON TABLE app IS 'ON DATABASE app';", NULL);
	expect("CREATE FUNCTION public.f() RETURNS text LANGUAGE sql AS 'CREATE DATABASE app';", NULL);
	expect("ALTER DATABASE other OWNER TO app;", NULL);
	expect("ALTER DATABASE \"app", NULL); /* an identifier that never ends is one all the same */
}

static void
without_names_nothing_is_rewritten(void **state)
{
	(void)state;
	assert_null(restore_rename_statement(NULL, 0, "CREATE DATABASE app;"));
	assert_string_equal(restore_rename_find(NULL, 0, "app"), "app");
	assert_string_equal(restore_rename_find(names, 3, "app"), "app_incant_" ID);
	assert_string_equal(restore_rename_find(names, 3, "other"), "other");
}

/* A name of that many bytes; the character before the last is of two. */
static char *
long_name(size_t len, char last)
{
	char *name = mem_alloc(len + 1);
	memset(name, 'n', len);
	name[len - 3] = '\xc3';
	name[len - 2] = '\xa9';
	name[len - 1] = last;
	name[len] = '\0';
	return name;
}

static void
a_made_name_fits_whatever_the_name_and_never_cuts_a_character(void **state)
{
	(void)state;
	for (size_t len = 4; len <= RESTORE_NAME_BYTES; len++) {
		char *database = long_name(len, 'x');
		char *made = restore_rename_beside(database, ID "-12");
		assert_true(strlen(made) <= RESTORE_NAME_BYTES);
		assert_int_equal(text_utf8_valid(made, strlen(made)), strlen(made));
		assert_true(text_ends(made, "_incant_" ID "-12"));
		assert_true(restore_rename_is_made(made));
		if (len + strlen("_incant_" ID "-12") <= RESTORE_NAME_BYTES)
			assert_true(text_starts(made, database));
		free(made);
		free(database);
	}
}

static void
long_names_that_differ_at_their_end_stay_two(void **state)
{
	(void)state;
	char *one = long_name(RESTORE_NAME_BYTES, 'x');
	char *other = long_name(RESTORE_NAME_BYTES, 'y');
	char *made_one = restore_rename_before(one, ID);
	char *made_other = restore_rename_before(other, ID);
	assert_string_not_equal(made_one, made_other);
	assert_true(text_ends(made_one, "_before_" ID));
	free(one);
	free(other);
	free(made_one);
	free(made_other);
}

static void
only_names_with_an_id_behind_count_as_made(void **state)
{
	(void)state;
	assert_true(restore_rename_is_made("app_incant_" ID));
	assert_true(restore_rename_is_made("app_before_" ID "-2"));
	assert_true(restore_rename_is_made("_incant__incant_" ID));
	assert_false(restore_rename_is_made("app"));
	assert_false(restore_rename_is_made("app_incant_"));
	assert_false(restore_rename_is_made("app_incant_2026"));
	assert_false(restore_rename_is_made("app_incant_" ID "-"));
	assert_false(restore_rename_is_made("app_incant_" ID "x"));
	assert_false(restore_rename_is_made("app_incant_20261122T03000xZ"));
	assert_false(restore_rename_is_made("app_before_20261122 030000Z"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_statement_about_a_database_is_about_the_new_one),
		cmocka_unit_test(lists_of_databases_are_rewritten_name_by_name),
		cmocka_unit_test(a_name_is_known_however_it_is_written),
		cmocka_unit_test(what_is_not_about_a_database_stays_as_it_is),
		cmocka_unit_test(without_names_nothing_is_rewritten),
		cmocka_unit_test(a_made_name_fits_whatever_the_name_and_never_cuts_a_character),
		cmocka_unit_test(long_names_that_differ_at_their_end_stay_two),
		cmocka_unit_test(only_names_with_an_id_behind_count_as_made),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
