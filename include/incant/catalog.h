/*
 * The catalog: which backups a store has. Only whole ones: those with a manifest that can be read. Read
 * afresh from the store each time. In a store over a network a copy of a manifest is taken where the store
 * says itself that it is one; so nothing can be stale.
 */
#ifndef INCANT_CATALOG_H
#define INCANT_CATALOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "incant/error.h"
#include "incant/manifest.h"
#include "incant/pin.h"
#include "incant/proof.h"
#include "incant/store.h"
#include "incant/suspect.h"

struct catalog_entry {
	char *source, *id;
	struct manifest manifest; /* valid unless damaged */
	bool damaged;             /* the manifest is there and cannot be used: `error` says why */
	struct error error;
	struct pin *pin;         /* NULL = none; of a damaged entry, too */
	struct proof *proof;     /* NULL = none; likewise */
	struct suspect *suspect; /* NULL = it is not */
};

struct catalog {
	struct catalog_entry *entries; /* newest id first; then by source */
	size_t count, capacity;
};

void catalog_init(struct catalog *catalog);
void catalog_clear(struct catalog *catalog);

/*
 * Whether a text has the form of an id: "20261122T030000Z", or that with "-2", "-3" … behind it. Directories
 * with other names are no backups; nothing here reads or removes them.
 */
bool catalog_is_id(const char *text);

/*
 * The order of ids in time: below, equal to or above 0, as strcmp(). "…Z" comes before "…Z-2" before "…Z-10".
 * Both must be ids.
 */
int catalog_compare_ids(const char *a, const char *b);

/*
 * Reads the backups of one source (NULL = of all). A manifest that is damaged, cannot be read, or is of
 * another backup than its place says is an entry, not a failure. The catalog is initialised and empty. 0, or
 * -1 with ERR_STORE.
 */
int catalog_load(struct store *store, const char *source, struct catalog *catalog);

/*
 * Sees to it that the catalog of a source costs few requests, in a store over a network (STORE_WRITE): where
 * more than a few manifests and records are not in the source's pack, it is written anew
 * (incant-backup-format(7)). Other stores have none. 0 or -1.
 */
int catalog_pack(struct store *store, const char *source);

/*
 * Finds one. which: an id, a unique prefix of one, "latest", or NULL (= latest); at: newest whole backup
 * created at or before that second (used when which is NULL and at != CATALOG_ANY_TIME). Damaged entries are
 * found by id or prefix only. An id comes before those that it is a prefix of. NULL with ERR_NOT_FOUND (none:
 * the message says what there is; or several fit: they are named; hint: `incant-backup list`).
 */
#define CATALOG_ANY_TIME INT64_MAX
const struct catalog_entry *catalog_find(const struct catalog *catalog, const char *which, int64_t at);

/* An id that no object in the store has yet: clock_format_id(at), then with "-2", "-3" … Caller frees; NULL
 * with the error. */
char *catalog_new_id(struct store *store, const char *source, int64_t at);

/* "SOURCE/ID/NAME". The caller frees it. */
char *catalog_object_name(const char *source, const char *id, const char *name);

/*
 * Whether a backup is one now: asks the store for its manifest by name, since a list passes over what is
 * there in another form than an object's, and grows old. 0, STORE_MISSING or -1.
 */
int catalog_ask(struct store *store, const char *source, const char *id);

/* Holds a backup: store_hold() of its folder, with its arguments and results. */
int catalog_hold(
	struct store *store, const char *source, const char *id, bool alone, struct store_lock **hold);

/*
 * Backups of a source that never got a manifest: removes their objects (STORE_DELETE). The caller holds the
 * source's lock. What is awaited is left: a copy of it may go on (NULL = nothing is).
 * *removed is raised by how many objects. 0 or -1. Partial files and empty directories are store_sweep()'s.
 */
int catalog_sweep(
	struct store *store, const char *source, const struct store_awaited *awaited, size_t *removed);

/* The whole backup of that source and id; NULL where the catalog has none. */
const struct catalog_entry *catalog_find_whole(
	const struct catalog *catalog, const char *source, const char *id);

#endif
