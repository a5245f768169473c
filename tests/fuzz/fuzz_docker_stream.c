/*
 * The Docker Engine's stream. The input's first byte says in what pieces the rest comes; the result must be
 * that of the rest in one piece, whatever it is.
 */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "incant/buf.h"
#include "incant/docker_stream.h"
#include "incant/error.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct outcome {
	struct buf by_type[4];
	int written, finished;
};

static int
take(void *context, int type, const void *bytes, size_t len)
{
	struct outcome *outcome = context;

	if (type < 0 || type > 3 || len == 0)
		abort();
	buf_append(&outcome->by_type[type], bytes, len);
	return 0;
}

static void
run(const uint8_t *data, size_t size, size_t piece, struct outcome *outcome)
{
	struct docker_stream stream;

	memset(outcome, 0, sizeof(*outcome));
	docker_stream_init(&stream, take, outcome, ERR_SOURCE);
	for (size_t at = 0; at < size && outcome->written == 0; at += piece)
		outcome->written =
			docker_stream_write(&stream, data + at, size - at < piece ? size - at : piece);
	outcome->finished = outcome->written == 0 ? docker_stream_finish(&stream) : -1;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct outcome whole, pieces;

	if (size == 0)
		return 0;
	run(data + 1, size - 1, size, &whole);
	run(data + 1, size - 1, (size_t)data[0] % 16 + 1, &pieces);
	if (whole.written != pieces.written || whole.finished != pieces.finished)
		abort();
	for (size_t i = 0; i < 4; i++) {
		if (whole.by_type[i].len != pieces.by_type[i].len ||
			strcmp(buf_text(&whole.by_type[i]), buf_text(&pieces.by_type[i])) != 0)
			abort();
		buf_clear(&whole.by_type[i]);
		buf_clear(&pieces.by_type[i]);
	}
	return 0;
}
