/*
 * A backup that is whole by its manifest and digests, with objects that are just texts: enough for what
 * copies, lists and removes backups without looking into them. Include it behind cmocka.
 */
#ifndef TESTS_PLAIN_BACKUP_H
#define TESTS_PLAIN_BACKUP_H

#include <time.h>

#include "incant/catalog.h"
#include "incant/clock.h"
#include "incant/digest.h"
#include "scratch_store.h"

#define PLAIN_SOURCE "app"

/* The time that an id names. */
static inline int64_t
plain_time(const char *id)
{
	struct tm at = { .tm_isdst = 0 };

	assert_non_null(strptime(id, "%Y%m%dT%H%M%SZ", &at));
	return timegm(&at);
}

/* The manifest of a backup that has no objects yet. */
static inline void
plain_manifest(struct manifest *manifest, const char *id)
{
	manifest_init(manifest);
	manifest->id = mem_text(id);
	manifest->source = mem_text(PLAIN_SOURCE);
	manifest->host = mem_text("here");
	manifest->program = mem_text("test");
	manifest->server_version = mem_text("15.18");
	manifest->codec = mem_text("zstd");
	manifest->level = 3;
	manifest->created = manifest->finished = plain_time(id);
}

/* Puts an object, and enters it. */
static inline void
plain_put(struct store *store, struct manifest *manifest, const char *name, const char *text)
{
	char sha256[DIGEST_SHA256_HEX];
	char *object = catalog_object_name(manifest->source, manifest->id, name);

	assert_int_equal(digest_sha256_hex(text, strlen(text), sha256), 0);
	scratch_put(store, object, text);
	manifest_add_object(manifest, name, strlen(text), sha256);
	free(object);
}

/* Puts SHA256SUMS and the manifest. */
static inline void
plain_commit(struct store *store, struct manifest *manifest)
{
	struct buf text = BUF_EMPTY;
	char *object = catalog_object_name(manifest->source, manifest->id, MANIFEST_NAME);

	manifest_write_sums(manifest, &text);
	plain_put(store, manifest, MANIFEST_SUMS_NAME, buf_text(&text));
	buf_reset(&text);
	if (manifest_write(manifest, &text) != 0)
		fail_msg("%s", error_get()->message);
	scratch_put(store, object, buf_text(&text));
	buf_clear(&text);
	free(object);
}

/* A whole one. */
static inline void
plain_backup(struct store *store, const char *id)
{
	struct manifest manifest;

	plain_manifest(&manifest, id);
	plain_put(store, &manifest, "cluster.sql.zst", id);
	plain_put(store, &manifest, "contents.json.zst", "contents");
	plain_commit(store, &manifest);
	manifest_clear(&manifest);
}

/* The ids in a store, newest first, a blank behind each. */
#define assert_ids(store, ids)                                                       \
	do {                                                                         \
		struct catalog catalog_;                                             \
		struct buf text_ = BUF_EMPTY;                                        \
		catalog_init(&catalog_);                                             \
		assert_int_equal(catalog_load((store), PLAIN_SOURCE, &catalog_), 0); \
		for (size_t i_ = 0; i_ < catalog_.count; i_++)                       \
			buf_append_format(&text_, "%s ", catalog_.entries[i_].id);   \
		assert_string_equal(buf_text(&text_), (ids));                        \
		buf_clear(&text_);                                                   \
		catalog_clear(&catalog_);                                            \
	} while (0)

#endif
