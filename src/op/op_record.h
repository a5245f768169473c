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

/* Appends the packed record. 0 or -1. */
int op_record_pack(const struct contents *contents, const struct frame_index *index, struct buf *buf);

/* Unpacks one; what names it in errors. 0, or -1 with ERR_DAMAGED. */
int op_record_unpack(const void *bytes, size_t len, const char *object, const char *what,
	struct contents *contents, struct frame_index *index);

/* Gets a backup's record from a store. *read_bytes is raised by its size. 0, or -1 with ERR_DAMAGED or
 * ERR_STORE. */
int op_record_load(struct store *store, const struct manifest *manifest, struct contents *contents,
	struct frame_index *index, uint64_t *read_bytes);

#endif
