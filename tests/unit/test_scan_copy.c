/* The rows of a COPY block: their number, their digest and what is told of them, however they are cut. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "incant/buf.h"
#include "incant/digest.h"

#include "../../src/scan/scan_copy.h"

struct result {
	struct scan_copy copy;
	struct buf data; /* as a sink would get it */
	size_t used;     /* bytes up to behind the "\." line */
	bool end;
};

static void
take(struct result *result, const char *bytes, size_t len)
{
	struct scan_copy_step step = scan_copy_step(&result->copy, bytes, len);

	buf_append(&result->data, "\\.", step.released);
	buf_append(&result->data, bytes, step.data);
	result->used += step.used;
	result->end = step.end;
}

/* Takes block in pieces: the first one of `first` bytes, the others of `step`. */
static void
run(struct result *result, const char *block, size_t len, size_t first, size_t step)
{
	size_t next;

	memset(result, 0, sizeof(*result));
	scan_copy_init(&result->copy);
	scan_copy_begin(&result->copy);
	for (size_t from = 0; from < len && !result->end; from = next) {
		size_t want = from == 0 ? first : step;

		next = len - from < want ? len : from + want;
		take(result, block + from, next - from);
	}
}

static void
clear(struct result *result)
{
	scan_copy_clear(&result->copy);
	buf_clear(&result->data);
}

/* Rows and their digest, counted the slow way. Returns the length of the data. */
static size_t
count_slowly(const char *block, uint64_t *rows, struct digest128 *sum)
{
	size_t from = 0;

	*rows = 0;
	*sum = (struct digest128){ 0, 0 };
	while (strncmp(block + from, "\\.\n", 3) != 0) {
		size_t len = strcspn(block + from, "\n");

		*sum = digest128_add(*sum, digest_xxh128(block + from, len));
		++*rows;
		from += len + 1;
	}
	return from;
}

static void
assert_result(struct result *result, const char *block)
{
	uint64_t rows;
	struct digest128 sum;
	size_t data = count_slowly(block, &rows, &sum);

	assert_true(result->end);
	assert_int_equal(result->used, data + 3);
	assert_int_equal(result->copy.rows, rows);
	assert_int_equal(result->copy.bytes, data);
	assert_true(digest128_equal(result->copy.digest, sum));
	assert_int_equal(result->data.len, data);
	assert_true(data == 0 || memcmp(result->data.bytes, block, data) == 0);
	clear(result);
}

/* Holds the block against the slow way: whole, byte by byte, and cut at every place. What is behind the block
 * must not be touched. */
static void
assert_block(const char *block)
{
	size_t len = strlen(block);
	struct result result;

	run(&result, block, len, len, len);
	assert_result(&result, block);
	run(&result, block, len, 1, 1);
	assert_result(&result, block);
	for (size_t cut = 1; cut < len; cut++) {
		run(&result, block, len, cut, len);
		assert_result(&result, block);
		run(&result, block, len, cut, 7);
		assert_result(&result, block);
	}
}

static void
rows_are_counted_and_digested(void **state)
{
	(void)state;
	assert_block("1\ta\n2\tb\n3\t\\N\n\\.\n\n\nCREATE");
}

static void
a_block_may_have_no_rows(void **state)
{
	(void)state;
	assert_block("\\.\n");
	assert_block("\\.\n\\.\n");
}

static void
a_table_without_columns_has_empty_rows(void **state)
{
	(void)state;
	assert_block("\n\n\n\\.\n");
}

static void
only_the_exact_line_ends_the_data(void **state)
{
	(void)state;
	assert_block("\\\\.\n\\.x\n.\\\n \\.\n\\\n.\n\\..\n\\.\\.\n\\.\r\n\\.\n");
}

static void
rows_of_every_length_are_found(void **state)
{
	struct buf block = BUF_EMPTY;

	(void)state;
	for (size_t len = 0; len < 80; len++) {
		for (size_t i = 0; i < len; i++)
			buf_append_char(&block, (char)('a' + (len + i) % 26));
		buf_append_char(&block, '\n');
	}
	buf_append_text(&block, "\\.\nrest of the script that is longer than a block of sixty-four bytes");
	assert_block(block.bytes);
	buf_clear(&block);
}

