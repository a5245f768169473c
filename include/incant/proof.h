/*
 * A proof: the record of a test restore, whether all came back or not. It stands beside the backup,
 * SOURCE/ID/proof.json, in every store that has the backup; a later proof takes its place.
 *
 *     { "format": 1, "at": "2026-11-22T04:00:00Z", "ok": false, "ms": 5400, "restore_ms": 3200,
 *       "scratch": "docker", "image": "sha256:…", "server_version": "15.18", "store": "local",
 *       "databases": 4, "tables": 40, "rows": 1234567, "reason": null, "difference_count": 1,
 *       "differences": [ { "where": "database shop: table public.t", "expected": "3 rows, …",
 *                          "found": "…" } ] }
 */
#ifndef INCANT_PROOF_H
#define INCANT_PROOF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "incant/buf.h"
#include "incant/store.h"

#define PROOF_FORMAT      1
#define PROOF_NAME        "proof.json"
#define PROOF_LIMIT_BYTES (1u << 20)
#define PROOF_KEPT        200 /* differences that are written */

struct proof_difference {
	char *where, *expected, *found;
};

struct proof {
	int64_t at; /* when it ended */
	bool ok;
	uint64_t ms;
	uint64_t restore_ms;              /* of these the restore, without the second dump; 0 = not known */
	char *scratch;                    /* "docker" or "cluster" */
	char *image;                      /* of the container; NULL = none */
	char *server_version;             /* of the scratch server; NULL = it was not reached */
	char *store;                      /* the store whose copy was restored */
	uint64_t databases, tables, rows; /* that were compared */
	char *reason;                     /* why the backup would not restore; NULL = it did */
	struct proof_difference *differences; /* read back: at most PROOF_KEPT of them */
	size_t count, capacity;
	uint64_t difference_count; /* all of them */
};

struct proof *proof_new(void);
struct proof *proof_copy(const struct proof *proof); /* NULL gives NULL */
void proof_free(struct proof *proof);                /* NULL is allowed */

/* Adds a difference and takes ownership of its texts. */
void proof_add(struct proof *proof, struct proof_difference difference);

/* The later one of two; either may be NULL. */
const struct proof *proof_later(const struct proof *a, const struct proof *b);

/* Appends proof.json. */
void proof_write(const struct proof *proof, struct buf *buf);

/* Reads proof.json. A newer format is an error like any other. NULL with ERR_DAMAGED. */
struct proof *proof_read(const char *text, size_t len, const char *what);

/*
 * The proof of a backup: 0 with *proof, STORE_MISSING, or -1. One that is there and cannot be used proves
 * nothing: STORE_MISSING, with a warning.
 */
int proof_load(struct store *store, const char *source, const char *id, struct proof **proof);

/*
 * The two halves of proof_load(), for those who get the bytes in another way: what errors call it (the caller
 * frees it), and what is made of the bytes; got is 0, STORE_MISSING or -1 with the error.
 */
char *proof_what(const struct store *store, const char *id);
int proof_judge(int got, const struct buf *text, const char *what, struct proof **proof);

/* Puts it beside the backup (STORE_WRITE), in the place of an earlier one. 0 or -1. */
int proof_save(struct store *store, const char *source, const char *id, const struct proof *proof);

#endif
