/* guard: what the command came to, what it changed, and whether the databases are as before it. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "incant/error.h"
#include "incant/mem.h"
#include "incant/terminal.h"
#include "incant/text.h"

#include "cmd_snapshot.h"
#include "command.h"
#include "output.h"
#include "output_json.h"

enum { SHOWN_CHANGES = 200, ANSWER_BYTES = 100 };

static int
guard_check(struct words *words)
{
	static const char *const choices[] = {
		[OP_GUARD_ASK] = "ask", [OP_GUARD_RESTORE] = "restore", [OP_GUARD_KEEP] = "keep"
	};
	const char *said = words->on_failure != NULL ? words->on_failure : "ask";

	if (words->command_line == NULL) {
		error_set(ERR_USAGE, "guard needs a command behind '--'");
		return error_hint("For instance: incant-backup guard -- ./migrate.sh up");
	}
	for (size_t i = 0; i < sizeof(choices) / sizeof(choices[0]); i++)
		if (strcmp(said, choices[i]) == 0) {
			words->guard_failure = (int)i;
			return words_read_wait(words);
		}
	return error_set(ERR_USAGE, "--on-failure is ask, restore or keep, and not '%s'", said);
}

/* Asks whether to go back. Without a terminal nothing is restored. */
static int
ask_to_go_back(void *context, const struct op_guard_report *report)
{
	struct buf answer = BUF_EMPTY;
	char *prompt = mem_format("The command failed (exit status %d). Go back to %s? [y/N] ",
		report->end.exit_code, report->backup.backup.manifest.id);
	int rc;

	(void)context;
	if (report->compared && report->diff.count == 0) {
		free(prompt);
		return 0;
	}
	rc = terminal_ask_line(prompt, ANSWER_BYTES, &answer);
	if (rc == 0)
		rc = strcmp(buf_text(&answer), "y") == 0 || strcmp(buf_text(&answer), "yes") == 0;
	else if (rc == TERMINAL_NONE)
		rc = 0;
	buf_clear(&answer);
	free(prompt);
	return rc;
}

static int
guard_run(const struct settings *settings, const struct words *words, struct report *report)
{
	const struct op_guard_request request = {
		.argv = words->command_line,
		.on_failure = (enum op_guard_failure)words->guard_failure,
		.snapshot = words->snapshot,
		.output_aside = words->json,
		.wait_ms = words->wait_ms,
		.ask = ask_to_go_back,
	};

	return op_guard_run(settings, &request, &report->guard);
}

static struct json *
command_to_json(const struct op_guard_report *guard, const struct words *words)
{
	struct json *command = json_new_object();
	struct json *argv = json_new_array();

	for (size_t i = 0; words->command_line != NULL && words->command_line[i] != NULL; i++) {
		const char *const alone[] = { words->command_line[i], NULL };
		char *shown = op_guard_show_command(alone, strlen(alone[0]) + 16);
		json_put_text(argv, NULL, shown);
		free(shown);
	}
	json_put(command, "argv", argv);
	if (guard->ran)
		json_put_int(command, "exit_code", guard->end.exit_code);
	else
		json_put(command, "exit_code", NULL);
	output_json_seconds(command, "seconds", guard->end.ms);
	return command;
}

static void
put_side(const struct scan_difference *difference, const char *key, bool after, struct json *to)
{
	struct buf text = BUF_EMPTY;

	scan_difference_write_side(difference, after, &text);
	json_put_text(to, key, buf_text(&text));
	buf_clear(&text);
}

static struct json *
change_to_json(const struct scan_difference *difference)
{
	struct json *change = json_new_object();
	struct buf name = BUF_EMPTY;

	scan_difference_write_name(difference, &name);
	json_put_text(change, "database", scan_difference_database(difference));
	json_put_text(change, "what", scan_diff_what_word(difference->what));
	json_put_text(change, "how", scan_diff_how_word(scan_difference_how(difference)));
	json_put_text(change, "name", buf_text(&name));
	put_side(difference, "before", false, change);
	put_side(difference, "after", true, change);
	if (difference->what == SCAN_DIFF_TABLE) {
		json_put_u64(change, "rows_before",
			difference->table.was != NULL ? difference->table.was->rows : 0);
		json_put_u64(
			change, "rows_after", difference->table.is != NULL ? difference->table.is->rows : 0);
	}
	buf_clear(&name);
	return change;
}

