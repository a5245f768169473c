#include "config.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "../../src/restore/restore_works.h"

#define MIB (1u << 20)

/* A section of 40 MiB, tables at 1 MiB (100 bytes), right behind it (200 bytes), at 2 MiB (10 MiB), at 12 MiB
 * (20 MiB) and at 32 MiB (1 MiB). */
enum { TABLES = 5 };
struct sample {
	struct contents_table tables[TABLES];
	struct contents_section section;
	char names[TABLES][8];
};

static void
fill(struct sample *sample)
{
	static const uint64_t at[TABLES] = { MIB, MIB + 300, 2 * MIB, 12 * MIB, 32 * MIB };
	static const uint64_t bytes[TABLES] = { 100, 200, 10 * MIB, 20 * MIB - 9, MIB };
	static char schema[] = "public";
	memset(sample, 0, sizeof(*sample));
	for (size_t i = 0; i < TABLES; i++) {
		snprintf(sample->names[i], sizeof(sample->names[i]), "t%zu", i);
		sample->tables[i] = (struct contents_table){
			.schema = schema, .name = sample->names[i], .at = { at[i], bytes[i] }
		};
	}
	sample->section = (struct contents_section){
		.at = { 7, 40 * MIB }, .tables = sample->tables, .table_count = TABLES
	};
}

static void
expect(const struct restore_works *works, size_t index, enum restore_work_kind kind, uint64_t from,
	uint64_t to)
{
	assert_true(index < works->count);
	assert_int_equal(works->list[index].kind, kind);
	assert_int_equal(works->list[index].at.plain_off, from);
	assert_int_equal(works->list[index].at.plain_off + works->list[index].at.bytes, to);
}

static void
rows_are_cut_into_stretches_longest_first_and_nothing_is_left_out(void **state)
{
	(void)state;
	struct sample sample;
	struct restore_works works = { .list = NULL };
	fill(&sample);
	restore_works_plan(&sample.section, NULL, NULL, &works);
	assert_int_equal(works.count, 6);
	expect(&works, 0, RESTORE_HEAD, 7, MIB);
	expect(&works, 1, RESTORE_ROWS, 12 * MIB, 32 * MIB);
	expect(&works, 2, RESTORE_ROWS, 2 * MIB, 12 * MIB);
	expect(&works, 3, RESTORE_ROWS, MIB, 2 * MIB); /* two small tables share a stretch */
	expect(&works, 4, RESTORE_ROWS, 32 * MIB, 33 * MIB);
	expect(&works, 5, RESTORE_REST, 33 * MIB, 40 * MIB + 7);
	uint64_t total = 0;
	for (size_t i = 0; i < works.count; i++)
		total += works.list[i].at.bytes;
	assert_int_equal(total, sample.section.at.bytes);
	restore_works_clear(&works);
}

static void
only_the_chosen_tables_are_read(void **state)
{
	(void)state;
	struct sample sample;
	struct restore_works works = { .list = NULL };
	const bool wanted[TABLES] = { [1] = true, [4] = true };
	fill(&sample);
	restore_works_plan(&sample.section, wanted, NULL, &works);
	assert_int_equal(works.count, 4);
	expect(&works, 1, RESTORE_ROWS, 32 * MIB, 33 * MIB);
	expect(&works, 2, RESTORE_ROWS, MIB + 300, 2 * MIB);
	expect(&works, 3, RESTORE_REST, 33 * MIB, 40 * MIB + 7);
	restore_works_clear(&works);
}

