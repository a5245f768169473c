#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "age_sample.h"
#include "incant/text.h"

/* Whether bytes are those of the hex digits. */
static void
assert_hex(const unsigned char *bytes, size_t len, const char *hex)
{
	char *text = mem_alloc(2 * len + 1);

	assert_string_equal(text_hex(text, bytes, len), hex);
	free(text);
}

/* RFC 5869, test case 1, cut to what HKDF gives for 42 bytes. */
static void
hkdf_gives_what_its_rfc_says(void **state)
{
	unsigned char key[22], salt[13], info[10], out[42];
	const struct age_hkdf from = { key, salt, info, sizeof(key), sizeof(salt), sizeof(info) };

	(void)state;
	memset(key, 0x0b, sizeof(key));
	for (size_t i = 0; i < sizeof(salt); i++)
		salt[i] = (unsigned char)i;
	for (size_t i = 0; i < sizeof(info); i++)
		info[i] = (unsigned char)(0xf0 + i);
	assert_int_equal(age_hkdf(&from, out, sizeof(out)), 0);
	assert_hex(out, sizeof(out),
		"3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
}

/* RFC 5869, test case 3: no salt, no info. */
static void
hkdf_can_do_without_salt(void **state)
{
	unsigned char key[22], out[42];
	const struct age_hkdf from = { .key = key, .key_len = sizeof(key), .info = "" };

	(void)state;
	memset(key, 0x0b, sizeof(key));
	assert_int_equal(age_hkdf(&from, out, sizeof(out)), 0);
	assert_hex(out, sizeof(out),
		"8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
}

/* RFC 7748, section 6.1. */
static void
x25519_gives_what_its_rfc_says(void **state)
{
	unsigned char alice[AGE_KEY_BYTES], bob[AGE_KEY_BYTES], shared[AGE_KEY_BYTES];

	(void)state;
	text_unhex(alice, 32, "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb");
	assert_int_equal(age_x25519_public(alice, bob), 0);
	assert_hex(bob, 32, "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
	text_unhex(bob, 32, "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
	assert_int_equal(age_x25519_shared(alice, bob, shared), 0);
	assert_hex(shared, 32, "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");
}

static void
a_point_of_low_order_is_refused(void **state)
{
	unsigned char secret[AGE_KEY_BYTES], zero[AGE_KEY_BYTES] = { 0 }, shared[AGE_KEY_BYTES];

	(void)state;
	memset(secret, 7, sizeof(secret));
	assert_int_equal(age_x25519_shared(secret, zero, shared), AGE_REFUSED);
	zero[0] = 1;
	assert_int_equal(age_x25519_shared(secret, zero, shared), AGE_REFUSED);
}

/* RFC 7914, section 12, has 64 bytes; the first 32 do not depend on how many are asked for. r = 8, p = 1. */
static void
scrypt_takes_more_memory_than_libcrypto_allows_by_itself(void **state)
{
	unsigned char key[AGE_KEY_BYTES];

	(void)state;
	assert_int_equal(
		age_scrypt_key("pleaseletmein", (const unsigned char *)"SodiumChloride", 14, 14, key), 0);
	assert_hex(key, 32, "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2");
	assert_int_equal(
		age_scrypt_key("pleaseletmein", (const unsigned char *)"SodiumChloride", 14, 16, key), 0);
}

static void
what_was_sealed_opens_and_nothing_else_does(void **state)
{
	unsigned char key[AGE_KEY_BYTES], sealed[5 + AGE_TAG_BYTES], plain[5];

	(void)state;
	memset(key, 3, sizeof(key));
	assert_int_equal(age_seal_once(key, "bytes", 5, sealed), 0);
	assert_int_equal(age_open_once(key, sealed, 5, plain), 0);
	assert_memory_equal(plain, "bytes", 5);
	for (size_t i = 0; i < sizeof(sealed); i++) {
		sealed[i] ^= 1;
		assert_int_equal(age_open_once(key, sealed, 5, plain), AGE_REFUSED);
		assert_memory_equal(plain, "\0\0\0\0\0", 5);
		sealed[i] ^= 1;
	}
	assert_int_equal(age_seal_once(key, "", 0, sealed), 0);
	assert_int_equal(age_open_once(key, sealed, 0, plain), 0);
	sealed[3] ^= 1;
	assert_int_equal(age_open_once(key, sealed, 0, plain), AGE_REFUSED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hkdf_gives_what_its_rfc_says),
		cmocka_unit_test(hkdf_can_do_without_salt),
		cmocka_unit_test(x25519_gives_what_its_rfc_says),
		cmocka_unit_test(a_point_of_low_order_is_refused),
		cmocka_unit_test(scrypt_takes_more_memory_than_libcrypto_allows_by_itself),
		cmocka_unit_test(what_was_sealed_opens_and_nothing_else_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
