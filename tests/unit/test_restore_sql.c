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
expect_token(const char **at, enum restore_token_kind kind, const char *name)
{
	struct restore_token token;
	restore_token_next(at, &token);
	assert_int_equal(token.kind, kind);
	if (name != NULL)
		assert_string_equal(token.name, name);
	else
		assert_null(token.name);
	restore_token_clear(&token);
}

static void
words_names_and_texts_are_told_apart(void **state)
{
	(void)state;
	const char *at = "ALTER  Role\n\"A\"\"b;\" $x1$ E'a\\'b''' 'it''s' \xc3\xa9\x31;";
	expect_token(&at, RESTORE_WORD, "alter");
	expect_token(&at, RESTORE_WORD, "role");
	expect_token(&at, RESTORE_QUOTED, "A\"b;");
	expect_token(&at, RESTORE_OTHER, NULL);
	expect_token(&at, RESTORE_WORD, "x1$");
	expect_token(&at, RESTORE_TEXT, NULL);
	expect_token(&at, RESTORE_TEXT, NULL);
	expect_token(&at, RESTORE_WORD, "\xc3\xa9\x31");
	expect_token(&at, RESTORE_OTHER, NULL);
	expect_token(&at, RESTORE_END, NULL);
	expect_token(&at, RESTORE_END, NULL);
}

static void
a_quote_that_never_ends_ends_with_the_statement(void **state)
{
	(void)state;
	static const char *const unended[] = { "\"", "\"a", "'", "'a", "E'", "E'\\", "'a''" };
	for (size_t i = 0; i < sizeof(unended) / sizeof(unended[0]); i++) {
		const char *at = unended[i];
		struct restore_token token;
		restore_token_next(&at, &token);
		restore_token_clear(&token);
		expect_token(&at, RESTORE_END, NULL);
	}
}

static void
expect_excerpt(const char *statement, const char *expected)
{
	char *excerpt = restore_excerpt(statement);
	assert_string_equal(excerpt, expected);
	free(excerpt);
}

static void
an_excerpt_is_one_line(void **state)
{
	(void)state;
	expect_excerpt("CREATE TABLE t (\n\ta text\n);", "CREATE TABLE t (  a text );");
	expect_excerpt("", "");
	expect_excerpt("a\x01\xff", "a?\xef\xbf\xbd");
}

static void
a_long_statement_is_cut_between_characters(void **state)
{
	(void)state;
	char statement[400] = "x";
	while (strlen(statement) + 2 < sizeof(statement))
		memcpy(statement + strlen(statement), "\xc3\xa9", 3);
	char *excerpt = restore_excerpt(statement);
	assert_int_equal(strlen(excerpt), 199 + strlen(" \xe2\x80\xa6"));
	assert_null(strstr(excerpt, "\xef\xbf\xbd"));
	free(excerpt);
}

static void
passwords_are_not_shown(void **state)
{
	(void)state;
	expect_excerpt("ALTER ROLE a WITH LOGIN PASSWORD 'SCRAM-SHA-256$x' VALID UNTIL 'y';",
		"ALTER ROLE a WITH LOGIN PASSWORD '***' VALID UNTIL '***';");
	expect_excerpt("CREATE USER MAPPING FOR a SERVER s OPTIONS (\n    password E'it\\'s'\n);",
		"CREATE USER MAPPING FOR a SERVER s OPTIONS (     password '***' );");
	expect_excerpt("CREATE SUBSCRIPTION s CONNECTION 'password=x' PUBLICATION p;",
		"CREATE SUBSCRIPTION s CONNECTION '***' PUBLICATION p;");
	expect_excerpt("CREATE DOMAIN d AS text DEFAULT 'x';", "CREATE DOMAIN d AS text DEFAULT 'x';");
	char long_statement[1000] = "ALTER ROLE a WITH PASSWORD '";
	memset(long_statement + strlen(long_statement), 's', 900);
	expect_excerpt(long_statement, "ALTER ROLE a WITH PASSWORD '***'");
}

static void
advice_is_given_where_there_is_some(void **state)
{
	(void)state;
	assert_non_null(strstr(restore_advice("0A000", "extension \"x\" is not available"), "package"));
	assert_non_null(strstr(restore_advice("42704", "role \"x\" does not exist"), "role"));
	assert_non_null(
		strstr(restore_advice("42704", "unrecognized configuration parameter \"x\""), "older"));
	assert_non_null(strstr(restore_advice("22023", "invalid locale name: \"xx_YY\""), "locale"));
	assert_non_null(strstr(restore_advice("42501", "permission denied for schema s"), "superuser"));
	assert_non_null(strstr(restore_advice("53100", "could not extend file"), "disk"));
	assert_null(restore_advice("42601", "syntax error"));
	assert_null(restore_advice("", "connection to the server lost"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_names_and_texts_are_told_apart),
		cmocka_unit_test(a_quote_that_never_ends_ends_with_the_statement),
		cmocka_unit_test(an_excerpt_is_one_line),
		cmocka_unit_test(a_long_statement_is_cut_between_characters),
		cmocka_unit_test(passwords_are_not_shown),
		cmocka_unit_test(advice_is_given_where_there_is_some),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
