/*
 * What the two halves of verify share: one backup in one store, and its findings. op_verify.c goes over
 * backups and small objects, op_verify_archive.c reads the archive.
 */
#ifndef INCANT_OP_VERIFY_INSIDE_H
#define INCANT_OP_VERIFY_INSIDE_H

#include <stdbool.h>

#include "incant/contents.h"
#include "incant/error.h"
#include "incant/frame.h"
#include "incant/op_verify.h"

#include "op_seal.h"
#include "op_shelf.h"

/* One backup in one store. */
struct op_verify {
	struct store *store;
	const struct manifest *manifest;
	struct op_verified *result;
	struct op_keys *keys;
	struct error *refused;    /* the first reason why an identity did not open something */
	struct contents contents; /* as recorded */
	struct frame_index index;
	bool has_record;
};

/* Adds a finding. */
void op_verify_find(struct op_verified *result, const char *object, uint64_t offset, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* Opens an object and holds its size against the manifest. 0 with *input, 1 when it is missing (a finding),
 * -1. */
int op_verify_open(struct op_verify *verify, const struct manifest_object *object, struct input **input);

/* Reads a small object whole. 0 with its bytes, 1 when it cannot be had (a finding says why), 2 when its
 * digest is not the manifest's, -1. */
int op_verify_read_small(struct op_verify *verify, const struct manifest_object *object, struct buf *bytes);

/* Reads the tars of application files and holds them against their records. 0 whatever was found, or -1. */
int op_verify_files(struct op_verify *verify);

/*
 * The framed bytes of an object over its stored ones (borrowed): these themselves, or what age has in them. 0
 * with *framed (the caller's); 1 when they cannot be had: a finding says why, or the backup is closed; -1.
 */
int op_verify_unseal(struct op_verify *verify, const struct manifest_object *object, struct input *stored,
	struct input **framed);

/* Opens a small object that was read, in place. 0, 1 or -1 likewise. */
int op_verify_unseal_small(struct op_verify *verify, const struct manifest_object *object, struct buf *bytes);

/* Where in the stored object a framed offset lies. */
uint64_t op_verify_stored_off(
	const struct manifest_object *object, const struct input *framed, uint64_t framed_off);

/* Reads the archive: frames, dump, contents, seek table, SHA-256. 0 whatever was found, or -1 when the store
 * failed. */
int op_verify_archive(struct op_verify *verify, const struct manifest_object *object);

#endif
