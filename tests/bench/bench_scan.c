/*
 * What the scanner costs: reads a dump from standard input, scans it into nothing and prints the CPU time,
 * the bytes, tables and rows on one line, for tests/bench/run to compare with `zstd -3` on the same bytes.
 */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "incant/contents.h"
#include "incant/error.h"
#include "incant/mem.h"
#include "incant/scan.h"
#include "incant/stage.h"

#define CHUNK_BYTES (256u << 10)

static double
cpu_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Scans standard input. *seconds is the time in the stage alone, without read(2). 0 or -1. */
static int
scan_input(struct stage *head, double *seconds)
{
	char *chunk = mem_alloc(CHUNK_BYTES);
	int result = 0;

	for (;;) {
		ssize_t len = read(STDIN_FILENO, chunk, CHUNK_BYTES);
		double before = cpu_seconds();

		if (len <= 0) {
			result = stage_finish(head);
			*seconds += cpu_seconds() - before;
			break;
		}
		result = stage_write(head, chunk, (size_t)len);
		*seconds += cpu_seconds() - before;
		if (result != 0)
			break;
	}
	free(chunk);
	return result;
}

int
main(void)
{
	struct contents contents;
	struct scan_options options = { .contents = &contents, .error_class = ERR_SOURCE };
	struct contents_totals totals;
	struct stage *head;
	double seconds = 0;
	int result;

	contents_init(&contents);
	head = scan_new(stage_null_new(), &options);
	result = scan_input(head, &seconds);
	stage_free(head);
	if (result != 0) {
		fprintf(stderr, "bench_scan: %s\n", error_get()->message);
	} else {
		totals = contents_totals(&contents);
		printf("cpu_seconds %.3f bytes %" PRIu64 " tables %" PRIu64 " rows %" PRIu64 "\n", seconds,
			contents.plain_bytes, totals.tables, totals.rows);
	}
	contents_clear(&contents);
	return result == 0 ? 0 : 1;
}
