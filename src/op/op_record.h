/*
 * The record: contents.json, compressed: {"format": 1, "contents": {…}, "archive": {frame index}}.
 * What the scanner learned and where in the archive it lies; everything that reads part of a dump begins
 * here.
 */
#ifndef INCANT_OP_RECORD_H
#define INCANT_OP_RECORD_H

#include "incant/buf.h"
#include "incant/contents.h"
#include "incant/frame.h"
#include "incant/manifest.h"
#include "incant/store.h"

#include "op_seal.h"

/* Appends the packed record. 0 or -1. */
int op_record_pack(const struct contents *contents, const struct frame_index *index, struct buf *buf);

/* Unpacks one, decrypted where it has to be; object is its name in the store, what names it in errors. 0, or
 * -1 with ERR_DAMAGED. */
int op_record_unpack(const void *bytes, size_t len, const char *object, const char *what,
	struct contents *contents, struct frame_index *index);

/* A backup in a store, and the keys that open it. Borrowed. */
struct op_record_place {
	struct store *store;
	const struct manifest *manifest;
	struct op_keys *keys;
};

/* Gets a backup's record from a store. *read_bytes is raised by its size. 0, or -1 with ERR_DAMAGED,
 * ERR_KEYS or ERR_STORE. */
int op_record_load(const struct op_record_place *place, struct contents *contents, struct frame_index *index,
	uint64_t *read_bytes);

#endif
