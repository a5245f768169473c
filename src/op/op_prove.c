/*
 * The proof, a backup at a time: start a scratch server, restore, dump again through the scanner, compare,
 * record the verdict. What fails for the machine's sake (space, memory, the engine) is an error without a
 * verdict; what fails for the backup's sake is recorded as a failed proof.
 */
#include "config.h"

#include "incant/op_prove.h"

#include <stdlib.h>
#include <string.h>

#include "incant/clock.h"
#include "incant/error.h"
#include "incant/log.h"
#include "incant/mem.h"
#include "incant/op_restore.h"
#include "incant/progress.h"
#include "incant/scan.h"
#include "incant/scan_proof.h"
#include "incant/source.h"
#include "incant/stage.h"
#include "incant/text.h"

#include "op_opened.h"
#include "op_prove_words.h"
#include "op_scratch_inside.h"

/* One backup on its way. */
struct prove_run {
	const struct settings *settings;
	const struct op_prove_request *request;
	struct op_opened opened;
	struct op_scratch scratch;
	struct proof *proof;
	uint64_t began_ms;
};

/* The current error becomes the proof's reason, where it is about the backup. -1. */
static int
fail_restore(struct prove_run *run)
{
	char *cause = NULL;
	struct error error;

	if (error_get()->class != ERR_RESTORE && error_get()->class != ERR_NOT_FOUND)
		return -1;
	error_take(&error);
	cause = scratch_end_cause(run->scratch.scratch);
	if (cause != NULL || op_prove_is_about_machine(error.message)) {
		error_set(ERR_PROOF, "the test restore came to no end: %s", error.message);
		if (cause != NULL)
			error_set(ERR_PROOF, "the scratch server did not last: %s", cause);
		free(cause);
		return -1;
	}
	run->proof->reason = mem_text(error.message);
	error_set(ERR_PROOF, "this backup will not restore because %s", error.message);
	const char *lesson = op_prove_lesson(error.message);
	if (lesson != NULL || error.hint[0] != '\0')
		error_hint("%s", lesson != NULL ? lesson : error.hint);
	return -1;
}

static int
restore(struct prove_run *run)
{
	const struct op_restore_request request = { .conninfo = run->scratch.conninfo, .scratch = true };
	struct op_restore_report report;
	uint64_t began_ms = clock_monotonic_ms();
	int rc;

	memset(&report, 0, sizeof(report));
	manifest_init(&report.backup.manifest);
	rc = op_restore_opened(&run->opened, &request, &report);
	op_restore_report_clear(&report);
	run->proof->restore_ms = clock_monotonic_ms() - began_ms;
	return rc == 0 ? 0 : fail_restore(run);
}

/* A dump by another major version has other words for the same things. */
static int
check_major(const struct prove_run *run, const struct source_facts *facts)
{
	const char *recorded = run->opened.entry->manifest.server_version;
	long was = strtol(recorded, NULL, 10), is = strtol(facts->server_version, NULL, 10);

	if (was == is)
		return 0;
	error_set(ERR_PROOF, "the backup comes from PostgreSQL %s, and the scratch server is %s", recorded,
		facts->server_version);
	return error_hint("A proof needs the same major version: image or pg-bindir in [scratch] names it.");
}

/* Looks at the scratch server through the same eyes as at a source. No connection is left open: a restore may
 * want a database for itself alone. */
static int
look(struct prove_run *run, const struct settings *settings)
{
	struct source_facts facts;
	struct source *source = source_open(settings, run->opened.entry->id);
	int rc = source != NULL ? source_inspect(source, &facts) : -1;

	if (rc == 0)
		rc = check_major(run, &facts);
	if (rc == 0)
		run->proof->server_version = mem_text(facts.server_version);
	source_free(source);
	return rc;
}

/* Dumps the scratch server into the scanner, while the proof looks on. */
static int
dump_again(const struct settings *settings, struct contents *found, struct scan_proof *proof,
	uint64_t expected_bytes)
{
	const struct scan_options scan = {
		.contents = found,
		.sink = scan_proof_sink(proof),
		.keep_bytes = SCAN_PROOF_KEEP,
		.error_class = ERR_PROOF,
	};
	/* It begins with a digit, as a dump's name must. */
	struct source *source = source_open(settings, "0 proof");
	struct stage *head = stage_progress_new(scan_new(stage_null_new(), &scan));
	int rc = -1;

	progress_begin("dump again", expected_bytes);
	if (source != NULL && head != NULL && source_dump(source, head) == 0 && stage_finish(head) == 0)
		rc = 0;
	progress_end();
	stage_free(head);
	source_free(source);
	return rc;
}

