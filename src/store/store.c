/*
 * The wrapper around every driver: it holds names to their form and callers to their rights, sorts listings,
 * and offers the small conveniences (put, get) that are the same for all. A driver therefore never sees a
 * name that could lead out of its store.
 */
#include "config.h"

#include "incant/store.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "incant/buf.h"
#include "incant/error.h"
#include "incant/mem.h"
#include "store_driver.h"

struct store {
	struct store_driver *driver;
	char *name;
	unsigned rights;
};

static const struct store_driver_ops *const drivers[] = {
	[STORE_DIRECTORY] = &store_directory_ops,
	[STORE_S3] = &store_s3_ops,
};

static const char name_bytes[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";

/*
 * Whether text can be the beginning of a name that goes on. Returns how many bytes its last component has, or
 * -1. Every component before the last has at least one byte.
 */
static int
check_components(const char *text)
{
	if (strlen(text) > STORE_NAME_BYTES)
		return -1;
	for (int depth = 1; depth <= STORE_NAME_DEPTH; depth++) {
		size_t len = strspn(text, name_bytes);
		if (len > STORE_COMPONENT_BYTES || text[0] == '.')
			return -1;
		if (text[len] == '\0')
			return (int)len;
		if (len == 0 || text[len] != '/')
			return -1;
		text += len + 1;
	}
	return -1;
}

bool
store_name_is_valid(const char *name)
{
	return check_components(name) > 0;
}

static int
require_name(const struct store *store, const char *name)
{
	if (store_name_is_valid(name))
		return 0;
	return error_set(ERR_STORE, "store %s: '%s' cannot be the name of an object", store->name, name);
}

static int
require_prefix(const struct store *store, const char *prefix)
{
	if (check_components(prefix) >= 0)
		return 0;
	return error_set(ERR_STORE, "store %s: no object's name can begin with '%s'", store->name, prefix);
}

/* rights: any one of them is enough. */
static int
require_rights(const struct store *store, unsigned rights, const char *to_do_what)
{
	if ((store->rights & rights) != 0)
		return 0;
	return error_set(ERR_INTERNAL, "store %s was not opened to %s", store->name, to_do_what);
}

struct store *
store_open(const struct store_options *options, unsigned rights)
{
	assert((size_t)options->kind < sizeof(drivers) / sizeof(drivers[0]));
	struct store_driver *driver = drivers[options->kind]->open(options, rights);
	if (driver == NULL)
		return NULL;
	struct store *store = mem_zero(sizeof(*store));
	store->driver = driver;
	store->name = mem_text(options->name);
	store->rights = rights;
	return store;
}

void
store_close(struct store *store)
{
	if (store == NULL)
		return;
	store->driver->ops->close(store->driver);
	free(store->name);
	free(store);
}

const char *
store_name(const struct store *store)
{
	return store->name;
}

struct stage *
store_write(struct store *store, const char *name)
{
	if (require_rights(store, STORE_WRITE, "write") != 0 || require_name(store, name) != 0)
		return NULL;
	return store->driver->ops->write(store->driver, name);
}

int
store_follow(const struct store *store, const struct stage *object)
{
	const struct store_driver_ops *ops = store->driver->ops;

	return ops->follow != NULL ? ops->follow(object) : -1;
}

int
store_put(struct store *store, const char *name, const void *bytes, size_t len)
{
	struct stage *object = store_write(store, name);
	if (object == NULL)
		return -1;
	int result = stage_write(object, bytes, len);
	if (result == 0)
		result = stage_finish(object);
	stage_free(object);
	return result;
}

int
store_replace(struct store *store, const char *name, const void *bytes, size_t len)
{
	if (require_rights(store, STORE_WRITE, "write") != 0 || require_name(store, name) != 0)
		return -1;
	return store->driver->ops->replace(store->driver, name, bytes, len);
}

int
store_read(struct store *store, const char *name, struct input **input)
{
	if (require_name(store, name) != 0)
		return -1;
	char *label = mem_format("%s in store %s", name, store->name);
	int result = store->driver->ops->read(store->driver, name, label, input);
	free(label);
	return result;
}

/* Appends a whole input. */
static int
read_whole(struct input *input, size_t limit, struct buf *buf)
{
	if (input->size_bytes > limit)
		return error_set(ERR_DAMAGED, "%s has %llu bytes, at most %zu were expected", input->name,
			(unsigned long long)input->size_bytes, limit);
	size_t len = (size_t)input->size_bytes;
	buf_reserve(buf, len + 1);
	if (input_read(input, 0, buf->bytes + buf->len, len) != 0) {
		buf->bytes[buf->len] = '\0';
		return -1;
	}
	buf->len += len;
	buf->bytes[buf->len] = '\0';
	return 0;
}

int
store_get(struct store *store, const char *name, size_t limit, struct buf *buf)
{
	struct input *input = NULL;
	int result = store_read(store, name, &input);
	if (result != 0)
		return result;
	result = read_whole(input, limit, buf);
	input_free(input);
	return result;
}

void
store_list_add(struct store_list *list, const char *name, uint64_t bytes, const char *tag)
{
	MEM_GROW(list->entries, list->count, list->capacity);
	list->entries[list->count++] = (struct store_entry){ mem_text(name), bytes, mem_text(tag) };
}

void
store_list_clear(struct store_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		free(list->entries[i].name);
		free(list->entries[i].tag);
	}
	free(list->entries);
	*list = (struct store_list){ NULL, 0, 0 };
}

