/*
 * Two contents of the same bytes: the first difference, in words. Everything is compared, in order, so that
 * a scanner that reads the same bytes differently is found out as well.
 */
#include "config.h"

#include "incant/contents.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "incant/text.h"

/* Where the words go, and what they are about. */
struct difference {
	char *text;
	size_t capacity;
	const char *database; /* "" = the globals */
};

static int differ(const struct difference *difference, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static int
differ(const struct difference *difference, const char *format, ...)
{
	const char *database = difference->database;
	char words[512];
	va_list args;
	char *name;

	va_start(args, format);
	vsnprintf(words, sizeof(words), format, args);
	va_end(args);
	name = text_printable(database, strlen(database));
	snprintf(difference->text, difference->capacity, "%s%s: %s",
		database[0] != '\0' ? "database " : "globals", name, words);
	free(name);
	return CONTENTS_DIFFER;
}

static bool
extent_equal(struct extent a, struct extent b)
{
	return a.plain_off == b.plain_off && a.bytes == b.bytes;
}

static int
differ_count(const struct difference *difference, const char *what, size_t recorded, size_t found)
{
	return differ(difference, "%zu %s recorded, %zu found", recorded, what, found);
}

static int
compare_statements(const struct difference *difference, const struct contents_section *recorded,
	const struct contents_section *found)
{
	if (recorded->statement_count != found->statement_count)
		return differ_count(
			difference, "statements", recorded->statement_count, found->statement_count);
	for (size_t i = 0; i < recorded->statement_count; i++) {
		const struct contents_statement *a = &recorded->statements[i];
		const struct contents_statement *b = &found->statements[i];

		if (strcmp(a->kind, b->kind) != 0 || strcmp(a->name, b->name) != 0)
			return differ(difference, "%s %s recorded, %s %s found at byte %" PRIu64, a->kind,
				a->name, b->kind, b->name, b->at.plain_off);
		if (!extent_equal(a->at, b->at) || !digest128_equal(a->digest, b->digest))
			return differ(difference, "%s %s at byte %" PRIu64 " is not as recorded", a->kind,
				a->name, a->at.plain_off);
	}
	return 0;
}

static int
compare_table(
	const struct difference *difference, const struct contents_table *a, const struct contents_table *b)
{
	if (strcmp(a->schema, b->schema) != 0 || strcmp(a->name, b->name) != 0)
		return differ(difference, "table %s.%s recorded, %s.%s found", a->schema, a->name, b->schema,
			b->name);
	if (a->rows != b->rows)
		return differ(difference, "table %s.%s: %" PRIu64 " rows recorded, %" PRIu64 " found",
			a->schema, a->name, a->rows, b->rows);
	if (!digest128_equal(a->digest, b->digest))
		return differ(difference, "table %s.%s: its rows are not as recorded", a->schema, a->name);
	if (strcmp(a->columns, b->columns) != 0 || !extent_equal(a->at, b->at) ||
		!extent_equal(a->data, b->data))
		return differ(difference, "table %s.%s at byte %" PRIu64 " is not as recorded", a->schema,
			a->name, a->at.plain_off);
	return 0;
}

static int
compare_tables(const struct difference *difference, const struct contents_section *recorded,
	const struct contents_section *found)
{
	int result = 0;

	if (recorded->table_count != found->table_count)
		return differ_count(difference, "tables", recorded->table_count, found->table_count);
	for (size_t i = 0; result == 0 && i < recorded->table_count; i++)
		result = compare_table(difference, &recorded->tables[i], &found->tables[i]);
	return result;
}

static int
compare_sequences(const struct difference *difference, const struct contents_section *recorded,
	const struct contents_section *found)
{
	if (recorded->sequence_count != found->sequence_count)
		return differ_count(difference, "sequences", recorded->sequence_count, found->sequence_count);
	for (size_t i = 0; i < recorded->sequence_count; i++) {
		const struct contents_sequence *a = &recorded->sequences[i];
		const struct contents_sequence *b = &found->sequences[i];

		if (strcmp(a->name, b->name) != 0)
			return differ(difference, "sequence %s recorded, %s found", a->name, b->name);
		if (a->value != b->value || a->called != b->called)
			return differ(difference, "sequence %s: %" PRId64 "%s recorded, %" PRId64 "%s found",
				a->name, a->value, a->called ? "" : " (not called)", b->value,
				b->called ? "" : " (not called)");
	}
	return 0;
}

static int
compare_large_objects(const struct difference *difference, const struct contents_section *recorded,
	const struct contents_section *found)
{
	if (recorded->large_object_count != found->large_object_count)
		return differ_count(
			difference, "large objects", recorded->large_object_count, found->large_object_count);
	for (size_t i = 0; i < recorded->large_object_count; i++) {
		const struct contents_large_object *a = &recorded->large_objects[i];
		const struct contents_large_object *b = &found->large_objects[i];

		if (a->oid != b->oid)
			return differ(difference, "large object %" PRIu64 " recorded, %" PRIu64 " found",
				a->oid, b->oid);
		if (a->bytes != b->bytes || !digest128_equal(a->data, b->data))
			return differ(
				difference, "large object %" PRIu64 ": its data is not as recorded", a->oid);
		if (!digest128_equal(a->about, b->about))
			return differ(difference,
				"large object %" PRIu64 ": its owner, rights or comment are not as recorded",
				a->oid);
	}
	return 0;
}

static int
compare_section(struct difference *difference, const struct contents_section *recorded,
	const struct contents_section *found)
{
	int result;

	difference->database = recorded->database != NULL ? recorded->database : "";
	if (!text_equal(recorded->database, found->database))
		return differ(
			difference, "recorded, '%s' found", found->database != NULL ? found->database : "");
	result = compare_statements(difference, recorded, found);
	if (result == 0)
		result = compare_tables(difference, recorded, found);
	if (result == 0)
		result = compare_sequences(difference, recorded, found);
	if (result == 0)
		result = compare_large_objects(difference, recorded, found);
	if (result != 0)
		return result;
	if (strcmp(recorded->encoding, found->encoding) != 0 || recorded->creates != found->creates)
		return differ(difference, "its encoding or creation is not as recorded");
	if (!extent_equal(recorded->at, found->at))
		return differ(difference,
			"%" PRIu64 " bytes from byte %" PRIu64 " recorded, %" PRIu64 " from %" PRIu64
			" found",
			recorded->at.bytes, recorded->at.plain_off, found->at.bytes, found->at.plain_off);
	return 0;
}

int
contents_compare_exact(
	const struct contents *recorded, const struct contents *found, char *text, size_t capacity)
{
	struct difference difference = { text, capacity, "" };
	size_t count = recorded->section_count;
	int result = 0;

	for (size_t i = 0; result == 0 && i < count && i < found->section_count; i++)
		result = compare_section(&difference, &recorded->sections[i], &found->sections[i]);
	if (result != 0)
		return result;
	if (count != found->section_count || recorded->plain_bytes != found->plain_bytes) {
		snprintf(text, capacity,
			"%zu sections in %" PRIu64 " bytes recorded, %zu in %" PRIu64 " bytes found", count,
			recorded->plain_bytes, found->section_count, found->plain_bytes);
		return CONTENTS_DIFFER;
	}
	return 0;
}
