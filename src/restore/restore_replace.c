#include "config.h"

#include "incant/restore_replace.h"

#include <stdlib.h>
#include <string.h>

#include "incant/buf.h"
#include "incant/error.h"
#include "incant/log.h"
#include "incant/mem.h"
#include "incant/text.h"
#include "restore_inside.h"

/*
 * session_replication_role = replica keeps triggers, and with them the checks and actions of foreign keys,
 * from firing. So rows can be deleted that others refer to, and the keys are checked by a query each when the
 * new rows are in. DELETE and not TRUNCATE: others who look with an older snapshot go on seeing the old rows.
 */

#define SESSION                                                                    \
	"SET default_transaction_read_only = off; SET synchronous_commit = on;"    \
	" SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0;" \
	" SET lock_timeout = '60s'; SET session_replication_role = replica;"       \
	" SET row_security = off; SELECT pg_catalog.set_config('search_path', '', false)"

struct restore_replace {
	struct scan_sink sink; /* first: the sink's functions get this pointer */
	const struct contents_section *section;
	struct pg *pg;
	struct buf oids; /* of the tables, "16384,16390" */
	uint64_t copy_off;
	char *copy_text;
};

/* The sink: one COPY and nothing else. */

static struct restore_replace *
replace_of(struct scan_sink *sink)
{
	return (struct restore_replace *)sink;
}

static int
fail_copy(const struct restore_replace *replace)
{
	if (error_get()->class != ERR_RESTORE)
		return -1;
	return error_add("rows at byte %llu of the dump: %s", (unsigned long long)replace->copy_off,
		replace->copy_text);
}

static int
sink_statement(struct scan_sink *sink, const struct scan_statement *statement)
{
	(void)sink;
	return error_set(ERR_DAMAGED,
		"there is a statement at byte %llu of the dump where only rows should be",
		(unsigned long long)statement->plain_off);
}

static int
sink_copy_begin(
	struct scan_sink *sink, const struct scan_statement *statement, const struct contents_table *table)
{
	struct restore_replace *replace = replace_of(sink);
	(void)table;
	free(replace->copy_text);
	replace->copy_text = restore_excerpt(statement->text);
	replace->copy_off = statement->plain_off;
	return pg_copy_begin(replace->pg, statement->text) == 0 ? 0 : fail_copy(replace);
}

static int
sink_copy_data(struct scan_sink *sink, const char *bytes, size_t len)
{
	struct restore_replace *replace = replace_of(sink);
	return pg_copy_send(replace->pg, bytes, len) == 0 ? 0 : fail_copy(replace);
}

static int
sink_copy_end(struct scan_sink *sink, const struct contents_table *table)
{
	struct restore_replace *replace = replace_of(sink);
	if (pg_copy_end(replace->pg) != 0)
		return fail_copy(replace);
	if (pg_copy_rows(replace->pg) != table->rows)
		return error_set(ERR_RESTORE,
			"the server took %llu rows of table %s.%s where the dump has %llu",
			(unsigned long long)pg_copy_rows(replace->pg), table->schema, table->name,
			(unsigned long long)table->rows);
	return 0;
}

struct scan_sink *
restore_replace_sink(struct restore_replace *replace)
{
	return &replace->sink;
}

int
restore_replace_compare(const struct contents_table *recorded, const struct contents_table *found)
{
	if (found->rows == recorded->rows && digest128_equal(found->digest, recorded->digest))
		return 0;
	return error_set(ERR_DAMAGED, "the rows of table %s.%s are not those that the backup's contents have",
		recorded->schema, recorded->name);
}

/* Beginning. */

static int
begin_transaction(struct restore_replace *replace)
{
	char *literal = pg_quote_literal(replace->section->encoding);
	char *encoding = mem_format("SET client_encoding TO %s", literal);
	int outcome = -1;
	if (pg_run(replace->pg, SESSION) == 0 &&
		(replace->section->encoding[0] == '\0' || pg_run(replace->pg, encoding) == 0) &&
		pg_run(replace->pg, "BEGIN") == 0)
		outcome = 0;
	free(encoding);
	free(literal);
	return outcome;
}

