/* Objects of a backup being made. */
#include "config.h"

#include "op_object.h"

#include <stdlib.h>

#include "incant/catalog.h"

#include "op_seal.h"

char *
op_object_name(const struct op_object_place *place, const char *name)
{
	return op_seal_name(name, op_seal_store(place->settings));
}

struct stage *
op_object_stage(const struct op_object_place *place, const char *name, struct op_object *object)
{
	char *path = catalog_object_name(place->manifest->source, place->manifest->id, name);
	struct stage *head = op_follow_tap(place->follow, name, store_write(place->store, path));

	*object = (struct op_object){ .bytes = 0 };
	head = stage_count_new(head, &object->bytes);
	head = stage_sha256_new(head, object->sha256);
	head = op_seal_stage(head, place->settings, NULL);
	free(path);
	return head;
}

void
op_object_enter(const struct op_object_place *place, const char *name, const struct op_object *object)
{
	manifest_add_object(place->manifest, name, object->bytes, object->sha256);
	op_follow_object(place->follow, manifest_find_object(place->manifest, name));
}

struct stage *
op_object_frames(struct stage *next, const struct settings_dump *dump, struct frame_index *index)
{
	const struct frame_write_options options = {
		.codec = dump->codec,
		.level = dump->level,
		.frame_bytes = dump->frame_bytes,
		.workers = dump->workers,
		.verify = dump->verify_frames,
	};

	return frame_write_new(next, &options, index);
}

int
op_object_put(const struct op_object_place *place, const char *name, struct buf *bytes)
{
	struct manifest *manifest = place->manifest;
	char sha256[DIGEST_SHA256_HEX];
	char *path = catalog_object_name(manifest->source, manifest->id, name);
	int rc = op_seal_object(name) ? op_seal_bytes(bytes, place->settings) : 0;

	if (rc == 0)
		rc = digest_sha256_hex(bytes->bytes, bytes->len, sha256);
	if (rc == 0)
		rc = store_put(place->store, path, bytes->bytes, bytes->len);
	if (rc == 0)
		manifest_add_object(manifest, name, bytes->len, sha256);
	free(path);
	return rc;
}
