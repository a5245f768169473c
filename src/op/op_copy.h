/* Copying a whole backup from one store into another: objects first, the manifest last. */
#ifndef INCANT_OP_COPY_H
#define INCANT_OP_COPY_H

#include "incant/manifest.h"
#include "incant/store.h"

/*
 * Copies what `to` lacks of a backup. An object whose digest on the way differs from the manifest's is not
 * committed (ERR_DAMAGED). 0; also when `to` has the backup already. -1 otherwise; what was copied so far is
 * left for the next try.
 */
int op_copy_backup(struct store *from, struct store *to, const struct manifest *manifest);

#endif
