/* The table of codecs, and the words by which people name them. */
#include "config.h"

#include "incant/frame.h"

#include <string.h>

#include "frame_codec.h"
#include "incant/text.h"

static const struct frame_codec_ops *const codecs[] = {
	[FRAME_ZSTD] = &frame_zstd,
	[FRAME_GZIP] = &frame_gzip,
};

#define CODECS (sizeof(codecs) / sizeof(codecs[0]))

const struct frame_codec_ops *
frame_codec_ops(enum frame_codec codec)
{
	return codecs[codec];
}

const char *
frame_codec_name(enum frame_codec codec)
{
	return codecs[codec]->name;
}

const char *
frame_codec_suffix(enum frame_codec codec)
{
	return codecs[codec]->suffix;
}

uint64_t
frame_codec_tail_bytes(enum frame_codec codec, size_t frames)
{
	return codecs[codec]->tail_bytes != NULL ? codecs[codec]->tail_bytes(frames) : 0;
}

/* The level behind the name: "" or ":3". 0 or -1. */
static int
parse_level(const char *text, const struct frame_codec_ops *ops, int *level)
{
	uint64_t number;

	if (*text == '\0') {
		*level = ops->level_default;
		return 0;
	}
	if (*text != ':' || text_parse_u64(text + 1, &number) != 0)
		return -1;
	if (number < (uint64_t)ops->level_min || number > (uint64_t)ops->level_max)
		return -1;
	*level = (int)number;
	return 0;
}

int
frame_codec_parse(const char *text, enum frame_codec *codec, int *level)
{
	for (size_t i = 0; i < CODECS; i++) {
		if (!text_starts(text, codecs[i]->name))
			continue;
		if (parse_level(text + strlen(codecs[i]->name), codecs[i], level) != 0)
			return -1;
		*codec = (enum frame_codec)i;
		return 0;
	}
	return -1;
}
