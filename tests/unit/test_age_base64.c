#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "age_sample.h"

static int
decode(const char *text, unsigned char *out, size_t *len)
{
	return age_base64_decode(text, strlen(text), out, len);
}

/* RFC 4648, section 10, without its padding. */
static void
bytes_and_digits_go_both_ways(void **state)
{
	static const char *const pairs[][2] = { { "", "" }, { "f", "Zg" }, { "fo", "Zm8" }, { "foo", "Zm9v" },
		{ "foob", "Zm9vYg" }, { "fooba", "Zm9vYmE" }, { "foobar", "Zm9vYmFy" } };

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		struct buf text = BUF_EMPTY;
		unsigned char out[16];
		size_t len = 99;

		age_base64_append(&text, pairs[i][0], strlen(pairs[i][0]));
		assert_string_equal(buf_text(&text), pairs[i][1]);
		assert_int_equal(decode(pairs[i][1], out, &len), 0);
		assert_int_equal(len, strlen(pairs[i][0]));
		assert_memory_equal(out, pairs[i][0], len);
		buf_clear(&text);
	}
}

static void
every_byte_has_its_digits(void **state)
{
	unsigned char bytes[256], out[256 + 2];
	struct buf text = BUF_EMPTY;
	size_t len = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (unsigned char)i;
	age_base64_append(&text, bytes, sizeof(bytes));
	assert_int_equal(decode(text.bytes, out, &len), 0);
	assert_int_equal(len, sizeof(bytes));
	assert_memory_equal(out, bytes, len);
	buf_clear(&text);
}

static void
what_no_encoder_writes_is_refused(void **state)
{
	static const char *const wrong[] = { "Z", "Zg==", "Zh", "Zm9", "Zm9vY", "Zm 9", "Zm9v\n", "Zm9-",
		"Zm9_" };
	unsigned char out[16];
	size_t len = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		if (decode(wrong[i], out, &len) != -1)
			fail_msg("'%s' was accepted", wrong[i]);
	assert_int_equal(age_base64_decode("Zm\0v", 4, out, &len), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_and_digits_go_both_ways),
		cmocka_unit_test(every_byte_has_its_digits),
		cmocka_unit_test(what_no_encoder_writes_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
