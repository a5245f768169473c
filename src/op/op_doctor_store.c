/*
 * The stores, and the files that the settings name.
 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "incant/buf.h"
#include "incant/catalog.h"
#include "incant/error.h"
#include "incant/file.h"
#include "incant/mem.h"
#include "incant/text.h"

#include "op_doctor_inside.h"
#include "op_shelf.h"

#define PROBE_TEXT "a probe of incant-backup doctor; it may be removed\n"
#define OTHER_TEXT "another one; a store may take the same text for a first try that had arrived\n"

/*
 * Writes an object, reads it back, tries to write over it, and removes it. A store in which the second write
 * succeeds could lose a backup to another host's. Returns what is wrong, or NULL; the error is set where
 * there is one.
 */
static const char *
probe(struct store *store, const char *name)
{
	struct buf back = BUF_EMPTY;
	const char *wrong = NULL;

	if (store_put(store, name, PROBE_TEXT, strlen(PROBE_TEXT)) != 0)
		return "cannot be written to";
	if (store_get(store, name, strlen(PROBE_TEXT), &back) != 0 ||
		!text_equal(buf_text(&back), PROBE_TEXT))
		wrong = "does not give back what was written";
	else if (store_put(store, name, OTHER_TEXT, strlen(OTHER_TEXT)) == 0)
		wrong = "lets an object be written over (a conditional write is not honoured)";
	else
		error_clear();
	if (store_remove(store, name) != 0 && wrong == NULL)
		wrong = "cannot remove what was written";
	buf_clear(&back);
	return wrong;
}

static void
check_probe(const struct settings *settings, struct store *store, const char *check, struct op_checks *checks)
{
	char *name = mem_format("%s/doctor-%ld/probe", settings->source.name, (long)getpid());
	const char *wrong = probe(store, name);

	if (wrong == NULL) {
		op_checks_add_ok(checks, check, "takes objects, gives them back, and never writes over one");
	} else if (error_get()->class != ERR_NONE) {
		error_add("%s", wrong);
		op_checks_add_error(checks, check);
	} else {
		op_checks_add_bad(checks, check, NULL, "%s", wrong);
	}
	free(name);
}

void
doctor_judge_room(struct op_checks *checks, const char *name, uint64_t free_bytes, uint64_t last_bytes)
{
	char there[16], last[16];

	text_format_bytes(there, sizeof(there), free_bytes);
	text_format_bytes(last, sizeof(last), last_bytes);
	if (last_bytes == 0)
		op_checks_add_ok(checks, name, "%s free, no backup to compare with yet", there);
	else if (free_bytes / 2 >= last_bytes)
		op_checks_add_ok(checks, name, "%s free, the last backup took %s", there, last);
	else
		op_checks_add_bad(checks, name, "Make room, keep fewer backups ([keep]), or move the store.",
			"%s free, the last backup took %s", there, last);
}

static void
check_room(const struct settings *settings, struct store *store, const char *store_check,
	struct op_checks *checks)
{
	char *name = mem_format("%s space", store_check);
	struct catalog catalog;
	uint64_t free_bytes = 0, last_bytes = 0;

	catalog_init(&catalog);
	if (store_free_bytes(store, &free_bytes) != 0 ||
		catalog_load(store, settings->source.name, &catalog) != 0) {
		op_checks_add_error(checks, name);
	} else if (free_bytes != UINT64_MAX) { /* where it can be told */
		for (size_t i = 0; i < catalog.count && last_bytes == 0; i++)
			if (!catalog.entries[i].damaged)
				last_bytes = manifest_stored_bytes(&catalog.entries[i].manifest);
		doctor_judge_room(checks, name, free_bytes, last_bytes);
	}
	catalog_clear(&catalog);
	free(name);
}

