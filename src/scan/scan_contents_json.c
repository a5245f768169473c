/*
 * Contents as JSON, compact because a database may have a hundred thousand statements: lists of fixed order
 * instead of objects.
 *
 *     { "plain_bytes": N,
 *       "sections": [ { "database": NAME | null,        null for the globals, which come first
 *                       "encoding": "UTF8",             "" when the section does not set it
 *                       "creates": true,                has CREATE DATABASE
 *                       "at": [OFFSET, BYTES],
 *                       "statements":    [ [KIND, NAME, OFFSET, BYTES, DIGEST], … ],
 *                       "tables":        [ [SCHEMA, NAME, COLUMNS, OFFSET, BYTES,
 *                                           DATA_OFFSET, DATA_BYTES, ROWS, DIGEST], … ],
 *                       "sequences":     [ [NAME, "VALUE", CALLED], … ],
 *                       "large_objects": [ [OID, BYTES, DATA_DIGEST, ABOUT_DIGEST], … ] }, … ] }
 *
 * OFFSET and BYTES are an extent of the plain dump. DIGEST is 32 hex digits of a 128-bit value, high half
 * first. NAMEs and the like are strings, or {"hex": "…"} where they are not UTF-8. A sequence's VALUE is
 * decimal text, because it may need 64 bits and many readers keep 53. Sections tile the dump.
 */
#include "config.h"

#include "incant/contents.h"

#include <inttypes.h>
#include <stdlib.h>

#include "incant/json.h"
#include "incant/mem.h"

static void
put_digest(struct json *to, struct digest128 digest)
{
	char hex[DIGEST_XXH128_HEX];

	json_put_text(to, NULL, digest128_format(hex, digest));
}

static void
put_extent(struct json *to, struct extent extent)
{
	json_put_u64(to, NULL, extent.plain_off);
	json_put_u64(to, NULL, extent.bytes);
}

static struct json *
statements_to_json(const struct contents_section *section)
{
	struct json *list = json_new_array();

	for (size_t i = 0; i < section->statement_count; i++) {
		const struct contents_statement *statement = &section->statements[i];
		struct json *row = json_new_array();

		json_put_text(row, NULL, statement->kind);
		json_put_bytes(row, NULL, statement->name);
		put_extent(row, statement->at);
		put_digest(row, statement->digest);
		json_put(list, NULL, row);
	}
	return list;
}

static struct json *
tables_to_json(const struct contents_section *section)
{
	struct json *list = json_new_array();

	for (size_t i = 0; i < section->table_count; i++) {
		const struct contents_table *table = &section->tables[i];
		struct json *row = json_new_array();

		json_put_bytes(row, NULL, table->schema);
		json_put_bytes(row, NULL, table->name);
		json_put_bytes(row, NULL, table->columns);
		put_extent(row, table->at);
		put_extent(row, table->data);
		json_put_u64(row, NULL, table->rows);
		put_digest(row, table->digest);
		json_put(list, NULL, row);
	}
	return list;
}

static struct json *
sequences_to_json(const struct contents_section *section)
{
	struct json *list = json_new_array();

	for (size_t i = 0; i < section->sequence_count; i++) {
		const struct contents_sequence *sequence = &section->sequences[i];
		struct json *row = json_new_array();
		char *value = mem_format("%" PRId64, sequence->value);

		json_put_bytes(row, NULL, sequence->name);
		json_put_text(row, NULL, value);
		json_put_bool(row, NULL, sequence->called);
		json_put(list, NULL, row);
		free(value);
	}
	return list;
}

static struct json *
large_objects_to_json(const struct contents_section *section)
{
	struct json *list = json_new_array();

	for (size_t i = 0; i < section->large_object_count; i++) {
		const struct contents_large_object *object = &section->large_objects[i];
		struct json *row = json_new_array();

		json_put_u64(row, NULL, object->oid);
		json_put_u64(row, NULL, object->bytes);
		put_digest(row, object->data);
		put_digest(row, object->about);
		json_put(list, NULL, row);
	}
	return list;
}

static struct json *
section_to_json(const struct contents_section *section)
{
	struct json *value = json_new_object();
	struct json *at = json_new_array();

	if (section->database != NULL)
		json_put_bytes(value, "database", section->database);
	else
		json_put(value, "database", NULL);
	json_put_bytes(value, "encoding", section->encoding);
	json_put_bool(value, "creates", section->creates);
	put_extent(at, section->at);
	json_put(value, "at", at);
	json_put(value, "statements", statements_to_json(section));
	json_put(value, "tables", tables_to_json(section));
	json_put(value, "sequences", sequences_to_json(section));
	json_put(value, "large_objects", large_objects_to_json(section));
	return value;
}

struct json *
contents_to_json(const struct contents *contents)
{
	struct json *value = json_new_object();
	struct json *sections = json_new_array();

	json_put_u64(value, "plain_bytes", contents->plain_bytes);
	for (size_t i = 0; i < contents->section_count; i++)
		json_put(sections, NULL, section_to_json(&contents->sections[i]));
	json_put(value, "sections", sections);
	return value;
}
