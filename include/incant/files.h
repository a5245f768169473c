/*
 * Application files: a folder, or a single file, as a pax tar that other programs read, and the list of what
 * is in it.
 *
 *     files_pack()      walks a folder and pushes its tar into a stage; the list grows on the way
 *     files_unpack_*    gives back a tar's entries one by one
 *     files_extract_*   puts them into a folder, and nowhere else
 *
 * Names are bytes, as the kernel has them, without NUL. Errors are ERR_SOURCE while packing, ERR_DAMAGED for
 * a tar that cannot be read, ERR_RESTORE for what cannot be put back.
 */
#ifndef INCANT_FILES_H
#define INCANT_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "incant/buf.h"
#include "incant/digest.h"
#include "incant/stage.h"

enum files_type { FILES_FILE, FILES_DIRECTORY, FILES_SYMLINK, FILES_HARDLINK, FILES_FIFO, FILES_OTHER };

/* "file", "directory", "symlink", "hardlink", "fifo", "other". */
const char *files_type_name(enum files_type type);

/* One entry of a tar. FILES_OTHER is never packed: devices, in a tar from elsewhere. */
struct files_entry {
	char *path; /* "." is the packed folder itself, "a/b" lies in it; never with a slash at an end */
	enum files_type type;
	unsigned mode;                   /* permissions, 07777 */
	uint64_t size;                   /* of a file's data, holes included; 0 for others */
	int64_t mtime;                   /* seconds */
	uint64_t plain_off, plain_bytes; /* where in the tar: headers, data and padding */
	struct digest128 digest;         /* XXH3-128 of a file's data, holes as zeros */
	char *link;                      /* a symlink's target; a hard link's earlier path; else NULL */
};
void files_entry_clear(struct files_entry *entry);

/* What is not in a tar as it was on disk. */
enum files_note_kind {
	FILES_NOTE_SKIPPED,  /* a socket or a device */
	FILES_NOTE_MOUNT,    /* another file system, not entered */
	FILES_NOTE_SECRET,   /* left out because it holds secrets */
	FILES_NOTE_CHANGED,  /* changed, grew or shrank while it was read */
	FILES_NOTE_VANISHED, /* was gone before it was read */
	FILES_NOTE_UNREAD,   /* could not be read, or not all of it */
};
struct files_note {
	enum files_note_kind kind;
	char *path, *text;
};
const char *files_note_name(enum files_note_kind kind); /* "skipped", "mount", … */
void files_note_clear(struct files_note *note);

/*
 * The list of a tar: entries in the tar's order, kept as the lines of text that are stored (a hundred bytes
 * and the name for each), and notes likewise. incant-backup-format(7) has the form.
 */
struct files_list {
	struct buf rows, note_rows;
	uint64_t entries, files; /* of all kinds; regular files alone */
	uint64_t bytes;          /* of data */
	uint64_t notes, unread;  /* of all kinds; FILES_NOTE_UNREAD alone */
};
void files_list_init(struct files_list *list);
void files_list_clear(struct files_list *list);
void files_list_add(struct files_list *list, const struct files_entry *entry);
void files_list_add_note(struct files_list *list, const struct files_note *note);

/* Reads lines back. A cursor of zeros, but for text and len, begins at the first. */
struct files_cursor {
	const char *text; /* borrowed */
	size_t len;
	size_t at;
	uint64_t line; /* for errors */
};
/* FILES_GOT with *entry or *note (cleared by the caller), FILES_END, or -1 with ERR_DAMAGED naming what and
 * line. */
enum { FILES_END = 0, FILES_GOT = 1 };
int files_list_next(struct files_cursor *cursor, const char *what, struct files_entry *entry);
int files_list_next_note(struct files_cursor *cursor, const char *what, struct files_note *note);

/*
 * Whether a name is left out. A pattern is a shell pattern (fnmatch(3)): with a slash in it or in front it is
 * held against the whole path from the packed folder on, and its '*' stops at slashes; otherwise against the
 * last component at any depth. A slash at its end makes it fit folders only.
 */
