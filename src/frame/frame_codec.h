/*
 * What frames need of a compressor: one const table a codec, and what the files in here share. Private to
 * src/frame/ and to its tests.
 */
#ifndef INCANT_FRAME_CODEC_H
#define INCANT_FRAME_CODEC_H

#include <stddef.h>
#include <stdint.h>

#include "incant/buf.h"
#include "incant/frame.h"

/* Room for the bytes of one frame. */
struct frame_block {
	unsigned char *bytes;
	size_t len;
	size_t capacity;
};

/* Why decoding stopped. */
struct frame_fault {
	const char *cause; /* static text */
	size_t at;         /* offset in the framed bytes where it was noticed */
};

/*
 * A codec. Compressors and decompressors are its own objects, made once and used for many frames; each is
 * used by one thread at a time. What comes out for a frame depends on its bytes and the level alone, never on
 * the frames before it.
 */
struct frame_codec_ops {
	const char *name, *suffix;
	int level_min, level_max, level_default;

	/* The most that a frame of so many plain bytes can take. */
	size_t (*bound)(size_t plain_bytes);

	/* NULL with ERR_INTERNAL. */
	void *(*compressor_new)(int level);
	/* Fills framed, whose capacity is bound(plain_bytes) or more. 0, or -1 with ERR_INTERNAL. */
	int (*compress)(void *compressor, const void *plain, size_t plain_bytes, struct frame_block *framed);
	void (*compressor_free)(void *compressor); /* NULL is allowed */

	/* NULL with ERR_INTERNAL. */
	void *(*decompressor_new)(void);
	/* Fills plain from the whole frame, the frame's own checksum included. 0, or FRAME_BAD with the
	 * fault. */
	int (*decompress)(void *decompressor, const void *framed, size_t framed_bytes,
		struct frame_block *plain, struct frame_fault *fault);
	void (*decompressor_free)(void *decompressor); /* NULL is allowed */

	/* The plain bytes that a frame says it holds, for frames of less than 4 GiB; UINT64_MAX where it does
	 * not say. */
	uint64_t (*stated_bytes)(const void *framed, size_t framed_bytes);

	/* What lies behind so many frames: its size, and how it is appended to out. NULL = nothing.
	 * last_words holds each frame's last four bytes, as a little-endian number. */
	uint64_t (*tail_bytes)(size_t frames);
	void (*tail_write)(const struct frame_index *index, const uint32_t *last_words, struct buf *out);
};

extern const struct frame_codec_ops frame_zstd;
extern const struct frame_codec_ops frame_gzip;

const struct frame_codec_ops *frame_codec_ops(enum frame_codec codec);

/* Size of what lies behind so many frames. */
uint64_t frame_codec_tail_bytes(enum frame_codec codec, size_t frames);

/* As frame_write_new() with a codec of the caller's choice: tests pass one that fails. */
struct stage *frame_write_with(struct stage *next, const struct frame_write_options *options,
	struct frame_index *index, const struct frame_codec_ops *codec);

/* Appends an entry behind the others. 0, or -1 with ERR_DAMAGED when such a frame cannot be. */
int frame_index_add(struct frame_index *index, uint64_t plain_bytes, uint64_t framed_bytes, uint64_t check);

/*
 * Reads bytes that may be damaged. 0; FRAME_BAD with *problem when they are not there or their reader says
 * that they are damaged; -1 for any other error.
 */
int frame_fetch(struct input *input, uint64_t off, void *bytes, size_t len, char *problem, size_t capacity);

/* The seek table of the zstd seekable format: its size, and the table itself, appended to out. */
uint64_t frame_seek_bytes(size_t frames);
void frame_seek_write(const struct frame_index *index, const uint32_t *checksums, struct buf *out);

/* Little-endian numbers. */
static inline uint32_t
frame_get_u32(const unsigned char *bytes)
{
	return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
	       (uint32_t)bytes[3] << 24;
}

static inline void
frame_put_u32(unsigned char *bytes, uint32_t value)
{
	for (unsigned i = 0; i < 4; i++)
		bytes[i] = (unsigned char)(value >> (8 * i));
}

#endif
