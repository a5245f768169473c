#include "config.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "incant/error.h"
#include "incant/log.h"
#include "incant/mem.h"
#include "incant/text.h"
#include "restore_inside.h"

/*
 * The sink: what the scanner tells of goes to the server, statement by statement, in the order of the dump
 * and as it stands there. There is one connection at a time. A section that creates its database begins on
 * the maintenance database and goes on, from its \connect, in its own; nothing is ever sent to another one.
 */

/* A commit that writes to the log and waits makes durable what was committed before it without waiting. */
#define MAKE_DURABLE                   \
	"SET synchronous_commit = on;" \
	" SELECT pg_catalog.pg_logical_emit_message(true, 'incant-backup', 'restored')"

static struct restore *
restore_of(struct scan_sink *sink)
{
	return (struct restore *)sink;
}

static const struct restore_step *
current_step(const struct restore *restore)
{
	assert(restore->step < restore->plan.count);
	return &restore->plan.steps[restore->step];
}

static const struct contents_section *
current_section(const struct restore *restore)
{
	return current_step(restore)->section;
}

/* Other connections of ours are gone before a new one is made. */
static int
switch_connection(struct restore *restore, const char *database)
{
	pg_free(restore->pg);
	restore->pg = restore_connect(restore, database, false);
	return restore->pg != NULL ? 0 : -1;
}

/* A section without CREATE DATABASE that is restored under another name: the database is made here. */
static int
create_beside(struct restore *restore)
{
	const struct restore_step *step = current_step(restore);
	if (switch_connection(restore, NULL) != 0)
		return -1;
	restore->creating = true;
	int outcome = restore_beside_create(restore->pg, step->section, step->as);
	restore->creating = outcome != 0 && pg_sqlstate(restore->pg)[0] == '\0';
	restore->created = outcome == 0;
	return outcome == 0 ? restore_beside_mark(restore, step, RESTORE_MARK_BEGUN) : -1;
}

/* At the first sight of a section. */
static int
enter_section(struct restore *restore)
{
	if (restore->entered)
		return 0;
	const struct restore_step *step = current_step(restore);
	bool stock = step->as != NULL && !step->section->creates;
	restore->entered = true;
	if (stock && step->creates && create_beside(restore) != 0)
		return -1;
	restore->connected = stock;
	return switch_connection(restore, stock ? step->as : NULL);
}

/*
 * Makes the server's error one about a place in the dump. A signal is no fault of the statement. The database
 * that existed before is said to be half restored, because nobody will drop it.
 */
static int
fail_statement(struct restore *restore, const char *text, uint64_t plain_off)
{
	const struct restore_step *step = current_step(restore);
	if (error_get()->class == ERR_RESTORE) {
		struct error cause;
		error_take(&cause);
		char *excerpt = restore_excerpt(text);
		error_set(ERR_RESTORE, "statement at byte %llu of the dump failed: %s: %s",
			(unsigned long long)plain_off, cause.message, excerpt);
		free(excerpt);
		const char *advice = restore_advice(pg_sqlstate(restore->pg), cause.message);
		if (advice != NULL || cause.hint[0] != '\0')
			error_hint("%s", advice != NULL ? advice : cause.hint);
	}
	if (step->as != NULL && !step->creates) {
		restore->told = true;
		error_add("database %s of the target holds a part of the backup now", step->as);
	}
	return -1;
}

/* Statements. */

/* A pg_dump switches off all timeouts that it knows. One that an older target does not know cannot strike. */
static bool
is_unknown_timeout(const struct restore *restore, const char *text)
{
	return text_equal(pg_sqlstate(restore->pg), "42704") && text_starts(text, "SET ") &&
	       text_ends(text, "_timeout = 0;");
}

/* As it stands in the dump, but for the names of databases that are restored under another one. */
static int
run(struct restore *restore, const struct scan_statement *statement)
{
	char *renamed = restore_rename_statement(restore->names, restore->name_count, statement->text);
	int outcome = pg_run(restore->pg, renamed != NULL ? renamed : statement->text);
	free(renamed);
	if (outcome == 0)
		return 0;
	if (!is_unknown_timeout(restore, statement->text))
		return fail_statement(restore, statement->text, statement->plain_off);
	error_clear();
	return 0;
}

