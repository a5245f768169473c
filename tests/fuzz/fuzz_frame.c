/*
 * What is read of frames. The input is taken for each thing that it could be: a whole zstd archive with its
 * seek table, an index as JSON, a small document as zstd and as gzip. Beside not crashing, the ways of
 * reading must agree with one another.
 */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "incant/buf.h"
#include "incant/error.h"
#include "incant/frame.h"
#include "incant/input.h"
#include "incant/json.h"
#include "incant/stage.h"

/* A few bytes may state that they hold gigabytes; what is looked for here does not need them. */
#define PLAIN_LIMIT ((size_t)1 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Examines frame by frame. The number of bad ones. */
static size_t
examine(struct input *input, const struct frame_index *index, struct buf *plain)
{
	struct stage *to = stage_buf_new(plain);
	char problem[256];
	size_t bad = 0;

	for (size_t i = 0; i < index->count; i++) {
		int rc = frame_examine(input, index, i, to, problem, sizeof(problem));
		if (rc < 0)
			abort();
		bad += rc == FRAME_BAD;
	}
	stage_free(to);
	return bad;
}

static void
read_archive(struct input *input, const struct frame_index *index)
{
	struct buf examined = BUF_EMPTY, whole = BUF_EMPTY;
	size_t bad = examine(input, index, &examined);
	struct stage *to = stage_buf_new(&whole);
	int rc = frame_read(input, index, 0, index->plain_bytes, to);

	/* A bad frame that holds nothing need not be read. */
	if (rc != 0 && bad == 0)
		abort();
	if (rc == 0 && (whole.len != index->plain_bytes || whole.len != examined.len ||
			       memcmp(buf_text(&whole), buf_text(&examined), whole.len) != 0))
		abort();
	stage_free(to);
	buf_clear(&whole);
	buf_clear(&examined);
}

static void
try_archive(const uint8_t *data, size_t size)
{
	struct input *input = input_memory_new("archive", data, size);
	struct frame_index index;
	uint64_t bad_off;
	char problem[256];

	frame_index_init(&index);
	if (frame_index_recover(input, false, &index) == 0) {
		if (frame_examine_tail(input, &index, &bad_off, problem, sizeof(problem)) != 0)
			abort();
		if (index.plain_bytes <= PLAIN_LIMIT)
			read_archive(input, &index);
		frame_index_recover(input, true, &index);
	}
	frame_index_clear(&index);
	input_free(input);
}

/* What was read as an index is written and read again: the same. */
static void
index_again(const struct frame_index *index)
{
	struct json *json = frame_index_to_json(index);
	struct frame_index again;

	frame_index_init(&again);
	if (frame_index_from_json(json, "again", &again) != 0 || again.count != index->count ||
		again.plain_bytes != index->plain_bytes || again.framed_bytes != index->framed_bytes ||
		again.tail_check != index->tail_check ||
		memcmp(again.entries, index->entries, index->count * sizeof(*index->entries)) != 0)
		abort();
	frame_index_clear(&again);
	json_free(json);
}

static void
try_json(const uint8_t *data, size_t size)
{
	struct json *json = json_parse((const char *)data, size, "index");
	struct frame_index index;

	frame_index_init(&index);
	if (json != NULL && frame_index_from_json(json, "index", &index) == 0)
		index_again(&index);
	frame_index_clear(&index);
	json_free(json);
}

static void
try_document(enum frame_codec codec, const uint8_t *data, size_t size)
{
	struct buf plain = BUF_EMPTY;

	if (frame_unpack(codec, data, size, PLAIN_LIMIT, "document", &plain) == 0) {
		if (plain.len > PLAIN_LIMIT)
			abort();
	} else if (plain.len != 0 || error_get()->class != ERR_DAMAGED) {
		abort();
	}
	buf_clear(&plain);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	try_archive(data, size);
	try_json(data, size);
	try_document(FRAME_ZSTD, data, size);
	try_document(FRAME_GZIP, data, size);
	return 0;
}
