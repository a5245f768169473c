/*
 * Copies a backup between stores, each object through a digest that must come out as the manifest says before
 * the copy becomes visible.
 */
#include "config.h"

#include "op_copy.h"

#include <stdlib.h>
#include <string.h>

#include "incant/buf.h"
#include "incant/catalog.h"
#include "incant/error.h"
#include "incant/mem.h"
#include "incant/stage.h"

/* Whether an object is there: objects are whole or not there, so that is all there is to ask. 1, 0 or -1. */
static int
copy_has(struct store *to, const char *name)
{
	struct input *input = NULL;
	int rc = store_read(to, name, &input);

	input_free(input);
	return rc < 0 ? -1 : rc == 0;
}

static int
copy_object(struct store *from, struct store *to, const struct manifest_object *object, const char *name)
{
	struct input *input = NULL;
	struct stage *head = NULL;
	int rc = store_read(from, name, &input);

	if (rc == STORE_MISSING)
		rc = error_set(ERR_DAMAGED, "%s is missing in store %s", name, store_name(from));
	if (rc != 0)
		goto out;
	rc = -1;
	head = stage_expect_new(store_write(to, name), object->sha256, input->name);
	if (head != NULL && input_copy(input, 0, input->size_bytes, head) == 0)
		rc = stage_finish(head);
out:
	stage_free(head);
	input_free(input);
	return rc;
}

/* The manifest goes over byte for byte, members that this version does not know included. */
static int
copy_manifest(struct store *from, struct store *to, const char *name)
{
	struct buf text = BUF_EMPTY;
	int rc = store_get(from, name, MANIFEST_LIMIT_BYTES, &text);

	if (rc == STORE_MISSING)
		rc = error_set(ERR_DAMAGED, "%s is missing in store %s", name, store_name(from));
	if (rc == 0)
		rc = store_put(to, name, text.bytes, text.len);
	buf_clear(&text);
	return rc;
}

int
op_copy_backup(struct store *from, struct store *to, const struct manifest *manifest)
{
	char *commit = catalog_object_name(manifest->source, manifest->id, MANIFEST_NAME);
	int has = copy_has(to, commit);

	for (size_t i = 0; has == 0 && i < manifest->object_count; i++) {
		const struct manifest_object *object = &manifest->objects[i];
		char *name = catalog_object_name(manifest->source, manifest->id, object->name);
		int there = copy_has(to, name);

		if (there < 0 || (there == 0 && copy_object(from, to, object, name) != 0))
			has = -1;
		free(name);
	}
	if (has == 0)
		has = copy_manifest(from, to, commit);
	free(commit);
	return has < 0 ? -1 : 0;
}
