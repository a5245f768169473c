#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "age_sample.h"

/* Made by age-keygen; its key in hex would be a secret, its recipient is what counts. */
#define RECIPIENT "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj"

static void
keys_go_both_ways(void **state)
{
	unsigned char key[AGE_KEY_BYTES], again[AGE_KEY_BYTES];
	char text[AGE_KEY_TEXT];

	(void)state;
	for (unsigned i = 0; i < 256; i++) {
		memset(key, (int)i, sizeof(key));
		key[i % 32] = (unsigned char)(i * 31);
		age_bech32_encode("AGE-SECRET-KEY-", key, text);
		assert_int_equal(strlen(text), 15 + 1 + 58);
		assert_int_equal(age_bech32_decode("AGE-SECRET-KEY-", text, again), 0);
		assert_memory_equal(key, again, sizeof(key));
	}
}

static void
a_recipient_of_the_specification_is_read_and_written_again(void **state)
{
	unsigned char key[AGE_KEY_BYTES];
	char text[AGE_KEY_TEXT];

	(void)state;
	assert_int_equal(age_bech32_decode("age", RECIPIENT, key), 0);
	age_bech32_encode("age", key, text);
	assert_string_equal(text, RECIPIENT);
}

static void
any_character_that_is_changed_or_left_out_is_found(void **state)
{
	unsigned char key[AGE_KEY_BYTES];
	char text[sizeof(RECIPIENT) + 1];

	(void)state;
	for (size_t i = 0; i < sizeof(RECIPIENT) - 1; i++) {
		memcpy(text, RECIPIENT, sizeof(RECIPIENT));
		text[i] = text[i] == 'q' ? 'p' : 'q';
		assert_int_equal(age_bech32_decode("age", text, key), -1);
		memcpy(text, RECIPIENT, i);
		memcpy(text + i, &RECIPIENT[i + 1], sizeof(RECIPIENT) - i - 1);
		assert_int_equal(age_bech32_decode("age", text, key), -1);
		memcpy(text + i + 1, &RECIPIENT[i], sizeof(RECIPIENT) - i);
		assert_int_equal(age_bech32_decode("age", text, key), -1);
	}
}

static void
case_and_prefix_count(void **state)
{
	unsigned char key[AGE_KEY_BYTES];
	char text[] = RECIPIENT;

	(void)state;
	text[10] = (char)(text[10] - 32);
	assert_int_equal(age_bech32_decode("age", text, key), -1);
	assert_int_equal(age_bech32_decode("AGE", RECIPIENT, key), -1);
	assert_int_equal(age_bech32_decode("ag", RECIPIENT, key), -1);
	assert_int_equal(age_bech32_decode("age", "", key), -1);
	assert_int_equal(age_bech32_decode("age", "age1", key), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_go_both_ways),
		cmocka_unit_test(a_recipient_of_the_specification_is_read_and_written_again),
		cmocka_unit_test(any_character_that_is_changed_or_left_out_is_found),
		cmocka_unit_test(case_and_prefix_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
