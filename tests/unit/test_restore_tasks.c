#include "config.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "../../src/restore/restore_inside.h"

static bool
take(struct restore *restore, const char *kind, const char *name, const char *text)
{
	const struct scan_statement statement = {
		.kind = kind, .name = name, .text = text, .len = strlen(text)
	};
	return restore_tasks_take(&restore->tasks, restore, &statement);
}

static void
clear(struct restore *restore)
{
	restore_tasks_clear(&restore->tasks);
	restore_tables_clear(&restore->tables);
	restore_session_clear(&restore->session);
}

/* The index of the next task, which then runs; -1 for none. */
static int
next(struct restore *restore)
{
	struct restore_task *task = restore_tasks_next(&restore->tasks);
	if (task == NULL)
		return -1;
	task->state = RESTORE_RUNS;
	return (int)(task - restore->tasks.list);
}

static void
indexes_of_one_table_go_side_by_side_and_a_constraint_waits_for_them(void **state)
{
	(void)state;
	struct restore restore = { .conninfo = NULL };
	assert_true(take(&restore, "CREATE INDEX", "public.t i1", "CREATE INDEX i1 ON public.t (a);"));
	assert_true(take(&restore, "CREATE INDEX", "public.t i2", "CREATE INDEX i2 ON public.t (b);"));
	assert_true(take(&restore, "ALTER TABLE ADD CONSTRAINT", "public.t p", "ALTER TABLE …;"));
	assert_true(take(&restore, "CREATE INDEX", "public.t i3", "CREATE INDEX i3 ON public.t (c);"));
	assert_true(take(&restore, "CREATE INDEX", "public.u i4", "CREATE INDEX i4 ON public.u (c);"));
	assert_int_equal(next(&restore), 0);
	assert_int_equal(next(&restore), 1);
	assert_int_equal(next(&restore), 4);
	assert_int_equal(next(&restore), -1);
	restore.tasks.list[0].state = RESTORE_DONE;
	assert_int_equal(next(&restore), -1);
	restore.tasks.list[1].state = RESTORE_DONE;
	assert_int_equal(next(&restore), 2);
	assert_int_equal(next(&restore), -1); /* i3 stands behind the constraint */
	restore.tasks.list[2].state = RESTORE_DONE;
	assert_int_equal(next(&restore), 3);
	clear(&restore);
}

static void
a_foreign_key_has_both_families_for_itself(void **state)
{
	(void)state;
	struct restore restore = { .conninfo = NULL };
	restore_tables_relate(&restore.tables, "public.whole public.part");
	assert_true(take(&restore, "ALTER TABLE ADD FOREIGN KEY", "public.a f",
		"ALTER TABLE ONLY public.a ADD CONSTRAINT f FOREIGN KEY (x) REFERENCES public.part(x);"));
	assert_true(take(&restore, "ALTER TABLE ADD FOREIGN KEY", "public.whole g",
		"ALTER TABLE public.whole ADD CONSTRAINT g FOREIGN KEY (x) REFERENCES public.b(x);"));
	assert_true(take(&restore, "ALTER TABLE ADD FOREIGN KEY", "public.c h",
		"ALTER TABLE ONLY public.c ADD CONSTRAINT h FOREIGN KEY (x) REFERENCES public.d(x);"));
	assert_int_equal(next(&restore), 0);
	assert_int_equal(next(&restore), 2);
	assert_int_equal(next(&restore), -1);
	restore.tasks.list[0].state = RESTORE_DONE;
	assert_int_equal(next(&restore), 1);
	clear(&restore);
}

static void
what_belongs_to_an_index_follows_it_and_anything_else_cannot_wait(void **state)
{
	(void)state;
	struct restore restore = { .conninfo = NULL };
	assert_false(take(&restore, "COMMENT", "INDEX public.i", "COMMENT …;")); /* nothing to follow */
	assert_true(take(&restore, "CREATE INDEX", "public.t i", "CREATE INDEX i ON public.t (a);"));
	assert_true(take(&restore, "ALTER TABLE CLUSTER", "public.t i", "ALTER TABLE … CLUSTER ON i;"));
	assert_true(take(&restore, "COMMENT", "INDEX public.i", "COMMENT …;"));
	assert_false(take(&restore, "CREATE TRIGGER", "public.t g", "CREATE TRIGGER …;"));
	assert_int_equal(restore.tasks.count, 1);
	assert_int_equal(restore.tasks.list[0].count, 3);
	clear(&restore);
}

static void
each_statement_remembers_what_was_set_for_it(void **state)
{
	(void)state;
	struct restore restore = { .conninfo = NULL };
	restore_session_add(&restore.session, "SET default_tablespace = '';");
	restore_session_add(&restore.session, "SELECT pg_catalog.set_config('search_path', '', false);");
	assert_true(take(&restore, "CREATE INDEX", "public.t i", "CREATE INDEX i ON public.t (a);"));
	restore_session_add(&restore.session, "SET default_tablespace = fast;");
	assert_true(take(&restore, "CREATE INDEX", "public.t j", "CREATE INDEX j ON public.t (a);"));
	assert_true(take(&restore, "CREATE INDEX", "public.t k", "CREATE INDEX k ON public.t (a);"));
	const struct restore_task *tasks = restore.tasks.list;
	assert_string_equal(restore_session_text(&restore.session, tasks[0].session),
		"SET default_tablespace = '';\nSELECT pg_catalog.set_config('search_path', '', false);\n");
	assert_string_equal(restore_session_text(&restore.session, tasks[1].session),
		"SET default_tablespace = fast;\nSELECT pg_catalog.set_config('search_path', '', false);\n");
	assert_int_equal(tasks[1].session, tasks[2].session);
	clear(&restore);
}

static void
rows_have_nobody_in_their_way(void **state)
{
	(void)state;
	struct restore restore = { .conninfo = NULL };
	restore_tasks_add_rows(&restore.tasks, (struct extent){ 0, 10 });
	restore_tasks_add_rows(&restore.tasks, (struct extent){ 10, 30 });
	restore_tasks_add_rows(&restore.tasks, (struct extent){ 40, 20 });
	assert_int_equal(next(&restore), 1);
	assert_int_equal(next(&restore), 2);
	assert_int_equal(next(&restore), 0);
	assert_int_equal(next(&restore), -1);
	clear(&restore);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(indexes_of_one_table_go_side_by_side_and_a_constraint_waits_for_them),
		cmocka_unit_test(a_foreign_key_has_both_families_for_itself),
		cmocka_unit_test(what_belongs_to_an_index_follows_it_and_anything_else_cannot_wait),
		cmocka_unit_test(each_statement_remembers_what_was_set_for_it),
		cmocka_unit_test(rows_have_nobody_in_their_way),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
