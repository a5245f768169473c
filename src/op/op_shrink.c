/*
 * Compares contents by name: databases, then the tables in them. Tables that may shrink are left out of their
 * database's sums, too.
 */
#include "config.h"

#include "op_shrink.h"

#include <fnmatch.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "incant/mem.h"
#include "incant/text.h"

/* Below so many a share means nothing. */
#define ROWS_LEAST       100
#define TABLE_ROWS_LEAST 1000
#define BYTES_LEAST      65536

struct shrink {
	const struct op_shrink_limits *limits;
	const struct contents_section *found; /* NULL = the database is gone */
	const struct contents_section **before;
	size_t count;
	struct suspect *suspect;
	size_t more; /* reasons that found no room */
};

struct sums {
	uint64_t rows, bytes;
};

static void shrink_say(struct shrink *shrink, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void
shrink_say(struct shrink *shrink, const char *format, ...)
{
	char text[400];
	va_list arguments;

	if (shrink->suspect->count + 1 >= SUSPECT_REASONS_MAX) {
		shrink->more++;
		return;
	}
	va_start(arguments, format);
	(void)vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	char *printable = text_printable(text, strlen(text));
	suspect_add(shrink->suspect, printable);
	free(printable);
}

/* Whether a name is one of those that may shrink. */
static bool
shrink_is_allowed(const struct op_shrink_limits *limits, const char *name)
{
	const char *at = limits->may_shrink;
	bool allowed = false;

	while (at != NULL && *at != '\0' && !allowed) {
		size_t len = strcspn(at, " \t");
		char *pattern = mem_text_n(at, len);

		allowed = len > 0 && fnmatch(pattern, name, 0) == 0;
		free(pattern);
		at += len;
		at += strspn(at, " \t");
	}
	return allowed;
}

static bool
shrink_allows_table(const struct shrink *shrink, const struct contents_section *section,
	const struct contents_table *table)
{
	if (shrink->limits->may_shrink == NULL)
		return false;
	char *name = mem_format("%s.%s.%s", section->database, table->schema, table->name);
	bool allowed = shrink_is_allowed(shrink->limits, name);
	free(name);
	return allowed;
}

/* Whether `now` is below `before` by more than the share that may go. */
static bool
shrink_is_too_much(const struct op_shrink_limits *limits, uint64_t before, uint64_t now)
{
	return now < before && (double)(before - now) * 100 > (double)before * limits->max_percent;
}

static int
compare_tables(const void *a, const void *b)
{
	const struct contents_table *one = *(const struct contents_table *const *)a;
	const struct contents_table *other = *(const struct contents_table *const *)b;
	int order = strcmp(one->schema, other->schema);

	return order != 0 ? order : strcmp(one->name, other->name);
}

/* A section's tables, sorted by name. The caller frees them. */
static const struct contents_table **
sort_tables(const struct contents_section *section)
{
	const struct contents_table **sorted = mem_alloc((section->table_count + 1) * sizeof(*sorted));

	for (size_t i = 0; i < section->table_count; i++)
		sorted[i] = &section->tables[i];
	if (section->table_count > 1)
		qsort(sorted, section->table_count, sizeof(*sorted), compare_tables);
	return sorted;
}

static const struct contents_table *
find_table(const struct contents_table **sorted, size_t count, const struct contents_table *like)
{
	const struct contents_table **found =
		count > 0 ? bsearch(&like, sorted, count, sizeof(*sorted), compare_tables) : NULL;

	return found != NULL ? *found : NULL;
}

/* A table that had `least` rows at least, before, and was `newest` in the newest. NULL = it is gone. */
static void
compare_table(struct shrink *shrink, const char *name, const struct contents_table *newest, uint64_t least,
	const struct contents_table *now)
{
	char rows[32], before[32];

	text_format_count(before, sizeof(before), newest->rows);
	if (now == NULL)
		shrink_say(shrink, "table %s is gone (%s rows before)", name, before);
	else if (now->rows == 0)
		shrink_say(shrink, "table %s is empty (%s rows before)", name, before);
	else if (least >= TABLE_ROWS_LEAST && shrink_is_too_much(shrink->limits, least, now->rows))
		shrink_say(shrink, "table %s has %s rows (%s before)", name,
			text_format_count(rows, sizeof(rows), now->rows), before);
}

/* The fewest rows that a table had in any of the earlier ones that have it. */
static uint64_t
least_rows(const struct shrink *shrink, const struct contents_table ***sorted,
	const struct contents_table *table)
{
	uint64_t least = table->rows;

	for (size_t i = 1; i < shrink->count; i++) {
		const struct contents_table *older =
			find_table(sorted[i], shrink->before[i]->table_count, table);
		if (older != NULL && older->rows < least)
			least = older->rows;
	}
	return least;
}

static void
compare_all_tables(struct shrink *shrink)
{
	const struct contents_section *newest = shrink->before[0];
	const struct contents_table ***sorted = mem_alloc(shrink->count * sizeof(*sorted));
	const struct contents_table **now = sort_tables(shrink->found);

	for (size_t i = 0; i < shrink->count; i++)
		sorted[i] = sort_tables(shrink->before[i]);
	for (size_t i = 0; i < newest->table_count; i++) {
		const struct contents_table *table = &newest->tables[i];
		uint64_t least = least_rows(shrink, sorted, table);

		if (least == 0 || shrink_allows_table(shrink, newest, table))
			continue;
		char *name = mem_format("%s.%s.%s", newest->database, table->schema, table->name);
		compare_table(shrink, name, table, least, find_table(now, shrink->found->table_count, table));
		free(name);
	}
	for (size_t i = 0; i < shrink->count; i++)
		free(sorted[i]);
	free(sorted);
	free(now);
}

static struct sums
sum_section(const struct shrink *shrink, const struct contents_section *section)
{
	struct sums sums = { 0, 0 };

	for (size_t i = 0; i < section->table_count; i++) {
		if (shrink_allows_table(shrink, section, &section->tables[i]))
			continue;
		sums.rows += section->tables[i].rows;
		sums.bytes += section->tables[i].data.bytes;
	}
	for (size_t i = 0; i < section->large_object_count; i++)
		sums.bytes += section->large_objects[i].bytes;
	return sums;
}

static void
compare_sums(struct shrink *shrink)
{
	struct sums now = sum_section(shrink, shrink->found), least = sum_section(shrink, shrink->before[0]);
	const char *database = shrink->found->database;
	char was[32], is[32];

	for (size_t i = 1; i < shrink->count; i++) {
		struct sums older = sum_section(shrink, shrink->before[i]);
		least.rows = older.rows < least.rows ? older.rows : least.rows;
		least.bytes = older.bytes < least.bytes ? older.bytes : least.bytes;
	}
	if (least.rows >= ROWS_LEAST && shrink_is_too_much(shrink->limits, least.rows, now.rows))
		shrink_say(shrink, "database %s has %s rows (%s before)", database,
			text_format_count(is, sizeof(is), now.rows),
			text_format_count(was, sizeof(was), least.rows));
	if (least.bytes >= BYTES_LEAST && shrink_is_too_much(shrink->limits, least.bytes, now.bytes))
		shrink_say(shrink, "database %s has %s of data (%s before)", database,
			text_format_bytes(is, sizeof(is), now.bytes),
			text_format_bytes(was, sizeof(was), least.bytes));
}

/* "app_incant_20261122…", "app_before_20261122…": what a restore makes, and somebody drops, one day. */
static bool
is_passing(const char *database)
{
	static const char *const marks[] = { "_incant_", "_before_" };

	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		const char *at = strstr(database, marks[i]);
		if (at != NULL && strspn(at + strlen(marks[i]), "0123456789") >= 8)
			return true;
	}
	return false;
}

