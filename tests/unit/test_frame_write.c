#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>

#include "../../src/frame/frame_codec.h"
#include "frame_sample.h"
#include "incant/digest.h"
#include "incant/error.h"
#include "incant/process.h"

static const enum frame_codec both[] = { FRAME_ZSTD, FRAME_GZIP };

/* Frames follow one another without gap, and their sums are the index's. */
static void
index_tiles(const struct sample *sample, size_t plain_bytes, uint32_t frame_bytes)
{
	const struct frame_index *index = &sample->index;
	uint64_t plain_off = 0, framed_off = 0;

	for (size_t i = 0; i < index->count; i++) {
		const struct frame_entry *entry = &index->entries[i];

		assert_int_equal(entry->plain_off, plain_off);
		assert_int_equal(entry->framed_off, framed_off);
		if (i + 1 < index->count)
			assert_int_equal(entry->plain_bytes, frame_bytes);
		assert_int_equal(
			entry->check, digest_xxh64(sample->file.bytes + framed_off, entry->framed_bytes));
		plain_off += entry->plain_bytes;
		framed_off += entry->framed_bytes;
	}
	assert_int_equal(plain_off, plain_bytes);
	assert_int_equal(index->plain_bytes, plain_bytes);
	assert_int_equal(index->framed_bytes, sample->file.len);
	assert_int_equal(
		index->framed_bytes, framed_off + frame_codec_tail_bytes(index->codec, index->count));
	assert_int_equal(index->tail_check,
		digest_xxh64(sample->file.bytes + framed_off, (size_t)(sample->file.len - framed_off)));
}

/* What all frames hold, one after the other, is the text. */
static void
decodes_to(const struct sample *sample, const char *bytes, size_t len)
{
	struct input *input = input_memory_new("sample", sample->file.bytes, sample->file.len);
	struct buf plain = BUF_EMPTY;
	struct stage *to = stage_buf_new(&plain);

	assert_int_equal(frame_read(input, &sample->index, 0, len, to), 0);
	assert_int_equal(plain.len, len);
	if (len > 0)
		assert_memory_equal(plain.bytes, bytes, len);
	stage_free(to);
	buf_clear(&plain);
	input_free(input);
}

static void
a_stream_becomes(enum frame_codec codec, const char *bytes, size_t len, uint32_t frame_bytes, size_t frames)
{
	struct frame_write_options options = sample_options(codec, frame_bytes);
	struct sample sample;

	assert_int_equal(sample_write(&sample, &options, bytes, len, 1000), 0);
	assert_int_equal(sample.index.count, frames);
	assert_int_equal(sample.index.codec, codec);
	index_tiles(&sample, len, frame_bytes);
	decodes_to(&sample, bytes, len);
	sample_clear(&sample);
}

static void
frames_are_cut_at_their_size(void **state)
{
	char *text = sample_text(5000);

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		a_stream_becomes(both[i], text, 0, 1000, 1);
		a_stream_becomes(both[i], text, 1, 1000, 1);
		a_stream_becomes(both[i], text, 999, 1000, 1);
		a_stream_becomes(both[i], text, 1000, 1000, 1);
		a_stream_becomes(both[i], text, 1001, 1000, 2);
		a_stream_becomes(both[i], text, 2000, 1000, 2);
		a_stream_becomes(both[i], text, 5000, 1000, 5);
		a_stream_becomes(both[i], text, 300, 1, 300);
	}
	free(text);
}

static void
bytes_that_cannot_be_compressed_still_fit(void **state)
{
	char *noise = sample_noise(300000);

	(void)state;
	for (size_t i = 0; i < 2; i++)
		a_stream_becomes(both[i], noise, 300000, 65536, 5);
	free(noise);
}

static void
same_file(const struct sample *a, const struct sample *b)
{
	assert_int_equal(a->file.len, b->file.len);
	assert_memory_equal(a->file.bytes, b->file.bytes, a->file.len);
	assert_int_equal(a->index.count, b->index.count);
	assert_memory_equal(a->index.entries, b->index.entries, a->index.count * sizeof(*a->index.entries));
}

static void
the_file_does_not_depend_on_how_the_stream_was_cut(void **state)
{
	char *text = sample_text(500);

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct frame_write_options options = sample_options(both[i], 64);
		struct sample whole, pieces;

		assert_int_equal(sample_write(&whole, &options, text, 500, 500), 0);
		for (size_t piece = 1; piece < 500; piece += piece < 130 ? 1 : 37) {
			assert_int_equal(sample_write(&pieces, &options, text, 500, piece), 0);
			same_file(&whole, &pieces);
			sample_clear(&pieces);
		}
		sample_clear(&whole);
	}
	free(text);
}

