/* The contents in memory: plain growing arrays, totals, and finding a database or a table by name. */
#include "config.h"

#include "incant/contents.h"

#include <stdlib.h>
#include <string.h>

#include "incant/buf.h"
#include "incant/mem.h"
#include "incant/text.h"

#include "scan_contents.h"

void
contents_init(struct contents *contents)
{
	memset(contents, 0, sizeof(*contents));
}

void
scan_contents_clear_section(struct contents_section *section)
{
	for (size_t i = 0; i < section->statement_count; i++)
		free(section->statements[i].name);
	for (size_t i = 0; i < section->table_count; i++) {
		free(section->tables[i].schema);
		free(section->tables[i].name);
		free(section->tables[i].columns);
	}
	for (size_t i = 0; i < section->sequence_count; i++)
		free(section->sequences[i].name);
	free(section->statements);
	free(section->tables);
	free(section->sequences);
	free(section->large_objects);
	free(section->database);
	free(section->encoding);
}

void
contents_clear(struct contents *contents)
{
	for (size_t i = 0; i < contents->section_count; i++)
		scan_contents_clear_section(&contents->sections[i]);
	free(contents->sections);
	contents_init(contents);
}

void
scan_contents_add_statement(struct contents_section *section, struct contents_statement statement)
{
	MEM_GROW(section->statements, section->statement_count, section->statement_capacity);
	section->statements[section->statement_count++] = statement;
}

void
scan_contents_add_table(struct contents_section *section, struct contents_table table)
{
	MEM_GROW(section->tables, section->table_count, section->table_capacity);
	section->tables[section->table_count++] = table;
}

void
scan_contents_add_sequence(struct contents_section *section, struct contents_sequence sequence)
{
	MEM_GROW(section->sequences, section->sequence_count, section->sequence_capacity);
	section->sequences[section->sequence_count++] = sequence;
}

static void
merge_large_object(struct contents_large_object *to, const struct contents_large_object *from)
{
	to->bytes += from->bytes;
	to->data = digest128_add(to->data, from->data);
	to->about = digest128_add(to->about, from->about);
}

void
scan_contents_add_large_object(struct contents_section *section, struct contents_large_object object)
{
	size_t count = section->large_object_count;

	if (count > 0 && section->large_objects[count - 1].oid == object.oid) {
		merge_large_object(&section->large_objects[count - 1], &object);
		return;
	}
	MEM_GROW(section->large_objects, section->large_object_count, section->large_object_capacity);
	section->large_objects[section->large_object_count++] = object;
}

static int
by_oid(const void *a, const void *b)
{
	const struct contents_large_object *left = a;
	const struct contents_large_object *right = b;

	return (left->oid > right->oid) - (left->oid < right->oid);
}

void
scan_contents_end_section(struct contents_section *section)
{
	struct contents_large_object *objects = section->large_objects;
	size_t kept = 0;

	if (section->large_object_count == 0)
		return;
	qsort(objects, section->large_object_count, sizeof(objects[0]), by_oid);
	for (size_t i = 1; i < section->large_object_count; i++) {
		if (objects[i].oid == objects[kept].oid)
			merge_large_object(&objects[kept], &objects[i]);
		else
			objects[++kept] = objects[i];
	}
	section->large_object_count = kept + 1;
}

struct contents_totals
contents_totals(const struct contents *contents)
{
	struct contents_totals totals = { 0 };

	for (size_t i = 0; i < contents->section_count; i++) {
		const struct contents_section *section = &contents->sections[i];

		totals.databases += section->database != NULL;
		totals.tables += section->table_count;
		totals.large_objects += section->large_object_count;
		for (size_t j = 0; j < section->table_count; j++) {
			totals.rows += section->tables[j].rows;
			totals.data_bytes += section->tables[j].data.bytes;
		}
	}
	return totals;
}

const struct contents_section *
contents_find_database(const struct contents *contents, const char *database)
{
	for (size_t i = 0; i < contents->section_count; i++) {
		const char *name = contents->sections[i].database;

		if (name != NULL && strcmp(name, database) == 0)
			return &contents->sections[i];
	}
	return NULL;
}

/* Appends the inside of the "…" that begins at p. Returns what follows it; NULL when it does not end. */
static const char *
take_quoted(const char *p, struct buf *part)
{
	for (p++; *p != '\0'; p++) {
		if (*p == '"' && *++p != '"')
			return p;
		buf_append_char(part, *p);
	}
	return NULL;
}

/*
 * Takes one part of a name off *from: "quoted", or up to the next dot. Without quotes it is folded to lower
 * case, if fold. NULL when there is none, or something other than a dot follows.
 */
static char *
take_part(const char **from, bool fold)
{
	struct buf part = BUF_EMPTY;
	const char *p = *from;

	if (*p == '"') {
		p = take_quoted(p, &part);
	} else {
		for (; *p != '\0' && *p != '.'; p++)
			buf_append_char(
				&part, fold && *p >= 'A' && *p <= 'Z' ? (char)(*p + ('a' - 'A')) : *p);
	}
	if (p == NULL || part.len == 0 || (*p != '\0' && *p != '.')) {
		buf_clear(&part);
		return NULL;
	}
	*from = p;
	return buf_take(&part);
}

/* The tables of that name, in that schema or (NULL) in any. One in public comes before all others. */
static const struct contents_table *
find_table(const struct contents_section *section, const char *schema, const char *name, size_t *matches)
{
	const struct contents_table *found = NULL;
	bool public_found = false;

	*matches = 0;
	for (size_t i = 0; i < section->table_count; i++) {
		const struct contents_table *table = &section->tables[i];
		bool public = schema == NULL && strcmp(table->schema, "public") == 0;

		if (strcmp(table->name, name) != 0 || (schema != NULL && strcmp(table->schema, schema) != 0))
			continue;
		if (public_found && !public)
			continue;
		*matches = public && !public_found ? 1 : *matches + 1;
		public_found = public_found || public;
		found = table;
	}
	return *matches == 1 ? found : NULL;
}

/* Finds a table by name as SQL would read it, letters taken as they are or folded. */
static const struct contents_table *
find_by_parts(const struct contents_section *section, const char *name, bool fold, size_t *matches)
{
	const struct contents_table *found = NULL;
	const char *p = name;
	char *first = take_part(&p, fold);
	char *second = NULL;

	*matches = 0;
	if (first != NULL && *p == '\0') {
		found = find_table(section, NULL, first, matches);
	} else if (first != NULL) {
		p++;
		second = take_part(&p, fold);
		if (second != NULL && *p == '\0')
			found = find_table(section, first, second, matches);
	}
	free(first);
	free(second);
	return found;
}

const struct contents_table *
contents_find_table(const struct contents_section *section, const char *name, size_t *matches)
{
	const struct contents_table *found;
	size_t count = 0;

	found = find_by_parts(section, name, false, &count);
	if (count == 0)
		found = find_by_parts(section, name, true, &count);
	if (count == 0)
		found = find_table(section, NULL, name, &count); /* a name with a dot in it, without quotes */
	if (matches != NULL)
		*matches = count;
	return found;
}
