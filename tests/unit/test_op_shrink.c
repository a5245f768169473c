/* What of a loss can be seen in contents. */
#include "config.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/op/op_shrink.h"
#include "incant/mem.h"

#define TABLES_MAX 40

/* Databases with tables, put together by hand. */
struct made {
	struct contents contents;
	struct contents_section sections[4];
	struct contents_table tables[4][TABLES_MAX];
	char databases[4][40], names[4][TABLES_MAX][20];
};

static char public[] = "public";

static void
make(struct made *made)
{
	memset(made, 0, sizeof(*made));
	made->contents.sections = made->sections;
	made->contents.section_count = 1;
}

static void
add_database(struct made *made, const char *name)
{
	size_t at = made->contents.section_count++;

	snprintf(made->databases[at], sizeof(made->databases[at]), "%s", name);
	made->sections[at] =
		(struct contents_section){ .database = made->databases[at], .tables = made->tables[at] };
}

/* Into the database that was added last. Each row has ten bytes. */
static void
add_table(struct made *made, const char *name, uint64_t rows)
{
	size_t database = made->contents.section_count - 1;
	struct contents_section *section = &made->sections[database];
	char *own = made->names[database][section->table_count];

	snprintf(own, sizeof(made->names[0][0]), "%s", name);
	section->tables[section->table_count++] = (struct contents_table){
		.schema = public, .name = own, .rows = rows, .data = { .bytes = rows * 10 }
	};
}

static struct op_shrink_limits limits;

/* The reasons, "; " between them; "" for none. The caller frees it. */
static char *
compare(const struct made *now, const struct made *before, size_t count)
{
	struct contents all[3];
	struct suspect *suspect = suspect_new(0, NULL);
	struct buf text = BUF_EMPTY;

	for (size_t i = 0; i < count; i++)
		all[i] = before[i].contents;
	op_shrink_compare(&limits, &now->contents, all, count, suspect);
	suspect_write_reasons(suspect, &text);
	suspect_free(suspect);
	return buf_take(&text);
}

static void
assert_reasons(const struct made *now, const struct made *before, size_t count, const char *expected)
{
	char *reasons = compare(now, before, count);

	assert_string_equal(reasons, expected);
	free(reasons);
}

static struct made before[3], now;

static int
set_up(void **state)
{
	(void)state;
	limits = (struct op_shrink_limits){ .max_percent = 30 };
	for (size_t i = 0; i < 3; i++) {
		make(&before[i]);
		add_database(&before[i], "shop");
		add_table(&before[i], "orders", 5000);
		add_table(&before[i], "queue", 10);
		add_database(&before[i], "zoo");
		add_table(&before[i], "animals", 2);
	}
	now = before[0];
	now.contents.sections = now.sections;
	for (size_t i = 0; i < 4; i++)
		now.sections[i].tables = now.tables[i];
	for (size_t i = 1; i < 3; i++)
		before[i].contents.sections = before[i].sections;
	return 0;
}

static void
the_same_and_more_is_no_loss(void **state)
{
	(void)state;
	assert_reasons(&now, before, 3, "");
	now.tables[1][0].rows = 9000;
	now.tables[1][0].data.bytes = 90000;
	add_database(&now, "new");
	assert_reasons(&now, before, 1, "");
}

static void
a_database_that_is_gone_is_a_loss(void **state)
{
	(void)state;
	now.contents.section_count = 2;
	assert_reasons(&now, before, 3, "database zoo is gone (1 tables, 2 rows before)");
	now.contents.section_count = 1;
	assert_reasons(&now, before, 1,
		"database shop is gone (2 tables, 5,010 rows before); database zoo is gone (1 tables, 2 rows "
		"before)");
}

static void
a_table_that_is_empty_or_gone_is_a_loss(void **state)
{
	(void)state;
	now.tables[2][0].rows = 0;
	assert_reasons(&now, before, 3, "table zoo.public.animals is empty (2 rows before)");
	now.sections[2].table_count = 0;
	assert_reasons(&now, before, 3, "table zoo.public.animals is gone (2 rows before)");
}

static void
what_was_empty_before_may_be_empty_again(void **state)
{
	(void)state;
	now.tables[1][1].rows = 0;
	assert_reasons(&now, before, 3, "table shop.public.queue is empty (10 rows before)");
	before[2].tables[1][1].rows = 0;
	assert_reasons(&now, before, 3, "");
	/* One that the older ones do not have yet counts by the newest. */
	before[1].sections[1].table_count = before[2].sections[1].table_count = 1;
	assert_reasons(&now, before, 3, "table shop.public.queue is empty (10 rows before)");
}