static void
judge_versions(struct op_checks *checks, const char *name, const struct store_habits *habits)
{
	if (habits->versions != STORE_DOES)
		op_checks_add_ok(checks, name, "keeps no old versions of what is removed");
	else if (habits->ends_versions == STORE_DOES)
		op_checks_add_ok(checks, name, "keeps old versions of what is removed, for a time");
	else
		op_checks_add_bad(checks, name,
			"Give the bucket a lifecycle rule that removes noncurrent versions after some weeks "
			"(incant-backup.conf(5) shows one).",
			"keeps old versions for ever: what rotation removes still takes room");
}

void
doctor_judge_habits(struct op_checks *checks, const char *name, const struct store_habits *habits)
{
	char *versions = mem_format("%s versions", name), *uploads = mem_format("%s uploads", name),
	     *expiry = mem_format("%s expiry", name);

	if (habits->versions != STORE_UNTOLD)
		judge_versions(checks, versions, habits);
	if (habits->ends_uploads == STORE_DOES)
		op_checks_add_ok(checks, uploads, "a lifecycle rule removes what unfinished uploads leave");
	else if (habits->ends_uploads == STORE_DOES_NOT)
		op_checks_add_bad(checks, uploads,
			"Give the bucket a lifecycle rule that aborts incomplete multipart uploads after a "
			"week (incant-backup.conf(5) shows one).",
			"no lifecycle rule removes what uploads leave that nobody goes on with");
	if (habits->expires == STORE_DOES)
		op_checks_add_bad(checks, expiry,
			"Take that rule away, or limit it to another prefix: [keep] decides on backups.",
			"a lifecycle rule of the bucket removes backups by their age, the only one too");
	else if (habits->expires == STORE_DOES_NOT)
		op_checks_add_ok(checks, expiry, "no lifecycle rule removes backups");
	free(versions);
	free(uploads);
	free(expiry);
}

static void
check_habits(const struct settings *settings, struct store *store, const char *name, struct op_checks *checks)
{
	char *prefix = mem_format("%s/", settings->source.name);
	struct store_habits habits;

	if (store_habits(store, prefix, &habits) == 0)
		doctor_judge_habits(checks, name, &habits);
	else
		op_checks_add_error(checks, name);
	free(prefix);
}

void
doctor_check_stores(const struct settings *settings, struct op_checks *checks)
{
	for (size_t i = 0; i < settings->store_count; i++) {
		const struct settings_store *place = &settings->stores[i];
		char *name = mem_format("store %s", place->name);
		struct store *store = op_store_open(place, STORE_WRITE | STORE_DELETE);

		if (store == NULL) {
			op_checks_add_error(checks, name);
		} else {
			check_probe(settings, store, name, checks);
			check_room(settings, store, name, checks);
			check_habits(settings, store, name, checks);
		}
		store_close(store);
		free(name);
	}
}

/* A file that decides what is run and where data goes, and has addresses that are secrets in all but name:
 * only its owner may change it, and at most its group may read it. */
static void
check_settings_file(const char *path, struct op_checks *checks)
{
	struct stat info;

	if (stat(path, &info) != 0) {
		error_set_errno(ERR_SETTINGS, errno, "cannot look at '%s'", path);
		op_checks_add_error(checks, "settings");
	} else if ((info.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
		op_checks_add_bad(checks, "settings", "chmod go-w it.", "others may write to '%s'", path);
	} else if ((info.st_mode & S_IROTH) != 0) {
		op_checks_add_bad(checks, "settings", "chmod o-r it.", "others may read '%s'", path);
	} else {
		op_checks_add_ok(checks, "settings", "'%s' is read", path);
	}
}

void
doctor_check_files(const struct settings *settings, struct op_checks *checks)
{
	check_settings_file(settings->path, checks);
	for (size_t i = 0; i < settings->included.count; i++)
		check_settings_file(settings->included.items[i], checks);
	if (settings->source.env_file == NULL)
		return;
	if (file_check_private(settings->source.env_file) != 0)
		op_checks_add_error(checks, "env file");
	else
		op_checks_add_ok(checks, "env file", "'%s' is its owner's alone", settings->source.env_file);
}
