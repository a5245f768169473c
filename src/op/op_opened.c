/*
 * Opens one backup: shelf, entry, archive; then its record, which tells where in the archive everything lies.
 */
#include "config.h"

#include "op_opened.h"

#include <stdlib.h>

#include "incant/error.h"
#include "incant/log.h"
#include "incant/mem.h"

#include "op_record.h"

static int
opened_removed(const struct op_opened *opened)
{
	return error_set(ERR_NOT_FOUND, "%s is being removed from store %s", opened->entry->id,
		opened->place->store_name);
}

/* Holds the backup, so that no rotation takes it away while it is read. */
static int
opened_hold(struct op_opened *opened)
{
	int rc = catalog_hold(
		opened->place->store, opened->entry->source, opened->entry->id, false, &opened->hold);

	if (rc == STORE_BUSY || rc == STORE_MISSING)
		return opened_removed(opened);
	return rc;
}

/* An object is not there: that is damage, unless the whole backup has gone since it was found. */
static int
opened_missing(const struct op_opened *opened, const char *object)
{
	if (catalog_ask(opened->place->store, opened->entry->source, opened->entry->id) == STORE_MISSING)
		return opened_removed(opened);
	return error_set(ERR_DAMAGED, "%s of %s is missing in store %s", object, opened->entry->id,
		opened->place->store_name);
}

int
op_opened_object(const struct op_opened *opened, const struct manifest_object *object, struct input **input,
	const struct input **stored)
{
	const struct manifest *manifest = &opened->entry->manifest;
	char *name = catalog_object_name(manifest->source, manifest->id, object->name);
	struct input *under = NULL;
	int rc = store_read(opened->place->store, name, &under);

	if (rc == STORE_MISSING)
		rc = opened_missing(opened, object->name);
	else if (rc == 0 && under->size_bytes != object->bytes)
		/* Not refused: what is wanted may lie in the part that is there, and each frame is checked.
		 */
		log_warning("%s has %llu bytes, %llu were written: it is damaged", under->name,
			(unsigned long long)under->size_bytes, (unsigned long long)object->bytes);
	if (rc == 0) {
		*input = op_keys_open(opened->keys, under, name);
		rc = *input != NULL ? 0 : -1;
		if (stored != NULL)
			*stored = under;
	}
	free(name);
	return rc;
}

/* Opens the archive named by the manifest. A manifest without its archive is damage. */
static int
opened_open_cluster(const struct op_opened *opened, struct input **cluster, const struct input **below)
{
	const struct manifest *manifest = &opened->entry->manifest;
	const struct manifest_object *object = manifest_find_stem(manifest, MANIFEST_CLUSTER_STEM);
	struct input *input = NULL;

	if (object == NULL)
		return error_set(ERR_DAMAGED, "the manifest of %s names no cluster archive", manifest->id);
	if (op_opened_object(opened, object, &input, below) != 0)
		return -1;
	*cluster = input_recent_new(input, FRAME_MAX_BYTES);
	return 0;
}

int
op_opened_archive(struct op_opened *opened)
{
	return opened_open_cluster(opened, &opened->cluster, &opened->object);
}

/* Where the same backup lies open, when this one is sealed and nothing here opens it. */
static void
opened_prefer_plain(struct op_opened *opened)
{
	if (op_keys_are_set(opened->keys) || !op_seal_manifest(&opened->entry->manifest))
		return;
	for (size_t i = 0; i < opened->shelf.count; i++) {
		const struct op_place *place = &opened->shelf.places[i];
		const struct catalog_entry *entry =
			op_place_find(place, opened->entry->source, opened->entry->id);

		if (entry == NULL || op_seal_manifest(&entry->manifest))
			continue;
		opened->place = place;
		opened->entry = entry;
		return;
	}
}

int
op_opened_find(struct op_opened *opened, const struct settings *settings, const struct op_which *which)
{
	*opened = (struct op_opened){ .cluster = NULL };
	opened->keys = op_keys_new(settings);
	contents_init(&opened->contents);
	frame_index_init(&opened->index);
	if (op_shelf_open(settings, which->store, settings->source.name, &opened->shelf) != 0)
		return -1;
	if (op_shelf_find(&opened->shelf, which, &opened->place, &opened->entry) != 0)
		return -1;
	if (op_shelf_sound(opened->entry) != 0)
		return -1;
	opened_prefer_plain(opened);
	return opened_hold(opened);
}

int
op_opened_open(struct op_opened *opened, const struct settings *settings, const struct op_which *which)
{
	return op_opened_find(opened, settings, which) == 0 ? op_opened_archive(opened) : -1;
}

int
op_opened_read_record(struct op_opened *opened)
{
	const struct op_record_place place = {
		.store = opened->place->store,
		.manifest = &opened->entry->manifest,
		.keys = opened->keys,
	};

	return op_record_load(&place, &opened->contents, &opened->index, &opened->record_bytes);
}

int
op_opened_read_index(struct op_opened *opened)
{
	struct error lost;

	if (op_opened_read_record(opened) == 0)
		return 0;
	if (error_get()->class != ERR_DAMAGED)
		return -1;
	error_take(&lost);
	contents_clear(&opened->contents);
	frame_index_clear(&opened->index);
	if (frame_index_recover(opened->cluster, false, &opened->index) != 0)
		return error_put(&lost);
	log_warning("%s; reading the archive by its own seek table", lost.message);
	return 0;
}

int
op_opened_reader_open(const struct op_opened *opened, struct op_opened_reader *reader)
{
	return opened_open_cluster(opened, &reader->cluster, &reader->object);
}

void
op_opened_reader_close(struct op_opened *opened, struct op_opened_reader *reader)
{
	if (reader->object != NULL)
		opened->record_bytes += reader->object->read_bytes;
	input_free(reader->cluster);
	*reader = (struct op_opened_reader){ .cluster = NULL };
}

uint64_t
op_opened_read_bytes(const struct op_opened *opened)
{
	return opened->record_bytes + (opened->object != NULL ? opened->object->read_bytes : 0);
}

void
op_opened_clear(struct op_opened *opened)
{
	input_free(opened->cluster);
	contents_clear(&opened->contents);
	frame_index_clear(&opened->index);
	store_unlock(opened->hold);
	op_shelf_clear(&opened->shelf);
	op_keys_free(opened->keys);
	opened->keys = NULL;
	opened->hold = NULL;
	opened->cluster = NULL;
	opened->object = NULL;
}
