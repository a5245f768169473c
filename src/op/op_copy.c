/*
 * Copies a backup between stores, each object through a digest that must come out as the manifest says before
 * the copy becomes visible. Objects are whole or not there, so what the target has already is not sent again.
 */
#include "config.h"

#include "op_copy.h"

#include <stdlib.h>
#include <string.h>

#include "incant/buf.h"
#include "incant/catalog.h"
#include "incant/error.h"
#include "incant/mem.h"
#include "incant/pin.h"
#include "incant/proof.h"
#include "incant/suspect.h"
#include "incant/text.h"

#include "op_record.h"

/* "SOURCE/ID/NAME". The caller frees it. */
static char *
copy_path(const struct op_copy *copy, const char *name)
{
	return catalog_object_name(copy->manifest->source, copy->manifest->id, name);
}

/* The entry of an object of this backup in the target's list, or NULL. */
static const struct store_entry *
copy_find(const struct op_copy *copy, const struct store_list *there, const char *name)
{
	const struct store_entry *found = NULL;
	char *path = copy_path(copy, name);

	for (size_t i = 0; i < there->count && found == NULL; i++)
		if (strcmp(there->entries[i].name, path) == 0)
			found = &there->entries[i];
	free(path);
	return found;
}

int
op_copy_way(const struct op_copy *copy, const char *name, enum op_copy_way *way)
{
	bool from = op_seal_object(name), to = op_seal_store(copy->to_place);
	int same = 1;

	if (from && to)
		same = op_seal_store(copy->from_place) ? op_seal_same(copy->from_place, copy->to_place) : 0;
	if (same < 0)
		return -1;
	if (from == to)
		*way = same == 1 ? OP_COPY_AS_IS : OP_COPY_RESEAL;
	else
		*way = from ? OP_COPY_OPEN : OP_COPY_SEAL;
	return 0;
}

bool
op_copy_follows(const struct op_copy *copy, const char *name)
{
	enum op_copy_way way = OP_COPY_AS_IS;

	return op_copy_way(copy, name, &way) == 0 && (way == OP_COPY_AS_IS || way == OP_COPY_SEAL);
}

struct stage *
op_copy_chain(const struct op_copy *copy, const struct manifest_object *object, struct manifest_object *own)
{
	enum op_copy_way way = OP_COPY_AS_IS;
	char *path, *what;
	struct stage *head = NULL;

	*own = (struct manifest_object){ .name = op_seal_name(object->name, op_seal_store(copy->to_place)) };
	if (op_copy_way(copy, object->name, &way) != 0)
		return NULL;
	path = copy_path(copy, own->name);
	what = mem_format("%s in store %s", object->name, store_name(copy->from));
	head = store_write(copy->to, path);
	head = stage_count_new(head, &own->bytes);
	head = stage_sha256_new(head, own->sha256);
	if (way == OP_COPY_SEAL || way == OP_COPY_RESEAL)
		head = op_seal_stage(head, copy->to_place, NULL);
	if (way == OP_COPY_AS_IS || way == OP_COPY_SEAL)
		head = stage_expect_new(head, object->sha256, what);
	free(what);
	free(path);
	return head;
}

/* Opens an object for its way: the bytes that are to be pushed. 0 or -1. */
static int
copy_open(const struct op_copy *copy, const struct manifest_object *object, struct input **input)
{
	enum op_copy_way way = OP_COPY_AS_IS;
	char *path = copy_path(copy, object->name);
	int rc = op_copy_way(copy, object->name, &way);

	if (rc == 0)
		rc = store_read(copy->from, path, input);
	if (rc == STORE_MISSING)
		rc = error_set(ERR_DAMAGED, "%s is missing in store %s", path, store_name(copy->from));
	if (rc == 0 && (way == OP_COPY_OPEN || way == OP_COPY_RESEAL)) {
		*input = op_keys_open(copy->keys, *input, object->name);
		rc = *input != NULL ? 0 : -1;
	}
	free(path);
	return rc;
}

/* Sends an object from its beginning to its end. */
static int
copy_send(const struct op_copy *copy, const struct manifest_object *object, struct manifest_object *own)
{
	struct input *input = NULL;
	struct stage *head = NULL;
	int rc = -1;

	if (copy_open(copy, object, &input) != 0)
		return -1;
	head = op_copy_chain(copy, object, own);
	if (head != NULL && input_copy(input, 0, input->size_bytes, head) == 0)
		rc = stage_finish(head);
	stage_free(head);
	input_free(input);
	return rc;
}