static void
the_end_may_stand_anywhere_in_a_block_of_bytes(void **state)
{
	(void)state;
	for (size_t lead = 0; lead < 130; lead++) {
		struct buf block = BUF_EMPTY;
		struct result result;

		for (size_t i = 0; i < lead; i++)
			buf_append_char(&block, i % 9 == 8 ? '\n' : 'x');
		buf_append_text(&block, "\n\\.\n\nbehind\n\\.\n");
		run(&result, block.bytes, block.len, block.len, block.len);
		assert_result(&result, block.bytes);
		buf_clear(&block);
	}
}

static void
a_row_cut_in_two_has_the_same_digest(void **state)
{
	size_t len = 300000;
	char *block = malloc(len + 5);
	struct result result;

	(void)state;
	assert_non_null(block);
	for (size_t i = 0; i < len; i++)
		block[i] = (char)('!' + i * i % 90);
	strcpy(block + len, "\n\\.\n");
	run(&result, block, len + 4, 65536, 65536);
	assert_result(&result, block);
	free(block);
}

static void
the_order_of_rows_does_not_matter(void **state)
{
	const char forward[] = "alpha\nbeta\ngamma\n\\.\n";
	const char backward[] = "gamma\nalpha\nbeta\n\\.\n";
	const char other[] = "gamma\nalpha\nbetb\n\\.\n";
	struct result a, b, c;

	(void)state;
	run(&a, forward, strlen(forward), 100, 100);
	run(&b, backward, strlen(backward), 100, 100);
	run(&c, other, strlen(other), 100, 100);
	assert_true(digest128_equal(a.copy.digest, b.copy.digest));
	assert_false(digest128_equal(a.copy.digest, c.copy.digest));
	clear(&a);
	clear(&b);
	clear(&c);
}

static void
the_sum_carries_into_its_high_half(void **state)
{
	struct buf block = BUF_EMPTY;

	(void)state;
	for (int i = 0; i < 1000; i++)
		buf_append_format(&block, "%d\n", i);
	buf_append_text(&block, "\\.\n");
	struct result result;
	run(&result, block.bytes, block.len, block.len, block.len);
	assert_result(&result, block.bytes);
	buf_clear(&block);
}

static void
a_block_without_its_end_does_not_end(void **state)
{
	struct result result;

	(void)state;
	run(&result, "1\n2\n\\.", 6, 6, 6);
	assert_false(result.end);
	assert_int_equal(result.copy.rows, 2);
	assert_int_equal(result.data.len, 4);
	clear(&result);
}

static void
a_new_block_forgets_the_one_before(void **state)
{
	struct result result;
	struct scan_copy_step step;

	(void)state;
	run(&result, "1\n2\n\\.\n", 7, 7, 7);
	scan_copy_begin(&result.copy);
	step = scan_copy_step(&result.copy, "\\.\n", 3);
	assert_true(step.end);
	assert_int_equal(result.copy.rows, 0);
	assert_int_equal(result.copy.bytes, 0);
	assert_true(digest128_equal(result.copy.digest, (struct digest128){ 0, 0 }));
	clear(&result);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_are_counted_and_digested),
		cmocka_unit_test(a_block_may_have_no_rows),
		cmocka_unit_test(a_table_without_columns_has_empty_rows),
		cmocka_unit_test(only_the_exact_line_ends_the_data),
		cmocka_unit_test(rows_of_every_length_are_found),
		cmocka_unit_test(the_end_may_stand_anywhere_in_a_block_of_bytes),
		cmocka_unit_test(a_row_cut_in_two_has_the_same_digest),
		cmocka_unit_test(the_order_of_rows_does_not_matter),
		cmocka_unit_test(the_sum_carries_into_its_high_half),
		cmocka_unit_test(a_block_without_its_end_does_not_end),
		cmocka_unit_test(a_new_block_forgets_the_one_before),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
