#include "config.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "../../src/restore/restore_inside.h"
#include "incant/error.h"
#include "incant/mem.h"

/*
 * A backup of: globals with the tablespace ts; template1, with nothing; app, which is created, has the
 * extension hstore and two tables; postgres, with one table.
 */
enum { GLOBALS, TEMPLATE1, APP, POSTGRES, SECTIONS };

struct backup {
	struct contents_statement global[1];
	struct contents_statement in_app[2];
	struct contents_table app_tables[2];
	struct contents_large_object app_objects[1];
	struct contents_table postgres_tables[1];
	struct contents_section sections[SECTIONS];
	struct contents contents;
	char names[11][32];
};

static char *
name(struct backup *backup, int index, const char *text)
{
	strncpy(backup->names[index], text, sizeof(backup->names[index]) - 1);
	return backup->names[index];
}

static void
fill(struct backup *backup)
{
	memset(backup, 0, sizeof(*backup));
	char *public = name(backup, 0, "public");
	backup->global[0] =
		(struct contents_statement){ .kind = "CREATE TABLESPACE", .name = name(backup, 1, "ts") };
	backup->in_app[0] = (struct contents_statement){ .kind = "CREATE EXTENSION",
		.name = name(backup, 2, "\"hstore\"") };
	backup->in_app[1] =
		(struct contents_statement){ .kind = "CREATE TABLE", .name = name(backup, 3, "public.a") };
	backup->app_tables[0] =
		(struct contents_table){ .schema = public, .name = name(backup, 7, "a"), .rows = 10 };
	backup->app_tables[1] =
		(struct contents_table){ .schema = public, .name = name(backup, 8, "b"), .rows = 5 };
	backup->app_objects[0] = (struct contents_large_object){ .oid = 7 };
	backup->postgres_tables[0] =
		(struct contents_table){ .schema = public, .name = name(backup, 9, "c"), .rows = 1 };
	backup->sections[GLOBALS] =
		(struct contents_section){ .statements = backup->global, .statement_count = 1 };
	backup->sections[TEMPLATE1] = (struct contents_section){ .database = name(backup, 4, "template1") };
	backup->sections[APP] = (struct contents_section){
		.database = name(backup, 5, "app"),
		.creates = true,
		.at = { .plain_off = 100, .bytes = 1000 },
		.statements = backup->in_app,
		.statement_count = 2,
		.tables = backup->app_tables,
		.table_count = 2,
		.large_objects = backup->app_objects,
		.large_object_count = 1,
	};
	backup->sections[POSTGRES] = (struct contents_section){
		.database = name(backup, 6, "postgres"),
		.tables = backup->postgres_tables,
		.table_count = 1,
	};
	backup->contents = (struct contents){ .sections = backup->sections, .section_count = SECTIONS };
}

/* A fresh server of version 15. */
static void
fill_facts(struct restore_facts *facts)
{
	*facts = (struct restore_facts){ .version_number = 150018, .system_identifier = 77 };
	facts->description = mem_text("server version 15.18 at host=/x");
	restore_names_add(&facts->databases, "template0");
	restore_names_add(&facts->databases, "template1");
	restore_names_add(&facts->databases, "postgres");
	restore_names_add(&facts->tablespaces, "pg_default");
	restore_names_add(&facts->extensions, "hstore");
}

/* Plans against facts that were filled in, and clears them. */
static void
plan_for(struct backup *backup, struct restore_facts *facts, const char *database, struct restore_plan *plan)
{
	const struct restore_options options = {
		.contents = &backup->contents,
		.databases = &database,
		.database_count = database != NULL ? 1 : 0,
	};
	*plan = (struct restore_plan){ .steps = NULL };
	assert_int_equal(restore_plan_steps(&options, plan), 0);
	restore_plan_obstacles(plan, facts, database == NULL);
	restore_facts_clear(facts);
}

static void
the_whole_cluster_is_planned_in_the_order_of_the_dump(void **state)
{
	(void)state;
	struct backup backup;
	struct restore_facts facts;
	struct restore_plan plan;
	fill(&backup);
	fill_facts(&facts);
	plan_for(&backup, &facts, NULL, &plan);
	assert_int_equal(plan.count, SECTIONS);
	assert_int_equal(plan.obstacles, 0);
	assert_string_equal(plan.target, "server version 15.18 at host=/x");
	for (size_t i = 0; i < SECTIONS; i++) {
		assert_ptr_equal(plan.steps[i].section, &backup.sections[i]);
		assert_null(plan.steps[i].obstacle);
	}
	assert_true(plan.steps[GLOBALS].wanted);
	assert_true(plan.steps[APP].wanted);
	assert_int_equal(plan.steps[APP].tables, 2);
	assert_int_equal(plan.steps[APP].rows, 15);
	assert_int_equal(plan.steps[APP].plain_bytes, 1000);
	assert_true(plan.steps[POSTGRES].wanted);
	restore_plan_clear(&plan);
}

