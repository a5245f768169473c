#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "age_sample.h"

#define LINE "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n"

static int
decode(const char *text, struct buf *out)
{
	buf_reset(out);
	error_clear();
	return age_armor_decode(text, strlen(text), "x.age", out);
}

static void
armored_bytes_come_back(void **state)
{
	static const struct {
		const char *text;
		size_t len;
	} good[] = {
		{ AGE_ARMOR_BEGIN "\n" AGE_ARMOR_END, 0 },
		{ AGE_ARMOR_BEGIN "\nAA==\n" AGE_ARMOR_END "\n", 1 },
		{ AGE_ARMOR_BEGIN "\nAAA=\n" AGE_ARMOR_END "\n", 2 },
		{ AGE_ARMOR_BEGIN "\r\n" LINE "AAAA\r\n" AGE_ARMOR_END "\r\n", 51 },
		{ "\n \t" AGE_ARMOR_BEGIN "\n" LINE LINE AGE_ARMOR_END "\n\n ", 96 },
	};
	struct buf out = BUF_EMPTY;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_true(age_armor_is(good[i].text, strlen(good[i].text)));
		assert_int_equal(decode(good[i].text, &out), 0);
		assert_int_equal(out.len, good[i].len);
	}
	buf_clear(&out);
}

static void
armor_of_another_form_is_refused(void **state)
{
	static const struct {
		const char *text, *says;
	} wrong[] = {
		{ "", "does not begin with" },
		{ "-----BEGIN SOMETHING-----\n", "does not begin with" },
		{ "AA\n" AGE_ARMOR_BEGIN "\n" AGE_ARMOR_END "\n", "does not begin with" },
		{ AGE_ARMOR_BEGIN "\nAAAA\n", "does not end with" },
		{ AGE_ARMOR_BEGIN "\nAAAA\n" AGE_ARMOR_END "\nmore\n", "something follows its end" },
		{ AGE_ARMOR_BEGIN "\nAAAA\n" LINE AGE_ARMOR_END "\n", "a line before the last is short" },
		{ AGE_ARMOR_BEGIN "\nAA==\nAAAA\n" AGE_ARMOR_END "\n", "a line before the last is short" },
		{ AGE_ARMOR_BEGIN "\n\nAAAA\n" AGE_ARMOR_END "\n", "64 columns" },
		{ AGE_ARMOR_BEGIN "\nAAA\n" AGE_ARMOR_END "\n", "64 columns" },
		{ AGE_ARMOR_BEGIN "\nAAAA" LINE AGE_ARMOR_END "\n", "64 columns" },
		{ AGE_ARMOR_BEGIN "\nA===\n" AGE_ARMOR_END "\n", "not base64" },
		{ AGE_ARMOR_BEGIN "\nAB==\n" AGE_ARMOR_END "\n", "not base64" },
		{ AGE_ARMOR_BEGIN "\nAA A\n" AGE_ARMOR_END "\n", "not base64" },
	};
	struct buf out = BUF_EMPTY;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		if (decode(wrong[i].text, &out) != -1)
			fail_msg("accepted: %s", wrong[i].text);
		assert_fails(ERR_DAMAGED, wrong[i].says);
		assert_fails(ERR_DAMAGED, "x.age: the armor is damaged: ");
	}
	buf_clear(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(armored_bytes_come_back),
		cmocka_unit_test(armor_of_another_form_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
