#include "config.h"

#include "incant/restore_swap.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "incant/clock.h"
#include "incant/error.h"
#include "incant/interrupt.h"
#include "incant/log.h"
#include "incant/mem.h"
#include "incant/text.h"
#include "restore_inside.h"

/*
 * ALTER DATABASE … RENAME locks its database against new connections to the end of the transaction (a session
 * that comes then waits, and is told that the database is gone), waits five seconds for those that are there,
 * and fails when they stay (CountOtherDBBackends). While it waits a second connection ends them. Nothing is
 * ended any more once the last renaming is done, so what connects to the new databases is left alone.
 *
 * Both connections are deaf to signals: the transaction takes seconds at most, and its end has to be known.
 */

#define SESSION                                                                  \
	"SET default_transaction_read_only = off; SET synchronous_commit = on; " \
	"SET statement_timeout = 0; SET lock_timeout = '30s'"

#define IN_USE "55006" /* object_in_use */

enum {
	TRIES = 6,
	PAUSE_MS = 50,         /* between two rounds of ending connections */
	SETTLE_MS = 60 * 1000, /* for a lost server to come back and say how a COMMIT ended */
	SETTLE_PAUSE_MS = 500,
};

struct restore_swap {
	char *conninfo, *password;
	struct pg *pg;     /* does the transaction */
	struct pg *helper; /* ends connections; NULL until it is needed */
	bool in_use;       /* why the last try failed: somebody stayed connected */
};

static struct pg *
connect_to(const struct restore_swap *swap, const char *database)
{
	const struct pg_options options = {
		.conninfo = swap->conninfo,
		.database = database,
		.password = swap->password,
		.application_name = "incant-backup swap",
		.error_class = ERR_RESTORE,
		.heedless = true,
	};
	struct pg *pg = pg_connect(&options);
	if (pg != NULL && (pg_run(pg, SESSION) != 0 || pg_run(pg, RESTORE_RAW_NAMES) != 0)) {
		pg_free(pg);
		return NULL;
	}
	return pg;
}

static struct pg *
connect_anywhere(const struct restore_swap *swap)
{
	struct pg *pg = connect_to(swap, "postgres");
	if (pg != NULL)
		return pg;
	struct error first;
	error_take(&first);
	pg = connect_to(swap, "template1");
	if (pg == NULL)
		error_put(&first);
	return pg;
}

struct restore_swap *
restore_swap_open(const char *conninfo, const char *password)
{
	struct restore_swap *swap = mem_zero(sizeof(*swap));
	swap->conninfo = mem_text(conninfo);
	swap->password = mem_text(password);
	swap->pg = connect_anywhere(swap);
	if (swap->pg == NULL) {
		restore_swap_free(swap);
		return NULL;
	}
	return swap;
}

void
restore_swap_free(struct restore_swap *swap)
{
	if (swap == NULL)
		return;
	pg_free(swap->pg);
	pg_free(swap->helper);
	if (swap->password != NULL)
		explicit_bzero(swap->password, strlen(swap->password));
	free(swap->password);
	free(swap->conninfo);
	free(swap);
}

/* Looking. */

#define LOOK                                                                                            \
	"SELECT d.datname, pg_catalog.substr(c, pg_catalog.length($1) + 2),"                            \
	" EXISTS (SELECT 1 FROM pg_catalog.pg_stat_activity a"                                          \
	"  WHERE a.datid = d.oid AND a.application_name LIKE 'incant-backup%')"                         \
	" FROM pg_catalog.pg_db_role_setting s JOIN pg_catalog.pg_database d ON d.oid = s.setdatabase," \
	" pg_catalog.unnest(s.setconfig) c"                                                             \
	" WHERE s.setrole = 0 AND pg_catalog.split_part(c, '=', 1) = $1 ORDER BY d.datname"

int
restore_swap_look(struct restore_swap *swap, struct restore_lefts *lefts)
{
	static const char *const values[] = { RESTORE_MARK_SETTING };
	*lefts = (struct restore_lefts){ .list = NULL };
	struct pg_result *rows = pg_query(swap->pg, LOOK, 1, values);
	if (rows == NULL)
		return -1;
	for (int row = 0; row < pg_result_rows(rows); row++) {
		struct restore_left left = { .busy = text_equal(pg_result_text(rows, row, 2), "t") };
		if (restore_mark_parse(pg_result_text(rows, row, 1), &left.mark) != 0) {
			restore_mark_clear(&left.mark);
			continue;
		}
		left.name = mem_text(pg_result_text(rows, row, 0));
		MEM_GROW(lefts->list, lefts->count, lefts->capacity);
		lefts->list[lefts->count++] = left;
	}
	pg_result_free(rows);
	return 0;
}

void
restore_lefts_clear(struct restore_lefts *lefts)
{
	for (size_t i = 0; i < lefts->count; i++) {
		free(lefts->list[i].name);
		restore_mark_clear(&lefts->list[i].mark);
	}
	free(lefts->list);
	*lefts = (struct restore_lefts){ .list = NULL };
}

/* The oid as text (the caller frees it), NULL where there is no such database. 0 or -1. */
static int
find_oid(struct pg *pg, const char *name, char **oid)
{
	int outcome =
		pg_value(pg, "SELECT oid FROM pg_catalog.pg_database WHERE datname = $1", 1, &name, oid);
	return outcome < 0 ? -1 : 0;
}

int
restore_swap_exists(struct restore_swap *swap, const char *name, bool *exists)
{
	char *oid = NULL;
	int outcome = find_oid(swap->pg, name, &oid);
	*exists = oid != NULL;
	free(oid);
	return outcome;
}

/* Moving. */

#define END_CONNECTIONS                                                                \
	"SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity" \
	" WHERE datid = $1::pg_catalog.oid AND pid <> pg_catalog.pg_backend_pid()"