static void
one_database_is_planned_with_the_globals(void **state)
{
	(void)state;
	struct backup backup;
	struct restore_facts facts;
	struct restore_plan plan;
	fill(&backup);
	fill_facts(&facts);
	restore_facts_add_occupied(&facts, "postgres", "table x");
	restore_names_add(&facts.tablespaces, "ts");
	plan_for(&backup, &facts, "app", &plan);
	assert_true(plan.steps[GLOBALS].wanted);
	assert_false(plan.steps[TEMPLATE1].wanted);
	assert_true(plan.steps[APP].wanted);
	assert_false(plan.steps[POSTGRES].wanted);
	assert_int_equal(plan.obstacles, 0);
	restore_plan_clear(&plan);
}

static void
a_database_that_the_backup_lacks_is_not_found(void **state)
{
	(void)state;
	struct backup backup;
	fill(&backup);
	const char *const databases[] = { "app", "App" };
	const struct restore_options options = {
		.contents = &backup.contents, .databases = databases, .database_count = 2
	};
	struct restore_plan plan = { .steps = NULL };
	assert_int_equal(restore_plan_steps(&options, &plan), -1);
	assert_int_equal(error_get()->class, ERR_NOT_FOUND);
	assert_non_null(strstr(error_get()->message, "'App'"));
	assert_string_equal(error_get()->hint, "It has: template1, app, postgres.");
	restore_plan_clear(&plan);
}

static void
a_database_that_exists_is_an_obstacle(void **state)
{
	(void)state;
	struct backup backup;
	struct restore_facts facts;
	struct restore_plan plan;
	fill(&backup);
	fill_facts(&facts);
	restore_names_add(&facts.databases, "app");
	plan_for(&backup, &facts, NULL, &plan);
	assert_int_equal(plan.obstacles, 1);
	assert_string_equal(plan.steps[APP].obstacle, "database app exists already");
	restore_plan_clear(&plan);
}

static void
a_stock_database_must_be_empty_only_where_something_goes_into_it(void **state)
{
	(void)state;
	struct backup backup;
	struct restore_facts facts;
	struct restore_plan plan;
	fill(&backup);
	fill_facts(&facts);
	restore_facts_add_occupied(&facts, "postgres", "table public.x");
	restore_facts_add_occupied(&facts, "template1", "table public.x");
	plan_for(&backup, &facts, NULL, &plan);
	assert_int_equal(plan.obstacles, 1);
	assert_false(plan.steps[TEMPLATE1].wanted);
	assert_null(plan.steps[TEMPLATE1].obstacle);
	assert_string_equal(plan.steps[POSTGRES].obstacle,
		"database postgres of the target is not empty: it has table public.x");
	restore_plan_clear(&plan);
}

static void
a_stock_database_that_the_target_lacks_is_an_obstacle(void **state)
{
	(void)state;
	struct backup backup;
	struct restore_facts facts;
	struct restore_plan plan;
	fill(&backup);
	fill_facts(&facts);
	restore_names_clear(&facts.databases);
	plan_for(&backup, &facts, NULL, &plan);
	assert_string_equal(plan.steps[POSTGRES].obstacle, "the target has no database postgres");
	restore_plan_clear(&plan);
}

static void
under_another_name_only_that_name_must_be_free_and_stock_databases_are_created(void **state)
{
	(void)state;
	static const struct restore_name names[] = { { "app", "app2" }, { "postgres", "postgres2" } };
	struct backup backup;
	struct restore_facts facts;
	struct restore_plan plan = { .steps = NULL };
	fill(&backup);
	fill_facts(&facts);
	restore_names_add(&facts.databases, "app");
	restore_names_add(&facts.databases, "postgres2");
	restore_facts_add_occupied(&facts, "postgres", "table public.x");
	const struct restore_options options = {
		.contents = &backup.contents, .names = names, .name_count = 2
	};
	assert_int_equal(restore_plan_steps(&options, &plan), 0);
	restore_plan_obstacles(&plan, &facts, false);
	assert_string_equal(plan.steps[APP].as, "app2");
	assert_null(plan.steps[APP].obstacle);
	assert_true(plan.steps[POSTGRES].creates);
	assert_string_equal(plan.steps[POSTGRES].obstacle, "database postgres2 exists already");
	assert_int_equal(plan.obstacles, 1);
	restore_facts_clear(&facts);
	restore_plan_clear(&plan);
}

