/*
 * The list of a tar: a line of JSON an entry, [PATH, TYPE, MODE, SIZE, MTIME, OFFSET, BYTES, DIGEST or LINK],
 * and a line a note, {"path", "kind", "text"}. Lines, so that a list of a million files is never held as a
 * million values.
 */
#include "config.h"

#include "incant/files.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "incant/error.h"
#include "incant/json.h"
#include "incant/mem.h"
#include "incant/text.h"

enum { ROW_VALUES = 8 };

static const char *const type_names[] = { "file", "directory", "symlink", "hardlink", "fifo", "other" };
static const char *const note_names[] = { "skipped", "mount", "secret", "changed", "vanished", "unread" };

const char *
files_type_name(enum files_type type)
{
	return type_names[type];
}

const char *
files_note_name(enum files_note_kind kind)
{
	return note_names[kind];
}

/* The place of a word in a list of names; -1 with ERR_DAMAGED where it has none. */
static int
find_name(const char *const *names, size_t count, const char *word, const char *what)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(names[i], word) == 0)
			return (int)i;
	return error_set(ERR_DAMAGED, "%s: '%s' is not known", what, word);
}

void
files_entry_clear(struct files_entry *entry)
{
	free(entry->path);
	free(entry->link);
	*entry = (struct files_entry){ .path = NULL };
}

void
files_note_clear(struct files_note *note)
{
	free(note->path);
	free(note->text);
	*note = (struct files_note){ .path = NULL };
}

void
files_list_init(struct files_list *list)
{
	*list = (struct files_list){ .entries = 0 };
}

void
files_list_clear(struct files_list *list)
{
	buf_clear(&list->rows);
	buf_clear(&list->note_rows);
	files_list_init(list);
}

static void
add_line(struct buf *rows, struct json *value)
{
	json_write(value, 0, rows);
	buf_append_char(rows, '\n');
	json_free(value);
}

void
files_list_add(struct files_list *list, const struct files_entry *entry)
{
	struct json *row = json_new_array();
	char digest[DIGEST_XXH128_HEX], mode[16], mtime[24];

	(void)snprintf(mode, sizeof(mode), "%04o", entry->mode);
	(void)snprintf(mtime, sizeof(mtime), "%lld", (long long)entry->mtime);
	json_put_bytes(row, NULL, entry->path);
	json_put_text(row, NULL, files_type_name(entry->type));
	json_put_text(row, NULL, mode);
	json_put_u64(row, NULL, entry->size);
	json_put_text(row, NULL, mtime);
	json_put_u64(row, NULL, entry->plain_off);
	json_put_u64(row, NULL, entry->plain_bytes);
	if (entry->type == FILES_FILE)
		json_put_text(row, NULL, digest128_format(digest, entry->digest));
	else
		json_put_bytes(row, NULL, entry->link);
	add_line(&list->rows, row);
	list->entries++;
	list->files += entry->type == FILES_FILE ? 1 : 0;
	list->bytes += entry->size;
}

void
files_list_add_note(struct files_list *list, const struct files_note *note)
{
	struct json *row = json_new_object();

	json_put_bytes(row, "path", note->path);
	json_put_text(row, "kind", files_note_name(note->kind));
	json_put_text(row, "text", note->text);
	add_line(&list->note_rows, row);
	list->notes++;
	list->unread += note->kind == FILES_NOTE_UNREAD ? 1 : 0;
}

/* The next line as a value (the caller's), its name for errors in *where (the caller's). NULL at the end
 * with *rc FILES_END, and after an error with *rc -1. */
static struct json *
next_line(struct files_cursor *cursor, const char *what, char **where, int *rc)
{
	size_t left = cursor->len - cursor->at;

	*where = NULL;
	*rc = FILES_END;
	if (left == 0)
		return NULL;
	const char *line = cursor->text + cursor->at;
	const char *end = memchr(line, '\n', left);
	size_t len = end != NULL ? (size_t)(end - line) : left;
	cursor->at += len + (end != NULL ? 1 : 0);
	cursor->line++;
	*where = mem_format("%s, row %llu", what, (unsigned long long)cursor->line);
	struct json *value = json_parse(line, len, *where);
	*rc = value != NULL ? FILES_GOT : -1;
	return value;
}