struct restore_replace *
restore_replace_begin(const struct restore_replace_options *options)
{
	const struct pg_options pg = {
		.conninfo = options->conninfo,
		.password = options->password,
		.database = options->section->database,
		.application_name = "incant-backup restore",
		.error_class = ERR_RESTORE,
	};
	struct restore_replace *replace = mem_zero(sizeof(*replace));
	replace->section = options->section;
	replace->sink = (struct scan_sink){
		.statement = sink_statement,
		.copy_begin = sink_copy_begin,
		.copy_data = sink_copy_data,
		.copy_end = sink_copy_end,
	};
	replace->pg = pg_connect(&pg);
	if (replace->pg == NULL || begin_transaction(replace) != 0) {
		error_add("database %s", options->section->database);
		restore_replace_free(replace);
		return NULL;
	}
	return replace;
}

void
restore_replace_free(struct restore_replace *replace)
{
	if (replace == NULL)
		return;
	pg_free(replace->pg); /* with it goes what is not committed */
	buf_clear(&replace->oids);
	free(replace->copy_text);
	free(replace);
}

/* Emptying. */

/* Columns of COLUMNS. */
enum { NAME, GENERATED, NEEDED };

#define COLUMNS                                                                                           \
	"SELECT a.attname, a.attgenerated <> '', a.attnotnull AND NOT a.atthasdef AND a.attidentity = ''" \
	" FROM pg_catalog.pg_attribute a WHERE a.attrelid = $1::pg_catalog.oid AND a.attnum > 0"          \
	" AND NOT a.attisdropped"

static bool
live_has_column(const struct pg_result *columns, const char *name)
{
	for (int row = 0; row < pg_result_rows(columns); row++)
		if (text_equal(pg_result_text(columns, row, NAME), name))
			return text_equal(pg_result_text(columns, row, GENERATED), "f");
	return false;
}

/* The names in a column list as written. */
static void
read_columns(const char *list, struct restore_names *names)
{
	struct restore_token token = { .kind = RESTORE_OTHER };
	while (token.kind != RESTORE_END) {
		restore_token_next(&list, &token);
		if (token.name != NULL)
			restore_names_add(names, token.name);
		restore_token_clear(&token);
	}
}

static int
compare_columns(const struct pg_result *columns, const struct restore_names *recorded,
	const struct contents_table *table)
{
	for (size_t i = 0; i < recorded->count; i++)
		if (!live_has_column(columns, recorded->names[i]))
			return error_set(ERR_RESTORE,
				"the live table %s.%s has no column %s, which the backup's rows have",
				table->schema, table->name, recorded->names[i]);
	for (int row = 0; row < pg_result_rows(columns); row++) {
		const char *name = pg_result_text(columns, row, NAME);
		if (restore_names_have(recorded, name) ||
			text_equal(pg_result_text(columns, row, GENERATED), "t"))
			continue;
		if (text_equal(pg_result_text(columns, row, NEEDED), "t"))
			return error_set(ERR_RESTORE,
				"the live table %s.%s has the column %s, which must have a value, and the "
				"backup's "
				"rows have none for it",
				table->schema, table->name, name);
		log_warning("column %s of table %s.%s is not in the backup: it gets its default", name,
			table->schema, table->name);
	}
	return 0;
}

static int
check_columns(struct restore_replace *replace, const struct contents_table *table, const char *oid)
{
	struct restore_names recorded = { .names = NULL };
	struct pg_result *columns = pg_query(replace->pg, COLUMNS, 1, &oid);
	if (columns == NULL)
		return -1;
	read_columns(table->columns, &recorded);
	int outcome = compare_columns(columns, &recorded, table);
	restore_names_clear(&recorded);
	pg_result_free(columns);
	return outcome;
}