/* Says once of each such grantor that the target's first superuser granted in his place. */
static void
note_replaced(struct restore *restore, const char *grantor)
{
	if (restore_names_have(&restore->replaced, grantor))
		return;
	restore_names_add(&restore->replaced, grantor);
	log_warning("role %s may not grant memberships on the target: %s grants them there", grantor,
		restore->roles.bootstrap);
}

/*
 * Since version 16 a grantor must have the right to grant. The first superuser has it as such; a target may
 * have another one. And older sources name grantors who never had it. Then the first superuser of the target
 * grants, as always where no grantor is named.
 */
static int
run_membership(struct restore *restore, const struct scan_statement *statement)
{
	char *grantor = NULL;
	char *rest = NULL;
	if (pg_run(restore->pg, statement->text) == 0)
		return 0;
	if (text_equal(pg_sqlstate(restore->pg), "42501"))
		rest = restore_roles_without_grantor(statement->text, &grantor);
	int outcome = rest != NULL ? pg_run(restore->pg, rest) : -1;
	if (outcome == 0) {
		error_clear();
		note_replaced(restore, grantor);
	} else {
		fail_statement(restore, statement->text, statement->plain_off);
	}
	free(grantor);
	free(rest);
	return outcome;
}

/* A tablespace's directory belongs to the source, which may run on this very machine. */
static int
run_in_place(struct restore *restore, const struct scan_statement *statement)
{
	char *text = restore->roles.scratch ? restore_roles_in_place(statement->text) : NULL;
	struct scan_statement changed = *statement;
	if (text != NULL)
		changed.text = text;
	int outcome = run(restore, &changed);
	free(text);
	return outcome;
}

static int
run_global(struct restore *restore, const struct scan_statement *statement)
{
	char *role = NULL;
	int outcome = 0;
	switch (restore_roles_judge(&restore->roles, statement->text, &role)) {
	case RESTORE_ROLE_NEW:
		outcome = run(restore, statement);
		if (outcome == 0)
			restore->result.roles_created++;
		break;
	case RESTORE_ROLE_LEFT:
		restore->result.roles_left++;
		if (restore_roles_worth_warning(&restore->roles, role))
			log_warning("role %s exists on the target: it is left as it is there", role);
		break;
	case RESTORE_RUN:
		outcome = text_equal(statement->kind, "GRANT ROLE") ? run_membership(restore, statement)
								    : run_in_place(restore, statement);
		break;
	case RESTORE_LEAVE:
		break;
	case RESTORE_REFUSE:
		outcome = error_set(ERR_RESTORE,
			"statement at byte %llu of the dump would drop something (%s), and a restore does "
			"not",
			(unsigned long long)statement->plain_off, statement->kind);
		break;
	}
	free(role);
	return outcome;
}

/* From here on the database is ours to drop. Where the end of the statement was not seen, it may or may not
 * be there. */
static int
run_create_database(struct restore *restore, const struct scan_statement *statement)
{
	restore->creating = true;
	if (run(restore, statement) != 0) {
		if (pg_sqlstate(restore->pg)[0] != '\0')
			restore->creating = false;
		return -1;
	}
	restore->creating = false;
	restore->created = true;
	return restore_beside_mark(restore, current_step(restore), RESTORE_MARK_BEGUN);
}

static int
sink_statement(struct scan_sink *sink, const struct scan_statement *statement)
{
	struct restore *restore = restore_of(sink);
	const struct contents_section *section = current_section(restore);
	if (enter_section(restore) != 0)
		return -1;
	if (statement->cut)
		return error_set(ERR_RESTORE, "statement at byte %llu of the dump is too long: %llu bytes",
			(unsigned long long)statement->plain_off, (unsigned long long)statement->bytes);
	if (section->database == NULL)
		return run_global(restore, statement);
	if (restore->connected)
		return run(restore, statement);
	if (text_equal(statement->kind, "CREATE DATABASE"))
		return run_create_database(restore, statement);
	/* A database's name is bytes, in whatever encoding its creator had: converting it into that of the
	 * maintenance database would give the new one another name than \connect has. */
	if (text_starts(statement->text, "SET client_encoding"))
		return pg_run(restore->pg, RESTORE_RAW_NAMES);
	return run(restore, statement);
}

