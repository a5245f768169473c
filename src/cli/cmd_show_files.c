/* show --files: what is in a tar of application files, and what is not in it as it was on disk. */
#include "config.h"

#include "cmd_files.h"

#include <stdio.h>

#include "incant/clock.h"
#include "incant/error.h"
#include "incant/files.h"
#include "incant/log.h"
#include "incant/mem.h"
#include "output.h"
#include "output_json.h"

static struct files_cursor
cursor_of(const struct buf *rows)
{
	return (struct files_cursor){ .text = buf_text(rows), .len = rows->len };
}

/* The record was read whole, and its digest is right: a row that cannot be read is a fault of the program
 * that wrote it. */
static bool
next(struct files_cursor *rows, struct files_entry *entry)
{
	int rc = files_list_next(rows, "the record", entry);

	if (rc < 0)
		log_warning("%s", error_get()->message);
	return rc == FILES_GOT;
}

static bool
next_note(struct files_cursor *rows, struct files_note *note)
{
	int rc = files_list_next_note(rows, "the record", note);

	if (rc < 0)
		log_warning("%s", error_get()->message);
	return rc == FILES_GOT;
}

static struct json *
entry_to_json(const struct files_entry *entry)
{
	struct json *object = json_new_object();
	char digest[DIGEST_XXH128_HEX], mode[16];

	(void)snprintf(mode, sizeof(mode), "%04o", entry->mode);
	json_put_bytes(object, "path", entry->path);
	json_put_text(object, "type", files_type_name(entry->type));
	json_put_text(object, "mode", mode);
	json_put_u64(object, "size", entry->size);
	output_json_time(object, "mtime", entry->mtime);
	json_put_text(
		object, "digest", entry->type == FILES_FILE ? digest128_format(digest, entry->digest) : NULL);
	json_put_bytes(object, "link", entry->link);
	return object;
}

void
cmd_show_files_put_json(const struct op_show_files *files, struct json *to)
{
	struct files_cursor rows = cursor_of(&files->rows), note_rows = cursor_of(&files->notes);
	struct json *entries = json_new_array(), *notes = json_new_array();
	struct files_entry entry;
	struct files_note note;

	for (; next(&rows, &entry); files_entry_clear(&entry))
		json_put(entries, NULL, entry_to_json(&entry));
	for (; next_note(&note_rows, &note); files_note_clear(&note)) {
		struct json *object = json_new_object();
		json_put_bytes(object, "path", note.path);
		json_put_text(object, "kind", files_note_name(note.kind));
		json_put_text(object, "text", note.text);
		json_put(notes, NULL, object);
	}
	json_put_text(to, "files", files->name);
	json_put_bytes(to, "path", files->path);
	json_put(to, "entries", entries);
	json_put(to, "notes", notes);
}

/* The letter that ls(1) has for it; a hard link is a file. */
static char
letter_of(enum files_type type)
{
	static const char letters[] = { 'f', 'd', 'l', 'h', 'p', '?' };

	return letters[type];
}

static void
add_row(struct output_table *table, const struct files_entry *entry)
{
	char mode[16], when[CLOCK_RFC3339_SIZE];
	struct buf name = BUF_EMPTY;

	(void)snprintf(mode, sizeof(mode), "%c %04o", letter_of(entry->type), entry->mode);
	output_table_add(table, mode);
	output_table_add_count(table, entry->size);
	output_table_add(table, clock_format_local(when, entry->mtime));
	buf_append_text(&name, entry->path);
	if (entry->link != NULL)
		buf_append_format(&name, "%s%s", entry->type == FILES_SYMLINK ? " -> " : " = ", entry->link);
	output_table_add(table, buf_text(&name));
	buf_clear(&name);
}

void
cmd_show_files_put_text(const struct op_show_files *files, struct buf *text)
{
	static const struct output_column columns[] = { { "MODE", false }, { "BYTES", true },
		{ "CHANGED", false }, { "NAME", false } };
	struct files_cursor rows = cursor_of(&files->rows), note_rows = cursor_of(&files->notes);
	struct output_table table;
	struct files_entry entry;
	struct files_note note;

	buf_append_format(text, "\nfiles %s, from ", files->name);
	output_text(text, files->path);
	buf_append_char(text, '\n');
	output_table_begin(&table, columns, sizeof(columns) / sizeof(columns[0]));
	for (; next(&rows, &entry); files_entry_clear(&entry))
		add_row(&table, &entry);
	output_table_write(&table, 2, text);
	for (; next_note(&note_rows, &note); files_note_clear(&note)) {
		buf_append_format(text, "  note: '");
		output_text(text, note.path);
		buf_append_text(text, "' ");
		output_text(text, note.text);
		buf_append_char(text, '\n');
	}
}

void
cmd_files_put_lines(const struct manifest *manifest, size_t indent, struct buf *text)
{
	for (size_t i = 0; i < manifest->files_count; i++) {
		const struct manifest_files *files = &manifest->files[i];

		buf_append_format(text, "%*sfiles %s: ", (int)indent, "", files->name);
		if (files->missing != NULL) {
			buf_append_text(text, "not there: ");
			output_text(text, files->missing);
		} else {
			output_count(text, files->entries, "entry", "entries");
			buf_append_text(text, ", ");
			output_bytes(text, files->bytes);
		}
		if (files->unread > 0)
			buf_append_format(
				text, ", %llu could not be read", (unsigned long long)files->unread);
		if (files->notes > files->unread) {
			buf_append_text(text, ", ");
			output_count(text, files->notes - files->unread, "note", "notes");
		}
		buf_append_char(text, '\n');
	}
}
