/*
 * The catalog: one listing of the store, then every manifest in it. Names that are not SOURCE/ID/NAME, with
 * an ID of the strict form, are not the catalog's and are passed over.
 */
#include "config.h"

#include "incant/catalog.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "catalog_pack.h"
#include "incant/buf.h"
#include "incant/clock.h"
#include "incant/mem.h"
#include "incant/text.h"

#define ID_TIME_LEN (sizeof("20261122T030000Z") - 1)

void
catalog_init(struct catalog *catalog)
{
	*catalog = (struct catalog){ NULL, 0, 0 };
}

void
catalog_clear(struct catalog *catalog)
{
	for (size_t i = 0; i < catalog->count; i++) {
		free(catalog->entries[i].source);
		free(catalog->entries[i].id);
		manifest_clear(&catalog->entries[i].manifest);
		pin_free(catalog->entries[i].pin);
		proof_free(catalog->entries[i].proof);
		suspect_free(catalog->entries[i].suspect);
	}
	free(catalog->entries);
	catalog_init(catalog);
}

/* Whether two digits are there and make a number from least to most. */
static bool
two_digits_within(const char *digits, int least, int most)
{
	int value = (digits[0] - '0') * 10 + (digits[1] - '0');

	return value >= least && value <= most;
}

/* "-2", "-3", … "-999999999", without zeros in front. */
static bool
is_suffix(const char *text)
{
	size_t len = strlen(text);

	if (len < 2 || len > 10 || text[0] != '-' || strspn(text + 1, "0123456789") != len - 1)
		return false;
	return text[1] > '1' || (text[1] == '1' && len > 2);
}

bool
catalog_is_id(const char *text)
{
	static const char form[] = "dddddddd"
				   "T"
				   "dddddd"
				   "Z";

	for (size_t i = 0; i < ID_TIME_LEN; i++) {
		bool digit = text[i] >= '0' && text[i] <= '9';
		if (form[i] == 'd' ? !digit : text[i] != form[i])
			return false;
	}
	if (!two_digits_within(text + 4, 1, 12) || !two_digits_within(text + 6, 1, 31) ||
		!two_digits_within(text + 9, 0, 23) || !two_digits_within(text + 11, 0, 59) ||
		!two_digits_within(text + 13, 0, 59))
		return false;
	return text[ID_TIME_LEN] == '\0' || is_suffix(text + ID_TIME_LEN);
}

/* 1 for an id without a suffix. */
static long
id_number(const char *id)
{
	return id[ID_TIME_LEN] == '-' ? strtol(id + ID_TIME_LEN + 1, NULL, 10) : 1;
}

int
catalog_compare_ids(const char *a, const char *b)
{
	int order = strncmp(a, b, ID_TIME_LEN);
	if (order != 0)
		return order;
	long number_a = id_number(a), number_b = id_number(b);
	return (number_a > number_b) - (number_a < number_b);
}

char *
catalog_object_name(const char *source, const char *id, const char *name)
{
	return mem_format("%s/%s/%s", source, id, name);
}

/* "SOURCE/ID/NAME" taken apart. The parts point into `text`. */
struct name_parts {
	char *text, *source, *id, *name;
};

/* False where it is not a name of that form; then there is nothing to free. Otherwise the caller frees text.
 */
static bool
parse_name(const char *object, struct name_parts *parts)
{
	char *text = mem_text(object);
	char *id = strchr(text, '/');
	char *name = id != NULL ? strchr(id + 1, '/') : NULL;

	if (name != NULL) {
		*id++ = '\0';
		*name++ = '\0';
		if (catalog_is_id(id)) {
			*parts = (struct name_parts){ text, text, id, name };
			return true;
		}
	}
	free(text);
	return false;
}

/* A catalog on its way: what is being read, and the pack of the source that the listing has come to. */
struct loader {
	struct store *store;
	struct catalog *catalog;
	struct catalog_pack *pack; /* NULL = none was got yet, or this store has none */
	char *pack_source;
};

/* Gets a small object of the listing: out of its source's pack, or from the store. As store_get(). */
static int
load_text(struct loader *loader, const struct name_parts *parts, const struct store_entry *listed,
	size_t limit, struct buf *text)
{
	if (listed->tag != NULL && !text_equal(loader->pack_source, parts->source)) {
		catalog_pack_free(loader->pack);
		free(loader->pack_source);
		loader->pack = catalog_pack_get(loader->store, parts->source);
		loader->pack_source = mem_text(parts->source);
	}
	if (loader->pack != NULL && listed->bytes <= limit && catalog_pack_find(loader->pack, listed, text))
		return 0;
	return store_get(loader->store, listed->name, limit, text);
}

