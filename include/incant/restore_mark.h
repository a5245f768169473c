/*
 * Marks: how the databases that a restore has made, or has put aside, are known on the server itself, from
 * whatever host one looks. A mark is the database's setting incant_backup.state. It goes with the database
 * when that is renamed, comes and goes in the transaction that renames, and does nothing to sessions. What
 * lives under its own name has none.
 */
#ifndef INCANT_RESTORE_MARK_H
#define INCANT_RESTORE_MARK_H

#include <stdint.h>

#define RESTORE_MARK_SETTING "incant_backup.state"

enum restore_mark_kind {
	RESTORE_MARK_BEGUN,  /* being restored, or left half restored */
	RESTORE_MARK_WHOLE,  /* restored, complete, beside */
	RESTORE_MARK_BEFORE, /* was live until a restore took its place */
	RESTORE_MARK_AFTER   /* was live until that was undone */
};

struct restore_mark {
	enum restore_mark_kind kind;
	char *id;       /* of the backup */
	int64_t at;     /* since when: seconds */
	char *database; /* the name that it is, or was, a copy of */
};
void restore_mark_clear(struct restore_mark *mark);

/* The mark's text, which the caller frees: "whole 20261122T030000Z 1764041400 app". */
char *restore_mark_format(const struct restore_mark *mark);

/* And back: 0, or -1 without an error when it is no such text; the caller clears *mark in both cases. */
int restore_mark_parse(const char *text, struct restore_mark *mark);

/* The statement that marks a database, or with NULL takes the mark away. The caller frees it. */
char *restore_mark_statement(const char *name, const struct restore_mark *mark);

#endif
