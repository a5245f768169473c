/* The lexer: where items begin and end, in whole scripts and however they are cut. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "incant/buf.h"

#include "../../src/scan/scan_lex.h"

/* Writes what the lexer says as text: "S[0,9) C[10,12) M[13,20)"; at the end what is unfinished. */
static void
describe(struct scan_lex *lex, const char *bytes, size_t len, struct buf *log)
{
	while (len > 0) {
		enum scan_lex_item item = lex->item;
		size_t used;
		enum scan_lex_event event = scan_lex_step(lex, bytes, len, &used);

		bytes += used;
		len -= used;
		if (event == SCAN_LEX_END)
			buf_append_format(log, "%c[%" PRIu64 ",%" PRIu64 ") ",
				item == SCAN_LEX_META ? 'M' : 'S', lex->item_at, lex->at);
		if (event == SCAN_LEX_COMMENT)
			buf_append_format(log, "C[%" PRIu64 ",%" PRIu64 ") ", lex->comment_at, lex->at);
		if (event == SCAN_LEX_BEGIN)
			buf_append_format(log, "gap %" PRIu64 " ", lex->gap_at);
		if (event == SCAN_LEX_FAULT) {
			buf_append_format(log, "%s at %" PRIu64, lex->fault, lex->fault_at);
			return;
		}
	}
}

/* Lexes script in pieces of step bytes, the first one of `first`. The caller frees the result. */
static char *
lex_in_pieces(const char *script, size_t len, size_t first, size_t step)
{
	struct scan_lex lex;
	struct buf log = BUF_EMPTY;
	const char *what;
	uint64_t at;
	size_t next;

	scan_lex_init(&lex, 0);
	for (size_t from = 0; from < len && lex.fault == NULL; from = next) {
		size_t want = from == 0 ? first : step;

		next = len - from < want ? len : from + want;
		describe(&lex, script + from, next - from, &log);
	}
	what = lex.fault == NULL ? scan_lex_unfinished(&lex, &at) : NULL;
	if (what != NULL)
		buf_append_format(&log, "inside %s at %" PRIu64, what, at);
	buf_append(&log, "", 0);
	scan_lex_clear(&lex);
	return buf_take(&log);
}

static void
assert_lexed(const char *script, size_t len, const char *expected)
{
	char *whole = lex_in_pieces(script, len, len, len);
	char *bytewise = lex_in_pieces(script, len, 1, 1);

	assert_string_equal(whole, expected);
	assert_string_equal(bytewise, expected);
	for (size_t cut = 1; cut < len; cut++) {
		char *text = lex_in_pieces(script, len, cut, len);

		assert_string_equal(text, expected);
		free(text);
	}
	free(whole);
	free(bytewise);
}

/* Asserts that script is exactly one statement, alone and however it is cut. */
static void
assert_one_statement(const char *script)
{
	char expected[64];

	snprintf(expected, sizeof(expected), "gap 0 S[0,%zu) ", strlen(script));
	assert_lexed(script, strlen(script), expected);
}

static void
assert_events(const char *script, const char *expected)
{
	assert_lexed(script, strlen(script), expected);
}

static void
a_semicolon_ends_a_statement(void **state)
{
	(void)state;
	assert_events("SELECT 1;\nSELECT 2;", "gap 0 S[0,9) gap 10 S[10,19) ");
}

static void
a_gap_begins_behind_the_line_of_the_last_item(void **state)
{
	(void)state;
	assert_events("A;  -- x\n\nB; C;", "gap 0 S[0,2) C[4,8) gap 9 S[10,12) gap 13 S[13,15) ");
}

static void
quotes_hide_semicolons(void **state)
{
	(void)state;
	assert_one_statement("SELECT 'a;b', 'it''s;', '--', '/*', '\\';");
	assert_one_statement("SELECT \"a;b\", \"q\"\";\", \"--\" ;");
	assert_one_statement("SELECT U&'d\\0061;', U&\"d;\", B'1;', X'1;', N';';");
}

static void
backslashes_protect_only_in_escape_strings(void **state)
{
	(void)state;
	assert_one_statement("SELECT E'a\\';b', e'\\\\', E'\\';' ;");
	assert_one_statement("SELECT E'a''\\';b';");
	assert_events("SELECT 'a\\'; b", "gap 0 S[0,12) gap 13 inside a statement at 13");
	assert_events("SELECT namE'a\\';", "gap 0 S[0,16) ");
}

static void
an_escape_string_goes_on_behind_a_newline(void **state)
{
	(void)state;
	assert_one_statement("SELECT E'a' -- c\n '\\';';");
	assert_one_statement("SELECT E'a'\n'\\';';");
	assert_events("SELECT E'a' '\\';", "gap 0 S[0,16) ");
	assert_events("SELECT E'a'-'\\';", "gap 0 S[0,16) ");
	assert_events("SELECT E'a' /*\n*/ '\\';", "gap 0 S[0,22) ");
}