static int
run_about(struct pg *pg, const char *before, const struct contents_table *table, const char *after)
{
	char *schema = pg_quote_identifier(table->schema);
	char *name = pg_quote_identifier(table->name);
	char *statement = mem_format("%s %s.%s%s", before, schema, name, after);
	int outcome = pg_run(pg, statement);
	free(statement);
	free(name);
	free(schema);
	return outcome;
}

#define FIND                                                                                               \
	"SELECT c.oid FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace" \
	" WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind = 'r'"

int
restore_replace_empty(struct restore_replace *replace, const struct contents_table *table)
{
	const char *const values[] = { table->schema, table->name };
	char *oid = NULL;
	int outcome = run_about(replace->pg, "LOCK TABLE ONLY", table, " IN ACCESS EXCLUSIVE MODE");
	if (outcome == 0 && pg_value(replace->pg, FIND, 2, values, &oid) < 0)
		outcome = -1;
	else if (outcome == 0 && oid == NULL)
		outcome = error_set(ERR_RESTORE, "it is not an ordinary table");
	if (outcome == 0)
		outcome = check_columns(replace, table, oid);
	if (outcome == 0)
		outcome = run_about(replace->pg, "DELETE FROM ONLY", table, "");
	if (outcome == 0)
		buf_append_format(&replace->oids, "%s%s", replace->oids.len > 0 ? "," : "", oid);
	free(oid);
	return outcome != 0 ? error_add("table %s.%s", table->schema, table->name) : 0;
}

/* The end. */

/*
 * For each foreign key that begins or ends at one of the tables: its name, its two tables, and a query for a
 * row that refers to none. A key of a partition is that of its parent. The operator is the key's own.
 */
#define KEYS                                                                                                 \
	"WITH RECURSIVE k(oid, parent) AS ("                                                                 \
	" SELECT oid, conparentid FROM pg_catalog.pg_constraint WHERE contype = 'f'"                         \
	"  AND (conrelid = ANY ($1::pg_catalog.oid[]) OR confrelid = ANY ($1::pg_catalog.oid[]))"            \
	" UNION SELECT c.oid, c.conparentid FROM k JOIN pg_catalog.pg_constraint c ON c.oid = k.parent)"     \
	" SELECT c.conname, c.conrelid::pg_catalog.regclass, c.confrelid::pg_catalog.regclass,"              \
	" pg_catalog.format('SELECT 1 FROM %s%s f WHERE (%s) AND NOT EXISTS (SELECT 1 FROM %s%s p WHERE %s)" \
	" LIMIT 1',"                                                                                         \
	" CASE WHEN f.relkind = 'p' THEN '' ELSE 'ONLY ' END, f.oid::pg_catalog.regclass,"                   \
	" pg_catalog.string_agg(pg_catalog.format('f.%I IS NOT NULL', a.attname),"                           \
	"  CASE WHEN c.confmatchtype = 'f' THEN ' OR ' ELSE ' AND ' END),"                                   \
	" CASE WHEN p.relkind = 'p' THEN '' ELSE 'ONLY ' END, p.oid::pg_catalog.regclass,"                   \
	" pg_catalog.string_agg(pg_catalog.format('p.%I OPERATOR(%I.%s) f.%I', b.attname, n.nspname,"        \
	"  o.oprname, a.attname), ' AND '))"                                                                 \
	" FROM k JOIN pg_catalog.pg_constraint c ON c.oid = k.oid AND k.parent = 0 AND c.convalidated"       \
	" JOIN pg_catalog.pg_class f ON f.oid = c.conrelid JOIN pg_catalog.pg_class p ON p.oid = "           \
	"c.confrelid"                                                                                        \
	" CROSS JOIN LATERAL ROWS FROM (pg_catalog.unnest(c.conkey), pg_catalog.unnest(c.confkey),"          \
	"  pg_catalog.unnest(c.conpfeqop)) AS x(a, b, o)"                                                    \
	" JOIN pg_catalog.pg_attribute a ON a.attrelid = f.oid AND a.attnum = x.a"                           \
	" JOIN pg_catalog.pg_attribute b ON b.attrelid = p.oid AND b.attnum = x.b"                           \
	" JOIN pg_catalog.pg_operator o ON o.oid = x.o"                                                      \
	" JOIN pg_catalog.pg_namespace n ON n.oid = o.oprnamespace"                                          \
	" GROUP BY c.oid, c.conname, c.conrelid, c.confrelid, c.confmatchtype, f.oid, f.relkind, p.oid, "    \
	"p.relkind"