static void
fewer_rows_than_the_share_are_a_loss(void **state)
{
	(void)state;
	now.tables[1][0].rows = 3500;
	now.tables[1][0].data.bytes = 50000;
	assert_reasons(&now, before, 3, "");
	now.tables[1][0].rows = 3499;
	assert_reasons(&now, before, 3, "table shop.public.orders has 3,499 rows (5,000 before)");
	now.tables[1][0].rows = 3000;
	assert_reasons(&now, before, 3,
		"table shop.public.orders has 3,000 rows (5,000 before); database shop has 3,010 rows (5,010 "
		"before)");
	limits.max_percent = 50;
	assert_reasons(&now, before, 3, "");
	limits.max_percent = 100;
	now.tables[1][0].rows = 1;
	assert_reasons(&now, before, 3, "");
	/* The share is one of the least that was there. */
	limits.max_percent = 30;
	before[2].tables[1][0].rows = 1;
	assert_reasons(&now, before, 3, "");
}

static void
fewer_bytes_than_the_share_are_a_loss(void **state)
{
	(void)state;
	for (size_t i = 0; i < 3; i++)
		before[i].tables[1][0].data.bytes = 1 << 20;
	assert_reasons(&now, before, 3, "database shop has 48.9 KiB of data (1.0 MiB before)");
}

static void
what_may_shrink_is_left_out(void **state)
{
	(void)state;
	now.tables[1][0].rows = 1;
	now.sections[1].table_count = 1;
	limits.may_shrink = " shop.public.orders	shop.public.q*";
	assert_reasons(&now, before, 3, "");
	now.contents.section_count = 2;
	assert_reasons(&now, before, 3, "database zoo is gone (1 tables, 2 rows before)");
	limits.may_shrink = "shop.public.* zoo";
	assert_reasons(&now, before, 3, "");
	limits.may_shrink = "shop";
	now = before[0];
	now.contents.sections = now.sections;
	now.contents.section_count = 1;
	assert_reasons(&now, before, 1, "database zoo is gone (1 tables, 2 rows before)");
}

static void
what_a_restore_made_may_be_dropped(void **state)
{
	(void)state;
	add_database(&before[0], "shop_incant_20261122t030000z");
	add_table(&before[0], "orders", 5000);
	assert_reasons(&now, before, 1, "");
	snprintf(before[0].databases[3], 40, "%s", "shop_before_20261122T030000Z");
	assert_reasons(&now, before, 1, "");
	snprintf(before[0].databases[3], 40, "%s", "shop_before_easter");
	assert_reasons(&now, before, 1, "database shop_before_easter is gone (1 tables, 5,000 rows before)");
}

static void
many_reasons_end_with_a_count(void **state)
{
	char name[20];

	(void)state;
	make(&before[0]);
	add_database(&before[0], "shop");
	for (size_t i = 0; i < 30; i++) {
		snprintf(name, sizeof(name), "t%zu", i);
		add_table(&before[0], name, 1);
	}
	make(&now);
	add_database(&now, "shop");
	char *reasons = compare(&now, before, 1);
	assert_non_null(strstr(reasons, "; and 11 more"));
	free(reasons);
}

static void
totals_tell_where_contents_cannot(void **state)
{
	const struct manifest was = { .databases = 3, .rows = 5000, .plain_bytes = 1 << 20 };
	struct manifest is = was;
	struct suspect *suspect = suspect_new(0, NULL);
	struct buf text = BUF_EMPTY;

	(void)state;
	op_shrink_compare_totals(&limits, &is, &was, suspect);
	assert_int_equal(suspect->count, 0);
	is = (struct manifest){ .databases = 2, .rows = 20, .plain_bytes = 1000 };
	op_shrink_compare_totals(&limits, &is, &was, suspect);
	suspect_write_reasons(suspect, &text);
	assert_string_equal(buf_text(&text), "there are 2 databases (3 before); there are 20 rows (5,000 "
					     "before); the dump has 1000 B (1.0 "
					     "MiB before)");
	buf_clear(&text);
	suspect_free(suspect);
}

#define TEST(name) cmocka_unit_test_setup(name, set_up)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_same_and_more_is_no_loss),
		TEST(a_database_that_is_gone_is_a_loss),
		TEST(a_table_that_is_empty_or_gone_is_a_loss),
		TEST(what_was_empty_before_may_be_empty_again),
		TEST(fewer_rows_than_the_share_are_a_loss),
		TEST(fewer_bytes_than_the_share_are_a_loss),
		TEST(what_may_shrink_is_left_out),
		TEST(what_a_restore_made_may_be_dropped),
		TEST(many_reasons_end_with_a_count),
		TEST(totals_tell_where_contents_cannot),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
