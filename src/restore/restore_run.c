#include "config.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "incant/error.h"
#include "incant/log.h"
#include "incant/mem.h"
#include "incant/text.h"
#include "restore_inside.h"
#include "restore_lane.h"

/*
 * One step after another: the globals, then each database, taken apart as restore_works.h says. Lane 0
 * streams what keeps its order. A section that creates its database begins on the maintenance database and
 * goes on, from its \connect, in its own; nothing is ever sent to another one, and no other lane is at work
 * before that.
 */

/* A commit that writes to the log and waits makes durable what was committed before it without waiting, on
 * whatever connection. */
#define MAKE_DURABLE                   \
	"SET synchronous_commit = on;" \
	" SELECT pg_catalog.pg_logical_emit_message(true, 'incant-backup', 'restored')"

/* Statements that wait for their turn take no more memory than this. */
#define WAITING_BYTES (16u << 20)

static const struct restore_step *
current_step(const struct restore *restore)
{
	assert(restore->step < restore->plan.count);
	return &restore->plan.steps[restore->step];
}

const struct contents_section *
restore_current_section(const struct restore *restore)
{
	return current_step(restore)->section;
}

const char *
restore_current_as(const struct restore *restore)
{
	return current_step(restore)->as;
}

/* A section without CREATE DATABASE that is restored under another name: the database is made here. */
static int
create_beside(struct restore_lane *lane)
{
	struct restore *restore = lane->restore;
	const struct restore_step *step = current_step(restore);
	if (restore_lane_connect(lane, NULL) != 0)
		return -1;
	restore->creating = true;
	int outcome = restore_beside_create(lane->pg, step->section, step->as);
	restore->creating = outcome != 0 && pg_sqlstate(lane->pg)[0] == '\0';
	restore->created = outcome == 0;
	return outcome == 0 ? restore_beside_mark(restore, lane->pg, step, RESTORE_MARK_BEGUN) : -1;
}

int
restore_run_enter(struct restore_lane *lane)
{
	struct restore *restore = lane->restore;
	if (restore->entered)
		return 0;
	const struct restore_step *step = current_step(restore);
	bool stock = step->as != NULL && !step->section->creates;
	restore->entered = true;
	if (stock && step->creates && create_beside(lane) != 0)
		return -1;
	restore->connected = stock;
	return restore_lane_connect(lane, stock ? step->as : NULL);
}

/* From here on the database is ours to drop. Where the end of the statement was not seen, it may or may not
 * be there. Without it there is nothing to go on with. */
static int
run_create_database(struct restore_lane *lane, const struct scan_statement *statement)
{
	struct restore *restore = lane->restore;
	bool keep_going = restore->keep_going;
	restore->creating = true;
	restore->keep_going = false;
	int outcome = restore_lane_run(lane, statement->text, statement->plain_off);
	restore->keep_going = keep_going;
	restore->creating = outcome != 0 && pg_sqlstate(lane->pg)[0] == '\0';
	restore->created = outcome == 0;
	return outcome == 0
		       ? restore_beside_mark(restore, lane->pg, current_step(restore), RESTORE_MARK_BEGUN)
		       : -1;
}

/* A pg_dump switches off all timeouts that it knows. One that an older target does not know cannot strike. */
static bool
is_unknown_timeout(const struct restore_lane *lane, const char *text)
{
	return text_equal(pg_sqlstate(lane->pg), "42704") && text_starts(text, "SET ") &&
	       text_ends(text, "_timeout = 0;");
}

/* A setting holds for what follows, on whatever lane that runs. pg_dump sets nothing between rows, so another
 * lane's setting is its own, until its next task. */
static int
run_session(struct restore_lane *lane, const struct scan_statement *statement)
{
	struct restore *restore = lane->restore;
	if (pg_run(lane->pg, statement->text) != 0) {
		if (!is_unknown_timeout(lane, statement->text))
			return restore_lane_fail(lane, statement->text, statement->plain_off);
		error_clear();
		return 0;
	}
	lane->session = 0;
	if (lane->number == 0) {
		restore_session_add(&restore->session, statement->text);
		lane->session = restore_session_now(&restore->session);
	}
	return 0;
}

