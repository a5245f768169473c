/* Sections of application files: in memory, and as the member "files" of manifest.json. */
#include "config.h"

#include "manifest_files.h"

#include <stdlib.h>
#include <string.h>

#include "incant/error.h"
#include "incant/mem.h"
#include "incant/text.h"

void
manifest_files_clear(struct manifest_files *files)
{
	free(files->name);
	free(files->missing);
	*files = (struct manifest_files){ .name = NULL };
}

void
manifest_add_files(struct manifest *manifest, const struct manifest_files *files)
{
	MEM_GROW(manifest->files, manifest->files_count, manifest->files_capacity);
	struct manifest_files *added = &manifest->files[manifest->files_count++];
	*added = *files;
	added->name = mem_text(files->name);
	added->missing = mem_text(files->missing);
}

const struct manifest_files *
manifest_find_files(const struct manifest *manifest, const char *name)
{
	for (size_t i = 0; i < manifest->files_count; i++)
		if (strcmp(manifest->files[i].name, name) == 0)
			return &manifest->files[i];
	return NULL;
}

struct json *
manifest_files_to_json(const struct manifest *manifest)
{
	struct json *array = json_new_array();

	for (size_t i = 0; i < manifest->files_count; i++) {
		const struct manifest_files *files = &manifest->files[i];
		struct json *object = json_new_object();
		char xxh128[DIGEST_XXH128_HEX];

		json_put_text(object, "name", files->name);
		json_put_u64(object, "entries", files->entries);
		json_put_u64(object, "bytes", files->bytes);
		json_put_u64(object, "plain_bytes", files->plain_bytes);
		json_put_text(object, "plain_xxh128", digest128_format(xxh128, files->plain_xxh128));
		json_put_u64(object, "notes", files->notes);
		json_put_u64(object, "unread", files->unread);
		json_put_text(object, "missing", files->missing);
		json_put(array, NULL, object);
	}
	return array;
}

static int
take_section(const struct json *value, const char *what, struct manifest_files *files)
{
	const struct json *from = NULL;
	const char *name = NULL, *xxh128 = NULL, *missing = NULL;

	if (json_take_object(value, NULL, what, &from) != 0 ||
		json_take_text(from, "name", what, &name) != 0 ||
		json_take_u64(from, "entries", what, &files->entries) != 0 ||
		json_take_u64(from, "bytes", what, &files->bytes) != 0 ||
		json_take_u64(from, "plain_bytes", what, &files->plain_bytes) != 0 ||
		json_take_text(from, "plain_xxh128", what, &xxh128) != 0 ||
		json_take_u64(from, "notes", what, &files->notes) != 0 ||
		json_take_u64(from, "unread", what, &files->unread) != 0 ||
		(json_has(from, "missing") && json_take_text(from, "missing", what, &missing) != 0))
		return -1;
	if (digest128_parse(xxh128, &files->plain_xxh128) != 0)
		return error_set(ERR_DAMAGED, "%s: 'plain_xxh128' is not 32 hex digits", what);
	files->name = mem_text(name);
	files->missing = mem_text(missing);
	return 0;
}

int
manifest_files_from_json(const struct json *root, const char *what, struct manifest *manifest)
{
	const struct json *array = NULL;
	int rc = 0;

	if (!json_has(root, "files"))
		return 0;
	if (json_take_array(root, "files", what, &array) != 0)
		return -1;
	for (size_t i = 0; rc == 0 && i < json_count(array); i++) {
		char *which = mem_format("%s: files section %zu", what, i + 1);
		struct manifest_files files = { .name = NULL };

		rc = take_section(json_at(array, i), which, &files);
		if (rc == 0)
			manifest_add_files(manifest, &files);
		manifest_files_clear(&files);
		free(which);
	}
	return rc;
}
