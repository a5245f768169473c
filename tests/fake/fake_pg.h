/*
 * A PostgreSQL server in a thread, for tests: it greets, then answers each query, each Sync and each end of a
 * COPY with the next of its replies, whatever was asked. It takes one connection.
 *
 * Fill in the struct (zeroed) with the functions below, fake_pg_begin(), talk; fake_pg_hang_up() frees the
 * connection and waits for the thread's end: from then on what it has noted down can be looked at;
 * fake_pg_clear(). Or fake_pg_end(), which is both.
 */
#ifndef INCANT_FAKE_PG_H
#define INCANT_FAKE_PG_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include "incant/buf.h"
#include "incant/pg.h"

#define FAKE_PG_REPLIES 4

struct fake_pg {
	struct buf replies[FAKE_PG_REPLIES];
	size_t reply_count;
	struct buf refusal; /* sent at the first piece of a COPY */
	bool hangs_up;      /* at the first query */
	struct buf asked;   /* the queries, each with ';' behind */
	struct buf copied;  /* the data of all COPYs */
	char folder[32];
	int listener;
	pthread_t thread;
};

/* Messages of the server, for replies and refusal. An end of a statement, good or bad, is followed by
 * ReadyForQuery. */
void fake_pg_put_complete(struct buf *to, const char *tag);
void fake_pg_put_error(struct buf *to); /* 42710, with detail and hint, in two lines */
void fake_pg_put_notice(struct buf *to);
void fake_pg_put_row(struct buf *to, const char *text); /* of two columns: the text, and NULL */
void fake_pg_put_copy_in(struct buf *to);

/* A socket that nobody answers on; and the way to connect to it, as database "a=b" (NULL on failure). */
void fake_pg_listen(struct fake_pg *fake);
struct pg *fake_pg_connect(const struct fake_pg *fake);

/* Listens, starts the thread, connects. The connection is good, or the test fails. */
struct pg *fake_pg_begin(struct fake_pg *fake);
void fake_pg_hang_up(struct fake_pg *fake, struct pg *pg);
void fake_pg_clear(struct fake_pg *fake);
void fake_pg_end(struct fake_pg *fake, struct pg *pg);

#endif
