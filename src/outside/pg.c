#include "config.h"

#include "incant/pg.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "incant/buf.h"
#include "incant/clock.h"
#include "incant/interrupt.h"
#include "incant/log.h"
#include "incant/mem.h"
#include "incant/text.h"
#include "pg_inside.h"

/*
 * PostgreSQL through libpq. The connection is in non-blocking mode throughout: whatever waits does so in
 * pg_wait(), which also watches for a signal. One statement is under way at a time; before a call returns
 * all its results have been read, so that the connection is idle again (but between pg_copy_begin() and
 * pg_copy_end()).
 */

#define CANCEL_TIMEOUT_MS 5000
#define REFUSAL_DELAY_MS  500

struct pg_result {
	PGresult *rows;
};

char *
pg_one_line(const char *text)
{
	struct buf line = BUF_EMPTY;
	for (const char *c = text != NULL ? text : ""; *c != '\0'; c++) {
		bool space = strchr(" \t\r\n", *c) != NULL;
		if (!space)
			buf_append_char(&line, *c);
		else if (strchr(" \t\r\n", c[1]) == NULL) /* the last of a run, but not at the end */
			buf_append_char(&line, ' ');
	}
	return line.bytes != NULL ? buf_take(&line) : mem_text("");
}

int
pg_fail_connection(struct pg *pg, const char *what)
{
	pg->sqlstate[0] = '\0';
	char *line = pg_one_line(PQerrorMessage(pg->conn));
	error_set(pg->error_class, "%s: %s", what, line[0] != '\0' ? line : "connection to the server lost");
	free(line);
	return -1;
}

/* The server answered with an error: its message and code, and what it says beside them as the hint. */
static int
fail_result(struct pg *pg, const PGresult *result)
{
	const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
	const char *primary = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
	if (state == NULL || primary == NULL) {
		pg->sqlstate[0] = '\0';
		char *line = pg_one_line(PQresultErrorMessage(result));
		error_set(pg->error_class, "%s", line[0] != '\0' ? line : "connection to the server lost");
		free(line);
		return -1;
	}
	memcpy(pg->sqlstate, state, strnlen(state, 5));
	pg->sqlstate[strnlen(state, 5)] = '\0';
	const char *detail = PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL);
	const char *hint = PQresultErrorField(result, PG_DIAG_MESSAGE_HINT);
	char *line = pg_one_line(primary);
	error_set(pg->error_class, "%s (SQLSTATE %s)", line, pg->sqlstate);
	if (detail != NULL || hint != NULL)
		error_hint("%s%s%s", detail != NULL ? detail : "", detail != NULL && hint != NULL ? " " : "",
			hint != NULL ? hint : "");
	free(line);
	return -1;
}

int
pg_wait(struct pg *pg, short events, uint64_t deadline_ms)
{
	for (;;) {
		if (!pg->heedless && interrupt_check() != 0)
			return -1;
		uint64_t now = clock_monotonic_ms();
		if (deadline_ms != 0 && now >= deadline_ms)
			return 0;
		struct pollfd fds[2] = {
			{ .fd = PQsocket(pg->conn), .events = events },
			{ .fd = pg->heedless ? -1 : interrupt_fd(), .events = POLLIN },
		};
		int timeout = deadline_ms == 0 ? -1 : (int)(deadline_ms - now);
		int ready = poll(fds, 2, timeout);
		if (ready < 0 && errno != EINTR)
			return error_set_errno(pg->error_class, errno, "cannot wait for the server");
		if (ready > 0 && fds[0].revents != 0)
			return fds[0].revents;
	}
}

/*
 * Reads what has come. The server is silent while it takes rows, but for notices. Where it has said something
 * else it has refused one; libpq would tell only at the end, after all the rest had been sent for nothing.
 */
