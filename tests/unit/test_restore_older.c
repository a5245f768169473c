#include "config.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "../../src/restore/restore_inside.h"

static void
expect_lack(int major, const char *kind, const char *statement, int since, const char *what)
{
	int needed = 0;
	const char *lack = restore_older_lacks(major, kind, statement, &needed);
	if (what == NULL) {
		if (lack != NULL)
			fail_msg("%d is said to lack %s: %s", major, lack, statement);
		return;
	}
	if (lack == NULL)
		fail_msg("%d is said to take: %s", major, statement);
	assert_string_equal(lack, what);
	assert_int_equal(needed, since);
}

static void
what_an_older_version_lacks_is_named_with_the_version_that_brought_it(void **state)
{
	(void)state;
	const char *builtin =
		"CREATE DATABASE b WITH TEMPLATE = template0 ENCODING = 'UTF8' LOCALE_PROVIDER = "
		"builtin LOCALE = 'C';";
	expect_lack(15, "CREATE DATABASE", builtin, 17, "the locale provider builtin");
	expect_lack(17, "CREATE DATABASE", builtin, 0, NULL);
	expect_lack(
		15, "GRANT", "GRANT SELECT,MAINTAIN ON TABLE public.t TO r;", 17, "the right to maintain");
	expect_lack(15, "CREATE EVENT TRIGGER", "CREATE EVENT TRIGGER e ON login\n   EXECUTE FUNCTION f();",
		17, "event triggers at login");
	expect_lack(14, "ALTER TABLE ADD CONSTRAINT",
		"ALTER TABLE ONLY t ADD CONSTRAINT u UNIQUE NULLS NOT DISTINCT (a);", 15,
		"NULLS NOT DISTINCT");
	expect_lack(14, "GRANT", "GRANT SET ON PARAMETER work_mem TO r;", 15, "rights on settings");
	expect_lack(15, "CREATE FUNCTION",
		"CREATE FUNCTION f() RETURNS text LANGUAGE sql\n BEGIN ATOMIC\n SELECT JSON_OBJECT('a' : "
		"1);\nEND;",
		16, "JSON_OBJECT");
}

static void
words_in_quotes_and_other_statements_are_no_obstacle(void **state)
{
	(void)state;
	expect_lack(15, "GRANT", "GRANT SELECT ON TABLE public.\"maintain\" TO r;", 0, NULL);
	expect_lack(15, "CREATE VIEW", "CREATE VIEW v AS\n SELECT 'x IS JSON and JSON_TABLE ('::text AS a;",
		0, NULL);
	expect_lack(13, "CREATE FUNCTION",
		"CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN MERGE INTO t; END $$;", 0,
		NULL);
	expect_lack(15, "CREATE TABLE", "CREATE TABLE public.t (maintain integer, login text);", 0, NULL);
	expect_lack(13, "CREATE DATABASE", "CREATE DATABASE d WITH TEMPLATE = template0 ENCODING = 'UTF8';",
		0, NULL);
}

static void
expect_rewritten(const char *statement, const char *as, unsigned said)
{
	unsigned found = 0;
	char *text = restore_older_rewrite(15, "GRANT ROLE", statement, &found);
	assert_string_equal(text != NULL ? text : statement, as);
	assert_int_equal(found, said);
	free(text);
}

static void
a_membership_loses_the_options_that_an_older_server_does_not_know(void **state)
{
	(void)state;
	expect_rewritten("GRANT a TO b WITH INHERIT TRUE GRANTED BY postgres;",
		"GRANT a TO b GRANTED BY postgres;", RESTORE_INHERIT_TRUE);
	expect_rewritten("GRANT a TO b WITH ADMIN OPTION, INHERIT TRUE GRANTED BY postgres;",
		"GRANT a TO b WITH ADMIN OPTION GRANTED BY postgres;", RESTORE_INHERIT_TRUE);
	expect_rewritten("GRANT a TO b WITH INHERIT FALSE, SET FALSE;", "GRANT a TO b ;",
		RESTORE_INHERIT_FALSE | RESTORE_SET_FALSE);
	expect_rewritten("GRANT a TO b GRANTED BY \"with\";", "GRANT a TO b GRANTED BY \"with\";", 0);
	unsigned said = 0;
	assert_null(restore_older_rewrite(16, "GRANT ROLE", "GRANT a TO b WITH INHERIT TRUE;", &said));
	assert_null(
		restore_older_rewrite(15, "GRANT", "GRANT SELECT ON TABLE t TO b WITH GRANT OPTION;", &said));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_an_older_version_lacks_is_named_with_the_version_that_brought_it),
		cmocka_unit_test(words_in_quotes_and_other_statements_are_no_obstacle),
		cmocka_unit_test(a_membership_loses_the_options_that_an_older_server_does_not_know),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
