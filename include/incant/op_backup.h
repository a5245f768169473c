/*
 * backup: one dump into the first store, copied into the others.
 */
#ifndef INCANT_OP_BACKUP_H
#define INCANT_OP_BACKUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "incant/error.h"
#include "incant/op.h"
#include "incant/op_lock.h"

struct op_backup_request {
	const char *label;      /* NULL = none */
	bool dry_run;           /* look and check, write nothing */
	struct op_lock *lock;   /* held by the caller; NULL = the run takes its own */
	uint64_t wait_ms;       /* for the lock; 0 = not at all */
	bool pin;               /* keep the backup out of rotation from the start */
	int64_t pin_until;      /* 0 = for ever */
	const char *pin_reason; /* NULL = none */
	bool no_push;           /* into the first store only */
	bool no_prune;          /* without rotation */
};
struct op_store_outcome {
	char *name;
	bool ok;
	struct error error; /* when not ok */
};
struct op_backup_report {
	bool made;               /* a backup stands */
	struct op_backup backup; /* valid when made; it is suspect where it looks like a loss */
	uint64_t dump_ms, total_ms;
	struct op_store_outcome *outcomes;
	size_t outcome_count, outcome_capacity;
	char *source_description; /* for --dry-run: what would be dumped, server and dumper version, expected
				     size */
	char *server_version, *dumper_version;
	uint64_t expected_bytes; /* of the dump: from the last backup, else 0 */
	uint64_t free_bytes;     /* of the first store */
	char **pruned;           /* ids that rotation has removed from a store at least */
	size_t pruned_count, pruned_capacity;
};
int op_backup_run(const struct settings *settings, const struct op_backup_request *request,
	struct op_backup_report *report);
void op_backup_report_clear(struct op_backup_report *report);

#endif
