/*
 * The seek table behind the frames of a zstd file, and what can be learned from it when nothing else is left.
 *
 * facebook/zstd, contrib/seekable_format/zstd_seekable_compression_format.md, version 0.1.0. All numbers are
 * little-endian:
 *
 *     u32 0x184D2A5E, a skippable frame      u32 bytes that follow
 *     for each frame: u32 framed bytes, u32 plain bytes, u32 checksum
 *     u32 number of frames, u8 descriptor (bit 7: there are checksums; 6 to 2: zero), u32 0x8F92EAB1
 *
 * The checksum is the low half of XXH64 of the plain bytes, which is also what every frame of ours ends with
 * (RFC 8878, 3.1.1): it is taken from there.
 */
#include "config.h"

#include "incant/frame.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "frame_codec.h"
#include "incant/digest.h"
#include "incant/error.h"
#include "incant/interrupt.h"
#include "incant/mem.h"

#define SKIPPABLE_MAGIC 0x184D2A5Eu
#define SEEKABLE_MAGIC  0x8F92EAB1u
#define FRAMES_MAX      0x8000000u

enum { HEADER_BYTES = 8, ENTRY_BYTES = 12, FOOTER_BYTES = 9, DESCRIPTOR = 0x80 };

uint64_t
frame_seek_bytes(size_t frames)
{
	return HEADER_BYTES + (uint64_t)frames * ENTRY_BYTES + FOOTER_BYTES;
}

void
frame_seek_write(const struct frame_index *index, const uint32_t *checksums, struct buf *out)
{
	unsigned char bytes[ENTRY_BYTES];

	frame_put_u32(bytes, SKIPPABLE_MAGIC);
	frame_put_u32(bytes + 4, (uint32_t)(frame_seek_bytes(index->count) - HEADER_BYTES));
	buf_append(out, bytes, HEADER_BYTES);
	for (size_t i = 0; i < index->count; i++) {
		frame_put_u32(bytes, index->entries[i].framed_bytes);
		frame_put_u32(bytes + 4, index->entries[i].plain_bytes);
		frame_put_u32(bytes + 8, checksums[i]);
		buf_append(out, bytes, ENTRY_BYTES);
	}
	frame_put_u32(bytes, (uint32_t)index->count);
	bytes[4] = DESCRIPTOR;
	frame_put_u32(bytes + 5, SEEKABLE_MAGIC);
	buf_append(out, bytes, FOOTER_BYTES);
}

/* The number of frames according to the footer. 0 or -1. */
static int
read_footer(struct input *input, size_t *count)
{
	unsigned char footer[FOOTER_BYTES];
	uint32_t frames;

	if (input->size_bytes < FOOTER_BYTES)
		return error_set(ERR_DAMAGED, "%s is too short to have a seek table", input->name);
	if (input_read(input, input->size_bytes - FOOTER_BYTES, footer, FOOTER_BYTES) != 0)
		return -1;
	frames = frame_get_u32(footer);
	if (frame_get_u32(footer + 5) != SEEKABLE_MAGIC)
		return error_set(ERR_DAMAGED, "%s does not end with a seek table", input->name);
	if (footer[4] != DESCRIPTOR)
		return error_set(ERR_DAMAGED, "%s has a seek table of an unknown kind (0x%02x)", input->name,
			footer[4]);
	if (frames == 0 || frames > FRAMES_MAX || frame_seek_bytes(frames) > input->size_bytes)
		return error_set(ERR_DAMAGED, "%s cannot hold the %" PRIu32 " frames of its seek table",
			input->name, frames);
	*count = frames;
	return 0;
}

/* Fills the index from a whole table. 0 or -1. */
static int
parse_table(const struct input *input, const unsigned char *table, size_t count, struct frame_index *index)
{
	uint64_t table_bytes = frame_seek_bytes(count);

	if (frame_get_u32(table) != SKIPPABLE_MAGIC || frame_get_u32(table + 4) != table_bytes - HEADER_BYTES)
		return error_set(ERR_DAMAGED, "the seek table of %s has a damaged head", input->name);
	for (size_t i = 0; i < count; i++) {
		const unsigned char *entry = table + HEADER_BYTES + i * ENTRY_BYTES;

		if (frame_index_add(index, frame_get_u32(entry + 4), frame_get_u32(entry), 0) != 0)
			return error_add("the seek table of %s, frame %zu", input->name, i);
	}
	index->framed_bytes += table_bytes;
	index->tail_check = digest_xxh64(table, (size_t)table_bytes);
	if (index->framed_bytes != input->size_bytes)
		return error_set(ERR_DAMAGED,
			"%s has %" PRIu64 " bytes, but the frames of its seek table come to %" PRIu64,
			input->name, input->size_bytes, index->framed_bytes);
	return 0;
}

