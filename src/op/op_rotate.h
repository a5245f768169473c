/* Rotation in one store: the step that prune and every backup share. */
#ifndef INCANT_OP_ROTATE_H
#define INCANT_OP_ROTATE_H

#include <stdbool.h>
#include <stdint.h>

#include "incant/op_prune.h"
#include "incant/retention.h"
#include "incant/settings.h"

#include "op_shelf.h"

struct op_rotation {
	const struct settings_store *settings; /* of the store */
	const struct op_shelf *shelf;          /* all stores, as they are now */
	const struct op_place *place;          /* this one, on the shelf */
	const char *source;
	bool dry_run;
	int64_t now;
};

/* What retention has to know of a backup, from all the stores on the shelf. Borrows from the entry. */
struct retention_backup op_rotate_describe(
	const struct op_shelf *shelf, const struct catalog_entry *entry, int64_t now);

/*
 * Decides on every backup, adds the verdicts to the report and the figures to *store; then, unless it is a
 * dry run, removes what is dropped, and sweeps. The caller holds the source's lock. 0 or -1.
 */
int op_rotate_store(
	const struct op_rotation *rotation, struct op_prune_report *report, struct op_prune_store *store);

#endif
