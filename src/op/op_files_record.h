/*
 * The record of a files section: files-NAME.json, compressed. A line about the tar and its frame index, then
 * a line for each entry of the tar, then one for each note. incant-backup-format(7) has the form.
 */
#ifndef INCANT_OP_FILES_RECORD_H
#define INCANT_OP_FILES_RECORD_H

#include "incant/buf.h"
#include "incant/files.h"
#include "incant/frame.h"
#include "incant/manifest.h"

struct op_files_record {
	char *name, *path; /* of the section, and what it kept */
	struct frame_index index;
	struct buf text; /* the whole of it */
	size_t rows_at, rows_len, notes_at, notes_len;
};
void op_files_record_init(struct op_files_record *record);
void op_files_record_clear(struct op_files_record *record);

/* The names of a section's objects: "files-NAME.tar.zst", "files-NAME.json.zst". The caller frees them. */
char *op_files_tar_name(const char *section, enum frame_codec codec);
char *op_files_record_name(const char *section, enum frame_codec codec);

/* Appends the packed record. 0 or -1. */
int op_files_record_pack(const struct manifest_files *about, const char *path, const struct files_list *list,
	const struct frame_index *index, struct buf *buf);

/* Unpacks one into an initialised record; object is its name, what names it in errors. 0, or -1 with
 * ERR_DAMAGED. */
int op_files_record_unpack(
	const void *bytes, size_t len, const char *object, const char *what, struct op_files_record *record);

/* Its entries, and its notes. The record is borrowed. */
struct files_cursor op_files_record_rows(const struct op_files_record *record);
struct files_cursor op_files_record_notes(const struct op_files_record *record);

#endif
