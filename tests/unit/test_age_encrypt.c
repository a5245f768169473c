#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "age_sample.h"

static struct age_sample keys;

static int
set_up(void **state)
{
	(void)state;
	age_sample_init(&keys);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	age_sample_clear(&keys);
	return 0;
}

static const size_t sizes[] = { 0, 1, 65535, 65536, 65537, 131071, 131072, 131073, 1000000 };
#define SIZE_COUNT (sizeof(sizes) / sizeof(sizes[0]))

static void
every_size_comes_back_and_is_stored_as_foretold(void **state)
{
	(void)state;
	for (size_t i = 0; i < SIZE_COUNT; i++) {
		unsigned char *plain = age_sample_plain(sizes[i]), *back = mem_alloc(sizes[i]);
		struct buf file = BUF_EMPTY;

		age_sample_encrypt(keys.recipients, NULL, plain, sizes[i], sizes[i] + 1, &file);
		assert_int_equal(file.len, age_stored_bytes(sizes[i], 1));
		struct input *input = age_sample_open(&file, keys.identities);
		assert_non_null(input);
		assert_int_equal(input->size_bytes, sizes[i]);
		assert_int_equal(input_read(input, 0, back, sizes[i]), 0);
		assert_memory_equal(plain, back, sizes[i]);
		input_free(input);
		buf_clear(&file);
		free(plain);
		free(back);
	}
}

/* A seed makes the result comparable. */
static void
the_result_does_not_depend_on_how_the_bytes_come(void **state)
{
	static const size_t pieces[] = { 1, 1000, 65535, 65536, 65537, 131072, 200000 };
	unsigned char seed[AGE_SEED_BYTES] = { 1 };
	unsigned char *plain = age_sample_plain(200000);
	struct buf whole = BUF_EMPTY;

	(void)state;
	for (size_t len = 131071; len <= 131073; len++) {
		buf_reset(&whole);
		age_sample_encrypt(keys.recipients, seed, plain, len, len, &whole);
		for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
			struct buf file = BUF_EMPTY;
			age_sample_encrypt(keys.recipients, seed, plain, len, pieces[i], &file);
			assert_int_equal(file.len, whole.len);
			assert_memory_equal(file.bytes, whole.bytes, whole.len);
			buf_clear(&file);
		}
	}
	buf_clear(&whole);
	free(plain);
}

static void
without_a_seed_no_two_files_are_alike(void **state)
{
	struct buf one = BUF_EMPTY, other = BUF_EMPTY;
	const unsigned char plain[] = "the same";

	(void)state;
	age_sample_encrypt(keys.recipients, NULL, plain, sizeof(plain), 99, &one);
	age_sample_encrypt(keys.recipients, NULL, plain, sizeof(plain), 99, &other);
	assert_int_equal(one.len, other.len);
	/* Not in the share, not in the body, not in the nonce, not in the chunk. */
	for (size_t at = 32; at + 16 < one.len; at += 16)
		if (memcmp(one.bytes + at, other.bytes + at, 16) == 0)
			fail_msg("the bytes from %zu on are the same", at);
	buf_clear(&one);
	buf_clear(&other);
}

static void
each_recipient_opens_it_and_nobody_else(void **state)
{
	struct age_sample other, third;
	struct age_recipients *both = age_recipients_new();
	struct buf file = BUF_EMPTY;

	(void)state;
	age_sample_init(&other);
	age_sample_init(&third);
	assert_int_equal(age_recipients_add(both, keys.recipient, "here"), 0);
	assert_int_equal(age_recipients_add(both, other.recipient, "here"), 0);
	age_sample_encrypt(both, NULL, (const unsigned char *)"for two", 7, 7, &file);
	assert_int_equal(file.len, age_stored_bytes(7, 2));
	const struct age_identities *const openers[] = { keys.identities, other.identities };
	for (size_t i = 0; i < 2; i++) {
		struct input *input = age_sample_open(&file, openers[i]);
		assert_non_null(input);
		input_free(input);
	}
	assert_null(age_sample_open(&file, third.identities));
	assert_fails(
		ERR_KEYS, "x.age is encrypted to 2 recipients (X25519, X25519), and no identity at hand");
	buf_clear(&file);
	age_recipients_free(both);
	age_sample_clear(&other);
	age_sample_clear(&third);
}

static int
refuse_write(struct stage *stage, const void *bytes, size_t len)
{
	(void)stage;
	(void)bytes;
	(void)len;
	return error_set(ERR_STORE, "the store is full");
}

static void
free_stage(struct stage *stage)
{
	free(stage);
}

static void
a_store_that_refuses_is_heard(void **state)
{
	static const struct stage_ops ops = { .name = "full", .write = refuse_write, .free = free_stage };
	struct stage *full = mem_zero(sizeof(*full));
	unsigned char *plain = age_sample_plain(70000);

	(void)state;
	stage_init(full, &ops, NULL);
	struct stage *head = age_encrypt_new(full, keys.recipients, NULL);
	assert_non_null(head);
	assert_int_equal(stage_write(head, plain, 70000), -1);
	assert_fails(ERR_STORE, "full");
	stage_free(head);
	assert_null(age_encrypt_new(NULL, keys.recipients, NULL));
	free(plain);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_size_comes_back_and_is_stored_as_foretold),
		cmocka_unit_test(the_result_does_not_depend_on_how_the_bytes_come),
		cmocka_unit_test(without_a_seed_no_two_files_are_alike),
		cmocka_unit_test(each_recipient_opens_it_and_nobody_else),
		cmocka_unit_test(a_store_that_refuses_is_heard),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
