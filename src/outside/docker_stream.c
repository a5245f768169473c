/*
 * Takes the Docker Engine's multiplexed stream apart. A state machine of two states: header_len < 8 while a
 * frame's header is collected, then `left` bytes of its payload, which are handed on as they come.
 */
#include "config.h"

#include "incant/docker_stream.h"

#include <string.h>

#include "incant/error.h"

enum { HEADER_BYTES = 8, LAST_TYPE = 3 };

void
docker_stream_init(struct docker_stream *stream,
	int (*take)(void *context, int type, const void *bytes, size_t len), void *context,
	enum error_class error_class)
{
	*stream = (struct docker_stream){ .take = take, .context = context, .error_class = error_class };
}

/* Reads a header that is complete. An empty payload ends the frame at once. */
static int
begin_frame(struct docker_stream *stream)
{
	const unsigned char *header = stream->header;

	if (header[0] > LAST_TYPE || header[1] != 0 || header[2] != 0 || header[3] != 0)
		return error_set(stream->error_class,
			"the Docker engine's stream has no frame header at byte %llu (%02x %02x %02x %02x)",
			(unsigned long long)(stream->off - HEADER_BYTES), header[0], header[1], header[2],
			header[3]);
	stream->left =
		(uint32_t)header[4] << 24 | (uint32_t)header[5] << 16 | (uint32_t)header[6] << 8 | header[7];
	if (stream->left == 0)
		stream->header_len = 0;
	return 0;
}

int
docker_stream_write(struct docker_stream *stream, const void *bytes, size_t len)
{
	const unsigned char *at = bytes;

	while (len > 0) {
		int result;
		size_t taken;

		if (stream->header_len < HEADER_BYTES) {
			taken = HEADER_BYTES - stream->header_len < len ? HEADER_BYTES - stream->header_len
									: len;
			memcpy(stream->header + stream->header_len, at, taken);
			stream->header_len += taken;
			stream->off += taken;
			result = stream->header_len == HEADER_BYTES ? begin_frame(stream) : 0;
		} else {
			taken = stream->left < len ? stream->left : len;
			stream->left -= (uint32_t)taken;
			stream->off += taken;
			result = stream->take(stream->context, stream->header[0], at, taken);
			if (stream->left == 0)
				stream->header_len = 0;
		}
		if (result != 0)
			return -1;
		at += taken;
		len -= taken;
	}
	return 0;
}

int
docker_stream_finish(const struct docker_stream *stream)
{
	if (stream->header_len == 0)
		return 0;
	if (stream->header_len < HEADER_BYTES)
		return error_set(stream->error_class,
			"the Docker engine's stream ends at byte %llu, inside a frame's header",
			(unsigned long long)stream->off);
	return error_set(stream->error_class,
		"the Docker engine's stream ends at byte %llu, %lu bytes before the end of a frame",
		(unsigned long long)stream->off, (unsigned long)stream->left);
}
