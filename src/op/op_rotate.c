/*
 * Rotation in one store. A backup that is dropped loses its manifest first: from then on it does not exist,
 * and what is left of it is swept by whichever run comes next.
 *
 * Before that its folder is held alone, which fails while anybody reads it; and its pin is looked for once
 * more, and once more again when the manifest is gone: then the manifest is put back. Together with the order
 * in which a pin is made (op_pin.c) no backup is lost whose pin was reported to stand, in stores that know no
 * holding either.
 */
#include "config.h"

#include "op_rotate.h"

#include <stdlib.h>
#include <string.h>

#include "incant/buf.h"
#include "incant/error.h"
#include "incant/interrupt.h"
#include "incant/log.h"
#include "incant/mem.h"
#include "incant/retention.h"
#include "incant/retention_forecast.h"
#include "incant/text.h"

#include "op_awaited.h"

#define PINS_MANY 10 /* from here on they are told of */
#define WARN_DAYS 14

struct retention_backup
op_rotate_describe(const struct op_shelf *shelf, const struct catalog_entry *entry, int64_t now)
{
	const struct pin *pin = entry->pin;
	const struct proof *proof = NULL;
	struct retention_backup backup = {
		.id = entry->id,
		.created = entry->manifest.created,
		.damaged = entry->damaged,
	};

	for (size_t i = 0; i < shelf->count; i++) {
		const struct catalog_entry *there =
			op_place_find(&shelf->places[i], entry->source, entry->id);
		if (there == NULL)
			continue;
		pin = pin_longer(pin, there->pin);
		proof = proof_later(proof, there->proof);
		if (there->suspect != NULL)
			backup.doubt = "suspect";
	}
	backup.proven = proof != NULL && proof->ok;
	if (proof != NULL && !proof->ok)
		backup.doubt = "one whose proof failed";
	backup.pinned = pin_holds(pin, now);
	backup.pinned_until = backup.pinned ? pin->until : 0;
	return backup;
}

static void
rotate_set_reason(struct op_verdict *verdict, const char *reason)
{
	verdict->keep = true;
	free(verdict->reason);
	verdict->reason = mem_text(reason);
}

/* Whether the backup is pinned there by now. 1, 0 or -1. */
static int
rotate_is_pinned(const struct op_rotation *rotation, struct store *store, const char *id)
{
	struct pin *pin = NULL;
	int rc = pin_load(store, rotation->source, id, &pin);
	bool holds = pin_holds(pin, rotation->now);

	pin_free(pin);
	return rc < 0 ? -1 : holds;
}

/* Removes every object of a backup that has no manifest any more. */
static int
rotate_remove_objects(const struct op_rotation *rotation, struct store *store, const char *id)
{
	struct store_list list = { NULL, 0, 0 };
	char *prefix = catalog_object_name(rotation->source, id, "");
	const char **names = NULL;
	size_t removed = 0;
	int rc = store_list(store, prefix, &list);

	names = mem_resize(NULL, list.count + 1, sizeof(*names));
	for (size_t i = 0; i < list.count; i++)
		names[i] = list.entries[i].name;
	if (rc == 0 && list.count > 0)
		rc = store_remove_all(store, names, list.count, &removed);
	free(names);
	store_list_clear(&list);
	free(prefix);
	return rc;
}

/* Takes the manifest away, and puts it back where a pin came meanwhile. 0 when it is gone, 1 when it stays,
 * -1. */
static int
rotate_remove_manifest(const struct op_rotation *rotation, struct store *store, const char *id)
{
	struct buf text = BUF_EMPTY;
	char *name = catalog_object_name(rotation->source, id, MANIFEST_NAME);
	int rc = store_get(store, name, MANIFEST_LIMIT_BYTES, &text);

	if (rc == 0 && store_remove(store, name) < 0)
		rc = -1;
	if (rc == 0)
		rc = rotate_is_pinned(rotation, store, id);
	if (rc == 1 && store_put(store, name, text.bytes, text.len) != 0)
		rc = error_add("%s was pinned while it was being removed", id);
	buf_clear(&text);
	free(name);
	/* Already gone: others may tidy up, too. */
	return rc == STORE_MISSING && text.len == 0 ? 0 : rc;
}

/* Removes one backup; the verdict becomes one to keep where somebody reads or pins it. */
static int
rotate_remove(const struct op_rotation *rotation, struct store *store, struct op_verdict *verdict)
{
	struct store_lock *hold = NULL;
	int rc = catalog_hold(store, rotation->source, verdict->id, true, &hold);

	if (rc == STORE_BUSY) {
		rotate_set_reason(verdict, "it is being read by another process");
		return 0;
	}
	if (rc >= 0)
		rc = rotate_is_pinned(rotation, store, verdict->id);
	if (rc == 0)
		rc = rotate_remove_manifest(rotation, store, verdict->id);
	if (rc == 0)
		rc = rotate_remove_objects(rotation, store, verdict->id);
	store_unlock(hold);
	if (rc == 1)
		rotate_set_reason(verdict, "pinned just now");
	verdict->removed = rc == 0;
	return rc < 0 ? error_add("cannot remove %s from store %s", verdict->id, store_name(store)) : 0;
}

/*
 * Objects without a manifest, and what unfinished writes left. In a store that gets copies, what one can go
 * on with is left.
 */
