/*
 * Databases on a server change names: all of them in one transaction, with nobody connected to them. Whoever
 * looks sees the old names or the new ones; a crash of either side, at any moment, leaves the old ones.
 *
 *     restore_swap_open()  -> on a database that is not going to be moved
 *     restore_swap_look()  -> what restores have left on the server, read from it
 *     restore_swap_move()  -> the transaction
 *     restore_swap_free()
 *
 * Nothing that would have to be taken back is done beforehand: no database is closed to connections. The
 * first renaming locks its database, so that new connections wait; those that are there are ended while the
 * server waits for them to go.
 */
#ifndef INCANT_RESTORE_SWAP_H
#define INCANT_RESTORE_SWAP_H

#include <stdbool.h>
#include <stddef.h>

#include "incant/restore_mark.h"

struct restore_swap;

/* Connects to postgres, or template1 where that is not there. NULL with ERR_RESTORE. */
struct restore_swap *restore_swap_open(const char *conninfo, const char *password);
void restore_swap_free(struct restore_swap *swap); /* NULL is allowed */

/* A database that a restore has marked. */
struct restore_left {
	char *name; /* that it has now */
	struct restore_mark mark;
	bool busy; /* this program is connected to it */
};
struct restore_lefts {
	struct restore_left *list;
	size_t count, capacity;
};
/* 0 or -1; the caller clears *lefts in both cases. */
int restore_swap_look(struct restore_swap *swap, struct restore_lefts *lefts);
void restore_lefts_clear(struct restore_lefts *lefts);

/* Whether there is a database of that name. 0 or -1. */
int restore_swap_exists(struct restore_swap *swap, const char *name, bool *exists);

/* One renaming. */
struct restore_move {
	const char *from, *to;           /* borrowed */
	const struct restore_mark *mark; /* that it then has; NULL = none */
};

/*
 * Does them all, in that order, in one transaction. Connections to each `from` are ended. 0; or -1 with
 * ERR_RESTORE (in use, a name is taken, a database is gone) or ERR_INTERRUPTED: nothing was changed then, or,
 * when the server was lost at the very end, the message says that it is not known.
 */
int restore_swap_move(struct restore_swap *swap, const struct restore_move *moves, size_t count);

/* Drops a database with all that is in it; connections to it are ended. 0 or -1. */
int restore_swap_drop(struct restore_swap *swap, const char *name);

#endif