/* Hands the findings over to the proof. */
static void
take_findings(struct proof *proof, struct scan_findings *findings)
{
	for (size_t i = 0; i < findings->count; i++)
		proof_add(proof, (struct proof_difference){ findings->list[i].where,
					 findings->list[i].expected, findings->list[i].found });
	findings->count = 0;
}

static int
dump_and_compare(struct prove_run *run, const struct settings *settings)
{
	struct contents found;
	struct scan_findings findings = { NULL, 0, 0 };
	const struct scan_proof_options options = {
		.recorded = &run->opened.contents,
		.found = &found,
		.superuser = run->scratch.superuser,
		.read = op_scratch_read_text,
		.context = &run->opened,
	};
	struct scan_proof *proof = scan_proof_new(&options);
	int rc;

	contents_init(&found);
	rc = dump_again(settings, &found, proof, run->opened.contents.plain_bytes);
	if (rc == 0)
		rc = scan_proof_compare(proof, &findings);
	if (rc == 0) {
		struct contents_totals totals = contents_totals(&found);

		take_findings(run->proof, &findings);
		run->proof->databases = totals.databases;
		run->proof->tables = totals.tables;
		run->proof->rows = totals.rows;
	}
	scan_findings_clear(&findings);
	scan_proof_free(proof);
	contents_clear(&found);
	return rc;
}

/* 0 when all came back, -1 with ERR_PROOF when not. */
static int
judge(struct prove_run *run)
{
	const struct proof *proof = run->proof;

	if (proof->count == 0)
		return 0;
	return error_set(ERR_PROOF,
		"what was restored is not what was backed up: %llu difference%s, the first: %s: expected %s, "
		"found %s",
		(unsigned long long)proof->difference_count, proof->difference_count == 1 ? "" : "s",
		proof->differences[0].where, proof->differences[0].expected, proof->differences[0].found);
}

/* The whole test, with a server that runs. A verdict is reached when it returns 0, or proof has a reason or
 * differences. */
static int
test(struct prove_run *run)
{
	struct settings again;
	int rc;

	op_scratch_source(&run->scratch, run->settings, &again);
	rc = look(run, &again);
	if (rc == 0)
		rc = restore(run);
	if (rc == 0)
		rc = dump_and_compare(run, &again);
	if (rc != 0)
		return error_get()->class == ERR_SOURCE ? error_reclass(ERR_PROOF) : -1;
	return judge(run);
}

/* Writes the verdict beside the backup. Beside a sealed one it says what was found, and not where: neither
 * tables nor rows stand there in the open. */
static int
save(const struct prove_run *run, struct store *store, const struct catalog_entry *there)
{
	struct proof *proof = proof_copy(run->proof);
	int rc;

	if (op_seal_manifest(&there->manifest)) {
		proof_free(proof);
		proof = proof_new();
		proof->at = run->proof->at;
		proof->ok = run->proof->ok;
		proof->ms = run->proof->ms;
		proof->restore_ms = run->proof->restore_ms;
		proof->scratch = mem_text(run->proof->scratch);
		proof->store = mem_text(run->proof->store);
		proof->difference_count = run->proof->difference_count;
		if (run->proof->reason != NULL)
			proof->reason = mem_text("it would not restore");
	}
	rc = proof_save(store, there->source, there->id, proof);
	proof_free(proof);
	return rc;
}

/* Writes the verdict into every store that has the backup, also where only one was looked in; the current
 * error stays. */
static void
record(struct prove_run *run)
{
	const struct catalog_entry *entry = run->opened.entry;
	struct op_shelf shelf;
	struct error kept;

	error_take(&kept);
	if (op_shelf_open(run->settings, NULL, entry->source, &shelf) != 0)
		log_warning("the proof could not be recorded: %s", error_get()->message);
	for (size_t i = 0; i < shelf.count; i++) {
		const struct op_place *place = &shelf.places[i];
		const struct catalog_entry *there = op_place_find(place, entry->source, entry->id);
		if (there == NULL)
			continue;
		const struct settings_store *to = settings_find_store(run->settings, place->store_name);
		struct store *store = to != NULL ? op_store_open(to, STORE_WRITE) : NULL;
		if (store == NULL || save(run, store, there) != 0)
			log_warning("the proof could not be recorded in store %s: %s", place->store_name,
				error_get()->message);
		store_close(store);
	}
	op_shelf_clear(&shelf);
	error_clear();
	if (kept.class != ERR_NONE)
		error_put(&kept);
}

/* Tells where a server that stays can be found. */
static void
report_kept(const struct prove_run *run, struct op_prove_report *report)
{
	if (!run->request->keep || run->scratch.scratch == NULL)
		return;
	free(report->conninfo);
	free(report->server);
	report->conninfo = mem_text(scratch_conninfo(run->scratch.scratch));
	report->server = mem_text(scratch_describe(run->scratch.scratch));
}