static int
end_connections(struct restore_swap *swap, const char *oid)
{
	struct pg_result *rows = pg_query(swap->helper, END_CONNECTIONS, 1, &oid);
	if (rows == NULL)
		return error_add("cannot end the connections to a database");
	pg_result_free(rows);
	return 0;
}

/* Runs a statement while connections to the database of that oid are ended again and again. */
static int
run_ending_connections(struct restore_swap *swap, const char *statement, const char *oid)
{
	int outcome = pg_start(swap->pg, statement);
	if (outcome != 0)
		return -1;
	do {
		if (end_connections(swap, oid) != 0)
			return -1;
		outcome = pg_wait_for(swap->pg, PAUSE_MS);
	} while (outcome == PG_NOT_YET);
	return outcome == 0 ? pg_finish(swap->pg) : -1;
}

static int
rename_one(struct restore_swap *swap, const struct restore_move *move)
{
	char *oid = NULL;
	if (find_oid(swap->pg, move->from, &oid) != 0)
		return -1;
	if (oid == NULL)
		return error_set(ERR_RESTORE, "there is no database %s any more", move->from);
	char *from = pg_quote_identifier(move->from);
	char *to = pg_quote_identifier(move->to);
	char *statement = mem_format("ALTER DATABASE %s RENAME TO %s", from, to);
	int outcome = run_ending_connections(swap, statement, oid);
	free(statement);
	free(from);
	free(to);
	free(oid);
	return outcome != 0 ? error_add("cannot rename database %s to %s", move->from, move->to) : 0;
}

static int
mark_one(struct restore_swap *swap, const struct restore_move *move)
{
	char *statement = restore_mark_statement(move->to, move->mark);
	int outcome = pg_run(swap->pg, statement);
	free(statement);
	return outcome != 0 ? error_add("cannot mark database %s", move->to) : 0;
}

static int
change(struct restore_swap *swap, const struct restore_move *moves, size_t count)
{
	if (pg_run(swap->pg, "BEGIN") != 0)
		return -1;
	for (size_t i = 0; i < count; i++)
		if (rename_one(swap, &moves[i]) != 0)
			return -1;
	for (size_t i = 0; i < count; i++)
		if (mark_one(swap, &moves[i]) != 0)
			return -1;
	return 0;
}

/* Ends the transaction and keeps the error. */
static void
take_back(struct restore_swap *swap)
{
	struct error why;
	error_take(&why);
	pg_free(swap->helper);
	swap->helper = NULL;
	if (pg_run(swap->pg, "ROLLBACK") != 0)
		error_clear(); /* then the connection is gone, and the transaction with it */
	error_put(&why);
}

/*
 * The server was lost while it committed. When it answers again: whether the database that the first move was
 * about has the new name. 0 = it has, 1 = it has not, -1 = it did not come back.
 */
static int
settle(struct restore_swap *swap, const char *oid, const char *name)
{
	const struct timespec pause = { .tv_nsec = SETTLE_PAUSE_MS * 1000000L };
	uint64_t deadline_ms = clock_monotonic_ms() + SETTLE_MS;
	int outcome = -1;
	pg_free(swap->pg);
	swap->pg = NULL;
	while (swap->pg == NULL && clock_monotonic_ms() < deadline_ms && interrupt_pending() == 0) {
		swap->pg = connect_anywhere(swap);
		if (swap->pg == NULL)
			nanosleep(&pause, NULL);
	}
	char *found = NULL;
	if (swap->pg != NULL && find_oid(swap->pg, name, &found) == 0)
		outcome = text_equal(found, oid) ? 0 : 1;
	free(found);
	return outcome;
}

static int
commit(struct restore_swap *swap, const struct restore_move *first)
{
	char *oid = NULL;
	if (find_oid(swap->pg, first->to, &oid) != 0)
		return -1;
	int outcome = pg_run(swap->pg, "COMMIT");
	if (outcome != 0 && pg_sqlstate(swap->pg)[0] == '\0') {
		struct error lost;
		error_take(&lost);
		outcome = settle(swap, oid, first->to);
		error_put(&lost);
		if (outcome == 0)
			log_warning(
				"the server was lost at the last moment (%s), and has done it", lost.message);
		else if (outcome < 0)
			error_add("it is not known whether the databases have their new names");
	}
	free(oid);
	if (outcome == 0)
		error_clear();
	return outcome != 0 ? -1 : 0;
}

/* One try. */
static int
try_to_move(struct restore_swap *swap, const struct restore_move *moves, size_t count)
{
	swap->in_use = false;
	if (interrupt_check() != 0)
		return -1;
	swap->helper = connect_anywhere(swap);
	if (swap->helper == NULL)
		return -1;
	int outcome = change(swap, moves, count);
	if (outcome != 0) {
		swap->in_use = text_equal(pg_sqlstate(swap->pg), IN_USE);
		take_back(swap);
		return -1;
	}
	pg_free(swap->helper);
	swap->helper = NULL;
	return commit(swap, &moves[0]);
}

int
restore_swap_move(struct restore_swap *swap, const struct restore_move *moves, size_t count)
{
	int outcome = -1;
	if (count == 0)
		return 0;
	for (int tries = 1; outcome != 0; tries++) {
		outcome = try_to_move(swap, moves, count);
		if (outcome == 0 || tries == TRIES || !swap->in_use)
			break;
		log_verbose("%s: once more", error_get()->message);
	}
	return outcome;
}

/* Dropping. */

/* The drop asks nothing of a restore but how to connect. */
int
restore_swap_drop(struct restore_swap *swap, const char *name)
{
	const struct restore server = { .conninfo = swap->conninfo, .password = swap->password };
	return restore_target_drop(&server, name);
}