/* Computes one frame's check, and compares the checksum at its end with the table's. 0 or -1. */
static int
add_check(struct input *input, struct frame_entry *entry, uint32_t checksum)
{
	unsigned char *framed = mem_alloc(entry->framed_bytes);
	int rc = input_read(input, entry->framed_off, framed, entry->framed_bytes);

	if (rc == 0 &&
		(entry->framed_bytes < 4 || frame_get_u32(framed + entry->framed_bytes - 4) != checksum))
		rc = error_set(ERR_DAMAGED,
			"%s: the frame at byte %" PRIu64 " does not have the checksum of the seek table",
			input->name, entry->framed_off);
	if (rc == 0)
		entry->check = digest_xxh64(framed, entry->framed_bytes);
	free(framed);
	return rc;
}

static int
add_checks(struct input *input, const unsigned char *table, struct frame_index *index)
{
	for (size_t i = 0; i < index->count; i++) {
		uint32_t checksum = frame_get_u32(table + HEADER_BYTES + i * ENTRY_BYTES + 8);

		if (interrupt_check() != 0 || add_check(input, &index->entries[i], checksum) != 0)
			return -1;
	}
	return 0;
}

int
frame_index_recover(struct input *input, bool with_checks, struct frame_index *index)
{
	unsigned char *table = NULL;
	size_t count = 0, table_bytes;
	int rc = -1;

	frame_index_clear(index);
	index->codec = FRAME_ZSTD;
	if (read_footer(input, &count) != 0)
		goto out;
	table_bytes = (size_t)frame_seek_bytes(count);
	table = mem_alloc(table_bytes);
	if (input_read(input, input->size_bytes - table_bytes, table, table_bytes) != 0 ||
		parse_table(input, table, count, index) != 0)
		goto out;
	rc = with_checks ? add_checks(input, table, index) : 0;
out:
	if (rc != 0)
		frame_index_clear(index);
	free(table);
	return rc;
}

/* The last four bytes of every frame, the zstd checksums. 0, FRAME_BAD or -1. */
static int
fetch_checksums(struct input *input, const struct frame_index *index, uint32_t *checksums, char *problem,
	size_t capacity)
{
	unsigned char word[4];
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < index->count; i++) {
		const struct frame_entry *entry = &index->entries[i];

		rc = frame_fetch(input, entry->framed_off + entry->framed_bytes - 4, word, sizeof(word),
			problem, capacity);
		checksums[i] = rc == 0 ? frame_get_u32(word) : 0;
	}
	return rc;
}

/* Finds the first byte of a damaged table that is not as it must be. */
static int
locate(struct input *input, const struct frame_index *index, const unsigned char *table, uint64_t *bad_off,
	char *problem, size_t capacity)
{
	uint32_t *checksums = mem_resize(NULL, index->count, sizeof(*checksums));
	struct buf expected = BUF_EMPTY;
	int rc = fetch_checksums(input, index, checksums, problem, capacity);
	size_t at = 0;

	if (rc == 0) {
		frame_seek_write(index, checksums, &expected);
		while (at < expected.len && (unsigned char)expected.bytes[at] == table[at])
			at++;
		*bad_off += at < expected.len ? at : 0;
		snprintf(problem, capacity, "the seek table is damaged at byte %" PRIu64, *bad_off);
		rc = FRAME_BAD;
	}
	buf_clear(&expected);
	free(checksums);
	return rc;
}

/* A file that is too short or too long. 0 or FRAME_BAD. */
static int
examine_size(const struct input *input, const struct frame_index *index, uint64_t *bad_off, char *problem,
	size_t capacity)
{
	if (input->size_bytes == index->framed_bytes)
		return 0;
	if (input->size_bytes < index->framed_bytes) {
		*bad_off = input->size_bytes;
		snprintf(problem, capacity, "the file ends at byte %" PRIu64 ", %" PRIu64 " were expected",
			input->size_bytes, index->framed_bytes);
	} else {
		*bad_off = index->framed_bytes;
		snprintf(problem, capacity, "%" PRIu64 " bytes follow the end",
			input->size_bytes - index->framed_bytes);
	}
	return FRAME_BAD;
}

int
frame_examine_tail(struct input *input, const struct frame_index *index, uint64_t *bad_off, char *problem,
	size_t capacity)
{
	size_t tail_bytes = (size_t)frame_codec_tail_bytes(index->codec, index->count);
	unsigned char *tail;
	int rc = examine_size(input, index, bad_off, problem, capacity);

	if (rc != 0 || tail_bytes == 0)
		return rc;
	*bad_off = index->framed_bytes - tail_bytes;
	tail = mem_alloc(tail_bytes);
	rc = frame_fetch(input, *bad_off, tail, tail_bytes, problem, capacity);
	if (rc == 0 && digest_xxh64(tail, tail_bytes) != index->tail_check)
		rc = locate(input, index, tail, bad_off, problem, capacity);
	free(tail);
	return rc;
}
