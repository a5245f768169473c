/* An input that is read once gives its bytes and the SHA-256 of the whole, in whatever steps it is read. */
#include "config.h"

#include "../../src/op/op_hashed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "incant/error.h"
#include "incant/mem.h"

#define SIZE 100

static char object[SIZE];
static char expected[DIGEST_SHA256_HEX];

static int
fill(void **state)
{
	(void)state;
	for (size_t i = 0; i < SIZE; i++)
		object[i] = (char)(i * 7);
	return digest_sha256_hex(object, SIZE, expected);
}

/* Reads [a, a + len) then [b, b + more), and demands the bytes and the digest. */
static void
read_twice(size_t a, size_t len, size_t b, size_t more)
{
	struct input *under = input_memory_new("object", object, SIZE);
	struct op_hashed *hashed = op_hashed_new(under);
	char bytes[SIZE], hex[DIGEST_SHA256_HEX];

	assert_int_equal(input_read(op_hashed_input(hashed), a, bytes, len), 0);
	assert_memory_equal(bytes, object + a, len);
	assert_int_equal(input_read(op_hashed_input(hashed), b, bytes, more), 0);
	assert_memory_equal(bytes, object + b, more);
	assert_int_equal(op_hashed_finish(hashed, hex), 0);
	assert_string_equal(hex, expected);
	op_hashed_free(hashed);
	input_free(under);
}

static void
any_two_reads_give_the_bytes_and_the_digest_of_the_whole(void **state)
{
	(void)state;
	for (size_t a = 0; a < SIZE; a += 9)
		for (size_t b = 0; b < SIZE; b += 7)
			read_twice(a, (SIZE - a) / 2, b, (SIZE - b + 1) / 2);
}

/* The end of a large object first, then the rest: as an age file is read. */
static void
a_look_at_the_end_does_not_make_the_whole_be_read_twice(void **state)
{
	const size_t size = 1000000;
	char *large = mem_zero(size), *bytes = mem_alloc(size);
	struct input *under = input_memory_new("object", large, size);
	struct op_hashed *hashed = op_hashed_new(under);
	char hex[DIGEST_SHA256_HEX], whole[DIGEST_SHA256_HEX];

	(void)state;
	assert_int_equal(digest_sha256_hex(large, size, whole), 0);
	assert_int_equal(input_read(op_hashed_input(hashed), 0, bytes, 2000), 0);
	assert_int_equal(input_read(op_hashed_input(hashed), size - 100, bytes, 100), 0);
	assert_int_equal(under->read_bytes, 2100);
	assert_int_equal(input_read(op_hashed_input(hashed), 1000, bytes, size - 1100), 0);
	assert_int_equal(op_hashed_finish(hashed, hex), 0);
	assert_string_equal(hex, whole);
	assert_int_equal(under->read_bytes, 2100 + size - 1100 + 100);
	op_hashed_free(hashed);
	input_free(under);
	free(large);
	free(bytes);
}

static void
nothing_read_still_gives_the_digest(void **state)
{
	(void)state;
	struct input *under = input_memory_new("object", object, SIZE);
	struct op_hashed *hashed = op_hashed_new(under);
	char hex[DIGEST_SHA256_HEX];

	assert_int_equal(op_hashed_finish(hashed, hex), 0);
	assert_string_equal(hex, expected);
	assert_int_equal(under->read_bytes, SIZE);
	op_hashed_free(hashed);
	input_free(under);
}

static void
a_read_past_the_end_is_refused_by_name(void **state)
{
	(void)state;
	struct input *under = input_memory_new("object", object, SIZE);
	struct op_hashed *hashed = op_hashed_new(under);
	char bytes[2];

	assert_int_equal(input_read(op_hashed_input(hashed), SIZE - 1, bytes, 2), -1);
	assert_int_equal(error_get()->class, ERR_DAMAGED);
	assert_non_null(strstr(error_get()->message, "object"));
	error_clear();
	op_hashed_free(hashed);
	input_free(under);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_two_reads_give_the_bytes_and_the_digest_of_the_whole),
		cmocka_unit_test(a_look_at_the_end_does_not_make_the_whole_be_read_twice),
		cmocka_unit_test(nothing_read_still_gives_the_digest),
		cmocka_unit_test(a_read_past_the_end_is_refused_by_name),
	};

	return cmocka_run_group_tests(tests, fill, NULL);
}
