/* verify: a line for each sound backup, and one for each finding in the others. */
#include "config.h"

#include "incant/error.h"

#include "cmd_prove.h"
#include "command.h"
#include "output.h"

static int
verify_check(struct words *words)
{
	if (words->all && (words->operand != NULL || words->at != NULL))
		return error_set(ERR_USAGE, "--all verifies every backup, and '%s' names one",
			words->operand != NULL ? words->operand : words->at);
	if (cmd_prove_check(words) != 0)
		return -1;
	return words_read_which(words);
}

static int
verify_run(const struct settings *settings, const struct words *words, struct report *report)
{
	const struct op_verify_request request = { .which = words->which, .all = words->all };

	if (words->restore)
		return cmd_prove_run(settings, words, report);
	return op_verify_run(settings, &request, &report->verify);
}

static struct json *
findings_to_json(const struct op_verified *verified)
{
	struct json *findings = json_new_array();

	for (size_t i = 0; i < verified->finding_count; i++) {
		struct json *finding = json_new_object();
		json_put_text(finding, "object", verified->findings[i].object);
		json_put_u64(finding, "offset", verified->findings[i].offset);
		json_put_text(finding, "problem", verified->findings[i].problem);
		json_put(findings, NULL, finding);
	}
	return findings;
}

static void
verify_put_json(const struct words *words, const struct report *report, struct json *to)
{
	if (words->restore) {
		cmd_prove_put_json(report, to);
		return;
	}
	struct json *backups = json_new_array();
	for (size_t i = 0; i < report->verify.count; i++) {
		const struct op_verified *verified = &report->verify.backups[i];
		struct json *backup = json_new_object();
		json_put_text(backup, "id", verified->id);
		json_put_text(backup, "store", verified->store);
		json_put_bool(backup, "ok", verified->finding_count == 0);
		json_put(backup, "findings", findings_to_json(verified));
		json_put_bool(backup, "closed", verified->closed);
		json_put_u64(backup, "read_bytes", verified->read_bytes);
		json_put(backups, NULL, backup);
	}
	json_put(to, "backups", backups);
}

static void
put_findings(const struct op_verified *verified, struct buf *text)
{
	for (size_t i = 0; i < verified->finding_count; i++) {
		const struct op_finding *finding = &verified->findings[i];
		buf_append_format(text, "%s %s: ", verified->id, verified->store);
		output_text(text, finding->object);
		buf_append_format(text, " at byte %llu: ", (unsigned long long)finding->offset);
		output_text(text, finding->problem);
		buf_append_char(text, '\n');
	}
}

static void
verify_put_text(const struct words *words, const struct report *report, struct buf *text)
{
	if (words->restore) {
		cmd_prove_put_text(words, report, text);
		return;
	}
	for (size_t i = 0; i < report->verify.count; i++) {
		const struct op_verified *verified = &report->verify.backups[i];
		put_findings(verified, text);
		if (verified->finding_count > 0 || words->quiet)
			continue;
		buf_append_format(text, "%s %s: %s, ", verified->id, verified->store,
			verified->closed ? "encrypted, sound as it is stored" : "sound");
		output_bytes(text, verified->read_bytes);
		buf_append_text(text, " read\n");
	}
}

static void
verify_clear(struct report *report)
{
	op_verify_report_clear(&report->verify);
	op_prove_report_clear(&report->prove);
}

const struct command_ops cmd_verify_ops = {
	.check = verify_check,
	.run = verify_run,
	.put_json = verify_put_json,
	.put_text = verify_put_text,
	.clear = verify_clear,
};
