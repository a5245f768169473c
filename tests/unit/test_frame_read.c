#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/frame/frame_codec.h"
#include "frame_sample.h"
#include "incant/digest.h"
#include "incant/error.h"
#include "incant/interrupt.h"

static const enum frame_codec both[] = { FRAME_ZSTD, FRAME_GZIP };

/* Five frames of 16 bytes and one of 7. */
enum { FRAME = 16, PLAIN = 87, FRAMES = 6 };

static char *
small(enum frame_codec codec, struct sample *sample)
{
	struct frame_write_options options = sample_options(codec, FRAME);
	char *text = sample_text(PLAIN);

	assert_int_equal(sample_write(sample, &options, text, PLAIN, PLAIN), 0);
	assert_int_equal(sample->index.count, FRAMES);
	return text;
}

/* Framed bytes of the frames that hold [off, off + len). */
static uint64_t
framed_bytes_of(const struct frame_index *index, uint64_t off, uint64_t len)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < index->count; i++) {
		const struct frame_entry *entry = &index->entries[i];

		if (entry->plain_off < off + len && entry->plain_off + entry->plain_bytes > off && len > 0)
			sum += entry->framed_bytes;
	}
	return sum;
}

static void
range_is_read(const struct sample *sample, const char *text, uint64_t off, uint64_t len)
{
	struct input *input = input_memory_new("sample", sample->file.bytes, sample->file.len);
	struct buf plain = BUF_EMPTY;
	struct stage *to = stage_buf_new(&plain);

	assert_int_equal(frame_read(input, &sample->index, off, len, to), 0);
	assert_int_equal(plain.len, len);
	if (len > 0)
		assert_memory_equal(plain.bytes, text + off, len);
	assert_int_equal(input->read_bytes, framed_bytes_of(&sample->index, off, len));
	stage_free(to);
	buf_clear(&plain);
	input_free(input);
}

static void
every_range_is_read_from_its_frames_only(void **state)
{
	/* Threads are started for each read: bounds of frames and their neighbours, not all 3828 ranges. */
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct sample sample;
		char *text = small(both[i], &sample);

		for (uint64_t off = 0; off <= PLAIN; off++)
			for (uint64_t end = off; end <= PLAIN; end++)
				if ((off + 1) % FRAME <= 2 && (end + 1) % FRAME <= 2)
					range_is_read(&sample, text, off, end - off);
		range_is_read(&sample, text, 5, 3);
		range_is_read(&sample, text, PLAIN - 1, 1);
		range_is_read(&sample, text, 0, PLAIN);
		sample_clear(&sample);
		free(text);
	}
}

static void
a_long_read_comes_out_in_order(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct frame_write_options options = sample_options(both[i], 3000);
		char *text = sample_text(1000000);
		struct sample sample;

		assert_int_equal(sample_write(&sample, &options, text, 1000000, 1000000), 0);
		range_is_read(&sample, text, 0, 1000000);
		range_is_read(&sample, text, 2999, 900001);
		sample_clear(&sample);
		free(text);
	}
}

static void
large_frames_are_read_as_well(void **state)
{
	struct frame_write_options options = sample_options(FRAME_ZSTD, 17u << 20);
	size_t len = ((size_t)17 << 20) + 100;
	char *text = sample_text(len);
	struct sample sample;

	(void)state;
	assert_int_equal(sample_write(&sample, &options, text, len, len), 0);
	assert_int_equal(sample.index.count, 2);
	range_is_read(&sample, text, 10, len - 20);
	sample_clear(&sample);
	free(text);
}

static void
a_range_past_the_end_is_damage(void **state)
{
	struct sample sample;
	char *text = small(FRAME_ZSTD, &sample);
	struct input *input = input_memory_new("cluster.sql.zst", sample.file.bytes, sample.file.len);
	struct stage *to = stage_null_new();

	(void)state;
	assert_int_equal(frame_read(input, &sample.index, PLAIN, 1, to), -1);
	assert_int_equal(error_get()->class, ERR_DAMAGED);
	assert_string_equal(
		error_get()->message, "cluster.sql.zst holds 87 plain bytes, but 1 from 87 on are wanted");
	assert_int_equal(frame_read(input, &sample.index, 1, UINT64_MAX, to), -1);
	assert_int_equal(frame_read(input, &sample.index, PLAIN + 1, 0, to), -1);
	assert_int_equal(to->in_bytes, 0);
	stage_free(to);
	input_free(input);
	sample_clear(&sample);
	free(text);
}

