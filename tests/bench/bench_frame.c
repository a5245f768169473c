/*
 * Compresses a file through the frame stage into nothing, and says what that took:
 *
 *     bench_frame FILE CODEC[:LEVEL] WORKERS verify|plain [FRAME_BYTES]
 *
 * prints one line: CPU seconds, wall seconds, bytes in, bytes out. The file is mapped into memory and touched
 * first, so that reading it does not count.
 */
#include "config.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "incant/error.h"
#include "incant/frame.h"
#include "incant/stage.h"
#include "incant/text.h"

#define PIECE_BYTES ((size_t)64 << 10)

static double
seconds_of(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* The file as memory, every page of it present. NULL on failure. */
static const unsigned char *
map_file(const char *path, size_t *len)
{
	struct stat status;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	void *bytes = MAP_FAILED;

	if (fd < 0)
		return NULL;
	if (fstat(fd, &status) == 0 && status.st_size > 0)
		bytes = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
	close(fd);
	if (bytes == MAP_FAILED)
		return NULL;
	*len = (size_t)status.st_size;
	return bytes;
}

static int
compress(const unsigned char *bytes, size_t len, const struct frame_write_options *options,
	struct frame_index *index)
{
	struct stage *head = frame_write_new(stage_null_new(), options, index);
	int rc = head != NULL ? 0 : -1;

	for (size_t at = 0; rc == 0 && at < len; at += PIECE_BYTES)
		rc = stage_write(head, bytes + at, len - at < PIECE_BYTES ? len - at : PIECE_BYTES);
	if (rc == 0)
		rc = stage_finish(head);
	stage_free(head);
	return rc;
}

int
main(int argc, char **argv)
{
	struct frame_write_options options = { .frame_bytes = FRAME_DEFAULT_BYTES };
	struct frame_index index;
	const unsigned char *bytes;
	uint64_t workers, frame_bytes = FRAME_DEFAULT_BYTES;
	size_t len = 0;

	if (argc < 5 || argc > 6 || frame_codec_parse(argv[2], &options.codec, &options.level) != 0 ||
		text_parse_u64(argv[3], &workers) != 0 || workers < 1 || workers > 64 ||
		(argc == 6 && text_parse_bytes(argv[5], &frame_bytes) != 0) || frame_bytes < 1 ||
		frame_bytes > FRAME_MAX_BYTES) {
		fprintf(stderr, "usage: bench_frame FILE CODEC[:LEVEL] WORKERS verify|plain [FRAME_BYTES]\n");
		return 2;
	}
	bytes = map_file(argv[1], &len);
	if (bytes == NULL) {
		fprintf(stderr, "cannot map %s\n", argv[1]);
		return 1;
	}
	options.workers = (unsigned)workers;
	options.frame_bytes = (uint32_t)frame_bytes;
	options.verify = text_equal(argv[4], "verify");
	frame_index_init(&index);

	double cpu = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
	double wall = seconds_of(CLOCK_MONOTONIC);
	if (compress(bytes, len, &options, &index) != 0) {
		fprintf(stderr, "%s\n", error_get()->message);
		return 1;
	}
	printf("cpu_s %.3f wall_s %.3f plain_bytes %" PRIu64 " framed_bytes %" PRIu64 "\n",
		seconds_of(CLOCK_PROCESS_CPUTIME_ID) - cpu, seconds_of(CLOCK_MONOTONIC) - wall,
		index.plain_bytes, index.framed_bytes);
	frame_index_clear(&index);
	return 0;
}
