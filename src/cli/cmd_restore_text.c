/* restore: what came back as what, and how to go on; or the plan, and what stands against it. */
#include "config.h"

#include "cmd_restore.h"

#include <stdlib.h>

#include "incant/mem.h"
#include "incant/pg.h"
#include "incant/text.h"

#include "cmd_files.h"
#include "cmd_prove.h"
#include "output.h"

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
	buf_append_text(text, "\n  swap it in:  incant-backup restore ");
	buf_append_format(text, "%s --swap --database ", restore->backup.manifest.id);
	put_shell_word(text, restored->name);
	buf_append_text(text, "\n  drop it:     ");
	put_psql(restore, "postgres", text);
	buf_append_text(text, " -c ");
	put_shell_word(text, drop);
	buf_append_char(text, '\n');
	free(drop);
	free(name);
}

/* What was live, and how to go on with it. */
static void
put_kept(const struct op_restore_report *restore, struct buf *text)
{
	for (size_t i = 0; i < restore->count; i++) {
		const struct op_restored *restored = &restore->databases[i];
		buf_append_text(text, "  ");
		output_name(text, restored->name);
		if (restored->kept_as != NULL) {
			buf_append_text(text, " was live until now, and is kept as ");
			output_name(text, restored->kept_as);
		} else if (text_equal(restored->restored_as, restored->name)) {
			buf_append_text(text, " was not there before");
		} else {
			buf_append_text(text, " was not replaced");
		}
		buf_append_char(text, '\n');
	}
	if (restore->safety != NULL)
		buf_append_format(text, "  safety backup:      %s, pinned\n", restore->safety);
	buf_append_text(text, "  take it back:       incant-backup restore --undo\n"
			      "  drop what is kept:  incant-backup restore --finalize\n");
}

/* After undo, swap and finalize. */
static void
put_moved(const struct words *words, const struct op_restore_report *restore, struct buf *text)
{
	const char *would = words->dry_run ? "would be " : "";

	for (size_t i = 0; i < restore->count; i++) {
		const struct op_restored *moved = &restore->databases[i];
		output_name(text, moved->name);
		buf_append_format(text, " %s%s", would, words->undo ? "put back" : "swapped in");
		if (moved->kept_as != NULL) {
			buf_append_format(text, "; what was live until now %s kept as ",
				words->dry_run ? "would be" : "is");
			output_name(text, moved->kept_as);
		}
		buf_append_char(text, '\n');
	}
	if (restore->safety != NULL)
		buf_append_format(text, "safety backup: %s, pinned\n", restore->safety);
	if (words->finalize && restore->dropped == NULL)
		buf_append_text(text, "nothing was kept\n");
	if (words->finalize && restore->dropped != NULL) {
		buf_append_format(text, "%sdropped: ", would);
		output_text(text, restore->dropped);
		buf_append_char(text, '\n');
	}
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
	if (restore->swapped)
		put_kept(restore, text);
	if (restore->beside) {
		buf_append_text(text, "  nothing live was changed\n");
		for (size_t i = 0; i < restore->count; i++)
			put_next_steps(restore, &restore->databases[i], text);
	}
}

/* How long it would take, and how much room. */
static void
put_forecast(const struct op_restore_forecast *forecast, struct buf *text)
{
	if (forecast->restore_ms != 0) {
		buf_append_text(text, "  would take about ");
		output_duration(text, forecast->restore_ms);
		buf_append_format(text, ", by the proof of %s\n", forecast->proven);
	} else {
		buf_append_text(
			text, "  how long it would take is not known: no backup has been proven yet\n");
	}
	if (forecast->needed_bytes == 0)
		return;
	buf_append_text(text, "  would need about ");
	output_bytes(text, forecast->needed_bytes);
	if (forecast->free_bytes != UINT64_MAX) {
		buf_append_text(text, "; ");
		output_bytes(text, forecast->free_bytes);
		buf_append_text(text, " are free in '");
		output_text(text, forecast->folder);
		buf_append_text(text, "'\n");
	} else {
		buf_append_text(
			text, " where the target keeps its data, whose free space is not known here\n");
	}
}

/* The statements that failed and did not stop the restore. */
static void
put_failures(const struct op_restore_report *restore, struct buf *text)
{
	for (size_t i = 0; i < restore->failure_count; i++) {
		const struct op_restore_failure *failed = &restore->failures[i];
		output_text(text, failed->database != NULL ? failed->database : "globals");
		buf_append_text(text, ": ");
		output_text(text, failed->message);
		if (failed->hint != NULL) {
			buf_append_text(text, "\n  hint: ");
			output_text(text, failed->hint);
		}
		buf_append_char(text, '\n');
	}
}

void
cmd_restore_put_text(const struct words *words, const struct report *report, struct buf *text)
{
	const struct op_restore_report *restore = &report->restore;

	put_failures(restore, text);
	if (words->files != NULL) {
		cmd_restore_files_put_text(words, report, text);
	} else if (words->undo || words->swap || words->finalize) {
		if (report->done && !words->quiet)
			put_moved(words, restore, text);
	} else if (words->dry_run && restore->target != NULL) {
		put_heading(restore, "would be restored", text);
		put_databases(restore, true, text);
		put_forecast(&restore->forecast, text);
	} else if (report->done && !words->quiet) {
		put_restored(restore, text);
		if (restore->server != NULL)
			cmd_prove_put_server(restore->server, restore->conninfo, text);
	} else if (restore->dropped != NULL) {
		buf_append_text(text, "dropped again, because not restored whole: ");
		output_text(text, restore->dropped);
		buf_append_char(text, '\n');
	}
}