static void
same_for_any_number_of_workers(struct frame_write_options options, const char *bytes, size_t len)
{
	static const unsigned workers[] = { 1, 2, 16 };
	struct sample first, other;

	assert_int_equal(sample_write(&first, &options, bytes, len, 10000), 0);
	for (size_t i = 0; i < 3; i++) {
		options.workers = workers[i];
		assert_int_equal(sample_write(&other, &options, bytes, len, 777), 0);
		same_file(&first, &other);
		sample_clear(&other);
	}
	sample_clear(&first);
}

static void
the_file_is_the_same_for_1_2_and_16_workers(void **state)
{
	char *text = sample_text(900000);

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct frame_write_options options = sample_options(both[i], 20000);

		for (options.level = 1; options.level <= 9; options.level += 2)
			same_for_any_number_of_workers(options, text, 900000);
	}
	free(text);
}

/* A frame made after many others is the frame that its bytes alone give. */
static void
a_frame_depends_on_nothing_but_its_bytes_and_the_level(void **state)
{
	char *text = sample_text(400000);

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct frame_write_options options = sample_options(both[i], 30000);

		for (options.level = 1; options.level <= (i == 0 ? 19 : 9); options.level++) {
			struct sample sample;

			assert_int_equal(sample_write(&sample, &options, text, 400000, 400000), 0);
			for (size_t frame = 0; frame < sample.index.count; frame++) {
				const struct frame_entry *entry = &sample.index.entries[frame];
				struct buf alone = BUF_EMPTY;

				assert_int_equal(frame_pack(both[i], options.level, text + entry->plain_off,
							 entry->plain_bytes, &alone),
					0);
				assert_int_equal(alone.len, entry->framed_bytes);
				assert_memory_equal(
					alone.bytes, sample.file.bytes + entry->framed_off, alone.len);
				buf_clear(&alone);
			}
			sample_clear(&sample);
		}
	}
	free(text);
}

static void
the_seek_table_is_that_of_the_format(void **state)
{
	struct frame_write_options options = sample_options(FRAME_ZSTD, 1000);
	char *text = sample_text(2500);
	struct sample sample;
	const unsigned char *table;

	(void)state;
	assert_int_equal(sample_write(&sample, &options, text, 2500, 2500), 0);
	table = (const unsigned char *)sample.file.bytes + sample.file.len - (8 + 3 * 12 + 9);
	assert_int_equal(frame_get_u32(table), 0x184D2A5E);
	assert_int_equal(frame_get_u32(table + 4), 3 * 12 + 9);
	for (size_t i = 0; i < 3; i++) {
		const struct frame_entry *entry = &sample.index.entries[i];
		XXH64_hash_t hash = XXH64(text + entry->plain_off, entry->plain_bytes, 0);

		assert_int_equal(frame_get_u32(table + 8 + i * 12), entry->framed_bytes);
		assert_int_equal(frame_get_u32(table + 12 + i * 12), entry->plain_bytes);
		assert_int_equal(frame_get_u32(table + 16 + i * 12), (uint32_t)hash);
	}
	assert_int_equal(frame_get_u32(table + 44), 3);
	assert_int_equal(table[48], 0x80);
	assert_int_equal(frame_get_u32(table + 49), 0x8F92EAB1);
	sample_clear(&sample);
	free(text);
}

/* Runs a tool on the sample as a file: it must succeed, and write just these bytes. */
static void
tool_reads(const struct sample *sample, const char *const *tool, const char *bytes, size_t len)
{
	char path[] = "/tmp/frame-write-XXXXXX";
	int fd = mkstemp(path);
	const char *argv[] = { tool[0], tool[1], path, NULL };
	struct process_request request = { .argv = argv };
	struct process *process;
	struct buf out = BUF_EMPTY;
	char piece[65536];
	ssize_t got;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, sample->file.bytes, sample->file.len), sample->file.len);
	assert_int_equal(close(fd), 0);
	process = process_start(&request);
	assert_non_null(process);
	for (got = process_read(process, piece, sizeof(piece)); got > 0;
		got = process_read(process, piece, sizeof(piece)))
		buf_append(&out, piece, (size_t)got);
	assert_int_equal(got, 0);
	assert_int_equal(process_wait(process), 0);
	process_free(process);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(out.len, len);
	if (len > 0)
		assert_memory_equal(out.bytes, bytes, len);
	buf_clear(&out);
}

