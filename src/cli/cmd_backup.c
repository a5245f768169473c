/* backup: what was made, or what would be. */
#include "config.h"

#include "incant/error.h"
#include "incant/interrupt.h"

#include "cmd_files.h"
#include "cmd_prove.h"
#include "command.h"
#include "output.h"
#include "output_json.h"

static int
backup_check(struct words *words)
{
	if (words_check_line("label", words->label) != 0 ||
		words_read_until("--pin", words->pin, &words->until_at) != 0)
		return -1;
	return words_read_wait(words);
}

/* The proof of what was just made. A failure of the backup's own is the one to tell of. */
static int
prove_made(const struct settings *settings, struct report *report, int rc)
{
	struct op_backup *backup = &report->backup.backup;
	const struct op_prove_request request = { .which = { .which = backup->manifest.id } };
	struct error first = { .class = ERR_NONE };

	if (rc != 0)
		error_take(&first);
	int proven = op_prove_run(settings, &request, &report->backup_proof);
	if (report->backup_proof.count > 0) {
		proof_free(backup->proof);
		backup->proof = proof_copy(report->backup_proof.backups[0].proof);
	}
	return rc != 0 ? error_put(&first) : proven;
}

/* A backup that looks like a loss stands, and whoever looks at exit codes hears of it. */
static int
refuse_suspect(const struct op_backup *backup)
{
	if (backup->suspect == NULL)
		return 0;
	error_set(ERR_CHECK, "backup %s stands, but is suspect: it holds less than %s", backup->manifest.id,
		backup->suspect->than != NULL ? backup->suspect->than : "the one before");
	return error_hint(
		"Rotation replaces no good backup by it. If all is well: incant-backup prune --accept %s",
		backup->manifest.id);
}

static int
backup_run(const struct settings *settings, const struct words *words, struct report *report)
{
	/* What it is for is said once. */
	const struct op_backup_request request = {
		.label = words->label,
		.dry_run = words->dry_run,
		.wait_ms = words->wait_ms,
		.pin = words->pin != NULL,
		.pin_until = words->until_at,
		.pin_reason = words->label,
		.no_push = words->no_push,
		.no_prune = words->no_prune,
	};

	int rc = op_backup_run(settings, &request, &report->backup);
	if (rc == 0)
		rc = refuse_suspect(&report->backup.backup);
	if (report->backup.made && (words->verify || settings->scratch.after_backup) &&
		interrupt_pending() == 0)
		rc = prove_made(settings, report, rc);
	return rc;
}

static void
put_outcomes(const struct op_backup_report *report, struct json *to)
{
	struct json *stores = json_new_array();

	for (size_t i = 0; i < report->outcome_count; i++) {
		const struct op_store_outcome *outcome = &report->outcomes[i];
		struct json *store = json_new_object();
		json_put_text(store, "name", outcome->name);
		json_put_bool(store, "ok", outcome->ok);
		json_put(store, "error", outcome->ok ? NULL : output_json_error(&outcome->error));
		json_put(stores, NULL, store);
	}
	json_put(to, "stores", stores);
}

static struct json *
plan_to_json(const struct op_backup_report *report)
{
	struct json *plan = json_new_object();

	json_put_text(plan, "source", report->source_description);
	json_put_text(plan, "server_version", report->server_version);
	json_put_text(plan, "dumper_version", report->dumper_version);
	json_put_u64(plan, "expected_bytes", report->expected_bytes);
	output_json_known_bytes(plan, "free_bytes", report->free_bytes);
	return plan;
}

static void
backup_put_json(const struct words *words, const struct report *report, struct json *to)
{
	const struct op_backup_report *backup = &report->backup;

	json_put(to, "backup", backup->made ? output_json_backup(&backup->backup) : NULL);
	output_json_seconds(to, "dump_seconds", backup->dump_ms);
	output_json_seconds(to, "total_seconds", backup->total_ms);
	put_outcomes(backup, to);
	struct json *pruned = json_new_array();
	for (size_t i = 0; i < backup->pruned_count; i++)
		json_put_text(pruned, NULL, backup->pruned[i]);
	json_put(to, "pruned", pruned);
	if (words->dry_run)
		json_put(to, "plan", plan_to_json(backup));
	if (report->backup_proof.count > 0)
		json_put(to, "proof", cmd_prove_to_json(report->backup_proof.backups[0].proof));
}

