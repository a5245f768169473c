/*
 * The manifest in memory, and SHA256SUMS, which is made of it. The text form is written by manifest_write.c
 * and read by manifest_read.c.
 */
#include "config.h"

#include "incant/manifest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "incant/mem.h"
#include "incant/text.h"
#include "manifest_files.h"

#define DATABASE_FACTOR 2 /* a database and its dump */

void
manifest_init(struct manifest *manifest)
{
	memset(manifest, 0, sizeof(*manifest));
	manifest->format = MANIFEST_FORMAT;
}

void
manifest_clear(struct manifest *manifest)
{
	free(manifest->id);
	free(manifest->source);
	free(manifest->label);
	free(manifest->host);
	free(manifest->program);
	free(manifest->server_version);
	free(manifest->superuser);
	free(manifest->codec);
	for (size_t i = 0; i < manifest->object_count; i++)
		free(manifest->objects[i].name);
	free(manifest->objects);
	for (size_t i = 0; i < manifest->files_count; i++)
		manifest_files_clear(&manifest->files[i]);
	free(manifest->files);
	manifest_init(manifest);
}

void
manifest_copy(struct manifest *to, const struct manifest *from)
{
	*to = *from;
	to->id = mem_text(from->id);
	to->source = mem_text(from->source);
	to->label = mem_text(from->label);
	to->host = mem_text(from->host);
	to->program = mem_text(from->program);
	to->server_version = mem_text(from->server_version);
	to->superuser = mem_text(from->superuser);
	to->codec = mem_text(from->codec);
	to->objects = NULL;
	to->object_count = to->object_capacity = 0;
	for (size_t i = 0; i < from->object_count; i++)
		manifest_add_object(
			to, from->objects[i].name, from->objects[i].bytes, from->objects[i].sha256);
	to->files = NULL;
	to->files_count = to->files_capacity = 0;
	for (size_t i = 0; i < from->files_count; i++)
		manifest_add_files(to, &from->files[i]);
}

void
manifest_add_object(struct manifest *manifest, const char *name, uint64_t bytes, const char *sha256)
{
	MEM_GROW(manifest->objects, manifest->object_count, manifest->object_capacity);
	struct manifest_object *object = &manifest->objects[manifest->object_count++];
	object->name = mem_text(name);
	object->bytes = bytes;
	snprintf(object->sha256, sizeof(object->sha256), "%s", sha256);
}

void
manifest_set_object(struct manifest_object *object, const char *name, uint64_t bytes, const char *sha256)
{
	char *kept = mem_text(name);

	free(object->name);
	object->name = kept;
	object->bytes = bytes;
	snprintf(object->sha256, sizeof(object->sha256), "%.*s", DIGEST_SHA256_HEX - 1, sha256);
}

const struct manifest_object *
manifest_find_object(const struct manifest *manifest, const char *name)
{
	for (size_t i = 0; i < manifest->object_count; i++)
		if (strcmp(manifest->objects[i].name, name) == 0)
			return &manifest->objects[i];
	return NULL;
}

const struct manifest_object *
manifest_find_stem(const struct manifest *manifest, const char *stem)
{
	size_t len = strlen(stem);

	for (size_t i = 0; i < manifest->object_count; i++) {
		const char *name = manifest->objects[i].name;
		if (text_starts(name, stem) && (name[len] == '\0' || name[len] == '.'))
			return &manifest->objects[i];
	}
	return NULL;
}

uint64_t
manifest_database_bytes(const struct manifest *manifest)
{
	return manifest->database_bytes != 0 ? manifest->database_bytes
					     : DATABASE_FACTOR * manifest->plain_bytes;
}

uint64_t
manifest_stored_bytes(const struct manifest *manifest)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < manifest->object_count; i++)
		sum += manifest->objects[i].bytes;
	return sum;
}

void
manifest_write_sums(const struct manifest *manifest, struct buf *buf)
{
	for (size_t i = 0; i < manifest->object_count; i++) {
		const struct manifest_object *object = &manifest->objects[i];
		if (strcmp(object->name, MANIFEST_SUMS_NAME) != 0)
			buf_append_format(buf, "%s  %s\n", object->sha256, object->name);
	}
}
