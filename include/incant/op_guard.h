/*
 * guard: a command that may go wrong, a migration, between a backup before it and a look after it. The
 * source's lock is held from the first to the last step, so that no other run dumps what is half changed.
 */
#ifndef INCANT_OP_GUARD_H
#define INCANT_OP_GUARD_H

#include <stdbool.h>
#include <stdint.h>

#include "incant/contents.h"
#include "incant/foreground.h"
#include "incant/op_backup.h"
#include "incant/op_restore.h"
#include "incant/op_snapshot.h"
#include "incant/scan_diff.h"

/* So many backups stay pinned by guard; of older ones the pin is taken away. */
#define OP_GUARD_PINS 5

/* What a pin of guard's begins with. */
#define OP_GUARD_REASON "guard: "

enum op_guard_failure { OP_GUARD_ASK, OP_GUARD_RESTORE, OP_GUARD_KEEP };

struct op_guard_report;
struct op_guard_request {
	const char *const *argv; /* NULL-ended */
	enum op_guard_failure on_failure;
	bool snapshot;     /* of the droplet too, before the command */
	bool output_aside; /* the command's standard output goes to standard error */
	uint64_t wait_ms;  /* for the lock */
	/* OP_GUARD_ASK: whether to go back. 1, 0, or -1 with the error. The report says what happened. */
	int (*ask)(void *context, const struct op_guard_report *report);
	void *context;
};

struct op_guard_report {
	struct op_backup_report backup;
	bool snapped; /* snapshot was made */
	struct op_snapshot_report snapshot;
	bool ran; /* the command was run; end says what came of it */
	struct foreground_end end;
	bool compared;                 /* diff is what changed */
	struct contents before, after; /* what diff borrows from */
	struct scan_diff diff;
	bool went_back; /* the databases of `restore` are as before, if only roles were missing none */
	struct op_restore_report restore;
};

/*
 * 0 when the command ended with status 0 and the cluster could be dumped after it. Otherwise -1: ERR_GUARD
 * when the command failed, whatever was done then; ERR_USAGE when there is no such command, and the class of
 * what failed when the backup or the snapshot could not be made: the command has not been run then.
 */
int op_guard_run(const struct settings *settings, const struct op_guard_request *request,
	struct op_guard_report *report);
void op_guard_report_clear(struct op_guard_report *report);

/* The command as one line for people, at most `limit` bytes, passwords in it replaced by "***". The caller
 * frees it. */
char *op_guard_show_command(const char *const *argv, size_t limit);

#endif
