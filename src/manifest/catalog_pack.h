/*
 * The pack of a source: one object, SOURCE/catalog.json, with copies of the small objects of its backups. In
 * a store that is asked over a network a catalog then costs the listing and one object, not one a backup.
 *
 * It is never believed on its own: an entry counts only where the listing shows the object itself with the
 * tag (its ETag) that stands in the entry. So it may be old, or missing, or gone wrong, and nothing is wrong:
 * what it does not have is read from the object.
 */
#ifndef INCANT_CATALOG_PACK_H
#define INCANT_CATALOG_PACK_H

#include <stdbool.h>

#include "incant/buf.h"
#include "incant/store.h"

#define CATALOG_PACK_NAME "catalog.json"

struct catalog_pack;

/* Gets the pack of a source. Never NULL: one that cannot be had is empty. */
struct catalog_pack *catalog_pack_get(struct store *store, const char *source);
void catalog_pack_free(struct catalog_pack *pack); /* NULL is allowed */

/* Appends an object's bytes, when the pack has them as the listing shows them. */
bool catalog_pack_find(const struct catalog_pack *pack, const struct store_entry *listed, struct buf *buf);

/* Whether an object is one of those that packs hold, by its name within the backup. */
bool catalog_pack_holds(const char *name);

#endif