/* Which frame holds the framed byte; FRAMES when it is behind the last. */
static size_t
frame_at(const struct frame_index *index, uint64_t framed_off)
{
	size_t i = 0;

	while (i < index->count &&
		index->entries[i].framed_off + index->entries[i].framed_bytes <= framed_off)
		i++;
	return i;
}

/* Reads it all; the error must name the file and the frame, and all before the frame must have come out. */
static void
reading_stops_at(
	const char *file, size_t file_bytes, const struct frame_index *index, size_t frame, const char *text)
{
	struct input *input = input_memory_new("cluster.sql.zst", file, file_bytes);
	struct buf plain = BUF_EMPTY;
	struct stage *to = stage_buf_new(&plain);
	char begin[128];

	snprintf(begin, sizeof(begin), "cluster.sql.zst: the frame at byte %" PRIu64 " is damaged: ",
		index->entries[frame].framed_off);
	assert_int_equal(frame_read(input, index, 0, PLAIN, to), -1);
	assert_int_equal(error_get()->class, ERR_DAMAGED);
	assert_memory_equal(error_get()->message, begin, strlen(begin));
	assert_int_equal(plain.len, index->entries[frame].plain_off);
	if (plain.len > 0)
		assert_memory_equal(plain.bytes, text, plain.len);
	stage_free(to);
	buf_clear(&plain);
	input_free(input);
}

/* Examines all: that frame and no other is bad, or none. */
static void
only_is_bad(const char *file, size_t file_bytes, const struct frame_index *index, size_t bad)
{
	struct input *input = input_memory_new("sample", file, file_bytes);
	char problem[256];

	for (size_t i = 0; i < index->count; i++) {
		struct stage *to = stage_null_new();
		int rc = frame_examine(input, index, i, to, problem, sizeof(problem));

		assert_int_equal(rc, i == bad ? FRAME_BAD : 0);
		assert_int_equal(to->in_bytes, i == bad ? 0 : index->entries[i].plain_bytes);
		if (rc == FRAME_BAD)
			assert_string_equal(problem, "its bytes do not match their check");
		stage_free(to);
	}
	input_free(input);
}

static void
tail_is(const char *file, size_t file_bytes, const struct frame_index *index, int expected,
	uint64_t expected_off)
{
	struct input *input = input_memory_new("sample", file, file_bytes);
	uint64_t bad_off = UINT64_MAX;
	char problem[256] = "";

	assert_int_equal(frame_examine_tail(input, index, &bad_off, problem, sizeof(problem)), expected);
	if (expected == FRAME_BAD) {
		assert_int_equal(bad_off, expected_off);
		assert_int_not_equal(strlen(problem), 0);
	}
	input_free(input);
}

static void
a_flip_of_any_byte_is_found_where_it_is(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct sample sample;
		char *text = small(both[i], &sample);

		only_is_bad(sample.file.bytes, sample.file.len, &sample.index, FRAMES);
		tail_is(sample.file.bytes, sample.file.len, &sample.index, 0, 0);
		for (size_t at = 0; at < sample.file.len; at++) {
			size_t frame = frame_at(&sample.index, at);

			sample.file.bytes[at] ^= (char)(1 << at % 8);
			only_is_bad(sample.file.bytes, sample.file.len, &sample.index, frame);
			if (frame < FRAMES)
				reading_stops_at(
					sample.file.bytes, sample.file.len, &sample.index, frame, text);
			else
				tail_is(sample.file.bytes, sample.file.len, &sample.index, FRAME_BAD, at);
			sample.file.bytes[at] ^= (char)(1 << at % 8);
		}
		sample_clear(&sample);
		free(text);
	}
}

static void
ends_too_early(const char *file, size_t file_bytes, const struct frame_index *index, size_t frame)
{
	struct input *input = input_memory_new("sample", file, file_bytes);
	struct stage *to = stage_null_new();
	char problem[256], expected[64];

	snprintf(expected, sizeof(expected), "the file ends at byte %zu", file_bytes);
	assert_int_equal(frame_examine(input, index, frame, to, problem, sizeof(problem)), FRAME_BAD);
	assert_string_equal(problem, expected);
	stage_free(to);
	input_free(input);
}