/* Before its \connect, a section is about the cluster. */
static int
run_before(struct restore_lane *lane, const struct scan_statement *statement)
{
	if (text_equal(statement->kind, "CREATE DATABASE"))
		return run_create_database(lane, statement);
	/* A database's name is bytes, in whatever encoding its creator had: converting it into that of the
	 * maintenance database would give the new one another name than \connect has. */
	if (text_starts(statement->text, "SET client_encoding"))
		return pg_run(lane->pg, RESTORE_RAW_NAMES);
	if (restore_session_is(statement->kind))
		return run_session(lane, statement);
	return restore_lane_run(lane, statement->text, statement->plain_off);
}

static void
note_table(struct restore *restore, const struct scan_statement *statement)
{
	if (text_equal(statement->kind, "CREATE TABLE"))
		restore_tables_create(&restore->tables, statement->name, statement->text);
	else if (text_equal(statement->kind, "ALTER TABLE ATTACH PARTITION") ||
		 text_equal(statement->kind, "ALTER TABLE INHERIT"))
		restore_tables_relate(&restore->tables, statement->name);
}

/* What writes into large objects, and the transactions around it. */
static bool
is_object_data(const char *kind)
{
	static const char *const kinds[] = { "LO_OPEN", "LOWRITE", "LO_CLOSE", "BEGIN", "COMMIT" };
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (text_equal(kind, kinds[i]))
			return true;
	return false;
}

/* In its own database. What waits, and what does not, is restore_tasks.c's decision. */
static int
run_inside(struct restore_lane *lane, const struct scan_statement *statement)
{
	struct restore *restore = lane->restore;
	if (current_step(restore)->chosen != NULL && is_object_data(statement->kind))
		return 0;
	if (lane->collecting) {
		if (restore_tasks_take(&restore->tasks, restore, statement))
			return restore->tasks.text_bytes > WAITING_BYTES ? restore_crew_run(restore) : 0;
		if (restore_crew_run(restore) != 0)
			return -1;
	}
	if (lane->number == 0) {
		note_table(restore, statement);
		if (restore_lane_prepare(lane, restore->session.snapshot_count) != 0)
			return -1;
	}
	return restore_lane_run(lane, statement->text, statement->plain_off);
}

static int
sink_statement(struct scan_sink *sink, const struct scan_statement *statement)
{
	struct restore_lane *lane = (struct restore_lane *)sink;
	struct restore *restore = lane->restore;
	if (restore_run_enter(lane) != 0)
		return -1;
	if (statement->cut)
		return error_set(ERR_RESTORE, "statement at byte %llu of the dump is too long: %llu bytes",
			(unsigned long long)statement->plain_off, (unsigned long long)statement->bytes);
	if (current_step(restore)->as == NULL)
		return restore_run_global(lane, statement);
	if (!restore->connected)
		return run_before(lane, statement);
	if (restore_session_is(statement->kind))
		return run_session(lane, statement);
	return run_inside(lane, statement);
}

static int
sink_connect(struct scan_sink *sink, const char *database, uint64_t plain_off)
{
	struct restore_lane *lane = (struct restore_lane *)sink;
	struct restore *restore = lane->restore;
	const struct contents_section *section = restore_current_section(restore);
	if (!text_equal(database, section->database))
		return error_set(ERR_RESTORE,
			"\\connect at byte %llu of the dump leads to database %s, not to %s",
			(unsigned long long)plain_off, database,
			section->database != NULL ? section->database : "none");
	if (section->creates && !restore->created)
		return error_set(ERR_RESTORE,
			"\\connect at byte %llu of the dump comes before CREATE DATABASE",
			(unsigned long long)plain_off);
	if (lane->number != 0 || lane->collecting)
		return error_set(ERR_DAMAGED, "\\connect at byte %llu of the dump is out of its place",
			(unsigned long long)plain_off);
	if (!section->creates && restore_run_enter(lane) != 0)
		return -1;
	restore->entered = true;
	restore->connected = true;
	restore_session_clear(&restore->session);
	return restore_lane_connect(lane, current_step(restore)->as);
}

