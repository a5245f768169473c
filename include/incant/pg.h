/*
 * A connection to PostgreSQL: libpq behind one file. Errors carry the server's message, SQLSTATE, and its
 * hint.
 *
 * Waiting is done in poll(2) with interrupt_fd(), so that a signal ends a statement (it is cancelled on the
 * server first).
 */
#ifndef INCANT_PG_H
#define INCANT_PG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "incant/error.h"

struct pg;
struct pg_result;

struct pg_options {
	const char *conninfo;          /* libpq's words or a URI; no password in it */
	const char *database;          /* replaces conninfo's dbname; NULL = leave */
	const char *fallback_database; /* where conninfo has no dbname; NULL = as libpq does */
	const char *password;          /* NULL = pass file or PGPASSWORD, as libpq does */
	const char *application_name;  /* "incant-backup …" */
	enum error_class error_class;  /* of all errors on this connection: ERR_SOURCE or ERR_RESTORE */
	bool heedless; /* a pending signal does not end its calls: for cleaning up after one */
};

/* Connects. NULL with options->error_class. */
struct pg *pg_connect(const struct pg_options *options);
void pg_free(struct pg *pg); /* NULL is allowed */

/* "15.18 (Debian …)", and 150018. */
const char *pg_server_version(const struct pg *pg);
int pg_server_version_number(const struct pg *pg);
const char *pg_database(const struct pg *pg);

/* Whether conninfo parses and has no password word in it. 0, or -1 with ERR_SETTINGS. */
int pg_check_conninfo(const char *conninfo);

/*
 * Runs one statement (simple query protocol) and throws its rows away. 0, or -1: the message is "MESSAGE
 * (SQLSTATE 42P01)". After -1 pg_sqlstate() is that error's code; "" when it was none of the server's.
 */
int pg_run(struct pg *pg, const char *statement);
const char *pg_sqlstate(const struct pg *pg);

/*
 * pg_run() in three: pg_start() sends, pg_wait_for() waits up to that long for the answer (0 = it is there,
 * PG_NOT_YET, or -1), pg_finish() takes it. Something else can be done meanwhile, on another connection.
 */
enum { PG_NOT_YET = 2 };
int pg_start(struct pg *pg, const char *statement);
int pg_wait_for(struct pg *pg, uint64_t wait_ms);
int pg_finish(struct pg *pg);

/*
 * Ends what another thread has under way on this connection: the server gives that statement up, and the call
 * fails there with SQLSTATE 57014. Does nothing to an idle connection. Any thread, while the connection
 * stands.
 */
void pg_cancel(struct pg *pg);

/* As pg_run(), with text parameters ($1, …), and keeps the rows. NULL on failure. */
struct pg_result *pg_query(struct pg *pg, const char *statement, int count, const char *const *values);
int pg_result_rows(const struct pg_result *result);
const char *pg_result_text(
	const struct pg_result *result, int row, int column); /* NULL for SQL's NULL; borrowed */
void pg_result_free(struct pg_result *result);

/* One value of one row: the caller frees *text (NULL for SQL's NULL). No row is PG_NO_ROW. 0, PG_NO_ROW or
 * -1. */
enum { PG_NO_ROW = 1 };
int pg_value(struct pg *pg, const char *statement, int count, const char *const *values, char **text);

/*
 * COPY … FROM stdin: begin with the statement, send pieces, end (0 = the server took all; pg_copy_rows() then
 * says how many rows) or abandon (the server drops it; nothing is done when no COPY is under way). A server
 * that refuses a row is noticed by one of the next pg_copy_send().
 */
int pg_copy_begin(struct pg *pg, const char *statement);
int pg_copy_send(struct pg *pg, const void *bytes, size_t len);
int pg_copy_end(struct pg *pg);
uint64_t pg_copy_rows(const struct pg *pg);
void pg_copy_abandon(struct pg *pg, const char *why);

/*
 * The same server in libpq's words, whatever form conninfo has, with that database (NULL = as it is): what a
 * person can hand to psql. The caller frees it. NULL where conninfo cannot be understood, with ERR_SETTINGS.
 */
char *pg_words(const char *conninfo, const char *database);

/* Quoted as SQL wants it; the caller frees it. */
char *pg_quote_identifier(const char *name);
char *pg_quote_literal(const char *text);

#endif