static void
a_file_cut_at_any_byte_is_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct sample sample;
		char *text = small(both[i], &sample);

		for (size_t len = 0; len < sample.file.len; len++) {
			/* Memory of just that size, so that a read behind it is noticed. */
			char *cut = mem_copy(sample.file.bytes, len);
			size_t frame = frame_at(&sample.index, len);

			tail_is(cut, len, &sample.index, FRAME_BAD, len);
			if (frame < FRAMES) {
				reading_stops_at(cut, len, &sample.index, frame, text);
				ends_too_early(cut, len, &sample.index, frame);
			}
			free(cut);
		}
		sample_clear(&sample);
		free(text);
	}
}

static void
bytes_behind_the_end_are_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct sample sample;
		char *text = small(both[i], &sample);

		buf_append_text(&sample.file, "!!!");
		tail_is(sample.file.bytes, sample.file.len, &sample.index, FRAME_BAD, sample.file.len - 3);
		sample_clear(&sample);
		free(text);
	}
}

/* Without a check, as after recovery, the frame's own checksum must do: no flip gives other bytes. */
static void
without_checks_a_flip_never_gives_wrong_bytes(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct sample sample;
		char *text = small(both[i], &sample);
		const struct frame_entry *entry = &sample.index.entries[1];
		unsigned found = 0;

		sample.index.entries[1].check = 0;
		for (size_t bit = 0; bit < 8 * (size_t)entry->framed_bytes; bit++) {
			struct input *input = input_memory_new("sample", sample.file.bytes, sample.file.len);
			struct buf plain = BUF_EMPTY;
			struct stage *to = stage_buf_new(&plain);
			char *byte = &sample.file.bytes[entry->framed_off + bit / 8];
			char problem[256];
			int rc;

			*byte ^= (char)(1 << bit % 8);
			rc = frame_examine(input, &sample.index, 1, to, problem, sizeof(problem));
			*byte ^= (char)(1 << bit % 8);
			if (rc == 0)
				assert_memory_equal(plain.bytes, text + FRAME, FRAME);
			else
				assert_int_equal(rc, FRAME_BAD);
			found += rc == FRAME_BAD;
			stage_free(to);
			buf_clear(&plain);
			input_free(input);
		}
		assert_true(found > 8 * entry->framed_bytes / 2);
		sample_clear(&sample);
		free(text);
	}
}

/* An index whose sizes do not fit the frame, though its check does. */
static void
a_frame_of_another_length_than_recorded_is_damage(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct sample sample;
		char *text = small(both[i], &sample);
		struct input *input = input_memory_new("sample", sample.file.bytes, sample.file.len);
		struct stage *to = stage_null_new();
		char problem[256];

		sample.index.entries[2].plain_bytes = FRAME + 1;
		assert_int_equal(
			frame_examine(input, &sample.index, 2, to, problem, sizeof(problem)), FRAME_BAD);
		assert_string_equal(problem, "it holds 16 plain bytes, 17 were recorded");
		sample.index.entries[2].plain_bytes = FRAME - 1;
		assert_int_equal(
			frame_examine(input, &sample.index, 2, to, problem, sizeof(problem)), FRAME_BAD);
		assert_memory_equal(problem, "it cannot be decoded: it holds more than was recorded", 53);
		assert_int_equal(to->in_bytes, 0);
		stage_free(to);
		input_free(input);
		sample_clear(&sample);
		free(text);
	}
}

/* An input whose reads fail from some offset on, with an error of some class. */
struct bad_input {
	struct input base;
	const char *bytes;
	uint64_t bad_from;
	enum error_class class;
};

static int
bad_read(struct input *input, uint64_t off, void *bytes, size_t len)
{
	struct bad_input *self = (struct bad_input *)input;

	if (off + len > self->bad_from)
		return error_set(self->class, "chunk 3 is forged");
	memcpy(bytes, self->bytes + off, len);
	return 0;
}

static void
bad_free(struct input *input)
{
	free(input);
}

static const struct input_ops bad_ops = { .read = bad_read, .free = bad_free };

static struct input *
bad_input_new(const struct sample *sample, enum error_class class)
{
	struct bad_input *self = mem_zero(sizeof(*self));

	input_init(&self->base, &bad_ops, "sample", sample->file.len);
	self->bytes = sample->file.bytes;
	self->bad_from = sample->index.entries[3].framed_off;
	self->class = class;
	return &self->base;
}

