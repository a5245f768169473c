/* What follows once a backup stands: its pin, the shrink guard, rotation. */
#ifndef INCANT_OP_BACKUP_END_H
#define INCANT_OP_BACKUP_END_H

#include "incant/contents.h"
#include "incant/op_backup.h"

/* What the steps work with. */
struct op_backup_end {
	const struct settings *settings;
	const struct op_backup_request *request;
	struct op_lock *lock; /* of the source, held */
	const struct contents *contents;
};

/*
 * rc is what came of the copies: where they failed the backup is pinned and looked at all the same, and the
 * earlier error is the one that is told; but nothing is removed. 0 or -1.
 */
int op_backup_end(const struct op_backup_end *end, int rc, struct op_backup_report *report);

#endif
