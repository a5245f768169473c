/* Rows with their fields in another order. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "../../src/scan/scan_copy.h"
#include "../../src/scan/scan_rows.h"

/* The digest that the scanner itself gives for rows. */
static struct digest128
digest_of(const char *rows)
{
	struct scan_copy copy;
	struct digest128 digest;

	scan_copy_init(&copy);
	scan_copy_begin(&copy);
	(void)scan_copy_step(&copy, rows, strlen(rows));
	digest = copy.digest;
	scan_copy_clear(&copy);
	return digest;
}

static void
assert_becomes(const char *coming, const char *wanted, const char *rows, const char *expected)
{
	for (size_t cut = 0; cut <= strlen(rows); cut++) {
		struct scan_rows permuted;
		struct digest128 digest;

		assert_true(scan_rows_begin(&permuted, coming, wanted));
		scan_rows_write(&permuted, rows, cut);
		scan_rows_write(&permuted, rows + cut, strlen(rows) - cut);
		assert_true(scan_rows_digest(&permuted, &digest));
		assert_true(digest128_equal(digest, digest_of(expected)));
		scan_rows_clear(&permuted);
	}
}

static void
fields_are_put_into_the_wanted_order_wherever_the_rows_are_cut(void **state)
{
	(void)state;
	assert_becomes("a, b, late, z", "a, b, z, late", "1\t2\t\\N\t4\nx\\ty\t\t\\\\\t\n",
		"1\t2\t4\t\\N\nx\\ty\t\t\t\\\\\n");
	assert_becomes("b, a", "a, b", "", "");
}

static void
a_comma_or_a_quote_in_a_name_separates_nothing(void **state)
{
	(void)state;
	assert_becomes("\"a, b\", \"q\"\"\", c", "c, \"q\"\"\", \"a, b\"", "1\t2\t3\n", "3\t2\t1\n");
}

static void
the_same_order_and_other_columns_are_left_alone(void **state)
{
	static const char *const pairs[][2] = { { "a, b", "a, b" }, { "a, b", "a" }, { "a, b", "a, c" },
		{ "a", "" }, { "a, \"A\"", "\"A\", A" } };
	struct scan_rows rows;

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		assert_false(scan_rows_begin(&rows, pairs[i][0], pairs[i][1]));
}

static void
a_row_with_another_number_of_fields_has_no_digest(void **state)
{
	static const char *const rows[] = { "1\n", "1\t2\t3\n", "\n", "1\t2" };
	struct digest128 digest;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct scan_rows permuted;

		assert_true(scan_rows_begin(&permuted, "a, b", "b, a"));
		scan_rows_write(&permuted, rows[i], strlen(rows[i]));
		assert_false(scan_rows_digest(&permuted, &digest));
		scan_rows_clear(&permuted);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_are_put_into_the_wanted_order_wherever_the_rows_are_cut),
		cmocka_unit_test(a_comma_or_a_quote_in_a_name_separates_nothing),
		cmocka_unit_test(the_same_order_and_other_columns_are_left_alone),
		cmocka_unit_test(a_row_with_another_number_of_fields_has_no_digest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
