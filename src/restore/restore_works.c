#include "config.h"

#include "restore_works.h"

#include <stdlib.h>

#include "incant/mem.h"
#include "incant/text.h"

/*
 * A stretch of rows runs from a COPY to the next one that does not belong to it, so that everything between
 * two COPYs is in one of them. Small tables that lie together share a stretch: each stretch costs the frames
 * at its ends.
 */

static void
add(struct restore_works *works, enum restore_work_kind kind, uint64_t from, uint64_t to)
{
	if (to <= from)
		return;
	MEM_GROW(works->list, works->count, works->capacity);
	works->list[works->count++] =
		(struct restore_work){ .kind = kind, .at = { .plain_off = from, .bytes = to - from } };
}

/* Rows of a table that this section did not create go in as the dump has them (an extension's own table may
 * refer to another one), and so do those whose checks may look at other tables. */
static bool
is_ordered(const struct restore_tables *tables, const struct contents_table *table)
{
	if (tables == NULL)
		return false;
	char *key = restore_table_key(table->schema, table->name);
	const struct restore_table *known = restore_tables_find(tables, key);
	free(key);
	return known == NULL || !known->created || known->checks;
}

/* The stretches of one kind. */
static void
plan_rows(const struct contents_section *section, const bool *wanted, const struct restore_tables *tables,
	enum restore_work_kind kind, struct restore_works *works)
{
	uint64_t from = 0;
	uint64_t to = 0;
	for (size_t i = 0; i < section->table_count; i++) {
		const struct contents_table *table = &section->tables[i];
		bool last = i + 1 == section->table_count;
		bool mine = (wanted == NULL || wanted[i]) &&
			    is_ordered(tables, table) == (kind == RESTORE_ORDERED);
		bool large = table->at.bytes >= RESTORE_STRETCH_BYTES;
		if (!mine || large || to - from >= RESTORE_STRETCH_BYTES) {
			add(works, kind, from, to);
			from = to = table->at.plain_off;
		}
		if (!mine)
			continue;
		if (from == to)
			from = table->at.plain_off;
		to = last ? table->at.plain_off + table->at.bytes : section->tables[i + 1].at.plain_off;
	}
	add(works, kind, from, to);
}

static int
longest_first(const void *left, const void *right)
{
	const struct restore_work *a = left;
	const struct restore_work *b = right;
	if (a->at.bytes != b->at.bytes)
		return a->at.bytes < b->at.bytes ? 1 : -1;
	return (a->at.plain_off > b->at.plain_off) - (a->at.plain_off < b->at.plain_off);
}

void
restore_works_plan(const struct contents_section *section, const bool *wanted,
	const struct restore_tables *tables, struct restore_works *works)
{
	uint64_t begin = section->at.plain_off;
	uint64_t end = begin + section->at.bytes;
	if (section->table_count == 0 || section->at.bytes < RESTORE_STRETCH_BYTES) {
		add(works, RESTORE_HEAD, begin, end);
		return;
	}
	const struct contents_table *last = &section->tables[section->table_count - 1];
	add(works, RESTORE_HEAD, begin, section->tables[0].at.plain_off);
	size_t first = works->count;
	plan_rows(section, wanted, tables, RESTORE_ROWS, works);
	if (works->count > first)
		qsort(works->list + first, works->count - first, sizeof(works->list[0]), longest_first);
	plan_rows(section, wanted, tables, RESTORE_ORDERED, works);
	add(works, RESTORE_REST, last->at.plain_off + last->at.bytes, end);
}

void
restore_works_clear(struct restore_works *works)
{
	free(works->list);
	*works = (struct restore_works){ .list = NULL };
}

/*
 * What pg_dump writes directly behind an index or a constraint and about it: dumpIndex() and dumpConstraint()
 * of PostgreSQL's pg_dump.c have CLUSTER ON, REPLICA IDENTITY, SET STATISTICS and the comment.
 */
enum restore_build
restore_build_of(const char *kind, const char *name)
{
	if (text_equal(kind, "CREATE INDEX"))
		return RESTORE_BUILD_INDEX;
	if (text_equal(kind, "ALTER TABLE ADD CONSTRAINT") || text_equal(kind, "ALTER TABLE ADD FOREIGN KEY"))
		return RESTORE_BUILD_ALTER;
	if (text_equal(kind, "ALTER TABLE CLUSTER") || text_equal(kind, "ALTER TABLE REPLICA IDENTITY") ||
		text_equal(kind, "ALTER INDEX"))
		return RESTORE_BUILD_FOLLOWS;
	if (text_equal(kind, "COMMENT") && (text_starts(name, "INDEX ") || text_starts(name, "CONSTRAINT ")))
		return RESTORE_BUILD_FOLLOWS;
	return RESTORE_BUILD_NOT;
}