static int
compare_entries(const void *a, const void *b)
{
	return strcmp(((const struct store_entry *)a)->name, ((const struct store_entry *)b)->name);
}

int
store_list(struct store *store, const char *prefix, struct store_list *list)
{
	assert(list->count == 0);
	if (require_prefix(store, prefix) != 0)
		return -1;
	if (store->driver->ops->list(store->driver, prefix, list) != 0) {
		store_list_clear(list);
		return -1;
	}
	if (list->count > 0)
		qsort(list->entries, list->count, sizeof(list->entries[0]), compare_entries);
	return 0;
}

int
store_remove(struct store *store, const char *name)
{
	if (require_rights(store, STORE_DELETE, "delete") != 0 || require_name(store, name) != 0)
		return -1;
	return store->driver->ops->remove(store->driver, name);
}

/* For drivers that remove one by one. */
static int
remove_each(struct store_driver *driver, const char *const *names, size_t count, size_t *removed)
{
	for (size_t i = 0; i < count; i++) {
		int result = driver->ops->remove(driver, names[i]);
		if (result < 0)
			return -1;
		if (result == 0)
			*removed += 1;
	}
	return 0;
}

int
store_remove_all(struct store *store, const char *const *names, size_t count, size_t *removed)
{
	const struct store_driver_ops *ops = store->driver->ops;

	if (require_rights(store, STORE_DELETE, "delete") != 0)
		return -1;
	for (size_t i = 0; i < count; i++)
		if (require_name(store, names[i]) != 0)
			return -1;
	if (count == 0)
		return 0;
	return ops->remove_all != NULL ? ops->remove_all(store->driver, names, count, removed)
				       : remove_each(store->driver, names, count, removed);
}

int
store_sweep(struct store *store, const char *prefix, const struct store_awaited *awaited, size_t *removed)
{
	if (require_rights(store, STORE_WRITE | STORE_DELETE, "sweep") != 0 ||
		require_prefix(store, prefix) != 0)
		return -1;
	return store->driver->ops->sweep(store->driver, prefix, awaited, removed);
}

int
store_free_bytes(struct store *store, uint64_t *bytes)
{
	return store->driver->ops->free_bytes(store->driver, bytes);
}

int
store_habits(struct store *store, const char *prefix, struct store_habits *habits)
{
	*habits = (struct store_habits){ .versions = STORE_UNTOLD };
	if (require_prefix(store, prefix) != 0)
		return -1;
	if (store->driver->ops->habits == NULL)
		return 0;
	return store->driver->ops->habits(store->driver, prefix, habits);
}

int
store_lock(
	struct store *store, const char *source, const char *doing, struct store_lock **lock, char **holder)
{
	if (require_rights(store, STORE_WRITE | STORE_DELETE, "lock") != 0 ||
		require_name(store, source) != 0)
		return -1;
	char *who = NULL;
	int result = store->driver->ops->lock(store->driver, source, doing, lock, &who);
	if (holder != NULL && result == STORE_BUSY)
		*holder = who;
	else
		free(who);
	return result;
}

int
store_hold(struct store *store, const char *folder, bool alone, struct store_lock **hold)
{
	*hold = NULL;
	if (require_name(store, folder) != 0 || (alone && require_rights(store, STORE_DELETE, "delete") != 0))
		return -1;
	if (store->driver->ops->hold == NULL)
		return 0;
	return store->driver->ops->hold(store->driver, folder, alone, hold);
}

void
store_unlock(struct store_lock *lock)
{
	if (lock != NULL)
		lock->ops->unlock(lock);
}
