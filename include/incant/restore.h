/*
 * The way back: SQL from the scanner goes through libpq into a server. No psql, no shell; of meta-commands
 * only those that pg_dumpall writes are obeyed.
 *
 * The plan says what would be done and what stands against it; the sink, a scan_sink, does it. A recipe feeds
 * the sink with the wanted steps' sections, in the plan's order: the globals first, then each database. The
 * scanner must keep statements whole (SCAN_KEEP_WHOLE).
 *
 *     restore_begin(&options)  -> connects, looks at the target, refuses
 *     restore_check_plan()     -> refuses when anything stands against the plan
 *     restore_sink()           -> scan_options.sink; stream the sections through the scanner
 *     restore_end_section()    after each section
 *     restore_free()           a database that is not complete is dropped
 */
#ifndef INCANT_RESTORE_H
#define INCANT_RESTORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "incant/buf.h"
#include "incant/contents.h"
#include "incant/restore_rename.h"
#include "incant/scan.h"

/* What is to be restored, in the order in which it will be. */
struct restore_step {
	const struct contents_section *section; /* borrowed from the contents */
	const char *as; /* what its database is called on the target; NULL for the globals. Borrowed */
	bool creates;   /* the database is created by the restore, it must not be there */
	bool wanted; /* globals of a --database restore are read for the roles that are missing, so they are
			always wanted; template1 or postgres with nothing in its section is not */
	uint64_t tables, rows, plain_bytes;
	char *obstacle; /* why it cannot be restored into this target ("database app exists already"), or NULL
			 */
};
struct restore_plan {
	struct restore_step *steps;
	size_t count, capacity;
	size_t obstacles;
	char *target; /* for people: "server version 15.18 at host=/tmp/x port=5432" */
};

struct restore_options {
	const char *conninfo; /* of the target; its dbname (default postgres) is where the work begins */
	const char *password; /* for it; NULL = from a pass file, as libpq does */
	const struct contents *contents; /* of the backup */
	const char *const *databases;    /* wanted ones; count 0 = the whole cluster */
	size_t database_count;
	const struct restore_name
		*names; /* under other names, borrowed until restore_free(). template1 and
			   postgres are created then, too. Tablespaces that exist are left */
	size_t name_count;
	uint64_t system_identifier; /* of the backup's source; a target with the same is refused (it is the
				       source). 0 = not known */
	bool may_be_source;         /* but not here */
	const char *mark;           /* the backup's id: databases under other names are marked with it on the
				       target (restore_mark.h). NULL = they are not */
	int server_version_number;  /* of the backup's source, 150018; 0 = not known. A target with a lower
				       major is refused */
	bool scratch; /* the target is a scratch server (scratch.h): what the dump says of the one role that
			 exists there is done too, and tablespaces are made in place */
};

struct restore;

/* Connects and plans. ERR_RESTORE (not connected, is the source, older major), ERR_NOT_FOUND (no such
 * database in the backup; names those there are). */
struct restore *restore_begin(const struct restore_options *options);
const struct restore_plan *restore_get_plan(const struct restore *restore);

/* -1 with ERR_RESTORE naming the first obstacle, when there is one. To be called before anything is streamed.
 */
int restore_check_plan(const struct restore *restore);

struct scan_sink *restore_sink(struct restore *restore);

/*
 * After a section has been streamed whole: proves that it was complete, and compares the rows that went in
 * with the record (tables, rows, digests of `found`, the contents of the scanner that fed the sink). 0 or -1.
 */
int restore_end_section(struct restore *restore, const struct contents_section *recorded,
	const struct contents_section *found);

/* For the report. Borrowed. */
struct restore_result {
	size_t roles_created, roles_left;
	uint64_t rows;
};
const struct restore_result *restore_get_result(const struct restore *restore);

/*
 * Ends it. Databases that this restore created and did not complete are dropped; completed ones stay.
 * *dropped (may be NULL) says which, comma-separated, caller frees; NULL text where there were none.
 */
void restore_free(struct restore *restore, char **dropped);

#endif
