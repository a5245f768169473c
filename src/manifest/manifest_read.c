/*
 * Reads manifest.json. First the two last lines, to the byte, and with them the digest of all before: text
 * that passes is what was once written. Then the format, then every member, strictly, for a digest proves
 * only that nothing changed, not that it was sound.
 */
#include "config.h"

#include "incant/manifest.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "incant/clock.h"
#include "incant/error.h"
#include "incant/json.h"
#include "incant/mem.h"
#include "incant/store.h"
#include "incant/text.h"
#include "manifest_files.h"
#include "manifest_tail.h"

static int
check_digest(const char *text, size_t len, const char *what)
{
	char hex[DIGEST_SHA256_HEX], tail[MANIFEST_TAIL_BYTES + 1];

	if (len <= MANIFEST_TAIL_BYTES)
		return error_set(ERR_DAMAGED, "%s is %zu bytes long, too short for a manifest", what, len);
	size_t body = len - MANIFEST_TAIL_BYTES;
	if (text[body - 1] != '\n' ||
		memcmp(text + body, MANIFEST_TAIL_FRONT, strlen(MANIFEST_TAIL_FRONT)) != 0)
		return error_set(ERR_DAMAGED, "%s does not end with its own SHA-256: it is cut short", what);
	if (digest_sha256_hex(text, body, hex) != 0)
		return -1;
	snprintf(tail, sizeof(tail), MANIFEST_TAIL_FRONT "%s" MANIFEST_TAIL_BACK, hex);
	if (memcmp(text + body, tail, MANIFEST_TAIL_BYTES) != 0)
		return error_set(ERR_DAMAGED, "%s does not match its own SHA-256", what);
	return 0;
}

static int
check_format(const struct json *root, const char *what, unsigned *format)
{
	uint64_t value = 0;

	if (json_take_u64(root, "format", what, &value) != 0)
		return -1;
	if (value > MANIFEST_FORMAT) {
		error_set(ERR_DAMAGED, "%s has format %" PRIu64 ", this program reads up to %d", what, value,
			MANIFEST_FORMAT);
		return error_hint("A newer incant-backup wrote it; read it with one at least as new.");
	}
	if (value == 0)
		return error_set(ERR_DAMAGED, "%s: 'format' is not a format", what);
	*format = (unsigned)value;
	return 0;
}

static int
take_copy(const struct json *from, const char *key, const char *what, char **copy)
{
	const char *text = NULL;

	if (json_take_text(from, key, what, &text) != 0)
		return -1;
	*copy = mem_text(text);
	return 0;
}

/* A single component of a store's names. */
static int
take_name(const struct json *from, const char *key, const char *what, char **name)
{
	if (take_copy(from, key, what, name) != 0)
		return -1;
	if (!store_name_is_valid(*name) || strchr(*name, '/') != NULL)
		return error_set(ERR_DAMAGED, "%s: '%s' cannot be '%s'", what, key, *name);
	return 0;
}

static int
take_time(const struct json *from, const char *key, const char *what, int64_t *at)
{
	const char *text = NULL;

	if (json_take_text(from, key, what, &text) != 0)
		return -1;
	if (clock_parse_rfc3339(text, at) != 0)
		return error_set(ERR_DAMAGED, "%s: '%s' is not a time", what, key);
	return 0;
}

static int
take_level(const struct json *from, const char *what, int *level)
{
	uint64_t value = 0;

	if (json_take_u64(from, "level", what, &value) != 0)
		return -1;
	if (value > INT_MAX)
		return error_set(ERR_DAMAGED, "%s: 'level' is too large", what);
	*level = (int)value;
	return 0;
}

static int
take_system_identifier(const struct json *from, const char *what, uint64_t *identifier)
{
	const char *text = NULL;

	*identifier = 0;
	if (!json_has(from, "system_identifier"))
		return 0;
	if (json_take_text(from, "system_identifier", what, &text) != 0)
		return -1;
	if (text_parse_u64(text, identifier) != 0)
		return error_set(ERR_DAMAGED, "%s: 'system_identifier' is not a number", what);
	return 0;
}

/* What the server said of itself, as far as it did. */
static int
take_cluster(const struct json *from, const char *what, struct manifest *to)
{
	if (take_system_identifier(from, what, &to->system_identifier) != 0)
		return -1;
	if (json_has(from, "superuser") && take_copy(from, "superuser", what, &to->superuser) != 0)
		return -1;
	if (json_has(from, "database_bytes"))
		return json_take_u64(from, "database_bytes", what, &to->database_bytes);
	return 0;
}

