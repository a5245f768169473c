/*
 * backup: one dump into the first store, committed by its manifest; copies into the other stores follow it.
 *
 * Nothing is visible before it is whole: the dump's object commits when the source has succeeded and the
 * scanner has seen the trailer; the backup exists when its manifest does. What a run that died has left is
 * removed by the next one, which holds the same lock.
 */
#include "config.h"

#include "incant/op_backup.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "incant/buf.h"
#include "incant/catalog.h"
#include "incant/clock.h"
#include "incant/frame.h"
#include "incant/log.h"
#include "incant/mem.h"
#include "incant/progress.h"
#include "incant/scan.h"
#include "incant/source.h"
#include "incant/stage.h"
#include "incant/text.h"

#include "op_backup_end.h"
#include "op_files.h"
#include "op_follow.h"
#include "op_object.h"
#include "op_record.h"
#include "op_seal.h"
#include "op_shelf.h"

/* One run. What it makes goes into the report's manifest as it becomes known. */
struct backup_run {
	const struct settings *settings;
	const struct settings_store *place; /* the first store */
	struct store *store;
	struct op_lock *lock; /* its own; NULL when the caller holds it */
	struct source *source;
	struct source_facts facts;
	struct manifest *manifest;
	struct contents contents;
	struct frame_index index;
	struct op_files *files;
	uint64_t began_ms;
	uint64_t last_plain_bytes, last_stored_bytes; /* of the newest backup; 0 = there is none */
	struct op_follow *follow; /* the copies into the other stores; NULL = none are wanted */
};

/*
 * Removes what runs that did not finish have left: objects that no manifest names, then hidden files and
 * empty directories. It has its own handle on the store: only this step may delete.
 */
static int
backup_sweep(const struct backup_run *run)
{
	const char *source = run->settings->source.name;
	char *prefix = mem_format("%s/", source);
	struct store *store = op_store_open(run->place, STORE_DELETE);
	size_t removed = 0;
	int rc = -1;

	if (store != NULL && catalog_sweep(store, source, NULL, &removed) == 0)
		rc = store_sweep(store, prefix, NULL, &removed);
	if (removed > 0)
		log_info("removed %zu leftovers of a run that did not finish", removed);
	store_close(store);
	free(prefix);
	return rc;
}

/* Takes the source's lock, unless the caller has it, and opens the first store. */
static int
backup_lock(struct backup_run *run, const struct op_backup_request *request)
{
	if (request->lock == NULL && op_lock_take(run->settings, "backup", request->wait_ms, &run->lock) != 0)
		return -1;
	run->store = op_store_open(run->place, STORE_WRITE);
	return run->store != NULL ? 0 : -1;
}

/* Sizes of the newest backup: what to expect, for progress and for space. */
static int
backup_look_back(struct backup_run *run)
{
	struct catalog catalog;
	int rc;

	catalog_init(&catalog);
	rc = catalog_load(run->store, run->settings->source.name, &catalog);
	for (size_t i = 0; rc == 0 && i < catalog.count; i++) {
		if (catalog.entries[i].damaged)
			continue;
		run->last_plain_bytes = catalog.entries[i].manifest.plain_bytes;
		run->last_stored_bytes = manifest_stored_bytes(&catalog.entries[i].manifest);
		break;
	}
	catalog_clear(&catalog);
	return rc;
}

/* Refuses to begin what cannot end: less space than the last backup took. */
static int
backup_check_space(const struct backup_run *run, uint64_t free_bytes)
{
	char needed[16], there[16];

	if (free_bytes >= run->last_stored_bytes)
		return 0;
	error_set(ERR_STORE, "store %s has %s free, the last backup took %s", run->place->name,
		text_format_bytes(there, sizeof(there), free_bytes),
		text_format_bytes(needed, sizeof(needed), run->last_stored_bytes));
	return error_hint("Make space in %s, or move it to a larger file system.", run->place->path);
}

