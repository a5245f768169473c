/* snapshot create, list, prune: the droplet's snapshots, what they cost, and what became of them. */
#include "config.h"

#include "incant/clock.h"
#include "incant/log.h"

#include "cmd_snapshot.h"
#include "command.h"
#include "output.h"
#include "output_json.h"

struct json *
cmd_snapshot_to_json(const struct op_snapshot *from)
{
	const struct cloud_snapshot *snapshot = &from->snapshot;
	struct json *json = json_new_object();

	json_put_text(json, "id", snapshot->id);
	json_put_text(json, "name", snapshot->name);
	json_put_u64(json, "droplet", snapshot->droplet);
	output_json_time(json, "created", snapshot->created);
	json_put_real(json, "gigabytes", snapshot->gigabytes);
	json_put_real(json, "monthly_usd", snapshot->gigabytes * CLOUD_GB_MONTH_USD);
	json_put_text(json, "regions", snapshot->regions);
	json_put_bool(json, "ours", from->ours);
	return json;
}

static void
put_droplet(const struct op_snapshot_report *report, struct json *to)
{
	struct json *droplet = NULL;

	if (report->droplet.id != 0) {
		droplet = json_new_object();
		json_put_u64(droplet, "id", report->droplet.id);
		json_put_text(droplet, "name", report->droplet.name);
		json_put_text(droplet, "region", report->droplet.region);
		json_put_u64(droplet, "volumes", report->droplet.volume_count);
	}
	json_put(to, "droplet", droplet);
}

static double
gigabytes_of(const struct op_snapshot_report *report)
{
	double gigabytes = 0;

	for (size_t i = 0; i < report->count; i++)
		gigabytes += report->snapshots[i].snapshot.gigabytes;
	return gigabytes;
}

static void
add_size(struct output_table *table, double gigabytes)
{
	struct buf cell = BUF_EMPTY;

	buf_append_format(&cell, "%.2f GB", gigabytes);
	output_table_add(table, buf_text(&cell));
	buf_reset(&cell);
	buf_append_format(&cell, "$%.2f", gigabytes * CLOUD_GB_MONTH_USD);
	output_table_add(table, buf_text(&cell));
	buf_clear(&cell);
}

static void
add_name_and_age(struct output_table *table, const struct cloud_snapshot *snapshot)
{
	char age[OUTPUT_AGE_SIZE];

	output_table_add(table, snapshot->id);
	output_table_add(table, snapshot->name);
	output_table_add(table, output_format_age(age, snapshot->created, clock_now()));
}

static void
snapshot_clear(struct report *report)
{
	op_snapshot_report_clear(&report->snapshot);
}

static int
create_run(const struct settings *settings, const struct words *words, struct report *report)
{
	const struct op_snapshot_request request = { .dry_run = false };

	(void)words;
	return op_snapshot_create(settings, &request, &report->snapshot);
}

static void
create_put_json(const struct words *words, const struct report *report, struct json *to)
{
	const struct op_snapshot_report *snapshot = &report->snapshot;

	(void)words;
	put_droplet(snapshot, to);
	json_put(to, "snapshot", snapshot->made ? cmd_snapshot_to_json(&snapshot->snapshots[0]) : NULL);
	output_json_seconds(to, "seconds", snapshot->total_ms);
}

static void
create_put_text(const struct words *words, const struct report *report, struct buf *text)
{
	const struct op_snapshot_report *snapshot = &report->snapshot;

	if (!snapshot->made || words->quiet)
		return;
	const struct cloud_snapshot *made = &snapshot->snapshots[0].snapshot;
	buf_append_text(text, "snapshot ");
	output_text(text, made->name);
	buf_append_format(text, " (%s): %.2f GB, $%.2f a month, made in ", made->id, made->gigabytes,
		made->gigabytes * CLOUD_GB_MONTH_USD);
	output_duration(text, snapshot->total_ms);
	buf_append_char(text, '\n');
}

static int
snapshot_list_run(const struct settings *settings, const struct words *words, struct report *report)
{
	const struct op_snapshot_request request = { .dry_run = false };

	(void)words;
	if (op_snapshot_list(settings, &request, &report->snapshot) != 0)
		return -1;
	if (report->snapshot.count == 0)
		log_info("the droplet has no snapshots yet");
	return 0;
}

