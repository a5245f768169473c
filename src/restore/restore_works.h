/*
 * How one section is taken apart for several connections. In the order of the dump:
 *
 *     HEAD     everything in front of the rows: streamed, statement by statement
 *     ROWS     the rows, cut into stretches that are loaded side by side
 *     ORDERED  rows that may depend on other rows: one stretch after another, in the order of the dump
 *     REST     everything behind the rows: streamed; indexes and constraints that stand together are built
 *              side by side, whatever else comes waits for all before it and is waited for
 *
 * A section that is smaller than a stretch, or has no rows, is all HEAD. Statements keep their order, then,
 * but for those that cannot notice. The plan is the same for any number of connections; they only share it
 * out.
 */
#ifndef RESTORE_WORKS_H
#define RESTORE_WORKS_H

#include <stdbool.h>
#include <stddef.h>

#include "incant/contents.h"
#include "restore_tables.h"

struct restore_work {
	enum restore_work_kind { RESTORE_HEAD, RESTORE_ROWS, RESTORE_ORDERED, RESTORE_REST } kind;
	struct extent at;
};
struct restore_works {
	struct restore_work *list;
	size_t count, capacity;
};

/* Rows of this many bytes and more are worth a connection of their own. */
#define RESTORE_STRETCH_BYTES (4u << 20)

/*
 * Plans a section. wanted says for each of its tables whether its rows are restored; NULL = all are. tables
 * is what is known of them from HEAD, NULL = nothing yet. Pure. HEAD comes first, then ROWS (the longest
 * first), then ORDERED, then REST.
 */
void restore_works_plan(const struct contents_section *section, const bool *wanted,
	const struct restore_tables *tables, struct restore_works *works);
void restore_works_clear(struct restore_works *works);

/* What building side by side allows of a statement of that kind and name. */
enum restore_build {
	RESTORE_BUILD_NOT,    /* it waits for all before it, and all behind it wait for it */
	RESTORE_BUILD_INDEX,  /* builds on a table beside others of its kind */
	RESTORE_BUILD_ALTER,  /* has the families of its tables for itself */
	RESTORE_BUILD_FOLLOWS /* belongs to the one directly before it */
};
enum restore_build restore_build_of(const char *kind, const char *name);

#endif