static int
check_key(struct restore_replace *replace, const struct pg_result *keys, int row)
{
	char *found = NULL;
	int outcome = pg_value(replace->pg, pg_result_text(keys, row, 3), 0, NULL, &found);
	free(found);
	if (outcome == PG_NO_ROW)
		return 0;
	const char *name = pg_result_text(keys, row, 0);
	if (outcome != 0)
		return error_add("cannot check foreign key %s", name);
	error_set(ERR_RESTORE,
		"foreign key %s would not hold: rows of %s refer to rows that %s would not have", name,
		pg_result_text(keys, row, 1), pg_result_text(keys, row, 2));
	return error_hint("Nothing was changed. Restore both tables together, with --table twice.");
}

static char *
oid_array(const struct restore_replace *replace)
{
	return mem_format("{%s}", buf_text(&replace->oids));
}

static int
check_keys(struct restore_replace *replace)
{
	char *oids = oid_array(replace);
	const char *const values[] = { oids };
	struct pg_result *keys = pg_query(replace->pg, KEYS, 1, values);
	int outcome = keys != NULL ? 0 : -1;
	for (int row = 0; outcome == 0 && row < pg_result_rows(keys); row++)
		outcome = check_key(replace, keys, row);
	pg_result_free(keys);
	free(oids);
	return outcome;
}

/* With an empty search path their names are as a dump has them. */
#define SEQUENCES                                                                  \
	"SELECT DISTINCT d.objid::pg_catalog.regclass FROM pg_catalog.pg_depend d" \
	" JOIN pg_catalog.pg_class s ON s.oid = d.objid AND s.relkind = 'S'"       \
	" WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass"            \
	" AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass"           \
	" AND d.refobjid = ANY ($1::pg_catalog.oid[]) AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i')"

static int
set_sequence(struct restore_replace *replace, const char *name)
{
	for (size_t i = 0; i < replace->section->sequence_count; i++) {
		const struct contents_sequence *recorded = &replace->section->sequences[i];
		if (!text_equal(recorded->name, name))
			continue;
		char *value = mem_format("%lld", (long long)recorded->value);
		const char *const values[] = { name, value, recorded->called ? "true" : "false" };
		struct pg_result *rows = pg_query(replace->pg,
			"SELECT pg_catalog.setval($1::pg_catalog.regclass, $2::pg_catalog.int8, "
			"$3::pg_catalog.bool)",
			3, values);
		free(value);
		pg_result_free(rows);
		return rows != NULL ? 0 : error_add("cannot set sequence %s", name);
	}
	log_warning("sequence %s is not in the backup: it stays as it is", name);
	return 0;
}

/* Last of all: a sequence that is set stays set, whatever becomes of the transaction. */
static int
set_sequences(struct restore_replace *replace)
{
	char *oids = oid_array(replace);
	const char *const values[] = { oids };
	struct pg_result *sequences = pg_query(replace->pg, SEQUENCES, 1, values);
	int outcome = sequences != NULL ? 0 : -1;
	for (int row = 0; outcome == 0 && row < pg_result_rows(sequences); row++)
		outcome = set_sequence(replace, pg_result_text(sequences, row, 0));
	pg_result_free(sequences);
	free(oids);
	return outcome;
}

int
restore_replace_finish(struct restore_replace *replace)
{
	if (check_keys(replace) != 0 || set_sequences(replace) != 0)
		return -1;
	if (pg_run(replace->pg, "COMMIT") == 0)
		return 0;
	if (pg_sqlstate(replace->pg)[0] == '\0')
		error_add("the connection was lost at the last moment, and whether the rows were replaced is "
			  "not "
			  "known");
	return -1;
}
