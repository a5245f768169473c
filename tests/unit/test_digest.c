#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "incant/digest.h"
#include "incant/text.h"

static void
fill(unsigned char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		bytes[i] = (unsigned char)(i * 31 + i / 251);
}

static void
sha256_of_known_texts_is_known(void **state)
{
	char hex[DIGEST_SHA256_HEX];

	(void)state;
	assert_int_equal(digest_sha256_hex("", 0, hex), 0);
	assert_string_equal(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	assert_int_equal(digest_sha256_hex("abc", 3, hex), 0);
	assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void
sha256_is_the_same_however_the_bytes_are_cut(void **state)
{
	unsigned char bytes[200], out[DIGEST_SHA256_BYTES];
	char whole[DIGEST_SHA256_HEX], parts[DIGEST_SHA256_HEX];

	(void)state;
	fill(bytes, sizeof(bytes));
	assert_int_equal(digest_sha256_hex(bytes, sizeof(bytes), whole), 0);
	for (size_t cut = 0; cut <= sizeof(bytes); cut++) {
		struct digest_sha256 *digest = digest_sha256_new();
		assert_non_null(digest);
		assert_int_equal(digest_sha256_update(digest, bytes, cut), 0);
		assert_int_equal(digest_sha256_update(digest, bytes + cut, sizeof(bytes) - cut), 0);
		assert_int_equal(digest_sha256_finish(digest, out), 0);
		assert_string_equal(text_hex(parts, out, sizeof(out)), whole);
		digest_sha256_free(digest);
	}
	digest_sha256_free(NULL);
}

/* The values are what xxhsum -H2 and -H3 print. */
static void
xxh3_of_known_texts_is_known(void **state)
{
	char hex[DIGEST_XXH128_HEX];

	(void)state;
	assert_string_equal(digest128_format(hex, digest_xxh128("", 0)), "99aa06d3014798d86001c324468d497f");
	assert_string_equal(
		digest128_format(hex, digest_xxh128("abc", 3)), "06b05ab6733a618578af5f94892f3950");
	assert_true(digest_xxh64("", 0) == 0x2d06800538d394c2);
	assert_true(digest_xxh64("abc", 3) == 0x78af5f94892f3950);
}

static void
xxh128_is_the_same_however_the_bytes_are_cut(void **state)
{
	unsigned char bytes[700];
	struct digest_xxh128 *digest = digest_xxh128_new();

	(void)state;
	fill(bytes, sizeof(bytes));
	struct digest128 whole = digest_xxh128(bytes, sizeof(bytes));
	for (size_t cut = 0; cut <= sizeof(bytes); cut++) {
		digest_xxh128_reset(digest);
		digest_xxh128_update(digest, bytes, cut);
		digest_xxh128_update(digest, bytes + cut, sizeof(bytes) - cut);
		assert_true(digest128_equal(digest_xxh128_get(digest), whole));
	}
	digest_xxh128_reset(digest);
	digest_xxh128_update(digest, NULL, 0);
	assert_true(digest128_equal(digest_xxh128_get(digest), digest_xxh128("", 0)));
	digest_xxh128_free(digest);
	digest_xxh128_free(NULL);
}

static void
the_text_of_a_digest_is_read_back(void **state)
{
	struct digest128 digest = { .low = 0x0123456789abcdef, .high = 0x00000000000000fe };
	struct digest128 back = { 0, 0 };
	char hex[DIGEST_XXH128_HEX];

	(void)state;
	assert_string_equal(digest128_format(hex, digest), "00000000000000fe0123456789abcdef");
	assert_int_equal(digest128_parse(hex, &back), 0);
	assert_true(digest128_equal(back, digest));
	assert_int_equal(digest128_parse("00000000000000fe0123456789abcde", &back), -1);
	assert_int_equal(digest128_parse("00000000000000fe0123456789abcdef0", &back), -1);
	assert_int_equal(digest128_parse("00000000000000fe0123456789abcdeg", &back), -1);
}

static void
sums_carry_and_wrap_and_have_no_order(void **state)
{
	struct digest128 most = { .low = UINT64_MAX, .high = UINT64_MAX };
	struct digest128 one = { .low = 1, .high = 0 };
	struct digest128 half = { .low = UINT64_MAX, .high = 5 };
	struct digest128 sum = digest128_add(half, one);

	(void)state;
	assert_true(sum.low == 0 && sum.high == 6);
	assert_true(digest128_equal(digest128_add(most, one), (struct digest128){ 0, 0 }));
	assert_true(digest128_equal(digest128_add(half, most), digest128_add(most, half)));
	assert_false(digest128_equal(half, (struct digest128){ .low = UINT64_MAX, .high = 4 }));
	assert_false(digest128_equal(half, (struct digest128){ .low = 0, .high = 5 }));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sha256_of_known_texts_is_known),
		cmocka_unit_test(sha256_is_the_same_however_the_bytes_are_cut),
		cmocka_unit_test(xxh3_of_known_texts_is_known),
		cmocka_unit_test(xxh128_is_the_same_however_the_bytes_are_cut),
		cmocka_unit_test(the_text_of_a_digest_is_read_back),
		cmocka_unit_test(sums_carry_and_wrap_and_have_no_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
