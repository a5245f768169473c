/* list: the backups of all stores, merged: a backup that several stores have is one line. */
#include "config.h"

#include "incant/op_list.h"

#include <stdlib.h>
#include <string.h>

#include "incant/error.h"
#include "incant/log.h"
#include "incant/mem.h"

#include "op_list_inside.h"

void
op_backup_clear(struct op_backup *backup)
{
	manifest_clear(&backup->manifest);
	for (size_t i = 0; i < backup->store_count; i++)
		free(backup->stores[i]);
	free(backup->stores);
	pin_free(backup->pin);
	proof_free(backup->proof);
	suspect_free(backup->suspect);
	*backup = (struct op_backup){ .stores = NULL };
}

/* Newest first, then by source, as one catalog is sorted. */
static int
list_compare(const void *left, const void *right)
{
	const struct manifest *a = &((const struct op_backup *)left)->manifest;
	const struct manifest *b = &((const struct op_backup *)right)->manifest;
	int order = catalog_compare_ids(b->id, a->id);

	return order != 0 ? order : strcmp(a->source, b->source);
}

/* Whether an earlier store has the same backup, which is then listed already. */
static bool
list_has(const struct op_shelf *shelf, size_t places, const struct catalog_entry *entry)
{
	for (size_t i = 0; i < places; i++)
		if (op_place_has(&shelf->places[i], entry->source, entry->id))
			return true;
	return false;
}

static void
list_add(const struct op_shelf *shelf, size_t place, const struct catalog_entry *entry,
	struct op_list_report *report)
{
	if (entry->damaged) {
		log_warning("%s", entry->error.message);
		return;
	}
	if (list_has(shelf, place, entry))
		return;
	MEM_GROW(report->backups, report->count, report->capacity);
	op_shelf_describe(shelf, entry, &report->backups[report->count++]);
}

void
op_list_merge(const struct op_shelf *shelf, struct op_list_report *report)
{
	for (size_t i = 0; i < shelf->count; i++)
		for (size_t k = 0; k < shelf->places[i].catalog.count; k++)
			list_add(shelf, i, &shelf->places[i].catalog.entries[k], report);
	if (report->count > 1)
		qsort(report->backups, report->count, sizeof(*report->backups), list_compare);
}

int
op_list_run(
	const struct settings *settings, const struct op_list_request *request, struct op_list_report *report)
{
	struct op_shelf shelf;
	const char *source = request->source != NULL ? request->source : settings->source.name;
	int rc;

	*report = (struct op_list_report){ NULL, 0, 0 };
	rc = op_shelf_open(settings, request->store, request->all_sources ? NULL : source, &shelf);
	if (rc == 0)
		op_list_merge(&shelf, report);
	op_shelf_clear(&shelf);
	return rc;
}

void
op_list_report_clear(struct op_list_report *report)
{
	for (size_t i = 0; i < report->count; i++)
		op_backup_clear(&report->backups[i]);
	free(report->backups);
	*report = (struct op_list_report){ NULL, 0, 0 };
}
