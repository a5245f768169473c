/* show: a page about one backup, and on request its databases and tables. */
#include "config.h"

#include "incant/clock.h"
#include "incant/error.h"
#include "incant/text.h"

#include "cmd_files.h"
#include "command.h"
#include "output.h"
#include "output_json.h"

static int
show_check(struct words *words)
{
	if (words->files != NULL && words->tables)
		return error_set(ERR_USAGE, "--files and --tables exclude each other");
	return words_read_which(words);
}

static int
show_run(const struct settings *settings, const struct words *words, struct report *report)
{
	if (words->files != NULL)
		return op_show_files_run(settings, &words->which, words->files, &report->show);
	return op_show_run(settings, &words->which, words->tables, &report->show);
}

static struct json *
tables_to_json(const struct contents_section *section)
{
	struct json *tables = json_new_array();
	char digest[DIGEST_XXH128_HEX];

	for (size_t i = 0; i < section->table_count; i++) {
		const struct contents_table *table = &section->tables[i];
		struct json *object = json_new_object();
		json_put_text(object, "schema", table->schema);
		json_put_text(object, "name", table->name);
		json_put_u64(object, "rows", table->rows);
		json_put_u64(object, "bytes", table->data.bytes);
		json_put_text(object, "digest", digest128_format(digest, table->digest));
		json_put(tables, NULL, object);
	}
	return tables;
}

static void
show_put_json(const struct words *words, const struct report *report, struct json *to)
{
	const struct contents *contents = &report->show.contents;

	json_put(to, "backup", output_json_backup(&report->show.backup));
	if (words->files != NULL)
		cmd_show_files_put_json(&report->show.files, to);
	if (!words->tables)
		return;
	struct json *databases = json_new_array();
	for (size_t i = 0; i < contents->section_count; i++) {
		if (contents->sections[i].database == NULL)
			continue;
		struct json *database = json_new_object();
		json_put_text(database, "database", contents->sections[i].database);
		json_put(database, "tables", tables_to_json(&contents->sections[i]));
		json_put(databases, NULL, database);
	}
	json_put(to, "contents", databases);
}

/* The names of lines, all of one width. */
static void
begin_line(struct buf *text, const char *name)
{
	buf_append_format(text, "%-10s ", name);
}

static void
put_line(struct buf *text, const char *name, const char *value)
{
	if (value == NULL || value[0] == '\0')
		return;
	begin_line(text, name);
	output_text(text, value);
	buf_append_char(text, '\n');
}

static void
put_made(const struct manifest *manifest, struct buf *text)
{
	char when[CLOCK_RFC3339_SIZE];

	begin_line(text, "made");
	buf_append_format(text, "%s in ", clock_format_local(when, manifest->created));
	output_duration(text, manifest->total_ms);
	buf_append_text(text, " on ");
	output_text(text, manifest->host);
	buf_append_text(text, " by ");
	output_text(text, manifest->program);
	buf_append_char(text, '\n');
}

static void
put_sizes(const struct manifest *manifest, struct buf *text)
{
	char count[32];

	begin_line(text, "dump");
	output_bytes(text, manifest->plain_bytes);
	buf_append_format(
		text, " (%s bytes) in ", text_format_count(count, sizeof(count), manifest->plain_bytes));
	output_duration(text, manifest->dump_ms);
	buf_append_char(text, '\n');
	begin_line(text, "stored");
	output_bytes(text, manifest_stored_bytes(manifest));
	buf_append_format(text, " (%s:%d)\n", manifest->codec, manifest->level);
}

static void
put_objects(const struct manifest *manifest, struct buf *text)
{
	static const struct output_column columns[] = { { "OBJECT", false }, { "BYTES", true },
		{ "SHA-256", false } };
	struct output_table table;

	output_table_begin(&table, columns, sizeof(columns) / sizeof(columns[0]));
	for (size_t i = 0; i < manifest->object_count; i++) {
		output_table_add(&table, manifest->objects[i].name);
		output_table_add_count(&table, manifest->objects[i].bytes);
		output_table_add(&table, manifest->objects[i].sha256);
	}
	buf_append_char(text, '\n');
	output_table_write(&table, 0, text);
}

static void
put_page(const struct op_backup *backup, struct buf *text)
{
	const struct manifest *manifest = &backup->manifest;

	put_line(text, "backup", manifest->id);
	put_line(text, "source", manifest->source);
	put_line(text, "label", manifest->label);
	put_made(manifest, text);
	put_line(text, "server", manifest->server_version);
	put_sizes(manifest, text);
	begin_line(text, "holds");
	output_contents(text, manifest);
	buf_append_char(text, '\n');
	if (backup->pin != NULL) {
		begin_line(text, "pin");
		output_pin(text, backup->pin);
		buf_append_char(text, '\n');
	}
	cmd_files_put_lines(manifest, 0, text);
	if (backup->proof != NULL) {
		begin_line(text, "proof");
		output_proof(text, backup->proof);
		buf_append_char(text, '\n');
	}
	if (backup->suspect != NULL) {
		struct buf reasons = BUF_EMPTY;
		suspect_write_reasons(backup->suspect, &reasons);
		put_line(text, "suspect", buf_text(&reasons));
		buf_clear(&reasons);
	}
	begin_line(text, "stores");
	output_stores(text, backup);
	buf_append_char(text, '\n');
	put_objects(manifest, text);
}

static void
put_database(const struct contents_section *section, struct buf *text)
{
	static const struct output_column columns[] = { { "TABLE", false }, { "ROWS", true },
		{ "DATA", true } };
	struct output_table table;

	buf_append_text(text, "\ndatabase ");
	output_name(text, section->database);
	buf_append_text(text, section->table_count == 0 ? ": no tables\n" : "\n");
	if (section->table_count == 0)
		return;
	output_table_begin(&table, columns, sizeof(columns) / sizeof(columns[0]));
	for (size_t i = 0; i < section->table_count; i++) {
		struct buf name = BUF_EMPTY;
		output_name(&name, section->tables[i].schema);
		buf_append_char(&name, '.');
		output_name(&name, section->tables[i].name);
		output_table_add(&table, buf_text(&name));
		output_table_add_count(&table, section->tables[i].rows);
		output_table_add_bytes(&table, section->tables[i].data.bytes);
		buf_clear(&name);
	}
	output_table_write(&table, 2, text);
}

static void
show_put_text(const struct words *words, const struct report *report, struct buf *text)
{
	const struct contents *contents = &report->show.contents;

	if (report->show.backup.manifest.id == NULL)
		return;
	put_page(&report->show.backup, text);
	if (report->show.files.name != NULL)
		cmd_show_files_put_text(&report->show.files, text);
	for (size_t i = 0; words->tables && i < contents->section_count; i++)
		if (contents->sections[i].database != NULL)
			put_database(&contents->sections[i], text);
}

static void
show_clear(struct report *report)
{
	op_show_report_clear(&report->show);
}

const struct command_ops cmd_show_ops = {
	.check = show_check,
	.run = show_run,
	.put_json = show_put_json,
	.put_text = show_put_text,
	.clear = show_clear,
};
