/* A difference in words. */
#include "config.h"

#include "incant/scan_diff.h"

#include <inttypes.h>
#include <string.h>

#include "incant/text.h"

/* What it is about on one side; NULL where it is not there. Of a database the section. */
static const void *
side_of(const struct scan_difference *difference, bool after)
{
	switch (difference->what) {
	case SCAN_DIFF_STATEMENT:
		return after ? difference->statement.is : difference->statement.was;
	case SCAN_DIFF_TABLE:
		return after ? difference->table.is : difference->table.was;
	case SCAN_DIFF_SEQUENCE:
		return after ? difference->sequence.is : difference->sequence.was;
	case SCAN_DIFF_LARGE_OBJECT:
		return after ? difference->large_object.is : difference->large_object.was;
	case SCAN_DIFF_DATABASE:
		break;
	}
	return after ? difference->is_in : difference->was_in;
}

enum scan_diff_how
scan_difference_how(const struct scan_difference *difference)
{
	if (side_of(difference, false) == NULL)
		return SCAN_DIFF_ADDED;
	return side_of(difference, true) == NULL ? SCAN_DIFF_REMOVED : SCAN_DIFF_CHANGED;
}

const char *
scan_difference_database(const struct scan_difference *difference)
{
	const struct contents_section *section =
		difference->was_in != NULL ? difference->was_in : difference->is_in;

	return section->database;
}

const char *
scan_diff_what_word(enum scan_diff_what what)
{
	static const char *const words[] = { "database", "definition", "rows", "sequence", "large object" };

	return words[what];
}

const char *
scan_diff_how_word(enum scan_diff_how how)
{
	static const char *const words[] = { "added", "removed", "changed" };

	return words[how];
}

void
scan_difference_write_name(const struct scan_difference *difference, struct buf *to)
{
	const void *side = side_of(difference, false);

	if (side == NULL)
		side = side_of(difference, true);
	switch (difference->what) {
	case SCAN_DIFF_DATABASE:
		break;
	case SCAN_DIFF_STATEMENT: {
		const struct contents_statement *statement = side;
		buf_append_format(to, "%s%s%s", statement->kind, statement->name[0] != '\0' ? " " : "",
			statement->name);
		break;
	}
	case SCAN_DIFF_TABLE: {
		const struct contents_table *table = side;
		buf_append_format(to, "table %s.%s", table->schema, table->name);
		break;
	}
	case SCAN_DIFF_SEQUENCE:
		buf_append_format(to, "sequence %s", ((const struct contents_sequence *)side)->name);
		break;
	case SCAN_DIFF_LARGE_OBJECT:
		buf_append_format(
			to, "large object %" PRIu64, ((const struct contents_large_object *)side)->oid);
		break;
	}
}

static void
write_digest(struct buf *to, struct digest128 digest)
{
	char hex[DIGEST_XXH128_HEX];

	buf_append_format(to, "digest %s", digest128_format(hex, digest));
}

/* Of the columns only that they are others, where that is all. */
static void
write_table(const struct scan_difference *difference, const struct contents_table *table, struct buf *to)
{
	const struct contents_table *was = difference->table.was, *is = difference->table.is;

	buf_append_format(to, "%" PRIu64 " %s, ", table->rows, table->rows == 1 ? "row" : "rows");
	write_digest(to, table->digest);
	if (was != NULL && is != NULL && strcmp(was->columns, is->columns) != 0)
		buf_append_format(to, ", columns %s", table->columns[0] != '\0' ? table->columns : "none");
}

static void
write_database(const struct contents_section *section, struct buf *to)
{
	uint64_t rows = 0;

	for (size_t i = 0; i < section->table_count; i++)
		rows += section->tables[i].rows;
	buf_append_format(to, "%zu definitions, %zu tables, %" PRIu64 " rows", section->statement_count,
		section->table_count, rows);
	if (section->encoding[0] != '\0')
		buf_append_format(to, ", encoding %s", section->encoding);
}

void
scan_difference_write_side(const struct scan_difference *difference, bool after, struct buf *to)
{
	const void *side = side_of(difference, after);

	if (side == NULL) {
		buf_append_text(to, "missing");
		return;
	}
	switch (difference->what) {
	case SCAN_DIFF_DATABASE:
		write_database(side, to);
		break;
	case SCAN_DIFF_STATEMENT:
		write_digest(to, ((const struct contents_statement *)side)->digest);
		break;
	case SCAN_DIFF_TABLE:
		write_table(difference, side, to);
		break;
	case SCAN_DIFF_SEQUENCE: {
		const struct contents_sequence *sequence = side;
		buf_append_format(
			to, "%" PRId64 "%s", sequence->value, sequence->called ? "" : " (not called yet)");
		break;
	}
	case SCAN_DIFF_LARGE_OBJECT: {
		const struct contents_large_object *object = side;
		buf_append_format(to, "%" PRIu64 " bytes, ", object->bytes);
		write_digest(to, object->data);
		if (difference->large_object.was != NULL && difference->large_object.is != NULL &&
			!digest128_equal(
				difference->large_object.was->about, difference->large_object.is->about)) {
			buf_append_text(to, ", owner and rights: ");
			write_digest(to, object->about);
		}
		break;
	}
	}
}
