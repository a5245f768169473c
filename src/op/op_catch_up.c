/*
 * The catalogs of both stores, compared, and rotation's rules for the target. A copy that cannot be made does
 * not keep the next one from being tried, but a store that has failed twice in a row is left alone: it is
 * down.
 */
#include "config.h"

#include "op_catch_up.h"

#include <stdlib.h>
#include <string.h>

#include "incant/catalog.h"
#include "incant/clock.h"
#include "incant/error.h"
#include "incant/interrupt.h"
#include "incant/log.h"
#include "incant/mem.h"

#include "op_rotate.h"
#include "op_shelf.h"

/* Both catalogs, and every whole backup that is in any of them, once. */
struct both {
	struct op_place places[2]; /* from, to */
	struct op_shelf shelf;
	const struct catalog_entry **entries; /* newest first */
	size_t count;
};

/* The next whole backup of a catalog; NULL at its end. */
static const struct catalog_entry *
next_whole(const struct catalog *catalog, size_t *at)
{
	while (*at < catalog->count && catalog->entries[*at].damaged)
		++*at;
	return *at < catalog->count ? &catalog->entries[*at] : NULL;
}

static void
both_merge(struct both *both)
{
	const struct catalog *from = &both->places[0].catalog, *to = &both->places[1].catalog;
	size_t from_at = 0, to_at = 0;

	both->entries = mem_alloc((from->count + to->count + 1) * sizeof(const struct catalog_entry *));
	for (;;) {
		const struct catalog_entry *a = next_whole(from, &from_at), *b = next_whole(to, &to_at);
		int order = a == NULL ? -1 : b == NULL ? 1 : catalog_compare_ids(a->id, b->id);

		if (a == NULL && b == NULL)
			return;
		both->entries[both->count++] = order >= 0 ? a : b;
		from_at += order >= 0;
		to_at += order <= 0;
	}
}

static int
both_load(struct both *both, const struct op_copy *copy)
{
	const char *source = copy->manifest->source;

	memset(both, 0, sizeof(*both));
	catalog_init(&both->places[0].catalog);
	catalog_init(&both->places[1].catalog);
	both->shelf = (struct op_shelf){ .places = both->places, .count = 2 };
	if (catalog_load(copy->from, source, &both->places[0].catalog) != 0 ||
		catalog_load(copy->to, source, &both->places[1].catalog) != 0)
		return -1;
	both_merge(both);
	return 0;
}

static void
both_clear(struct both *both)
{
	free(both->entries);
	catalog_clear(&both->places[0].catalog);
	catalog_clear(&both->places[1].catalog);
}

/* What rotation would say, were all of them in the target. False when it would refuse. */
static bool
both_decide(const struct both *both, const struct op_copy *copy, struct retention_verdict *verdicts)
{
	struct retention_backup *backups = mem_alloc((both->count + 1) * sizeof(*backups));
	char refusal[RETENTION_REASON_SIZE];
	int64_t now = clock_now();

	/* Which clock is wrong is for rotation to find. */
	if (both->count > 0 && both->entries[0]->manifest.created > now)
		now = both->entries[0]->manifest.created;
	for (size_t i = 0; i < both->count; i++)
		backups[i] = op_rotate_describe(&both->shelf, both->entries[i], now);
	int rc = retention_decide(backups, both->count, &copy->to_place->keep, now, verdicts, refusal);
	free(backups);
	if (rc != 0)
		log_verbose("store %s is not caught up: %s", copy->to_place->name, refusal);
	return rc == 0;
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

/* Whether the target may have it: also one that is damaged there is in the way. */
static bool
has_id(const struct catalog *catalog, const char *id)
{
	for (size_t i = 0; i < catalog->count; i++)
		if (strcmp(catalog->entries[i].id, id) == 0)
			return true;
	return false;
}

/* Copies what is missing. 0, or -1 with the first error. */
static int
catch_up_all(const struct op_copy *copy, const struct both *both, const struct retention_verdict *verdicts)
{
	struct error first = { .class = ERR_NONE };
	unsigned failed = 0;

	for (size_t i = 0; i < both->count && failed < 2; i++) {
		if (!verdicts[i].keep || has_id(&both->places[1].catalog, both->entries[i]->id))
			continue;
		if (interrupt_check() != 0)
			return -1;
		if (catch_up_one(copy, both->entries[i]) == 0) {
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
	struct retention_verdict *verdicts = NULL;
	struct both both;
	int rc = both_load(&both, copy);

	if (rc == 0) {
		verdicts = mem_alloc((both.count + 1) * sizeof(*verdicts));
		if (both_decide(&both, copy, verdicts))
			rc = catch_up_all(copy, &both, verdicts);
	}
	free(verdicts);
	both_clear(&both);
	if (rc == 0)
		op_catch_up_tidy(copy->settings, copy->to_place);
	return rc;
}
