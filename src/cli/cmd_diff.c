/* diff: a line a change, database by database. */
#include "config.h"

#include "incant/log.h"
#include "incant/text.h"

#include "command.h"
#include "output.h"
#include "output_json.h"

static int
diff_run(const struct settings *settings, const struct words *words, struct report *report)
{
	/* One name alone is the older one. */
	const struct op_diff_request request = {
		.before = { .which = words->operand, .store = words->store },
		.after = { .which = words->second_operand, .store = words->store },
	};

	if (op_diff_run(settings, &request, &report->diff) != 0)
		return -1;
	if (report->diff.count == 0 && report->diff.files_count == 0)
		log_info("nothing differs");
	return 0;
}

static struct json *
change_to_json(const struct op_change *change)
{
	struct json *object = json_new_object();

	json_put_text(object, "what", scan_diff_what_word(change->what));
	json_put_text(object, "how", scan_diff_how_word(change->how));
	json_put_text(object, "database", change->database);
	json_put_text(object, "name", change->name);
	json_put_text(object, "before", change->before);
	json_put_text(object, "after", change->after);
	if (change->what == SCAN_DIFF_TABLE) {
		json_put_u64(object, "rows_before", change->rows_before);
		json_put_u64(object, "rows_after", change->rows_after);
	}
	return object;
}

static struct json *
file_to_json(const struct op_file_change *change)
{
	struct json *object = json_new_object();

	json_put_text(object, "section", change->section);
	json_put_bytes(object, "path", change->path);
	json_put_text(object, "how", scan_diff_how_word(change->how));
	json_put_text(object, "before", change->before);
	json_put_text(object, "after", change->after);
	return object;
}

static void
diff_put_json(const struct words *words, const struct report *report, struct json *to)
{
	const struct op_diff_report *diff = &report->diff;
	struct json *changes = json_new_array(), *files = json_new_array();

	(void)words;
	for (size_t i = 0; i < diff->count; i++)
		json_put(changes, NULL, change_to_json(&diff->changes[i]));
	for (size_t i = 0; i < diff->files_count; i++)
		json_put(files, NULL, file_to_json(&diff->files[i]));
	json_put(to, "before", output_json_backup(&diff->before));
	json_put(to, "after", output_json_backup(&diff->after));
	json_put(to, "changes", changes);
	json_put(to, "files", files);
	json_put_u64(to, "read_bytes", diff->read_bytes);
}

static void
put_side(struct buf *text, const char *name, const char *side)
{
	buf_append_format(text, "      %s ", name);
	output_text(text, side);
	buf_append_char(text, '\n');
}

static void
put_change(struct buf *text, enum scan_diff_how how, const char *name, const char *before, const char *after)
{
	static const char marks[] = "+-~"; /* as enum scan_diff_how has them */

	buf_append_format(text, "  %c ", marks[how]);
	output_text(text, name);
	buf_append_char(text, '\n');
	if (how != SCAN_DIFF_ADDED)
		put_side(text, "was:", before);
	if (how != SCAN_DIFF_REMOVED)
		put_side(text, "is: ", after);
}

static void
diff_put_text(const struct words *words, const struct report *report, struct buf *text)
{
	const struct op_diff_report *diff = &report->diff;

	(void)words;
	for (size_t i = 0; i < diff->count; i++) {
		const struct op_change *change = &diff->changes[i];
		const char *database = change->database;

		if (i == 0 || !text_equal(database, diff->changes[i - 1].database)) {
			buf_append_text(text, database != NULL ? "database " : "globals");
			if (database != NULL)
				output_name(text, database);
			buf_append_char(text, '\n');
		}
		put_change(text, change->how, change->name[0] != '\0' ? change->name : "the whole database",
			change->before, change->after);
	}
	for (size_t i = 0; i < diff->files_count; i++) {
		const struct op_file_change *change = &diff->files[i];

		if (i == 0 || !text_equal(change->section, diff->files[i - 1].section)) {
			buf_append_text(text, "files ");
			output_text(text, change->section);
			buf_append_char(text, '\n');
		}
		put_change(text, change->how, change->path, change->before, change->after);
	}
}

static void
diff_clear(struct report *report)
{
	op_diff_report_clear(&report->diff);
}

const struct command_ops cmd_diff_ops = {
	.run = diff_run,
	.put_json = diff_put_json,
	.put_text = diff_put_text,
	.clear = diff_clear,
};