static void
dollar_quotes_hide_everything(void **state)
{
	(void)state;
	assert_one_statement("DO $$ ; ' \" -- /* $ $a$ $$;");
	assert_one_statement("DO $tag$ $$;$$ $ta$;$tagg$;$tag $tag$;");
	assert_one_statement("DO $a$ $b$a$;");
	assert_one_statement("DO $\xc3\xa9$ ; $\xc3$ ; $\xc3\xa9$;");
	assert_one_statement("DO $_1$ $1$;$_1$;");
}

static void
a_dollar_in_a_name_or_a_parameter_begins_no_quote(void **state)
{
	(void)state;
	assert_events("SELECT a$b$c;d$b$;", "gap 0 S[0,13) gap 13 S[13,18) ");
	assert_events("SELECT $1$;", "gap 0 S[0,11) ");
	assert_events("SELECT $1$$;", "gap 0 inside a dollar-quoted string at 9");
	assert_events("SELECT $1, $2;", "gap 0 S[0,14) ");
	assert_events("SELECT $a + 'x';", "gap 0 S[0,16) ");
	assert_events("SELECT $e'\\';';", "gap 0 S[0,15) ");
}

static void
comments_hide_semicolons_and_quotes(void **state)
{
	(void)state;
	assert_one_statement("SELECT 1 -- ; '\n + /* ; ' /* \" */ ; */ 2;");
	assert_one_statement("SELECT 1 */**/* 2 /***/ - /*/ ; */ 1 /* /*/ ; */ ; */;");
	assert_one_statement("SELECT 1 -- ;\r;");
	assert_events("/* ; /* */ ' */ -- ;\nA;", "C[16,20) gap 0 S[21,23) ");
}

static void
operators_that_look_like_comments_are_none(void **state)
{
	(void)state;
	assert_one_statement("SELECT 1 - 2 / 3 -/ 4 / - 5 @-@ 1;");
}

static void
parentheses_hide_semicolons(void **state)
{
	(void)state;
	assert_one_statement("CREATE RULE r AS ON INSERT TO t DO (DELETE FROM a; DELETE FROM b (c; d););");
	assert_events("A ) ; B;", "gap 0 S[0,5) gap 6 S[6,8) ");
}

static void
a_body_begin_atomic_hides_semicolons(void **state)
{
	(void)state;
	assert_one_statement("CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT 2; END;");
	assert_one_statement("create or replace procedure p() Begin\n Atomic SELECT CASE WHEN a THEN 1 ELSE "
			     "CASE x WHEN 1 THEN 2 END "
			     "END; SELECT \"end\", 'end', (SELECT CASE WHEN a THEN 1 END); END;");
}

static void
a_function_named_begin_has_no_body(void **state)
{
	(void)state;
	assert_events("CREATE FUNCTION public.begin() RETURNS int AS 'x'; SELECT 1;",
		"gap 0 S[0,50) gap 51 S[51,60) ");
	assert_one_statement(
		"CREATE FUNCTION public.begin() RETURNS int BEGIN ATOMIC SELECT 2 AS begin; END;");
}

static void
a_function_atomic_in_a_schema_begin_has_no_body(void **state)
{
	(void)state;
	assert_events("CREATE FUNCTION begin.atomic() RETURNS begin.atomic RETURN 1; SELECT 1;",
		"gap 0 S[0,61) gap 62 S[62,71) ");
	assert_one_statement("CREATE FUNCTION begin.atomic() RETURNS int BEGIN ATOMIC SELECT 1; END;");
}

static void
begin_means_nothing_elsewhere(void **state)
{
	(void)state;
	assert_events("BEGIN; CREATE TABLE begin (atomic int); COMMIT;",
		"gap 0 S[0,6) gap 7 S[7,39) gap 40 S[40,47) ");
	assert_events("CREATE VIEW v AS SELECT begin atomic; END;", "gap 0 S[0,37) gap 38 S[38,42) ");
}

static void
a_meta_command_is_the_rest_of_its_line(void **state)
{
	(void)state;
	assert_events("\\connect a;'\nA;\n\\x\n", "gap 0 M[0,12) gap 13 S[13,15) gap 16 M[16,18) ");
}

static void
faults_are_named_with_their_place(void **state)
{
	(void)state;
	assert_events("SELECT 1 \\g\n", "gap 0 backslash inside a statement at 9");
	assert_events("- 1;", "something that is neither statement nor comment at 0");
	assert_lexed("SELECT '\0'", 10, "gap 0 NUL byte in SQL text at 8");
	assert_lexed("-- \0\n", 5, "NUL byte in SQL text at 3");
	assert_lexed("-- a\r\0\n", 7, "C[0,4) NUL byte in SQL text at 5");
	assert_lexed("SELECT \0", 8, "gap 0 NUL byte in SQL text at 7");
	assert_lexed("\\connect \0\n", 11, "gap 0 NUL byte in SQL text at 9");
	assert_lexed("\0", 1, "NUL byte in SQL text at 0");
	assert_lexed("A $x$ \0", 7, "gap 0 NUL byte in SQL text at 6");
	assert_lexed("A /*\0", 5, "gap 0 NUL byte in SQL text at 4");
	assert_lexed("A E'\0", 5, "gap 0 NUL byte in SQL text at 4");
}

