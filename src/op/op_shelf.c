/*
 * Opens the stores that a command looks in and finds backups across them. The newest wins; among stores that
 * have the same backup, the one that the settings name first.
 */
#include "config.h"

#include "op_shelf.h"

#include <stdlib.h>
#include <string.h>

#include "incant/error.h"
#include "incant/log.h"
#include "incant/mem.h"
#include "incant/text.h"

struct store *
op_store_open(const struct settings_store *settings, unsigned rights)
{
	const struct store_options options = {
		.name = settings->name,
		.kind = settings->kind,
		.path = settings->path,
		.endpoint = settings->endpoint,
		.region = settings->region,
		.bucket = settings->bucket,
		.prefix = settings->prefix,
		.credentials = settings->credentials,
		.ca_file = settings->ca_file,
		.host_style = settings->host_style,
		.bytes_per_second = settings->rate_limit_bytes,
		.patience_ms = settings->patience_ms,
	};

	return store_open(&options, rights);
}

/* Adds one store to the shelf. -1 when it does not answer; the place is there all the same, to be cleared. */
static int
shelf_add(struct op_shelf *shelf, const struct settings_store *settings, const char *source)
{
	struct op_place *place;

	MEM_GROW(shelf->places, shelf->count, shelf->capacity);
	place = &shelf->places[shelf->count++];
	*place = (struct op_place){ .store_name = settings->name };
	catalog_init(&place->catalog);
	place->store = op_store_open(settings, STORE_READ);
	if (place->store == NULL)
		return -1;
	place->answered = catalog_load(place->store, source, &place->catalog) == 0;
	return place->answered ? 0 : -1;
}

int
op_shelf_open(const struct settings *settings, const char *store, const char *source, struct op_shelf *shelf)
{
	size_t answered = 0, asked = 0;
	struct error first = { .class = ERR_NONE };

	*shelf = (struct op_shelf){ NULL, 0, 0 };
	if (store != NULL && settings_find_store(settings, store) == NULL)
		return -1;
	for (size_t i = 0; i < settings->store_count; i++) {
		if (store != NULL && !text_equal(settings->stores[i].name, store))
			continue;
		asked++;
		if (shelf_add(shelf, &settings->stores[i], source) == 0) {
			answered++;
			continue;
		}
		if (settings->store_count > 1 && store == NULL)
			log_warning("store %s: %s", settings->stores[i].name, error_get()->message);
		if (first.class == ERR_NONE)
			error_take(&first);
	}
	error_clear();
	return answered > 0 || asked == 0 ? 0 : error_put(&first);
}

void
op_shelf_clear(struct op_shelf *shelf)
{
	for (size_t i = 0; i < shelf->count; i++) {
		catalog_clear(&shelf->places[i].catalog);
		store_close(shelf->places[i].store);
	}
	free(shelf->places);
	*shelf = (struct op_shelf){ NULL, 0, 0 };
}

/* Nothing was found: where a store did not answer, nobody knows. Returns -1. */
static int
shelf_fail(const struct op_shelf *shelf, const struct error *first)
{
	for (size_t i = 0; i < shelf->count; i++)
		if (!shelf->places[i].answered)
			return error_set(ERR_STORE, "store %s did not answer, and elsewhere %s",
				shelf->places[i].store_name, first->message);
	return error_put(first);
}

int
op_shelf_find(const struct op_shelf *shelf, const struct op_which *which, const struct op_place **place,
	const struct catalog_entry **entry)
{
	struct error first = { .class = ERR_NONE };

	*place = NULL;
	*entry = NULL;
	for (size_t i = 0; i < shelf->count; i++) {
		const struct catalog_entry *found = catalog_find(&shelf->places[i].catalog, which->which,
			which->has_at ? which->at : CATALOG_ANY_TIME);

		if (found == NULL) {
			if (first.class == ERR_NONE)
				error_take(&first);
			continue;
		}
		/* Ids of one length sort by time; a later store replaces an earlier one only with a newer
		 * backup. */
		if (*entry == NULL || catalog_compare_ids(found->id, (*entry)->id) > 0 ||
			((*entry)->damaged && !found->damaged && strcmp(found->id, (*entry)->id) == 0)) {
			*entry = found;
			*place = &shelf->places[i];
		}
	}
	error_clear();
	return *entry != NULL ? 0 : shelf_fail(shelf, &first);
}

int
op_shelf_sound(const struct catalog_entry *entry)
{
	return entry->damaged ? error_put(&entry->error) : 0;
}

const struct catalog_entry *
op_place_find(const struct op_place *place, const char *source, const char *id)
{
	return catalog_find_whole(&place->catalog, source, id);
}

bool
op_place_has(const struct op_place *place, const char *source, const char *id)
{
	return op_place_find(place, source, id) != NULL;
}

/* What the manifest of an encrypted store leaves out, another one may tell. */
static void
shelf_take_totals(struct manifest *manifest, const struct manifest *there)
{
	if (!manifest->no_totals || there->no_totals)
		return;
	manifest->databases = there->databases;
	manifest->tables = there->tables;
	manifest->rows = there->rows;
	manifest->no_totals = false;
}

void
op_shelf_describe(const struct op_shelf *shelf, const struct catalog_entry *entry, struct op_backup *backup)
{
	const struct pin *pin = NULL;
	const struct proof *proof = NULL;
	const struct suspect *suspect = NULL;

	*backup = (struct op_backup){ .stores = NULL };
	manifest_init(&backup->manifest);
	manifest_copy(&backup->manifest, &entry->manifest);
	for (size_t i = 0; i < shelf->count; i++) {
		const struct catalog_entry *there =
			op_place_find(&shelf->places[i], entry->source, entry->id);

		if (there == NULL)
			continue;
		pin = pin_longer(pin, there->pin);
		proof = proof_later(proof, there->proof);
		shelf_take_totals(&backup->manifest, &there->manifest);
		suspect = suspect != NULL ? suspect : there->suspect;
		MEM_GROW(backup->stores, backup->store_count, backup->store_capacity);
		backup->stores[backup->store_count++] = mem_text(shelf->places[i].store_name);
	}
	backup->pin = pin_copy(pin);
	backup->proof = proof_copy(proof);
	backup->suspect = suspect_copy(suspect);
}