static int
sink_connect(struct scan_sink *sink, const char *database, uint64_t plain_off)
{
	struct restore *restore = restore_of(sink);
	const struct contents_section *section = current_section(restore);
	if (!text_equal(database, section->database))
		return error_set(ERR_RESTORE,
			"\\connect at byte %llu of the dump leads to database %s, not to %s",
			(unsigned long long)plain_off, database,
			section->database != NULL ? section->database : "none");
	if (section->creates && !restore->created)
		return error_set(ERR_RESTORE,
			"\\connect at byte %llu of the dump comes before CREATE DATABASE",
			(unsigned long long)plain_off);
	if (!section->creates && enter_section(restore) != 0)
		return -1;
	restore->entered = true;
	restore->connected = true;
	return switch_connection(restore, current_step(restore)->as);
}

/* psql's \encoding sets what the session's SET client_encoding sets. pg_dumpall writes it ahead of \connect,
 * for psql's own reading of the name. */
static int
sink_encoding(struct scan_sink *sink, const char *encoding)
{
	struct restore *restore = restore_of(sink);
	if (enter_section(restore) != 0)
		return -1;
	char *literal = pg_quote_literal(encoding);
	char *statement = mem_format("SET client_encoding TO %s", literal);
	int outcome = pg_run(restore->pg, statement);
	free(statement);
	free(literal);
	return outcome;
}

/* COPY. */

static int
fail_copy(struct restore *restore)
{
	return fail_statement(restore, restore->copy_text, restore->copy_off);
}

static int
sink_copy_begin(
	struct scan_sink *sink, const struct scan_statement *statement, const struct contents_table *table)
{
	struct restore *restore = restore_of(sink);
	(void)table;
	if (enter_section(restore) != 0)
		return -1;
	free(restore->copy_text);
	restore->copy_text = mem_text(statement->text);
	restore->copy_off = statement->plain_off;
	if (!restore->connected)
		return error_set(ERR_RESTORE, "rows at byte %llu of the dump belong to no database",
			(unsigned long long)statement->plain_off);
	return pg_copy_begin(restore->pg, statement->text) == 0 ? 0 : fail_copy(restore);
}

static int
sink_copy_data(struct scan_sink *sink, const char *bytes, size_t len)
{
	struct restore *restore = restore_of(sink);
	return pg_copy_send(restore->pg, bytes, len) == 0 ? 0 : fail_copy(restore);
}

static int
sink_copy_end(struct scan_sink *sink, const struct contents_table *table)
{
	struct restore *restore = restore_of(sink);
	if (pg_copy_end(restore->pg) != 0)
		return fail_copy(restore);
	if (pg_copy_rows(restore->pg) != table->rows) {
		error_set(ERR_RESTORE, "the server took %llu rows of table %s.%s where the dump has %llu",
			(unsigned long long)pg_copy_rows(restore->pg), table->schema, table->name,
			(unsigned long long)table->rows);
		return fail_copy(restore);
	}
	restore->result.rows += table->rows;
	return 0;
}

void
restore_run_init(struct restore *restore)
{
	restore->sink = (struct scan_sink){
		.statement = sink_statement,
		.connect = sink_connect,
		.encoding = sink_encoding,
		.copy_begin = sink_copy_begin,
		.copy_data = sink_copy_data,
		.copy_end = sink_copy_end,
	};
	while (restore->step < restore->plan.count && !restore->plan.steps[restore->step].wanted)
		restore->step++;
}

int
restore_run_end_section(struct restore *restore, const struct contents_section *recorded,
	const struct contents_section *found)
{
	assert(recorded == current_section(restore));
	if (!restore->entered || (recorded->database != NULL && !restore->connected))
		return error_set(ERR_DAMAGED, "nothing came out of the backup for this database");
	if (restore_compare(recorded, found) != 0)
		return -1;
	if (pg_run(restore->pg, MAKE_DURABLE) != 0 ||
		restore_beside_mark(restore, current_step(restore), RESTORE_MARK_WHOLE) != 0)
		return -1;
	pg_free(restore->pg);
	restore->pg = NULL;
	restore->entered = false;
	restore->created = false;
	restore->connected = false;
	do
		restore->step++;
	while (restore->step < restore->plan.count && !restore->plan.steps[restore->step].wanted);
	return 0;
}