/* Opens the source, ends what an earlier run left in it, and asks for its facts. */
static int
backup_open_source(struct backup_run *run, const char *id, struct op_backup_report *report)
{
	unsigned ended = 0;

	run->source = source_open(run->settings, id);
	if (run->source == NULL)
		return -1;
	report->source_description = mem_text(source_describe(run->source));
	if (source_inspect(run->source, &run->facts) != 0 || source_end_leftovers(run->source, &ended) != 0)
		return -1;
	if (ended > 0)
		log_warning("ended %u connections of a dump that an earlier run left behind", ended);
	report->server_version = mem_text(run->facts.server_version);
	report->dumper_version = mem_text(run->facts.dumper_version);
	return 0;
}

/* Starts the manifest: who, where, when. */
static void
backup_begin_manifest(struct backup_run *run, const char *id, const char *label, int64_t created)
{
	struct manifest *manifest = run->manifest;
	char host[HOST_NAME_MAX + 1] = "";

	(void)gethostname(host, sizeof(host) - 1);
	manifest->format = MANIFEST_FORMAT;
	manifest->id = mem_text(id);
	manifest->source = mem_text(run->settings->source.name);
	manifest->label = mem_text(label);
	manifest->host = mem_text(host);
	manifest->program = mem_text(PACKAGE_NAME " " PACKAGE_VERSION);
	manifest->created = created;
	manifest->server_version = mem_text(run->facts.server_version);
	manifest->system_identifier = run->facts.system_identifier;
	manifest->superuser = mem_text(run->facts.superuser);
	manifest->database_bytes = run->facts.database_bytes;
	manifest->codec = mem_text(frame_codec_name(run->settings->dump.codec));
	manifest->level = run->settings->dump.level;
}

/* Where the objects of this run go. */
static struct op_object_place
backup_place(const struct backup_run *run)
{
	return (struct op_object_place){
		.store = run->store,
		.settings = run->place,
		.manifest = run->manifest,
		.follow = run->follow,
	};
}

/* The stem with the codec's suffix, and age's in a sealed store. The caller frees it. */
static char *
backup_object_name(const struct backup_run *run, const char *stem)
{
	const struct op_object_place place = backup_place(run);
	char *framed = mem_format("%s%s", stem, frame_codec_suffix(run->settings->dump.codec));
	char *name = op_object_name(&place, framed);

	free(framed);
	return name;
}

/* The chain of a backup, from the far end; NULL when any of it could not be made. What it learns is written
 * into the run and into *object and *plain. */
static struct stage *
backup_chain(struct backup_run *run, const char *name, struct op_object *object, struct digest128 *plain)
{
	const struct scan_options scan = { .contents = &run->contents, .error_class = ERR_SOURCE };
	const struct op_object_place place = backup_place(run);
	struct stage *head = op_object_stage(&place, name, object);

	head = op_object_frames(head, &run->settings->dump, &run->index);
	head = scan_new(head, &scan);
	head = stage_xxh128_new(head, plain);
	return stage_progress_new(head);
}

/* The dump itself: source to object. */
static int
backup_dump(struct backup_run *run)
{
	struct manifest *manifest = run->manifest;
	char *name = backup_object_name(run, MANIFEST_CLUSTER_STEM);
	const struct op_object_place place = backup_place(run);
	struct op_object object;
	uint64_t began_ms = clock_monotonic_ms();
	struct stage *head = backup_chain(run, name, &object, &manifest->plain_xxh128);
	int rc = -1;

	progress_begin("dump", run->last_plain_bytes);
	if (head != NULL && source_dump(run->source, head) == 0 && stage_finish(head) == 0)
		rc = 0;
	progress_end();
	stage_free(head);
	if (rc == 0) {
		manifest->dump_ms = clock_monotonic_ms() - began_ms;
		manifest->plain_bytes = run->index.plain_bytes;
		op_object_enter(&place, name, &object);
	}
	free(name);
	return rc;
}

