/*
 * What the dump has set so far in its session: the statements that set something, the last one of each name.
 * A connection that is to run a statement in the place of another one must have the same set.
 */
#ifndef RESTORE_SESSION_H
#define RESTORE_SESSION_H

#include <stdbool.h>
#include <stddef.h>

struct restore_session_item {
	char *name;
	char *text;
};
struct restore_session {
	struct restore_session_item *items;
	size_t count, capacity;
	bool changed;     /* since the last snapshot */
	char **snapshots; /* the texts of all items, as of then */
	size_t snapshot_count, snapshot_capacity;
};

/* Whether a statement sets up the session: SET, RESET, SELECT pg_catalog.set_config(…). kind: the scanner's.
 */
bool restore_session_is(const char *kind);

/* Enters such a statement in the place of an earlier one of the same name. */
void restore_session_add(struct restore_session *session, const char *statement);

/* The number of the present state, from 1 on; the same as long as nothing was added. */
size_t restore_session_now(struct restore_session *session);

/* The statements that bring a new connection into that state, in one text. Borrowed. */
const char *restore_session_text(const struct restore_session *session, size_t number);

void restore_session_clear(struct restore_session *session);

#endif
