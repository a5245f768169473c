#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "age_sample.h"

static void
a_new_identity_opens_what_its_recipient_gets(void **state)
{
	struct age_sample one, other;

	(void)state;
	age_sample_init(&one);
	age_sample_init(&other);
	assert_true(strncmp(one.secret, "AGE-SECRET-KEY-1", 16) == 0);
	assert_true(strncmp(one.recipient, "age1", 4) == 0);
	assert_string_not_equal(one.secret, other.secret);
	assert_true(age_identities_fit(one.identities, one.recipients, 0));
	assert_false(age_identities_fit(one.identities, other.recipients, 0));
	age_sample_clear(&one);
	age_sample_clear(&other);
}

static void
other_kinds_are_refused_by_name_and_never_repeated(void **state)
{
	static const struct {
		const char *text, *says;
	} wrong[] = {
		{ "AGE-SECRET-KEY-PQ-1HQJDKSLAJDKLA", "post-quantum identity" },
		{ "AGE-PLUGIN-YUBIKEY-1QQPQDKSLAJDKLA", "identity of a plugin" },
		{ "-----BEGIN OPENSSH PRIVATE KEY-----", "ssh key" },
		{ "AGE-SECRET-KEY-1QQPQDKSLAJDKLA", "not copied whole" },
		{ "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj",
			"a recipient stands where" },
		{ "QDKSLAJDKLA", "this is not an identity" },
	};
	struct age_identities *identities = age_identities_new();

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_int_equal(age_identities_add(identities, wrong[i].text, "file:3"), -1);
		assert_fails(ERR_KEYS, wrong[i].says);
		assert_fails(ERR_KEYS, "file:3: ");
		assert_null(strstr(error_get()->message, "QDKSLAJDKLA"));
	}
	assert_int_equal(age_identities_count(identities), 0);
	age_identities_free(identities);
	age_identities_free(NULL);
}

static void
the_first_that_fits_is_found_among_many(void **state)
{
	struct age_sample one, other;
	struct age_identities *many = age_identities_new();
	struct buf file = BUF_EMPTY;
	struct input *input;

	(void)state;
	age_sample_init(&one);
	age_sample_init(&other);
	assert_int_equal(age_identities_add_passphrase(many, "not this"), 0);
	assert_int_equal(age_identities_add(many, one.secret, "here"), 0);
	age_sample_encrypt(other.recipients, NULL, (const unsigned char *)"x", 1, 1, &file);
	assert_null(age_sample_open(&file, many));
	assert_fails(
		ERR_KEYS, "x.age is encrypted to 1 recipient (X25519), and no identity at hand is for it");
	assert_int_equal(age_identities_add(many, other.secret, "here"), 0);
	input = age_sample_open(&file, many);
	assert_non_null(input);
	input_free(input);
	assert_int_equal(age_identities_count(many), 3);
	buf_clear(&file);
	age_identities_free(many);
	age_sample_clear(&one);
	age_sample_clear(&other);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_identity_opens_what_its_recipient_gets),
		cmocka_unit_test(other_kinds_are_refused_by_name_and_never_repeated),
		cmocka_unit_test(the_first_that_fits_is_found_among_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
