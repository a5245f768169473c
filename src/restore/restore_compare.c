#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "incant/error.h"
#include "incant/mem.h"
#include "incant/text.h"
#include "restore_inside.h"

/*
 * What went in against the record. Tables and statements are compared part by part, since each part knows
 * where in the dump it stood; sequences and large objects, whose statements may lie in several parts, at the
 * end.
 */

/* The first of count elements of that size, whose extent stands at at_offset in them, that begins at or
 * behind plain_off. */
static size_t
first_from(const void *array, size_t count, size_t size, size_t at_offset, uint64_t plain_off)
{
	size_t low = 0;
	size_t high = count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const char *element = (const char *)array + middle * size + at_offset;
		struct extent at;
		memcpy(&at, element, sizeof(at));
		if (at.plain_off < plain_off)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static int
compare_table(const struct contents_table *was, const struct contents_table *is)
{
	if (!text_equal(is->schema, was->schema) || !text_equal(is->name, was->name))
		return error_set(ERR_DAMAGED,
			"table %s.%s came out of the backup where its contents have %s.%s", is->schema,
			is->name, was->schema, was->name);
	if (is->rows != was->rows)
		return error_set(ERR_DAMAGED,
			"%llu rows of table %s.%s came out of the backup, its contents have %llu",
			(unsigned long long)is->rows, is->schema, is->name, (unsigned long long)was->rows);
	if (!digest128_equal(is->digest, was->digest))
		return error_set(ERR_DAMAGED,
			"the rows of table %s.%s are not those that the backup's contents have", is->schema,
			is->name);
	return 0;
}

static int
compare_tables(const struct contents_section *recorded, struct extent at, const struct contents *found)
{
	const struct contents_table *tables = recorded->tables;
	size_t size = sizeof(tables[0]);
	size_t offset = offsetof(struct contents_table, at);
	size_t from = first_from(tables, recorded->table_count, size, offset, at.plain_off);
	size_t to = first_from(tables, recorded->table_count, size, offset, at.plain_off + at.bytes);
	size_t count = 0;
	for (size_t s = 0; s < found->section_count; s++)
		count += found->sections[s].table_count;
	if (count != to - from)
		return error_set(ERR_DAMAGED, "%zu tables came out of the backup, its contents have %zu",
			count, to - from);
	for (size_t s = 0; s < found->section_count; s++)
		for (size_t i = 0; i < found->sections[s].table_count; i++)
			if (compare_table(&tables[from++], &found->sections[s].tables[i]) != 0)
				return -1;
	return 0;
}

static int
compare_statements(const struct contents_section *recorded, struct extent at, const struct contents *found)
{
	const struct contents_statement *statements = recorded->statements;
	size_t size = sizeof(statements[0]);
	size_t offset = offsetof(struct contents_statement, at);
	size_t from = first_from(statements, recorded->statement_count, size, offset, at.plain_off);
	size_t to = first_from(statements, recorded->statement_count, size, offset, at.plain_off + at.bytes);
	size_t count = 0;
	for (size_t s = 0; s < found->section_count; s++)
		count += found->sections[s].statement_count;
	if (count != to - from)
		return error_set(ERR_DAMAGED, "%zu statements came out of the backup, its contents have %zu",
			count, to - from);
	for (size_t s = 0; s < found->section_count; s++)
		for (size_t i = 0; i < found->sections[s].statement_count; i++, from++) {
			const struct contents_statement *is = &found->sections[s].statements[i];
			if (!digest128_equal(is->digest, statements[from].digest))
				return error_set(ERR_DAMAGED,
					"the statement at byte %llu is not the one that the backup's "
					"contents have",
					(unsigned long long)is->at.plain_off);
		}
	return 0;
}

int
restore_compare_part(const struct contents_section *recorded, struct extent at, const struct contents *found)
{
	if (compare_tables(recorded, at, found) != 0)
		return -1;
	return compare_statements(recorded, at, found);
}

void
restore_seen_take(struct restore_seen *seen, const struct contents *found)
{
	for (size_t s = 0; s < found->section_count; s++) {
		const struct contents_section *section = &found->sections[s];
		for (size_t i = 0; i < section->sequence_count; i++) {
			MEM_GROW(seen->sequences, seen->sequence_count, seen->sequence_capacity);
			seen->sequences[seen->sequence_count] = section->sequences[i];
			seen->sequences[seen->sequence_count++].name = mem_text(section->sequences[i].name);
		}
		for (size_t i = 0; i < section->large_object_count; i++) {
			MEM_GROW(seen->objects, seen->object_count, seen->object_capacity);
			seen->objects[seen->object_count++] = section->large_objects[i];
		}
	}
}

static int
by_name(const void *left, const void *right)
{
	const struct contents_sequence *a = left;
	const struct contents_sequence *b = right;
	int order = strcmp(a->name, b->name);
	return order != 0 ? order : (a->value > b->value) - (a->value < b->value);
}

static int
compare_sequences(const struct contents_section *recorded, struct restore_seen *seen)
{
	size_t count = recorded->sequence_count;
	if (seen->sequence_count != count)
		return error_set(ERR_DAMAGED, "%zu sequences came out of the backup, its contents have %zu",
			seen->sequence_count, count);
	if (count == 0)
		return 0;
	struct contents_sequence *sorted = mem_alloc(count * sizeof(sorted[0]));
	memcpy(sorted, recorded->sequences, count * sizeof(sorted[0]));
	qsort(sorted, count, sizeof(sorted[0]), by_name);
	qsort(seen->sequences, count, sizeof(sorted[0]), by_name);
	int outcome = 0;
	for (size_t i = 0; outcome == 0 && i < count; i++)
		if (by_name(&sorted[i], &seen->sequences[i]) != 0 ||
			sorted[i].called != seen->sequences[i].called)
			outcome = error_set(ERR_DAMAGED,
				"sequence %s is not the one that the backup's contents have", sorted[i].name);
	free(sorted);
	return outcome;
}

static int
by_oid(const void *left, const void *right)
{
	const struct contents_large_object *a = left;
	const struct contents_large_object *b = right;
	return (a->oid > b->oid) - (a->oid < b->oid);
}

/* Makes one of each object whose statements lay in several parts. */
static void
merge_objects(struct restore_seen *seen)
{
	size_t kept = 0;
	if (seen->object_count == 0)
		return;
	qsort(seen->objects, seen->object_count, sizeof(seen->objects[0]), by_oid);
	for (size_t i = 1; i < seen->object_count; i++) {
		struct contents_large_object *into = &seen->objects[kept];
		const struct contents_large_object *from = &seen->objects[i];
		if (from->oid != into->oid) {
			seen->objects[++kept] = *from;
			continue;
		}
		into->bytes += from->bytes;
		into->data = digest128_add(into->data, from->data);
		into->about = digest128_add(into->about, from->about);
	}
	seen->object_count = kept + 1;
}

static int
compare_objects(const struct contents_section *recorded, struct restore_seen *seen)
{
	merge_objects(seen);
	if (seen->object_count != recorded->large_object_count)
		return error_set(ERR_DAMAGED,
			"%zu large objects came out of the backup, its contents have %zu", seen->object_count,
			recorded->large_object_count);
	for (size_t i = 0; i < seen->object_count; i++)
		if (seen->objects[i].oid != recorded->large_objects[i].oid ||
			!digest128_equal(seen->objects[i].data, recorded->large_objects[i].data))
			return error_set(ERR_DAMAGED,
				"large object %llu is not the one that the backup's contents have",
				(unsigned long long)seen->objects[i].oid);
	return 0;
}

int
restore_compare_rest(const struct contents_section *recorded, struct restore_seen *seen)
{
	if (compare_sequences(recorded, seen) != 0)
		return -1;
	return compare_objects(recorded, seen);
}

void
restore_seen_clear(struct restore_seen *seen)
{
	for (size_t i = 0; i < seen->sequence_count; i++)
		free(seen->sequences[i].name);
	free(seen->sequences);
	free(seen->objects);
	*seen = (struct restore_seen){ .sequences = NULL };
}
