/*
 * Copying a whole backup from one store into another: objects first, the manifest last.
 *
 * The copy has a manifest of its own: its objects have the names, sizes and digests of the store that holds
 * them. Where those are the same as in the store that it came from, so is the manifest, byte for byte.
 */
#ifndef INCANT_OP_COPY_H
#define INCANT_OP_COPY_H

#include "incant/manifest.h"
#include "incant/settings.h"
#include "incant/stage.h"
#include "incant/store.h"

#include "op_seal.h"

/* One backup on its way. Everything is borrowed. */
struct op_copy {
	const struct settings *settings;
	struct store *from, *to; /* to: STORE_WRITE */
	const struct settings_store *from_place, *to_place;
	const struct manifest *manifest; /* as `from` has it */
	struct op_keys *keys;            /* for a sealed `from`; NULL = the copy's own */
	const struct manifest
		*sent; /* objects that this process has just sent, as the target has them; NULL = none */
};

/*
 * Copies what `to` lacks of a backup. An object whose digest on the way differs from the manifest's is not
 * committed (ERR_DAMAGED). 0; also when `to` has the backup already. -1 otherwise; what was copied so far is
 * left for the next try, which goes on from there.
 */
int op_copy_backup(const struct op_copy *request);

/*
 * What becomes of an object's bytes on the way. Between stores that are sealed to the same recipients it goes
 * over as it is, which needs no identity.
 */
enum op_copy_way {
	OP_COPY_AS_IS,  /* the target has the same bytes */
	OP_COPY_SEAL,   /* encrypted */
	OP_COPY_OPEN,   /* decrypted */
	OP_COPY_RESEAL, /* decrypted, and encrypted to others */
};
/* For an object of that name in `from`. 0, or -1 with ERR_KEYS. */
int op_copy_way(const struct op_copy *copy, const char *name, enum op_copy_way *way);

/* Whether the bytes of an object can be pushed as `from` has them, while they are being written. */
bool op_copy_follows(const struct op_copy *copy, const char *name);

/*
 * The chain that takes one object into the target, from the far end; NULL with the error. What is pushed into
 * it are the bytes that `from` has, or, with OP_COPY_OPEN and OP_COPY_RESEAL, the plain ones within. object:
 * its name and digest in `from`; the digest is looked at when the chain finishes, so that a copy may begin
 * while the object is still being written; of plain bytes it is not, since age has proven them. *own is what
 * the target has of it: the name at once (the caller frees it, after a failure too), size and digest when the
 * chain has finished. Both are borrowed until the chain is freed.
 */
struct stage *op_copy_chain(
	const struct op_copy *copy, const struct manifest_object *object, struct manifest_object *own);

#endif