static int
consume(struct pg *pg)
{
	if (PQconsumeInput(pg->conn) == 0)
		return pg_fail_connection(pg, "cannot read from the server");
	if (!pg->in_copy)
		return 0;
	uint64_t notices = pg->notices;
	(void)PQisBusy(pg->conn); /* takes in the notices, if that is what came */
	if (pg->notices != notices)
		pg->spoke_at_ms = 0;
	else if (pg->spoke_at_ms == 0)
		pg->spoke_at_ms = clock_monotonic_ms();
	return 0;
}

/* Sends what libpq holds back. Reads meanwhile: a server that is not read from may stop reading, too. */
static int
flush(struct pg *pg, uint64_t deadline_ms)
{
	for (;;) {
		int left = PQflush(pg->conn);
		if (left < 0)
			return pg_fail_connection(pg, "cannot send to the server");
		if (left == 0)
			return 0;
		int ready = pg_wait(pg, POLLIN | POLLOUT, deadline_ms);
		if (ready < 0)
			return -1;
		if (ready == 0)
			return error_set(pg->error_class, "the server does not answer");
		if ((ready & POLLIN) != 0 && consume(pg) != 0)
			return -1;
	}
}

/* The next result of what is under way: 0 with *result (NULL = that was all), or -1. */
static int
next_result(struct pg *pg, uint64_t deadline_ms, PGresult **result)
{
	while (PQisBusy(pg->conn)) {
		int ready = pg_wait(pg, POLLIN, deadline_ms);
		if (ready < 0)
			return -1;
		if (ready == 0)
			return error_set(pg->error_class, "the server does not answer");
		if (consume(pg) != 0)
			return -1;
	}
	*result = PQgetResult(pg->conn);
	return 0;
}

/* Ends a COPY that is under way, and reads up all results, for a short while at most. The current error
 * stays.
 */
static void
drain(struct pg *pg)
{
	struct error why;
	error_take(&why);
	uint64_t deadline_ms = clock_monotonic_ms() + CANCEL_TIMEOUT_MS;
	bool heedless = pg->heedless;
	pg->heedless = true;
	PGresult *result = NULL;
	while (flush(pg, deadline_ms) == 0 && next_result(pg, deadline_ms, &result) == 0 && result != NULL) {
		char *bytes = NULL;
		if (PQresultStatus(result) == PGRES_COPY_IN)
			(void)PQputCopyEnd(pg->conn, "cancelled");
		while (PQresultStatus(result) == PGRES_COPY_OUT && PQgetCopyData(pg->conn, &bytes, 0) > 0)
			PQfreemem(bytes);
		PQclear(result);
	}
	pg->heedless = heedless;
	pg->in_copy = false;
	error_put(&why);
}

void
pg_cancel(struct pg *pg)
{
	char text[256];
	if (pg->canceller != NULL && PQcancel(pg->canceller, text, sizeof(text)) == 0)
		log_verbose("cannot cancel a statement: %s", text);
}

/* Ends what is under way on the server. The current error stays. A server that hung up has nothing under way,
 * and whoever listens at its address now may never answer. */
static void
cancel(struct pg *pg)
{
	if (PQstatus(pg->conn) != CONNECTION_OK)
		return;
	pg_cancel(pg);
	drain(pg);
}

/*
 * Reads the results of what was sent, up to the last. Keeps the last good one in *kept (NULL = none wanted).
 * A COPY that the statement started ends the reading: *kept says so.
 */
static int
take_results(struct pg *pg, PGresult **kept)
{
	int outcome = flush(pg, 0);
	while (outcome == 0) {
		PGresult *result = NULL;
		outcome = next_result(pg, 0, &result);
		if (outcome != 0 || result == NULL)
			break;
		ExecStatusType status = PQresultStatus(result);
		bool copying = status == PGRES_COPY_IN || status == PGRES_COPY_OUT;
		if (!copying && status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK &&
			status != PGRES_EMPTY_QUERY) {
			fail_result(pg, result);
			PQclear(result);
			struct error why;
			error_take(&why);
			while (next_result(pg, 0, &result) == 0 && result != NULL)
				PQclear(result);
			return error_put(&why);
		}
		PQclear(*kept);
		*kept = result;
		if (copying)
			return 0;
	}
	if (outcome != 0)
		cancel(pg);
	return outcome;
}

