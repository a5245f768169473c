/*
 * Reading and writing packs:
 *
 *     { "format": 1, "objects": [ { "name": "SOURCE/ID/manifest.json", "tag": "…", "text": "…" }, … ] }
 *
 * in the order of the names.
 */
#include "config.h"

#include "catalog_pack.h"

#include <stdlib.h>
#include <string.h>

#include "incant/catalog.h"
#include "incant/error.h"
#include "incant/json.h"
#include "incant/log.h"
#include "incant/mem.h"
#include "incant/proof.h"
#include "incant/text.h"

#define PACK_FORMAT      1
#define PACK_LIMIT_BYTES ((size_t)256 << 20)
#define TEXT_LIMIT_BYTES MANIFEST_LIMIT_BYTES
#define UNPACKED_MIN     2  /* so many may be outside before it is written anew, */
#define UNPACKED_PART    16 /* or this part of those inside, when that is more */

struct packed {
	const char *name, *tag, *text; /* the parsed document's */
};

struct catalog_pack {
	struct json *root; /* NULL = empty */
	struct packed *items;
	size_t count, capacity;
};

bool
catalog_pack_holds(const char *name)
{
	static const char *const names[] = { MANIFEST_NAME, PIN_NAME, PROOF_NAME, SUSPECT_NAME };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

static int
compare_packed(const void *a, const void *b)
{
	return strcmp(((const struct packed *)a)->name, ((const struct packed *)b)->name);
}

/* Takes the entries that have all their members; what else is there may be of a later version. */
static void
take_items(struct catalog_pack *pack)
{
	const struct json *objects = json_get(pack->root, "objects");

	if (json_get_int(pack->root, "format", 0) != PACK_FORMAT)
		return;
	for (size_t i = 0; i < json_count(objects); i++) {
		const struct json *object = json_at(objects, i);
		const struct packed item = { json_get_text(object, "name"), json_get_text(object, "tag"),
			json_get_text(object, "text") };

		if (item.name == NULL || item.tag == NULL || item.text == NULL)
			continue;
		MEM_GROW(pack->items, pack->count, pack->capacity);
		pack->items[pack->count++] = item;
	}
	if (pack->count > 1)
		qsort(pack->items, pack->count, sizeof(*pack->items), compare_packed);
}

struct catalog_pack *
catalog_pack_get(struct store *store, const char *source)
{
	struct catalog_pack *pack = mem_zero(sizeof(*pack));
	char *name = mem_format("%s/" CATALOG_PACK_NAME, source);
	char *what = mem_format("%s in store %s", name, store_name(store));
	struct buf text = BUF_EMPTY;
	struct error before = *error_get();
	int result = store_get(store, name, PACK_LIMIT_BYTES, &text);

	if (result == 0)
		pack->root = json_parse(buf_text(&text), text.len, what);
	if (pack->root != NULL)
		take_items(pack);
	else if (result != STORE_MISSING)
		log_verbose("%s is passed over: %s", what, error_get()->message);
	error_clear();
	if (before.class != ERR_NONE)
		error_put(&before);
	buf_clear(&text);
	free(what);
	free(name);
	return pack;
}

void
catalog_pack_free(struct catalog_pack *pack)
{
	if (pack == NULL)
		return;
	json_free(pack->root);
	free(pack->items);
	free(pack);
}

bool
catalog_pack_find(const struct catalog_pack *pack, const struct store_entry *listed, struct buf *buf)
{
	const struct packed key = { .name = listed->name };
	const struct packed *found = NULL;

	if (listed->tag != NULL && pack->count > 0)
		found = bsearch(&key, pack->items, pack->count, sizeof(*pack->items), compare_packed);
	if (found == NULL || strcmp(found->tag, listed->tag) != 0 || strlen(found->text) != listed->bytes)
		return false;
	buf_append_text(buf, found->text);
	return true;
}

/* Adds an object to the pack that is written. 0, also when it has gone or is no text, or -1. */
static int
add_object(struct store *store, const struct catalog_pack *old, const struct store_entry *listed,
	struct json *objects)
{
	struct buf text = BUF_EMPTY;
	int result = 0;

	if (!catalog_pack_find(old, listed, &text))
		result = store_get(store, listed->name, TEXT_LIMIT_BYTES, &text);
	if (result == 0 && text.len == listed->bytes && strlen(buf_text(&text)) == text.len &&
		text_utf8_valid(buf_text(&text), text.len) == text.len) {
		struct json *object = json_new_object();

		json_put_text(object, "name", listed->name);
		json_put_text(object, "tag", listed->tag);
		json_put_text(object, "text", buf_text(&text));
		json_put(objects, NULL, object);
	}
	buf_clear(&text);
	return result < 0 && error_get()->class != ERR_DAMAGED ? -1 : 0;
}

/* Writes the pack of what the list holds. 0 or -1. */
static int
write_pack(struct store *store, const char *source, const struct catalog_pack *old,
	const struct store_list *list)
{
	struct json *root = json_new_object(), *objects = json_new_array();
	char *name = mem_format("%s/" CATALOG_PACK_NAME, source);
	struct buf text = BUF_EMPTY;
	int result = 0;

	for (size_t i = 0; i < list->count && result == 0; i++)
		if (catalog_pack_holds(strrchr(list->entries[i].name, '/') + 1))
			result = add_object(store, old, &list->entries[i], objects);
	json_put_u64(root, "format", PACK_FORMAT);
	json_put(root, "objects", objects);
	json_write(root, 0, &text);
	buf_append_char(&text, '\n');
	if (result == 0)
		result = store_replace(store, name, text.bytes, text.len);
	json_free(root);
	buf_clear(&text);
	free(name);
	return result;
}

/* How many of the list's small objects the pack lacks. False in a store without tags. */
static bool
count_unpacked(const struct catalog_pack *pack, const struct store_list *list, size_t *unpacked)
{
	struct buf text = BUF_EMPTY;

	*unpacked = 0;
	for (size_t i = 0; i < list->count; i++) {
		const struct store_entry *entry = &list->entries[i];

		if (entry->tag == NULL) {
			buf_clear(&text);
			return false;
		}
		if (catalog_pack_holds(strrchr(entry->name, '/') + 1) &&
			!catalog_pack_find(pack, entry, &text))
			*unpacked += 1;
		buf_reset(&text);
	}
	buf_clear(&text);
	return true;
}

int
catalog_pack(struct store *store, const char *source)
{
	struct store_list list = { NULL, 0, 0 };
	char *prefix = mem_format("%s/", source);
	size_t unpacked = 0;
	int result = store_list(store, prefix, &list);

	if (result == 0 && list.count > 0 && list.entries[0].tag != NULL) {
		struct catalog_pack *old = catalog_pack_get(store, source);

		if (count_unpacked(old, &list, &unpacked) && unpacked > UNPACKED_MIN &&
			unpacked > old->count / UNPACKED_PART)
			result = write_pack(store, source, old, &list);
		catalog_pack_free(old);
	}
	store_list_clear(&list);
	free(prefix);
	return result;
}
