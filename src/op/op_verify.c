/* verify: reads backups back, holds them against their records, and gathers what it finds. */
#include "config.h"

#include "op_verify_inside.h"

#include <stdlib.h>
#include <string.h>

#include "incant/error.h"
#include "incant/frame.h"
#include "incant/log.h"
#include "incant/mem.h"
#include "incant/progress.h"
#include "incant/stage.h"
#include "incant/text.h"

#include "op_record.h"
#include "op_shelf.h"

int
op_verify_read_small(struct op_verify *verify, const struct manifest_object *object, struct buf *bytes)
{
	char sha256[DIGEST_SHA256_HEX];
	struct input *input = NULL;
	struct stage *to = NULL;
	int rc = op_verify_open(verify, object, &input);

	if (rc != 0)
		return rc;
	to = stage_buf_new(bytes);
	rc = input_copy(input, 0, input->size_bytes, to);
	verify->result->read_bytes += input->read_bytes;
	stage_free(to);
	input_free(input);
	if (rc == 0)
		rc = digest_sha256_hex(bytes->bytes, bytes->len, sha256);
	if (rc == 0 && bytes->len == object->bytes && strcmp(sha256, object->sha256) != 0)
		rc = 2;
	return rc;
}

/* Where two texts part; their common length when one begins the other. */
static size_t
verify_difference(const char *a, size_t a_len, const char *b, size_t b_len)
{
	size_t at = 0;

	while (at < a_len && at < b_len && a[at] == b[at])
		at++;
	return at;
}

/* SHA256SUMS can be made again from the manifest, so its damage is known to the byte. */
static int
verify_sums(struct op_verify *verify, const struct manifest_object *object)
{
	struct buf expected = BUF_EMPTY, found = BUF_EMPTY;
	int rc = op_verify_read_small(verify, object, &found);

	manifest_write_sums(verify->manifest, &expected);
	if (rc == 2)
		op_verify_find(verify->result, object->name,
			verify_difference(expected.bytes, expected.len, found.bytes, found.len),
			"differs from what the manifest says");
	buf_clear(&expected);
	buf_clear(&found);
	return rc < 0 ? -1 : 0;
}

int
op_verify_unseal_small(struct op_verify *verify, const struct manifest_object *object, struct buf *bytes)
{
	struct input *stored = input_memory_new(object->name, bytes->bytes, bytes->len), *framed = NULL;
	struct buf plain = BUF_EMPTY;
	int rc = op_verify_unseal(verify, object, stored, &framed);

	if (rc == 0) {
		buf_reserve(&plain, (size_t)framed->size_bytes);
		rc = input_read(framed, 0, plain.bytes, (size_t)framed->size_bytes);
	}
	if (rc == 0) {
		plain.len = (size_t)framed->size_bytes;
		buf_clear(bytes);
		*bytes = plain;
		buf_init(&plain);
	}
	input_free(framed);
	input_free(stored);
	buf_clear(&plain);
	return rc;
}

/* The record: kept for the archive's turn when it is sound enough to be read. */
static int
verify_record(struct op_verify *verify, const struct manifest_object *object)
{
	struct buf packed = BUF_EMPTY;
	int read = op_verify_read_small(verify, object, &packed), opened = 1;
	bool whole = packed.len == object->bytes;

	if (read == 0 || read == 2)
		opened = op_verify_unseal_small(verify, object, &packed);
	if (opened == 0 && op_record_unpack(packed.bytes, packed.len, object->name, object->name,
				   &verify->contents, &verify->index) == 0)
		verify->has_record = true;
	if (read == 2)
		op_verify_find(verify->result, object->name, 0, "SHA-256 is not the manifest's%s%s",
			verify->has_record || opened != 0 ? "" : ": ",
			verify->has_record || opened != 0 ? "" : error_get()->message);
	else if (read == 0 && opened == 0 && !verify->has_record && whole)
		op_verify_find(verify->result, object->name, 0, "%s", error_get()->message);
	if (read >= 0 && opened >= 0)
		error_clear();
	buf_clear(&packed);
	return read < 0 || opened < 0 ? -1 : 0;
}

