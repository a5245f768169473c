/* The shrink guard: gathers what the last good backups held, and marks what looks like a loss. */
#include "config.h"

#include "op_suspect.h"

#include <stdlib.h>
#include <string.h>

#include "incant/catalog.h"
#include "incant/clock.h"
#include "incant/error.h"
#include "incant/frame.h"
#include "incant/log.h"

#include "op_record.h"
#include "op_shelf.h"
#include "op_shrink.h"

#define LOOK_BACK 3 /* good backups */

/* What the last good ones held, newest first, as far as it can be read. */
struct past {
	struct contents contents[LOOK_BACK];
	size_t count;
	const struct catalog_entry *newest; /* good one; NULL = there is none */
};

/* Reads what one of them held. What cannot be read is passed over: the next one tells, too. */
static void
past_add(struct past *past, struct store *store, struct op_keys *keys, const struct manifest *manifest)
{
	const struct op_record_place place = { .store = store, .manifest = manifest, .keys = keys };
	struct contents *contents = &past->contents[past->count];
	struct frame_index index;
	uint64_t read_bytes = 0;

	contents_init(contents);
	frame_index_init(&index);
	if (op_record_load(&place, contents, &index, &read_bytes) == 0) {
		past->count++;
	} else {
		log_verbose("the contents of %s are not compared: %s", manifest->id, error_get()->message);
		error_clear();
		contents_clear(contents);
	}
	frame_index_clear(&index);
}

static void
past_gather(struct past *past, struct store *store, struct op_keys *keys, const struct catalog *catalog,
	const char *except)
{
	for (size_t i = 0, seen = 0; i < catalog->count && seen < LOOK_BACK; i++) {
		const struct catalog_entry *entry = &catalog->entries[i];

		if (entry->damaged || entry->suspect != NULL || strcmp(entry->id, except) == 0 ||
			(entry->proof != NULL && !entry->proof->ok))
			continue;
		if (past->newest == NULL)
			past->newest = entry;
		past_add(past, store, keys, &entry->manifest);
		seen++;
	}
}

static struct suspect *
suspect_compare(const struct settings *settings, const struct manifest *manifest,
	const struct contents *contents, const struct past *past)
{
	const struct op_shrink_limits limits = { settings->dump.max_shrink, settings->dump.may_shrink };
	struct suspect *suspect = suspect_new(clock_now(), past->newest->id);

	if (past->count > 0)
		op_shrink_compare(&limits, contents, past->contents, past->count, suspect);
	else
		op_shrink_compare_totals(&limits, manifest, &past->newest->manifest, suspect);
	if (suspect->count > 0)
		return suspect;
	suspect_free(suspect);
	return NULL;
}

int
op_suspect_look(const struct settings *settings, const struct manifest *manifest,
	const struct contents *contents, struct suspect **suspect)
{
	struct past past = { .count = 0 };
	struct catalog catalog;
	struct store *store = op_store_open(&settings->stores[0], STORE_READ);
	struct op_keys *keys = op_keys_new(settings);
	int rc = -1;

	*suspect = NULL;
	catalog_init(&catalog);
	if (store != NULL)
		rc = catalog_load(store, settings->source.name, &catalog);
	if (rc == 0)
		past_gather(&past, store, keys, &catalog, manifest->id);
	if (past.newest != NULL)
		*suspect = suspect_compare(settings, manifest, contents, &past);
	for (size_t i = 0; i < past.count; i++)
		contents_clear(&past.contents[i]);
	catalog_clear(&catalog);
	op_keys_free(keys);
	store_close(store);
	return rc;
}

/* In one store: puts the mark, or with NULL takes it away. */
static int
suspect_in_store(
	const struct settings_store *place, const struct manifest *manifest, const struct suspect *suspect)
{
	struct store *store = op_store_open(place, STORE_WRITE | STORE_DELETE);
	int rc = -1;

	if (store != NULL)
		rc = suspect != NULL ? suspect_save(store, manifest->source, manifest->id, suspect)
				     : suspect_remove(store, manifest->source, manifest->id);
	store_close(store);
	return rc < 0 ? -1 : 0;
}

int
op_suspect_mark(
	const struct settings *settings, const struct op_backup *backup, const struct suspect *suspect)
{
	struct error first = { .class = ERR_NONE };

	for (size_t i = 0; i < backup->store_count; i++) {
		const struct settings_store *place = settings_find_store(settings, backup->stores[i]);

		if (place != NULL && suspect_in_store(place, &backup->manifest, suspect) == 0)
			continue;
		error_add("store %s", backup->stores[i]);
		if (first.class == ERR_NONE)
			error_take(&first);
	}
	return first.class == ERR_NONE ? 0 : error_put(&first);
}

int
op_suspect_accept(const struct settings *settings, const struct op_backup *backup)
{
	return op_suspect_mark(settings, backup, NULL);
}
