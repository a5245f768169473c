/*
 * The shelf: the catalogs of all the stores of a command, side by side. A store that does not answer is a
 * warning, unless it is the only one.
 */
#ifndef INCANT_OP_SHELF_H
#define INCANT_OP_SHELF_H

#include "incant/catalog.h"
#include "incant/op.h"
#include "incant/settings.h"
#include "incant/store.h"

struct op_place {
	const char *store_name; /* borrowed from the settings */
	struct store *store;    /* NULL where it could not be opened */
	struct catalog catalog;
	bool answered; /* the catalog is what the store has */
};

struct op_shelf {
	struct op_place *places; /* in the order of the settings */
	size_t count, capacity;
};

/* Opens a store of the settings. NULL with ERR_STORE. */
struct store *op_store_open(const struct settings_store *settings, unsigned rights);

/*
 * Opens the named store (NULL = all) for reading and loads the backups of source (NULL = of all). shelf is
 * initialised here and cleared by the caller in every case. 0, or -1: no such store, or none answered.
 */
int op_shelf_open(
	const struct settings *settings, const char *store, const char *source, struct op_shelf *shelf);
void op_shelf_clear(struct op_shelf *shelf);

/*
 * Finds one backup. *place is the first store that has it. 0 or -1: ERR_NOT_FOUND, or ERR_STORE where a store
 * did not answer that might have it.
 * An entry that is damaged is found by id too: op_shelf_sound() refuses it with ERR_DAMAGED.
 */
int op_shelf_find(const struct op_shelf *shelf, const struct op_which *which, const struct op_place **place,
	const struct catalog_entry **entry);
int op_shelf_sound(const struct catalog_entry *entry);

/* A store's whole backup of that source and id; NULL where it has none. */
const struct catalog_entry *op_place_find(const struct op_place *place, const char *source, const char *id);
bool op_place_has(const struct op_place *place, const char *source, const char *id);

/* Fills in *backup (initialised here, cleared by the caller): a copy of the manifest, every store that has
 * it, and its pin. */
void op_shelf_describe(
	const struct op_shelf *shelf, const struct catalog_entry *entry, struct op_backup *backup);

#endif
