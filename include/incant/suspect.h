/*
 * A suspect backup: it is whole, but holds less than those before it, in a way that looks like a loss. The
 * record stands beside it, SOURCE/ID/suspect.json, in every store that has the backup, until somebody accepts
 * it. Rotation lets it replace no good backup.
 *
 *     { "format": 1, "at": "2026-11-22T03:00:04Z", "than": "20261121T030000Z",
 *       "reasons": [ "database shop is gone (1,234 rows)" ] }
 */
#ifndef INCANT_SUSPECT_H
#define INCANT_SUSPECT_H

#include <stddef.h>
#include <stdint.h>

#include "incant/buf.h"
#include "incant/store.h"

#define SUSPECT_FORMAT      1
#define SUSPECT_NAME        "suspect.json"
#define SUSPECT_LIMIT_BYTES (1u << 16)
#define SUSPECT_REASONS_MAX 20 /* more are counted in the last one */

struct suspect {
	int64_t at;
	char *than;     /* id of the good backup that it was held against */
	char **reasons; /* in words; at least one */
	size_t count, capacity;
};

/* suspect_free(NULL) does nothing. than is copied. */
struct suspect *suspect_new(int64_t at, const char *than);
void suspect_add(struct suspect *suspect, const char *reason);
struct suspect *suspect_copy(const struct suspect *suspect); /* NULL gives NULL */
void suspect_free(struct suspect *suspect);

/* Appends the reasons, "; " between them. */
void suspect_write_reasons(const struct suspect *suspect, struct buf *buf);

/* Appends suspect.json; reads it: NULL with ERR_DAMAGED. */
void suspect_write(const struct suspect *suspect, struct buf *buf);
struct suspect *suspect_read(const char *text, size_t len, const char *what);

/* As for pins: one that cannot be read counts, with a warning. 0 with *suspect, STORE_MISSING or -1. */
int suspect_load(struct store *store, const char *source, const char *id, struct suspect **suspect);

/* The two halves of suspect_load(), as those of pin_load(). */
char *suspect_what(const struct store *store, const char *id);
int suspect_judge(int got, const struct buf *text, const char *what, struct suspect **suspect);
int suspect_save(struct store *store, const char *source, const char *id, const struct suspect *suspect);
int suspect_remove(struct store *store, const char *source, const char *id); /* 0, STORE_MISSING or -1 */

#endif
