/*
 * Packs and unpacks the record of a backup.
 */
#include "config.h"

#include "op_record.h"

#include <stdlib.h>

#include "incant/catalog.h"
#include "incant/error.h"
#include "incant/json.h"
#include "incant/mem.h"
#include "incant/text.h"

#define RECORD_LEVEL_ZSTD   6
#define RECORD_LEVEL_GZIP   6
#define RECORD_LIMIT_STORED ((size_t)1 << 30)
#define RECORD_LIMIT_PLAIN  ((size_t)1 << 31)

int
op_record_pack(const struct contents *contents, const struct frame_index *index, struct buf *buf)
{
	struct json *root = json_new_object();
	struct buf text = BUF_EMPTY;
	int rc;

	json_put_u64(root, "format", MANIFEST_FORMAT);
	json_put(root, "contents", contents_to_json(contents));
	json_put(root, "archive", frame_index_to_json(index));
	json_write(root, 0, &text);
	json_free(root);
	buf_append_char(&text, '\n');
	rc = frame_pack(index->codec, index->codec == FRAME_ZSTD ? RECORD_LEVEL_ZSTD : RECORD_LEVEL_GZIP,
		text.bytes, text.len, buf);
	buf_clear(&text);
	return rc;
}

/* Reads the two halves of a parsed record. */
static int
record_read(const struct json *root, const char *what, struct contents *contents, struct frame_index *index)
{
	const struct json *contents_json = NULL, *archive_json = NULL;
	uint64_t format = 0;

	if (json_take_u64(root, "format", what, &format) != 0)
		return -1;
	if (format > MANIFEST_FORMAT)
		return error_set(ERR_DAMAGED, "%s has format %llu, this program reads up to %d", what,
			(unsigned long long)format, MANIFEST_FORMAT);
	if (json_take_object(root, "contents", what, &contents_json) != 0 ||
		json_take_object(root, "archive", what, &archive_json) != 0)
		return -1;
	if (contents_from_json(contents_json, what, contents) != 0 ||
		frame_index_from_json(archive_json, what, index) != 0)
		return -1;
	if (contents->plain_bytes != index->plain_bytes)
		return error_set(ERR_DAMAGED, "%s disagrees with itself about the size of the dump", what);
	return 0;
}

int
op_record_unpack(const void *bytes, size_t len, const char *object, const char *what,
	struct contents *contents, struct frame_index *index)
{
	struct buf text = BUF_EMPTY;
	struct json *root = NULL;
	enum frame_codec codec = op_seal_codec(object);
	int rc = -1;

	if (frame_unpack(codec, bytes, len, RECORD_LIMIT_PLAIN, what, &text) != 0)
		goto out;
	root = json_parse(text.bytes, text.len, what);
	if (root == NULL)
		goto out;
	rc = record_read(root, what, contents, index);
out:
	json_free(root);
	buf_clear(&text);
	return rc;
}

/* Reads an object whole, opened where it is sealed. 0 or -1. */
static int
record_read_object(
	const struct op_record_place *place, const char *name, struct buf *bytes, uint64_t *read_bytes)
{
	struct input *input = NULL, *plain = NULL;
	int rc = store_read(place->store, name, &input);

	if (rc == STORE_MISSING)
		return error_set(ERR_DAMAGED, "%s is missing in store %s", name, store_name(place->store));
	if (rc != 0)
		return -1;
	if (input->size_bytes > RECORD_LIMIT_STORED)
		rc = error_set(ERR_DAMAGED, "%s is larger than any record", input->name);
	if (rc == 0)
		plain = op_keys_open(place->keys, input_borrow_new(input), name);
	rc = plain != NULL ? 0 : -1;
	if (rc == 0) {
		buf_reserve(bytes, (size_t)plain->size_bytes);
		rc = input_read(plain, 0, bytes->bytes, (size_t)plain->size_bytes);
	}
	if (rc == 0)
		bytes->len = (size_t)plain->size_bytes;
	*read_bytes += input->read_bytes;
	input_free(plain);
	input_free(input);
	return rc;
}

int
op_record_load(const struct op_record_place *place, struct contents *contents, struct frame_index *index,
	uint64_t *read_bytes)
{
	const struct manifest *manifest = place->manifest;
	const struct manifest_object *object = manifest_find_stem(manifest, MANIFEST_CONTENTS_STEM);
	struct buf packed = BUF_EMPTY;
	char *name = NULL, *what = NULL;
	int rc;

	if (object == NULL)
		return error_set(ERR_DAMAGED, "the manifest of %s names no contents", manifest->id);
	name = catalog_object_name(manifest->source, manifest->id, object->name);
	what = mem_format("%s of %s in store %s", object->name, manifest->id, store_name(place->store));
	rc = record_read_object(place, name, &packed, read_bytes);
	if (rc == 0)
		rc = op_record_unpack(packed.bytes, packed.len, object->name, what, contents, index);
	free(name);
	free(what);
	buf_clear(&packed);
	return rc;
}
