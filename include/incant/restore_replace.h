/*
 * The rows of live tables are replaced by those of a backup, in one transaction of one database.
 *
 *     restore_replace_begin()    -> connected, the transaction has begun
 *     restore_replace_empty()    for each table: locked, its columns fit, it is empty
 *     restore_replace_sink()     scan_options.sink; stream each table's COPY block through the scanner …
 *     restore_replace_compare()  … and compare what came with the record
 *     restore_replace_finish()   foreign keys hold, sequences are set, it is committed
 *     restore_replace_free()     takes back what is not committed
 *
 * The tables are locked against everybody meanwhile. Triggers do not fire, as they do not in any restore:
 * what they did, they did when the rows were first written. Foreign keys are checked at the end, both ways;
 * nothing is deleted in other tables. The role must be a superuser.
 */
#ifndef INCANT_RESTORE_REPLACE_H
#define INCANT_RESTORE_REPLACE_H

#include <stdint.h>

#include "incant/contents.h"
#include "incant/scan.h"

struct restore_replace_options {
	const char *conninfo, *password;        /* password NULL = none */
	const struct contents_section *section; /* of the database, borrowed until restore_replace_free() */
};
struct restore_replace;

/* NULL with ERR_RESTORE. */
struct restore_replace *restore_replace_begin(const struct restore_replace_options *options);

/* 0, or -1 with ERR_RESTORE: no such table, not to be had, columns that do not fit. table is borrowed. */
int restore_replace_empty(struct restore_replace *replace, const struct contents_table *table);

struct scan_sink *restore_replace_sink(struct restore_replace *replace);

/* 0, or -1 with ERR_DAMAGED. */
int restore_replace_compare(const struct contents_table *recorded, const struct contents_table *found);

/* 0, or -1 with ERR_RESTORE, which names the foreign key that would not hold. */
int restore_replace_finish(struct restore_replace *replace);
void restore_replace_free(struct restore_replace *replace); /* NULL is allowed */

#endif
