/* list: a line a backup. */
#include "config.h"

#include <stdio.h>

#include "incant/clock.h"
#include "incant/error.h"
#include "incant/log.h"
#include "incant/text.h"

#include "command.h"
#include "output.h"
#include "output_json.h"

static int
list_check(struct words *words)
{
	if (words->source != NULL && words->all_sources)
		return error_set(ERR_USAGE, "--source and --all-sources exclude each other");
	if (words->source != NULL && !settings_name_is_valid(words->source))
		return error_set(ERR_USAGE, "'%s' cannot be the name of a source", words->source);
	return 0;
}

static int
list_run(const struct settings *settings, const struct words *words, struct report *report)
{
	const struct op_list_request request = {
		.store = words->store, .source = words->source, .all_sources = words->all_sources
	};

	if (op_list_run(settings, &request, &report->list) != 0)
		return -1;
	if (report->list.count == 0)
		log_info("there are no backups yet");
	return 0;
}

static void
list_put_json(const struct words *words, const struct report *report, struct json *to)
{
	struct json *backups = json_new_array();

	(void)words;
	for (size_t i = 0; i < report->list.count; i++)
		json_put(backups, NULL, output_json_backup(&report->list.backups[i]));
	json_put(to, "backups", backups);
}

/* More than one source in the list gets a column. */
static bool
has_many_sources(const struct op_list_report *list)
{
	for (size_t i = 1; i < list->count; i++)
		if (!text_equal(list->backups[0].manifest.source, list->backups[i].manifest.source))
			return true;
	return false;
}

/* Appends "suspect", "pinned", "pinned until 2026-12-31", or nothing. */
static void
append_marks(struct buf *text, const struct op_backup *backup, int64_t now)
{
	char until[CLOCK_RFC3339_SIZE];

	if (backup->suspect != NULL)
		buf_append_text(text, "suspect");
	if (!pin_holds(backup->pin, now))
		return;
	buf_append_format(text, "%spinned", text->len > 0 ? ", " : "");
	if (backup->pin->until != 0)
		buf_append_format(text, " until %.10s", clock_format_local(until, backup->pin->until));
}

/* "2d ago", "FAILED", or "" where it was never proven. Returns text. */
static const char *
format_proof(char text[OUTPUT_AGE_SIZE + 4], const struct proof *proof, int64_t now)
{
	char age[OUTPUT_AGE_SIZE];

	if (proof == NULL)
		return "";
	if (!proof->ok)
		return "FAILED";
	(void)snprintf(text, OUTPUT_AGE_SIZE + 4, "%s ago", output_format_age(age, proof->at, now));
	return text;
}

static void
add_row(struct output_table *table, const struct op_backup *backup, bool with_source, int64_t now)
{
	const struct manifest *manifest = &backup->manifest;
	struct buf stores = BUF_EMPTY, marks = BUF_EMPTY;
	char age[OUTPUT_AGE_SIZE], proven[OUTPUT_AGE_SIZE + 4];

	output_table_add(table, manifest->id);
	if (with_source)
		output_table_add(table, manifest->source);
	output_table_add(table, output_format_age(age, manifest->created, now));
	output_table_add_bytes(table, manifest_stored_bytes(manifest));
	output_table_add_bytes(table, manifest->plain_bytes);
	if (manifest->no_totals)
		output_table_add(table, "?");
	else
		output_table_add_count(table, manifest->rows);
	output_table_add(table, manifest->label);
	append_marks(&marks, backup, now);
	output_table_add(table, buf_text(&marks));
	buf_clear(&marks);
	output_table_add(table, format_proof(proven, backup->proof, now));
	output_stores(&stores, backup);
	output_table_add(table, buf_text(&stores));
	buf_clear(&stores);
}

static void
list_put_text(const struct words *words, const struct report *report, struct buf *text)
{
	static const struct output_column one_source[] = { { "ID", false }, { "AGE", true }, { "SIZE", true },
		{ "DUMP", true }, { "ROWS", true }, { "LABEL", false }, { "MARKS", false },
		{ "PROVEN", false }, { "STORES", false } };
	static const struct output_column many_sources[] = { { "ID", false }, { "SOURCE", false },
		{ "AGE", true }, { "SIZE", true }, { "DUMP", true }, { "ROWS", true }, { "LABEL", false },
		{ "MARKS", false }, { "PROVEN", false }, { "STORES", false } };
	const struct op_list_report *list = &report->list;
	bool with_source = has_many_sources(list);
	struct output_table table;
	int64_t now = clock_now();

	(void)words;
	if (list->count == 0)
		return;
	if (with_source)
		output_table_begin(&table, many_sources, sizeof(many_sources) / sizeof(many_sources[0]));
	else
		output_table_begin(&table, one_source, sizeof(one_source) / sizeof(one_source[0]));
	for (size_t i = 0; i < list->count; i++)
		add_row(&table, &list->backups[i], with_source, now);
	output_table_write(&table, 0, text);
}

static void
list_clear(struct report *report)
{
	op_list_report_clear(&report->list);
}

const struct command_ops cmd_list_ops = {
	.check = list_check,
	.run = list_run,
	.put_json = list_put_json,
	.put_text = list_put_text,
	.clear = list_clear,
};
