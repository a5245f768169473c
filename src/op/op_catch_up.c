/*
 * What is awaited, copied. A copy that cannot be made does not keep the next one from being tried, but a
 * store that has failed twice in a row is left alone: it is down.
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

#include "op_awaited.h"
#include "op_shelf.h"

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

/* Copies them, newest first. 0, or -1 with the first error. */
static int
catch_up_all(const struct op_copy *copy, const struct op_awaited *awaited)
{
	struct error first = { .class = ERR_NONE };
	unsigned failed = 0;

	for (size_t i = 0; i < awaited->count && failed < 2; i++) {
		if (interrupt_check() != 0)
			return -1;
		if (catch_up_one(copy, awaited->entries[i]) == 0) {
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
		store_sweep(store, prefix, NULL, &removed) != 0 || catalog_pack(store, source) != 0)
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
	const char *source = copy->manifest->source;
	struct op_place places[2] = { { .store_name = NULL } };
	const struct op_shelf shelf = { .places = places, .count = 2 };
	struct op_place *from = &places[0], *to = &places[1];
	struct op_awaited awaited;
	int rc = -1;

	catalog_init(&from->catalog);
	catalog_init(&to->catalog);
	if (catalog_load(copy->from, source, &from->catalog) == 0 &&
		catalog_load(copy->to, source, &to->catalog) == 0) {
		op_awaited_find(&shelf, from, to, &copy->to_place->keep, &awaited);
		rc = catch_up_all(copy, &awaited);
		op_awaited_clear(&awaited);
	}
	catalog_clear(&from->catalog);
	catalog_clear(&to->catalog);
	if (rc == 0)
		op_catch_up_tidy(copy->settings, copy->to_place);
	return rc;
}
