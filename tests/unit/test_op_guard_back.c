#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "../../src/op/op_guard_inside.h"

static char shop_name[] = "shop", wiki_name[] = "wiki", template1_name[] = "template1";
static char role_name[] = "app", grant_name[] = "a TO b";
static struct contents_section globals = { .database = NULL };
static struct contents_section shop = { .database = shop_name, .creates = true };
static struct contents_section wiki = { .database = wiki_name, .creates = true };
static struct contents_section template1 = { .database = template1_name };
static const struct contents_statement role = { .kind = "CREATE ROLE", .name = role_name };
static const struct contents_statement grant = { .kind = "GRANT ROLE", .name = grant_name };

static struct scan_difference
statement(const struct contents_section *in, const struct contents_statement *was,
	const struct contents_statement *is)
{
	return (struct scan_difference){
		.what = SCAN_DIFF_STATEMENT,
		.was_in = in,
		.is_in = in,
		.statement = { .was = was, .is = is },
	};
}

static struct op_guard_choice
choose(struct scan_difference *list, size_t count)
{
	const struct op_guard_report report = { .compared = true, .diff = { .list = list, .count = count } };
	struct op_guard_choice choice;

	op_guard_choose(&report, &choice);
	return choice;
}

static void
each_database_that_changed_goes_back_once(void **state)
{
	struct scan_difference list[] = {
		statement(&shop, NULL, &grant),
		statement(&shop, &grant, NULL),
		{ .what = SCAN_DIFF_DATABASE, .was_in = &wiki },
	};
	struct op_guard_choice choice = choose(list, 3);

	(void)state;
	assert_int_equal(choice.count, 2);
	assert_string_equal(choice.names[0], "shop");
	assert_string_equal(choice.names[1], "wiki");
	assert_false(choice.globals);
	free(choice.names);
}

static void
a_database_that_the_command_made_stays(void **state)
{
	struct scan_difference list[] = { { .what = SCAN_DIFF_DATABASE, .is_in = &wiki } };
	struct op_guard_choice choice = choose(list, 1);

	(void)state;
	assert_int_equal(choice.count, 0);
	assert_false(choice.globals);
}

static void
only_a_role_that_is_gone_is_made_again(void **state)
{
	static const struct {
		const struct contents_statement *was, *is;
		bool missing;
	} rows[] = {
		{ &role, NULL, true },
		{ NULL, &role, false },
		{ &role, &role, false },
		{ &grant, NULL, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct scan_difference list[] = { statement(&globals, rows[i].was, rows[i].is) };
		struct op_guard_choice choice = choose(list, 1);
		assert_int_equal(choice.count, 0);
		assert_true(choice.globals);
		assert_int_equal(choice.roles_missing, rows[i].missing);
	}
}

static void
what_is_not_known_to_be_unchanged_goes_back(void **state)
{
	struct contents_section sections[] = { globals, template1, shop, wiki };
	const struct op_guard_report report = { .before = { .sections = sections, .section_count = 4 } };
	struct op_guard_choice choice;

	(void)state;
	op_guard_choose(&report, &choice);
	assert_int_equal(choice.count, 2);
	assert_string_equal(choice.names[0], "shop");
	assert_string_equal(choice.names[1], "wiki");
	free(choice.names);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_database_that_changed_goes_back_once),
		cmocka_unit_test(a_database_that_the_command_made_stays),
		cmocka_unit_test(only_a_role_that_is_gone_is_made_again),
		cmocka_unit_test(what_is_not_known_to_be_unchanged_goes_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