static void
put_plan(const struct op_backup_report *report, struct buf *text)
{
	buf_append_text(text, "would dump ");
	output_text(text, report->source_description);
	if (report->server_version != NULL && report->dumper_version != NULL) {
		buf_append_text(text, "\n  server ");
		output_text(text, report->server_version);
		buf_append_text(text, "\n  pg_dumpall ");
		output_text(text, report->dumper_version);
	}
	if (report->expected_bytes > 0) {
		buf_append_text(text, "\n  about ");
		output_bytes(text, report->expected_bytes);
		buf_append_text(text, ", as the backup before");
	}
	if (report->free_bytes != UINT64_MAX) {
		buf_append_text(text, "\n  ");
		output_bytes(text, report->free_bytes);
		buf_append_text(text, " are free in the first store");
	}
	buf_append_char(text, '\n');
}

static void
put_made(const struct op_backup_report *report, struct buf *text)
{
	const struct manifest *manifest = &report->backup.manifest;

	buf_append_format(text, "%s: ", manifest->id);
	output_bytes(text, manifest->plain_bytes);
	buf_append_text(text, " -> ");
	output_bytes(text, manifest_stored_bytes(manifest));
	buf_append_text(text, "\n  ");
	output_contents(text, manifest);
	buf_append_char(text, '\n');
	cmd_files_put_lines(manifest, 2, text);
	buf_append_text(text, "  dumped in ");
	output_duration(text, report->dump_ms);
	buf_append_text(text, ", done in ");
	output_duration(text, report->total_ms);
	buf_append_char(text, '\n');
	if (report->backup.pin != NULL) {
		buf_append_text(text, "  ");
		output_pin(text, report->backup.pin);
		buf_append_char(text, '\n');
	}
	for (size_t i = 0; i < report->outcome_count; i++) {
		const struct op_store_outcome *outcome = &report->outcomes[i];
		buf_append_format(text, "  %s store %s%s%s\n", outcome->ok ? "in" : "not in", outcome->name,
			outcome->ok ? "" : ": ", outcome->ok ? "" : outcome->error.message);
	}
}

static void
put_pruned(const struct op_backup_report *report, struct buf *text)
{
	if (report->pruned_count == 0)
		return;
	buf_append_text(text, "  rotation removed ");
	for (size_t i = 0; i < report->pruned_count; i++)
		buf_append_format(text, "%s%s", i > 0 ? ", " : "", report->pruned[i]);
	buf_append_char(text, '\n');
}

static void
backup_put_text(const struct words *words, const struct report *report, struct buf *text)
{
	const struct op_backup_report *backup = &report->backup;

	if (words->dry_run && backup->source_description != NULL)
		put_plan(backup, text);
	else if (backup->made && !words->quiet) {
		put_made(backup, text);
		put_pruned(backup, text);
	}
	if (report->backup_proof.count > 0 && report->backup_proof.backups[0].proof != NULL &&
		(!words->quiet || !report->backup_proof.backups[0].proof->ok)) {
		buf_append_text(text, "  ");
		cmd_prove_put_proof(report->backup_proof.backups[0].proof, text);
	}
}

static const struct op_backup *
backup_made(const struct report *report)
{
	return report->backup.made ? &report->backup.backup : NULL;
}

static void
backup_clear(struct report *report)
{
	op_backup_report_clear(&report->backup);
	op_prove_report_clear(&report->backup_proof);
}

const struct command_ops cmd_backup_ops = {
	.check = backup_check,
	.run = backup_run,
	.put_json = backup_put_json,
	.put_text = backup_put_text,
	.made = backup_made,
	.clear = backup_clear,
};
