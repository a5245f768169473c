/*
 * Frames of zstd (RFC 8878). A context is kept from frame to frame for its memory; ZSTD_compress2() starts a
 * new session each time, so that frames know nothing of one another. Each frame states its plain size and
 * carries a checksum of its plain bytes. The window stays as the level has it: a larger one, up to the frame,
 * gained nothing on dumps.
 */
#include "config.h"

#include "frame_codec.h"

#include <stdlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "incant/error.h"
#include "incant/mem.h"

static void *
zstd_compressor_new(int level)
{
	ZSTD_CCtx *context = ZSTD_createCCtx();

	if (context == NULL ||
		ZSTD_isError(ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, level)) ||
		ZSTD_isError(ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, 1)) ||
		ZSTD_isError(ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1))) {
		ZSTD_freeCCtx(context);
		error_set(ERR_INTERNAL, "cannot set up zstd for level %d", level);
		return NULL;
	}
	return context;
}

static int
zstd_compress(void *compressor, const void *plain, size_t plain_bytes, struct frame_block *framed)
{
	size_t result = ZSTD_compress2(compressor, framed->bytes, framed->capacity, plain, plain_bytes);

	if (ZSTD_isError(result))
		return error_set(ERR_INTERNAL, "zstd cannot compress: %s", ZSTD_getErrorName(result));
	framed->len = result;
	return 0;
}

static void
zstd_compressor_free(void *compressor)
{
	ZSTD_freeCCtx(compressor);
}

static void *
zstd_decompressor_new(void)
{
	ZSTD_DCtx *context = ZSTD_createDCtx();

	if (context == NULL)
		error_set(ERR_INTERNAL, "cannot set up zstd");
	return context;
}

/*
 * Where a frame that does not decode stops to make sense. Decoding in one go does not tell, so it is done
 * again block by block, as zstd asks for them; the start of the block that fails is the answer.
 */
static size_t
zstd_stops_at(ZSTD_DCtx *context, const unsigned char *framed, size_t framed_bytes)
{
	size_t scratch_bytes = ZSTD_DStreamOutSize();
	void *scratch = mem_alloc(scratch_bytes);
	size_t at = 0;
	size_t wanted = ZSTD_initDStream(context);

	while (wanted != 0 && !ZSTD_isError(wanted) && at < framed_bytes) {
		size_t rest = framed_bytes - at;
		ZSTD_inBuffer in = { framed + at, wanted < rest ? wanted : rest, 0 };
		ZSTD_outBuffer out;
		do {
			out = (ZSTD_outBuffer){ scratch, scratch_bytes, 0 };
			wanted = ZSTD_decompressStream(context, &out, &in);
		} while (!ZSTD_isError(wanted) && (in.pos < in.size || out.pos == out.size) && wanted != 0);
		if (!ZSTD_isError(wanted))
			at += in.pos;
	}
	free(scratch);
	return at;
}

static int
zstd_decompress(void *decompressor, const void *framed, size_t framed_bytes, struct frame_block *plain,
	struct frame_fault *fault)
{
	size_t result =
		ZSTD_decompressDCtx(decompressor, plain->bytes, plain->capacity, framed, framed_bytes);

	if (!ZSTD_isError(result)) {
		plain->len = result;
		return 0;
	}
	fault->cause = ZSTD_getErrorCode(result) == ZSTD_error_dstSize_tooSmall
			       ? "it holds more than was recorded"
			       : ZSTD_getErrorName(result);
	fault->at = zstd_stops_at(decompressor, framed, framed_bytes);
	return FRAME_BAD;
}

static void
zstd_decompressor_free(void *decompressor)
{
	ZSTD_freeDCtx(decompressor);
}

static uint64_t
zstd_stated_bytes(const void *framed, size_t framed_bytes)
{
	unsigned long long stated = ZSTD_getFrameContentSize(framed, framed_bytes);

	if (stated == ZSTD_CONTENTSIZE_ERROR || stated == ZSTD_CONTENTSIZE_UNKNOWN)
		return UINT64_MAX;
	return stated;
}

const struct frame_codec_ops frame_zstd = {
	.name = "zstd",
	.suffix = ".zst",
	.level_min = 1,
	.level_max = 19,
	.level_default = 3,
	.bound = ZSTD_compressBound,
	.compressor_new = zstd_compressor_new,
	.compress = zstd_compress,
	.compressor_free = zstd_compressor_free,
	.decompressor_new = zstd_decompressor_new,
	.decompress = zstd_decompress,
	.decompressor_free = zstd_decompressor_free,
	.stated_bytes = zstd_stated_bytes,
	.tail_bytes = frame_seek_bytes,
	.tail_write = frame_seek_write,
};
