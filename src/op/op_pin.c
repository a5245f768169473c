/*
 * pin and unpin: the record goes to, or leaves, every store that has the backup.
 *
 * A pin does not wait for the source's lock: it must be possible while a backup is being made. What could
 * take the backup away meanwhile is rotation; so the manifest is looked for again once the pin stands, and
 * rotation looks for a pin again when it has taken the manifest away (op_rotate.c). One of the two sees the
 * other.
 */
#include "config.h"

#include "incant/op_pin.h"

#include <stdlib.h>

#include "incant/clock.h"
#include "incant/error.h"
#include "incant/log.h"
#include "incant/mem.h"

#include "op_shelf.h"
#include "op_suspect.h"

/* Pins in one store. 0 or -1. */
static int
pin_put(struct store *store, const char *source, const char *id, const struct pin *pin)
{
	struct store_lock *hold = NULL;
	int rc = catalog_hold(store, source, id, false, &hold);

	if (rc == 0) {
		rc = pin_save(store, source, id, pin);
		if (rc == 0)
			rc = catalog_ask(store, source, id);
		if (rc == STORE_MISSING)
			(void)pin_remove(store, source, id);
	}
	store_unlock(hold);
	if (rc <= 0)
		return rc;
	return error_set(ERR_NOT_FOUND, "%s is being removed from store %s", id, store_name(store));
}

/* In one store of the settings: puts the pin, or with NULL takes it away. 0 or -1. */
static int
pin_in_store(const struct settings_store *place, const char *source, const char *id, const struct pin *pin)
{
	struct store *store = op_store_open(place, STORE_WRITE | STORE_DELETE);
	int rc = -1;

	if (store != NULL)
		rc = pin != NULL ? pin_put(store, source, id, pin) : pin_remove(store, source, id);
	store_close(store);
	return rc < 0 ? -1 : 0;
}

int
op_pin_in_stores(const struct settings *settings, const struct op_backup *backup, const struct pin *pin)
{
	struct error first = { .class = ERR_NONE };

	for (size_t i = 0; i < backup->store_count; i++) {
		const struct settings_store *place = settings_find_store(settings, backup->stores[i]);

		if (place != NULL &&
			pin_in_store(place, backup->manifest.source, backup->manifest.id, pin) == 0)
			continue;
		error_add("store %s", backup->stores[i]);
		if (first.class == ERR_NONE)
			error_take(&first);
	}
	if (first.class == ERR_NONE)
		return 0;
	return error_put(&first);
}

/* A store that did not answer may have the backup too. */
static int
pin_check_answers(const struct op_shelf *shelf, const char *id, bool unpin)
{
	for (size_t i = 0; i < shelf->count; i++)
		if (!shelf->places[i].answered) {
			error_set(ERR_STORE, "store %s did not answer: if it has %s, that is %s there",
				shelf->places[i].store_name, id, unpin ? "still pinned" : "not pinned");
			return error_hint("Say it again when the store answers.");
		}
	return 0;
}

/* Who pins a suspect backup by hand has looked at it. */
static int
pin_accept(const struct settings *settings, struct op_backup *backup)
{
	if (op_suspect_accept(settings, backup) != 0)
		return -1;
	log_info("%s was suspect, and counts as good from now on", backup->manifest.id);
	suspect_free(backup->suspect);
	backup->suspect = NULL;
	return 0;
}

int
op_pin_run(
	const struct settings *settings, const struct op_pin_request *request, struct op_pin_report *report)
{
	const struct op_place *place = NULL;
	const struct catalog_entry *entry = NULL;
	struct op_shelf shelf;
	struct pin *pin = NULL;
	int rc;

	*report = (struct op_pin_report){ .backup = { .stores = NULL } };
	manifest_init(&report->backup.manifest);
	rc = op_shelf_open(settings, request->which.store, settings->source.name, &shelf);
	if (rc == 0)
		rc = op_shelf_find(&shelf, &request->which, &place, &entry);
	if (rc == 0)
		rc = op_shelf_sound(entry);
	if (rc != 0)
		goto out;
	op_shelf_describe(&shelf, entry, &report->backup);
	if (!request->unpin)
		pin = pin_new(clock_now(), request->until, request->reason);
	pin_free(report->backup.pin);
	report->backup.pin = pin;
	rc = op_pin_in_stores(settings, &report->backup, pin);
	if (rc == 0 && !request->unpin && report->backup.suspect != NULL)
		rc = pin_accept(settings, &report->backup);
	if (rc == 0)
		rc = pin_check_answers(&shelf, entry->id, request->unpin);
out:
	op_shelf_clear(&shelf);
	return rc;
}

void
op_pin_report_clear(struct op_pin_report *report)
{
	op_backup_clear(&report->backup);
}
