/* What the failure of a test restore teaches. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "../../src/op/op_prove_words.h"

static void
a_full_disk_or_a_lost_server_says_nothing_about_the_backup(void **state)
{
	static const char *const machine[] = {
		"statement at byte 7 of the dump failed: could not extend file (SQLSTATE 53100): COPY t",
		"database shop: server closed the connection unexpectedly",
		"terminating connection due to administrator command (SQLSTATE 57P01)",
		"cannot connect: the server did not answer in time",
	};
	static const char *const backup[] = {
		"relation \"rates\" does not exist (SQLSTATE 42P01): CREATE INDEX i",
		"database odd needs the extension vector, which the target does not have",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(machine) / sizeof(machine[0]); i++)
		assert_true(op_prove_is_about_machine(machine[i]));
	for (size_t i = 0; i < sizeof(backup) / sizeof(backup[0]); i++)
		assert_false(op_prove_is_about_machine(backup[i]));
}

static void
assert_teaches(const char *message, const char *lesson)
{
	const char *found = op_prove_lesson(message);

	assert_non_null(found);
	if (strstr(found, lesson) == NULL)
		fail_msg("'%s' is not in '%s'", lesson, found);
	assert_true(strlen(found) < 500); /* an error's hint holds no more */
}

static void
each_kind_of_failure_has_its_lesson(void **state)
{
	(void)state;
	assert_teaches("database x needs the extension vector, which …", "extension's files");
	assert_teaches("could not open extension control file (SQLSTATE 0A000)", "extension's files");
	assert_teaches("could not access file \"$libdir/x\" (SQLSTATE 58P01)", "library");
	assert_teaches("pg_cron can only be loaded via shared_preload_libraries (SQLSTATE 55000)", "preload");
	assert_teaches("relation \"rates\" does not exist (SQLSTATE 42P01): CREATE INDEX i", "search_path");
	assert_teaches("function f(integer) does not exist (SQLSTATE 42883)", "search_path");
	assert_teaches("invalid locale name: \"xx\" (SQLSTATE 22023): CREATE DATABASE", "locale");
	assert_teaches(
		"collation \"de-x-icu\" for encoding \"UTF8\" does not exist (SQLSTATE 42704)", "collation");
	assert_teaches("new row violates check constraint (SQLSTATE 23514)", "constraints");
	assert_null(op_prove_lesson("syntax error (SQLSTATE 42601)"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_full_disk_or_a_lost_server_says_nothing_about_the_backup),
		cmocka_unit_test(each_kind_of_failure_has_its_lesson),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