static int
verify_objects(struct op_verify *verify)
{
	const struct manifest *manifest = verify->manifest;
	int rc = 0;

	/* The record first: the archive is read by it. */
	for (int pass = 0; rc == 0 && pass < 2; pass++)
		for (size_t i = 0; rc == 0 && i < manifest->object_count; i++) {
			const struct manifest_object *object = &manifest->objects[i];
			bool archive = text_starts(object->name, MANIFEST_CLUSTER_STEM);

			if (archive != (pass == 1) || text_starts(object->name, MANIFEST_FILES_PREFIX))
				continue;
			if (archive)
				rc = op_verify_archive(verify, object);
			else if (text_equal(object->name, MANIFEST_SUMS_NAME))
				rc = verify_sums(verify, object);
			else
				rc = verify_record(verify, object);
		}
	return rc == 0 ? op_verify_files(verify) : rc;
}

/* All plain bytes: of the dump and of the application's files. */
static uint64_t
verify_expected_bytes(const struct manifest *manifest)
{
	uint64_t bytes = manifest->plain_bytes;

	for (size_t i = 0; i < manifest->files_count; i++)
		bytes += manifest->files[i].plain_bytes;
	return bytes;
}

/* One run. */
struct verify_run {
	const struct op_verify_request *request;
	struct op_verify_report *report;
	struct op_shelf shelf;
	struct op_keys *keys;
	struct error refused; /* why the identity did not open a backup */
};

/* Reads a backup, and holds it meanwhile, where the store can. 0 whatever was found, STORE_MISSING when it is
 * being removed, or -1. */
static int
verify_held(struct op_verify *verify)
{
	const char *source = verify->manifest->source, *id = verify->manifest->id;
	struct store_lock *hold = NULL;
	int rc = catalog_hold(verify->store, source, id, false, &hold);

	if (rc > 0)
		return STORE_MISSING;
	if (rc == 0)
		rc = verify_objects(verify);
	/* It may have ceased to be a backup since it was listed. */
	if (rc == 0 && verify->result->finding_count > 0)
		rc = catalog_ask(verify->store, source, id);
	store_unlock(hold);
	return rc;
}

static void
verified_clear(struct op_verified *verified)
{
	for (size_t i = 0; i < verified->finding_count; i++) {
		free(verified->findings[i].object);
		free(verified->findings[i].problem);
	}
	free(verified->findings);
	free(verified->id);
	free(verified->store);
}

/* Takes the last one out of the report again: of what is being removed there is nothing to say, unless it is
 * the one that was asked for. */
static int
verify_drop(struct verify_run *run)
{
	struct op_verified *gone = &run->report->backups[run->report->count - 1];
	int rc = 0;

	if (!run->request->all)
		rc = error_set(ERR_NOT_FOUND, "%s is being removed from store %s", gone->id, gone->store);
	else
		log_info("%s is being removed from store %s", gone->id, gone->store);
	verified_clear(gone);
	run->report->count--;
	return rc;
}

/* One entry of one store's catalog. */
static int
verify_entry(struct verify_run *run, const struct op_place *place, const struct catalog_entry *entry)
{
	struct op_verify_report *report = run->report;
	struct op_verify verify = {
		.store = place->store,
		.manifest = &entry->manifest,
		.keys = run->keys,
		.refused = &run->refused,
	};
	int rc = 0;

	MEM_GROW(report->backups, report->count, report->capacity);
	verify.result = &report->backups[report->count++];
	*verify.result =
		(struct op_verified){ .id = mem_text(entry->id), .store = mem_text(place->store_name) };
	if (entry->damaged) {
		op_verify_find(verify.result, MANIFEST_NAME, 0, "%s", entry->error.message);
		return 0;
	}
	contents_init(&verify.contents);
	frame_index_init(&verify.index);
	progress_begin("verify", verify_expected_bytes(&entry->manifest));
	rc = verify_held(&verify);
	progress_end();
	contents_clear(&verify.contents);
	frame_index_clear(&verify.index);
	return rc == STORE_MISSING ? verify_drop(run) : rc;
}

