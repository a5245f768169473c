/*
 * A driver: how one kind of store keeps objects. store.c stands before it: names and prefixes that arrive
 * here are valid, and the caller has the rights. A driver is a const table of functions and a struct whose
 * first member is struct store_driver; the table's row in store.c makes it known.
 *
 * What each function must do is what store.h promises of its namesake; here stands only what differs.
 */
#ifndef INCANT_STORE_DRIVER_H
#define INCANT_STORE_DRIVER_H

#include <stddef.h>
#include <stdint.h>

#include "incant/store.h"

/* First member of an opened store of any kind. */
struct store_driver {
	const struct store_driver_ops *ops;
};

/* First member of a lock of any kind. It does not need its store any more. */
struct store_lock {
	const struct store_driver_ops *ops;
};

struct store_driver_ops {
	/* options are borrowed for the call. */
	struct store_driver *(*open)(const struct store_options *options, unsigned rights);
	void (*close)(struct store_driver *driver);

	/* The stage outlives the driver. Its finish makes the object visible, whole and lasting, or fails and
	 * leaves it invisible; freed without, it removes what it can. */
	struct stage *(*write)(struct store_driver *driver, const char *name);

	int (*replace)(struct store_driver *driver, const char *name, const void *bytes, size_t len);
	/* object is one of write()'s. NULL = there is no such thing. */
	int (*follow)(const struct stage *object);

	/* label names the object in errors; it becomes the input's name. The input outlives the driver. */
	int (*read)(struct store_driver *driver, const char *name, const char *label, struct input **input);

	/* Adds with store_list_add(), in any order. What it added before a failure is cleared by the caller.
	 */
	int (*list)(struct store_driver *driver, const char *prefix, struct store_list *list);

	int (*remove)(struct store_driver *driver, const char *name);
	/* NULL = one by one. */
	int (*remove_all)(
		struct store_driver *driver, const char *const *names, size_t count, size_t *removed);
	int (*sweep)(struct store_driver *driver, const char *prefix, const struct store_awaited *awaited,
		size_t *removed);
	int (*free_bytes)(struct store_driver *driver, uint64_t *bytes);
	/* habits are untold so far. NULL = they stay so. */
	int (*habits)(struct store_driver *driver, const char *prefix, struct store_habits *habits);

	/* *holder is set with STORE_BUSY only, and never NULL then. */
	int (*lock)(struct store_driver *driver, const char *source, const char *doing,
		struct store_lock **lock, char **holder);
	/* NULL for a kind of store that knows no holding. */
	int (*hold)(struct store_driver *driver, const char *folder, bool alone, struct store_lock **hold);
	void (*unlock)(struct store_lock *lock); /* of lock() and of hold() */
};

/* For list(): an object. name and tag are copied; tag may be NULL. */
void store_list_add(struct store_list *list, const char *name, uint64_t bytes, const char *tag);

/* The drivers. */
extern const struct store_driver_ops store_directory_ops, store_s3_ops;

#endif
