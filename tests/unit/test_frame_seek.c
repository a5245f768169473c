#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/frame/frame_codec.h"
#include "frame_sample.h"
#include "incant/error.h"
#include "incant/interrupt.h"

/* 12 full frames and a short one. */
static void
make(struct sample *sample)
{
	struct frame_write_options options = sample_options(FRAME_ZSTD, 100);
	char *text = sample_text(1234);

	assert_int_equal(sample_write(sample, &options, text, 1234, 1000), 0);
	free(text);
}

static int
recover(const void *bytes, size_t len, bool with_checks, struct frame_index *index)
{
	struct input *input = input_memory_new("cluster.sql.zst", bytes, len);
	int rc;

	frame_index_init(index);
	rc = frame_index_recover(input, with_checks, index);
	input_free(input);
	return rc;
}

static void
the_index_recovered_with_checks_is_the_one_that_was_written(void **state)
{
	struct sample sample;
	struct frame_index back;

	(void)state;
	make(&sample);
	assert_int_equal(recover(sample.file.bytes, sample.file.len, true, &back), 0);
	assert_int_equal(back.codec, FRAME_ZSTD);
	assert_int_equal(back.count, sample.index.count);
	assert_int_equal(back.plain_bytes, sample.index.plain_bytes);
	assert_int_equal(back.framed_bytes, sample.index.framed_bytes);
	assert_int_equal(back.tail_check, sample.index.tail_check);
	assert_memory_equal(back.entries, sample.index.entries, back.count * sizeof(*back.entries));
	frame_index_clear(&back);
	sample_clear(&sample);
}

static void
without_checks_only_the_seek_table_is_read(void **state)
{
	struct sample sample;
	struct frame_index back;
	struct input *input;

	(void)state;
	make(&sample);
	input = input_memory_new("cluster.sql.zst", sample.file.bytes, sample.file.len);
	frame_index_init(&back);
	assert_int_equal(frame_index_recover(input, false, &back), 0);
	assert_int_equal(input->read_bytes, frame_seek_bytes(back.count) + 9);
	for (size_t i = 0; i < back.count; i++) {
		assert_int_equal(back.entries[i].check, 0);
		assert_int_equal(back.entries[i].framed_off, sample.index.entries[i].framed_off);
		assert_int_equal(back.entries[i].plain_off, sample.index.entries[i].plain_off);
	}
	input_free(input);
	frame_index_clear(&back);
	sample_clear(&sample);
}

/* Where the table has its sizes; a flip there must not go unnoticed even without reading the frames. */
static bool
is_checksum_or_plain_bytes(size_t at_in_table, size_t frames)
{
	return at_in_table >= 8 && at_in_table < 8 + frames * 12 && (at_in_table - 8) % 12 >= 4;
}

static void
no_flip_in_the_table_is_taken_for_the_truth(void **state)
{
	struct sample sample;
	struct frame_index back;

	(void)state;
	make(&sample);
	size_t begin = sample.file.len - (size_t)frame_seek_bytes(sample.index.count);
	for (size_t at = begin; at < sample.file.len; at++) {
		for (unsigned bit = 0; bit < 8; bit++) {
			sample.file.bytes[at] ^= (char)(1 << bit);
			if (!is_checksum_or_plain_bytes(at - begin, sample.index.count)) {
				assert_int_equal(
					recover(sample.file.bytes, sample.file.len, false, &back), -1);
				assert_int_equal(error_get()->class, ERR_DAMAGED);
				assert_null(back.entries);
			} else if ((at - begin - 8) % 12 >= 8) {
				assert_int_equal(
					recover(sample.file.bytes, sample.file.len, true, &back), -1);
				assert_non_null(
					strstr(error_get()->message, "the checksum of the seek table"));
			}
			sample.file.bytes[at] ^= (char)(1 << bit);
		}
	}
	sample_clear(&sample);
}

static void
a_wrong_plain_size_is_found_when_the_frame_is_read(void **state)
{
	struct sample sample;
	struct frame_index back;
	char problem[256];

	(void)state;
	make(&sample);
	/* The second entry's plain size, 100, becomes 101. */
	sample.file.bytes[sample.file.len - (size_t)frame_seek_bytes(sample.index.count) + 8 + 12 + 4] ^= 1;
	assert_int_equal(recover(sample.file.bytes, sample.file.len, false, &back), 0);
	struct input *input = input_memory_new("cluster.sql.zst", sample.file.bytes, sample.file.len);
	struct stage *to = stage_null_new();
	assert_int_equal(frame_examine(input, &back, 0, to, problem, sizeof(problem)), 0);
	assert_int_equal(frame_examine(input, &back, 1, to, problem, sizeof(problem)), FRAME_BAD);
	stage_free(to);
	input_free(input);
	frame_index_clear(&back);
	sample_clear(&sample);
}