/* The newest backup of all, a damaged one included: that is the one to know about. NULL when there is none.
 */
static const struct catalog_entry *
verify_newest(const struct op_shelf *shelf)
{
	const struct catalog_entry *newest = NULL;

	for (size_t i = 0; i < shelf->count; i++) {
		const struct catalog *catalog = &shelf->places[i].catalog;

		if (catalog->count > 0 &&
			(newest == NULL || catalog_compare_ids(catalog->entries[0].id, newest->id) > 0))
			newest = &catalog->entries[0];
	}
	return newest;
}

/* The backup that was asked for; NULL with *rc 0 means all. */
static const struct catalog_entry *
verify_wanted(const struct op_shelf *shelf, const struct op_verify_request *request, int *rc)
{
	const struct op_place *first = NULL;
	const struct catalog_entry *wanted = NULL;

	*rc = 0;
	if (request->all)
		return NULL;
	if (!request->which.has_at &&
		(request->which.which == NULL || text_equal(request->which.which, "latest")))
		wanted = verify_newest(shelf);
	if (wanted == NULL)
		*rc = op_shelf_find(shelf, &request->which, &first, &wanted);
	return wanted;
}

/* Every backup of every store, or the one that was named in every store that has it. */
static int
verify_shelf(struct verify_run *run)
{
	const struct op_shelf *shelf = &run->shelf;
	int rc;
	const struct catalog_entry *wanted = verify_wanted(shelf, run->request, &rc);

	for (size_t i = 0; rc == 0 && i < shelf->count; i++)
		for (size_t k = 0; rc == 0 && k < shelf->places[i].catalog.count; k++) {
			const struct catalog_entry *entry = &shelf->places[i].catalog.entries[k];

			if (wanted == NULL || text_equal(entry->id, wanted->id))
				rc = verify_entry(run, &shelf->places[i], entry);
		}
	return rc;
}

/* The verdict over all. Damage comes before keys. */
static int
verify_verdict(const struct verify_run *run)
{
	const struct op_verify_report *report = run->report;
	size_t damaged = 0, closed = 0;

	for (size_t i = 0; i < report->count; i++) {
		damaged += report->backups[i].finding_count > 0 ? 1 : 0;
		closed += report->backups[i].closed ? 1 : 0;
	}
	if (closed > 0)
		log_warning("could not look inside %zu of %zu backups, which are encrypted: only their "
			    "stored digests and age headers were checked",
			closed, report->count);
	if (damaged > 0)
		return error_set(ERR_DAMAGED, "%zu of %zu backups damaged", damaged, report->count);
	return run->refused.class != ERR_NONE ? error_put(&run->refused) : 0;
}

int
op_verify_run(const struct settings *settings, const struct op_verify_request *request,
	struct op_verify_report *report)
{
	struct verify_run run = { .request = request, .report = report, .keys = op_keys_new(settings) };
	int rc;

	*report = (struct op_verify_report){ NULL, 0, 0 };
	rc = op_shelf_open(settings, request->which.store, settings->source.name, &run.shelf);
	if (rc == 0)
		rc = verify_shelf(&run);
	if (rc == 0)
		rc = verify_verdict(&run);
	op_shelf_clear(&run.shelf);
	op_keys_free(run.keys);
	return rc;
}

void
op_verify_report_clear(struct op_verify_report *report)
{
	for (size_t i = 0; i < report->count; i++)
		verified_clear(&report->backups[i]);
	free(report->backups);
	*report = (struct op_verify_report){ NULL, 0, 0 };
}
