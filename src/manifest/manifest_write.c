/*
 * Writes manifest.json: members in a fixed order, two spaces of indentation, and the two last lines that hold
 * the digest of all before them. What was written is read again at once: a manifest is a commit, and one that
 * no reader accepts must not be made.
 */
#include "config.h"

#include "incant/manifest.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "incant/clock.h"
#include "incant/error.h"
#include "incant/json.h"
#include "manifest_files.h"
#include "manifest_tail.h"

static void
put_time(struct json *to, const char *key, int64_t at)
{
	char text[CLOCK_RFC3339_SIZE];

	json_put_text(to, key, clock_format_utc(text, at));
}

/* As text: it uses all of 64 bits, and many programs read JSON's numbers as doubles. */
static void
put_system_identifier(struct json *to, uint64_t identifier)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, identifier);
	json_put_text(to, "system_identifier", identifier != 0 ? text : NULL);
}

static struct json *
objects_to_json(const struct manifest *manifest)
{
	struct json *objects = json_new_array();

	for (size_t i = 0; i < manifest->object_count; i++) {
		struct json *object = json_new_object();
		json_put_text(object, "name", manifest->objects[i].name);
		json_put_u64(object, "bytes", manifest->objects[i].bytes);
		json_put_text(object, "sha256", manifest->objects[i].sha256);
		json_put(objects, NULL, object);
	}
	return objects;
}

/* All but the last member. */
static struct json *
manifest_to_json(const struct manifest *manifest)
{
	struct json *root = json_new_object();
	char xxh128[DIGEST_XXH128_HEX];

	json_put_u64(root, "format", manifest->format);
	json_put_text(root, "id", manifest->id);
	json_put_text(root, "source", manifest->source);
	json_put_text(root, "label", manifest->label);
	json_put_text(root, "host", manifest->host);
	json_put_text(root, "program", manifest->program);
	put_time(root, "created", manifest->created);
	put_time(root, "finished", manifest->finished);
	json_put_text(root, "server_version", manifest->server_version);
	put_system_identifier(root, manifest->system_identifier);
	if (manifest->superuser != NULL)
		json_put_text(root, "superuser", manifest->superuser);
	if (manifest->database_bytes != 0)
		json_put_u64(root, "database_bytes", manifest->database_bytes);
	json_put_text(root, "codec", manifest->codec);
	json_put_int(root, "level", manifest->level);
	json_put_u64(root, "plain_bytes", manifest->plain_bytes);
	json_put_text(root, "plain_xxh128", digest128_format(xxh128, manifest->plain_xxh128));
	json_put_u64(root, "dump_ms", manifest->dump_ms);
	json_put_u64(root, "total_ms", manifest->total_ms);
	if (!manifest->no_totals) {
		json_put_u64(root, "databases", manifest->databases);
		json_put_u64(root, "tables", manifest->tables);
		json_put_u64(root, "rows", manifest->rows);
	}
	json_put(root, "objects", objects_to_json(manifest));
	if (manifest->files_count > 0)
		json_put(root, "files", manifest_files_to_json(manifest));
	return root;
}

/* Appends everything before the line of the digest. */
static void
write_body(const struct manifest *manifest, struct buf *text)
{
	static const char end[] = "\n}";

	struct json *root = manifest_to_json(manifest);
	json_write(root, 2, text);
	json_free(root);
	/* The object goes on: the last member follows. */
	assert(text->len > strlen(end) && strcmp(text->bytes + text->len - strlen(end), end) == 0);
	text->len -= strlen(end);
	buf_append_text(text, ",\n");
}

/* 0, or -1 with ERR_INTERNAL. */
static int
prove_readable(const struct buf *text)
{
	struct manifest again;

	if (text->len > MANIFEST_LIMIT_BYTES)
		return error_set(ERR_INTERNAL, "the manifest would be %zu bytes long, more than can be read",
			text->len);
	manifest_init(&again);
	int result = manifest_read(text->bytes, text->len, "the manifest to be written", &again);
	manifest_clear(&again);
	return result == 0 ? 0 : error_reclass(ERR_INTERNAL);
}

int
manifest_write(const struct manifest *manifest, struct buf *buf)
{
	struct buf text = BUF_EMPTY;
	char hex[DIGEST_SHA256_HEX];

	write_body(manifest, &text);
	int result = digest_sha256_hex(text.bytes, text.len, hex);
	if (result == 0) {
		buf_append_format(&text, MANIFEST_TAIL_FRONT "%s" MANIFEST_TAIL_BACK, hex);
		result = prove_readable(&text);
	}
	if (result == 0)
		buf_append(buf, text.bytes, text.len);
	buf_clear(&text);
	return result;
}
