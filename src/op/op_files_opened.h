/*
 * An opened files section of a backup: its record, and its tar, read by frames. What show, cat and restore
 * begin with.
 */
#ifndef INCANT_OP_FILES_OPENED_H
#define INCANT_OP_FILES_OPENED_H

#include "incant/files.h"
#include "incant/input.h"
#include "incant/op.h"

#include "op_files_record.h"
#include "op_opened.h"

struct op_files_opened {
	struct op_opened opened;
	const struct manifest_files *about;
	struct op_files_record record;
	bool has_record;     /* false: it is lost, and the tar's own seek table gave the index */
	struct input *input; /* the tar's framed bytes; remembers the last frame read */
	uint64_t record_bytes;
};

/*
 * Finds a backup and a section of it, which is there; reads its record. Cleared by the caller in every case.
 * 0, or -1: ERR_NOT_FOUND (no such backup or section; it says what there is, or why it is missing),
 * ERR_DAMAGED, ERR_STORE.
 */
int op_files_opened_open(struct op_files_opened *files, const struct settings *settings,
	const struct op_which *which, const char *section);
void op_files_opened_clear(struct op_files_opened *files);

/* Opens the tar. 0 or -1. */
int op_files_opened_tar(struct op_files_opened *files);

/* -1 with ERR_DAMAGED when the record is lost, and with it what a caller cannot do without. */
int op_files_opened_need_record(const struct op_files_opened *files);

/* Finds the row of a path. 0 with *entry (the caller's), or -1 with ERR_NOT_FOUND or ERR_DAMAGED. */
int op_files_opened_row(const struct op_files_opened *files, const char *path, struct files_entry *entry);

/* What was read from the store so far. */
uint64_t op_files_opened_read_bytes(const struct op_files_opened *files);

/* A feed of plain bytes [plain_off, plain_off + plain_bytes) of the tar, a frame at a time. Cleared by the
 * caller; files is borrowed until then. */
struct op_files_feed {
	struct files_feed feed;
	struct op_files_opened *files;
	uint64_t at, end;
	struct buf piece;
};
void op_files_feed_begin(
	struct op_files_feed *feed, struct op_files_opened *files, uint64_t plain_off, uint64_t plain_bytes);
void op_files_feed_clear(struct op_files_feed *feed);

#endif
