/*
 * Both sides of each kind of thing are sorted by what they are called, then by what they hold, then by place.
 * A walk over both takes one name after the other: what holds the same on both sides is a pair without a
 * difference, and what is left of the name is paired in the order of the dump.
 */
#include "config.h"

#include "incant/scan_diff.h"

#include <stdlib.h>
#include <string.h>

#include "incant/mem.h"
#include "incant/text.h"

/* How one kind of thing is ordered. Each compares two elements as strcmp() does. */
struct order {
	enum scan_diff_what what;
	int (*by_name)(const void *a, const void *b);
	int (*by_content)(const void *a, const void *b);
	int (*by_place)(const void *a, const void *b);
	int (*sort)(const void *a, const void *b); /* for qsort(): of pointers to elements, by all three */
};

/* One side: pointers to the elements of a section's array. */
struct side {
	const void **items;
	size_t count;
};

static int
compare_u64(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static int
compare_digests(struct digest128 a, struct digest128 b)
{
	int order = compare_u64(a.high, b.high);

	return order != 0 ? order : compare_u64(a.low, b.low);
}

static int
sort_by(const struct order *order, const void *left, const void *right)
{
	const void *a = *(const void *const *)left, *b = *(const void *const *)right;
	int result = order->by_name(a, b);

	if (result == 0)
		result = order->by_content(a, b);
	return result != 0 ? result : order->by_place(a, b);
}

/* Statements. */

static int
statement_by_name(const void *left, const void *right)
{
	const struct contents_statement *a = left, *b = right;
	int order = strcmp(a->kind, b->kind);

	return order != 0 ? order : strcmp(a->name, b->name);
}

static int
statement_by_content(const void *left, const void *right)
{
	const struct contents_statement *a = left, *b = right;

	return compare_digests(a->digest, b->digest);
}

static int
statement_by_place(const void *left, const void *right)
{
	const struct contents_statement *a = left, *b = right;

	return compare_u64(a->at.plain_off, b->at.plain_off);
}

static int statement_sort(const void *left, const void *right);
static const struct order statement_order = { SCAN_DIFF_STATEMENT, statement_by_name, statement_by_content,
	statement_by_place, statement_sort };

static int
statement_sort(const void *left, const void *right)
{
	return sort_by(&statement_order, left, right);
}

/* Tables. */

static int
table_by_name(const void *left, const void *right)
{
	const struct contents_table *a = left, *b = right;
	int order = strcmp(a->schema, b->schema);

	return order != 0 ? order : strcmp(a->name, b->name);
}

static int
table_by_content(const void *left, const void *right)
{
	const struct contents_table *a = left, *b = right;
	int order = compare_digests(a->digest, b->digest);

	if (order == 0)
		order = compare_u64(a->rows, b->rows);
	return order != 0 ? order : strcmp(a->columns, b->columns);
}

static int
table_by_place(const void *left, const void *right)
{
	const struct contents_table *a = left, *b = right;

	return compare_u64(a->at.plain_off, b->at.plain_off);
}

static int table_sort(const void *left, const void *right);
static const struct order table_order = { SCAN_DIFF_TABLE, table_by_name, table_by_content, table_by_place,
	table_sort };

static int
table_sort(const void *left, const void *right)
{
	return sort_by(&table_order, left, right);
}

/* Sequences, which have no place: two of one name do not come. */

static int
sequence_by_name(const void *left, const void *right)
{
	const struct contents_sequence *a = left, *b = right;

	return strcmp(a->name, b->name);
}

static int
sequence_by_content(const void *left, const void *right)
{
	const struct contents_sequence *a = left, *b = right;
	int order = (a->value > b->value) - (a->value < b->value);

	return order != 0 ? order : (int)a->called - (int)b->called;
}

static int
by_no_place(const void *left, const void *right)
{
	(void)left, (void)right;
	return 0;
}

static int sequence_sort(const void *left, const void *right);
static const struct order sequence_order = { SCAN_DIFF_SEQUENCE, sequence_by_name, sequence_by_content,
	by_no_place, sequence_sort };

static int
sequence_sort(const void *left, const void *right)
{
	return sort_by(&sequence_order, left, right);
}

/* Large objects. */

static int
object_by_name(const void *left, const void *right)
{
	const struct contents_large_object *a = left, *b = right;

	return compare_u64(a->oid, b->oid);
}

static int
object_by_content(const void *left, const void *right)
{
	const struct contents_large_object *a = left, *b = right;
	int order = compare_u64(a->bytes, b->bytes);

	if (order == 0)
		order = compare_digests(a->data, b->data);
	return order != 0 ? order : compare_digests(a->about, b->about);
}

static int object_sort(const void *left, const void *right);
static const struct order object_order = { SCAN_DIFF_LARGE_OBJECT, object_by_name, object_by_content,
	by_no_place, object_sort };

static int
object_sort(const void *left, const void *right)
{
	return sort_by(&object_order, left, right);
}

/* The walk. */

/* What is compared at the moment. */
struct walk {
	struct scan_diff *diff;
	const struct order *order;
	const struct contents_section *was_in, *is_in;
};

static void
side_fill(struct side *side, const void *array, size_t count, size_t size, const struct order *order)
{
	side->items = mem_alloc((count > 0 ? count : 1) * sizeof(*side->items));
	side->count = count;
	for (size_t i = 0; i < count; i++)
		side->items[i] = (const char *)array + i * size;
	if (count > 1)
		qsort(side->items, count, sizeof(*side->items), order->sort);
}

static struct scan_difference *
add(const struct walk *walk, enum scan_diff_what what)
{
	struct scan_diff *diff = walk->diff;

	MEM_GROW(diff->list, diff->count, diff->capacity);
	struct scan_difference *difference = &diff->list[diff->count++];
	*difference = (struct scan_difference){ .what = what, .was_in = walk->was_in, .is_in = walk->is_in };
	return difference;
}

/* Either may be NULL. */
static void
add_pair(const struct walk *walk, const void *was, const void *is)
{
	struct scan_difference *difference = add(walk, walk->order->what);

	switch (walk->order->what) {
	case SCAN_DIFF_STATEMENT:
		difference->statement.was = was;
		difference->statement.is = is;
		break;
	case SCAN_DIFF_TABLE:
		difference->table.was = was;
		difference->table.is = is;
		break;
	case SCAN_DIFF_SEQUENCE:
		difference->sequence.was = was;
		difference->sequence.is = is;
		break;
	case SCAN_DIFF_LARGE_OBJECT:
		difference->large_object.was = was;
		difference->large_object.is = is;
		break;
	case SCAN_DIFF_DATABASE:
		break;
	}
}

/* How many elements from `from` on have the same name. */
static size_t
same_name(const struct order *order, const struct side *side, size_t from)
{
	size_t end = from + 1;

	while (end < side->count && order->by_name(side->items[from], side->items[end]) == 0)
		end++;
	return end - from;
}

/* Moves what has no equal in the other run to the front of each; *a and *b become how many that are. */
static void
leave_unequal(const struct order *order, const void **a, size_t *a_count, const void **b, size_t *b_count)
{
	size_t a_at = 0, b_at = 0, a_left = 0, b_left = 0;

	while (a_at < *a_count && b_at < *b_count) {
		int sign = order->by_content(a[a_at], b[b_at]);

		if (sign == 0)
			a_at++, b_at++;
		else if (sign < 0)
			a[a_left++] = a[a_at++];
		else
			b[b_left++] = b[b_at++];
	}
	while (a_at < *a_count)
		a[a_left++] = a[a_at++];
	while (b_at < *b_count)
		b[b_left++] = b[b_at++];
	*a_count = a_left;
	*b_count = b_left;
}

/* Everything that has one name; either run may be empty. */
static void
compare_name(const struct walk *walk, const void **was, size_t was_count, const void **is, size_t is_count)
{
	leave_unequal(walk->order, was, &was_count, is, &is_count);
	for (size_t i = 0; i < was_count || i < is_count; i++)
		add_pair(walk, i < was_count ? was[i] : NULL, i < is_count ? is[i] : NULL);
}

static void
walk_sides(const struct walk *walk, struct side *was, struct side *is)
{
	size_t a = 0, b = 0;

	while (a < was->count || b < is->count) {
		int sign = a == was->count  ? 1
			   : b == is->count ? -1
					    : walk->order->by_name(was->items[a], is->items[b]);
		size_t a_count = sign <= 0 ? same_name(walk->order, was, a) : 0;
		size_t b_count = sign >= 0 ? same_name(walk->order, is, b) : 0;

		compare_name(walk, was->items + a, a_count, is->items + b, b_count);
		a += a_count;
		b += b_count;
	}
}

/* Where in its dump a difference stands: a change where the old one stood. */
static uint64_t
place_of(const struct scan_difference *difference)
{
	switch (difference->what) {
	case SCAN_DIFF_STATEMENT:
		return difference->statement.was != NULL ? difference->statement.was->at.plain_off
							 : difference->statement.is->at.plain_off;
	case SCAN_DIFF_TABLE:
		return difference->table.was != NULL ? difference->table.was->at.plain_off
						     : difference->table.is->at.plain_off;
	default:
		return 0; /* sorted by name, which is as good */
	}
}

static int
compare_places(const void *left, const void *right)
{
	const struct scan_difference *a = left, *b = right;
	int order = compare_u64(place_of(a), place_of(b));

	if (order != 0 || a->what != SCAN_DIFF_STATEMENT)
		return order;
	/* The two dumps have places of their own: what came may share one with what went. */
	return (a->statement.was == NULL) - (b->statement.was == NULL);
}

/* Compares one array of two sections. */
static void
compare_arrays(struct walk *walk, const struct order *order, const void *was, size_t was_count,
	const void *is, size_t is_count, size_t size)
{
	struct side before, after;
	size_t first = walk->diff->count;
	bool placed = order->what == SCAN_DIFF_STATEMENT || order->what == SCAN_DIFF_TABLE;

	walk->order = order;
	side_fill(&before, was, was_count, size, order);
	side_fill(&after, is, is_count, size, order);
	walk_sides(walk, &before, &after);
	free(before.items);
	free(after.items);
	if (placed && walk->diff->count - first > 1)
		qsort(walk->diff->list + first, walk->diff->count - first, sizeof(*walk->diff->list),
			compare_places);
}

#define COMPARE(walk, order, was, is, array, count) \
	compare_arrays(                             \
		walk, order, (was)->array, (was)->count, (is)->array, (is)->count, sizeof(*(was)->array))

static void
compare_sections(struct walk *walk)
{
	const struct contents_section *was = walk->was_in, *is = walk->is_in;

	if (strcmp(was->encoding, is->encoding) != 0 || was->creates != is->creates)
		add(walk, SCAN_DIFF_DATABASE);
	COMPARE(walk, &statement_order, was, is, statements, statement_count);
	COMPARE(walk, &table_order, was, is, tables, table_count);
	COMPARE(walk, &sequence_order, was, is, sequences, sequence_count);
	COMPARE(walk, &object_order, was, is, large_objects, large_object_count);
}

/* The section of the same database, or the globals. */
static const struct contents_section *
counterpart(const struct contents *contents, const struct contents_section *section)
{
	if (section->database == NULL)
		return contents->section_count > 0 ? &contents->sections[0] : NULL;
	return contents_find_database(contents, section->database);
}

void
scan_diff_compare(struct scan_diff *diff, const struct contents *before, const struct contents *after)
{
	struct walk walk = { .diff = diff };

	for (size_t i = 0; i < before->section_count; i++) {
		walk.was_in = &before->sections[i];
		walk.is_in = counterpart(after, walk.was_in);
		if (walk.is_in != NULL)
			compare_sections(&walk);
		else
			add(&walk, SCAN_DIFF_DATABASE);
	}
	walk.was_in = NULL;
	for (size_t i = 0; i < after->section_count; i++) {
		walk.is_in = &after->sections[i];
		if (counterpart(before, walk.is_in) == NULL)
			add(&walk, SCAN_DIFF_DATABASE);
	}
}

void
scan_diff_init(struct scan_diff *diff)
{
	*diff = (struct scan_diff){ NULL, 0, 0 };
}

void
scan_diff_clear(struct scan_diff *diff)
{
	free(diff->list);
	scan_diff_init(diff);
}
