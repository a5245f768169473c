/* Meta-commands: what pg_dumpall writes is decoded, all else is refused. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "../../src/scan/scan_meta.h"

static void
assert_meta(const char *line, enum scan_meta_command command, const char *argument)
{
	struct scan_meta meta;

	assert_true(scan_meta_parse(&meta, line, strlen(line)));
	assert_int_equal(meta.command, command);
	assert_string_equal(meta.argument, argument);
	free(meta.argument);
}

static void
plain_database_names_are_taken_as_psql_reads_them(void **state)
{
	(void)state;
	assert_meta("\\connect postgres", SCAN_META_CONNECT, "postgres");
	assert_meta("\\connect App_1", SCAN_META_CONNECT, "app_1");
	assert_meta("\\connect \"Upper.x\"", SCAN_META_CONNECT, "Upper.x");
	assert_meta("\\connect \"a\"\"b\"", SCAN_META_CONNECT, "a\"b");
}

static void
difficult_database_names_come_as_connection_strings(void **state)
{
	(void)state;
	assert_meta("\\connect -reuse-previous=on \"dbname='app one'\"", SCAN_META_CONNECT, "app one");
	assert_meta("\\connect -reuse-previous=on \"dbname='db with = and \\'q\\' \"\"d\"\" \\\\ \xc3\xa9'\"",
		SCAN_META_CONNECT, "db with = and 'q' \"d\" \\ \xc3\xa9");
	assert_meta("\\connect -reuse-previous=on \"dbname=plain\"", SCAN_META_CONNECT, "plain");
}

static void
encodings_and_keys_are_words(void **state)
{
	(void)state;
	assert_meta("\\encoding SQL_ASCII", SCAN_META_ENCODING, "SQL_ASCII");
	assert_meta("\\restrict aB3", SCAN_META_RESTRICT, "aB3");
	assert_meta("\\unrestrict aB3", SCAN_META_UNRESTRICT, "aB3");
}

static void
everything_else_is_refused(void **state)
{
	const char *const lines[] = {
		"\\! rm -rf /",
		"\\.",
		"\\",
		"\\connect",
		"\\connect ",
		"\\connect a b",
		"\\connect a\\! x",
		"\\connect `x`",
		"\\connect :x",
		"\\connect 'a'",
		"\\connect \"a",
		"\\connect \"a\"b\"",
		"\\connect \"a\" ",
		"\\connect \"\"",
		"\\connectx a",
		"\\c a",
		"\\connect -reuse-previous=off \"dbname='a'\"",
		"\\connect -reuse-previous=on \"host='a'\"",
		"\\connect -reuse-previous=on \"dbname='a' host=b\"",
		"\\connect -reuse-previous=on \"dbname='a\"",
		"\\connect -reuse-previous=on \"dbname='a\\\"",
		"\\connect -reuse-previous=on \"dbname=''\"",
		"\\connect -reuse-previous=on \"dbname=a b\"",
		"\\connect -reuse-previous=on dbname=a",
		"\\restrict a-b",
		"\\restrict a_b",
		"\\restrict `id`",
		"\\restrict a b",
		"\\unrestrict ",
		"\\encoding `x`",
		"\\encoding a\r",
		"\\i file",
		"\\copy t from program 'x'",
		"\\Connect a",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct scan_meta meta;

		assert_false(scan_meta_parse(&meta, lines[i], strlen(lines[i])));
		assert_null(meta.argument);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_database_names_are_taken_as_psql_reads_them),
		cmocka_unit_test(difficult_database_names_come_as_connection_strings),
		cmocka_unit_test(encodings_and_keys_are_words),
		cmocka_unit_test(everything_else_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