static void
a_missing_extension_and_a_tablespace_that_exists_are_obstacles(void **state)
{
	(void)state;
	struct backup backup;
	struct restore_facts facts;
	struct restore_plan plan;
	fill(&backup);
	fill_facts(&facts);
	restore_names_clear(&facts.extensions);
	restore_names_add(&facts.tablespaces, "ts");
	plan_for(&backup, &facts, NULL, &plan);
	assert_int_equal(plan.obstacles, 2);
	assert_string_equal(plan.steps[GLOBALS].obstacle, "tablespace ts exists already");
	assert_string_equal(plan.steps[APP].obstacle,
		"database app needs the extension hstore, which the target does not have");
	restore_plan_clear(&plan);
}

/* The target as a whole. */

static int
check_target(uint64_t system_identifier, int version_number)
{
	struct restore_facts facts;
	const struct restore_options options = { .system_identifier = system_identifier,
		.server_version_number = version_number };
	fill_facts(&facts);
	int outcome = restore_plan_check_target(&options, &facts);
	restore_facts_clear(&facts);
	return outcome;
}

static void
the_source_itself_is_refused(void **state)
{
	(void)state;
	assert_int_equal(check_target(78, 150018), 0);
	assert_int_equal(check_target(0, 150018), 0);
	assert_int_equal(check_target(77, 150018), -1);
	assert_int_equal(error_get()->class, ERR_RESTORE);
	assert_non_null(strstr(error_get()->message, "the server that the backup was taken from"));
	assert_true(error_get()->hint[0] != '\0');
}

static void
the_source_itself_may_be_allowed(void **state)
{
	(void)state;
	struct restore_facts facts;
	const struct restore_options options = { .system_identifier = 77, .may_be_source = true };
	fill_facts(&facts);
	assert_int_equal(restore_plan_check_target(&options, &facts), 0);
	restore_facts_clear(&facts);
}

static void
an_older_server_is_not_refused_as_such(void **state)
{
	(void)state;
	assert_int_equal(check_target(0, 160000), 0);
}

static void
obstacles_of_one_step_are_all_named_and_each_once(void **state)
{
	(void)state;
	struct restore_step step = { .section = NULL };
	struct restore_plan plan = { .steps = &step, .count = 1 };
	restore_plan_obstruct(&plan, 0, NULL);
	assert_int_equal(plan.obstacles, 0);
	restore_plan_obstruct(&plan, 0, mem_text("no locale"));
	restore_plan_obstruct(&plan, 0, mem_text("no extension"));
	restore_plan_obstruct(&plan, 0, mem_text("no locale"));
	assert_int_equal(plan.obstacles, 2);
	assert_string_equal(step.obstacle, "no locale; no extension");
	restore_plan_note(&plan, mem_text("role a differs"));
	restore_plan_note(&plan, mem_text("role a differs"));
	assert_int_equal(plan.note_count, 1);
	free(step.obstacle);
	free(plan.notes[0]);
	free(plan.notes);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_whole_cluster_is_planned_in_the_order_of_the_dump),
		cmocka_unit_test(one_database_is_planned_with_the_globals),
		cmocka_unit_test(a_database_that_the_backup_lacks_is_not_found),
		cmocka_unit_test(a_database_that_exists_is_an_obstacle),
		cmocka_unit_test(a_stock_database_must_be_empty_only_where_something_goes_into_it),
		cmocka_unit_test(a_stock_database_that_the_target_lacks_is_an_obstacle),
		cmocka_unit_test(
			under_another_name_only_that_name_must_be_free_and_stock_databases_are_created),
		cmocka_unit_test(a_missing_extension_and_a_tablespace_that_exists_are_obstacles),
		cmocka_unit_test(the_source_itself_is_refused),
		cmocka_unit_test(the_source_itself_may_be_allowed),
		cmocka_unit_test(an_older_server_is_not_refused_as_such),
		cmocka_unit_test(obstacles_of_one_step_are_all_named_and_each_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