static void
tools_read(enum frame_codec codec, const char *const *decode, const char *const *test)
{
	static const size_t lengths[] = { 0, 1, 65536, 65537, 500000 };
	struct frame_write_options options = sample_options(codec, 65536);
	char *text = sample_text(500000);

	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		struct sample sample;

		assert_int_equal(sample_write(&sample, &options, text, lengths[i], 4096), 0);
		tool_reads(&sample, decode, text, lengths[i]);
		tool_reads(&sample, test, NULL, 0);
		sample_clear(&sample);
	}
	free(text);
}

static void
zstd_reads_the_file(void **state)
{
	static const char *const decode[] = { "zstd", "-qdc" };
	static const char *const test[] = { "zstd", "-qt" };

	(void)state;
	tools_read(FRAME_ZSTD, decode, test);
}

static void
gzip_reads_the_file(void **state)
{
	static const char *const decode[] = { "gzip", "-dc" };
	static const char *const test[] = { "gzip", "-t" };

	(void)state;
	tools_read(FRAME_GZIP, decode, test);
}

/*
 * A compressor that goes wrong at the frame that begins with '!': one flips a bit of what it made, one
 * compresses other bytes than it was given, one leaves some out. All but the first make a frame that is sound
 * in itself.
 */
static int
compress_with_a_flip(void *compressor, const void *plain, size_t plain_bytes, struct frame_block *framed)
{
	const char *text = plain;
	int rc = frame_zstd.compress(compressor, plain, plain_bytes, framed);

	if (text[0] == '!')
		framed->bytes[framed->len / 2] ^= 0x10;
	return rc;
}

static int
compress_other_bytes(void *compressor, const void *plain, size_t plain_bytes, struct frame_block *framed)
{
	char *copy = mem_copy(plain, plain_bytes);
	int rc;

	if (copy[0] == '!')
		copy[plain_bytes - 1] ^= 1;
	rc = frame_zstd.compress(compressor, copy, plain_bytes, framed);
	free(copy);
	return rc;
}

static int
compress_too_few(void *compressor, const void *plain, size_t plain_bytes, struct frame_block *framed)
{
	const char *text = plain;

	return frame_zstd.compress(compressor, plain, plain_bytes - (text[0] == '!'), framed);
}

static int
compress_not_at_all(void *compressor, const void *plain, size_t plain_bytes, struct frame_block *framed)
{
	const char *text = plain;

	if (text[0] == '!')
		return error_set(ERR_INTERNAL, "the compressor is on strike");
	return frame_zstd.compress(compressor, plain, plain_bytes, framed);
}

/* Ten frames of 100 bytes of which the seventh fails. Returns finish's result; file is what was passed on. */
static int
write_ten_frames(int (*compress)(void *, const void *, size_t, struct frame_block *), bool verify,
	unsigned workers, struct sample *sample)
{
	struct frame_codec_ops codec = frame_zstd;
	struct frame_write_options options = sample_options(FRAME_ZSTD, 100);
	char *text = sample_text(1000);
	struct stage *head;
	int rc = 0;

	text[600] = '!';
	/* A byte that is left out must not be found where an earlier frame of the same job ended. */
	text[199] = text[499] = text[699];
	codec.compress = compress;
	options.verify = verify;
	options.workers = workers;
	buf_init(&sample->file);
	frame_index_init(&sample->index);
	head = frame_write_with(stage_buf_new(&sample->file), &options, &sample->index, &codec);
	for (size_t at = 0; rc == 0 && at < 1000; at += 50)
		rc = stage_write(head, text + at, 50);
	if (rc == 0)
		rc = stage_finish(head);
	stage_free(head);
	free(text);
	return rc;
}

/* Only what came before the bad frame has been passed on. */
static void
is_found(int (*compress)(void *, const void *, size_t, struct frame_block *), unsigned workers,
	const char *message)
{
	struct sample sample;

	assert_int_equal(write_ten_frames(compress, true, workers, &sample), -1);
	assert_int_equal(error_get()->class, ERR_INTERNAL);
	assert_string_equal(error_get()->message, message);
	assert_int_equal(sample.index.count, 6);
	assert_int_equal(
		sample.file.len, sample.index.entries[5].framed_off + sample.index.entries[5].framed_bytes);
	sample_clear(&sample);
}

static void
a_frame_that_did_not_survive_compression_is_never_passed_on(void **state)
{
	static const char message[] = "frame 6 at byte 600 did not survive compression; the memory or the "
				      "processor of this machine may be faulty";

	(void)state;
	for (unsigned workers = 1; workers <= 16; workers *= 4) {
		is_found(compress_with_a_flip, workers, message);
		is_found(compress_other_bytes, workers, message);
		is_found(compress_too_few, workers, message);
	}
}

