/*
 * Contents from JSON (the form stands in scan_contents_json.c). The text may have been damaged, or made up:
 * everything is checked that the rest of the program relies on, extents above all.
 */
#include "config.h"

#include "incant/contents.h"

#include <errno.h>
#include <stdlib.h>

#include "incant/error.h"
#include "incant/json.h"
#include "incant/mem.h"

#include "scan_contents.h"
#include "scan_kind.h"

/* Reads the values of one list, in order. After a fault all further calls fail too. */
struct reader {
	const struct json *list;
	const char *what;
	size_t next;
	bool failed;
};

static struct reader
reader_of(const struct json *list, const char *what)
{
	return (struct reader){ .list = list, .what = what };
}

/* The next value; NULL when there is none or the reader has failed. */
static const struct json *
next_value(struct reader *reader)
{
	const struct json *value = reader->failed ? NULL : json_at(reader->list, reader->next++);

	if (value == NULL && !reader->failed) {
		error_set(ERR_DAMAGED, "%s: a list of the contents is too short", reader->what);
		reader->failed = true;
	}
	return value;
}

static char *
next_bytes(struct reader *reader)
{
	const struct json *value = next_value(reader);
	char *text = NULL;

	if (value != NULL)
		reader->failed = json_take_bytes(value, NULL, reader->what, &text) != 0;
	return text;
}

static uint64_t
next_u64(struct reader *reader)
{
	const struct json *value = next_value(reader);
	uint64_t number = 0;

	if (value != NULL)
		reader->failed = json_take_u64(value, NULL, reader->what, &number) != 0;
	return number;
}

static struct extent
next_extent(struct reader *reader)
{
	uint64_t plain_off = next_u64(reader);

	return (struct extent){ plain_off, next_u64(reader) };
}

static bool
next_bool(struct reader *reader)
{
	const struct json *value = next_value(reader);
	bool flag = false;

	if (value != NULL)
		reader->failed = json_take_bool(value, NULL, reader->what, &flag) != 0;
	return flag;
}

/* The next text; "" when there is none. */
static const char *
next_text(struct reader *reader)
{
	const struct json *value = next_value(reader);
	const char *text = NULL;

	if (value != NULL)
		reader->failed = json_take_text(value, NULL, reader->what, &text) != 0;
	return text != NULL ? text : "";
}

static struct digest128
next_digest(struct reader *reader)
{
	struct digest128 digest = { 0, 0 };
	const char *hex = next_text(reader);

	if (!reader->failed && digest128_parse(hex, &digest) != 0) {
		error_set(ERR_DAMAGED, "%s: '%s' is not a digest", reader->what, hex);
		reader->failed = true;
	}
	return digest;
}

static int64_t
next_integer(struct reader *reader)
{
	const char *text = next_text(reader);
	char *end;
	int64_t value;

	if (reader->failed)
		return 0;
	errno = 0;
	value = strtoll(text, &end, 10);
	if (errno != 0 || end == text || *end != '\0') {
		error_set(ERR_DAMAGED, "%s: '%s' is not a sequence's value", reader->what, text);
		reader->failed = true;
	}
	return value;
}

static void
take_statement(struct reader *row, struct contents_section *section)
{
	struct contents_statement statement = { .kind = scan_kind_intern(next_text(row)) };

	statement.name = next_bytes(row);
	statement.at = next_extent(row);
	statement.digest = next_digest(row);
	scan_contents_add_statement(section, statement);
}

static void
take_table(struct reader *row, struct contents_section *section)
{
	struct contents_table table = { .schema = next_bytes(row) };

	table.name = next_bytes(row);
	table.columns = next_bytes(row);
	table.at = next_extent(row);
	table.data = next_extent(row);
	table.rows = next_u64(row);
	table.digest = next_digest(row);
	scan_contents_add_table(section, table);
}

static void
take_sequence(struct reader *row, struct contents_section *section)
{
	struct contents_sequence sequence = { .name = next_bytes(row) };

	sequence.value = next_integer(row);
	sequence.called = next_bool(row);
	scan_contents_add_sequence(section, sequence);
}

