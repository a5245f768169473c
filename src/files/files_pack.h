/*
 * A tar being packed: files_walk.c goes through the tree, files_pack.c writes entries, files_data.c the data
 * of files, files_links.c knows which of them are one.
 */
#ifndef INCANT_FILES_PACK_H
#define INCANT_FILES_PACK_H

#include <sys/types.h>

#include "files_archive.h"

struct files_links;

/* A folder or file that is kept out, by what it is and not by its name. */
struct files_kept_out {
	dev_t device;
	ino_t inode;
	const struct files_avoid *avoid;
};

struct files_pack {
	const struct files_pack_options *options;
	struct files_list *list;
	struct stage *to;
	bool failed;        /* the stage did: its error is set */
	uint64_t plain_off; /* written so far */
	struct archive *archive;
	struct archive *disk; /* reads owners' names, ACLs and extended attributes */
	struct files_links *links;
	struct files_kept_out *kept_out;
	size_t kept_out_count;
	dev_t device;    /* of the packed folder */
	struct buf path; /* of what is at hand, from the packed folder on; "" is the folder itself */
	char *bytes;     /* for reading */
	unsigned depth;
	uint64_t notes_logged;
};

/* Adds a note about the path at hand, and logs it. */
void files_pack_note(struct files_pack *pack, enum files_note_kind kind, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* A note that the path at hand cannot be read, and what that would need. */
void files_pack_note_unread(
	struct files_pack *pack, int errno_value, const struct stat *about, const char *permission);

/*
 * Writes the entry of the path at hand. fd is open on it, -1 where it cannot be (its attributes are not
 * read then); link is a symbolic link's target or NULL. 0, or -1: the chain is dead, or a signal.
 */
int files_pack_entry(struct files_pack *pack, int fd, const struct stat *about, const char *link);

/* The whole tree beneath options->path. 0 or -1. */
int files_walk(struct files_pack *pack);

/* The parts of a file that hold data, into the entry. The rest is holes. */
void files_data_map(struct archive_entry *entry, int fd, const struct stat *about);
/* Writes about->st_size bytes of data and their digest. 0 or -1. */
int files_data_write(struct files_pack *pack, struct archive_entry *entry, int fd, const struct stat *about,
	struct digest128 *digest);

/* Files with several names. find gives the path of the first one, NULL when this is it. */
struct files_links *files_links_new(void);
const char *files_links_find(const struct files_links *links, const struct stat *about);
void files_links_add(struct files_links *links, const struct stat *about, const char *path);
void files_links_free(struct files_links *links);

#endif
