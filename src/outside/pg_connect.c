#include "config.h"

#include "incant/pg.h"

#include <libpq-fe.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "incant/buf.h"
#include "incant/clock.h"
#include "incant/error.h"
#include "incant/log.h"
#include "incant/mem.h"
#include "incant/text.h"
#include "pg_inside.h"

/*
 * Connecting to PostgreSQL: the connection string is taken apart first, so that a password in it is refused
 * and a database name that looks like a connection string stays a name. The waiting is pg.c's.
 */

#define CONNECT_TIMEOUT_MS 10000
#define PASS_FILE_HINT \
	"Put the password into a pass file (~/.pgpass, or passfile=FILE in the connection string)."

/* Notices come at any time, also for statements that succeed ("table has no columns"): nothing to act on. */
static void
notice_seen(void *context, const char *message)
{
	struct pg *pg = context;
	pg->notices++;
	char *line = pg_one_line(message);
	log_verbose("%s: %s", PQdb(pg->conn), line);
	free(line);
}

static int
parse_conninfo(const char *conninfo, enum error_class error_class, PQconninfoOption **options)
{
	char *message = NULL;
	*options = PQconninfoParse(conninfo, &message);
	if (*options == NULL) {
		/* libpq quotes the piece that it stumbled over, which may be a piece of a password. */
		bool secret = strcasestr(conninfo, "password") != NULL || strchr(conninfo, '@') != NULL;
		char *line = pg_one_line(secret ? "it is not a connection string" : message);
		error_set(error_class, "cannot understand the connection string: %s", line);
		error_hint("Write words like host=/run/postgresql port=5432 user=postgres, or a URI.");
		free(line);
		PQfreemem(message);
		return -1;
	}
	for (const PQconninfoOption *option = *options; option->keyword != NULL; option++) {
		if (option->val == NULL || !text_ends(option->keyword, "password"))
			continue;
		error_set(error_class, "the connection string has a password in it");
		error_hint(PASS_FILE_HINT);
		PQconninfoFree(*options);
		*options = NULL;
		return -1;
	}
	return 0;
}

int
pg_check_conninfo(const char *conninfo)
{
	PQconninfoOption *options = NULL;
	if (parse_conninfo(conninfo, ERR_SETTINGS, &options) != 0)
		return -1;
	PQconninfoFree(options);
	return 0;
}

/* Quotes where it must be: libpq's "Keyword/Value Connection Strings". */
static void
put_word(struct buf *words, const char *keyword, const char *value)
{
	bool quoted = value[0] == '\0' || strpbrk(value, " \t\r\n'\\") != NULL;
	buf_append_format(words, "%s%s=%s", words->len > 0 ? " " : "", keyword, quoted ? "'" : "");
	for (; *value != '\0'; value++) {
		if (*value == '\'' || *value == '\\')
			buf_append_char(words, '\\');
		buf_append_char(words, *value);
	}
	buf_append_text(words, quoted ? "'" : "");
}

char *
pg_words(const char *conninfo, const char *database)
{
	PQconninfoOption *options = NULL;
	struct buf words = BUF_EMPTY;
	if (parse_conninfo(conninfo, ERR_SETTINGS, &options) != 0)
		return NULL;
	for (const PQconninfoOption *option = options; option->keyword != NULL; option++)
		if (option->val != NULL && (database == NULL || !text_equal(option->keyword, "dbname")))
			put_word(&words, option->keyword, option->val);
	if (database != NULL)
		put_word(&words, "dbname", database);
	PQconninfoFree(options);
	return buf_take(&words);
}

#define MAX_WORDS 100

struct words {
	const char *keywords[MAX_WORDS];
	const char *values[MAX_WORDS];
	size_t count;
};

