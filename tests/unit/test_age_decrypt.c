#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "age_sample.h"

#define PLAIN_BYTES ((size_t)300000) /* five chunks, the last one short */

static struct age_sample keys;
static struct buf file = BUF_EMPTY;
static unsigned char *plain;

static int
set_up(void **state)
{
	(void)state;
	age_sample_init(&keys);
	plain = age_sample_plain(PLAIN_BYTES);
	age_sample_encrypt(keys.recipients, NULL, plain, PLAIN_BYTES, PLAIN_BYTES, &file);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	age_sample_clear(&keys);
	buf_clear(&file);
	free(plain);
	return 0;
}

static const size_t header_bytes = 22 + 98 + 48;

/* Reads all of an age file: 0 or -1 with the error. */
static int
open_and_read(const struct buf *bytes)
{
	unsigned char *back = mem_alloc(PLAIN_BYTES + AGE_SEALED_BYTES);
	struct input *input = age_sample_open(bytes, keys.identities);
	int rc = input != NULL ? input_read(input, 0, back, (size_t)input->size_bytes) : -1;

	input_free(input);
	free(back);
	return rc;
}

static void
any_stretch_can_be_read_in_any_order(void **state)
{
	static const size_t offs[] = { 0, 1, 65535, 65536, 65537, 131072, 250000, 262143, 262144, 299999 };
	static const size_t lens[] = { 1, 2, 100, 65535, 65536, 65537, 140000, 300000 };
	struct input *input = age_sample_open(&file, keys.identities);
	unsigned char *back = mem_alloc(PLAIN_BYTES);

	(void)state;
	assert_non_null(input);
	assert_string_equal(input->name, "x.age");
	for (size_t i = 0; i < sizeof(offs) / sizeof(offs[0]); i++)
		for (size_t j = 0; j < sizeof(lens) / sizeof(lens[0]); j++) {
			size_t off = offs[(i * 7) % (sizeof(offs) / sizeof(offs[0]))];
			size_t len = off + lens[j] <= PLAIN_BYTES ? lens[j] : PLAIN_BYTES - off;

			assert_int_equal(input_read(input, off, back, len), 0);
			assert_memory_equal(back, plain + off, len);
		}
	assert_int_equal(input_read(input, PLAIN_BYTES, back, 1), -1);
	assert_fails(ERR_DAMAGED, "x.age ends at byte 300000");
	input_free(input);
	free(back);
}

static void
a_small_read_costs_its_chunk_and_nothing_else(void **state)
{
	struct input *under = input_memory_new("x.age", file.bytes, file.len);
	struct input *input = age_decrypt_new(under, keys.identities);
	unsigned char byte;

	(void)state;
	assert_non_null(input);
	/* The first look at the header, the nonce, the last chunk. */
	uint64_t opened = under->read_bytes;
	assert_true(opened <= 2048 + AGE_NONCE_BYTES + AGE_SEALED_BYTES);
	assert_int_equal(input_read(input, PLAIN_BYTES - 1, &byte, 1), 0);
	assert_int_equal(under->read_bytes, opened);
	assert_int_equal(input_read(input, 70000, &byte, 1), 0);
	assert_int_equal(under->read_bytes, opened + AGE_SEALED_BYTES);
	assert_int_equal(input_read(input, 70001, &byte, 1), 0);
	assert_int_equal(under->read_bytes, opened + AGE_SEALED_BYTES);
	assert_int_equal(age_decrypt_stored_off(input, 70000), header_bytes + 16 + AGE_SEALED_BYTES);
	input_free(input);
}

static void
read_byte_by_byte_it_is_read_once(void **state)
{
	struct input *under = input_memory_new("x.age", file.bytes, file.len);
	struct input *input = age_decrypt_new(under, keys.identities);

	(void)state;
	assert_non_null(input);
	for (size_t at = 0; at < PLAIN_BYTES; at++) {
		unsigned char byte;
		assert_int_equal(input_read(input, at, &byte, 1), 0);
		assert_int_equal(byte, plain[at]);
	}
	assert_true(under->read_bytes <= file.len + 2048 + 2 * AGE_SEALED_BYTES);
	input_free(input);
}

/* Near each boundary: every byte; elsewhere one in a thousand. */
static bool
is_worth_a_try(size_t at)
{
	size_t in_payload = at < header_bytes + 16 ? 0 : (at - header_bytes - 16) % AGE_SEALED_BYTES;

	return in_payload < 20 || in_payload > AGE_SEALED_BYTES - 20 || at > file.len - 20 || at % 1009 == 0;
}