/* The record of what was dumped and where it lies. */
static int
backup_put_record(struct backup_run *run)
{
	struct contents_totals totals = contents_totals(&run->contents);
	struct buf packed = BUF_EMPTY;
	char *name = backup_object_name(run, MANIFEST_CONTENTS_STEM);
	const struct op_object_place place = backup_place(run);
	int rc = op_record_pack(&run->contents, &run->index, &packed);

	run->manifest->databases = totals.databases;
	run->manifest->tables = totals.tables;
	run->manifest->rows = totals.rows;
	if (rc == 0)
		rc = op_object_put(&place, name, &packed);
	buf_clear(&packed);
	free(name);
	return rc;
}

/* SHA256SUMS, then the manifest: the commit. */
static int
backup_commit(struct backup_run *run)
{
	const struct op_object_place place = backup_place(run);
	struct buf text = BUF_EMPTY;
	char *object = catalog_object_name(run->manifest->source, run->manifest->id, MANIFEST_NAME);
	int rc;

	manifest_write_sums(run->manifest, &text);
	rc = op_object_put(&place, MANIFEST_SUMS_NAME, &text);
	buf_reset(&text);
	run->manifest->finished = clock_now();
	run->manifest->total_ms = clock_monotonic_ms() - run->began_ms;
	/* What the report tells, the manifest of a sealed store does not. */
	run->manifest->no_totals = op_seal_store(run->place);
	if (rc == 0)
		rc = manifest_write(run->manifest, &text);
	run->manifest->no_totals = false;
	if (rc == 0)
		rc = store_put(run->store, object, text.bytes, text.len);
	buf_clear(&text);
	free(object);
	return rc;
}

/* Adds a store's outcome to the report; the error, when there is one, is taken along. */
static void
backup_add_outcome(struct op_backup_report *report, const char *store, bool ok)
{
	struct op_store_outcome *outcome;

	MEM_GROW(report->outcomes, report->outcome_count, report->outcome_capacity);
	outcome = &report->outcomes[report->outcome_count++];
	*outcome = (struct op_store_outcome){ .name = mem_text(store), .ok = ok };
	if (ok) {
		struct op_backup *backup = &report->backup;

		MEM_GROW(backup->stores, backup->store_count, backup->store_capacity);
		backup->stores[backup->store_count++] = mem_text(store);
	} else {
		error_take(&outcome->error);
	}
}

/* Waits for the copies, which have followed since the dump began. The backup stands whatever comes of them.
 */
static int
backup_copy(struct backup_run *run, struct op_backup_report *report)
{
	struct error first = { .class = ERR_NONE };

	if (run->follow == NULL)
		return 0;
	op_follow_wait(run->follow);
	for (size_t i = 1; i < run->settings->store_count; i++) {
		struct error cause = { .class = ERR_NONE };
		bool ok = op_follow_outcome(run->follow, i, &cause);

		if (!ok) {
			if (first.class == ERR_NONE)
				first = cause;
			error_put(&cause);
		}
		backup_add_outcome(report, run->settings->stores[i].name, ok);
	}
	if (first.class == ERR_NONE)
		return 0;
	error_put(&first);
	if (first.class != ERR_INTERRUPTED)
		error_reclass(ERR_STORE);
	return error_add("the backup stands in store %s, but not in all others", run->place->name);
}

/* Lets the first store's catalog cost little, where it is asked over a network. The backup stands without. */
static void
backup_pack(const struct backup_run *run)
{
	if (catalog_pack(run->store, run->settings->source.name) == 0)
		return;
	log_warning(
		"the catalog in store %s could not be packed: %s", run->place->name, error_get()->message);
	error_clear();
}

/* From the first byte of the dump to the commit. A failure leaves nothing. */
static int
backup_make(struct backup_run *run, bool push)
{
	struct error cause;
	int rc = op_files_before(run->files);

	if (push)
		run->follow = op_follow_begin(run->settings, run->store, run->manifest);
	if (rc == 0 && push && run->follow == NULL)
		rc = -1;
	if (rc == 0)
		rc = backup_dump(run);
	if (rc == 0)
		rc = op_files_pack(run->files, run->store, run->follow, run->manifest);
	op_files_after(run->files);
	if (rc == 0 && backup_put_record(run) == 0 && backup_commit(run) == 0) {
		op_follow_commit(run->follow);
		backup_pack(run);
		return 0;
	}
	error_take(&cause);
	op_follow_free(run->follow);
	run->follow = NULL;
	if (backup_sweep(run) != 0)
		log_warning("could not clean up: %s", error_get()->message);
	return error_put(&cause);
}