static void
an_endless_tag_is_a_fault(void **state)
{
	size_t len = SCAN_LEX_TAG_LIMIT + 100;
	char *script = malloc(len);
	char *text;

	(void)state;
	assert_non_null(script);
	memset(script, 'x', len);
	memcpy(script, "A $", 3);
	text = lex_in_pieces(script, len, 1000, 1000);
	assert_string_equal(text, "gap 0 endless tag of a dollar quote at 2");
	free(text);
	free(script);
}

static void
an_end_inside_something_is_named_with_its_beginning(void **state)
{
	(void)state;
	assert_events("A 'x", "gap 0 inside a quoted string at 2");
	assert_events("A E'x\\", "gap 0 inside a quoted string at 3");
	assert_events("A \"x", "gap 0 inside a quoted name at 2");
	assert_events("A $x$ $x", "gap 0 inside a dollar-quoted string at 2");
	assert_events("A /* /* */", "gap 0 inside a comment at 2");
	assert_events("/* x", "inside a comment at 0");
	assert_events("A; -", "gap 0 S[0,2) inside a comment at 3");
	assert_events("A; /", "gap 0 S[0,2) inside a comment at 3");
	assert_events("A (b (c)", "gap 0 inside parentheses at 2");
	assert_events("A -- x\n", "gap 0 inside a statement at 0");
	assert_events("\\connect x", "gap 0 inside a meta-command at 0");
	assert_events("A;\n-- x", "gap 0 S[0,2) ");
}

static void
a_comment_is_kept_as_far_as_it_matters(void **state)
{
	const char script[] =
		"-- 345678901234567890123456789012345678901234567890123456789012345678901234567890\n";
	struct scan_lex lex;
	size_t used;

	(void)state;
	scan_lex_init(&lex, 100);
	assert_int_equal(scan_lex_step(&lex, script, 20, &used), SCAN_LEX_MORE);
	assert_int_equal(scan_lex_step(&lex, script + 20, strlen(script) - 20, &used), SCAN_LEX_COMMENT);
	assert_int_equal(lex.comment_len, strlen(script) - 1);
	assert_int_equal(strlen(lex.comment), SCAN_LEX_COMMENT_KEPT);
	assert_memory_equal(lex.comment, script, SCAN_LEX_COMMENT_KEPT);
	assert_int_equal(lex.comment_at, 100);
	scan_lex_clear(&lex);
}

static void
skipped_bytes_end_the_gap_before(void **state)
{
	struct scan_lex lex;
	size_t used;

	(void)state;
	scan_lex_init(&lex, 0);
	assert_int_equal(scan_lex_step(&lex, "A;", 2, &used), SCAN_LEX_BEGIN);
	assert_int_equal(scan_lex_step(&lex, "A;", 2, &used), SCAN_LEX_END);
	scan_lex_skip(&lex, 1000);
	assert_int_equal(scan_lex_step(&lex, "\nB;", 3, &used), SCAN_LEX_BEGIN);
	assert_int_equal(lex.gap_at, 1002);
	assert_int_equal(lex.item_at, 1003);
	scan_lex_clear(&lex);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_semicolon_ends_a_statement),
		cmocka_unit_test(a_gap_begins_behind_the_line_of_the_last_item),
		cmocka_unit_test(quotes_hide_semicolons),
		cmocka_unit_test(backslashes_protect_only_in_escape_strings),
		cmocka_unit_test(an_escape_string_goes_on_behind_a_newline),
		cmocka_unit_test(dollar_quotes_hide_everything),
		cmocka_unit_test(a_dollar_in_a_name_or_a_parameter_begins_no_quote),
		cmocka_unit_test(comments_hide_semicolons_and_quotes),
		cmocka_unit_test(operators_that_look_like_comments_are_none),
		cmocka_unit_test(parentheses_hide_semicolons),
		cmocka_unit_test(a_body_begin_atomic_hides_semicolons),
		cmocka_unit_test(a_function_named_begin_has_no_body),
		cmocka_unit_test(a_function_atomic_in_a_schema_begin_has_no_body),
		cmocka_unit_test(begin_means_nothing_elsewhere),
		cmocka_unit_test(a_meta_command_is_the_rest_of_its_line),
		cmocka_unit_test(faults_are_named_with_their_place),
		cmocka_unit_test(an_endless_tag_is_a_fault),
		cmocka_unit_test(an_end_inside_something_is_named_with_its_beginning),
		cmocka_unit_test(a_comment_is_kept_as_far_as_it_matters),
		cmocka_unit_test(skipped_bytes_end_the_gap_before),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