static void
a_byte_that_is_flipped_anywhere_is_found(void **state)
{
	(void)state;
	for (size_t at = 0; at < file.len; at++) {
		if (!is_worth_a_try(at))
			continue;
		file.bytes[at] ^= 0x20;
		if (open_and_read(&file) != -1)
			fail_msg("byte %zu may be anything", at);
		/* In the stanza it can look as if the file were somebody else's. */
		if (error_get()->class != ERR_DAMAGED &&
			(error_get()->class != ERR_KEYS || at >= header_bytes))
			fail_msg("byte %zu: %s", at, error_get()->message);
		if (strstr(error_get()->message, "x.age") == NULL)
			fail_msg("byte %zu: %s", at, error_get()->message);
		file.bytes[at] ^= 0x20;
	}
	assert_int_equal(open_and_read(&file), 0);
}

static void
damage_is_named_by_its_chunk(void **state)
{
	(void)state;
	file.bytes[header_bytes + 16 + 2 * AGE_SEALED_BYTES + 5] ^= 1;
	assert_int_equal(open_and_read(&file), -1);
	assert_fails(ERR_DAMAGED, "x.age: the chunk of the age payload at byte 131288 is damaged");
	file.bytes[header_bytes + 16 + 2 * AGE_SEALED_BYTES + 5] ^= 1;
}

static void
a_file_that_is_cut_anywhere_is_refused_when_it_is_opened(void **state)
{
	(void)state;
	for (size_t len = 0; len < file.len; len++) {
		struct buf cut = { file.bytes, len, file.capacity };

		if (!is_worth_a_try(len))
			continue;
		if (age_sample_open(&cut, keys.identities) != NULL)
			fail_msg("opened when cut at %zu", len);
		assert_int_equal(error_get()->class, ERR_DAMAGED);
	}
	struct buf whole_chunks = { file.bytes, header_bytes + 16 + 2 * AGE_SEALED_BYTES, file.capacity };
	assert_null(age_sample_open(&whole_chunks, keys.identities));
	assert_fails(ERR_DAMAGED, "cut short at byte 131288: the chunk that ends there is not the last one");
}

static void
chunks_that_change_places_are_found(void **state)
{
	char *first = file.bytes + header_bytes + 16, *second = first + AGE_SEALED_BYTES;
	char *kept = mem_copy(first, AGE_SEALED_BYTES);

	(void)state;
	memcpy(first, second, AGE_SEALED_BYTES);
	memcpy(second, kept, AGE_SEALED_BYTES);
	assert_int_equal(open_and_read(&file), -1);
	assert_fails(ERR_DAMAGED, "at byte 184 is damaged");
	memcpy(second, first, AGE_SEALED_BYTES);
	memcpy(first, kept, AGE_SEALED_BYTES);
	assert_int_equal(open_and_read(&file), 0);
	free(kept);
}

static void
bytes_behind_the_end_are_found(void **state)
{
	(void)state;
	for (size_t more = 1; more < 200; more++) {
		struct buf longer = BUF_EMPTY;
		buf_append(&longer, file.bytes, file.len);
		buf_append(&longer, plain, more);
		assert_null(age_sample_open(&longer, keys.identities));
		assert_int_equal(error_get()->class, ERR_DAMAGED);
		buf_clear(&longer);
	}
}

static void
without_an_identity_header_and_size_can_be_looked_at(void **state)
{
	struct input *input = input_memory_new("x.age", file.bytes, file.len);
	struct age_about about;

	(void)state;
	assert_int_equal(age_examine(input, &about), 0);
	assert_int_equal(about.recipients, 1);
	assert_int_equal(about.plain_bytes, PLAIN_BYTES);
	input_free(input);

	input = input_memory_new("x.age", file.bytes, header_bytes + 16 + AGE_SEALED_BYTES + 3);
	assert_int_equal(age_examine(input, &about), -1);
	assert_fails(ERR_DAMAGED, "cut short");
	input_free(input);

	input = input_memory_new("x.age", plain, 100);
	assert_int_equal(age_examine(input, &about), -1);
	assert_fails(ERR_DAMAGED, "x.age: the age header is damaged at byte 0");
	input_free(input);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_stretch_can_be_read_in_any_order),
		cmocka_unit_test(a_small_read_costs_its_chunk_and_nothing_else),
		cmocka_unit_test(read_byte_by_byte_it_is_read_once),
		cmocka_unit_test(a_byte_that_is_flipped_anywhere_is_found),
		cmocka_unit_test(damage_is_named_by_its_chunk),
		cmocka_unit_test(a_file_that_is_cut_anywhere_is_refused_when_it_is_opened),
		cmocka_unit_test(chunks_that_change_places_are_found),
		cmocka_unit_test(bytes_behind_the_end_are_found),
		cmocka_unit_test(without_an_identity_header_and_size_can_be_looked_at),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