/* The digest of what the target has: of other bytes than `from`, it has to be read, unless it was sent just
 * now. */
static int
copy_digest(const struct op_copy *copy, struct manifest_object *own)
{
	const struct manifest_object *sent =
		copy->sent != NULL ? manifest_find_object(copy->sent, own->name) : NULL;
	char *path = copy_path(copy, own->name);
	struct input *input = NULL;
	struct stage *head = NULL;
	int rc;

	if (sent != NULL && sent->bytes == own->bytes) {
		memcpy(own->sha256, sent->sha256, sizeof(own->sha256));
		free(path);
		return 0;
	}
	rc = store_read(copy->to, path, &input);
	if (rc == STORE_MISSING)
		rc = error_set(ERR_STORE, "%s has vanished from store %s", path, store_name(copy->to));
	if (rc == 0) {
		head = stage_sha256_new(stage_null_new(), own->sha256);
		rc = head != NULL ? input_copy(input, 0, input->size_bytes, head) : -1;
	}
	if (rc == 0)
		rc = stage_finish(head);
	stage_free(head);
	input_free(input);
	free(path);
	return rc;
}

/* An object that the target has: it was held to its digest when it got there, so its size tells enough. */
static int
copy_keep(const struct op_copy *copy, const struct manifest_object *object, const struct store_entry *there,
	struct manifest_object *own)
{
	enum op_copy_way way = OP_COPY_AS_IS;

	if (op_copy_way(copy, object->name, &way) != 0)
		return -1;
	*own = (struct manifest_object){
		.name = op_seal_name(object->name, op_seal_store(copy->to_place)),
		.bytes = there->bytes,
	};
	if (way != OP_COPY_AS_IS)
		return copy_digest(copy, own);
	if (there->bytes != object->bytes) {
		error_set(ERR_DAMAGED, "%s in store %s has %llu bytes, %llu were expected", there->name,
			store_name(copy->to), (unsigned long long)there->bytes,
			(unsigned long long)object->bytes);
		return error_hint("It is not part of a backup there yet. Remove it, then push again.");
	}
	memcpy(own->sha256, object->sha256, sizeof(own->sha256));
	return 0;
}

/* Sees to it that the target has an object. *entry is that of `from` and becomes the target's. */
static int
copy_object(const struct op_copy *copy, const struct store_list *there, struct manifest_object *entry)
{
	char *name = op_seal_name(entry->name, op_seal_store(copy->to_place));
	const struct store_entry *found = copy_find(copy, there, name);
	struct manifest_object own = { .name = NULL };
	int rc = found != NULL ? copy_keep(copy, entry, found, &own) : copy_send(copy, entry, &own);

	if (rc == 0)
		manifest_set_object(entry, own.name, own.bytes, own.sha256);
	free(own.name);
	free(name);
	return rc;
}

/* SHA256SUMS of the target: made, not copied, for it names the target's objects, which `manifest` has. */
static int
copy_sums(const struct op_copy *copy, const struct store_list *there, const struct manifest *manifest,
	struct manifest_object *sums)
{
	struct buf text = BUF_EMPTY;
	char sha256[DIGEST_SHA256_HEX];
	char *path = copy_path(copy, MANIFEST_SUMS_NAME);
	const struct store_entry *entry = copy_find(copy, there, MANIFEST_SUMS_NAME);
	int rc;

	manifest_write_sums(manifest, &text);
	rc = digest_sha256_hex(text.bytes, text.len, sha256);
	if (rc == 0 && entry == NULL)
		rc = store_put(copy->to, path, text.bytes, text.len);
	else if (rc == 0 && entry->bytes != text.len)
		rc = error_set(ERR_DAMAGED, "%s in store %s is not that of these objects", path,
			store_name(copy->to));
	if (rc == 0)
		manifest_set_object(sums, MANIFEST_SUMS_NAME, text.len, sha256);
	buf_clear(&text);
	free(path);
	return rc;
}

static bool
same_objects(const struct manifest *a, const struct manifest *b)
{
	if (a->object_count != b->object_count)
		return false;
	for (size_t i = 0; i < a->object_count; i++)
		if (!text_equal(a->objects[i].name, b->objects[i].name) ||
			a->objects[i].bytes != b->objects[i].bytes ||
			!text_equal(a->objects[i].sha256, b->objects[i].sha256))
			return false;
	return true;
}

/* The text of the target's manifest. Where all objects are the same it goes over byte for byte, members that
 * this version does not know included. */
