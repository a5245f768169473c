/*
 * An opened backup: found, its contents and frame index read, its cluster archive open. What show, cat and
 * restore begin with.
 */
#ifndef INCANT_OP_OPENED_H
#define INCANT_OP_OPENED_H

#include "incant/contents.h"
#include "incant/frame.h"
#include "incant/input.h"
#include "incant/op.h"

#include "op_seal.h"
#include "op_shelf.h"

struct op_opened {
	struct op_shelf shelf;
	const struct op_place *place;
	const struct catalog_entry *entry;
	struct op_keys *keys; /* of this command */
	struct contents contents;
	struct frame_index index;
	struct input *cluster;      /* remembers the last frame read */
	const struct input *object; /* the object beneath it, as the store has it */
	uint64_t record_bytes;      /* read for contents and index, and by readers that are closed */
	struct store_lock *hold;    /* rotation leaves the backup alone meanwhile */
};

/*
 * Finds a backup of the settings' source, sound manifest and all, and opens its archive; nothing of it is
 * read yet. Cleared by the caller in every case. 0, or -1: ERR_NOT_FOUND, ERR_DAMAGED, ERR_STORE.
 */
int op_opened_open(struct op_opened *opened, const struct settings *settings, const struct op_which *which);

/*
 * As op_opened_open(), but the archive stays closed, and no identity is needed yet. Of several stores with
 * the backup, one where it is not encrypted is preferred when the settings have no identity.
 */
int op_opened_find(struct op_opened *opened, const struct settings *settings, const struct op_which *which);

/* Opens the archive of a backup that was found. 0, or -1: ERR_DAMAGED, ERR_KEYS, ERR_STORE. */
int op_opened_archive(struct op_opened *opened);

/*
 * Opens any object of the backup for reading: its plain, framed bytes. 0 with *input (the caller's) and,
 * where stored is not NULL, the object beneath it as the store has it, which lives as long; or -1 with
 * ERR_DAMAGED (missing), ERR_KEYS or ERR_STORE. One of another size than was written is a warning.
 */
int op_opened_object(const struct op_opened *opened, const struct manifest_object *object,
	struct input **input, const struct input **stored);

/* Reads contents and index. 0, or -1 with ERR_DAMAGED (the contents object is missing or cannot be read). */
int op_opened_read_record(struct op_opened *opened);

/*
 * As op_opened_read_record(), but when the record is lost a zstd archive's own seek table gives the index,
 * with a warning; contents are empty then. Enough for the whole dump.
 */
int op_opened_read_index(struct op_opened *opened);

/*
 * One more way into the archive, for a thread of its own: opened by that thread, closed by the one that has
 * opened the backup, whose account then has what was read. A reader of zeros may be closed.
 */
struct op_opened_reader {
	struct input *cluster;
	const struct input *object; /* beneath it */
};
int op_opened_reader_open(const struct op_opened *opened, struct op_opened_reader *reader);
void op_opened_reader_close(struct op_opened *opened, struct op_opened_reader *reader);

/* What has been read from the store so far. */
uint64_t op_opened_read_bytes(const struct op_opened *opened);
void op_opened_clear(struct op_opened *opened);

#endif