static void
a_file_cut_anywhere_cannot_be_recovered(void **state)
{
	struct sample sample;
	struct frame_index back;

	(void)state;
	make(&sample);
	for (size_t len = 0; len < sample.file.len; len++) {
		char *cut = mem_copy(sample.file.bytes, len);

		assert_int_equal(recover(cut, len, true, &back), -1);
		assert_int_equal(error_get()->class, ERR_DAMAGED);
		assert_non_null(strstr(error_get()->message, "cluster.sql.zst"));
		assert_null(back.entries);
		free(cut);
	}
	sample_clear(&sample);
}

static void
a_damaged_frame_is_found_when_checks_are_computed(void **state)
{
	struct sample sample;
	struct frame_index back;

	(void)state;
	make(&sample);
	sample.file.bytes[sample.index.entries[4].framed_off + sample.index.entries[4].framed_bytes - 1] ^= 1;
	assert_int_equal(recover(sample.file.bytes, sample.file.len, true, &back), -1);
	assert_non_null(strstr(error_get()->message, "does not have the checksum of the seek table"));
	assert_int_equal(recover(sample.file.bytes, sample.file.len, false, &back), 0);
	frame_index_clear(&back);
	sample_clear(&sample);
}

static void
more_frames_than_the_file_can_hold_are_refused_before_memory_is_taken(void **state)
{
	unsigned char footer[64] = { 0 };
	static const uint32_t counts[] = { 0, 4, 0x8000000, 0x8000001, UINT32_MAX };
	struct frame_index back;

	(void)state;
	footer[59] = 0x80;
	frame_put_u32(footer + 60, 0x8F92EAB1);
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		frame_put_u32(footer + 55, counts[i]);
		assert_int_equal(recover(footer, sizeof(footer), false, &back), -1);
		assert_non_null(strstr(error_get()->message, "cluster.sql.zst cannot hold the "));
	}
}

/* An input of any size that is nothing but zeros and a footer. */
struct vast_input {
	struct input base;
	unsigned char footer[9];
};

static int
vast_read(struct input *input, uint64_t off, void *bytes, size_t len)
{
	struct vast_input *self = (struct vast_input *)input;

	memset(bytes, 0, len);
	if (off == input->size_bytes - sizeof(self->footer))
		memcpy(bytes, self->footer, len);
	return 0;
}

static void
vast_free(struct input *input)
{
	(void)input;
}

static const struct input_ops vast_ops = { .read = vast_read, .free = vast_free };

static void
more_frames_than_the_format_allows_are_refused(void **state)
{
	struct vast_input input = { .footer = { 0x01, 0, 0, 0x08, 0x80, 0xb1, 0xea, 0x92, 0x8f } };
	struct frame_index back;

	(void)state;
	input_init(&input.base, &vast_ops, "cluster.sql.zst", (uint64_t)1 << 50);
	frame_index_init(&back);
	assert_int_equal(frame_index_recover(&input.base, false, &back), -1);
	assert_string_equal(
		error_get()->message, "cluster.sql.zst cannot hold the 134217729 frames of its seek table");
	assert_int_equal(input.base.read_bytes, 9);
	input_free(&input.base);
}

static void
computing_checks_stops_at_a_signal(void **state)
{
	struct sample sample;
	struct frame_index back;

	(void)state;
	make(&sample);
	interrupt_simulate(SIGTERM);
	assert_int_equal(recover(sample.file.bytes, sample.file.len, true, &back), -1);
	assert_int_equal(error_get()->class, ERR_INTERRUPTED);
	interrupt_simulate(0);
	sample_clear(&sample);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_index_recovered_with_checks_is_the_one_that_was_written),
		cmocka_unit_test(without_checks_only_the_seek_table_is_read),
		cmocka_unit_test(no_flip_in_the_table_is_taken_for_the_truth),
		cmocka_unit_test(a_wrong_plain_size_is_found_when_the_frame_is_read),
		cmocka_unit_test(a_file_cut_anywhere_cannot_be_recovered),
		cmocka_unit_test(a_damaged_frame_is_found_when_checks_are_computed),
		cmocka_unit_test(more_frames_than_the_file_can_hold_are_refused_before_memory_is_taken),
		cmocka_unit_test(more_frames_than_the_format_allows_are_refused),
		cmocka_unit_test(computing_checks_stops_at_a_signal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