/* A later word wins over an earlier one of the same name. */
static void
add_word(struct words *words, const char *keyword, const char *value)
{
	if (value == NULL || words->count + 1 >= MAX_WORDS)
		return;
	words->keywords[words->count] = keyword;
	words->values[words->count++] = value;
	words->keywords[words->count] = NULL;
	words->values[words->count] = NULL;
}

/* Begins to connect. The names that the caller gave are never taken for connection strings, whatever they
 * look like. */
static PGconn *
start_connection(const struct pg_options *options)
{
	PQconninfoOption *parsed = NULL;
	if (parse_conninfo(options->conninfo, options->error_class, &parsed) != 0)
		return NULL;
	struct words words = { .count = 0 };
	add_word(&words, "fallback_application_name", "incant-backup");
	add_word(&words, "dbname", options->fallback_database);
	for (const PQconninfoOption *option = parsed; option->keyword != NULL; option++)
		add_word(&words, option->keyword, option->val);
	add_word(&words, "application_name", options->application_name);
	add_word(&words, "password", options->password);
	add_word(&words, "dbname", options->database);
	PGconn *conn = PQconnectStartParams(words.keywords, words.values, 0);
	if (conn == NULL)
		error_set(ERR_INTERNAL, "libpq has no memory for a connection");
	PQconninfoFree(parsed);
	return conn;
}

/* connect_timeout as in effect (also from the environment); 10 s where nothing was said. 0 = wait for ever.
 */
static uint64_t
connect_deadline(const struct pg *pg)
{
	uint64_t timeout_ms = CONNECT_TIMEOUT_MS;
	PQconninfoOption *options = PQconninfo(pg->conn);
	for (const PQconninfoOption *option = options; option != NULL && option->keyword != NULL; option++) {
		uint64_t seconds = 0;
		if (text_equal(option->keyword, "connect_timeout") && option->val != NULL &&
			text_parse_u64(option->val, &seconds) == 0 && seconds <= INT32_MAX / 1000)
			timeout_ms = 1000 * seconds;
	}
	PQconninfoFree(options);
	return timeout_ms != 0 ? clock_monotonic_ms() + timeout_ms : 0;
}

static int
finish_connecting(struct pg *pg)
{
	uint64_t deadline_ms = connect_deadline(pg);
	/* Until the first poll the state counts as waiting to write (libpq, "PQconnectPoll"). */
	PostgresPollingStatusType state = PGRES_POLLING_WRITING;
	while (PQstatus(pg->conn) != CONNECTION_BAD && state != PGRES_POLLING_OK &&
		state != PGRES_POLLING_FAILED) {
		int ready = pg_wait(pg, state == PGRES_POLLING_READING ? POLLIN : POLLOUT, deadline_ms);
		if (ready < 0)
			return -1;
		if (ready == 0)
			return error_set(
				pg->error_class, "cannot connect: the server did not answer in time");
		state = PQconnectPoll(pg->conn);
	}
	if (state == PGRES_POLLING_OK)
		return 0;
	pg_fail_connection(pg, "cannot connect");
	if (PQconnectionNeedsPassword(pg->conn))
		error_hint(PASS_FILE_HINT);
	return -1;
}

struct pg *
pg_connect(const struct pg_options *options)
{
	PGconn *conn = start_connection(options);
	if (conn == NULL)
		return NULL;
	struct pg *pg = mem_zero(sizeof(*pg));
	pg->conn = conn;
	pg->error_class = options->error_class;
	pg->heedless = options->heedless;
	PQsetNoticeProcessor(conn, notice_seen, pg);
	if (finish_connecting(pg) != 0) {
		pg_free(pg);
		return NULL;
	}
	if (PQsetnonblocking(conn, 1) != 0) {
		pg_fail_connection(pg, "cannot connect");
		pg_free(pg);
		return NULL;
	}
	pg->canceller = PQgetCancel(conn);
	const char *version = PQparameterStatus(conn, "server_version");
	pg->version = mem_text(version != NULL ? version : "of unknown version");
	return pg;
}
