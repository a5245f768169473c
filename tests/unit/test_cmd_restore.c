#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "incant/error.h"
#include "sample_backup.h"

static void
fill_report(struct report *report, const char *obstacle)
{
	struct op_restore_report *restore = &report->restore;

	sample_backup(&restore->backup, NULL);
	restore->target = mem_text("server 15.18 at host=/run port=5433");
	restore->total_ms = 12300;
	restore->read_bytes = 34 << 20;
	restore->roles_created = 1;
	restore->roles_left = 2;
	MEM_GROW(restore->databases, restore->count, restore->capacity);
	restore->databases[restore->count++] = (struct op_restored){ .name = mem_text("app"),
		.restored_as = mem_text("app"),
		.tables = 2,
		.rows = 1200,
		.plain_bytes = 4096,
		.obstacle = mem_text(obstacle) };
	MEM_GROW(restore->databases, restore->count, restore->capacity);
	restore->databases[restore->count++] = (struct op_restored){ .name = mem_text("Wiki"),
		.restored_as = mem_text("Wiki"),
		.tables = 1,
		.rows = 34,
		.plain_bytes = 100 };
}

static void
a_restore_tells_what_came_back_as_what(void **state)
{
	const struct words words = { .json = false };
	const struct words quiet = { .quiet = true };
	struct report report = { .done = true };

	(void)state;
	fill_report(&report, NULL);
	assert_shows_text(&cmd_restore_ops, &words, &report,
		"20261122T030000Z restored to server 15.18 at host=/run port=5433\n"
		"  DATABASE  AS      TABLES   ROWS     DUMP\n"
		"  app       app          2  1,200  4.0 KiB\n"
		"  \"Wiki\"    \"Wiki\"       1     34    100 B\n"
		"  roles: 1 created, 2 there already\n"
		"  1,234 rows in 12.3s, 34.0 MiB read from the store\n");
	assert_shows_text(&cmd_restore_ops, &quiet, &report, "");
	cmd_restore_ops.clear(&report);
}

static void
a_dry_run_shows_the_plan_with_its_obstacles(void **state)
{
	const struct words words = { .dry_run = true };
	struct report report = { .done = false };

	(void)state;
	fill_report(&report, "database app exists already");
	assert_shows_text(&cmd_restore_ops, &words, &report,
		"20261122T030000Z would be restored to server 15.18 at host=/run port=5433\n"
		"  DATABASE  AS      TABLES   ROWS     DUMP  OBSTACLE\n"
		"  app       app          2  1,200  4.0 KiB  database app exists already\n"
		"  \"Wiki\"    \"Wiki\"       1     34    100 B  none\n");
	cmd_restore_ops.clear(&report);
}

static void
a_failed_restore_tells_what_was_dropped_again(void **state)
{
	const struct words words = { .json = false };
	struct report report = { .done = false };

	(void)state;
	fill_report(&report, NULL);
	assert_shows_text(&cmd_restore_ops, &words, &report, "");
	report.restore.dropped = mem_text("app, Wiki");
	assert_shows_text(
		&cmd_restore_ops, &words, &report, "dropped again, because not restored whole: app, Wiki\n");
	cmd_restore_ops.clear(&report);
}

static void
json_has_every_database_also_when_nothing_is_known(void **state)
{
	const struct words words = { .json = true };
	struct report report = { .done = false };

	(void)state;
	assert_shows_json(&cmd_restore_ops, &words, &report,
		"{\"backup\":null,\"databases\":[],\"seconds\":0.0,\"read_bytes\":0,\"target\":null,"
		"\"dropped\":null,\"roles_created\":0,\"roles_left\":0,\"beside\":false,\"dry_run\":false}");
	fill_report(&report, "in the way");
	char *text = shown_json(&cmd_restore_ops, &words, &report);
	assert_non_null(strstr(text,
		"\"databases\":[{\"name\":\"app\",\"restored_as\":\"app\",\"rows\":1200,\"tables\":2,"
		"\"plain_bytes\":4096,\"obstacle\":\"in the "
		"way\"},{\"name\":\"Wiki\",\"restored_as\":\"Wiki\","
		"\"rows\":34,\"tables\":1,\"plain_bytes\":100,\"obstacle\":null}],\"seconds\":12.3,"
		"\"read_bytes\":35651584,"));
	free(text);
	cmd_restore_ops.clear(&report);
}

static void
what_stands_beside_is_told_how_to_look_at_and_drop(void **state)
{
	struct report report = { .done = true };
	const struct words words = { .config = NULL };

	(void)state;
	fill_report(&report, NULL);
	report.restore.beside = true;
	report.restore.conninfo = mem_text("host=/run");
	free(report.restore.databases[0].restored_as);
	report.restore.databases[0].restored_as = mem_text("it's");
	assert_shows_text(&cmd_restore_ops, &words, &report,
		"20261122T030000Z restored to server 15.18 at host=/run port=5433\n"
		"  DATABASE  AS      TABLES   ROWS     DUMP\n"
		"  app       \"it's\"       2  1,200  4.0 KiB\n"
		"  \"Wiki\"    \"Wiki\"       1     34    100 B\n"
		"  roles: 1 created, 2 there already\n"
		"  1,234 rows in 12.3s, 34.0 MiB read from the store\n"
		"  nothing live was changed\n"
		"  look at it:  psql 'host=/run dbname='\\''it\\'\\''s'\\'''\n"
		"  drop it:     psql 'host=/run dbname=postgres' -c 'DROP DATABASE \"it'\\''s\"'\n"
		"  look at it:  psql 'host=/run dbname=Wiki'\n"
		"  drop it:     psql 'host=/run dbname=postgres' -c 'DROP DATABASE \"Wiki\"'\n");
	cmd_restore_ops.clear(&report);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_restore_tells_what_came_back_as_what),
		cmocka_unit_test(a_dry_run_shows_the_plan_with_its_obstacles),
		cmocka_unit_test(a_failed_restore_tells_what_was_dropped_again),
		cmocka_unit_test(json_has_every_database_also_when_nothing_is_known),
		cmocka_unit_test(what_stands_beside_is_told_how_to_look_at_and_drop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