static void
put_restored(const struct op_guard_report *guard, struct json *to)
{
	struct json *names = NULL;

	if (guard->went_back) {
		names = json_new_array();
		for (size_t i = 0; i < guard->restore.count; i++)
			json_put_text(names, NULL, guard->restore.databases[i].name);
	}
	json_put(to, "restored", names);
}

static void
guard_put_json(const struct words *words, const struct report *report, struct json *to)
{
	const struct op_guard_report *guard = &report->guard;
	struct json *changes = NULL;

	json_put(to, "backup", guard->backup.made ? output_json_backup(&guard->backup.backup) : NULL);
	json_put(to, "snapshot", guard->snapped ? cmd_snapshot_to_json(&guard->snapshot.snapshots[0]) : NULL);
	json_put(to, "command", command_to_json(guard, words));
	if (guard->compared) {
		changes = json_new_array();
		for (size_t i = 0; i < guard->diff.count; i++)
			json_put(changes, NULL, change_to_json(&guard->diff.list[i]));
	}
	json_put(to, "changes", changes);
	put_restored(guard, to);
}

static void
put_rows(const struct scan_difference *difference, struct buf *text)
{
	uint64_t was = difference->table.was != NULL ? difference->table.was->rows : 0;
	uint64_t is = difference->table.is != NULL ? difference->table.is->rows : 0;

	output_count(text, was, "row", "rows");
	buf_append_text(text, was == is ? ", but not the same" : " -> ");
	if (was != is)
		output_count(text, is, "row", "rows");
}

static void
put_change(const struct scan_difference *difference, struct output_table *table)
{
	const char *database = scan_difference_database(difference);
	struct buf cell = BUF_EMPTY, name = BUF_EMPTY;

	output_text(&cell, database != NULL ? database : "(cluster)");
	output_table_add(table, buf_text(&cell));
	output_table_add(table, scan_diff_how_word(scan_difference_how(difference)));
	output_table_add(table, scan_diff_what_word(difference->what));
	scan_difference_write_name(difference, &name);
	buf_reset(&cell);
	output_text(&cell, buf_text(&name));
	output_table_add(table, buf_text(&cell));
	buf_reset(&cell);
	if (difference->what == SCAN_DIFF_TABLE)
		put_rows(difference, &cell);
	output_table_add(table, buf_text(&cell));
	buf_clear(&name);
	buf_clear(&cell);
}

static void
put_changes(const struct op_guard_report *guard, struct buf *text)
{
	static const struct output_column columns[] = { { "DATABASE", false }, { "HOW", false },
		{ "WHAT", false }, { "NAME", false }, { "", false } };
	size_t shown = guard->diff.count < SHOWN_CHANGES ? guard->diff.count : SHOWN_CHANGES;
	struct output_table table;

	if (guard->diff.count == 0) {
		buf_append_text(text, "  nothing was changed\n");
		return;
	}
	output_table_begin(&table, columns, sizeof(columns) / sizeof(columns[0]));
	for (size_t i = 0; i < shown; i++)
		put_change(&guard->diff.list[i], &table);
	output_table_write(&table, 2, text);
	if (shown < guard->diff.count)
		buf_append_format(text, "  and %zu more; --json has them all\n", guard->diff.count - shown);
}

static void
guard_put_text(const struct words *words, const struct report *report, struct buf *text)
{
	const struct op_guard_report *guard = &report->guard;

	if (!guard->ran || words->quiet)
		return;
	buf_append_format(text, "command: exit status %d after ", guard->end.exit_code);
	output_duration(text, guard->end.ms);
	buf_append_format(text, "\nbackup before it: %s, pinned\n", guard->backup.backup.manifest.id);
	if (guard->snapped) {
		buf_append_text(text, "snapshot before it: ");
		output_text(text, guard->snapshot.snapshots[0].snapshot.name);
		buf_append_char(text, '\n');
	}
	if (guard->compared) {
		buf_append_text(text, "what it changed:\n");
		put_changes(guard, text);
	}
	for (size_t i = 0; guard->went_back && i < guard->restore.count; i++) {
		buf_append_text(text, "back to before it: database ");
		output_text(text, guard->restore.databases[i].name);
		buf_append_char(text, '\n');
	}
}

static void
guard_clear(struct report *report)
{
	op_guard_report_clear(&report->guard);
}

const struct command_ops cmd_guard_ops = {
	.check = guard_check,
	.run = guard_run,
	.put_json = guard_put_json,
	.put_text = guard_put_text,
	.clear = guard_clear,
};