/* After a good take_results(): a COPY that nobody asked for would leave the connection unusable. */
static int
refuse_copy(struct pg *pg, const PGresult *kept)
{
	if (PQresultStatus(kept) != PGRES_COPY_IN && PQresultStatus(kept) != PGRES_COPY_OUT)
		return 0;
	error_set(ERR_INTERNAL, "a statement began a COPY where none was expected");
	drain(pg);
	return -1;
}

void
pg_free(struct pg *pg)
{
	if (pg == NULL)
		return;
	PQfreeCancel(pg->canceller);
	PQfinish(pg->conn);
	free(pg->version);
	free(pg);
}

const char *
pg_server_version(const struct pg *pg)
{
	return pg->version;
}

int
pg_server_version_number(const struct pg *pg)
{
	return PQserverVersion(pg->conn);
}

const char *
pg_database(const struct pg *pg)
{
	return PQdb(pg->conn);
}

/* Statements. */

int
pg_start(struct pg *pg, const char *statement)
{
	pg->sqlstate[0] = '\0';
	if (PQsendQuery(pg->conn, statement) == 0)
		return pg_fail_connection(pg, "cannot send to the server");
	return flush(pg, 0);
}

int
pg_wait_for(struct pg *pg, uint64_t wait_ms)
{
	uint64_t deadline_ms = clock_monotonic_ms() + wait_ms;
	while (PQisBusy(pg->conn)) {
		int ready = pg_wait(pg, POLLIN, deadline_ms);
		if (ready < 0)
			return -1;
		if (ready == 0)
			return PG_NOT_YET;
		if (consume(pg) != 0)
			return -1;
	}
	return 0;
}

int
pg_finish(struct pg *pg)
{
	PGresult *kept = NULL;
	int outcome = take_results(pg, &kept);
	if (outcome == 0)
		outcome = refuse_copy(pg, kept);
	PQclear(kept);
	return outcome;
}

int
pg_run(struct pg *pg, const char *statement)
{
	pg->sqlstate[0] = '\0';
	if (PQsendQuery(pg->conn, statement) == 0)
		return pg_fail_connection(pg, "cannot send to the server");
	return pg_finish(pg);
}

const char *
pg_sqlstate(const struct pg *pg)
{
	return pg->sqlstate;
}

struct pg_result *
pg_query(struct pg *pg, const char *statement, int count, const char *const *values)
{
	pg->sqlstate[0] = '\0';
	if (PQsendQueryParams(pg->conn, statement, count, NULL, values, NULL, NULL, 0) == 0) {
		pg_fail_connection(pg, "cannot send to the server");
		return NULL;
	}
	PGresult *kept = NULL;
	if (take_results(pg, &kept) != 0 || refuse_copy(pg, kept) != 0) {
		PQclear(kept);
		return NULL;
	}
	struct pg_result *result = mem_alloc(sizeof(*result));
	result->rows = kept;
	return result;
}

int
pg_result_rows(const struct pg_result *result)
{
	return PQntuples(result->rows);
}

const char *
pg_result_text(const struct pg_result *result, int row, int column)
{
	return PQgetisnull(result->rows, row, column) ? NULL : PQgetvalue(result->rows, row, column);
}

void
pg_result_free(struct pg_result *result)
{
	if (result == NULL)
		return;
	PQclear(result->rows);
	free(result);
}

int
pg_value(struct pg *pg, const char *statement, int count, const char *const *values, char **text)
{
	*text = NULL;
	struct pg_result *result = pg_query(pg, statement, count, values);
	if (result == NULL)
		return -1;
	int outcome = PG_NO_ROW;
	if (pg_result_rows(result) > 0) {
		outcome = 0;
		*text = mem_text(pg_result_text(result, 0, 0));
	}
	pg_result_free(result);
	return outcome;
}

