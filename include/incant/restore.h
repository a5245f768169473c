/*
 * The way back: SQL from the scanner goes through libpq into a server. No psql, no shell; of meta-commands
 * only those that pg_dumpall writes are obeyed.
 *
 * The plan says what would be done and what stands against it. Its wanted steps are then run in order: the
 * globals first, then each database, in which rows, indexes and constraints go in over several connections at
 * once.
 *
 *     restore_begin(&options)  -> connects, looks at the target, refuses
 *     restore_look()           -> reads what matters of the dump and asks the target about it
 *     restore_check_plan()     -> refuses when anything stands against the plan
 *     restore_step_run()       for each wanted step: restores it, and compares what went in with the record
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
#include "incant/stage.h"

/* What is to be restored, in the order in which it will be. */
struct restore_step {
	const struct contents_section *section; /* borrowed from the contents */
	const char *as; /* what its database is called on the target; NULL for the globals. Borrowed */
	bool creates;   /* the database is created by the restore, it must not be there */
	bool wanted;  /* globals of a --database restore are read for the roles that are missing, so they are
			 always wanted; template1 or postgres with nothing in its section is not */
	bool *chosen; /* of the section's tables, whether their rows are restored; NULL = all are */
	uint64_t tables, rows, plain_bytes; /* plain_bytes: what is read of the dump */
	char *obstacle; /* all reasons why it cannot be restored into this target ("database app exists
			 * already"), or NULL
			 */
};
struct restore_plan {
	struct restore_step *steps;
	size_t count, capacity;
	size_t obstacles;
	char **notes; /* what does not stand in the way, and should be known: roles that differ */
	size_t note_count, note_capacity;
	char *target; /* for people: "server version 15.18 at host=/tmp/x port=5432" */
};

struct restore_options {
	const char *conninfo; /* of the target; its dbname (default postgres) is where the work begins */
	const char *password; /* for it; NULL = from a pass file, as libpq does */
	const struct contents *contents; /* of the backup */
	const char *const *databases;    /* wanted ones; count 0 = the whole cluster */
	size_t database_count;
	const char *const *tables; /* the rows of these only, with all definitions of their databases: D.S.T,
				      or S.T where one database is meant; those of a partitioned table are
				      those of its partitions. Large objects stay empty. count 0 = all */
	size_t table_count;
	bool globals; /* nothing but the globals */
	const struct restore_name
		*names; /* under other names, borrowed until restore_free(). template1 and
			   postgres are created then, too. Tablespaces that exist are left */
	size_t name_count;
	uint64_t system_identifier; /* of the backup's source; a target with the same is refused (it is the
				       source). 0 = not known */
	bool may_be_source;         /* but not here */
	const char *mark;           /* the backup's id: databases under other names are marked with it on the
				       target (restore_mark.h). NULL = they are not */
	int server_version_number;  /* of the backup's source, 150018; 0 = not known. What a target of a lower
				       major cannot take is an obstacle that restore_look() finds */
	unsigned jobs;              /* connections; 0 = 1 */
	bool keep_going; /* a statement that fails does not stop its database; restore_result has them all */
	bool scratch; /* the target is a scratch server (scratch.h): what the dump says of the one role that
			 exists there is done too, and tablespaces are made in place */
};

struct restore;

/* Connects and plans. ERR_RESTORE (not connected, is the source, older major), ERR_NOT_FOUND (no such
 * database in the backup; names those there are). */
struct restore *restore_begin(const struct restore_options *options);
const struct restore_plan *restore_get_plan(const struct restore *restore);

/*
 * The target's data_directory, as it sees it; NULL where it was not told. *local: it is reached by a socket,
 * so that it is a server of this machine (or a container's, whose paths are its own). Borrowed.
 */
const char *restore_data_directory(const struct restore *restore, bool *local);

/*
 * Where the dump comes from: pushes those of its plain bytes into a stage. lane: which of the connections
 * asks, from 0 to jobs - 1; each asks from a thread of its own, lane 0 from the caller's. 0 or -1.
 */
struct restore_feed {
	int (*read)(struct restore_feed *feed, unsigned lane, struct extent at, struct stage *to);
};

/*
 * Reads the globals and each CREATE DATABASE, and asks the target about what they need: locales, tablespaces,
 * settings, roles that differ; all definitions where deep is set (a dry run) or the target is of an earlier
 * version. Adds obstacles and notes to the plan. 0, or -1: reading or asking failed.
 */
int restore_look(struct restore *restore, struct restore_feed *feed, bool deep);

/* -1 with ERR_RESTORE naming the first obstacle, when there is one. To be called before anything is streamed.
 */
int restore_check_plan(const struct restore *restore);

/*
 * Restores one wanted step of the plan, and proves it: all bytes of its section have passed the scanner, and
 * tables, rows, statements, sequences and large objects were those of the record. 0; or -1, and nothing may
 * be called any more but restore_free().
 */
int restore_step_run(struct restore *restore, size_t step, struct restore_feed *feed);

/* For the report. Borrowed. */
struct restore_failure {
	char *database; /* of the backup; NULL for the globals */
	char *message;  /* with the place in the dump, SQLSTATE and the statement's beginning */
	char *hint;     /* NULL = none */
	uint64_t plain_off;
	char sqlstate[6];
};
struct restore_result {
	size_t roles_created, roles_left;
	uint64_t rows;
	struct restore_failure *failures; /* statements that failed, with keep_going */
	size_t failure_count, failure_capacity;
};
const struct restore_result *restore_get_result(const struct restore *restore);

/*
 * Ends it. Databases that this restore created and did not complete are dropped; completed ones stay.
 * *dropped (may be NULL) says which, comma-separated, caller frees; NULL text where there were none.
 */
void restore_free(struct restore *restore, char **dropped);

#endif