/* Recipients that are none are found before anything is dumped; those of the copies on a dry run. */
static int
backup_check_keys(const struct backup_run *run, bool all)
{
	for (size_t i = 0; i < (all ? run->settings->store_count : 1); i++) {
		const struct settings_store *place = &run->settings->stores[i];
		struct age_recipients *recipients = NULL;

		if (op_seal_store(place))
			recipients = op_seal_recipients(place);
		if (op_seal_store(place) && recipients == NULL)
			return -1;
		age_recipients_free(recipients);
	}
	return 0;
}

/* Looks at store and source. Everything that can be refused is refused here. */
static int
backup_prepare(
	struct backup_run *run, const struct op_backup_request *request, struct op_backup_report *report)
{
	int64_t created;
	char *id = NULL;
	int rc = -1;

	if (backup_check_keys(run, request->dry_run) != 0)
		return -1;
	if (backup_lock(run, request) != 0 || backup_sweep(run) != 0 || backup_look_back(run) != 0)
		return -1;
	if (store_free_bytes(run->store, &report->free_bytes) != 0)
		return -1;
	report->expected_bytes = run->last_plain_bytes;
	created = clock_now();
	id = catalog_new_id(run->store, run->settings->source.name, created);
	if (id != NULL && backup_check_space(run, report->free_bytes) == 0 &&
		backup_open_source(run, id, report) == 0) {
		backup_begin_manifest(run, id, request->label, created);
		rc = 0;
	}
	free(id);
	return rc;
}

static void
backup_run_clear(struct backup_run *run)
{
	op_follow_free(run->follow);
	source_free(run->source);
	op_files_free(run->files);
	contents_clear(&run->contents);
	frame_index_clear(&run->index);
	store_close(run->store);
	op_lock_release(run->lock);
}

int
op_backup_run(const struct settings *settings, const struct op_backup_request *request,
	struct op_backup_report *report)
{
	struct backup_run run = {
		.settings = settings,
		.place = &settings->stores[0],
		.began_ms = clock_monotonic_ms(),
	};
	struct op_backup_end end = { .settings = settings, .request = request, .contents = &run.contents };
	int rc;

	*report = (struct op_backup_report){ .made = false };
	manifest_init(&report->backup.manifest);
	contents_init(&run.contents);
	frame_index_init(&run.index);
	run.manifest = &report->backup.manifest;
	run.files = op_files_new(settings);

	rc = backup_prepare(&run, request, report);
	if (rc == 0 && request->dry_run)
		rc = op_files_check(run.files);
	if (rc == 0 && !request->dry_run) {
		end.lock = run.lock != NULL ? run.lock : request->lock;
		rc = backup_make(&run, !request->no_push);
		report->made = rc == 0;
		if (rc == 0) {
			backup_add_outcome(report, run.place->name, true);
			rc = backup_copy(&run, report);
		}
		if (rc == 0)
			rc = op_files_verdict(run.files);
		if (report->made)
			rc = op_backup_end(&end, rc, report);
	}
	report->dump_ms = run.manifest->dump_ms;
	report->total_ms = clock_monotonic_ms() - run.began_ms;
	backup_run_clear(&run);
	return rc;
}

void
op_backup_report_clear(struct op_backup_report *report)
{
	op_backup_clear(&report->backup);
	for (size_t i = 0; i < report->outcome_count; i++)
		free(report->outcomes[i].name);
	free(report->outcomes);
	for (size_t i = 0; i < report->pruned_count; i++)
		free(report->pruned[i]);
	free(report->pruned);
	free(report->source_description);
	free(report->server_version);
	free(report->dumper_version);
	*report = (struct op_backup_report){ .made = false };
}
