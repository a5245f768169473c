/* prune: accepts what is to be accepted, then rotates store by store. */
#include "config.h"

#include "incant/op_prune.h"

#include <stdlib.h>

#include "incant/clock.h"
#include "incant/log.h"
#include "incant/mem.h"
#include "incant/text.h"

#include "op_rotate.h"
#include "op_shelf.h"
#include "op_suspect.h"

/* A suspect backup counts as good from now on, in every store. */
static int
prune_accept(const struct settings *settings, const char *which, struct op_prune_report *report)
{
	const struct op_which wanted = { .which = which };
	const struct op_place *place = NULL;
	const struct catalog_entry *entry = NULL;
	struct op_backup backup = { .stores = NULL };
	struct op_shelf shelf;
	int rc = op_shelf_open(settings, NULL, settings->source.name, &shelf);

	if (rc == 0)
		rc = op_shelf_find(&shelf, &wanted, &place, &entry);
	if (rc == 0)
		rc = op_shelf_sound(entry);
	if (rc == 0) {
		op_shelf_describe(&shelf, entry, &backup);
		if (backup.suspect == NULL)
			log_info("%s is not suspect", entry->id);
		rc = op_suspect_accept(settings, &backup);
		report->accepted = mem_text(entry->id);
	}
	op_backup_clear(&backup);
	op_shelf_clear(&shelf);
	return rc;
}

/* Rotates in one store of the shelf, which has all. The outcome is in the report. */
static void
prune_store(const struct settings *settings, const struct op_shelf *shelf, size_t at, bool dry_run,
	struct op_prune_report *report)
{
	const struct op_rotation rotation = {
		.settings = &settings->stores[at],
		.shelf = shelf,
		.place = &shelf->places[at],
		.source = settings->source.name,
		.dry_run = dry_run,
		.now = clock_now(),
	};
	struct op_prune_store store = {
		.name = mem_text(settings->stores[at].name), .free_bytes = UINT64_MAX, .full_in_days = -1
	};

	if (rotation.place->answered)
		store.ok = op_rotate_store(&rotation, report, &store) == 0;
	else
		error_set(ERR_STORE, "store %s did not answer", store.name);
	if (!store.ok)
		error_take(&store.error);
	MEM_GROW(report->stores, report->store_count, report->store_capacity);
	report->stores[report->store_count++] = store;
}

/* The first error of a store, when there is one. */
static int
prune_conclude(const struct op_prune_report *report)
{
	for (size_t i = 0; i < report->store_count; i++)
		if (!report->stores[i].ok)
			return error_put(&report->stores[i].error);
	return 0;
}

static int
prune_stores(const struct settings *settings, const struct op_prune_request *request,
	struct op_prune_report *report)
{
	struct op_shelf shelf;
	int rc = op_shelf_open(settings, NULL, settings->source.name, &shelf);

	for (size_t i = 0; i < shelf.count && rc == 0; i++)
		if (request->store == NULL || text_equal(request->store, settings->stores[i].name))
			prune_store(settings, &shelf, i, request->dry_run, report);
	op_shelf_clear(&shelf);
	return rc == 0 ? prune_conclude(report) : -1;
}

int
op_prune_run(const struct settings *settings, const struct op_prune_request *request,
	struct op_prune_report *report)
{
	struct op_lock *lock = NULL;
	int rc = 0;

	*report = (struct op_prune_report){ .verdicts = NULL };
	if (request->store != NULL && settings_find_store(settings, request->store) == NULL)
		return -1;
	if (request->lock == NULL && !request->dry_run)
		rc = op_lock_take(settings, "prune", request->wait_ms, &lock);
	if (rc == 0 && request->accept != NULL)
		rc = prune_accept(settings, request->accept, report);
	if (rc == 0)
		rc = prune_stores(settings, request, report);
	op_lock_release(lock);
	return rc;
}

void
op_prune_report_clear(struct op_prune_report *report)
{
	for (size_t i = 0; i < report->count; i++) {
		free(report->verdicts[i].id);
		free(report->verdicts[i].store);
		free(report->verdicts[i].reason);
	}
	free(report->verdicts);
	for (size_t i = 0; i < report->store_count; i++)
		free(report->stores[i].name);
	free(report->stores);
	free(report->accepted);
	*report = (struct op_prune_report){ .verdicts = NULL };
}