static void
snapshot_list_put_json(const struct words *words, const struct report *report, struct json *to)
{
	struct json *snapshots = json_new_array();

	(void)words;
	put_droplet(&report->snapshot, to);
	for (size_t i = 0; i < report->snapshot.count; i++)
		json_put(snapshots, NULL, cmd_snapshot_to_json(&report->snapshot.snapshots[i]));
	json_put(to, "snapshots", snapshots);
	json_put_real(to, "monthly_usd", gigabytes_of(&report->snapshot) * CLOUD_GB_MONTH_USD);
}

static void
snapshot_list_put_text(const struct words *words, const struct report *report, struct buf *text)
{
	static const struct output_column columns[] = { { "ID", false }, { "NAME", false }, { "AGE", true },
		{ "SIZE", true }, { "A MONTH", true }, { "OURS", false } };
	const struct op_snapshot_report *list = &report->snapshot;
	struct output_table table;

	(void)words;
	if (list->count == 0)
		return;
	output_table_begin(&table, columns, sizeof(columns) / sizeof(columns[0]));
	for (size_t i = 0; i < list->count; i++) {
		add_name_and_age(&table, &list->snapshots[i].snapshot);
		add_size(&table, list->snapshots[i].snapshot.gigabytes);
		output_table_add(&table, list->snapshots[i].ours ? "yes" : "no");
	}
	output_table_write(&table, 0, text);
	buf_append_format(text, "together %.2f GB, $%.2f a month\n", gigabytes_of(list),
		gigabytes_of(list) * CLOUD_GB_MONTH_USD);
}

static int
snapshot_prune_run(const struct settings *settings, const struct words *words, struct report *report)
{
	const struct op_snapshot_request request = { .dry_run = words->dry_run };

	return op_snapshot_prune(settings, &request, &report->snapshot);
}

static void
snapshot_prune_put_json(const struct words *words, const struct report *report, struct json *to)
{
	struct json *verdicts = json_new_array();

	put_droplet(&report->snapshot, to);
	for (size_t i = 0; i < report->snapshot.count; i++) {
		const struct op_snapshot *from = &report->snapshot.snapshots[i];
		struct json *verdict = cmd_snapshot_to_json(from);
		json_put_bool(verdict, "keep", from->keep);
		json_put_text(verdict, "reason", from->reason);
		json_put_bool(verdict, "deleted", from->deleted);
		json_put(verdicts, NULL, verdict);
	}
	json_put(to, "verdicts", verdicts);
	json_put_bool(to, "dry_run", words->dry_run);
}

static void
snapshot_prune_put_text(const struct words *words, const struct report *report, struct buf *text)
{
	static const struct output_column columns[] = { { "ID", false }, { "NAME", false }, { "AGE", true },
		{ "VERDICT", false }, { "REASON", false } };
	const struct op_snapshot_report *prune = &report->snapshot;
	struct output_table table;

	if (prune->count == 0 || words->quiet)
		return;
	output_table_begin(&table, columns, sizeof(columns) / sizeof(columns[0]));
	for (size_t i = 0; i < prune->count; i++) {
		const struct op_snapshot *from = &prune->snapshots[i];
		add_name_and_age(&table, &from->snapshot);
		output_table_add(&table, from->deleted    ? "deleted"
					 : from->keep     ? "keep"
					 : words->dry_run ? "would be deleted"
							  : "not deleted");
		output_table_add(&table, from->reason);
	}
	output_table_write(&table, 0, text);
}

const struct command_ops cmd_snapshot_create_ops = {
	.run = create_run,
	.put_json = create_put_json,
	.put_text = create_put_text,
	.clear = snapshot_clear,
};

const struct command_ops cmd_snapshot_list_ops = {
	.run = snapshot_list_run,
	.put_json = snapshot_list_put_json,
	.put_text = snapshot_list_put_text,
	.clear = snapshot_clear,
};

const struct command_ops cmd_snapshot_prune_ops = {
	.run = snapshot_prune_run,
	.put_json = snapshot_prune_put_json,
	.put_text = snapshot_prune_put_text,
	.clear = snapshot_clear,
};