static int
rotate_sweep(const struct op_rotation *rotation, struct store *store)
{
	const struct op_place *first = &rotation->shelf->places[0];
	char *prefix = mem_format("%s/", rotation->source);
	struct op_awaited awaited = { .count = 0 };
	const struct store_awaited *objects = NULL;
	size_t removed = 0;

	if (first != rotation->place) {
		op_awaited_find(rotation->shelf, first, rotation->place, &rotation->settings->keep, &awaited);
		objects = &awaited.objects;
	}
	int rc = catalog_sweep(store, rotation->source, objects, &removed);
	if (rc == 0)
		rc = store_sweep(store, prefix, objects, &removed);
	if (rc == 0)
		rc = catalog_pack(store, rotation->source);
	if (removed > 0)
		log_info("removed %zu leftovers from store %s", removed, store_name(store));
	op_awaited_clear(&awaited);
	free(prefix);
	return rc;
}

/* Removes what the verdicts from `begin` on have dropped. */
static int
rotate_act(const struct op_rotation *rotation, struct op_prune_report *report, size_t begin)
{
	struct store *store = op_store_open(rotation->settings, STORE_WRITE | STORE_DELETE);
	int rc = store != NULL ? 0 : -1;

	for (size_t i = begin; i < report->count && rc == 0; i++) {
		if (report->verdicts[i].keep)
			continue;
		rc = interrupt_check();
		if (rc == 0)
			rc = rotate_remove(rotation, store, &report->verdicts[i]);
	}
	/* Where the first store did not answer there is no telling which copies can go on. */
	if (rc == 0 && rotation->shelf->places[0].answered)
		rc = rotate_sweep(rotation, store);
	store_close(store);
	return rc;
}

static void
rotate_count(const struct op_prune_report *report, size_t begin, struct op_prune_store *store)
{
	for (size_t i = begin; i < report->count; i++) {
		const struct op_verdict *verdict = &report->verdicts[i];
		if (verdict->keep) {
			store->kept++;
			store->kept_bytes += verdict->stored_bytes;
		} else {
			store->dropped++;
			store->dropped_bytes += verdict->stored_bytes;
		}
	}
}

/* Free space, and for how long it lasts. */
static void
rotate_look_ahead(const struct op_rotation *rotation, const struct retention_backup *backups,
	const struct op_verdict *verdicts, struct op_prune_store *store)
{
	size_t total = rotation->place->catalog.count, count = 0;
	struct retention_sized *kept = mem_alloc((total + 1) * sizeof(*kept));

	store->free_bytes = UINT64_MAX;
	if (store_free_bytes(rotation->place->store, &store->free_bytes) != 0)
		error_clear();
	for (size_t i = 0; i < total; i++)
		if (verdicts[i].keep && !backups[i].damaged)
			kept[count++] = (struct retention_sized){ backups[i], verdicts[i].stored_bytes };
	uint64_t free_bytes = store->free_bytes;
	if (rotation->dry_run && free_bytes != UINT64_MAX)
		free_bytes += store->dropped_bytes;
	store->full_in_days = retention_forecast_days(kept, count, &rotation->settings->keep, free_bytes);
	if (store->full_in_days >= 0 && store->full_in_days <= WARN_DAYS)
		log_warning("store %s will be full in about %d days, if backups go on as they do",
			store->name, store->full_in_days);
	free(kept);
}

/* Pins keep what nobody may want any more. */
static void
rotate_look_at_pins(const struct op_rotation *rotation, const struct retention_backup *backups,
	const struct op_verdict *verdicts)
{
	size_t pins = 0;
	uint64_t bytes = 0;
	char size[16];

	for (size_t i = 0; i < rotation->place->catalog.count; i++)
		if (backups[i].pinned) {
			pins++;
			bytes += verdicts[i].stored_bytes;
		}
	if (pins > PINS_MANY)
		log_warning("%zu backups are pinned in store %s and take %s: unpin what is wanted no longer",
			pins, rotation->settings->name, text_format_bytes(size, sizeof(size), bytes));
}

/* The decision, into the report. A refusal is an error, and every verdict is to keep then. */
static int
rotate_decide(const struct op_rotation *rotation, const struct retention_backup *backups,
	struct op_prune_report *report)
{
	const struct catalog *catalog = &rotation->place->catalog;
	struct retention_verdict *verdicts = mem_alloc((catalog->count + 1) * sizeof(*verdicts));
	char refusal[RETENTION_REASON_SIZE];
	int rc = retention_decide(
		backups, catalog->count, &rotation->settings->keep, rotation->now, verdicts, refusal);

	for (size_t i = 0; i < catalog->count; i++) {
		MEM_GROW(report->verdicts, report->count, report->capacity);
		report->verdicts[report->count++] = (struct op_verdict){
			.id = mem_text(catalog->entries[i].id),
			.store = mem_text(rotation->settings->name),
			.keep = verdicts[i].keep,
			.reason = mem_text(verdicts[i].reason),
			.stored_bytes = manifest_stored_bytes(&catalog->entries[i].manifest),
		};
	}
	free(verdicts);
	if (rc == RETENTION_REFUSED)
		return error_set(
			ERR_STORE, "nothing is removed from store %s: %s", rotation->settings->name, refusal);
	return 0;
}

int
op_rotate_store(
	const struct op_rotation *rotation, struct op_prune_report *report, struct op_prune_store *store)
{
	const struct catalog *catalog = &rotation->place->catalog;
	struct retention_backup *backups = mem_alloc((catalog->count + 1) * sizeof(*backups));
	size_t begin = report->count;

	for (size_t i = 0; i < catalog->count; i++)
		backups[i] = op_rotate_describe(rotation->shelf, &catalog->entries[i], rotation->now);
	int rc = rotate_decide(rotation, backups, report);
	if (rc == 0 && !rotation->dry_run)
		rc = rotate_act(rotation, report, begin);
	struct error error = *error_get();
	rotate_count(report, begin, store);
	rotate_look_ahead(rotation, backups, report->verdicts + begin, store);
	rotate_look_at_pins(rotation, backups, report->verdicts + begin);
	free(backups);
	return rc == 0 ? 0 : error_put(&error);
}