/* Reads a manifest and holds it against its place. 0, STORE_MISSING or -1. */
static int
load_manifest(struct loader *loader, const struct name_parts *parts, const struct store_entry *listed,
	struct manifest *manifest)
{
	struct buf text = BUF_EMPTY;
	char *what = mem_format(MANIFEST_NAME " of %s in store %s", parts->id, store_name(loader->store));

	int result = load_text(loader, parts, listed, MANIFEST_LIMIT_BYTES, &text);
	if (result == 0)
		result = manifest_read(buf_text(&text), text.len, what, manifest);
	if (result == 0 &&
		(!text_equal(manifest->id, parts->id) || !text_equal(manifest->source, parts->source))) {
		result = error_set(ERR_DAMAGED, "%s of source %s is that of %s of source %s", what,
			parts->source, manifest->id, manifest->source);
		manifest_clear(manifest);
	}
	free(what);
	buf_clear(&text);
	return result;
}

static int
load_entry(struct loader *loader, const struct name_parts *parts, const struct store_entry *listed)
{
	struct catalog *catalog = loader->catalog;

	MEM_GROW(catalog->entries, catalog->count, catalog->capacity);
	struct catalog_entry *entry = &catalog->entries[catalog->count];
	*entry = (struct catalog_entry){ .damaged = false };
	manifest_init(&entry->manifest);
	int result = load_manifest(loader, parts, listed, &entry->manifest);
	if (result == STORE_MISSING)
		return 0; /* removed since the listing */
	if (result != 0) {
		entry->damaged = true;
		error_take(&entry->error);
		if (entry->error.class == ERR_INTERRUPTED)
			return error_put(&entry->error);
	}
	entry->source = mem_text(parts->source);
	entry->id = mem_text(parts->id);
	catalog->count++;
	return 0;
}

static int
load_pin(struct loader *loader, const struct name_parts *parts, const struct store_entry *listed,
	struct catalog_entry *entry)
{
	struct buf text = BUF_EMPTY;
	char *what = pin_what(loader->store, parts->id);

	int result = load_text(loader, parts, listed, PIN_LIMIT_BYTES, &text);
	result = pin_judge(result, &text, what, &entry->pin);
	free(what);
	buf_clear(&text);
	return result < 0 ? -1 : 0;
}

static int
load_proof(struct loader *loader, const struct name_parts *parts, const struct store_entry *listed,
	struct catalog_entry *entry)
{
	struct buf text = BUF_EMPTY;
	char *what = proof_what(loader->store, parts->id);

	int result = load_text(loader, parts, listed, PROOF_LIMIT_BYTES, &text);
	result = proof_judge(result, &text, what, &entry->proof);
	free(what);
	buf_clear(&text);
	return result < 0 ? -1 : 0;
}

static int
load_suspect(struct loader *loader, const struct name_parts *parts, const struct store_entry *listed,
	struct catalog_entry *entry)
{
	struct buf text = BUF_EMPTY;
	char *what = suspect_what(loader->store, parts->id);

	int result = load_text(loader, parts, listed, SUSPECT_LIMIT_BYTES, &text);
	result = suspect_judge(result, &text, what, &entry->suspect);
	free(what);
	buf_clear(&text);
	return result < 0 ? -1 : 0;
}

/*
 * Takes an object of a backup into the catalog, where it is one that counts. Names are sorted, and the
 * manifest's comes before those of the records that may stand beside it.
 */
static int
load_object(struct loader *loader, const struct name_parts *parts, const struct store_entry *listed)
{
	const struct catalog *catalog = loader->catalog;

	if (strcmp(parts->name, MANIFEST_NAME) == 0)
		return load_entry(loader, parts, listed);
	if (catalog->count == 0)
		return 0;
	struct catalog_entry *entry = &catalog->entries[catalog->count - 1];
	if (strcmp(entry->id, parts->id) != 0 || strcmp(entry->source, parts->source) != 0)
		return 0;
	if (strcmp(parts->name, PIN_NAME) == 0)
		return load_pin(loader, parts, listed, entry);
	if (strcmp(parts->name, PROOF_NAME) == 0)
		return load_proof(loader, parts, listed, entry);
	if (strcmp(parts->name, SUSPECT_NAME) == 0)
		return load_suspect(loader, parts, listed, entry);
	return 0;
}

static int
compare_entries(const void *a, const void *b)
{
	const struct catalog_entry *one = a, *other = b;
	int order = catalog_compare_ids(other->id, one->id);

	return order != 0 ? order : strcmp(one->source, other->source);
}

