/* The index of a framed file: an array that grows at its end, searched by halves, kept as JSON. */
#include "config.h"

#include "incant/frame.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "frame_codec.h"
#include "incant/error.h"
#include "incant/json.h"
#include "incant/mem.h"
#include "incant/text.h"

enum { CHECK_HEX = 2 * sizeof(uint64_t) + 1 };

void
frame_index_init(struct frame_index *index)
{
	memset(index, 0, sizeof(*index));
}

void
frame_index_clear(struct frame_index *index)
{
	free(index->entries);
	frame_index_init(index);
}

size_t
frame_index_find(const struct frame_index *index, uint64_t plain_off)
{
	size_t low = 0, high = index->count;

	/* All entries before low end at or before plain_off, none from high on does. */
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct frame_entry *entry = &index->entries[middle];

		if (entry->plain_off + entry->plain_bytes <= plain_off)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

int
frame_index_add(struct frame_index *index, uint64_t plain_bytes, uint64_t framed_bytes, uint64_t check)
{
	if (plain_bytes > FRAME_MAX_BYTES)
		return error_set(
			ERR_DAMAGED, "%" PRIu64 " plain bytes are more than a frame holds", plain_bytes);
	if (framed_bytes == 0 || framed_bytes > frame_codec_ops(index->codec)->bound(FRAME_MAX_BYTES))
		return error_set(ERR_DAMAGED, "no frame takes %" PRIu64 " bytes", framed_bytes);
	MEM_GROW(index->entries, index->count, index->capacity);
	index->entries[index->count++] = (struct frame_entry){
		.plain_off = index->plain_bytes,
		.framed_off = index->framed_bytes,
		.plain_bytes = (uint32_t)plain_bytes,
		.framed_bytes = (uint32_t)framed_bytes,
		.check = check,
	};
	index->plain_bytes += plain_bytes;
	index->framed_bytes += framed_bytes;
	return 0;
}

static void
put_check(struct json *to, const char *key, uint64_t check)
{
	char hex[CHECK_HEX];

	snprintf(hex, sizeof(hex), "%016" PRIx64, check);
	json_put_text(to, key, hex);
}

struct json *
frame_index_to_json(const struct frame_index *index)
{
	struct json *object = json_new_object();
	struct json *frames = json_new_array();

	json_put_text(object, "codec", frame_codec_name(index->codec));
	json_put_u64(object, "plain_bytes", index->plain_bytes);
	json_put_u64(object, "framed_bytes", index->framed_bytes);
	put_check(object, "tail_check", index->tail_check);
	for (size_t i = 0; i < index->count; i++) {
		struct json *frame = json_new_array();

		json_put_u64(frame, NULL, index->entries[i].plain_bytes);
		json_put_u64(frame, NULL, index->entries[i].framed_bytes);
		put_check(frame, NULL, index->entries[i].check);
		json_put(frames, NULL, frame);
	}
	json_put(object, "frames", frames);
	return object;
}

static int
take_check(const struct json *from, const char *key, const char *what, uint64_t *check)
{
	unsigned char bytes[sizeof(*check)];
	const char *hex;

	if (json_take_text(from, key, what, &hex) != 0)
		return -1;
	if (strlen(hex) != CHECK_HEX - 1 || text_unhex(bytes, sizeof(bytes), hex) != 0)
		return error_set(ERR_DAMAGED, "%s: '%s' is no check of 16 hex digits", what, hex);
	*check = 0;
	for (size_t i = 0; i < sizeof(bytes); i++)
		*check = *check << 8 | bytes[i];
	return 0;
}

static int
take_codec(const struct json *from, const char *what, enum frame_codec *codec)
{
	const char *name;
	int level;

	if (json_take_text(from, "codec", what, &name) != 0)
		return -1;
	if (frame_codec_parse(name, codec, &level) != 0 || !text_equal(name, frame_codec_name(*codec)))
		return error_set(ERR_DAMAGED, "%s: codec '%s' is not known", what, name);
	return 0;
}

static int
take_frame(const struct json *frames, size_t number, const char *what, struct frame_index *index)
{
	const struct json *frame;
	uint64_t plain_bytes, framed_bytes, check;

	if (json_take_array(json_at(frames, number), NULL, what, &frame) != 0)
		return -1;
	if (json_count(frame) == 4)
		return error_set(ERR_DAMAGED,
			"%s: it refers to an earlier backup, which this version cannot read", what);
	if (json_count(frame) != 3)
		return error_set(
			ERR_DAMAGED, "%s: it has %zu elements instead of 3", what, json_count(frame));
	if (json_take_u64(json_at(frame, 0), NULL, what, &plain_bytes) != 0 ||
		json_take_u64(json_at(frame, 1), NULL, what, &framed_bytes) != 0 ||
		take_check(json_at(frame, 2), NULL, what, &check) != 0)
		return -1;
	if (frame_index_add(index, plain_bytes, framed_bytes, check) != 0)
		return error_add("%s", what);
	return 0;
}

static int
take_frames(const struct json *from, const char *what, struct frame_index *index)
{
	const struct json *frames;
	int rc = 0;

	if (json_take_array(from, "frames", what, &frames) != 0)
		return -1;
	if (json_count(frames) == 0)
		return error_set(ERR_DAMAGED, "%s has no frames", what);
	for (size_t i = 0; rc == 0 && i < json_count(frames); i++) {
		char *which = mem_format("%s, frame %zu", what, i);

		rc = take_frame(frames, i, which, index);
		free(which);
	}
	index->framed_bytes += frame_codec_tail_bytes(index->codec, index->count);
	return rc;
}

static int
check_sum(const struct json *from, const char *key, const char *what, uint64_t sum)
{
	uint64_t stated;

	if (json_take_u64(from, key, what, &stated) != 0)
		return -1;
	if (stated != sum)
		return error_set(ERR_DAMAGED, "%s: '%s' is %" PRIu64 ", but the frames come to %" PRIu64,
			what, key, stated, sum);
	return 0;
}

int
frame_index_from_json(const struct json *from, const char *what, struct frame_index *index)
{
	frame_index_clear(index);
	if (take_codec(from, what, &index->codec) == 0 && take_frames(from, what, index) == 0 &&
		check_sum(from, "plain_bytes", what, index->plain_bytes) == 0 &&
		check_sum(from, "framed_bytes", what, index->framed_bytes) == 0 &&
		take_check(from, "tail_check", what, &index->tail_check) == 0)
		return 0;
	frame_index_clear(index);
	return -1;
}
