/*
 * What the files of restore share: where it leads, and how.
 */
#ifndef INCANT_OP_RESTORE_INSIDE_H
#define INCANT_OP_RESTORE_INSIDE_H

#include <stdbool.h>
#include <stddef.h>

#include "incant/op_restore.h"
#include "incant/restore.h"
#include "incant/restore_rename.h"
#include "incant/source_address.h"

#include "op_opened.h"

/* Where a restore leads, and what each database is called there. */
struct op_restore_target {
	struct source_address address;
	const struct settings_source
		*source;            /* it is the server that the settings name; else NULL. Borrowed */
	const char **wanted;        /* the databases, borrowed */
	struct restore_name *names; /* of all of them; NULL = their own */
	char **made;                /* the new names */
	size_t count, capacity;
};

/* Finds the server. 0, or -1: ERR_USAGE for what --to says, or what source_address_find() gives. */
int op_restore_target_find(struct op_restore_target *target, const struct settings *settings, const char *to);

/*
 * Gives every database that is wanted (count 0 = all that have something) a name beside the live one. Copies
 * that a restore left on the server when the backup was made are not wanted unless they are named.
 */
void op_restore_target_beside(struct op_restore_target *target, const struct op_opened *opened,
	const struct op_restore_request *request);

/* Gives the database of that index another name; copied. */
void op_restore_target_rename(struct op_restore_target *target, size_t index, const char *as);

/* The request for the inner recipe: borrows from both. */
struct op_restore_request op_restore_target_request(
	const struct op_restore_target *target, const struct op_restore_request *request);

/* Fills in the report's forecast, whose databases the plan has named. */
void op_restore_foretell(const struct op_opened *opened, const struct op_restore_request *request,
	const struct restore *restore, struct op_restore_report *report);

/* 0, or -1 with ERR_RESTORE: there is no room, and a full disk would stop what else the target does. */
int op_restore_check_room(const struct op_restore_forecast *forecast);
void op_restore_target_clear(struct op_restore_target *target);

#endif
