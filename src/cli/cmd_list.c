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

/* "for ever", "until 2026-12-31", or "" where none holds. Returns text. */
static const char *
format_pin(char text[CLOCK_RFC3339_SIZE], const struct pin *pin, int64_t now)
{
	char until[CLOCK_RFC3339_SIZE];

	if (!pin_holds(pin, now))
		return "";
	if (pin->until == 0)
		return "for ever";
	(void)snprintf(text, CLOCK_RFC3339_SIZE, "until %.10s", clock_format_local(until, pin->until));
	return text;
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
	struct buf stores = BUF_EMPTY;
	char age[OUTPUT_AGE_SIZE], pinned[CLOCK_RFC3339_SIZE], proven[OUTPUT_AGE_SIZE + 4];

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
	output_table_add(table, format_pin(pinned, backup->pin, now));
	output_table_add(table, format_proof(proven, backup->proof, now));
	output_stores(&stores, backup);
	output_table_add(table, buf_text(&stores));
	buf_clear(&stores);
}

static void
list_put_text(const struct words *words, const struct report *report, struct buf *text)
{
	static const struct output_column one_source[] = { { "ID", false }, { "AGE", true }, { "SIZE", true },
		{ "DUMP", true }, { "ROWS", true }, { "LABEL", false }, { "PINNED", false },
		{ "PROVEN", false }, { "STORES", false } };
	static const struct output_column many_sources[] = { { "ID", false }, { "SOURCE", false },
		{ "AGE", true }, { "SIZE", true }, { "DUMP", true }, { "ROWS", true }, { "LABEL", false },
		{ "PINNED", false }, { "PROVEN", false }, { "STORES", false } };
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
