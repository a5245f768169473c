/* verify --restore: the verdict on each backup, and every difference. */
#include "config.h"

#include "cmd_prove.h"

#include "incant/error.h"
#include "incant/text.h"

#include "output.h"
#include "output_json.h"

int
cmd_prove_read_kind(struct words *words)
{
	if (words->scratch == NULL)
		words->scratch_kind = SETTINGS_SCRATCH_DEFAULT;
	else if (text_equal(words->scratch, "docker"))
		words->scratch_kind = SETTINGS_SCRATCH_DOCKER;
	else if (text_equal(words->scratch, "cluster"))
		words->scratch_kind = SETTINGS_SCRATCH_CLUSTER;
	else
		return error_set(ERR_USAGE, "--scratch is docker or cluster, not '%s'", words->scratch);
	return 0;
}

int
cmd_prove_check(struct words *words)
{
	if (!words->restore && (words->keep || words->scratch != NULL))
		return error_set(ERR_USAGE, "--%s goes with --restore", words->keep ? "keep" : "scratch");
	if (words->keep && words->all)
		return error_set(ERR_USAGE, "--keep keeps one scratch server, and --all needs many");
	return cmd_prove_read_kind(words);
}

int
cmd_prove_run(const struct settings *settings, const struct words *words, struct report *report)
{
	const struct op_prove_request request = {
		.which = words->which,
		.all = words->all,
		.kind = words->scratch_kind,
		.keep = words->keep,
	};

	return op_prove_run(settings, &request, &report->prove);
}

static struct json *
differences_to_json(const struct proof *proof)
{
	struct json *list = json_new_array();

	for (size_t i = 0; i < proof->count; i++) {
		struct json *object = json_new_object();
		json_put_text(object, "where", proof->differences[i].where);
		json_put_text(object, "expected", proof->differences[i].expected);
		json_put_text(object, "found", proof->differences[i].found);
		json_put(list, NULL, object);
	}
	return list;
}

struct json *
cmd_prove_to_json(const struct proof *proof)
{
	if (proof == NULL)
		return NULL;
	struct json *object = json_new_object();
	json_put_bool(object, "ok", proof->ok);
	json_put_text(object, "scratch", proof->scratch);
	output_json_seconds(object, "seconds", proof->ms);
	json_put_u64(object, "databases", proof->databases);
	json_put_u64(object, "tables", proof->tables);
	json_put_u64(object, "rows", proof->rows);
	json_put_text(object, "reason", proof->reason);
	json_put_text(object, "server_version", proof->server_version);
	json_put_text(object, "image", proof->image);
	json_put(object, "differences", differences_to_json(proof));
	return object;
}

static struct json *
findings_to_json(const struct op_proven *proven)
{
	struct json *findings = json_new_array();

	if (proven->damage != NULL) {
		struct json *finding = json_new_object();
		json_put_text(finding, "object", MANIFEST_CLUSTER_STEM);
		json_put_u64(finding, "offset", 0);
		json_put_text(finding, "problem", proven->damage);
		json_put(findings, NULL, finding);
	}
	return findings;
}

/* The proof that speaks for all: the first that failed, or the first. */
static const struct proof *
first_proof(const struct op_prove_report *prove)
{
	for (size_t i = 0; i < prove->count; i++)
		if (prove->backups[i].proof != NULL && !prove->backups[i].proof->ok)
			return prove->backups[i].proof;
	return prove->count > 0 ? prove->backups[0].proof : NULL;
}

void
cmd_prove_put_json(const struct report *report, struct json *to)
{
	const struct op_prove_report *prove = &report->prove;
	struct json *backups = json_new_array();

	for (size_t i = 0; i < prove->count; i++) {
		const struct op_proven *proven = &prove->backups[i];
		struct json *backup = json_new_object();
		json_put_text(backup, "id", proven->id);
		json_put_text(backup, "store", proven->store);
		json_put_bool(backup, "ok", proven->proof != NULL && proven->proof->ok);
		json_put(backup, "findings", findings_to_json(proven));
		json_put_u64(backup, "read_bytes", proven->read_bytes);
		json_put(backup, "proof", cmd_prove_to_json(proven->proof));
		json_put(backups, NULL, backup);
	}
	json_put(to, "backups", backups);
	json_put(to, "proof", cmd_prove_to_json(first_proof(prove)));
	json_put_text(to, "server", prove->server);
	json_put_text(to, "conninfo", prove->conninfo);
}

static void
put_differences(const struct proof *proof, struct buf *text)
{
	for (size_t i = 0; i < proof->count; i++) {
		const struct proof_difference *difference = &proof->differences[i];
		buf_append_text(text, "  ");
		output_text(text, difference->where);
		buf_append_text(text, "\n    expected: ");
		output_text(text, difference->expected);
		buf_append_text(text, "\n    found:    ");
		output_text(text, difference->found);
		buf_append_char(text, '\n');
	}
}

void
cmd_prove_put_proof(const struct proof *proof, struct buf *text)
{
	if (proof->reason != NULL) {
		buf_append_text(text, "will not restore because ");
		output_text(text, proof->reason);
	} else if (!proof->ok) {
		output_count(text, proof->difference_count, "difference", "differences");
		buf_append_text(text, " between what was backed up and what was restored");
	} else {
		buf_append_text(text, "proven: ");
		output_count(text, proof->databases, "database", "databases");
		buf_append_text(text, ", ");
		output_count(text, proof->tables, "table", "tables");
		buf_append_text(text, ", ");
		output_count(text, proof->rows, "row", "rows");
		buf_append_format(text, " restored (%s), dumped again and found equal in ", proof->scratch);
		output_duration(text, proof->ms);
	}
	buf_append_char(text, '\n');
	put_differences(proof, text);
}

void
cmd_prove_put_server(const char *server, const char *conninfo, struct buf *text)
{
	buf_append_text(text, "the scratch server stays up: ");
	output_text(text, server);
	buf_append_text(text, "\n  connect:  psql \"");
	output_text(text, conninfo);
	buf_append_text(text, "\"\n  end it:   incant-backup scratch end\n");
}

void
cmd_prove_put_text(const struct words *words, const struct report *report, struct buf *text)
{
	const struct op_prove_report *prove = &report->prove;

	for (size_t i = 0; i < prove->count; i++) {
		const struct op_proven *proven = &prove->backups[i];
		if (proven->proof == NULL || (proven->proof->ok && words->quiet))
			continue;
		buf_append_format(text, "%s %s: ", proven->id, proven->store);
		cmd_prove_put_proof(proven->proof, text);
	}
	if (prove->conninfo != NULL)
		cmd_prove_put_server(prove->server, prove->conninfo, text);
}