static void
compare_database(struct shrink *shrink)
{
	const struct contents_section *newest = shrink->before[0];
	char rows[32];

	if (shrink_is_allowed(shrink->limits, newest->database) || is_passing(newest->database))
		return;
	if (shrink->found != NULL) {
		compare_all_tables(shrink);
		compare_sums(shrink);
		return;
	}
	struct sums had = sum_section(shrink, newest);
	shrink_say(shrink, "database %s is gone (%zu tables, %s rows before)", newest->database,
		newest->table_count, text_format_count(rows, sizeof(rows), had.rows));
}

/* What found no room is counted. */
static void
shrink_end(const struct shrink *shrink)
{
	char text[32];

	if (shrink->more == 0)
		return;
	snprintf(text, sizeof(text), "and %zu more", shrink->more);
	suspect_add(shrink->suspect, text);
}

void
op_shrink_compare(const struct op_shrink_limits *limits, const struct contents *found,
	const struct contents *before, size_t count, struct suspect *suspect)
{
	const struct contents_section **sections = mem_alloc(count * sizeof(*sections));
	struct shrink shrink = { .limits = limits, .before = sections, .suspect = suspect };

	for (size_t i = 0; i < before[0].section_count; i++) {
		if (before[0].sections[i].database == NULL)
			continue;
		shrink.found = contents_find_database(found, before[0].sections[i].database);
		shrink.count = 0;
		for (size_t k = 0; k < count; k++) {
			const struct contents_section *section =
				contents_find_database(&before[k], before[0].sections[i].database);
			if (section != NULL)
				sections[shrink.count++] = section;
		}
		compare_database(&shrink);
	}
	shrink_end(&shrink);
	free(sections);
}

void
op_shrink_compare_totals(const struct op_shrink_limits *limits, const struct manifest *found,
	const struct manifest *before, struct suspect *suspect)
{
	struct shrink shrink = { .limits = limits, .suspect = suspect };
	char was[32], is[32];

	if (found->databases < before->databases)
		shrink_say(&shrink, "there are %llu databases (%llu before)",
			(unsigned long long)found->databases, (unsigned long long)before->databases);
	if (before->rows >= ROWS_LEAST && shrink_is_too_much(limits, before->rows, found->rows))
		shrink_say(&shrink, "there are %s rows (%s before)",
			text_format_count(is, sizeof(is), found->rows),
			text_format_count(was, sizeof(was), before->rows));
	if (before->plain_bytes >= BYTES_LEAST &&
		shrink_is_too_much(limits, before->plain_bytes, found->plain_bytes))
		shrink_say(&shrink, "the dump has %s (%s before)",
			text_format_bytes(is, sizeof(is), found->plain_bytes),
			text_format_bytes(was, sizeof(was), before->plain_bytes));
}
