/* What differs between two dumps, whatever their order. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "incant/mem.h"
#include "incant/scan_diff.h"

#include "scan_sample.h"

#define GLOBALS                                           \
	"--\n-- PostgreSQL database cluster dump\n--\n\n" \
	"SET client_encoding = 'UTF8';\nCREATE ROLE bob;\nALTER ROLE bob WITH LOGIN PASSWORD 'x';\n\n"
#define SHOP_HEAD                                                                \
	"SET client_encoding = 'UTF8';\nCREATE DATABASE shop;\n\\connect shop\n" \
	"SET client_encoding = 'UTF8';\n"
#define SHOP_TABLE  "CREATE TABLE public.t (\n    a integer\n);\n\n"
#define SHOP_OTHER  "CREATE TABLE public.u (\n    a integer\n);\n\n"
#define SHOP_ROWS   "COPY public.t (a) FROM stdin;\n1\n2\n3\n\\.\n\n\n"
#define SHOP_INDEX  "CREATE INDEX t_a ON public.t USING btree (a);\n\n"
#define SHOP_SETVAL "SELECT pg_catalog.setval('public.s', 42, true);\n\n"
#define SHOP_GRANTS "GRANT SELECT ON TABLE public.t TO bob;\nGRANT INSERT ON TABLE public.t TO eve;\n"
#define OBJECT(data)                                                                          \
	"SELECT pg_catalog.lo_create('16400');\n\nALTER LARGE OBJECT 16400 OWNER TO bob;\n\n" \
	"SELECT pg_catalog.lo_open('16400', 131072);\nSELECT pg_catalog.lowrite(0, '\\x" data \
	"');\nSELECT pg_catalog.lo_close(0);\n\n"
#define SHOP  SHOP_HEAD SHOP_TABLE SHOP_OTHER SHOP_ROWS SHOP_INDEX SHOP_SETVAL SHOP_GRANTS OBJECT("6162")
#define WHOLE GLOBALS SHOP SAMPLE_TRAILER

/* The differences as text, a line each: "globals: definition changed ALTER ROLE WITH bob (digest) (digest)";
 * digests are left out. The caller frees it. */
static char *
compare(const char *before_script, const char *after_script)
{
	struct contents before, after;
	struct scan_diff diff;
	struct buf text = BUF_EMPTY;

	if (sample_scan(&before, before_script) != 0 || sample_scan(&after, after_script) != 0)
		fail_msg("%s", error_get()->message);
	scan_diff_init(&diff);
	scan_diff_compare(&diff, &before, &after);
	for (size_t i = 0; i < diff.count; i++) {
		const struct scan_difference *difference = &diff.list[i];
		const char *database = scan_difference_database(difference);

		buf_append_format(&text, "%s: %s %s ", database != NULL ? database : "globals",
			scan_diff_what_word(difference->what),
			scan_diff_how_word(scan_difference_how(difference)));
		scan_difference_write_name(difference, &text);
		for (int side = 0; side < 2; side++) {
			struct buf words = BUF_EMPTY;

			scan_difference_write_side(difference, side == 1, &words);
			char *digest = strstr(buf_text(&words), "digest ");
			if (digest != NULL)
				memmove(digest + 6, digest + 39, strlen(digest + 39) + 1);
			buf_append_format(&text, " (%s)", buf_text(&words));
			buf_clear(&words);
		}
		buf_append_char(&text, '\n');
	}
	scan_diff_clear(&diff);
	contents_clear(&before);
	contents_clear(&after);
	buf_append_text(&text, "");
	return buf_take(&text);
}

static void
assert_differs(const char *before, const char *after, const char *expected)
{
	char *text = compare(before, after);

	assert_string_equal(text, expected);
	free(text);
}

static void
the_same_dump_differs_in_nothing(void **state)
{
	(void)state;
	assert_differs(WHOLE, WHOLE, "");
	assert_differs(SAMPLE_SCRIPT, SAMPLE_SCRIPT, "");
}

static void
the_order_of_statements_and_rows_does_not_matter(void **state)
{
	(void)state;
	assert_differs(WHOLE,
		GLOBALS SHOP_HEAD SHOP_OTHER SHOP_TABLE
		"COPY public.t (a) FROM stdin;\n3\n1\n2\n\\.\n\n\n" SHOP_SETVAL SHOP_INDEX
		"GRANT INSERT ON TABLE public.t TO eve;\nGRANT SELECT ON TABLE public.t TO bob;\n" OBJECT(
			"6162") SAMPLE_TRAILER,
		"");
}

static void
a_row_that_changed_came_or_went_is_found(void **state)
{
	(void)state;
	assert_differs(GLOBALS SHOP_HEAD SHOP_ROWS SAMPLE_TRAILER,
		GLOBALS SHOP_HEAD "COPY public.t (a) FROM stdin;\n1\n2\n4\n\\.\n\n\n" SAMPLE_TRAILER,
		"shop: rows changed table public.t (3 rows, digest) (3 rows, digest)\n");
	assert_differs(GLOBALS SHOP_HEAD SHOP_ROWS SAMPLE_TRAILER,
		GLOBALS SHOP_HEAD "COPY public.t (a) FROM stdin;\n1\n\\.\n\n\n" SAMPLE_TRAILER,
		"shop: rows changed table public.t (3 rows, digest) (1 row, digest)\n");
	assert_differs(GLOBALS SHOP_HEAD SHOP_ROWS SAMPLE_TRAILER,
		GLOBALS SHOP_HEAD "COPY public.t (a) FROM stdin;\n1\n2\n3\n3\n\\.\n\n\n" SAMPLE_TRAILER,
		"shop: rows changed table public.t (3 rows, digest) (4 rows, digest)\n");
}

