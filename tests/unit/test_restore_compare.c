#include "config.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "../../src/restore/restore_inside.h"
#include "incant/error.h"

/* A section of two statements, at 10 and 60, two tables, at 20 and 40, a sequence and a large object. */
struct sample {
	struct contents_statement statements[2];
	struct contents_table tables[2];
	struct contents_sequence sequences[1];
	struct contents_large_object objects[1];
	struct contents_section section;
	char names[4][16];
};

static void
fill(struct sample *sample)
{
	memset(sample, 0, sizeof(*sample));
	snprintf(sample->names[0], sizeof(sample->names[0]), "public");
	snprintf(sample->names[1], sizeof(sample->names[1]), "a");
	snprintf(sample->names[2], sizeof(sample->names[2]), "b");
	snprintf(sample->names[3], sizeof(sample->names[3]), "public.s");
	sample->statements[0] = (struct contents_statement){ .kind = "CREATE TABLE", .at = { 10, 5 } };
	sample->statements[1] = (struct contents_statement){ .kind = "CREATE INDEX", .at = { 60, 5 } };
	for (size_t i = 0; i < 2; i++)
		sample->tables[i] = (struct contents_table){
			.schema = sample->names[0],
			.name = sample->names[1 + i],
			.at = { 20 + 20 * i, 15 },
			.rows = 7,
		};
	sample->sequences[0] = (struct contents_sequence){ .name = sample->names[3], .value = 3 };
	sample->objects[0] = (struct contents_large_object){ .oid = 7, .bytes = 2, .data = { 1, 2 } };
	sample->section = (struct contents_section){
		.at = { 0, 100 },
		.statements = sample->statements,
		.statement_count = 2,
		.tables = sample->tables,
		.table_count = 2,
		.sequences = sample->sequences,
		.sequence_count = 1,
		.large_objects = sample->objects,
		.large_object_count = 1,
	};
}

static int
compare(const struct sample *found, struct extent at, size_t tables_from, size_t table_count,
	size_t statements_from, size_t statement_count)
{
	struct sample recorded;
	struct sample part = *found;
	fill(&recorded);
	part.section.tables = part.tables + tables_from;
	part.section.table_count = table_count;
	part.section.statements = part.statements + statements_from;
	part.section.statement_count = statement_count;
	const struct contents contents = { .sections = &part.section, .section_count = 1 };
	return restore_compare_part(&recorded.section, at, &contents);
}

static void
a_section_can_be_compared_whole_or_in_any_parts(void **state)
{
	(void)state;
	struct sample found;
	fill(&found);
	assert_int_equal(compare(&found, (struct extent){ 0, 100 }, 0, 2, 0, 2), 0);
	assert_int_equal(compare(&found, (struct extent){ 0, 20 }, 0, 0, 0, 1), 0);
	assert_int_equal(compare(&found, (struct extent){ 20, 20 }, 0, 1, 0, 0), 0);
	assert_int_equal(compare(&found, (struct extent){ 40, 20 }, 1, 1, 0, 0), 0);
	assert_int_equal(compare(&found, (struct extent){ 60, 40 }, 0, 0, 1, 1), 0);
}

static void
expect_damage(const char *words)
{
	assert_int_equal(error_get()->class, ERR_DAMAGED);
	if (strstr(error_get()->message, words) == NULL)
		fail_msg("not said: %s; but: %s", words, error_get()->message);
	error_clear();
}

static void
every_difference_of_a_part_is_damage(void **state)
{
	(void)state;
	const struct extent whole = { 0, 100 };
	struct sample found;
	fill(&found);
	assert_int_equal(compare(&found, whole, 0, 1, 0, 2), -1);
	expect_damage("1 tables came out of the backup, its contents have 2");
	assert_int_equal(compare(&found, whole, 0, 2, 0, 1), -1);
	expect_damage("1 statements");
	found.tables[1].rows = 4;
	assert_int_equal(compare(&found, whole, 0, 2, 0, 2), -1);
	expect_damage("4 rows of table public.b");
	fill(&found);
	found.tables[1].digest.high = 1;
	assert_int_equal(compare(&found, whole, 0, 2, 0, 2), -1);
	expect_damage("the rows of table public.b");
	fill(&found);
	found.tables[0].name = found.names[2];
	assert_int_equal(compare(&found, whole, 0, 2, 0, 2), -1);
	expect_damage("table public.b came out of the backup where");
	fill(&found);
	found.statements[1].digest.low = 1;
	assert_int_equal(compare(&found, whole, 0, 2, 0, 2), -1);
	expect_damage("the statement at byte 60");
}

static int
compare_rest(const struct sample *found, bool twice)
{
	struct sample recorded;
	struct restore_seen seen = { .sequences = NULL };
	struct contents contents = { .section_count = 1 };
	struct contents_section section = found->section;
	fill(&recorded);
	contents.sections = &section;
	restore_seen_take(&seen, &contents);
	if (twice) { /* what was said about the object elsewhere */
		struct contents_large_object about = { .oid = found->objects[0].oid, .about = { 9, 9 } };
		section = (struct contents_section){ .large_objects = &about, .large_object_count = 1 };
		restore_seen_take(&seen, &contents);
	}
	int outcome = restore_compare_rest(&recorded.section, &seen);
	restore_seen_clear(&seen);
	return outcome;
}

static void
sequences_and_large_objects_are_compared_when_all_has_passed(void **state)
{
	(void)state;
	struct sample found;
	fill(&found);
	assert_int_equal(compare_rest(&found, false), 0);
	assert_int_equal(compare_rest(&found, true), 0);
	found.objects[0].data.low = 2;
	assert_int_equal(compare_rest(&found, true), -1);
	expect_damage("large object 7");
	fill(&found);
	found.section.large_object_count = 0;
	assert_int_equal(compare_rest(&found, false), -1);
	expect_damage("0 large objects");
	fill(&found);
	found.sequences[0].value = 4;
	assert_int_equal(compare_rest(&found, false), -1);
	expect_damage("sequence public.s");
	fill(&found);
	found.sequences[0].called = true;
	assert_int_equal(compare_rest(&found, false), -1);
	expect_damage("sequence public.s");
	fill(&found);
	found.section.sequence_count = 0;
	assert_int_equal(compare_rest(&found, false), -1);
	expect_damage("0 sequences");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_section_can_be_compared_whole_or_in_any_parts),
		cmocka_unit_test(every_difference_of_a_part_is_damage),
		cmocka_unit_test(sequences_and_large_objects_are_compared_when_all_has_passed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
