/*
 * What pg.c and pg_connect.c share. Nothing else includes it.
 */
#ifndef INCANT_PG_INSIDE_H
#define INCANT_PG_INSIDE_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stdint.h>

#include "incant/error.h"
#include "incant/pg.h"

struct pg {
	PGconn *conn;
	PGcancel *canceller; /* taken once, for any thread; NULL until connected */
	enum error_class error_class;
	bool heedless; /* of signals */
	char *version;
	char sqlstate[6];
	uint64_t copy_rows;
	uint64_t notices;     /* seen so far */
	bool in_copy;         /* between pg_copy_begin() and its end */
	uint64_t spoke_at_ms; /* in a COPY: since when there is something from the server that is no notice; 0
				 = nothing */
};

/* libpq's texts have line feeds in and behind them: as one line, which the caller frees. */
char *pg_one_line(const char *text);

/* Sets the error "what: …" with libpq's text for what is wrong with the connection itself. Returns -1. */
int pg_fail_connection(struct pg *pg, const char *what);

/*
 * Waits until the socket can do one of events (POLLIN, POLLOUT). deadline_ms is on clock_monotonic_ms(), 0 =
 * none. Returns what it can do, 0 when the deadline has passed, or -1 with the error set: interrupted
 * (unless the connection is heedless), or poll failed.
 */
int pg_wait(struct pg *pg, short events, uint64_t deadline_ms);

#endif
