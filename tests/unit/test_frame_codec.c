#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "../../src/frame/frame_codec.h"
#include "frame_sample.h"

static void
is_read_as(const char *text, enum frame_codec codec, int level)
{
	enum frame_codec got_codec = codec == FRAME_ZSTD ? FRAME_GZIP : FRAME_ZSTD;
	int got_level = -1;

	assert_int_equal(frame_codec_parse(text, &got_codec, &got_level), 0);
	assert_int_equal(got_codec, codec);
	assert_int_equal(got_level, level);
}

static void
a_codec_is_named_with_or_without_a_level(void **state)
{
	(void)state;
	is_read_as("zstd", FRAME_ZSTD, 3);
	is_read_as("zstd:1", FRAME_ZSTD, 1);
	is_read_as("zstd:19", FRAME_ZSTD, 19);
	is_read_as("gzip", FRAME_GZIP, 6);
	is_read_as("gzip:1", FRAME_GZIP, 1);
	is_read_as("gzip:9", FRAME_GZIP, 9);
}

static void
what_names_no_codec_is_refused(void **state)
{
	static const char *const wrong[] = { "", "zst", "zstd:", "zstd:0", "zstd:20", "zstd:-1", "zstd:3x",
		"zstd 3", "zstdx", "gzip:0", "gzip:10", "gzip:4294967297", "xz", "ZSTD", ":3" };
	enum frame_codec codec;
	int level;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(frame_codec_parse(wrong[i], &codec, &level), -1);
}

static void
names_and_suffixes_are_those_of_the_tools(void **state)
{
	(void)state;
	assert_string_equal(frame_codec_name(FRAME_ZSTD), "zstd");
	assert_string_equal(frame_codec_suffix(FRAME_ZSTD), ".zst");
	assert_string_equal(frame_codec_name(FRAME_GZIP), "gzip");
	assert_string_equal(frame_codec_suffix(FRAME_GZIP), ".gz");
}

/* Compresses and decompresses through the codec's own functions. */
static void
survives(const struct frame_codec_ops *codec, int level, const char *bytes, size_t len)
{
	void *compressor = codec->compressor_new(level);
	void *decompressor = codec->decompressor_new();
	struct frame_block framed = { .bytes = mem_alloc(codec->bound(len)), .capacity = codec->bound(len) };
	struct frame_block plain = { .bytes = mem_alloc(len), .capacity = len };
	struct frame_fault fault;

	assert_int_equal(codec->compress(compressor, bytes, len, &framed), 0);
	assert_int_equal(codec->stated_bytes(framed.bytes, framed.len), len);
	assert_int_equal(codec->decompress(decompressor, framed.bytes, framed.len, &plain, &fault), 0);
	assert_int_equal(plain.len, len);
	assert_memory_equal(plain.bytes, bytes, len);
	free(framed.bytes);
	free(plain.bytes);
	codec->compressor_free(compressor);
	codec->decompressor_free(decompressor);
}

static void
every_level_and_length_survives(const struct frame_codec_ops *codec, const char *bytes)
{
	static const size_t lengths[] = { 0, 1, 2, 1000, 65535, 65536, 65537, 300000 };

	for (int level = codec->level_min; level <= codec->level_max; level++)
		for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++)
			survives(codec, level, bytes, lengths[i]);
}

static void
text_survives_every_codec_at_every_level(void **state)
{
	char *text = sample_text(300000);

	(void)state;
	every_level_and_length_survives(&frame_zstd, text);
	every_level_and_length_survives(&frame_gzip, text);
	free(text);
}

static void
noise_fits_into_the_bound_and_survives(void **state)
{
	char *noise = sample_noise(300000);

	(void)state;
	every_level_and_length_survives(&frame_zstd, noise);
	every_level_and_length_survives(&frame_gzip, noise);
	free(noise);
}

static void
a_frame_that_holds_more_than_there_is_room_for_is_bad(const struct frame_codec_ops *codec)
{
	void *compressor = codec->compressor_new(codec->level_default);
	void *decompressor = codec->decompressor_new();
	unsigned char framed_bytes[256], plain_bytes[16];
	struct frame_block framed = { .bytes = framed_bytes, .capacity = sizeof(framed_bytes) };
	struct frame_block plain = { .bytes = plain_bytes, .capacity = 9 };
	struct frame_fault fault;

	assert_int_equal(codec->compress(compressor, "0123456789", 10, &framed), 0);
	assert_int_equal(
		codec->decompress(decompressor, framed.bytes, framed.len, &plain, &fault), FRAME_BAD);
	assert_string_equal(fault.cause, "it holds more than was recorded");
	plain.capacity = 10;
	assert_int_equal(codec->decompress(decompressor, framed.bytes, framed.len, &plain, &fault), 0);
	codec->compressor_free(compressor);
	codec->decompressor_free(decompressor);
}

static void
a_decompressor_never_writes_past_its_room(void **state)
{
	(void)state;
	a_frame_that_holds_more_than_there_is_room_for_is_bad(&frame_zstd);
	a_frame_that_holds_more_than_there_is_room_for_is_bad(&frame_gzip);
}

static void
bytes_behind_a_frame_are_bad(const struct frame_codec_ops *codec)
{
	void *compressor = codec->compressor_new(codec->level_default);
	void *decompressor = codec->decompressor_new();
	unsigned char framed_bytes[256], plain_bytes[16];
	struct frame_block framed = { .bytes = framed_bytes, .capacity = sizeof(framed_bytes) };
	struct frame_block plain = { .bytes = plain_bytes, .capacity = 10 };
	struct frame_fault fault;

	assert_int_equal(codec->compress(compressor, "0123456789", 10, &framed), 0);
	for (size_t more = 1; more < 20; more++) {
		framed.bytes[framed.len + more - 1] = (unsigned char)more;
		assert_int_equal(
			codec->decompress(decompressor, framed.bytes, framed.len + more, &plain, &fault),
			FRAME_BAD);
		assert_int_equal(fault.at, framed.len);
	}
	codec->compressor_free(compressor);
	codec->decompressor_free(decompressor);
}

static void
a_frame_is_all_that_is_decoded(void **state)
{
	(void)state;
	bytes_behind_a_frame_are_bad(&frame_zstd);
	bytes_behind_a_frame_are_bad(&frame_gzip);
}

static void
the_header_of_gzip_has_neither_time_nor_system(void **state)
{
	static const unsigned char header[] = { 0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255 };
	void *compressor = frame_gzip.compressor_new(6);
	unsigned char bytes[256];
	struct frame_block framed = { .bytes = bytes, .capacity = sizeof(bytes) };

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(frame_gzip.compress(compressor, "abc", 3, &framed), 0);
		assert_memory_equal(framed.bytes, header, sizeof(header));
	}
	frame_gzip.compressor_free(compressor);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_codec_is_named_with_or_without_a_level),
		cmocka_unit_test(what_names_no_codec_is_refused),
		cmocka_unit_test(names_and_suffixes_are_those_of_the_tools),
		cmocka_unit_test(text_survives_every_codec_at_every_level),
		cmocka_unit_test(noise_fits_into_the_bound_and_survives),
		cmocka_unit_test(a_decompressor_never_writes_past_its_room),
		cmocka_unit_test(a_frame_is_all_that_is_decoded),
		cmocka_unit_test(the_header_of_gzip_has_neither_time_nor_system),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
