/*
 * Backups of any age in a scratch store: a manifest and one small object each. Include it behind cmocka and
 * scratch_store.h or faulty_store.h.
 */
#ifndef TESTS_PLANTED_BACKUP_H
#define TESTS_PLANTED_BACKUP_H

#include "incant/buf.h"
#include "incant/catalog.h"
#include "incant/clock.h"
#include "incant/manifest.h"
#include "incant/settings.h"

#define PLANTED_SOURCE "app"
#define PLANTED_SHA256 "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881" /* of "x" */

/* Fills in an initialised manifest. */
static inline void
planted_manifest(struct manifest *manifest, int64_t created)
{
	char id[CLOCK_ID_SIZE];

	manifest->id = mem_text(clock_format_id(id, created));
	manifest->source = mem_text(PLANTED_SOURCE);
	manifest->host = mem_text("here");
	manifest->program = mem_text("test");
	manifest->server_version = mem_text("15.18");
	manifest->codec = mem_text("zstd");
	manifest->created = manifest->finished = created;
	manifest->plain_bytes = 100;
	manifest_add_object(manifest, "cluster.sql.zst", 1, PLANTED_SHA256);
}

/* Puts what is missing of the backup of that time. */
static inline void
plant(struct store *store, int64_t created)
{
	struct manifest manifest;
	struct buf text = BUF_EMPTY;

	manifest_init(&manifest);
	planted_manifest(&manifest, created);
	char *object = catalog_object_name(PLANTED_SOURCE, manifest.id, "cluster.sql.zst");
	char *commit = catalog_object_name(PLANTED_SOURCE, manifest.id, MANIFEST_NAME);
	assert_int_equal(manifest_write(&manifest, &text), 0);
	assert_int_equal(store_replace(store, object, "x", 1), 0);
	assert_int_equal(store_replace(store, commit, text.bytes, text.len), 0);
	free(object);
	free(commit);
	buf_clear(&text);
	manifest_clear(&manifest);
}

/* Settings with a store a path (the second may be NULL), and lines behind. Freed by settings_free(). */
static inline struct settings *
planted_settings(const char *first, const char *second, const char *more)
{
	char *text =
		mem_format("[source]\nname = " PLANTED_SOURCE "\nkind = postgres\nconninfo = host=/nowhere\n"
			   "[store first]\nkind = directory\npath = %s\n%s%s\n%s",
			first, second != NULL ? "[store second]\nkind = directory\npath = " : "",
			second != NULL ? second : "", more);
	struct settings *settings = settings_parse(text, strlen(text), "settings");

	if (settings == NULL)
		fail_msg("%s", error_get()->message);
	free(text);
	return settings;
}

#endif
