/*
 * The small records that may stand beside a backup and change after it was made: SOURCE/ID/NAME, a JSON
 * object with a format of its own.
 */
#ifndef INCANT_MANIFEST_RECORD_H
#define INCANT_MANIFEST_RECORD_H

#include <stdint.h>

#include "incant/buf.h"
#include "incant/json.h"
#include "incant/store.h"

/* Which record of which backup. */
struct record_place {
	struct store *store;
	const char *source, *id, *name;
};

/* Appends its text (at most limit bytes). 0, STORE_MISSING or -1. */
int record_get(const struct record_place *place, size_t limit, struct buf *text);

/* Puts it there, in the place of an earlier one; takes it away. 0 or -1; record_remove() also STORE_MISSING.
 */
int record_put(const struct record_place *place, const struct buf *text);
int record_remove(const struct record_place *place);

/* Checks the root: an object of that format. 0 with *object, or -1 with ERR_DAMAGED. */
int record_open(const struct json *root, const char *what, unsigned format, const struct json **object);

/* A time, or 0 where the member is null or missing; and the way back. 0, or -1 with ERR_DAMAGED. */
int record_take_time(const struct json *from, const char *key, const char *what, int64_t *at);
void record_put_time(struct json *to, const char *key, int64_t at);

#endif