static void
damage_that_the_input_finds_is_damage_of_the_frame(void **state)
{
	struct sample sample;
	char *text = small(FRAME_ZSTD, &sample);
	struct input *input = bad_input_new(&sample, ERR_DAMAGED);
	struct stage *to = stage_null_new();
	uint64_t bad_off;
	char problem[256];

	(void)state;
	assert_int_equal(frame_examine(input, &sample.index, 2, to, problem, sizeof(problem)), 0);
	assert_int_equal(frame_examine(input, &sample.index, 3, to, problem, sizeof(problem)), FRAME_BAD);
	assert_string_equal(problem, "chunk 3 is forged");
	assert_int_equal(
		frame_examine_tail(input, &sample.index, &bad_off, problem, sizeof(problem)), FRAME_BAD);
	assert_string_equal(problem, "chunk 3 is forged");
	assert_int_equal(frame_read(input, &sample.index, 0, PLAIN, to), -1);
	assert_int_equal(error_get()->class, ERR_DAMAGED);
	assert_non_null(strstr(error_get()->message, "chunk 3 is forged"));
	stage_free(to);
	input_free(input);
	sample_clear(&sample);
	free(text);
}

static void
a_store_that_cannot_be_read_is_not_damage(void **state)
{
	struct sample sample;
	char *text = small(FRAME_ZSTD, &sample);
	struct input *input = bad_input_new(&sample, ERR_STORE);
	struct stage *to = stage_null_new();
	uint64_t bad_off;
	char problem[256];

	(void)state;
	assert_int_equal(frame_examine(input, &sample.index, 3, to, problem, sizeof(problem)), -1);
	assert_int_equal(error_get()->class, ERR_STORE);
	assert_int_equal(frame_examine_tail(input, &sample.index, &bad_off, problem, sizeof(problem)), -1);
	assert_int_equal(frame_read(input, &sample.index, 0, PLAIN, to), -1);
	assert_int_equal(error_get()->class, ERR_STORE);
	stage_free(to);
	input_free(input);
	sample_clear(&sample);
	free(text);
}

static void
a_read_stops_at_a_signal(void **state)
{
	struct sample sample;
	char *text = small(FRAME_ZSTD, &sample);
	struct input *input = input_memory_new("sample", sample.file.bytes, sample.file.len);
	struct stage *to = stage_null_new();

	(void)state;
	interrupt_simulate(SIGINT);
	assert_int_equal(frame_read(input, &sample.index, 0, PLAIN, to), -1);
	assert_int_equal(error_get()->class, ERR_INTERRUPTED);
	interrupt_simulate(0);
	stage_free(to);
	input_free(input);
	sample_clear(&sample);
	free(text);
}

static void
an_error_of_the_stage_ends_the_read(void **state)
{
	struct sample sample;
	char *text = small(FRAME_ZSTD, &sample);
	struct input *input = input_memory_new("sample", sample.file.bytes, sample.file.len);
	struct stage *to = stage_fd_new(-1, ERR_RESTORE, "nowhere");
	char problem[256];

	(void)state;
	assert_int_equal(frame_read(input, &sample.index, 0, PLAIN, to), -1);
	assert_int_equal(error_get()->class, ERR_RESTORE);
	stage_free(to);
	to = stage_fd_new(-1, ERR_RESTORE, "nowhere");
	assert_int_equal(frame_examine(input, &sample.index, 0, to, problem, sizeof(problem)), -1);
	assert_int_equal(error_get()->class, ERR_RESTORE);
	stage_free(to);
	input_free(input);
	sample_clear(&sample);
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_range_is_read_from_its_frames_only),
		cmocka_unit_test(a_long_read_comes_out_in_order),
		cmocka_unit_test(large_frames_are_read_as_well),
		cmocka_unit_test(a_range_past_the_end_is_damage),
		cmocka_unit_test(a_flip_of_any_byte_is_found_where_it_is),
		cmocka_unit_test(a_file_cut_at_any_byte_is_found),
		cmocka_unit_test(bytes_behind_the_end_are_found),
		cmocka_unit_test(without_checks_a_flip_never_gives_wrong_bytes),
		cmocka_unit_test(a_frame_of_another_length_than_recorded_is_damage),
		cmocka_unit_test(damage_that_the_input_finds_is_damage_of_the_frame),
		cmocka_unit_test(a_store_that_cannot_be_read_is_not_damage),
		cmocka_unit_test(a_read_stops_at_a_signal),
		cmocka_unit_test(an_error_of_the_stage_ends_the_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
