/*
 * Sealed stores: those with encrypt-to in the settings. Every object in them but SHA256SUMS and the records
 * in JSON is an age file, and its name ends in ".age".
 *
 * Writing needs recipients, which are public. Reading needs the identity of the settings: it is loaded when
 * the first sealed object is opened, once for a command, since a passphrase may have to be asked for.
 */
#ifndef INCANT_OP_SEAL_H
#define INCANT_OP_SEAL_H

#include <stdbool.h>

#include "incant/age.h"
#include "incant/frame.h"
#include "incant/input.h"
#include "incant/manifest.h"
#include "incant/settings.h"
#include "incant/stage.h"

/* Whether a store is sealed, by the settings; whether an object is, by its name; whether a backup's objects
 * are. */
bool op_seal_store(const struct settings_store *place);
bool op_seal_object(const char *name);
bool op_seal_manifest(const struct manifest *manifest);

/* The name that an object of a backup has in a store, with ".age" or without. The caller frees it. */
char *op_seal_name(const char *name, bool sealed);

/* The codec by an object's name, behind which ".age" may stand. */
enum frame_codec op_seal_codec(const char *name);

/* The recipients of a sealed store. NULL with ERR_KEYS. The caller frees them. */
struct age_recipients *op_seal_recipients(const struct settings_store *place);

/* Whether two sealed stores are encrypted to the same recipients. 1, 0 or -1. */
int op_seal_same(const struct settings_store *a, const struct settings_store *b);

/* The stage in front of a store's object: encrypts for a sealed store, else is next itself. seed: see age.h;
 * NULL = none. NULL with the error. */
struct stage *op_seal_stage(
	struct stage *next, const struct settings_store *place, const unsigned char *seed);

/* Encrypts bytes in place for a sealed store. 0 or -1. */
struct buf;
int op_seal_bytes(struct buf *bytes, const struct settings_store *place);

/*
 * The keys of a command. op_keys_new() reads nothing yet; settings are borrowed until op_keys_free(). Several
 * threads may open objects once op_keys_load() has succeeded.
 */
struct op_keys;
struct op_keys *op_keys_new(const struct settings *settings);
void op_keys_free(struct op_keys *keys); /* wipes; NULL is allowed */

/* Whether the settings name an identity at all. */
bool op_keys_are_set(const struct op_keys *keys);

/* Loads the identity. 0, or -1 with ERR_KEYS: there is none, or it cannot be had. */
int op_keys_load(struct op_keys *keys);

/* To how many of the recipients an identity fits. Behind op_keys_load(). */
size_t op_keys_count_fitting(const struct op_keys *keys, const struct age_recipients *recipients);

/*
 * The plain bytes of an object of that name: input itself for one that is not sealed. Takes ownership of
 * input, also on failure. NULL with ERR_KEYS or ERR_DAMAGED.
 */
struct input *op_keys_open(struct op_keys *keys, struct input *input, const char *name);

#endif