static void
without_verify_such_a_frame_goes_unnoticed(void **state)
{
	struct sample sample;

	(void)state;
	assert_int_equal(write_ten_frames(compress_with_a_flip, false, 2, &sample), 0);
	assert_int_equal(sample.index.count, 10);
	sample_clear(&sample);
}

static void
an_error_of_the_compressor_comes_back_from_the_worker(void **state)
{
	(void)state;
	is_found(compress_not_at_all, 1, "the compressor is on strike");
	is_found(compress_not_at_all, 4, "the compressor is on strike");
}

static void *
compressor_that_cannot_be_had(int level)
{
	error_set(ERR_INTERNAL, "no compressor for level %d", level);
	return NULL;
}

static void
a_stage_that_cannot_be_set_up_frees_its_next_and_says_why(void **state)
{
	struct frame_codec_ops codec = frame_zstd;
	struct frame_write_options options = sample_options(FRAME_ZSTD, 100);
	struct frame_index index;

	(void)state;
	frame_index_init(&index);
	codec.compressor_new = compressor_that_cannot_be_had;
	assert_null(frame_write_with(stage_null_new(), &options, &index, &codec));
	assert_string_equal(error_get()->message, "no compressor for level 3");
	assert_null(frame_write_new(NULL, &options, &index));
}

/* The end of a chain that takes so many writes and no more. */
struct narrow {
	struct stage base;
	unsigned writes_left;
};

static int
narrow_write(struct stage *stage, const void *bytes, size_t len)
{
	struct narrow *narrow = (struct narrow *)stage;

	(void)bytes;
	(void)len;
	if (narrow->writes_left-- == 0)
		return error_set(ERR_STORE, "the disk is full");
	return 0;
}

static void
narrow_free(struct stage *stage)
{
	free(stage);
}

static const struct stage_ops narrow_ops = { .name = "narrow", .write = narrow_write, .free = narrow_free };

static void
an_error_of_the_next_stage_ends_the_stream_wherever_it_comes(void **state)
{
	struct frame_write_options options = sample_options(FRAME_ZSTD, 10);
	char *text = sample_text(100);

	(void)state;
	/* Ten frames and the seek table: eleven writes. */
	for (unsigned writes = 0; writes <= 11; writes++) {
		struct narrow *narrow = mem_zero(sizeof(*narrow));
		struct frame_index index;
		struct stage *head;
		int rc;

		stage_init(&narrow->base, &narrow_ops, NULL);
		narrow->writes_left = writes;
		frame_index_init(&index);
		head = frame_write_new(&narrow->base, &options, &index);
		rc = stage_write(head, text, 100);
		if (rc == 0)
			rc = stage_finish(head);
		assert_int_equal(rc, writes < 11 ? -1 : 0);
		if (rc != 0)
			assert_string_equal(error_get()->message, "the disk is full");
		stage_free(head);
		frame_index_clear(&index);
	}
	free(text);
}

static void
a_stream_given_up_in_the_middle_leaves_nothing_behind(void **state)
{
	struct frame_write_options options = sample_options(FRAME_ZSTD, 100);
	char *text = sample_text(1050);
	struct frame_index index;
	struct stage *head;

	(void)state;
	options.workers = 4;
	frame_index_init(&index);
	head = frame_write_new(stage_null_new(), &options, &index);
	assert_int_equal(stage_write(head, text, 1050), 0);
	assert_int_equal(head->next->state, STAGE_OPEN);
	stage_free(head);
	frame_index_clear(&index);
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_are_cut_at_their_size),
		cmocka_unit_test(bytes_that_cannot_be_compressed_still_fit),
		cmocka_unit_test(the_file_does_not_depend_on_how_the_stream_was_cut),
		cmocka_unit_test(the_file_is_the_same_for_1_2_and_16_workers),
		cmocka_unit_test(a_frame_depends_on_nothing_but_its_bytes_and_the_level),
		cmocka_unit_test(the_seek_table_is_that_of_the_format),
		cmocka_unit_test(zstd_reads_the_file),
		cmocka_unit_test(gzip_reads_the_file),
		cmocka_unit_test(a_frame_that_did_not_survive_compression_is_never_passed_on),
		cmocka_unit_test(without_verify_such_a_frame_goes_unnoticed),
		cmocka_unit_test(an_error_of_the_compressor_comes_back_from_the_worker),
		cmocka_unit_test(a_stage_that_cannot_be_set_up_frees_its_next_and_says_why),
		cmocka_unit_test(an_error_of_the_next_stage_ends_the_stream_wherever_it_comes),
		cmocka_unit_test(a_stream_given_up_in_the_middle_leaves_nothing_behind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