bool files_excluded(const char *const *patterns, size_t pattern_count, const char *path, bool is_directory);

/* What is kept out whatever the patterns say. */
struct files_avoid {
	const char *path; /* absolute; one that does not exist means nothing */
	enum files_note_kind kind;
	const char *text; /* the note, NULL = none is written */
};

struct files_pack_options {
	const char *path; /* absolute: a folder, or a regular file */
	const char *const *excludes;
	size_t exclude_count;
	bool one_file_system;
	const struct files_avoid *avoids;
	size_t avoid_count;
	const char *name; /* for the log: "uploads" */
};

/*
 * Packs. The tar is complete when 0 is returned; the caller finishes the stage. A tree that changes meanwhile
 * gives a sound tar and notes: a file is padded with zeros, or cut, to the size that it had when it was
 * opened. Below the packed folder no symbolic link is followed. Notes are logged as warnings, the first
 * twenty of them. -1: the path cannot be opened (ERR_SOURCE), a signal, or the stage failed.
 */
int files_pack(const struct files_pack_options *options, struct stage *to, struct files_list *list);

/* Whether the path can be packed at all: opened and read. 0, or -1 with ERR_SOURCE and a hint. *is_file (may
 * be NULL) says whether it is a single file. */
int files_check(const char *path, bool *is_file);

/*
 * Where a tar's bytes come from: next() gives a piece of any size (borrowed until the next call), len 0 at
 * the end. 0, or -1 with the error.
 */
struct files_feed {
	int (*next)(void *context, const void **bytes, size_t *len);
	void *context;
};

struct files_unpack;
/* what names the tar in errors; borrowed, like the feed, until files_unpack_free(). */
struct files_unpack *files_unpack_new(const struct files_feed *feed, const char *what);
void files_unpack_free(struct files_unpack *unpack); /* NULL is allowed */

/*
 * The next entry. digest and plain_bytes are not known then; plain_off counts from the feed's first byte.
 * Paths are as in the tar but for slashes at their end and "./" in front. FILES_GOT with *entry (cleared by
 * the caller), FILES_END, or -1.
 */
int files_unpack_next(struct files_unpack *unpack, struct files_entry *entry);

/* Pushes the data of the entry that files_unpack_next() gave, holes as zeros. 0 or -1. */
int files_unpack_data(struct files_unpack *unpack, struct stage *to);

/* Whether a path stays where it is put: not empty, not absolute, without "..". */
bool files_path_is_safe(const char *path);

/*
 * Extraction. Every component of an entry's path below the folder must be a real folder or not be there yet,
 * and the entry itself must not be there (a folder may): so nothing is written through a symbolic link, over
 * a file, or outside. Owners are restored when root does it, by number. Works in the folder as current
 * directory, from _new() to _free(): one at a time, and no other thread may use relative paths.
 */
struct files_extract;
/* Makes the folder (0700) where it is missing. NULL with ERR_RESTORE. */
struct files_extract *files_extract_new(const char *folder);

/* Whether it had nothing in it at first. */
bool files_extract_was_empty(const struct files_extract *extract);

/* 0 when the entry's place is free; -1 with ERR_RESTORE saying why not. */
int files_extract_check(struct files_extract *extract, const struct files_entry *entry);

/*
 * Puts the entry that files_unpack_next() gave in its place; the XXH3-128 of a file's data is written to
 * *digest (may be NULL). Of "." only mode, owner, times and attributes are set, and nothing at all in a
 * folder that was not empty at first. 0; FILES_PASSED for a device, which is not made (a warning says so);
 * -1.
 */
enum { FILES_PASSED = 2 };
int files_extract_entry(struct files_extract *extract, struct files_unpack *unpack,
	const struct files_entry *entry, struct digest128 *digest);

/* Sets modes and times of folders. 0 or -1. */
int files_extract_finish(struct files_extract *extract);
void files_extract_free(struct files_extract *extract); /* NULL is allowed */

#endif
