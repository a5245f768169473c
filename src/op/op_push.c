/*
 * push: the catalogs of all stores side by side; each backup that is asked for is copied into each store that
 * lacks it, from the first store that has it.
 */
#include "config.h"

#include "incant/op_push.h"

#include <stdlib.h>
#include <string.h>

#include "incant/interrupt.h"
#include "incant/mem.h"
#include "incant/op_lock.h"
#include "incant/progress.h"
#include "incant/text.h"

#include "op_catch_up.h"
#include "op_copy.h"
#include "op_shelf.h"

struct push_run {
	const struct settings *settings;
	const struct op_push_request *request;
	struct op_push_report *report;
	struct op_shelf shelf;
	struct op_keys *keys;
	struct error first; /* failure; class ERR_NONE = none */
};

/* Enters what came of one copy, or of a store that does not answer (id NULL); its error is taken along. */
static void
push_add(struct push_run *run, const char *id, const char *store, uint64_t bytes, bool ok)
{
	struct op_push_report *report = run->report;

	MEM_GROW(report->pushed, report->count, report->capacity);
	struct op_pushed *pushed = &report->pushed[report->count++];
	*pushed = (struct op_pushed){
		.id = mem_text(id), .store = mem_text(store), .bytes = ok ? bytes : 0, .ok = ok
	};
	if (ok)
		return;
	error_take(&pushed->error);
	if (run->first.class == ERR_NONE || pushed->error.class == ERR_INTERRUPTED)
		run->first = pushed->error;
}

/* The first store that has a sound copy, rather one that is not encrypted. NULL when none has. */
static const struct op_place *
push_find(const struct push_run *run, const char *id, const struct catalog_entry **entry)
{
	const struct op_place *found = NULL;

	for (size_t i = 0; i < run->shelf.count; i++) {
		const struct op_place *place = &run->shelf.places[i];
		const struct catalog_entry *there = op_place_find(place, run->settings->source.name, id);

		if (there == NULL || (found != NULL && op_seal_manifest(&there->manifest)))
			continue;
		if (found == NULL || op_seal_manifest(&(*entry)->manifest)) {
			found = place;
			*entry = there;
		}
	}
	return found;
}

/* One backup into one store that lacks it. */
static int
push_copy(struct push_run *run, const struct settings_store *to, const char *id, uint64_t *bytes)
{
	const struct catalog_entry *entry = NULL;
	const struct op_place *from = push_find(run, id, &entry);

	if (from == NULL)
		return error_set(ERR_DAMAGED, "no store has a sound copy of %s", id);
	const struct op_copy copy = {
		.settings = run->settings,
		.from = from->store,
		.from_place = settings_find_store(run->settings, from->store_name),
		.to = op_store_open(to, STORE_WRITE),
		.to_place = to,
		.manifest = &entry->manifest,
		.keys = run->keys,
	};
	int rc = copy.to != NULL ? 0 : -1;

	*bytes = manifest_stored_bytes(&entry->manifest);
	progress_begin("push", *bytes);
	if (rc == 0)
		rc = op_copy_backup(&copy);
	progress_end();
	store_close(copy.to);
	return rc;
}

/* Copies a backup into a store, when that lacks it. -1 only when there is no use in going on. */
static int
push_one(struct push_run *run, const struct op_place *place, const char *id)
{
	const struct settings_store *to = settings_find_store(run->settings, place->store_name);
	uint64_t bytes = 0;

	if (op_place_has(place, run->settings->source.name, id))
		return 0;
	int rc = push_copy(run, to, id, &bytes);
	if (rc != 0)
		error_add("backup %s is not in store %s", id, to->name);
	push_add(run, id, to->name, bytes, rc == 0);
	return interrupt_pending() != 0 ? -1 : 0;
}

