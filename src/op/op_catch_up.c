/*
 * The catalogs of both stores, compared. A copy that cannot be made does not keep the next one from being
 * tried, but a store that has failed twice in a row is left alone: it is down.
 */
#include "config.h"

#include "op_catch_up.h"

#include <stdlib.h>
#include <string.h>

#include "incant/catalog.h"
#include "incant/error.h"
#include "incant/interrupt.h"
#include "incant/log.h"
#include "incant/mem.h"

#include "op_shelf.h"

/* The newest id in a store but that one; NULL when there is none. */
static const char *
newest_but(const struct catalog *catalog, const char *id)
{
	for (size_t i = 0; i < catalog->count; i++)
		if (!catalog->entries[i].damaged && strcmp(catalog->entries[i].id, id) != 0)
			return catalog->entries[i].id;
	return NULL;
}

static bool
has_id(const struct catalog *catalog, const char *id)
{
	for (size_t i = 0; i < catalog->count; i++)
		if (strcmp(catalog->entries[i].id, id) == 0)
			return true;
	return false;
}

/* Copies one. 0 or -1. */
static int
catch_up_one(const struct op_copy *copy, const struct catalog_entry *entry)
{
	struct op_copy one = *copy;

	one.manifest = &entry->manifest;
	one.sent = NULL; /* those are of another backup */
	if (op_copy_backup(&one) != 0)
		return error_add("backup %s", entry->id);
	log_info("copied backup %s into store %s", entry->id, copy->to_place->name);
	return 0;
}

/* Copies what is missing. 0, or -1 with the first error. */
static int
catch_up_all(const struct op_copy *copy, const struct catalog *from, const struct catalog *to)
{
	const char *newest = newest_but(to, copy->manifest->id);
	struct error first = { .class = ERR_NONE };
	unsigned failed = 0;

	for (size_t i = 0; i < from->count && failed < 2; i++) {
		const struct catalog_entry *entry = &from->entries[i];

		if (entry->damaged || has_id(to, entry->id) || strcmp(entry->id, copy->manifest->id) == 0)
			continue;
		if (newest != NULL && catalog_compare_ids(entry->id, newest) < 0)
			break;
		if (interrupt_check() != 0)
			return -1;
		if (catch_up_one(copy, entry) == 0) {
			failed = 0;
			continue;
		}
		failed++;
		if (first.class == ERR_NONE)
			error_take(&first);
	}
	return first.class == ERR_NONE ? 0 : error_put(&first);
}

void
op_catch_up_tidy(const struct settings *settings, const struct settings_store *place)
{
	const char *source = settings->source.name;
	char *prefix = mem_format("%s/", source);
	struct store *store = op_store_open(place, STORE_WRITE | STORE_DELETE);
	size_t removed = 0;

	if (store == NULL || catalog_sweep(store, source, NULL, &removed) != 0 ||
		store_sweep(store, prefix, &removed) != 0 || catalog_pack(store, source) != 0)
		log_warning("store %s could not be tidied: %s", place->name, error_get()->message);
	error_clear();
	if (removed > 0)
		log_info("removed %zu leftovers from store %s", removed, place->name);
	store_close(store);
	free(prefix);
}

int
op_catch_up(const struct op_copy *copy)
{
	struct catalog from, to;
	int rc = -1;

	catalog_init(&from);
	catalog_init(&to);
	if (catalog_load(copy->from, copy->manifest->source, &from) == 0 &&
		catalog_load(copy->to, copy->manifest->source, &to) == 0)
		rc = catch_up_all(copy, &from, &to);
	catalog_clear(&from);
	catalog_clear(&to);
	if (rc == 0)
		op_catch_up_tidy(copy->settings, copy->to_place);
	return rc;
}
