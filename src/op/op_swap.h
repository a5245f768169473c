/*
 * In place: what restore does around the inner recipe when databases are to take the place of the live ones,
 * and how that is undone. The state is on the server (restore_mark.h), so each works from any host, and after
 * any crash.
 */
#ifndef INCANT_OP_SWAP_H
#define INCANT_OP_SWAP_H

#include <stdbool.h>

#include "incant/op_lock.h"
#include "incant/op_restore.h"
#include "incant/restore_swap.h"

#include "op_restore_inside.h"

/* Before a restore under other names: drops what an earlier run left half restored under one of them (unless
 * it is a dry run), and tells of other halves. 0 or -1. */
int op_swap_mend(struct restore_swap *swap, const struct op_restore_target *target, bool dry_run);

/* Before a restore in place: gives each database of the target a name that is free, and refuses what cannot
 * be replaced. 0, or -1 with ERR_RESTORE. */
int op_swap_prepare(struct restore_swap *swap, const struct op_restore_request *request,
	struct op_restore_target *target, const char *id);

/* A pinned backup of everything as it is now, under the caller's lock; why becomes its label and the pin's
 * reason. Its id goes into the report. 0, or -1 where nothing stands. */
int op_swap_safety(const struct settings *settings, const char *why, struct op_lock *lock,
	struct op_restore_report *report);

/* The report's databases, restored whole, take the place of the live ones; in a dry run they would. 0 or -1.
 */
int op_swap_in(struct restore_swap *swap, const char *id, bool dry_run, struct op_restore_report *report);

/*
 * Puts databases that were kept back in place: undo, those of the newest swap; otherwise what stands beside.
 * The request says which databases and, for the latter, of which backup. 0 or -1.
 */
int op_swap_back(struct restore_swap *swap, const struct op_restore_request *request, bool undo,
	struct op_restore_report *report);

/* Drops what swaps have kept. 0 or -1. */
int op_swap_finalize(struct restore_swap *swap, const struct op_restore_request *request,
	struct op_restore_report *report);

#endif