static void
take_large_object(struct reader *row, struct contents_section *section)
{
	struct contents_large_object object = { .oid = next_u64(row) };

	object.bytes = next_u64(row);
	object.data = next_digest(row);
	object.about = next_digest(row);
	scan_contents_add_large_object(section, object);
}

/* Reads the list of lists from[key] with take. 0 or -1. */
static int
take_rows(const struct json *from, const char *key, const char *what,
	void (*take)(struct reader *row, struct contents_section *section), struct contents_section *section)
{
	const struct json *list;
	const struct json *value;

	if (json_take_array(from, key, what, &list) != 0)
		return -1;
	for (size_t i = 0; i < json_count(list); i++) {
		if (json_take_array(json_at(list, i), NULL, what, &value) != 0)
			return -1;
		struct reader row = reader_of(value, what);

		take(&row, section);
		if (row.failed)
			return -1;
	}
	return 0;
}

static int
section_from_json(const struct json *from, const char *what, struct contents_section *section)
{
	const struct json *at;
	struct reader extent;

	if (json_has(from, "database") && json_take_bytes(from, "database", what, &section->database) != 0)
		return -1;
	if (json_take_bytes(from, "encoding", what, &section->encoding) != 0 ||
		json_take_bool(from, "creates", what, &section->creates) != 0 ||
		json_take_array(from, "at", what, &at) != 0)
		return -1;
	extent = reader_of(at, what);
	section->at = next_extent(&extent);
	if (extent.failed || take_rows(from, "statements", what, take_statement, section) != 0 ||
		take_rows(from, "tables", what, take_table, section) != 0 ||
		take_rows(from, "sequences", what, take_sequence, section) != 0 ||
		take_rows(from, "large_objects", what, take_large_object, section) != 0)
		return -1;
	return 0;
}

static bool
is_inside(struct extent inner, struct extent outer)
{
	return inner.plain_off >= outer.plain_off && inner.bytes <= outer.bytes &&
	       inner.plain_off - outer.plain_off <= outer.bytes - inner.bytes;
}

static bool
extents_fit(const struct contents_section *section)
{
	for (size_t i = 0; i < section->statement_count; i++) {
		if (!is_inside(section->statements[i].at, section->at))
			return false;
	}
	for (size_t i = 0; i < section->table_count; i++) {
		const struct contents_table *table = &section->tables[i];

		if (!is_inside(table->at, section->at) || !is_inside(table->data, table->at))
			return false;
	}
	return true;
}

/* The globals first, then databases, without holes between them. */
static int
check_sections(const struct contents *contents, const char *what)
{
	uint64_t at = contents->section_count > 0 ? contents->sections[0].at.plain_off : 0;
	uint64_t end = at + contents->plain_bytes;

	for (size_t i = 0; i < contents->section_count; i++) {
		const struct contents_section *section = &contents->sections[i];

		if ((section->database == NULL) != (i == 0) || section->at.plain_off != at)
			return error_set(
				ERR_DAMAGED, "%s: section %zu of the contents does not follow", what, i);
		if (!extents_fit(section))
			return error_set(ERR_DAMAGED,
				"%s: section %zu of the contents names bytes outside it", what, i);
		at += section->at.bytes;
	}
	if (contents->section_count == 0 || at != end)
		return error_set(
			ERR_DAMAGED, "%s: the sections of the contents are not the whole dump", what);
	return 0;
}

int
contents_from_json(const struct json *from, const char *what, struct contents *contents)
{
	const struct json *sections;
	const struct json *value;

	contents_init(contents);
	if (json_take_u64(from, "plain_bytes", what, &contents->plain_bytes) != 0 ||
		json_take_array(from, "sections", what, &sections) != 0)
		goto fail;
	for (size_t i = 0; i < json_count(sections); i++) {
		MEM_GROW(contents->sections, contents->section_count, contents->section_capacity);
		contents->sections[i] = (struct contents_section){ 0 };
		contents->section_count++;
		if (json_take_object(json_at(sections, i), NULL, what, &value) != 0 ||
			section_from_json(value, what, &contents->sections[i]) != 0)
			goto fail;
	}
	if (check_sections(contents, what) == 0)
		return 0;
fail:
	contents_clear(contents);
	return -1;
}
