/*
 * The data of one COPY block: its rows, each ended by a newline, until the line that is exactly "\.".
 * Counts them and adds up their digests at memory speed. A row may be as long as it likes: one that is cut by
 * the end of the bytes is digested piece by piece.
 *
 * Order of calls: scan_copy_init(); for every block scan_copy_begin() and scan_copy_step() until it says
 * `end`; scan_copy_clear().
 */
#ifndef SCAN_COPY_H
#define SCAN_COPY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "incant/digest.h"

struct scan_copy {
	uint64_t rows;
	uint64_t bytes; /* of the rows with their newlines */
	struct digest128 digest;

	/* The row that the end of the last bytes cut in two. */
	struct digest_xxh128 *partial;
	uint64_t partial_bytes;
	char partial_head[2]; /* its first bytes: they may be "\." */
};

struct scan_copy_step {
	bool end;        /* the "\." line is complete: used ends behind its newline */
	size_t used;     /* bytes taken; all of them unless `end` */
	size_t released; /* of the "\." that earlier steps held back, bytes that were data after all */
	size_t data;     /* bytes from the start of this step's that are data; what is left is held back */
};

void scan_copy_init(struct scan_copy *copy);
void scan_copy_clear(struct scan_copy *copy);

/* Forgets the block before. */
void scan_copy_begin(struct scan_copy *copy);

struct scan_copy_step scan_copy_step(struct scan_copy *copy, const char *bytes, size_t len);

#endif
