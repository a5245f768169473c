/* Objects of a backup being made. */
#include "config.h"

#include "op_object.h"

#include <stdlib.h>

#include "incant/catalog.h"

struct stage *
op_object_stage(struct store *store, const struct manifest *manifest, const char *name,
	struct op_follow *follow, struct op_object *object)
{
	char *path = catalog_object_name(manifest->source, manifest->id, name);
	struct stage *head = op_follow_tap(follow, name, store_write(store, path));

	*object = (struct op_object){ .bytes = 0 };
	head = stage_count_new(head, &object->bytes);
	head = stage_sha256_new(head, object->sha256);
	free(path);
	return head;
}

void
op_object_enter(
	const struct op_object *object, struct manifest *manifest, const char *name, struct op_follow *follow)
{
	manifest_add_object(manifest, name, object->bytes, object->sha256);
	op_follow_object(follow, manifest_find_object(manifest, name));
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
op_object_put(struct store *store, struct manifest *manifest, const char *name, const struct buf *bytes)
{
	char sha256[DIGEST_SHA256_HEX];
	char *path = catalog_object_name(manifest->source, manifest->id, name);
	int rc = digest_sha256_hex(bytes->bytes, bytes->len, sha256);

	if (rc == 0)
		rc = store_put(store, path, bytes->bytes, bytes->len);
	if (rc == 0)
		manifest_add_object(manifest, name, bytes->len, sha256);
	free(path);
	return rc;
}
