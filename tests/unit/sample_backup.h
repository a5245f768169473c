/* A backup made by hand, for tests of how backups are shown. Include it behind cmocka. */
#ifndef TESTS_SAMPLE_BACKUP_H
#define TESTS_SAMPLE_BACKUP_H

#include <stdlib.h>
#include <string.h>

#include "../../src/cli/command.h"
#include "incant/mem.h"

#define SAMPLE_SHA256 "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

/* Fills in a backup of 2026-11-22 03:00 UTC; op_backup_clear() clears it. label may be NULL. */
static inline void
sample_backup(struct op_backup *backup, const char *label)
{
	struct manifest *manifest = &backup->manifest;

	*backup = (struct op_backup){ .stores = NULL };
	manifest_init(manifest);
	manifest->format = MANIFEST_FORMAT;
	manifest->id = mem_text("20261122T030000Z");
	manifest->source = mem_text("app");
	manifest->label = mem_text(label);
	manifest->host = mem_text("droplet");
	manifest->program = mem_text("incant-backup 0.1.0");
	manifest->created = 1795316400;
	manifest->finished = 1795316405;
	manifest->server_version = mem_text("15.18 (Debian 15.18-0+deb12u1)");
	manifest->codec = mem_text("zstd");
	manifest->level = 3;
	manifest->plain_bytes = 838860800;
	manifest->dump_ms = 4200;
	manifest->total_ms = 4600;
	manifest->databases = 2;
	manifest->tables = 3;
	manifest->rows = 1234567;
	manifest_add_object(manifest, "cluster.sql.zst", 123731968, SAMPLE_SHA256);
	manifest_add_object(manifest, "contents.json.zst", 100, SAMPLE_SHA256);
	for (size_t i = 0; i < 2; i++) {
		MEM_GROW(backup->stores, backup->store_count, backup->store_capacity);
		backup->stores[backup->store_count++] = mem_text(i == 0 ? "local" : "other");
	}
}

/* What a command shows, as text or as JSON on one line. The caller frees it. */
static inline char *
shown_text(const struct command_ops *ops, const struct words *words, const struct report *report)
{
	struct buf text = BUF_EMPTY;

	ops->put_text(words, report, &text);
	buf_append_text(&text, "");
	return buf_take(&text);
}

static inline char *
shown_json(const struct command_ops *ops, const struct words *words, const struct report *report)
{
	struct json *object = json_new_object();
	struct buf text = BUF_EMPTY;

	ops->put_json(words, report, object);
	json_write(object, 0, &text);
	json_free(object);
	return buf_take(&text);
}

static inline void
assert_shows_text(const struct command_ops *ops, const struct words *words, const struct report *report,
	const char *expected)
{
	char *text = shown_text(ops, words, report);

	assert_string_equal(text, expected);
	free(text);
}

static inline void
assert_shows_json(const struct command_ops *ops, const struct words *words, const struct report *report,
	const char *expected)
{
	char *text = shown_json(ops, words, report);

	assert_string_equal(text, expected);
	free(text);
}

#endif
