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

/* What becomes known of it while it is written. Filled in when its chain has finished. */
struct op_object {
	uint64_t bytes;
	char sha256[DIGEST_SHA256_HEX];
};

/*
 * The end of the chain of the object `name` of the manifest's backup: framed bytes go in, and finish commits.
 * Copies follow it (NULL = none do). object is borrowed until then. NULL with the error.
 */
struct stage *op_object_stage(struct store *store, const struct manifest *manifest, const char *name,
	struct op_follow *follow, struct op_object *object);

/* Enters it into the manifest, its chain having finished, and tells the copies so. */
void op_object_enter(const struct op_object *object, struct manifest *manifest, const char *name,
	struct op_follow *follow);

/* The frames in front of it, as [dump] says. index is borrowed until finish. */
struct stage *op_object_frames(
	struct stage *next, const struct settings_dump *dump, struct frame_index *index);

/* Stores a small object and enters it into the manifest. 0 or -1. */
int op_object_put(struct store *store, struct manifest *manifest, const char *name, const struct buf *bytes);

#endif
