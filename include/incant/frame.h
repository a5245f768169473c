/*
 * Frames: the dump cut into pieces of equal plain size, each compressed on its own, so that a reader can
 * start at any of them. Together they are one plain file that other programs read: zstd in its seekable
 * format (facebook/zstd, contrib/seekable_format/zstd_seekable_compression_format.md, version 0.1.0) for
 * `zstd -dc`, or gzip members one behind another (RFC 1952, section 2.2) for `gunzip -c`.
 *
 * Three offsets, never mixed: plain_off (the dump), framed_off (this file), stored_off (the object in the
 * store; the same as framed_off unless the object is encrypted).
 */
#ifndef INCANT_FRAME_H
#define INCANT_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "incant/input.h"
#include "incant/stage.h"

struct json;

enum frame_codec { FRAME_ZSTD, FRAME_GZIP };

#define FRAME_DEFAULT_BYTES (4u << 20)
#define FRAME_MIN_BYTES     (64u << 10)
#define FRAME_MAX_BYTES     (256u << 20)

const char *frame_codec_name(enum frame_codec codec);   /* "zstd", "gzip" */
const char *frame_codec_suffix(enum frame_codec codec); /* ".zst", ".gz" */

/* "zstd:3", "gzip:6", "zstd" (level 3), "gzip" (level 6). 0, or -1 without an error set. zstd 1..19,
 * gzip 1..9. */
int frame_codec_parse(const char *text, enum frame_codec *codec, int *level);

/* One frame. check is XXH3-64 of its framed bytes: it finds damage without decoding, to the frame. */
struct frame_entry {
	uint64_t plain_off;
	uint64_t framed_off;
	uint32_t plain_bytes;
	uint32_t framed_bytes;
	uint64_t check;
};

/* All frames of one file in order. Frames tile both the plain and the framed bytes; behind the last one zstd
 * has its seek table. */
struct frame_index {
	enum frame_codec codec;
	struct frame_entry *entries;
	size_t count;
	size_t capacity;
	uint64_t plain_bytes;
	uint64_t framed_bytes; /* the whole file, seek table included */
	uint64_t tail_check; /* XXH3-64 of what lies behind the last frame, so that checks cover every byte */
};

void frame_index_init(struct frame_index *index);
void frame_index_clear(struct frame_index *index);

/* The frame that holds plain_off; index->count when it lies past the end. Binary search. */
size_t frame_index_find(const struct frame_index *index, uint64_t plain_off);

/*
 * As JSON: {"codec": "zstd", "plain_bytes": N, "framed_bytes": N, "tail_check": "16 hex digits", "frames":
 * [[plain_bytes, framed_bytes, "check as 16 hex digits"], …]}. An entry has room for a fourth element, a
 * reference to an earlier backup; today's reader refuses one by name. The value belongs to the caller.
 * Reading checks that all sums agree; -1 with ERR_DAMAGED naming what.
 */
struct json *frame_index_to_json(const struct frame_index *index);
int frame_index_from_json(const struct json *from, const char *what, struct frame_index *index);

/*
 * Makes the index of a zstd archive from its own seek table, for when contents are lost. `check` is computed
 * by reading the frames when with_checks, else 0 in every entry (a reader then relies on the frames' own
 * checksums). 0, or -1 with ERR_DAMAGED.
 */
int frame_index_recover(struct input *input, bool with_checks, struct frame_index *index);

struct frame_write_options {
	enum frame_codec codec;
	int level;
	uint32_t frame_bytes; /* plain size of every frame but the last */
	unsigned workers;     /* 1..64. The output does not depend on it */
	bool verify;          /* decode every frame again in memory and compare before it is passed on */
};

/*
 * The compressing stage. Peak memory is about (workers + 1) * (2 * frame_bytes + what compresses) and, with
 * verify, one more frame_bytes each: a constant. index (borrowed, initialised by the caller) is complete
 * after finish. A frame that does not decode to what went in is ERR_INTERNAL ("frame N at byte B did not
 * survive compression; the memory or the processor of this machine may be faulty"). An empty stream gives one
 * frame of no bytes. Only whole frames are written to next, in order.
 */
struct stage *frame_write_new(
	struct stage *next, const struct frame_write_options *options, struct frame_index *index);

/*
 * Reads plain bytes [plain_off, plain_off + plain_len) and pushes them into `to`, reading only the frames
 * that hold them. input holds the framed bytes (borrowed). Damage is ERR_DAMAGED and names input->name, the
 * frame's framed_off and what is wrong: check, decode error, length. Looks at interrupt_check() once a frame.
 * 0 or -1 (also when `to` fails).
 */
int frame_read(struct input *input, const struct frame_index *index, uint64_t plain_off, uint64_t plain_len,
	struct stage *to);

/*
 * Examines one frame on its own, for verify, which goes on after damage: 0 = sound, its plain bytes pushed to
 * `to`; FRAME_BAD = damaged: *problem (capacity bytes) says how, nothing was pushed; -1 = reading or `to`
 * failed.
 */
enum { FRAME_BAD = 1 };
int frame_examine(struct input *input, const struct frame_index *index, size_t frame, struct stage *to,
	char *problem, size_t capacity);

/*
 * Examines what lies behind the last frame (zstd's seek table; nothing for gzip) against the index.
 * 0 = as it must be; FRAME_BAD with *problem and *bad_off (framed); -1 = reading failed.
 */
int frame_examine_tail(struct input *input, const struct frame_index *index, uint64_t *bad_off, char *problem,
	size_t capacity);

/* Small whole documents (contents.json): one frame with its checksum. Appends to out. 0 or -1. */
int frame_pack(enum frame_codec codec, int level, const void *bytes, size_t len, struct buf *out);
/* what names the document in errors (ERR_DAMAGED with the byte offset where decoding stopped); more than
 * limit plain bytes is an error. */
int frame_unpack(enum frame_codec codec, const void *bytes, size_t len, size_t limit, const char *what,
	struct buf *out);

#endif
