/*
 * The multiplexed stream of an exec or attach without a terminal: frames of [type, 0, 0, 0, length as 32 bit
 * big-endian], payload. Cut anywhere by the network. Type 1 is standard output, 2 standard error, 3 an error
 * of the engine itself.
 */
#ifndef INCANT_DOCKER_STREAM_H
#define INCANT_DOCKER_STREAM_H

#include <stddef.h>
#include <stdint.h>

#include "incant/error.h"

struct docker_stream {
	unsigned char header[8];
	size_t header_len;
	uint32_t left; /* of the current frame's payload */
	uint64_t off;  /* bytes of the stream taken so far, for errors */
	int (*take)(
		void *context, int type, const void *bytes, size_t len); /* len > 0; pieces of a payload */
	void *context;
	enum error_class error_class;
};

void docker_stream_init(struct docker_stream *stream,
	int (*take)(void *context, int type, const void *bytes, size_t len), void *context,
	enum error_class error_class);

/* 0; -1 when take fails, or for a header that cannot be one (type above 3, padding not zero). The stream is
 * dead after -1. */
int docker_stream_write(struct docker_stream *stream, const void *bytes, size_t len);

/* 0 when the stream may end here, -1 when it ends inside a frame. */
int docker_stream_finish(const struct docker_stream *stream);

#endif
