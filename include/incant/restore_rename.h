/*
 * Restoring a database under another name. The dump's statements about the database itself (CREATE DATABASE,
 * ALTER DATABASE, COMMENT ON DATABASE, …) are rewritten: identifiers are recognised as tokens of SQL and
 * replaced as such, quoted; all else stays byte for byte. Pure.
 */
#ifndef INCANT_RESTORE_RENAME_H
#define INCANT_RESTORE_RENAME_H

#include <stdbool.h>
#include <stddef.h>

/* The longest name that a server takes, in bytes; it cuts a longer one off without a word (NAMEDATALEN). */
#define RESTORE_NAME_BYTES 63

/* A database of the backup, and what it is to be called on the target. Borrowed. */
struct restore_name {
	const char *database;
	const char *as;
};

/* What a database of that name is called on the target: its new name, or its own. Borrowed. */
const char *restore_rename_find(const struct restore_name *names, size_t count, const char *database);

/*
 * A statement with the names of databases in it replaced, NULL where nothing in it is to be. The caller frees
 * it. Known are CREATE, ALTER and DROP DATABASE, COMMENT and SECURITY LABEL ON DATABASE, GRANT and REVOKE ON
 * DATABASE with any number of names, and ALTER ROLE … IN DATABASE.
 */
char *restore_rename_statement(const struct restore_name *names, size_t count, const char *statement);

/*
 * The names of a database that is restored beside the live one, and of the live one that has made room for
 * it: DATABASE_incant_ID and DATABASE_before_ID. Where that is longer than a name may be, DATABASE is cut,
 * not inside a UTF-8 character, and '~' with eight hex digits of the whole name's digest stands for the rest,
 * so that two long names stay two. The caller frees it.
 */
char *restore_rename_beside(const char *database, const char *id);
char *restore_rename_before(const char *database, const char *id);

/* Whether a name is such a one: it ends in _incant_ or _before_ and something like an id. */
bool restore_rename_is_made(const char *name);

#endif