/* psql's \encoding sets what the session's SET client_encoding sets. pg_dumpall writes it ahead of \connect,
 * for psql's own reading of the name. */
static int
sink_encoding(struct scan_sink *sink, const char *encoding)
{
	struct restore_lane *lane = (struct restore_lane *)sink;
	if (restore_run_enter(lane) != 0)
		return -1;
	char *literal = pg_quote_literal(encoding);
	char *statement = mem_format("SET client_encoding TO %s", literal);
	int outcome = pg_run(lane->pg, statement);
	free(statement);
	free(literal);
	return outcome;
}

void
restore_run_sink(struct scan_sink *sink)
{
	sink->statement = sink_statement;
	sink->connect = sink_connect;
	sink->encoding = sink_encoding;
}

/* The works of a database. */

static int
run_work(struct restore_lane *lane, const struct restore_work *work)
{
	struct restore *restore = lane->restore;
	if (work->kind == RESTORE_ROWS) {
		restore_tasks_add_rows(&restore->tasks, work->at);
		return 0;
	}
	if (restore_crew_run(restore) != 0)
		return -1;
	if (restore_lane_prepare(lane, restore->session.snapshot_count) != 0)
		return -1;
	lane->collecting = work->kind == RESTORE_REST;
	int outcome = restore_lane_stream(lane, work->at);
	lane->collecting = false;
	return outcome;
}

/* What HEAD told of the tables decides how the rest is taken apart. */
static int
run_works(struct restore_lane *lane)
{
	struct restore *restore = lane->restore;
	const struct contents_section *section = restore_current_section(restore);
	struct restore_works works = { .list = NULL };
	restore_works_plan(section, current_step(restore)->chosen, NULL, &works);
	int outcome = works.count > 0 ? restore_lane_stream(lane, works.list[0].at) : 0;
	restore_works_clear(&works);
	restore_tables_weigh(&restore->tables, section);
	restore_works_plan(section, current_step(restore)->chosen, &restore->tables, &works);
	for (size_t i = 1; outcome == 0 && i < works.count; i++)
		outcome = run_work(lane, &works.list[i]);
	if (outcome == 0)
		outcome = restore_crew_run(restore);
	restore_works_clear(&works);
	return outcome;
}

static int
finish_step(struct restore_lane *lane)
{
	struct restore *restore = lane->restore;
	const struct contents_section *section = restore_current_section(restore);
	if (!restore->entered || (section->database != NULL && !restore->connected))
		return error_set(ERR_DAMAGED, "nothing came out of the backup for this database");
	if (current_step(restore)->chosen == NULL && restore_compare_rest(section, &restore->seen) != 0)
		return -1;
	if (pg_run(lane->pg, MAKE_DURABLE) != 0)
		return -1;
	return section->database == NULL
		       ? 0
		       : restore_beside_mark(restore, lane->pg, current_step(restore), RESTORE_MARK_WHOLE);
}

static void
begin_step(struct restore *restore, size_t step)
{
	restore->step = step;
	restore->entered = false;
	restore->creating = false;
	restore->created = false;
	restore->connected = false;
	restore_tables_clear(&restore->tables);
	restore_session_clear(&restore->session);
	restore_seen_clear(&restore->seen);
}

/* What is to be known where a database that was there before is half restored: nobody will drop it. */
static int
fail_step(struct restore *restore)
{
	const struct restore_step *step = current_step(restore);
	if (restore->connected && !step->creates) {
		restore->told = true;
		error_add("database %s of the target holds a part of the backup now", step->as);
	}
	return -1;
}

int
restore_run_step(struct restore *restore, size_t step, struct restore_feed *feed)
{
	struct restore_lane *lane = &restore->lanes[0];
	restore->feed = feed;
	begin_step(restore, step);
	const struct contents_section *section = restore_current_section(restore);
	int outcome = section->database == NULL ? restore_lane_stream(lane, section->at) : run_works(lane);
	if (outcome == 0)
		outcome = finish_step(lane);
	if (outcome != 0)
		return fail_step(restore);
	for (unsigned i = 0; i < restore->lane_count; i++)
		restore_lane_close(&restore->lanes[i]);
	begin_step(restore, step);
	return 0;
}
