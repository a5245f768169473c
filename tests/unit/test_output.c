#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "../../src/cli/output.h"

static void
a_table_is_aligned_and_has_no_blanks_at_line_ends(void **state)
{
	static const struct output_column columns[] = { { "NAME", false }, { "ROWS", true },
		{ "NOTE", false } };
	struct output_table table;
	struct buf text = BUF_EMPTY;

	(void)state;
	output_table_begin(&table, columns, 3);
	output_table_add(&table, "a");
	output_table_add_count(&table, 1234567);
	output_table_add(&table, NULL);
	output_table_add(&table, "longer one");
	output_table_add_count(&table, 5);
	output_table_add(&table, "n");
	output_table_write(&table, 2, &text);
	assert_string_equal(buf_text(&text), "  NAME             ROWS  NOTE\n"
					     "  a           1,234,567\n"
					     "  longer one          5  n\n");
	buf_clear(&text);
}

static void
a_gap_in_the_middle_of_a_row_keeps_the_rest_in_place(void **state)
{
	static const struct output_column columns[] = { { "A", false }, { "B", true }, { "C", false },
		{ "D", true } };
	struct output_table table;
	struct buf text = BUF_EMPTY;

	(void)state;
	output_table_begin(&table, columns, 4);
	output_table_add(&table, "aaa");
	output_table_add(&table, "bbb");
	output_table_add(&table, "ccc");
	output_table_add(&table, "ddd");
	output_table_add(&table, "");
	output_table_add(&table, "");
	output_table_add(&table, "");
	output_table_add(&table, "d");
	output_table_write(&table, 0, &text);
	assert_string_equal(buf_text(&text), "A      B  C      D\n"
					     "aaa  bbb  ccc  ddd\n"
					     "                 d\n");
	buf_clear(&text);
}

static void
width_is_counted_in_characters_and_control_characters_are_not_shown(void **state)
{
	static const struct output_column columns[] = { { "L", false }, { "R", false } };
	struct output_table table;
	struct buf text = BUF_EMPTY;

	(void)state;
	output_table_begin(&table, columns, 2);
	output_table_add(&table, "\xc3\xa4\xc3\xb6");
	output_table_add(&table, "x");
	output_table_add(&table, "a\x1b");
	output_table_add(&table, "y");
	output_table_write(&table, 0, &text);
	assert_string_equal(buf_text(&text), "L   R\n\xc3\xa4\xc3\xb6  x\na?  y\n");
	buf_clear(&text);
}

static void
a_table_without_rows_has_its_heads(void **state)
{
	static const struct output_column columns[] = { { "ONE", false }, { "TWO", true } };
	struct output_table table;
	struct buf text = BUF_EMPTY;

	(void)state;
	output_table_begin(&table, columns, 2);
	output_table_write(&table, 0, &text);
	assert_string_equal(buf_text(&text), "ONE  TWO\n");
	buf_clear(&text);
}

static void
assert_name(const char *name, const char *expected)
{
	struct buf text = BUF_EMPTY;

	output_name(&text, name);
	assert_string_equal(buf_text(&text), expected);
	buf_clear(&text);
}

static void
names_are_quoted_only_where_sql_needs_it(void **state)
{
	(void)state;
	assert_name("users", "users");
	assert_name("_a1$", "_a1$");
	assert_name("Users", "\"Users\"");
	assert_name("1a", "\"1a\"");
	assert_name("$a", "\"$a\"");
	assert_name("", "\"\"");
	assert_name("my table", "\"my table\"");
	assert_name("a\"b", "\"a\"\"b\"");
	assert_name("a.b", "\"a.b\"");
	assert_name("t\xc3\xa4", "\"t\xc3\xa4\"");
	assert_name("a\nb", "\"a?b\"");
	assert_name("\xff", "\"\xef\xbf\xbd\"");
}

static void
an_age_has_the_unit_that_fits(void **state)
{
	static const struct {
		int64_t seconds;
		const char *age;
	} ages[] = {
		{ -5, "0s" },
		{ 0, "0s" },
		{ 89, "89s" },
		{ 90, "1m" },
		{ 90 * 60 - 1, "89m" },
		{ 90 * 60, "1h" },
		{ 48 * 3600 - 1, "47h" },
		{ 48 * 3600, "2d" },
		{ 400 * 86400, "400d" },
	};
	char text[OUTPUT_AGE_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(ages) / sizeof(ages[0]); i++)
		assert_string_equal(output_format_age(text, 1000000, 1000000 + ages[i].seconds), ages[i].age);
}

static void
one_is_not_many(void **state)
{
	struct buf text = BUF_EMPTY;

	(void)state;
	output_count(&text, 1, "row", "rows");
	buf_append_char(&text, ' ');
	output_count(&text, 0, "row", "rows");
	buf_append_char(&text, ' ');
	output_count(&text, 1000, "row", "rows");
	assert_string_equal(buf_text(&text), "1 row 0 rows 1,000 rows");
	buf_clear(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_table_is_aligned_and_has_no_blanks_at_line_ends),
		cmocka_unit_test(a_gap_in_the_middle_of_a_row_keeps_the_rest_in_place),
		cmocka_unit_test(width_is_counted_in_characters_and_control_characters_are_not_shown),
		cmocka_unit_test(a_table_without_rows_has_its_heads),
		cmocka_unit_test(names_are_quoted_only_where_sql_needs_it),
		cmocka_unit_test(an_age_has_the_unit_that_fits),
		cmocka_unit_test(one_is_not_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
