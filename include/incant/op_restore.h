/*
 * restore: a backup, or some databases of it, into a server. Into the source's own, each database comes back
 * beside the live one as DATABASE_incant_ID; into another one, under its own name. In place, it then changes
 * names with the live one, which is kept as DATABASE_before_ID.
 */
#ifndef INCANT_OP_RESTORE_H
#define INCANT_OP_RESTORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "incant/op.h"
#include "incant/op_lock.h"
#include "incant/restore_rename.h"

struct op_restore_request {
	struct op_which which;
	const char *conninfo; /* of the target; NULL or "source" = the source itself */
	const char *const *databases;
	size_t database_count;
	const char *const *tables; /* the rows of these only; as in struct restore_options */
	size_t table_count;
	bool globals;    /* nothing but the globals (and the databases, where some are named) */
	unsigned jobs;   /* connections, up to OP_RESTORE_MAX_JOBS; 0 = as many as there are processors */
	bool keep_going; /* statements that fail do not stop their database; the report has them all */
	bool dry_run;

	bool in_place;         /* swap with the live ones, after a safety backup */
	bool no_safety_backup; /* without it */
	struct op_lock *lock;  /* held by the caller; NULL = it takes its own for what is done in place */

	/* Instead of restoring; at most one: */
	bool undo; /* what the newest swap replaced takes its place again */
	bool swap; /* what was restored beside (of that backup; which.which NULL = the newest) is swapped in
		    */
	bool finalize; /* what swaps have kept is dropped */

	/* For the inner recipe; op_restore_run() fills them in itself. */
	const char *password;             /* NULL = none */
	const struct restore_name *names; /* NULL = databases keep their names */
	size_t name_count;
	bool scratch; /* the target is a scratch server: as in struct restore_options */
	const struct settings_source *source; /* the target is the source; NULL = it is another server */
};
#define OP_RESTORE_MAX_JOBS 64

struct op_restored {
	char *name;
	char *restored_as; /* NULL until it is restored whole; in a dry run what it would be called */
	char *kept_as;     /* the database that was live until then; NULL = none was, or it still is */
	uint64_t tables, rows, plain_bytes;
	char *obstacle; /* dry run: why not; NULL = nothing in the way */
};
/* What a restore takes, as far as that can be told beforehand. */
struct op_restore_forecast {
	uint64_t restore_ms;   /* by the time that a proof took for as many bytes; 0 = nothing to tell by */
	char *proven;          /* id of the backup that was proven; NULL = none */
	uint64_t needed_bytes; /* about, on the target's disk; 0 = nothing is restored there */
	uint64_t free_bytes;   /* UINT64_MAX = not known here */
	char *folder;          /* where that is, on this machine; NULL = not known */
};

/* A statement that failed, with keep_going. */
struct op_restore_failure {
	char *database; /* NULL for the globals */
	char *message;
	char *hint; /* NULL = none */
	uint64_t plain_off;
	char sqlstate[6];
};
struct op_restore_report {
	struct op_backup backup;
	struct op_restored *databases;
	size_t count, capacity;
	struct op_restore_failure *failures;
	size_t failure_count, failure_capacity;
	char *target;
	char *conninfo; /* of the target, without a database: libpq's words, no password */
	bool beside;    /* beside the live databases */
	bool swapped;   /* databases have changed names */
	char *safety;   /* id of the safety backup; NULL = none was made */
	char *server;   /* a scratch server that stays up, for people; NULL = none */
	char *dropped;  /* databases that were half restored and dropped again; NULL = none */
	struct op_restore_forecast forecast;
	uint64_t total_ms, read_bytes;
	size_t roles_created, roles_left;
};
int op_restore_run(const struct settings *settings, const struct op_restore_request *request,
	struct op_restore_report *report);

/*
 * The inner recipe, for others that restore: an opened backup whose record is read (op_opened.h) into
 * request->conninfo; request->which is not looked at. Plans, refuses, and unless it is a dry run does it.
 * Enters what was done into *report, which the caller has set to zeros and clears; backup, total_ms and
 * read_bytes are the caller's. 0, or -1: ERR_RESTORE, ERR_NOT_FOUND, ERR_DAMAGED, ERR_STORE, ERR_INTERRUPTED.
 */
struct op_opened;
int op_restore_opened(
	struct op_opened *opened, const struct op_restore_request *request, struct op_restore_report *report);
void op_restore_report_clear(struct op_restore_report *report);

#endif
