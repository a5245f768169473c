/* restore: what came back as what; or the plan, and what stands against it. */
#include "config.h"

#include <stdlib.h>

#include "incant/error.h"
#include "incant/mem.h"
#include "incant/pg.h"

#include "cmd_files.h"
#include "command.h"
#include "output.h"
#include "output_json.h"

static int
restore_check(struct words *words)
{
	if (words->files != NULL)
		return cmd_restore_files_check(words);
	if (words->into != NULL || words->paths.count > 0)
		return error_set(ERR_USAGE, "--into and --file are for --files");
	return words_read_which(words);
}

static int
restore_run(const struct settings *settings, const struct words *words, struct report *report)
{
	const struct op_restore_request request = {
		.which = words->which,
		.conninfo = words->to,
		.databases = words->databases.items,
		.database_count = words->databases.count,
		.dry_run = words->dry_run,
	};

	if (words->files != NULL)
		return cmd_restore_files_run(settings, words, report);
	return op_restore_run(settings, &request, &report->restore);
}

static struct json *
databases_to_json(const struct op_restore_report *restore)
{
	struct json *databases = json_new_array();

	for (size_t i = 0; i < restore->count; i++) {
		const struct op_restored *restored = &restore->databases[i];
		struct json *database = json_new_object();
		json_put_text(database, "name", restored->name);
		json_put_text(database, "restored_as", restored->restored_as);
		json_put_u64(database, "rows", restored->rows);
		json_put_u64(database, "tables", restored->tables);
		json_put_u64(database, "plain_bytes", restored->plain_bytes);
		json_put_text(database, "obstacle", restored->obstacle);
		json_put(databases, NULL, database);
	}
	return databases;
}

static void
restore_put_json(const struct words *words, const struct report *report, struct json *to)
{
	const struct op_restore_report *restore = &report->restore;

	if (words->files != NULL) {
		cmd_restore_files_put_json(words, report, to);
		return;
	}
	json_put(to, "backup", output_json_backup(&restore->backup));
	json_put(to, "databases", databases_to_json(restore));
	output_json_seconds(to, "seconds", restore->total_ms);
	json_put_u64(to, "read_bytes", restore->read_bytes);
	json_put_text(to, "target", restore->target);
	json_put_text(to, "dropped", restore->dropped);
	json_put_u64(to, "roles_created", restore->roles_created);
	json_put_u64(to, "roles_left", restore->roles_left);
	json_put_bool(to, "beside", restore->beside);
	json_put_bool(to, "dry_run", words->dry_run);
}

/* The databases; with obstacles where a plan is shown. */
static void
put_databases(const struct op_restore_report *restore, bool plan, struct buf *text)
{
	static const struct output_column columns[] = { { "DATABASE", false }, { "AS", false },
		{ "TABLES", true }, { "ROWS", true }, { "DUMP", true }, { "OBSTACLE", false } };
	struct output_table table;

	output_table_begin(&table, columns, plan ? 6 : 5);
	for (size_t i = 0; i < restore->count; i++) {
		const struct op_restored *restored = &restore->databases[i];
		struct buf name = BUF_EMPTY;
		output_name(&name, restored->name);
		output_table_add(&table, buf_text(&name));
		buf_reset(&name);
		output_name(&name, restored->restored_as);
		output_table_add(&table, buf_text(&name));
		output_table_add_count(&table, restored->tables);
		output_table_add_count(&table, restored->rows);
		output_table_add_bytes(&table, restored->plain_bytes);
		if (plan)
			output_table_add(&table, restored->obstacle != NULL ? restored->obstacle : "none");
		buf_clear(&name);
	}
	output_table_write(&table, 2, text);
}

static void
put_heading(const struct op_restore_report *restore, const char *verb, struct buf *text)
{
	buf_append_format(text, "%s %s to ", restore->backup.manifest.id, verb);
	output_text(text, restore->target);
	buf_append_char(text, '\n');
}

static uint64_t
count_rows(const struct op_restore_report *restore)
{
	uint64_t rows = 0;

	for (size_t i = 0; i < restore->count; i++)
		rows += restore->databases[i].rows;
	return rows;
}

/* As one word for a shell. */
static void
put_shell_word(struct buf *text, const char *word)
{
	struct buf quoted = BUF_EMPTY;

	for (const char *c = word; *c != '\0'; c++) {
		if (*c == '\'')
			buf_append_text(&quoted, "'\\'");
		buf_append_char(&quoted, *c);
	}
	buf_append_char(text, '\'');
	output_text(text, buf_text(&quoted));
	buf_append_char(text, '\'');
	buf_clear(&quoted);
}

static void
put_psql(const struct op_restore_report *restore, const char *database, struct buf *text)
{
	char *words = restore->conninfo != NULL ? pg_words(restore->conninfo, database) : NULL;

	buf_append_text(text, "psql ");
	put_shell_word(text, words != NULL ? words : database);
	free(words);
}

/* How to go on with a database that stands beside the live one. */
static void
put_next_steps(const struct op_restore_report *restore, const struct op_restored *restored, struct buf *text)
{
	char *name = pg_quote_identifier(restored->restored_as);
	char *drop = mem_format("DROP DATABASE %s", name);

	buf_append_text(text, "  look at it:  ");
	put_psql(restore, restored->restored_as, text);
	buf_append_text(text, "\n  drop it:     ");
	put_psql(restore, "postgres", text);
	buf_append_text(text, " -c ");
	put_shell_word(text, drop);
	buf_append_char(text, '\n');
	free(drop);
	free(name);
}

static void
put_restored(const struct op_restore_report *restore, struct buf *text)
{
	put_heading(restore, "restored", text);
	put_databases(restore, false, text);
	buf_append_format(text, "  roles: %zu created, %zu there already\n  ", restore->roles_created,
		restore->roles_left);
	output_count(text, count_rows(restore), "row", "rows");
	buf_append_text(text, " in ");
	output_duration(text, restore->total_ms);
	buf_append_text(text, ", ");
	output_bytes(text, restore->read_bytes);
	buf_append_text(text, " read from the store\n");
	if (restore->beside) {
		buf_append_text(text, "  nothing live was changed\n");
		for (size_t i = 0; i < restore->count; i++)
			put_next_steps(restore, &restore->databases[i], text);
	}
}

static void
restore_put_text(const struct words *words, const struct report *report, struct buf *text)
{
	const struct op_restore_report *restore = &report->restore;

	if (words->files != NULL) {
		cmd_restore_files_put_text(words, report, text);
	} else if (words->dry_run && restore->target != NULL) {
		put_heading(restore, "would be restored", text);
		put_databases(restore, true, text);
	} else if (report->done && !words->quiet) {
		put_restored(restore, text);
	} else if (restore->dropped != NULL) {
		buf_append_text(text, "dropped again, because not restored whole: ");
		output_text(text, restore->dropped);
		buf_append_char(text, '\n');
	}
}

static void
restore_clear(struct report *report)
{
	op_restore_report_clear(&report->restore);
	op_restore_files_report_clear(&report->restore_files);
}

const struct command_ops cmd_restore_ops = {
	.check = restore_check,
	.run = restore_run,
	.put_json = restore_put_json,
	.put_text = restore_put_text,
	.clear = restore_clear,
};