static int
take_xxh128(const struct json *from, const char *what, struct digest128 *digest)
{
	const char *hex = NULL;

	if (json_take_text(from, "plain_xxh128", what, &hex) != 0)
		return -1;
	if (strlen(hex) != DIGEST_XXH128_HEX - 1 || digest128_parse(hex, digest) != 0)
		return error_set(ERR_DAMAGED, "%s: 'plain_xxh128' is not 32 hex digits", what);
	return 0;
}

/* what names the manifest and the object's place in it. */
static int
take_object(const struct json *from, const char *what, struct manifest *manifest)
{
	const char *sha256 = NULL;
	char *name = NULL;
	uint64_t bytes = 0;

	int result = take_name(from, "name", what, &name);
	if (result == 0 && manifest_find_object(manifest, name) != NULL)
		result = error_set(ERR_DAMAGED, "%s: '%s' is named a second time", what, name);
	if (result == 0)
		result = json_take_u64(from, "bytes", what, &bytes);
	if (result == 0)
		result = json_take_text(from, "sha256", what, &sha256);
	if (result == 0 && (strlen(sha256) != DIGEST_SHA256_HEX - 1 ||
				   strspn(sha256, "0123456789abcdef") != DIGEST_SHA256_HEX - 1))
		result = error_set(ERR_DAMAGED, "%s: 'sha256' is not 64 hex digits in lower case", what);
	if (result == 0)
		manifest_add_object(manifest, name, bytes, sha256);
	free(name);
	return result;
}

static int
take_objects(const struct json *root, const char *what, struct manifest *manifest)
{
	const struct json *objects = NULL;

	if (json_take_array(root, "objects", what, &objects) != 0)
		return -1;
	for (size_t i = 0; i < json_count(objects); i++) {
		const struct json *object = json_at(objects, i);
		char *which = mem_format("%s: object %zu", what, i + 1);
		int result = json_take_object(object, NULL, which, &object);
		if (result == 0)
			result = take_object(object, which, manifest);
		free(which);
		if (result != 0)
			return -1;
	}
	return 0;
}

/* Totals of the contents. They may be missing, all three, where the objects are encrypted. */
static int
take_totals(const struct json *root, const char *what, struct manifest *to)
{
	bool encrypted = false;

	for (size_t i = 0; i < to->object_count; i++)
		encrypted = encrypted || text_ends(to->objects[i].name, ".age");
	to->no_totals = encrypted && !json_has(root, "databases") && !json_has(root, "tables") &&
			!json_has(root, "rows");
	if (to->no_totals)
		return 0;
	if (json_take_u64(root, "databases", what, &to->databases) != 0 ||
		json_take_u64(root, "tables", what, &to->tables) != 0)
		return -1;
	return json_take_u64(root, "rows", what, &to->rows);
}

static int
take_members(const struct json *root, const char *what, struct manifest *to)
{
	if (take_name(root, "id", what, &to->id) != 0 || take_name(root, "source", what, &to->source) != 0 ||
		(json_has(root, "label") && take_copy(root, "label", what, &to->label) != 0) ||
		take_copy(root, "host", what, &to->host) != 0 ||
		take_copy(root, "program", what, &to->program) != 0 ||
		take_time(root, "created", what, &to->created) != 0 ||
		take_time(root, "finished", what, &to->finished) != 0 ||
		take_copy(root, "server_version", what, &to->server_version) != 0 ||
		take_cluster(root, what, to) != 0 || take_copy(root, "codec", what, &to->codec) != 0 ||
		take_level(root, what, &to->level) != 0 ||
		json_take_u64(root, "plain_bytes", what, &to->plain_bytes) != 0 ||
		take_xxh128(root, what, &to->plain_xxh128) != 0 ||
		json_take_u64(root, "dump_ms", what, &to->dump_ms) != 0 ||
		json_take_u64(root, "total_ms", what, &to->total_ms) != 0 ||
		take_objects(root, what, to) != 0)
		return -1;
	return take_totals(root, what, to);
}

int
manifest_read(const char *text, size_t len, const char *what, struct manifest *manifest)
{
	const struct json *object = NULL;

	if (check_digest(text, len, what) != 0)
		return -1;
	struct json *root = json_parse(text, len, what);
	if (root == NULL)
		return -1;
	int result = json_take_object(root, NULL, what, &object);
	if (result == 0)
		result = check_format(object, what, &manifest->format);
	if (result == 0)
		result = take_members(object, what, manifest);
	if (result == 0)
		result = manifest_files_from_json(object, what, manifest);
	if (result != 0)
		manifest_clear(manifest);
	json_free(root);
	return result;
}
