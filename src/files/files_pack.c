/*
 * Packing: libarchive writes pax headers, a callback pushes them into the stage, the walk says what comes
 * next. Headers go straight through (no blocking), so that the place of every entry is known when it begins.
 */
#include "config.h"

#include "files_pack.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "incant/error.h"
#include "incant/log.h"
#include "incant/mem.h"
#include "incant/text.h"

enum { READ_BYTES = 256 * 1024, NOTES_LOGGED_MAX = 20 };

/* libarchive's output. */
static la_ssize_t
push(struct archive *archive, void *context, const void *bytes, size_t len)
{
	struct files_pack *pack = context;

	if (stage_write(pack->to, bytes, len) != 0) {
		pack->failed = true;
		archive_set_error(archive, EIO, "the stage failed");
		return -1;
	}
	pack->plain_off += len;
	return (la_ssize_t)len;
}

/* A failed call of libarchive: the stage's error stands, any other is told here. -1. */
static int
pack_fail(struct files_pack *pack)
{
	if (pack->failed)
		return -1;
	char *path = text_printable(buf_text(&pack->path), pack->path.len);
	error_set(ERR_SOURCE, "cannot pack '%s' of %s: %s", path, pack->options->path,
		files_archive_error(pack->archive));
	free(path);
	return -1;
}

/* A socket is no reason to worry, and not entering a folder of our own even less. */
static bool
is_worry(enum files_note_kind kind)
{
	return kind != FILES_NOTE_SKIPPED;
}

static void
log_note(struct files_pack *pack, const struct files_note *note)
{
	char *path = text_printable(note->path, strlen(note->path));

	if (!is_worry(note->kind))
		log_verbose("files %s: '%s' %s", pack->options->name, path, note->text);
	else if (pack->notes_logged++ < NOTES_LOGGED_MAX)
		log_warning("files %s: '%s' %s", pack->options->name, path, note->text);
	free(path);
}

void
files_pack_note(struct files_pack *pack, enum files_note_kind kind, const char *format, ...)
{
	struct buf text = BUF_EMPTY;
	struct files_note note = { .kind = kind };
	va_list arguments;

	va_start(arguments, format);
	buf_append_format_v(&text, format, arguments);
	va_end(arguments);
	note.path = mem_text(pack->path.len > 0 ? buf_text(&pack->path) : ".");
	note.text = buf_take(&text);
	files_list_add_note(pack->list, &note);
	log_note(pack, &note);
	files_note_clear(&note);
}

void
files_pack_note_unread(
	struct files_pack *pack, int errno_value, const struct stat *about, const char *permission)
{
	const char *cause = strerror(errno_value);

	if (errno_value != EACCES && errno_value != EPERM)
		files_pack_note(pack, FILES_NOTE_UNREAD, "cannot be read: %s", cause);
	else
		files_pack_note(pack, FILES_NOTE_UNREAD,
			"cannot be read: %s; uid %u needs %s permission (owner %u:%u, mode %04o)", cause,
			(unsigned)geteuid(), permission, (unsigned)about->st_uid, (unsigned)about->st_gid,
			(unsigned)about->st_mode & 07777u);
}

static enum files_type
type_of(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFREG:
		return FILES_FILE;
	case S_IFDIR:
		return FILES_DIRECTORY;
	case S_IFLNK:
		return FILES_SYMLINK;
	case S_IFIFO:
		return FILES_FIFO;
	default:
		return FILES_OTHER;
	}
}

/* Owners' names, ACL and extended attributes; those of an open file only. */
static void
read_attributes(struct files_pack *pack, struct archive_entry *entry, int fd, const struct stat *about)
{
	char source[32];

	archive_entry_copy_stat(entry, about);
	if (fd < 0)
		return;
	(void)snprintf(source, sizeof(source), "/proc/self/fd/%d", fd);
	archive_entry_copy_sourcepath(entry, source);
	if (archive_read_disk_entry_from_file(pack->disk, entry, fd, about) != ARCHIVE_OK)
		files_pack_note(pack, FILES_NOTE_UNREAD, "its attributes cannot be read: %s",
			files_archive_error(pack->disk));
}

/* The header. Of its warnings there is but one: that a name is not UTF-8, and is stored as it is. */
static int
write_header(struct files_pack *pack, struct archive_entry *entry)
{
	int rc = archive_write_header(pack->archive, entry);

	return rc == ARCHIVE_OK || rc == ARCHIVE_WARN ? 0 : pack_fail(pack);
}

/* A file that has been packed under another name. */
static const char *
find_link(struct files_pack *pack, const struct stat *about)
{
	return S_ISREG(about->st_mode) && about->st_nlink > 1 ? files_links_find(pack->links, about) : NULL;
}

/* Everything about an entry but its data. row borrows its texts. */
static struct archive_entry *
describe(struct files_pack *pack, int fd, const struct stat *about, const char *target,
	struct files_entry *row)
{
	struct archive_entry *entry = archive_entry_new2(pack->archive);
	const char *link = find_link(pack, about);