/* From the opened backup to the verdict. */
static int
prove_opened(struct prove_run *run, struct op_prove_report *report)
{
	struct proof *proof = run->proof;
	int rc = op_opened_read_record(&run->opened);

	if (rc == 0)
		rc = op_scratch_start(
			&run->scratch, run->settings, &run->opened, run->request->kind, run->request->keep);
	proof->scratch = mem_text(op_scratch_word(&run->scratch));
	proof->image = mem_text(run->scratch.image);
	proof->store = mem_text(run->opened.place->store_name);
	if (rc == 0)
		rc = test(run);
	proof->ok = rc == 0;
	proof->at = clock_now();
	proof->ms = clock_monotonic_ms() - run->began_ms;
	if (rc == 0 || proof->reason != NULL || proof->difference_count > 0)
		record(run);
	report_kept(run, report);
	return rc;
}

/* One backup. Its outcome is the report's last entry. */
static int
prove_one(const struct settings *settings, const struct op_prove_request *request,
	const struct op_which *which, struct op_prove_report *report)
{
	struct prove_run run = { .settings = settings, .request = request };
	struct op_proven proven = { .id = NULL };
	int rc;

	run.began_ms = clock_monotonic_ms();
	run.proof = proof_new();
	rc = op_opened_open(&run.opened, settings, which);
	if (rc == 0) {
		proven.id = mem_text(run.opened.entry->id);
		proven.store = mem_text(run.opened.place->store_name);
		rc = prove_opened(&run, report);
	}
	if (rc != 0 && error_get()->class == ERR_DAMAGED)
		proven.damage = mem_text(error_get()->message);
	if (rc == 0 || run.proof->reason != NULL || run.proof->difference_count > 0) {
		proven.proof = run.proof;
		run.proof = NULL;
	}
	proven.read_bytes = op_opened_read_bytes(&run.opened);
	if (proven.id != NULL) {
		MEM_GROW(report->backups, report->count, report->capacity);
		report->backups[report->count++] = proven;
	}
	proof_free(run.proof);
	op_scratch_clear(&run.scratch);
	op_opened_clear(&run.opened);
	return rc;
}

/* The ids of all sound backups, each once. */
static int
list_all(const struct settings *settings, const char *store, struct catalog *list)
{
	struct op_shelf shelf;
	int rc = op_shelf_open(settings, store, settings->source.name, &shelf);

	for (size_t i = 0; rc == 0 && i < shelf.count; i++)
		for (size_t k = 0; k < shelf.places[i].catalog.count; k++) {
			const struct catalog_entry *entry = &shelf.places[i].catalog.entries[k];
			bool seen = false;

			for (size_t before = 0; before < i && !seen; before++)
				seen = op_place_has(&shelf.places[before], entry->source, entry->id);
			if (seen)
				continue;
			MEM_GROW(list->entries, list->count, list->capacity);
			list->entries[list->count] = (struct catalog_entry){ .id = mem_text(entry->id) };
			manifest_init(&list->entries[list->count++].manifest);
		}
	op_shelf_clear(&shelf);
	return rc;
}

/* Every backup; a failure of one does not keep the others from being proven. */
static int
prove_all(const struct settings *settings, const struct op_prove_request *request,
	struct op_prove_report *report)
{
	struct error first = { .class = ERR_NONE };
	struct catalog list;
	size_t failed = 0;

	catalog_init(&list);
	int rc = list_all(settings, request->which.store, &list);
	for (size_t i = 0; rc == 0 && i < list.count; i++) {
		const struct op_which which = { .which = list.entries[i].id, .store = request->which.store };

		if (prove_one(settings, request, &which, report) == 0)
			continue;
		failed++;
		if (error_get()->class == ERR_INTERRUPTED)
			rc = -1;
		else if (first.class == ERR_NONE)
			error_take(&first);
	}
	if (rc == 0 && failed > 0) {
		error_put(&first);
		rc = failed == 1 ? -1 : error_add("%zu of %zu backups are not proven", failed, list.count);
	}
	catalog_clear(&list);
	return rc;
}

int
op_prove_run(const struct settings *settings, const struct op_prove_request *request,
	struct op_prove_report *report)
{
	*report = (struct op_prove_report){ .backups = NULL };
	return request->all ? prove_all(settings, request, report)
			    : prove_one(settings, request, &request->which, report);
}

void
op_prove_report_clear(struct op_prove_report *report)
{
	for (size_t i = 0; i < report->count; i++) {
		free(report->backups[i].id);
		free(report->backups[i].store);
		free(report->backups[i].damage);
		proof_free(report->backups[i].proof);
	}
	free(report->backups);
	free(report->conninfo);
	free(report->server);
	*report = (struct op_prove_report){ .backups = NULL };
}
