/*
 * A lane: one connection to the target, the sink of a scanner, and the thread that works on it. Lane 0 is the
 * thread of the recipe itself; it streams what must keep its order, and works along when there is something
 * to share.
 */
#ifndef RESTORE_LANE_H
#define RESTORE_LANE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "incant/contents.h"
#include "incant/pg.h"
#include "incant/scan.h"
#include "restore_tables.h"
#include "restore_works.h"

struct restore;

/* A statement that waits for its turn. */
struct restore_waiting {
	char *text;
	uint64_t plain_off;
};

/* Something that a lane does on its own: loads a stretch of rows, or runs statements that belong together. */
struct restore_task {
	enum { RESTORE_WAITS, RESTORE_RUNS, RESTORE_DONE } state;
	uint64_t weight;  /* the heavier ones first */
	struct extent at; /* of the rows; none = the statements are the work */
	struct restore_waiting *statements;
	size_t count, capacity;
	size_t session;       /* what must be set for them (restore_session.h) */
	const char *roots[2]; /* the families of tables that they are about; borrowed, compared by address */
	size_t root_count;    /* 0: of rows, with nobody in their way; of statements, alone */
	bool alone;           /* has its families for itself; else only with others that are not alone */
};
struct restore_tasks {
	struct restore_task *list;
	size_t count, capacity;
	size_t text_bytes; /* of all statements */
};

struct restore_lane {
	struct scan_sink sink; /* first: the sink's functions get this pointer */
	struct restore *restore;
	unsigned number;
	struct pg *pg;   /* NULL = not connected */
	size_t session;  /* what is set on it; 0 = nothing yet */
	bool collecting; /* indexes and constraints are not run but entered into the restore's tasks */
	bool skipping;   /* the rows of this COPY go nowhere */
	bool wrapped;    /* the COPY is in a transaction with the TRUNCATE in front of it */
	char *copy_text; /* of the COPY that is under way, and where it stands in the dump */
	uint64_t copy_off;
};

void restore_lane_init(struct restore_lane *lane, struct restore *restore, unsigned number);

/* Connects to a database (NULL = where the work begins); what was connected before is gone then. 0 or -1. */
int restore_lane_connect(struct restore_lane *lane, const char *database);

/* Sets what the dump has set at that point. 0 or -1. */
int restore_lane_prepare(struct restore_lane *lane, size_t session);

void restore_lane_close(struct restore_lane *lane);

/*
 * Runs a statement of the dump under the names of this restore. 0, or -1: the error says where it stands.
 * With keep_going a statement that the server refuses is noted, and the result is 0.
 */
int restore_lane_run(struct restore_lane *lane, const char *text, uint64_t plain_off);

/* The error as one about that statement; notes it (0) or returns -1, as above. */
int restore_lane_fail(struct restore_lane *lane, const char *text, uint64_t plain_off);

/* Streams a part of the present section into the lane's sink and compares what passed with the record. */
int restore_lane_stream(struct restore_lane *lane, struct extent at);

/* restore_copy.c: the sink's part for rows. */
int restore_copy_begin(
	struct scan_sink *sink, const struct scan_statement *statement, const struct contents_table *table);
int restore_copy_data(struct scan_sink *sink, const char *bytes, size_t len);
int restore_copy_end(struct scan_sink *sink, const struct contents_table *table);

/* restore_tasks.c */

/* Enters a statement for later: a task of its own, or the tail of the one before it. False: it cannot wait
 * and must be run when all tasks are done. */
bool restore_tasks_take(
	struct restore_tasks *tasks, struct restore *restore, const struct scan_statement *statement);
void restore_tasks_add_rows(struct restore_tasks *tasks, struct extent at);
/* The one to begin with next; NULL when all that wait have to wait. Pure. */
struct restore_task *restore_tasks_next(struct restore_tasks *tasks);
void restore_tasks_clear(struct restore_tasks *tasks);

/* restore_crew.c: does all tasks of the restore, on as many lanes as it has, and clears them. 0 or -1. */
int restore_crew_run(struct restore *restore);

#endif
