#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "frame_sample.h"
#include "incant/error.h"

static const enum frame_codec both[] = { FRAME_ZSTD, FRAME_GZIP };

enum { DOCUMENT = 3000 };

static void
a_document_of_any_size_survives(void **state)
{
	static const size_t lengths[] = { 0, 1, 1000, 1000000 };
	char *text = sample_text(1000000);

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		for (size_t j = 0; j < 4; j++) {
			struct buf packed = BUF_EMPTY, back = BUF_EMPTY;

			buf_append_text(&back, "before ");
			assert_int_equal(frame_pack(both[i], 6, text, lengths[j], &packed), 0);
			assert_int_equal(frame_unpack(both[i], packed.bytes, packed.len, lengths[j],
						 "contents.json", &back),
				0);
			assert_int_equal(back.len, 7 + lengths[j]);
			assert_memory_equal(back.bytes, "before ", 7);
			assert_memory_equal(back.bytes + 7, text, lengths[j]);
			buf_clear(&packed);
			buf_clear(&back);
		}
	}
	free(text);
}

static void
a_document_larger_than_the_limit_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct buf packed = BUF_EMPTY, back = BUF_EMPTY;

		assert_int_equal(frame_pack(both[i], 6, "0123456789", 10, &packed), 0);
		assert_int_equal(
			frame_unpack(both[i], packed.bytes, packed.len, 9, "contents.json", &back), -1);
		assert_int_equal(error_get()->class, ERR_DAMAGED);
		assert_string_equal(error_get()->message,
			"contents.json states that it holds 10 bytes, more than the 9 allowed");
		assert_int_equal(back.len, 0);
		buf_clear(&packed);
		buf_clear(&back);
	}
}

/* Whatever was done to it, the document comes out as it was or not at all. 1 when not. */
static unsigned
is_refused(enum frame_codec codec, const char *packed, size_t len, const char *text)
{
	struct buf back = BUF_EMPTY;
	int rc = frame_unpack(codec, packed, len, DOCUMENT, "contents.json", &back);

	if (rc == 0) {
		assert_int_equal(back.len, DOCUMENT);
		assert_memory_equal(back.bytes, text, DOCUMENT);
	} else {
		assert_int_equal(error_get()->class, ERR_DAMAGED);
		assert_memory_equal(error_get()->message, "contents.json ", 14);
		assert_int_equal(back.len, 0);
	}
	buf_clear(&back);
	return rc != 0;
}

static void
no_flip_gives_another_document(void **state)
{
	char *text = sample_text(DOCUMENT);

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct buf packed = BUF_EMPTY;
		unsigned refused = 0;

		assert_int_equal(frame_pack(both[i], 6, text, DOCUMENT, &packed), 0);
		for (size_t bit = 0; bit < 8 * packed.len; bit++) {
			packed.bytes[bit / 8] ^= (char)(1 << bit % 8);
			refused += is_refused(both[i], packed.bytes, packed.len, text);
			packed.bytes[bit / 8] ^= (char)(1 << bit % 8);
		}
		/* A gzip header has bytes without effect: time, system. */
		assert_true(refused >= 8 * packed.len - 8 * 7);
		buf_clear(&packed);
	}
	free(text);
}

static void
a_document_cut_anywhere_is_refused(void **state)
{
	char *text = sample_text(DOCUMENT);

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct buf packed = BUF_EMPTY;

		assert_int_equal(frame_pack(both[i], 6, text, DOCUMENT, &packed), 0);
		for (size_t len = 0; len < packed.len; len++) {
			char *cut = mem_copy(packed.bytes, len);

			assert_int_equal(is_refused(both[i], cut, len, text), 1);
			free(cut);
		}
		buf_append_char(&packed, '!');
		assert_int_equal(is_refused(both[i], packed.bytes, packed.len, text), 1);
		buf_clear(&packed);
	}
	free(text);
}

/* The text behind "byte " in the current error, as a number. */
static unsigned long
byte_of_error(void)
{
	const char *byte = strstr(error_get()->message, "at byte ");

	assert_non_null(byte);
	return strtoul(byte + strlen("at byte "), NULL, 10);
}

static void
the_error_says_about_where_decoding_stopped(void **state)
{
	char *noise = sample_noise(600000);

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct buf packed = BUF_EMPTY, back = BUF_EMPTY;
		size_t middle;

		assert_int_equal(frame_pack(both[i], 6, noise, 600000, &packed), 0);
		middle = packed.len / 2;
		/* Noise is stored as it is, in blocks: the head of one is what can be seen to be wrong. */
		memset(packed.bytes + middle, 0xff, 200000);
		assert_int_equal(
			frame_unpack(both[i], packed.bytes, packed.len, 600000, "contents.json", &back), -1);
		assert_true(byte_of_error() > middle - 140000);
		assert_true(byte_of_error() < middle + 200000);
		buf_clear(&packed);
		buf_clear(&back);
	}
	free(noise);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_document_of_any_size_survives),
		cmocka_unit_test(a_document_larger_than_the_limit_is_refused),
		cmocka_unit_test(no_flip_gives_another_document),
		cmocka_unit_test(a_document_cut_anywhere_is_refused),
		cmocka_unit_test(the_error_says_about_where_decoding_stopped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