/* Every object of a source (NULL = of all). */
static int
list_objects(struct store *store, const char *source, struct store_list *list)
{
	char *prefix = source != NULL ? mem_format("%s/", source) : mem_text("");
	int result = store_list(store, prefix, list);
	free(prefix);
	return result;
}

int
catalog_load(struct store *store, const char *source, struct catalog *catalog)
{
	struct store_list list = { NULL, 0, 0 };
	struct loader loader = { .store = store, .catalog = catalog };
	struct name_parts parts;

	assert(catalog->count == 0);
	int result = list_objects(store, source, &list);
	for (size_t i = 0; i < list.count && result == 0; i++) {
		if (!parse_name(list.entries[i].name, &parts))
			continue;
		result = load_object(&loader, &parts, &list.entries[i]);
		free(parts.text);
	}
	catalog_pack_free(loader.pack);
	free(loader.pack_source);
	store_list_clear(&list);
	if (result != 0)
		catalog_clear(catalog);
	else if (catalog->count > 0)
		qsort(catalog->entries, catalog->count, sizeof(catalog->entries[0]), compare_entries);
	return result;
}

/* Whether an object of that backup is in the list. */
static bool
list_has_backup(const struct store_list *list, const char *source, const char *id)
{
	char *prefix = catalog_object_name(source, id, "");
	bool has = false;

	for (size_t i = 0; i < list->count && !has; i++)
		has = text_starts(list->entries[i].name, prefix);
	free(prefix);
	return has;
}

char *
catalog_new_id(struct store *store, const char *source, int64_t at)
{
	struct store_list list = { NULL, 0, 0 };
	char time[CLOCK_ID_SIZE];

	clock_format_id(time, at);
	char *prefix = mem_format("%s/%s", source, time);
	int result = store_list(store, prefix, &list);
	free(prefix);
	if (result != 0)
		return NULL;
	char *id = mem_text(time);
	for (unsigned number = 2; list_has_backup(&list, source, id); number++) {
		free(id);
		id = mem_format("%s-%u", time, number);
	}
	store_list_clear(&list);
	return id;
}

int
catalog_ask(struct store *store, const char *source, const char *id)
{
	struct input *input = NULL;
	char *object = catalog_object_name(source, id, MANIFEST_NAME);
	int result = store_read(store, object, &input);

	free(object);
	input_free(input);
	return result;
}

int
catalog_hold(struct store *store, const char *source, const char *id, bool alone, struct store_lock **hold)
{
	char *folder = mem_format("%s/%s", source, id);
	int result = store_hold(store, folder, alone, hold);

	free(folder);
	return result;
}

/* Removes entries [begin, end) of the list. 0 or -1. */
static int
remove_objects(struct store *store, const struct store_list *list, size_t begin, size_t end, size_t *removed)
{
	const char **names = mem_resize(NULL, end - begin, sizeof(*names));

	for (size_t i = begin; i < end; i++)
		names[i - begin] = list->entries[i].name;
	int result = store_remove_all(store, names, end - begin, removed);
	free(names);
	return result;
}

/* The end of the run of objects that belong to the same backup as list->entries[begin]: names are sorted. */
static size_t
backup_end(const struct store_list *list, size_t begin, const struct name_parts *parts)
{
	char *prefix = catalog_object_name(parts->source, parts->id, "");
	size_t end = begin;

	while (end < list->count && text_starts(list->entries[end].name, prefix))
		end++;
	free(prefix);
	return end;
}

/* Whether the listing shows the manifest among a backup's objects. */
static bool
has_manifest(const struct store_list *list, size_t begin, size_t end)
{
	for (size_t i = begin; i < end; i++)
		if (text_ends(list->entries[i].name, "/" MANIFEST_NAME))
			return true;
	return false;
}

int
catalog_sweep(struct store *store, const char *source, const struct store_awaited *awaited, size_t *removed)
{
	struct store_list list = { NULL, 0, 0 };
	struct name_parts parts;
	size_t end = 0;

	int result = list_objects(store, source, &list);
	for (size_t begin = 0; begin < list.count && result == 0; begin = end) {
		end = begin + 1;
		if (!parse_name(list.entries[begin].name, &parts))
			continue;
		end = backup_end(&list, begin, &parts);
		bool is_awaited = awaited != NULL && awaited->is(awaited->context, list.entries[begin].name);
		if (!is_awaited && !has_manifest(&list, begin, end)) {
			result = catalog_ask(store, source, parts.id);
			if (result == STORE_MISSING)
				result = remove_objects(store, &list, begin, end, removed);
		}
		free(parts.text);
	}
	store_list_clear(&list);
	return result;
}