/* Octal. */
static int
take_mode(const struct json *row, size_t index, const char *what, unsigned *mode)
{
	const char *text = NULL;

	if (json_take_text(json_at(row, index), NULL, what, &text) != 0)
		return -1;
	char *end;
	unsigned long value = strtoul(text, &end, 8);
	if (*end != '\0' || strspn(text, "01234567") != strlen(text) || value > 07777)
		return error_set(ERR_DAMAGED, "%s: '%s' is no mode", what, text);
	*mode = (unsigned)value;
	return 0;
}

static int
take_mtime(const struct json *row, size_t index, const char *what, int64_t *mtime)
{
	const char *text = NULL;

	if (json_take_text(json_at(row, index), NULL, what, &text) != 0)
		return -1;
	char *end;
	errno = 0;
	*mtime = strtoll(text, &end, 10);
	if (errno != 0 || end == text || *end != '\0')
		return error_set(ERR_DAMAGED, "%s: '%s' is no time", what, text);
	return 0;
}

static int
take_type(const struct json *row, size_t index, const char *what, enum files_type *type)
{
	const char *text = NULL;

	if (json_take_text(json_at(row, index), NULL, what, &text) != 0)
		return -1;
	int place = find_name(type_names, sizeof(type_names) / sizeof(type_names[0]), text, what);
	if (place < 0)
		return -1;
	*type = (enum files_type)place;
	return 0;
}

static int
take_digest_or_link(const struct json *row, size_t index, const char *what, struct files_entry *entry)
{
	const struct json *value = json_at(row, index);
	const char *hex = NULL;

	if (entry->type == FILES_SYMLINK || entry->type == FILES_HARDLINK)
		return json_take_bytes(value, NULL, what, &entry->link);
	if (entry->type != FILES_FILE)
		return 0;
	if (json_take_text(value, NULL, what, &hex) != 0)
		return -1;
	if (digest128_parse(hex, &entry->digest) != 0)
		return error_set(ERR_DAMAGED, "%s: '%s' is no digest", what, hex);
	return 0;
}

static int
take_row(const struct json *row, const char *what, struct files_entry *entry)
{
	const struct json *values = NULL;

	if (json_take_array(row, NULL, what, &values) != 0)
		return -1;
	if (json_count(values) != ROW_VALUES)
		return error_set(ERR_DAMAGED, "%s: it has %zu values instead of %d", what, json_count(values),
			ROW_VALUES);
	if (json_take_bytes(json_at(values, 0), NULL, what, &entry->path) != 0 ||
		take_type(values, 1, what, &entry->type) != 0 ||
		take_mode(values, 2, what, &entry->mode) != 0 ||
		json_take_u64(json_at(values, 3), NULL, what, &entry->size) != 0 ||
		take_mtime(values, 4, what, &entry->mtime) != 0 ||
		json_take_u64(json_at(values, 5), NULL, what, &entry->plain_off) != 0 ||
		json_take_u64(json_at(values, 6), NULL, what, &entry->plain_bytes) != 0)
		return -1;
	return take_digest_or_link(values, 7, what, entry);
}

int
files_list_next(struct files_cursor *cursor, const char *what, struct files_entry *entry)
{
	char *where = NULL;
	int rc;
	struct json *row = next_line(cursor, what, &where, &rc);

	*entry = (struct files_entry){ .path = NULL };
	if (row != NULL && take_row(row, where, entry) != 0) {
		files_entry_clear(entry);
		rc = -1;
	}
	json_free(row);
	free(where);
	return rc;
}

static int
take_note(const struct json *row, const char *what, struct files_note *note)
{
	const struct json *object = NULL;
	const char *kind = NULL, *text = NULL;

	if (json_take_object(row, NULL, what, &object) != 0 ||
		json_take_bytes(object, "path", what, &note->path) != 0 ||
		json_take_text(object, "kind", what, &kind) != 0 ||
		json_take_text(object, "text", what, &text) != 0)
		return -1;
	int place = find_name(note_names, sizeof(note_names) / sizeof(note_names[0]), kind, what);
	if (place < 0)
		return -1;
	note->kind = (enum files_note_kind)place;
	note->text = mem_text(text);
	return 0;
}

int
files_list_next_note(struct files_cursor *cursor, const char *what, struct files_note *note)
{
	char *where = NULL;
	int rc;
	struct json *row = next_line(cursor, what, &where, &rc);

	*note = (struct files_note){ .path = NULL };
	if (row != NULL && take_note(row, where, note) != 0) {
		files_note_clear(note);
		rc = -1;
	}
	json_free(row);
	free(where);
	return rc;
}
