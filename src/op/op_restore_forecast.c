/*
 * What a restore will take: time, by what a proof took; room, by what the databases took on the source, held
 * against what is free where the target keeps its data, if that is on this machine.
 */
#include "config.h"

#include <stdlib.h>

#include "incant/error.h"
#include "incant/file.h"
#include "incant/mem.h"
#include "incant/text.h"

#include "op_data_folder.h"
#include "op_restore_inside.h"

/* The newest proof that a restore can be timed by, the backup's own first. */
static const struct catalog_entry *
find_timed(const struct op_opened *opened)
{
	const struct catalog_entry *found = NULL;

	for (size_t i = 0; i < opened->shelf.count; i++)
		for (size_t k = 0; k < opened->shelf.places[i].catalog.count; k++) {
			const struct catalog_entry *entry = &opened->shelf.places[i].catalog.entries[k];

			if (entry->proof == NULL || !entry->proof->ok || entry->proof->restore_ms == 0 ||
				entry->manifest.plain_bytes == 0)
				continue;
			if (text_equal(entry->id, opened->entry->id))
				return entry;
			if (found == NULL || entry->proof->at > found->proof->at)
				found = entry;
		}
	return found;
}

/* The share of something of a whole backup that a part of its dump has. */
static uint64_t
share(uint64_t whole, uint64_t part_bytes, uint64_t plain_bytes)
{
	return plain_bytes != 0 ? (uint64_t)((double)whole * (double)part_bytes / (double)plain_bytes) : 0;
}

/* The folder of this machine that the target keeps its data in; NULL = not known. The caller frees it. */
static char *
find_folder(const struct op_restore_request *request, const struct restore *restore)
{
	bool local = false;
	const char *folder = restore_data_directory(restore, &local);

	if (folder == NULL)
		return NULL;
	if (request->source != NULL && request->source->kind == SETTINGS_DOCKER)
		return op_data_folder_find(request->source, folder);
	return local ? mem_text(folder) : NULL;
}

int
op_restore_check_room(const struct op_restore_forecast *forecast)
{
	char needed[16], there[16];

	if (forecast->free_bytes >= forecast->needed_bytes)
		return 0;
	error_set(ERR_RESTORE, "no room: the restore would take about %s in '%s', where %s are free",
		text_format_bytes(needed, sizeof(needed), forecast->needed_bytes), forecast->folder,
		text_format_bytes(there, sizeof(there), forecast->free_bytes));
	return error_hint("Nothing was changed. Make room there, restore less with --database or --table, or "
			  "restore into another server.");
}

void
op_restore_foretell(const struct op_opened *opened, const struct op_restore_request *request,
	const struct restore *restore, struct op_restore_report *report)
{
	const struct manifest *manifest = &opened->entry->manifest;
	const struct catalog_entry *timed = find_timed(opened);
	struct op_restore_forecast *forecast = &report->forecast;
	uint64_t wanted_bytes = 0;

	for (size_t i = 0; i < report->count; i++)
		wanted_bytes += report->databases[i].plain_bytes;
	if (timed != NULL) {
		forecast->restore_ms =
			share(timed->proof->restore_ms, wanted_bytes, timed->manifest.plain_bytes);
		forecast->proven = mem_text(timed->id);
	}
	forecast->needed_bytes =
		share(manifest_database_bytes(manifest), wanted_bytes, manifest->plain_bytes);
	forecast->folder = find_folder(request, restore);
	if (forecast->folder == NULL || file_free_bytes(forecast->folder, &forecast->free_bytes) != 0)
		forecast->free_bytes = UINT64_MAX;
}
