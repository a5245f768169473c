/* prune: a verdict on each backup, with its reason, and what comes of it for the stores. */
#include "config.h"

#include "incant/error.h"

#include "command.h"
#include "output.h"
#include "output_json.h"

static int
prune_check(struct words *words)
{
	if (words->dry_run && words->accept != NULL)
		return error_set(ERR_USAGE, "--dry-run and --accept exclude each other");
	return words_read_wait(words);
}

static int
prune_run(const struct settings *settings, const struct words *words, struct report *report)
{
	const struct op_prune_request request = {
		.store = words->store,
		.dry_run = words->dry_run,
		.accept = words->accept,
		.wait_ms = words->wait_ms,
	};

	return op_prune_run(settings, &request, &report->prune);
}

static struct json *
verdicts_to_json(const struct op_prune_report *report)
{
	struct json *verdicts = json_new_array();

	for (size_t i = 0; i < report->count; i++) {
		const struct op_verdict *verdict = &report->verdicts[i];
		struct json *object = json_new_object();
		json_put_text(object, "id", verdict->id);
		json_put_text(object, "store", verdict->store);
		json_put_bool(object, "keep", verdict->keep);
		json_put_text(object, "reason", verdict->reason);
		json_put_bool(object, "removed", verdict->removed);
		json_put_u64(object, "stored_bytes", verdict->stored_bytes);
		json_put(verdicts, NULL, object);
	}
	return verdicts;
}

static struct json *
stores_to_json(const struct op_prune_report *report)
{
	struct json *stores = json_new_array();

	for (size_t i = 0; i < report->store_count; i++) {
		const struct op_prune_store *store = &report->stores[i];
		struct json *object = json_new_object();
		json_put_text(object, "name", store->name);
		json_put_bool(object, "ok", store->ok);
		json_put(object, "error", store->ok ? NULL : output_json_error(&store->error));
		json_put_u64(object, "kept", store->kept);
		json_put_u64(object, "kept_bytes", store->kept_bytes);
		json_put_u64(object, "dropped", store->dropped);
		json_put_u64(object, "dropped_bytes", store->dropped_bytes);
		output_json_known_bytes(object, "free_bytes", store->free_bytes);
		if (store->full_in_days >= 0)
			json_put_int(object, "full_in_days", store->full_in_days);
		else
			json_put(object, "full_in_days", NULL);
		json_put(stores, NULL, object);
	}
	return stores;
}

static void
prune_put_json(const struct words *words, const struct report *report, struct json *to)
{
	json_put(to, "verdicts", verdicts_to_json(&report->prune));
	json_put(to, "stores", stores_to_json(&report->prune));
	json_put_text(to, "accepted", report->prune.accepted);
	json_put_bool(to, "dry_run", words->dry_run);
}

static void
put_verdicts(const struct words *words, const struct op_prune_report *report, struct buf *text)
{
	static const struct output_column columns[] = { { "ID", false }, { "STORE", false },
		{ "VERDICT", false }, { "SIZE", true }, { "REASON", false } };
	struct output_table table;

	output_table_begin(&table, columns, sizeof(columns) / sizeof(columns[0]));
	for (size_t i = 0; i < report->count; i++) {
		const struct op_verdict *verdict = &report->verdicts[i];
		/* A verdict that could not be carried out is told by the error. */
		const char *word = verdict->keep ? "keep" : verdict->removed ? "removed" : "drop";
		if (words->quiet && verdict->keep)
			continue;
		output_table_add(&table, verdict->id);
		output_table_add(&table, verdict->store);
		output_table_add(&table, word);
		output_table_add_bytes(&table, verdict->stored_bytes);
		output_table_add(&table, verdict->reason);
	}
	if (table.count > 0)
		output_table_write(&table, 0, text);
}

static void
put_store(const struct words *words, const struct op_prune_store *store, struct buf *text)
{
	buf_append_text(text, "store ");
	output_text(text, store->name);
	buf_append_text(text, ": ");
	output_count(text, store->kept, "backup stays", "backups stay");
	buf_append_text(text, " (");
	output_bytes(text, store->kept_bytes);
	buf_append_text(text, words->dry_run ? "), would drop " : "), dropped ");
	output_count(text, store->dropped, "backup", "backups");
	buf_append_text(text, " (");
	output_bytes(text, store->dropped_bytes);
	buf_append_char(text, ')');
	if (store->free_bytes != UINT64_MAX) {
		buf_append_text(text, "; ");
		output_bytes(text, store->free_bytes);
		buf_append_text(text, " free");
	}
	if (store->full_in_days >= 0)
		buf_append_format(text, ", full in about %d days", store->full_in_days);
	buf_append_char(text, '\n');
}

static void
prune_put_text(const struct words *words, const struct report *report, struct buf *text)
{
	const struct op_prune_report *prune = &report->prune;

	if (words->quiet && !words->dry_run)
		return;
	put_verdicts(words, prune, text);
	for (size_t i = 0; i < prune->store_count; i++)
		if (prune->stores[i].kept + prune->stores[i].dropped > 0)
			put_store(words, &prune->stores[i], text);
}

static void
prune_clear(struct report *report)
{
	op_prune_report_clear(&report->prune);
}

const struct command_ops cmd_prune_ops = {
	.check = prune_check,
	.run = prune_run,
	.put_json = prune_put_json,
	.put_text = prune_put_text,
	.clear = prune_clear,
};