static void
a_row_that_moved_to_another_table_is_two_differences(void **state)
{
	static const char before[] =
		GLOBALS SHOP_HEAD "COPY public.t (a) FROM stdin;\n1\n\\.\n"
				  "COPY public.u (a) FROM stdin;\n2\n\\.\n" SAMPLE_TRAILER;
	static const char after[] =
		GLOBALS SHOP_HEAD "COPY public.t (a) FROM stdin;\n2\n\\.\n"
				  "COPY public.u (a) FROM stdin;\n1\n\\.\n" SAMPLE_TRAILER;

	(void)state;
	assert_differs(before, after,
		"shop: rows changed table public.t (1 row, digest) (1 row, digest)\n"
		"shop: rows changed table public.u (1 row, digest) (1 row, digest)\n");
}

static void
a_definition_that_came_went_or_changed_is_named(void **state)
{
	(void)state;
	assert_differs(GLOBALS SHOP_HEAD SHOP_TABLE SHOP_INDEX SAMPLE_TRAILER,
		GLOBALS SHOP_HEAD SHOP_TABLE SAMPLE_TRAILER,
		"shop: definition removed CREATE INDEX public.t t_a (digest) (missing)\n");
	assert_differs(GLOBALS SHOP_HEAD SHOP_TABLE SAMPLE_TRAILER,
		GLOBALS SHOP_HEAD SHOP_TABLE SHOP_INDEX SAMPLE_TRAILER,
		"shop: definition added CREATE INDEX public.t t_a (missing) (digest)\n");
	assert_differs(GLOBALS SAMPLE_TRAILER,
		"SET client_encoding = 'UTF8';\nCREATE ROLE bob;\nALTER ROLE bob WITH "
		"LOGIN;\n" SAMPLE_TRAILER,
		"globals: definition changed ALTER ROLE WITH bob (digest) (digest)\n");
}

static void
of_several_definitions_of_one_name_only_those_that_differ_are_told(void **state)
{
	(void)state;
	assert_differs(GLOBALS SHOP_HEAD SHOP_GRANTS SAMPLE_TRAILER,
		GLOBALS SHOP_HEAD "GRANT INSERT ON TABLE public.t TO eve;\n" SAMPLE_TRAILER,
		"shop: definition removed GRANT TABLE public.t (digest) (missing)\n");
	assert_differs(GLOBALS SHOP_HEAD SHOP_GRANTS SAMPLE_TRAILER,
		GLOBALS SHOP_HEAD SHOP_GRANTS SHOP_GRANTS SAMPLE_TRAILER,
		"shop: definition added GRANT TABLE public.t (missing) (digest)\n"
		"shop: definition added GRANT TABLE public.t (missing) (digest)\n");
}

static void
sequences_and_large_objects_are_compared(void **state)
{
	(void)state;
	assert_differs(GLOBALS SHOP_HEAD SHOP_SETVAL SAMPLE_TRAILER,
		GLOBALS SHOP_HEAD "SELECT pg_catalog.setval('public.s', 42, false);\n" SAMPLE_TRAILER,
		"shop: sequence changed sequence public.s (42) (42 (not called yet))\n");
	assert_differs(GLOBALS SHOP_HEAD OBJECT("6162") SAMPLE_TRAILER,
		GLOBALS SHOP_HEAD OBJECT("6163") SAMPLE_TRAILER,
		"shop: large object changed large object 16400 (2 bytes, digest) (2 bytes, digest)\n");
	assert_differs(GLOBALS SHOP_HEAD OBJECT("6162") SAMPLE_TRAILER, GLOBALS SHOP_HEAD SAMPLE_TRAILER,
		"shop: large object removed large object 16400 (2 bytes, digest) (missing)\n");
}

static void
a_database_that_came_or_went_is_one_difference(void **state)
{
	(void)state;
	assert_differs(WHOLE, GLOBALS SAMPLE_TRAILER,
		"shop: database removed  (6 definitions, 1 tables, 3 rows, encoding UTF8) (missing)\n");
	assert_differs(GLOBALS SAMPLE_TRAILER, WHOLE,
		"shop: database added  (missing) (6 definitions, 1 tables, 3 rows, encoding UTF8)\n");
}

static void
nothing_differs_from_nothing(void **state)
{
	struct contents none, some;
	struct scan_diff diff;

	(void)state;
	contents_init(&none);
	scan_diff_init(&diff);
	scan_diff_compare(&diff, &none, &none);
	assert_int_equal(diff.count, 0);
	assert_int_equal(sample_scan(&some, WHOLE), 0);
	scan_diff_compare(&diff, &none, &some);
	assert_int_equal(diff.count, 2);
	assert_int_equal(scan_difference_how(&diff.list[0]), SCAN_DIFF_ADDED);
	scan_diff_clear(&diff);
	contents_clear(&some);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_dump_differs_in_nothing),
		cmocka_unit_test(the_order_of_statements_and_rows_does_not_matter),
		cmocka_unit_test(a_row_that_changed_came_or_went_is_found),
		cmocka_unit_test(a_row_that_moved_to_another_table_is_two_differences),
		cmocka_unit_test(a_definition_that_came_went_or_changed_is_named),
		cmocka_unit_test(of_several_definitions_of_one_name_only_those_that_differ_are_told),
		cmocka_unit_test(sequences_and_large_objects_are_compared),
		cmocka_unit_test(a_database_that_came_or_went_is_one_difference),
		cmocka_unit_test(nothing_differs_from_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