/* COPY. */

int
pg_copy_begin(struct pg *pg, const char *statement)
{
	pg->sqlstate[0] = '\0';
	pg->copy_rows = 0;
	pg->spoke_at_ms = 0;
	if (PQsendQuery(pg->conn, statement) == 0)
		return pg_fail_connection(pg, "cannot send to the server");
	PGresult *kept = NULL;
	int outcome = take_results(pg, &kept);
	if (outcome == 0 && PQresultStatus(kept) != PGRES_COPY_IN) {
		error_set(ERR_INTERNAL, "a statement did not begin a COPY");
		drain(pg);
		outcome = -1;
	}
	PQclear(kept);
	pg->in_copy = outcome == 0;
	return outcome;
}

/* Stops a COPY that the server has refused. A notice that is only half here becomes a whole one in no time.
 */
static int
check_refusal(struct pg *pg)
{
	struct pollfd fd = { .fd = PQsocket(pg->conn), .events = POLLIN };
	if (poll(&fd, 1, 0) > 0 && consume(pg) != 0)
		return -1;
	if (pg->spoke_at_ms == 0 || clock_monotonic_ms() - pg->spoke_at_ms < REFUSAL_DELAY_MS)
		return 0;
	(void)PQputCopyEnd(pg->conn, "the server spoke while it was sent rows");
	pg->in_copy = false;
	PGresult *kept = NULL;
	int outcome = take_results(pg, &kept);
	PQclear(kept);
	return outcome != 0 ? -1 : error_set(pg->error_class, "the server ended a COPY before its last row");
}

int
pg_copy_send(struct pg *pg, const void *bytes, size_t len)
{
	const char *at = bytes;
	while (len > 0) {
		size_t piece = len < (1u << 20) ? len : 1u << 20;
		if (check_refusal(pg) != 0)
			return -1;
		if (PQputCopyData(pg->conn, at, (int)piece) != 1)
			return pg_fail_connection(pg, "cannot send rows to the server");
		if (flush(pg, 0) != 0)
			return -1;
		at += piece;
		len -= piece;
	}
	return 0;
}

int
pg_copy_end(struct pg *pg)
{
	pg->in_copy = false;
	if (PQputCopyEnd(pg->conn, NULL) != 1)
		return pg_fail_connection(pg, "cannot send rows to the server");
	PGresult *kept = NULL;
	int outcome = take_results(pg, &kept);
	if (outcome == 0 && text_parse_u64(PQcmdTuples(kept), &pg->copy_rows) != 0)
		outcome = error_set(pg->error_class, "the server did not say how many rows it took");
	PQclear(kept);
	return outcome;
}

uint64_t
pg_copy_rows(const struct pg *pg)
{
	return pg->copy_rows;
}

void
pg_copy_abandon(struct pg *pg, const char *why)
{
	if (!pg->in_copy)
		return;
	(void)PQputCopyEnd(pg->conn, why);
	drain(pg);
}

/* Quoting. */

static char *
quote(const char *text, char mark, const char *prefix, bool backslashes)
{
	struct buf quoted = BUF_EMPTY;
	buf_append_text(&quoted, prefix);
	buf_append_char(&quoted, mark);
	for (const char *c = text; *c != '\0'; c++) {
		if (*c == mark || (backslashes && *c == '\\'))
			buf_append_char(&quoted, *c);
		buf_append_char(&quoted, *c);
	}
	buf_append_char(&quoted, mark);
	return buf_take(&quoted);
}

char *
pg_quote_identifier(const char *name)
{
	return quote(name, '"', "", false);
}

/* The E form means the same whatever standard_conforming_strings is. */
char *
pg_quote_literal(const char *text)
{
	bool backslashes = strchr(text, '\\') != NULL;
	return quote(text, '\'', backslashes ? "E" : "", backslashes);
}