/* Every id that any store has, newest first, once. The caller frees the array. */
static const char **
push_ids(const struct op_shelf *shelf, size_t *count)
{
	const char **ids = NULL;
	size_t capacity = 0;

	*count = 0;
	for (size_t i = 0; i < shelf->count; i++)
		for (size_t k = 0; k < shelf->places[i].catalog.count; k++) {
			const struct catalog_entry *entry = &shelf->places[i].catalog.entries[k];
			size_t at = 0;

			while (at < *count && strcmp(ids[at], entry->id) != 0)
				at++;
			if (entry->damaged || at < *count)
				continue;
			MEM_GROW(ids, *count, capacity);
			ids[(*count)++] = entry->id;
		}
	return ids;
}

/* All that is asked for into one store. */
static int
push_into(struct push_run *run, const struct op_place *place, const char *const *ids, size_t count)
{
	const struct settings_store *to = settings_find_store(run->settings, place->store_name);
	bool failed = run->first.class != ERR_NONE;

	for (size_t i = 0; i < count; i++)
		if (push_one(run, place, ids[i]) != 0)
			return -1;
	if (run->request->all && !failed && run->first.class == ERR_NONE)
		op_catch_up_tidy(run->settings, to);
	return 0;
}

/* A store that does not answer cannot be told what it lacks: opened once more, for its error. */
static void
push_unanswered(struct push_run *run, const struct op_place *place)
{
	struct store *store =
		op_store_open(settings_find_store(run->settings, place->store_name), STORE_READ);
	struct catalog catalog;

	catalog_init(&catalog);
	if (store != NULL && catalog_load(store, run->settings->source.name, &catalog) == 0)
		error_set(ERR_STORE, "store %s did not answer at first; push again", place->store_name);
	catalog_clear(&catalog);
	store_close(store);
	push_add(run, NULL, place->store_name, 0, false);
}

static int
push_stores(struct push_run *run, const char *const *ids, size_t count)
{
	const char *only = run->request->which.store;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < run->shelf.count; i++) {
		const struct op_place *place = &run->shelf.places[i];

		if (only != NULL && !text_equal(place->store_name, only))
			continue;
		if (place->answered)
			rc = push_into(run, place, ids, count);
		else
			push_unanswered(run, place);
	}
	return run->first.class == ERR_NONE ? 0 : error_put(&run->first);
}

/* One backup, wherever it is. */
static int
push_which(struct push_run *run)
{
	struct op_which which = run->request->which;
	const struct op_place *place = NULL;
	const struct catalog_entry *entry = NULL;

	which.store = NULL;
	if (op_shelf_find(&run->shelf, &which, &place, &entry) != 0 || op_shelf_sound(entry) != 0)
		return -1;
	const char *id = entry->id;
	return push_stores(run, &id, 1);
}

static int
push_all(struct push_run *run)
{
	size_t count = 0;
	const char **ids = push_ids(&run->shelf, &count);
	int rc = push_stores(run, ids, count);

	free(ids);
	return rc;
}

int
op_push_run(
	const struct settings *settings, const struct op_push_request *request, struct op_push_report *report)
{
	struct push_run run = { .settings = settings, .request = request, .report = report };
	struct op_lock *lock = NULL;
	int rc = -1;

	*report = (struct op_push_report){ NULL, 0, 0 };
	if (request->which.store != NULL && settings_find_store(settings, request->which.store) == NULL)
		return -1;
	if (op_lock_take(settings, "push", request->wait_ms, &lock) != 0)
		return -1;
	run.keys = op_keys_new(settings);
	if (op_shelf_open(settings, NULL, settings->source.name, &run.shelf) == 0)
		rc = request->all ? push_all(&run) : push_which(&run);
	op_shelf_clear(&run.shelf);
	op_keys_free(run.keys);
	op_lock_release(lock);
	return rc;
}

void
op_push_report_clear(struct op_push_report *report)
{
	for (size_t i = 0; i < report->count; i++) {
		free(report->pushed[i].id);
		free(report->pushed[i].store);
	}
	free(report->pushed);
	*report = (struct op_push_report){ NULL, 0, 0 };
}
