#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "age_sample.h"

static void
the_same_seed_and_bytes_give_the_same_file(void **state)
{
	unsigned char seed[AGE_SEED_BYTES];
	struct buf one = BUF_EMPTY, other = BUF_EMPTY;
	struct age_sample keys, second;

	(void)state;
	age_sample_init(&keys);
	age_sample_init(&second);
	assert_int_equal(age_recipients_add(keys.recipients, second.recipient, "here"), 0);
	assert_int_equal(age_seed_new(seed), 0);
	age_sample_encrypt(keys.recipients, seed, (const unsigned char *)"bytes", 5, 5, &one);
	age_sample_encrypt(keys.recipients, seed, (const unsigned char *)"bytes", 5, 1, &other);
	assert_int_equal(one.len, other.len);
	assert_memory_equal(one.bytes, other.bytes, one.len);
	buf_clear(&one);
	buf_clear(&other);
	age_sample_clear(&keys);
	age_sample_clear(&second);
}

static void
what_is_drawn_differs_by_seed_label_and_purpose(void **state)
{
	unsigned char seed[AGE_SEED_BYTES] = { 1 }, other[AGE_SEED_BYTES] = { 2 };
	unsigned char drawn[6][16];

	(void)state;
	assert_int_equal(age_seed_draw(seed, "a", NULL, 0, drawn[0], 16), 0);
	assert_int_equal(age_seed_draw(seed, "b", NULL, 0, drawn[1], 16), 0);
	assert_int_equal(age_seed_draw(seed, "a", seed, 1, drawn[2], 16), 0);
	assert_int_equal(age_seed_draw(other, "a", NULL, 0, drawn[3], 16), 0);
	assert_int_equal(age_seed_draw(NULL, "a", NULL, 0, drawn[4], 16), 0);
	assert_int_equal(age_seed_draw(NULL, "a", NULL, 0, drawn[5], 16), 0);
	for (size_t i = 0; i < 6; i++)
		for (size_t j = 0; j < i; j++)
			assert_memory_not_equal(drawn[i], drawn[j], 16);
}

static void
each_object_has_a_seed_of_its_own(void **state)
{
	unsigned char seed[AGE_SEED_BYTES], one[AGE_SEED_BYTES], again[AGE_SEED_BYTES], other[AGE_SEED_BYTES];

	(void)state;
	assert_int_equal(age_seed_new(seed), 0);
	assert_int_equal(age_seed_derive(one, seed, "app/1/cluster.sql.zst.age"), 0);
	assert_int_equal(age_seed_derive(again, seed, "app/1/cluster.sql.zst.age"), 0);
	assert_int_equal(age_seed_derive(other, seed, "app/1/contents.json.zst.age"), 0);
	assert_memory_equal(one, again, AGE_SEED_BYTES);
	assert_memory_not_equal(one, other, AGE_SEED_BYTES);
	assert_memory_not_equal(one, seed, AGE_SEED_BYTES);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_seed_and_bytes_give_the_same_file),
		cmocka_unit_test(what_is_drawn_differs_by_seed_label_and_purpose),
		cmocka_unit_test(each_object_has_a_seed_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