	archive_entry_copy_pathname(entry, row->path);
	read_attributes(pack, entry, fd, about);
	if (link != NULL) {
		row->type = FILES_HARDLINK;
		row->link = mem_text(link);
		archive_entry_copy_hardlink(entry, link);
		archive_entry_unset_size(entry);
	} else if (row->type == FILES_SYMLINK) {
		row->link = mem_text(target);
		archive_entry_copy_symlink(entry, target);
	} else if (row->type == FILES_FILE) {
		row->size = (uint64_t)about->st_size;
		files_data_map(entry, fd, about);
	}
	if (row->type != FILES_FILE && row->type != FILES_HARDLINK)
		archive_entry_set_size(entry, 0);
	return entry;
}

int
files_pack_entry(struct files_pack *pack, int fd, const struct stat *about, const char *link)
{
	struct files_entry row = {
		.path = mem_text(pack->path.len > 0 ? buf_text(&pack->path) : "."),
		.type = type_of(about->st_mode),
		.mtime = about->st_mtim.tv_sec,
		.plain_off = pack->plain_off,
	};
	struct archive_entry *entry = describe(pack, fd, about, link, &row);
	int rc = write_header(pack, entry);

	row.mode = (unsigned)archive_entry_perm(entry) & 07777u; /* an ACL has a say in the group's */

	if (rc == 0 && row.type == FILES_FILE)
		rc = files_data_write(pack, entry, fd, about, &row.digest);
	if (rc == 0 && archive_write_finish_entry(pack->archive) != ARCHIVE_OK)
		rc = pack_fail(pack);
	if (rc == 0) {
		row.plain_bytes = pack->plain_off - row.plain_off;
		files_list_add(pack->list, &row);
		if (row.type == FILES_FILE && about->st_nlink > 1)
			files_links_add(pack->links, about, row.path);
	}
	archive_entry_free(entry);
	files_entry_clear(&row);
	return rc;
}

/* Looks up what is to be kept out. What does not exist, or cannot be looked at, is not in the tree either. */
static void
find_kept_out(struct files_pack *pack)
{
	const struct files_pack_options *options = pack->options;

	pack->kept_out = mem_zero(sizeof(*pack->kept_out) * (options->avoid_count + 1));
	for (size_t i = 0; i < options->avoid_count; i++) {
		struct stat about;

		if (stat(options->avoids[i].path, &about) != 0)
			continue;
		pack->kept_out[pack->kept_out_count++] = (struct files_kept_out){
			.device = about.st_dev,
			.inode = about.st_ino,
			.avoid = &options->avoids[i],
		};
	}
}

/* 0, or -1 when libarchive cannot do what it is needed for. */
static int
open_archive(struct files_pack *pack)
{
	pack->archive = archive_write_new();
	pack->disk = archive_read_disk_new();
	if (pack->archive == NULL || pack->disk == NULL)
		return error_set(ERR_INTERNAL, "libarchive cannot be used");
	if (archive_read_disk_set_standard_lookup(pack->disk) != ARCHIVE_OK ||
		archive_read_disk_set_behavior(
			pack->disk, ARCHIVE_READDISK_NO_FFLAGS | ARCHIVE_READDISK_NO_SPARSE) != ARCHIVE_OK)
		return error_set(ERR_INTERNAL, "libarchive: %s", files_archive_error(pack->disk));
	if (archive_write_set_format_pax(pack->archive) != ARCHIVE_OK ||
		archive_write_set_format_option(pack->archive, "pax", "xattrheader", "SCHILY") !=
			ARCHIVE_OK ||
		archive_write_set_bytes_per_block(pack->archive, 0) != ARCHIVE_OK ||
		archive_write_open2(pack->archive, pack, NULL, push, NULL, NULL) != ARCHIVE_OK)
		return error_set(ERR_INTERNAL, "libarchive: %s", files_archive_error(pack->archive));
	return 0;
}

static void
log_more_notes(const struct files_pack *pack)
{
	if (pack->notes_logged > NOTES_LOGGED_MAX)
		log_warning("files %s: %llu more notes; `incant-backup show --files %s` has them all",
			pack->options->name, (unsigned long long)(pack->notes_logged - NOTES_LOGGED_MAX),
			pack->options->name);
}

int
files_pack(const struct files_pack_options *options, struct stage *to, struct files_list *list)
{
	struct files_pack pack = { .options = options, .list = list, .to = to };
	locale_t before = files_locale_begin_write();
	int rc;

	pack.links = files_links_new();
	pack.bytes = mem_alloc(READ_BYTES);
	find_kept_out(&pack);
	rc = open_archive(&pack);
	if (rc == 0)
		rc = files_walk(&pack);
	if (rc == 0 && archive_write_close(pack.archive) != ARCHIVE_OK)
		rc = pack_fail(&pack);
	else if (rc != 0)
		(void)archive_write_fail(pack.archive); /* or freeing it would write an end */
	log_more_notes(&pack);
	(void)archive_write_free(pack.archive);
	(void)archive_read_free(pack.disk);
	files_links_free(pack.links);
	buf_clear(&pack.path);
	free(pack.kept_out);
	free(pack.bytes);
	files_locale_end(before);
	return rc;
}