static int
copy_manifest_text(const struct op_copy *copy, const struct manifest *manifest, struct buf *text)
{
	char *path;
	int rc;

	if (!same_objects(manifest, copy->manifest))
		return manifest_write(manifest, text);
	path = copy_path(copy, MANIFEST_NAME);
	rc = store_get(copy->from, path, MANIFEST_LIMIT_BYTES, text);
	if (rc == STORE_MISSING)
		rc = error_set(ERR_DAMAGED, "%s is missing in store %s", path, store_name(copy->from));
	free(path);
	return rc;
}

/* A sealed store's manifest has no totals; another's has, if need be from the record. */
static int
copy_totals(const struct op_copy *copy, struct manifest *own)
{
	const struct op_record_place place = {
		.store = copy->from,
		.manifest = copy->manifest,
		.keys = copy->keys,
	};
	struct contents contents;
	struct frame_index index;
	uint64_t read_bytes = 0;
	int rc;

	if (op_seal_store(copy->to_place)) {
		own->no_totals = true;
		return 0;
	}
	if (!own->no_totals)
		return 0;
	contents_init(&contents);
	frame_index_init(&index);
	rc = op_record_load(&place, &contents, &index, &read_bytes);
	if (rc == 0) {
		struct contents_totals totals = contents_totals(&contents);

		own->databases = totals.databases;
		own->tables = totals.tables;
		own->rows = totals.rows;
		own->no_totals = false;
	}
	contents_clear(&contents);
	frame_index_clear(&index);
	return rc;
}

/* The commit. */
static int
copy_manifest(const struct op_copy *copy, const struct manifest *manifest)
{
	struct buf text = BUF_EMPTY;
	char *path = copy_path(copy, MANIFEST_NAME);
	int rc = copy_manifest_text(copy, manifest, &text);

	if (rc == 0)
		rc = store_put(copy->to, path, text.bytes, text.len);
	buf_clear(&text);
	free(path);
	return rc;
}

/* The small records that may stand beside a manifest go with the backup: a pin, a proof, a suspicion. The
 * last two name tables and count them, so they do not go from a plain store into a sealed one. */
static int
copy_records(const struct op_copy *copy)
{
	static const char *const names[] = { PIN_NAME, PROOF_NAME, SUSPECT_NAME };
	int rc = 0;

	for (size_t i = 0; rc >= 0 && i < sizeof(names) / sizeof(names[0]); i++) {
		struct buf text = BUF_EMPTY;
		char *path;

		if (strcmp(names[i], PIN_NAME) != 0 && op_seal_store(copy->to_place) &&
			!op_seal_manifest(copy->manifest))
			continue;
		path = copy_path(copy, names[i]);
		rc = store_get(copy->from, path, MANIFEST_LIMIT_BYTES, &text);
		if (rc == 0)
			rc = store_replace(copy->to, path, text.bytes, text.len);
		free(path);
		buf_clear(&text);
	}
	return rc < 0 ? -1 : 0;
}

/* All objects in their order, then sums, records and manifest. */
static int
copy_all(const struct op_copy *copy, const struct store_list *there)
{
	struct manifest_object *sums = NULL;
	struct manifest own;
	int rc = 0;

	manifest_init(&own);
	manifest_copy(&own, copy->manifest);
	for (size_t i = 0; rc == 0 && i < own.object_count; i++) {
		if (strcmp(own.objects[i].name, MANIFEST_SUMS_NAME) == 0)
			sums = &own.objects[i];
		else
			rc = copy_object(copy, there, &own.objects[i]);
	}
	if (rc == 0 && sums != NULL)
		rc = copy_sums(copy, there, &own, sums);
	if (rc == 0)
		rc = copy_records(copy);
	if (rc == 0)
		rc = copy_totals(copy, &own);
	if (rc == 0)
		rc = copy_manifest(copy, &own);
	manifest_clear(&own);
	return rc;
}

int
op_copy_backup(const struct op_copy *request)
{
	struct op_copy copy = *request;
	struct op_keys *own = copy.keys == NULL ? op_keys_new(copy.settings) : NULL;
	struct store_list there = { NULL, 0, 0 };
	char *prefix = copy_path(&copy, "");
	int rc = store_list(copy.to, prefix, &there);

	if (own != NULL)
		copy.keys = own;
	if (rc == 0 && copy_find(&copy, &there, MANIFEST_NAME) == NULL)
		rc = copy_all(&copy, &there);
	store_list_clear(&there);
	op_keys_free(own);
	free(prefix);
	return rc;
}
