/*
 * A small backup made in a scratch store without a server, by the same chain and record as a real one, and
 * the settings to look at it with. Include it behind cmocka.
 */
#ifndef TESTS_MADE_BACKUP_H
#define TESTS_MADE_BACKUP_H

#include "../../src/op/op_record.h"
#include "incant/catalog.h"
#include "incant/clock.h"
#include "incant/op.h"
#include "incant/scan.h"
#include "incant/stage.h"
#include "scratch_store.h"

#define MADE_SOURCE "app"
#define MADE_ID     "20261122T030000Z"

static const char made_script[] =
	"--\n-- PostgreSQL database cluster dump\n--\n\n"
	"SET client_encoding = 'UTF8';\nCREATE ROLE bob;\n\n"
	"--\n-- Database \"shop\" dump\n--\n\n"
	"SET client_encoding = 'UTF8';\nCREATE DATABASE shop;\n\\connect shop\n"
	"SET client_encoding = 'UTF8';\nCREATE TABLE public.t (\n    a integer\n);\n\n"
	"COPY public.t (a) FROM stdin;\n1\n2\n3\n\\.\n\n\n"
	"CREATE INDEX t_a ON public.t USING btree (a);\n\n"
	"--\n-- PostgreSQL database cluster dump complete\n--\n\n";

/* Settings with one directory store a path; a NULL path ends them. Freed by settings_free(). */
static inline struct settings *
made_settings(const char *first, const char *second)
{
	char *text =
		mem_format("[source]\nname = " MADE_SOURCE "\nkind = postgres\nconninfo = host=/nowhere\n"
			   "[store first]\nkind = directory\npath = %s\n%s%s\n",
			first, second != NULL ? "[store second]\nkind = directory\npath = " : "",
			second != NULL ? second : "");
	struct settings *settings = settings_parse(text, strlen(text), "settings");

	if (settings == NULL)
		fail_msg("%s", error_get()->message);
	free(text);
	return settings;
}

static inline void
made_put(struct store *store, struct manifest *manifest, const char *name, const struct buf *bytes)
{
	char sha256[DIGEST_SHA256_HEX];
	char *object = catalog_object_name(MADE_SOURCE, MADE_ID, name);

	assert_int_equal(digest_sha256_hex(bytes->bytes, bytes->len, sha256), 0);
	assert_int_equal(store_put(store, object, bytes->bytes, bytes->len), 0);
	manifest_add_object(manifest, name, bytes->len, sha256);
	free(object);
}

/* The archive and the record of made_script, into buffers. */
static inline void
made_archive(enum frame_codec codec, struct manifest *manifest, struct buf *archive, struct buf *record)
{
	const struct frame_write_options frame = {
		.codec = codec, .level = 1, .frame_bytes = 100, .workers = 1
	};
	struct contents contents;
	struct frame_index index;
	const struct scan_options scan = { .contents = &contents, .error_class = ERR_SOURCE };

	contents_init(&contents);
	frame_index_init(&index);
	struct stage *head = frame_write_new(stage_buf_new(archive), &frame, &index);
	head = stage_xxh128_new(scan_new(head, &scan), &manifest->plain_xxh128);
	if (stage_write(head, made_script, sizeof(made_script) - 1) != 0 || stage_finish(head) != 0)
		fail_msg("%s", error_get()->message);
	stage_free(head);
	manifest->plain_bytes = contents.plain_bytes;
	assert_int_equal(op_record_pack(&contents, &index, record), 0);
	contents_clear(&contents);
	frame_index_clear(&index);
}

/* Makes the backup in the store at path. */
static inline void
made_backup(const struct scratch *scratch, enum frame_codec codec)
{
	struct store *store = scratch_open(scratch, STORE_WRITE);
	struct buf archive = BUF_EMPTY, record = BUF_EMPTY, text = BUF_EMPTY;
	struct manifest manifest;
	char *name = mem_format("%s%s", MANIFEST_CLUSTER_STEM, frame_codec_suffix(codec));
	char *commit = catalog_object_name(MADE_SOURCE, MADE_ID, MANIFEST_NAME);

	manifest_init(&manifest);
	manifest.format = MANIFEST_FORMAT;
	manifest.id = mem_text(MADE_ID);
	manifest.source = mem_text(MADE_SOURCE);
	manifest.host = mem_text("here");
	manifest.program = mem_text("test");
	manifest.server_version = mem_text("15.18");
	manifest.codec = mem_text(frame_codec_name(codec));
	assert_int_equal(clock_parse_rfc3339("2026-11-22T03:00:00Z", &manifest.created), 0);
	manifest.finished = manifest.created;
	made_archive(codec, &manifest, &archive, &record);
	made_put(store, &manifest, name, &archive);
	free(name);
	name = mem_format("%s%s", MANIFEST_CONTENTS_STEM, frame_codec_suffix(codec));
	made_put(store, &manifest, name, &record);
	manifest_write_sums(&manifest, &text);
	made_put(store, &manifest, MANIFEST_SUMS_NAME, &text);
	buf_reset(&text);
	assert_int_equal(manifest_write(&manifest, &text), 0);
	assert_int_equal(store_put(store, commit, text.bytes, text.len), 0);
	manifest_clear(&manifest);
	store_close(store);
	free(name);
	free(commit);
	buf_clear(&archive);
	buf_clear(&record);
	buf_clear(&text);
}

/* The path of an object's file. The caller frees it. */
static inline char *
made_path(const char *store, const char *object)
{
	return mem_format("%s/" MADE_SOURCE "/" MADE_ID "/%s", store, object);
}

#endif
