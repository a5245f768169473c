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
		"  \"Wiki\"    \"Wiki\"       1     34    100 B  none\n"
		"  how long it would take is not known: no backup has been proven yet\n");
	cmd_restore_ops.clear(&report);
}

static void
a_dry_run_tells_what_it_would_take(void **state)
{
	const struct words words = { .dry_run = true };
	struct report report = { .done = true };
	struct op_restore_forecast *forecast = &report.restore.forecast;

	(void)state;
	fill_report(&report, NULL);
	*forecast = (struct op_restore_forecast){ .restore_ms = 90000,
		.proven = mem_text("20261121T030000Z"),
		.needed_bytes = 3 << 20,
		.free_bytes = UINT64_MAX };
	char *text = shown_text(&cmd_restore_ops, &words, &report);
	assert_non_null(strstr(text, "  would take about 1m 30s, by the proof of 20261121T030000Z\n"
				     "  would need about 3.0 MiB where the target keeps its data, whose free "
				     "space is not known here\n"));
	free(text);
	forecast->free_bytes = 5 << 20;
	forecast->folder = mem_text("/srv/db");
	text = shown_text(&cmd_restore_ops, &words, &report);
	assert_non_null(strstr(text, "  would need about 3.0 MiB; 5.0 MiB are free in '/srv/db'\n"));
	free(text);
	char *json = shown_json(&cmd_restore_ops, &words, &report);
	assert_non_null(
		strstr(json, "\"forecast\":{\"seconds\":90.0,\"by_proof_of\":\"20261121T030000Z\","
			     "\"needed_bytes\":3145728,\"free_bytes\":5242880,\"folder\":\"/srv/db\"}"));
	free(json);
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
		"\"dropped\":null,\"failures\":[],\"roles_created\":0,\"roles_left\":0,\"beside\":false,"
		"\"swapped\":false,"
		"\"safety_backup\":null,\"dry_run\":false}");
	fill_report(&report, "in the way");
	char *text = shown_json(&cmd_restore_ops, &words, &report);
	assert_non_null(strstr(text,
		"\"databases\":[{\"name\":\"app\",\"restored_as\":\"app\",\"kept_as\":null,\"rows\":1200,"
		"\"tables\":2,"
		"\"plain_bytes\":4096,\"obstacle\":\"in the "
		"way\"},{\"name\":\"Wiki\",\"restored_as\":\"Wiki\",\"kept_as\":null,"
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
		"  swap it in:  incant-backup restore 20261122T030000Z --swap --database 'app'\n"
		"  drop it:     psql 'host=/run dbname=postgres' -c 'DROP DATABASE \"it'\\''s\"'\n"
		"  look at it:  psql 'host=/run dbname=Wiki'\n"
		"  swap it in:  incant-backup restore 20261122T030000Z --swap --database 'Wiki'\n"
		"  drop it:     psql 'host=/run dbname=postgres' -c 'DROP DATABASE \"Wiki\"'\n");
	cmd_restore_ops.clear(&report);
}

static void
what_was_swapped_is_told_with_the_ways_back(void **state)
{
	struct report report = { .done = true };
	const struct words in_place = { .in_place = true }, undo = { .undo = true };
	const struct words dry = { .undo = true, .dry_run = true };

	(void)state;
	fill_report(&report, NULL);
	report.restore.swapped = true;
	report.restore.safety = mem_text("20261123T030000Z");
	report.restore.databases[0].kept_as = mem_text("app_before_20261122T030000Z");
	assert_shows_text(&cmd_restore_ops, &in_place, &report,
		"20261122T030000Z restored to server 15.18 at host=/run port=5433\n"
		"  DATABASE  AS      TABLES   ROWS     DUMP\n"
		"  app       app          2  1,200  4.0 KiB\n"
		"  \"Wiki\"    \"Wiki\"       1     34    100 B\n"
		"  roles: 1 created, 2 there already\n"
		"  1,234 rows in 12.3s, 34.0 MiB read from the store\n"
		"  app was live until now, and is kept as \"app_before_20261122T030000Z\"\n"
		"  \"Wiki\" was not there before\n"
		"  safety backup:      20261123T030000Z, pinned\n"
		"  take it back:       incant-backup restore --undo\n"
		"  drop what is kept:  incant-backup restore --finalize\n");
	assert_shows_text(&cmd_restore_ops, &undo, &report,
		"app put back; what was live until now is kept as \"app_before_20261122T030000Z\"\n"
		"\"Wiki\" put back\n"
		"safety backup: 20261123T030000Z, pinned\n");
	assert_shows_text(&cmd_restore_ops, &dry, &report,
		"app would be put back; what was live until now would be kept as "
		"\"app_before_20261122T030000Z\"\n"
		"\"Wiki\" would be put back\n"
		"safety backup: 20261123T030000Z, pinned\n");
	cmd_restore_ops.clear(&report);
}

static void
what_was_dropped_at_the_end_is_told(void **state)
{
	struct report report = { .done = true };
	const struct words words = { .finalize = true };

	(void)state;
	assert_shows_text(&cmd_restore_ops, &words, &report, "nothing was kept\n");
	report.restore.dropped = mem_text("a, b");
	assert_shows_text(&cmd_restore_ops, &words, &report, "dropped: a, b\n");
	cmd_restore_ops.clear(&report);
}

static void
ways_that_exclude_one_another_are_refused(void **state)
{
	struct words two = { .in_place = true, .undo = true };
	struct words undo = { .undo = true, .operand = "latest" };
	struct words swap = { .swap = true, .at = "yesterday" };

	(void)state;
	assert_int_equal(cmd_restore_ops.check(&two), -1);
	assert_int_equal(error_get()->class, ERR_USAGE);
	assert_int_equal(cmd_restore_ops.check(&undo), -1);
	assert_non_null(strstr(error_get()->message, "--undo restores no backup"));
	assert_int_equal(cmd_restore_ops.check(&swap), -1);
	assert_non_null(strstr(error_get()->message, "--swap"));
}

/* Standard input is no terminal here. */
static void
nothing_live_is_changed_without_the_sources_name(void **state)
{
	char name[] = "shop";
	const struct settings settings = { .source = { .name = name } };
	const struct words ways[] = { { .in_place = true }, { .undo = true }, { .swap = true },
		{ .finalize = true }, { .in_place = true, .yes_i_mean = "Shop" } };

	(void)state;
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		struct report report = { .done = false };
		assert_int_equal(cmd_restore_ops.run(&settings, &ways[i], &report), -1);
		assert_int_equal(error_get()->class, ERR_USAGE);
		assert_non_null(strstr(error_get()->message, "nothing was done"));
		cmd_restore_ops.clear(&report);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_restore_tells_what_came_back_as_what),
		cmocka_unit_test(a_dry_run_shows_the_plan_with_its_obstacles),
		cmocka_unit_test(a_dry_run_tells_what_it_would_take),
		cmocka_unit_test(a_failed_restore_tells_what_was_dropped_again),
		cmocka_unit_test(json_has_every_database_also_when_nothing_is_known),
		cmocka_unit_test(what_stands_beside_is_told_how_to_look_at_and_drop),
		cmocka_unit_test(what_was_swapped_is_told_with_the_ways_back),
		cmocka_unit_test(what_was_dropped_at_the_end_is_told),
		cmocka_unit_test(ways_that_exclude_one_another_are_refused),
		cmocka_unit_test(nothing_live_is_changed_without_the_sources_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
