#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "incant/clock.h"
#include "sample_backup.h"

static struct op_snapshot *
add_snapshot(struct op_snapshot_report *report, const char *id, const char *name, bool ours)
{
	MEM_GROW(report->snapshots, report->count, report->capacity);
	struct op_snapshot *added = &report->snapshots[report->count++];
	*added = (struct op_snapshot){ .ours = ours, .keep = true, .reason = "the newest" };
	added->snapshot = (struct cloud_snapshot){ .id = mem_text(id),
		.name = mem_text(name),
		.regions = mem_text("nyc3"),
		.droplet = 7,
		.created = 1795316400,
		.gigabytes = 2.5 };
	return added;
}

static void
set_droplet(struct op_snapshot_report *report)
{
	report->droplet = (struct cloud_droplet){
		.id = 7, .name = mem_text("web"), .region = mem_text("nyc3"), .volume_count = 1
	};
}

static void
a_made_snapshot_is_told_with_size_and_cost(void **state)
{
	const struct words words = { .json = false };
	struct report report = { .done = true };

	(void)state;
	assert_shows_text(&cmd_snapshot_create_ops, &words, &report, "");
	set_droplet(&report.snapshot);
	add_snapshot(&report.snapshot, "3", "incant-app-20261122T030000Z-3fa9", true);
	report.snapshot.made = true;
	report.snapshot.total_ms = 90000;
	assert_shows_text(&cmd_snapshot_create_ops, &words, &report,
		"snapshot incant-app-20261122T030000Z-3fa9 (3): 2.50 GB, $0.15 a month, made in 1m 30s\n");
	assert_shows_json(&cmd_snapshot_create_ops, &words, &report,
		"{\"droplet\":{\"id\":7,\"name\":\"web\",\"region\":\"nyc3\",\"volumes\":1},\"snapshot\":{"
		"\"id\":\"3\","
		"\"name\":\"incant-app-20261122T030000Z-3fa9\",\"droplet\":7,\"created\":\"2026-11-22T03:00:"
		"00Z\","
		"\"gigabytes\":2.5,\"monthly_usd\":0.15,\"regions\":\"nyc3\",\"ours\":true},\"seconds\":90."
		"0}");
	cmd_snapshot_create_ops.clear(&report);
}

static void
a_report_of_nothing_has_every_member(void **state)
{
	const struct words words = { .json = true };
	struct report report = { .done = false };

	(void)state;
	assert_shows_json(&cmd_snapshot_create_ops, &words, &report,
		"{\"droplet\":null,\"snapshot\":null,\"seconds\":0.0}");
	assert_shows_json(&cmd_snapshot_list_ops, &words, &report,
		"{\"droplet\":null,\"snapshots\":[],\"monthly_usd\":0.0}");
	assert_shows_json(&cmd_snapshot_prune_ops, &words, &report,
		"{\"droplet\":null,\"verdicts\":[],\"dry_run\":false}");
}

static void
the_list_ends_with_what_all_of_it_costs(void **state)
{
	const struct words words = { .json = false };
	struct report report = { .done = true };

	(void)state;
	add_snapshot(&report.snapshot, "3", "incant-app-20261122T030000Z-3fa9", true)->snapshot.created =
		clock_now() - 3 * 86400 - 100;
	add_snapshot(&report.snapshot, "12", "by hand", false)->snapshot.created =
		clock_now() - 12 * 86400 - 100;
	assert_shows_text(&cmd_snapshot_list_ops, &words, &report,
		"ID  NAME                              AGE     SIZE  A MONTH  OURS\n"
		"3   incant-app-20261122T030000Z-3fa9   3d  2.50 GB    $0.15  yes\n"
		"12  by hand                           12d  2.50 GB    $0.15  no\n"
		"together 5.00 GB, $0.30 a month\n");
	cmd_snapshot_list_ops.clear(&report);
}

static void
each_verdict_has_its_reason(void **state)
{
	const struct words words = { .json = false };
	const struct words dry = { .dry_run = true };
	struct report report = { .done = true };

	(void)state;
	add_snapshot(&report.snapshot, "3", "x", true)->snapshot.created = clock_now() - 3 * 86400 - 100;
	struct op_snapshot *old = add_snapshot(&report.snapshot, "2", "y", true);
	old->snapshot.created = clock_now() - 4 * 86400 - 100;
	old->keep = false;
	old->reason = "older than those to keep";
	assert_shows_text(&cmd_snapshot_prune_ops, &dry, &report,
		"ID  NAME  AGE  VERDICT           REASON\n"
		"3   x      3d  keep              the newest\n"
		"2   y      4d  would be deleted  older than those to keep\n");
	old->deleted = true;
	assert_shows_text(&cmd_snapshot_prune_ops, &words, &report,
		"ID  NAME  AGE  VERDICT  REASON\n"
		"3   x      3d  keep     the newest\n"
		"2   y      4d  deleted  older than those to keep\n");
	char *json = shown_json(&cmd_snapshot_prune_ops, &words, &report);
	assert_non_null(
		strstr(json, "\"keep\":false,\"reason\":\"older than those to keep\",\"deleted\":true}"));
	free(json);
	cmd_snapshot_prune_ops.clear(&report);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_made_snapshot_is_told_with_size_and_cost),
		cmocka_unit_test(a_report_of_nothing_has_every_member),
		cmocka_unit_test(the_list_ends_with_what_all_of_it_costs),
		cmocka_unit_test(each_verdict_has_its_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