static void
rows_that_may_depend_on_others_come_after_them_in_the_order_of_the_dump(void **state)
{
	(void)state;
	struct sample sample;
	struct restore_works works = { .list = NULL };
	struct restore_tables tables = { .list = NULL };
	fill(&sample);
	restore_tables_create(&tables, "public.t0", "CREATE TABLE public.t0 (a integer);");
	/* t1 is an extension's own: no CREATE TABLE was seen */
	restore_tables_create(&tables, "public.t2",
		"CREATE TABLE public.t2 (a integer, CONSTRAINT c CHECK (public.looks(a)));");
	restore_tables_create(&tables, "public.t3", "CREATE TABLE public.t3 (a integer);");
	restore_tables_create(&tables, "public.t4", "CREATE TABLE public.t4 (a integer);");
	restore_works_plan(&sample.section, NULL, &tables, &works);
	assert_int_equal(works.count, 7);
	expect(&works, 1, RESTORE_ROWS, 12 * MIB, 32 * MIB);
	expect(&works, 2, RESTORE_ROWS, 32 * MIB, 33 * MIB);
	expect(&works, 3, RESTORE_ROWS, MIB, MIB + 300);
	expect(&works, 4, RESTORE_ORDERED, MIB + 300, 2 * MIB);
	expect(&works, 5, RESTORE_ORDERED, 2 * MIB, 12 * MIB);
	expect(&works, 6, RESTORE_REST, 33 * MIB, 40 * MIB + 7);
	restore_works_clear(&works);
	restore_tables_clear(&tables);
}

static void
a_small_section_and_one_without_rows_are_streamed_whole(void **state)
{
	(void)state;
	struct sample sample;
	struct restore_works works = { .list = NULL };
	fill(&sample);
	sample.section.table_count = 0;
	restore_works_plan(&sample.section, NULL, NULL, &works);
	assert_int_equal(works.count, 1);
	expect(&works, 0, RESTORE_HEAD, 7, 40 * MIB + 7);
	restore_works_clear(&works);
	sample.section.table_count = 1;
	sample.section.at.bytes = 2 * MIB;
	restore_works_plan(&sample.section, NULL, NULL, &works);
	assert_int_equal(works.count, 1);
	restore_works_clear(&works);
}

static void
only_indexes_and_constraints_may_be_built_side_by_side(void **state)
{
	(void)state;
	assert_int_equal(restore_build_of("CREATE INDEX", "public.t i"), RESTORE_BUILD_INDEX);
	assert_int_equal(restore_build_of("ALTER TABLE ADD CONSTRAINT", "public.t c"), RESTORE_BUILD_ALTER);
	assert_int_equal(restore_build_of("ALTER TABLE ADD FOREIGN KEY", "public.t c"), RESTORE_BUILD_ALTER);
	assert_int_equal(restore_build_of("COMMENT", "INDEX public.i"), RESTORE_BUILD_FOLLOWS);
	assert_int_equal(restore_build_of("COMMENT", "CONSTRAINT c ON public.t"), RESTORE_BUILD_FOLLOWS);
	assert_int_equal(restore_build_of("ALTER TABLE CLUSTER", "public.t i"), RESTORE_BUILD_FOLLOWS);
	assert_int_equal(restore_build_of("COMMENT", "TABLE public.t"), RESTORE_BUILD_NOT);
	assert_int_equal(restore_build_of("ALTER INDEX ATTACH PARTITION", "a b"), RESTORE_BUILD_NOT);
	assert_int_equal(restore_build_of("CREATE TRIGGER", "public.t g"), RESTORE_BUILD_NOT);
	assert_int_equal(restore_build_of("CREATE VIEW", "public.v"), RESTORE_BUILD_NOT);
	assert_int_equal(restore_build_of("REFRESH MATERIALIZED VIEW", "public.m"), RESTORE_BUILD_NOT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_are_cut_into_stretches_longest_first_and_nothing_is_left_out),
		cmocka_unit_test(only_the_chosen_tables_are_read),
		cmocka_unit_test(rows_that_may_depend_on_others_come_after_them_in_the_order_of_the_dump),
		cmocka_unit_test(a_small_section_and_one_without_rows_are_streamed_whole),
		cmocka_unit_test(only_indexes_and_constraints_may_be_built_side_by_side),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
