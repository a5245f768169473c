/*
 * Which tables a section creates, what of them matters to loading and building them side by side, and who
 * locks whom: a statement about a table may lock its parents and its partitions.
 *
 * Tables are known by a key: schema and name, decoded and quoted again, so that it does not matter how they
 * were written.
 */
#ifndef RESTORE_TABLES_H
#define RESTORE_TABLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "incant/contents.h"

struct restore_table {
	char *key;
	uint64_t bytes;   /* of its rows */
	size_t up;        /* another one of its family, or itself: follow it to the root */
	bool created;     /* by CREATE TABLE of this section; else it was only named */
	bool partitioned; /* holds no rows itself */
	bool checks;      /* a CHECK of it calls a function of a user, which may look at other tables */
};
struct restore_tables {
	struct restore_table *list; /* sorted by key */
	size_t count, capacity;
};

/* The key of a decoded name; the caller frees it. */
char *restore_table_key(const char *schema, const char *name);

/* Reads a name as written (a, a.b, "a"."b") at *at and steps over it: decoded, for the caller to free; the
 * schema is "" where none is written. False where there is no name. */
bool restore_table_name_read(const char **at, char **schema, char **name);

/* Reads a name as written (a, a.b, "a"."b") at *at and steps over it. Its key, which the caller frees; NULL
 * where there is none. */
char *restore_table_key_read(const char **at);

/* Takes in a CREATE TABLE statement of that name: its properties, its parents. */
void restore_tables_create(struct restore_tables *tables, const char *name, const char *statement);

/* Takes in that two tables are of one family. names: both of them, as the scanner names ATTACH PARTITION and
 * INHERIT: "public.parent public.child". */
void restore_tables_relate(struct restore_tables *tables, const char *names);

/* The table of that key; NULL where it was never named. Borrowed until the next call of one of the others. */
const struct restore_table *restore_tables_find(const struct restore_tables *tables, const char *key);

/* Enters how many bytes of rows each table has in the dump. */
void restore_tables_weigh(struct restore_tables *tables, const struct contents_section *section);

/*
 * The key of the root of its family, the same address for all of them, until restore_tables_clear(). Takes
 * ownership of key, and enters a table that was never named. *bytes (may be NULL) are those of its rows.
 */
const char *restore_tables_root(struct restore_tables *tables, char *key, uint64_t *bytes);

void restore_tables_clear(struct restore_tables *tables);

#endif
