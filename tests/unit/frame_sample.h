/* What the tests of frames share: text to compress, and a whole framed file in memory. */
#ifndef TESTS_FRAME_SAMPLE_H
#define TESTS_FRAME_SAMPLE_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "incant/buf.h"
#include "incant/frame.h"
#include "incant/mem.h"
#include "incant/stage.h"

/* Numbers that are the same on every run. */
static inline uint32_t
sample_random(uint32_t *state)
{
	*state = *state * 1664525u + 1013904223u;
	return *state >> 8;
}

/* Rows as in a dump: words and numbers that repeat, with some that do not. The caller frees it. */
static inline char *
sample_text(size_t len)
{
	static const char words[] = "account\tbalance\tNULL\ttrue\t2026-11-22 03:00:00+00\t\\N\tinvoice\n";
	char *text = mem_alloc(len + 1);
	uint32_t state = 7;

	for (size_t i = 0; i < len; i++) {
		uint32_t random = sample_random(&state);
		text[i] = random % 11 == 0 ? (char)('0' + random % 10) : words[i % (sizeof(words) - 1)];
	}
	text[len] = '\0';
	return text;
}

/* Bytes that no codec makes smaller. The caller frees them. */
static inline char *
sample_noise(size_t len)
{
	char *bytes = mem_alloc(len + 1);
	uint32_t state = 11;

	for (size_t i = 0; i < len; i++)
		bytes[i] = (char)(sample_random(&state) >> 7);
	bytes[len] = '\0';
	return bytes;
}

/* A framed file with its index. */
struct sample {
	struct buf file;
	struct frame_index index;
};

/* Frames bytes, written piece by piece. 0 or -1. */
static inline int
sample_write(struct sample *sample, const struct frame_write_options *options, const char *bytes, size_t len,
	size_t piece)
{
	struct stage *head;
	int rc = 0;

	buf_init(&sample->file);
	frame_index_init(&sample->index);
	head = frame_write_new(stage_buf_new(&sample->file), options, &sample->index);
	for (size_t at = 0; rc == 0 && at < len; at += piece)
		rc = stage_write(head, bytes + at, len - at < piece ? len - at : piece);
	if (rc == 0)
		rc = stage_finish(head);
	stage_free(head);
	return rc;
}

static inline void
sample_clear(struct sample *sample)
{
	buf_clear(&sample->file);
	frame_index_clear(&sample->index);
}

/* Options for small frames. */
static inline struct frame_write_options
sample_options(enum frame_codec codec, uint32_t frame_bytes)
{
	return (struct frame_write_options){
		.codec = codec,
		.level = codec == FRAME_ZSTD ? 3 : 6,
		.frame_bytes = frame_bytes,
		.workers = 1,
		.verify = true,
	};
}

#endif
