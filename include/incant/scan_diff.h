/*
 * What differs between two contents, in whatever order they were dumped: databases, definitions, rows,
 * sequences, large objects. Pure. Serves `diff` and guard (two backups of a cluster that lives) and the proof
 * (a backup and the dump of its test restore).
 *
 *     scan_diff_init(&diff); scan_diff_compare(&diff, &before, &after); … scan_diff_clear(&diff);
 *
 * Where the statements of a dump stand does not matter, and neither does the physical order of rows: both
 * change without anybody having changed anything.
 */
#ifndef INCANT_SCAN_DIFF_H
#define INCANT_SCAN_DIFF_H

#include <stdbool.h>
#include <stddef.h>

#include "incant/buf.h"
#include "incant/contents.h"

enum scan_diff_what {
	SCAN_DIFF_DATABASE,     /* it is in one of the two only, or its encoding is another one */
	SCAN_DIFF_STATEMENT,    /* a definition, a right, a setting, a comment */
	SCAN_DIFF_TABLE,        /* the rows of a table */
	SCAN_DIFF_SEQUENCE,     /* where a sequence stands */
	SCAN_DIFF_LARGE_OBJECT, /* its data, owner, rights or comment */
};

/*
 * One difference. What it is about is there on both sides, or one of the two is NULL. Definitions that have
 * the same kind and name are a pair. Everything is borrowed from the two contents.
 */
struct scan_difference {
	enum scan_diff_what what;
	const struct contents_section *was_in, *is_in; /* NULL = there is no such database */
	union {
		struct {
			const struct contents_statement *was, *is;
		} statement;
		struct {
			const struct contents_table *was, *is;
		} table;
		struct {
			const struct contents_sequence *was, *is;
		} sequence;
		struct {
			const struct contents_large_object *was, *is;
		} large_object;
	};
};

struct scan_diff {
	struct scan_difference *list; /* database by database as they stand in the contents; in each of them
					 in the order of enum scan_diff_what, then by place in the dump */
	size_t count, capacity;
};

void scan_diff_init(struct scan_diff *diff);
void scan_diff_clear(struct scan_diff *diff);

/* Adds what differs. A database that one of the two does not have is one difference, not one for each thing
 * in it. */
void scan_diff_compare(struct scan_diff *diff, const struct contents *before, const struct contents *after);

/* Whether it came, went, or changed. */
enum scan_diff_how { SCAN_DIFF_ADDED, SCAN_DIFF_REMOVED, SCAN_DIFF_CHANGED };
enum scan_diff_how scan_difference_how(const struct scan_difference *difference);

/* The database's name; NULL for the globals. Borrowed. */
const char *scan_difference_database(const struct scan_difference *difference);

/* "database", "definition", "rows", "sequence", "large object"; and "added", "removed", "changed". */
const char *scan_diff_what_word(enum scan_diff_what what);
const char *scan_diff_how_word(enum scan_diff_how how);

/*
 * Appends what it is about, the database left out: "CREATE INDEX public.t t_a", "table public.t", "sequence
 * public.s", "large object 16400"; nothing for a database. Names as the dump has them.
 */
void scan_difference_write_name(const struct scan_difference *difference, struct buf *to);

/*
 * Appends how it was (after false) or is (true), as far as the contents know: "3 rows, digest 0a1b…", "42",
 * "5 bytes, digest …"; "missing" where it is not there; for a statement "digest …".
 */
void scan_difference_write_side(const struct scan_difference *difference, bool after, struct buf *to);

#endif
