/*
 * Frames of gzip (RFC 1952): one member a frame. The header's time and system are fixed, so that the same
 * bytes give the same file; the trailer holds CRC-32 and plain size.
 */
#include "config.h"

#include "frame_codec.h"

#include <stdlib.h>
#define ZLIB_CONST
#include <zlib.h>

#include "incant/error.h"
#include "incant/mem.h"

enum {
	WINDOW_BITS = 15 + 16, /* the largest window; 16 asks zlib for gzip's header and trailer */
	MEMORY_LEVEL = 8,      /* zlib's default, and gzip's own */
	OS_UNKNOWN = 255,      /* RFC 1952, 2.3.1 */
	MEMBER_BYTES = 18      /* header and trailer */
};

static void *
gzip_compressor_new(int level)
{
	z_stream *stream = mem_zero(sizeof(*stream));

	if (deflateInit2(stream, level, Z_DEFLATED, WINDOW_BITS, MEMORY_LEVEL, Z_DEFAULT_STRATEGY) != Z_OK) {
		error_set(ERR_INTERNAL, "cannot set up gzip for level %d", level);
		free(stream);
		return NULL;
	}
	return stream;
}

static size_t
gzip_bound(size_t plain_bytes)
{
	return deflateBound(NULL, plain_bytes) + MEMBER_BYTES;
}

static int
gzip_compress(void *compressor, const void *plain, size_t plain_bytes, struct frame_block *framed)
{
	z_stream *stream = compressor;
	gz_header header = { .time = 0, .os = OS_UNKNOWN };

	if (deflateReset(stream) != Z_OK || deflateSetHeader(stream, &header) != Z_OK)
		return error_set(ERR_INTERNAL, "gzip cannot start a member");
	stream->next_in = plain;
	stream->avail_in = (uInt)plain_bytes;
	stream->next_out = framed->bytes;
	stream->avail_out = (uInt)framed->capacity;
	if (deflate(stream, Z_FINISH) != Z_STREAM_END)
		return error_set(ERR_INTERNAL, "gzip cannot compress: %s",
			stream->msg != NULL ? stream->msg : "no reason given");
	framed->len = framed->capacity - stream->avail_out;
	return 0;
}

static void
gzip_compressor_free(void *compressor)
{
	if (compressor != NULL)
		deflateEnd(compressor);
	free(compressor);
}

static void *
gzip_decompressor_new(void)
{
	z_stream *stream = mem_zero(sizeof(*stream));

	if (inflateInit2(stream, WINDOW_BITS) != Z_OK) {
		error_set(ERR_INTERNAL, "cannot set up gzip");
		free(stream);
		return NULL;
	}
	return stream;
}

/* Why inflate() came back with that result, or NULL when the member is whole. */
static const char *
gzip_cause(const z_stream *stream, int result)
{
	if (result == Z_STREAM_END)
		return stream->avail_in == 0 ? NULL : "bytes follow its end";
	if (result == Z_MEM_ERROR)
		return "there is no memory to decode it";
	if (stream->msg != NULL)
		return stream->msg;
	if (result == Z_BUF_ERROR || result == Z_OK)
		return stream->avail_in == 0 ? "it ends too early" : "it holds more than was recorded";
	return "it is no gzip member";
}

static int
gzip_decompress(void *decompressor, const void *framed, size_t framed_bytes, struct frame_block *plain,
	struct frame_fault *fault)
{
	z_stream *stream = decompressor;
	int result = inflateReset(stream);

	stream->next_in = framed;
	stream->avail_in = (uInt)framed_bytes;
	stream->next_out = plain->bytes;
	stream->avail_out = (uInt)plain->capacity;
	if (result == Z_OK)
		result = inflate(stream, Z_FINISH);
	fault->cause = gzip_cause(stream, result);
	fault->at = framed_bytes - stream->avail_in;
	plain->len = plain->capacity - stream->avail_out;
	return fault->cause == NULL ? 0 : FRAME_BAD;
}

static void
gzip_decompressor_free(void *decompressor)
{
	if (decompressor != NULL)
		inflateEnd(decompressor);
	free(decompressor);
}

/* The trailer's last word is the plain size modulo 2^32. */
static uint64_t
gzip_stated_bytes(const void *framed, size_t framed_bytes)
{
	const unsigned char *bytes = framed;

	return framed_bytes < MEMBER_BYTES ? UINT64_MAX : frame_get_u32(bytes + framed_bytes - 4);
}

const struct frame_codec_ops frame_gzip = {
	.name = "gzip",
	.suffix = ".gz",
	.level_min = 1,
	.level_max = 9,
	.level_default = 6,
	.bound = gzip_bound,
	.compressor_new = gzip_compressor_new,
	.compress = gzip_compress,
	.compressor_free = gzip_compressor_free,
	.decompressor_new = gzip_decompressor_new,
	.decompress = gzip_decompress,
	.decompressor_free = gzip_decompressor_free,
	.stated_bytes = gzip_stated_bytes,
};
