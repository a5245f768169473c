/*
 * An object of a backup being made: the far end of its chain, and its entry in the manifest.
 */
#ifndef INCANT_OP_OBJECT_H
#define INCANT_OP_OBJECT_H

#include <stdint.h>

#include "incant/buf.h"
#include "incant/frame.h"
#include "incant/manifest.h"
#include "incant/settings.h"
#include "incant/stage.h"
#include "incant/store.h"

#include "op_follow.h"

/* A backup being made, in the first store. Borrowed. */
struct op_object_place {
	struct store *store;
	const struct settings_store *settings;
	struct manifest *manifest;
	struct op_follow *follow; /* the copies that follow; NULL = none do */
};

/* The name in this store of what is called so: with ".age" where it is encrypted. The caller frees it. */
char *op_object_name(const struct op_object_place *place, const char *name);

/* What becomes known of it while it is written. Filled in when its chain has finished. */
struct op_object {
	uint64_t bytes;
	char sha256[DIGEST_SHA256_HEX];
};

/*
 * The end of the chain of an object, by its name in this store: framed bytes go in, an encrypted store gets
 * them encrypted, and finish commits. Copies follow it. object is borrowed until then. NULL with the error.
 */
struct stage *op_object_stage(
	const struct op_object_place *place, const char *name, struct op_object *object);

/* Enters it into the manifest, its chain having finished, and tells the copies so. */
void op_object_enter(const struct op_object_place *place, const char *name, const struct op_object *object);

/* The frames in front of it, as [dump] says. index is borrowed until finish. */
struct stage *op_object_frames(
	struct stage *next, const struct settings_dump *dump, struct frame_index *index);

/* Stores a small object by its name in this store, encrypted where that says so, and enters it into the
 * manifest. The bytes are those that were stored then. 0 or -1. */
int op_object_put(const struct op_object_place *place, const char *name, struct buf *bytes);

#endif
