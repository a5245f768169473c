/* Small documents in one frame of their own, without index and tail. */
#include "config.h"

#include "incant/frame.h"

#include <inttypes.h>
#include <stdlib.h>

#include "frame_codec.h"
#include "incant/error.h"
#include "incant/mem.h"

/* zlib counts in 32 bits, and no document comes near. */
#define PACK_MAX_BYTES ((size_t)1 << 30)

int
frame_pack(enum frame_codec codec, int level, const void *bytes, size_t len, struct buf *out)
{
	const struct frame_codec_ops *ops = frame_codec_ops(codec);
	struct frame_block framed = { 0 };
	void *compressor;
	int rc = -1;

	if (len > PACK_MAX_BYTES)
		return error_set(ERR_INTERNAL, "a document of %zu bytes is too large", len);
	compressor = ops->compressor_new(level);
	if (compressor == NULL)
		return -1;
	framed.capacity = ops->bound(len);
	framed.bytes = mem_alloc(framed.capacity);
	rc = ops->compress(compressor, bytes, len, &framed);
	if (rc == 0)
		buf_append(out, framed.bytes, framed.len);
	free(framed.bytes);
	ops->compressor_free(compressor);
	return rc;
}

/* Decodes a frame whose stated size the capacity of plain is. 0 or -1. */
static int
unpack(const struct frame_codec_ops *ops, const void *bytes, size_t len, const char *what,
	struct frame_block *plain)
{
	struct frame_fault fault;
	void *decompressor = ops->decompressor_new();
	int rc;

	if (decompressor == NULL)
		return -1;
	rc = ops->decompress(decompressor, bytes, len, plain, &fault);
	ops->decompressor_free(decompressor);
	if (rc != 0)
		return error_set(ERR_DAMAGED, "%s is damaged at byte %zu: %s", what, fault.at, fault.cause);
	if (plain->len != plain->capacity)
		return error_set(ERR_DAMAGED, "%s is damaged: it holds %zu bytes, not the %zu that it states",
			what, plain->len, plain->capacity);
	return 0;
}

int
frame_unpack(enum frame_codec codec, const void *bytes, size_t len, size_t limit, const char *what,
	struct buf *out)
{
	const struct frame_codec_ops *ops = frame_codec_ops(codec);
	struct frame_block plain = { 0 };
	uint64_t stated;
	int rc;

	if (len > PACK_MAX_BYTES)
		return error_set(ERR_DAMAGED, "%s is too large with %zu bytes", what, len);
	stated = ops->stated_bytes(bytes, len);
	if (stated == UINT64_MAX)
		return error_set(ERR_DAMAGED, "%s is damaged at byte 0: it is no %s", what, ops->name);
	if (stated > limit || stated > PACK_MAX_BYTES)
		return error_set(ERR_DAMAGED,
			"%s states that it holds %" PRIu64 " bytes, more than the %zu allowed", what, stated,
			limit);
	plain.capacity = (size_t)stated;
	plain.bytes = mem_alloc(plain.capacity);
	rc = unpack(ops, bytes, len, what, &plain);
	if (rc == 0)
		buf_append(out, plain.bytes, plain.len);
	free(plain.bytes);
	return rc;
}
