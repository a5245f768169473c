/*
 * The walk through a tree. Everything is opened from its folder's descriptor and without following symbolic
 * links, then asked what it is: so a tree that changes underneath cannot lead us outside. Names are taken in
 * the order of their bytes, so that the same tree gives the same tar.
 */
#include "config.h"

#include "files_pack.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "incant/error.h"
#include "incant/interrupt.h"
#include "incant/mem.h"

/* Each level holds a descriptor. */
#define DEPTH_MAX 800

struct names {
	char **items;
	size_t count, capacity;
};

static int
compare_names(const void *left, const void *right)
{
	return strcmp(*(char *const *)left, *(char *const *)right);
}

static void
names_clear(struct names *names)
{
	for (size_t i = 0; i < names->count; i++)
		free(names->items[i]);
	free(names->items);
	*names = (struct names){ NULL, 0, 0 };
}

/* All names in a folder. 0, or an errno. */
static int
names_read(int fd, struct names *names)
{
	int again = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *stream = again >= 0 ? fdopendir(again) : NULL;
	const struct dirent *item;
	int result;

	if (stream == NULL) {
		result = errno;
		if (again >= 0)
			close(again);
		return result;
	}
	for (errno = 0, item = readdir(stream); item != NULL; errno = 0, item = readdir(stream)) {
		if (strcmp(item->d_name, ".") == 0 || strcmp(item->d_name, "..") == 0)
			continue;
		MEM_GROW(names->items, names->count, names->capacity);
		names->items[names->count++] = mem_text(item->d_name);
	}
	result = errno;
	closedir(stream);
	if (names->count > 1)
		qsort(names->items, names->count, sizeof(*names->items), compare_names);
	return result;
}

/* Reading is not to change the time of access; only the owner may ask for that. */
static int
open_quietly(int folder, const char *name, int flags)
{
	int fd = openat(folder, name, flags | O_NOATIME);

	if (fd < 0 && errno == EPERM)
		fd = openat(folder, name, flags);
	return fd;
}

/* Something that was there a moment ago cannot be opened. */
static void
note_unopened(struct files_pack *pack, const struct stat *about, const char *permission)
{
	if (errno == ENOENT)
		files_pack_note(pack, FILES_NOTE_VANISHED, "was gone before it was read");
	else if (errno == ELOOP || errno == ENOTDIR)
		files_pack_note(pack, FILES_NOTE_CHANGED, "became something else before it was read");
	else
		files_pack_note_unread(pack, errno, about, permission);
}

static const struct files_avoid *
find_avoided(const struct files_pack *pack, const struct stat *about)
{
	for (size_t i = 0; i < pack->kept_out_count; i++)
		if (pack->kept_out[i].device == about->st_dev && pack->kept_out[i].inode == about->st_ino)
			return pack->kept_out[i].avoid;
	return NULL;
}

static int
pack_file(struct files_pack *pack, int folder, const char *name, const struct stat *seen)
{
	struct stat about;
	int fd = open_quietly(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	int rc = 0;

	if (fd < 0) {
		note_unopened(pack, seen, "read");
		return 0;
	}
	if (fstat(fd, &about) != 0)
		files_pack_note_unread(pack, errno, seen, "read");
	else if (!S_ISREG(about.st_mode))
		files_pack_note(pack, FILES_NOTE_CHANGED, "became something else before it was read");
	else
		rc = files_pack_entry(pack, fd, &about, NULL);
	close(fd);
	return rc;
}

static int
pack_symlink(struct files_pack *pack, int folder, const char *name, const struct stat *seen)
{
	size_t capacity = seen->st_size > 0 && seen->st_size < (1 << 20) ? (size_t)seen->st_size + 1 : 4096;
	char *target = mem_alloc(capacity);
	ssize_t len = readlinkat(folder, name, target, capacity);
	int rc = 0;

	if (len < 0 || (size_t)len == capacity) {
		if (len >= 0)
			errno = ENOENT; /* another link took its place */
		note_unopened(pack, seen, "read");
	} else {
		target[len] = '\0';
		rc = files_pack_entry(pack, -1, seen, target);
	}
	free(target);
	return rc;
}

static int pack_name(struct files_pack *pack, int folder, const char *name);

/* What lies in an open folder. */
static int
pack_names(struct files_pack *pack, int fd, const struct stat *about)
{
	struct names names = { NULL, 0, 0 };
	int failed = names_read(fd, &names);
	int rc = 0;

	if (failed != 0)
		files_pack_note_unread(pack, failed, about, "read");
	pack->depth++;
	for (size_t i = 0; rc == 0 && i < names.count; i++)
		rc = pack_name(pack, fd, names.items[i]);
	pack->depth--;
	names_clear(&names);
	return rc;
}

/* An open folder: its entry, and what lies in it unless it is not to be entered. */
static int
pack_open_folder(struct files_pack *pack, int fd, const struct stat *about)
{
	const struct files_avoid *avoid = find_avoided(pack, about);

	if (avoid != NULL) {
		if (avoid->text != NULL)
			files_pack_note(pack, avoid->kind, "%s", avoid->text);
		return 0;
	}
	if (files_pack_entry(pack, fd, about, NULL) != 0)
		return -1;
	if (pack->options->one_file_system && about->st_dev != pack->device) {
		files_pack_note(pack, FILES_NOTE_MOUNT, "is another file system, and was not entered");
		return 0;
	}
	if (pack->depth >= DEPTH_MAX) {
		files_pack_note(pack, FILES_NOTE_UNREAD,
			"lies more than %d folders deep, and was not entered", DEPTH_MAX);
		return 0;
	}
	return pack_names(pack, fd, about);
}

/* A folder that cannot be opened has its entry all the same. */
static int
pack_folder(struct files_pack *pack, int folder, const char *name, const struct stat *seen)
{
	struct stat about;
	int fd = open_quietly(folder, name, O_RDONLY | O_NOFOLLOW | O_DIRECTORY | O_CLOEXEC);
	int rc = 0;

	if (fd < 0) {
		bool there = errno == EACCES || errno == EPERM;
		note_unopened(pack, seen, "read and search");
		return there ? files_pack_entry(pack, -1, seen, NULL) : 0;
	}
	if (fstat(fd, &about) != 0)
		files_pack_note_unread(pack, errno, seen, "read");
	else
		rc = pack_open_folder(pack, fd, &about);
	close(fd);
	return rc;
}

/* One name, by what it is now. */
static int
pack_kind(struct files_pack *pack, int folder, const char *name, const struct stat *about)
{
	const struct files_avoid *avoid;

	switch (about->st_mode & S_IFMT) {
	case S_IFREG:
		avoid = find_avoided(pack, about);
		if (avoid == NULL)
			return pack_file(pack, folder, name, about);
		if (avoid->text != NULL)
			files_pack_note(pack, avoid->kind, "%s", avoid->text);
		return 0;
	case S_IFDIR:
		return pack_folder(pack, folder, name, about);
	case S_IFLNK:
		return pack_symlink(pack, folder, name, about);
	case S_IFIFO:
		return files_pack_entry(pack, -1, about, NULL);
	case S_IFSOCK:
		files_pack_note(pack, FILES_NOTE_SKIPPED, "is a socket, and is not kept");
		return 0;
	default:
		files_pack_note(pack, FILES_NOTE_SKIPPED, "is a device, and is not kept");
		return 0;
	}
}

static int
pack_name(struct files_pack *pack, int folder, const char *name)
{
	const struct files_pack_options *options = pack->options;
	size_t len = pack->path.len;
	struct stat about;
	int rc = interrupt_check();

	if (rc != 0)
		return -1;
	if (len > 0)
		buf_append_char(&pack->path, '/');
	buf_append_text(&pack->path, name);
	if (fstatat(folder, name, &about, AT_SYMLINK_NOFOLLOW) != 0)
		note_unopened(pack, &(const struct stat){ .st_mode = 0 }, "search");
	else if (!files_excluded(options->excludes, options->exclude_count, buf_text(&pack->path),
			 S_ISDIR(about.st_mode)))
		rc = pack_kind(pack, folder, name, &about);
	pack->path.len = len;
	pack->path.bytes[len] = '\0';
	return rc;
}

/* Opens what is to be packed; here a symbolic link is followed, for a person wrote it. */
static int
open_root(const char *path, struct stat *about)
{
	int fd = open_quietly(AT_FDCWD, path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0 || fstat(fd, about) != 0) {
		int saved = errno;
		if (fd >= 0)
			close(fd);
		error_set_errno(ERR_SOURCE, saved, "cannot open '%s'", path);
		if (saved == EACCES)
			error_hint("Uid %u needs read permission on it, and search permission on the folders "
				   "above it.",
				(unsigned)geteuid());
		return -1;
	}
	if (S_ISDIR(about->st_mode) || S_ISREG(about->st_mode))
		return fd;
	close(fd);
	return error_set(ERR_SOURCE, "'%s' is neither a folder nor a file", path);
}

int
files_check(const char *path, bool *is_file)
{
	struct stat about;
	int fd = open_root(path, &about);

	if (fd < 0)
		return -1;
	close(fd);
	if (is_file != NULL)
		*is_file = S_ISREG(about.st_mode);
	return 0;
}

int
files_walk(struct files_pack *pack)
{
	const char *path = pack->options->path;
	const char *base = strrchr(path, '/');
	struct stat about;
	int fd = open_root(path, &about);
	int rc;

	if (fd < 0)
		return -1;
	pack->device = about.st_dev;
	if (S_ISREG(about.st_mode)) {
		buf_append_text(&pack->path, base != NULL ? base + 1 : path);
		rc = files_pack_entry(pack, fd, &about, NULL);
	} else {
		rc = pack_open_folder(pack, fd, &about);
	}
	close(fd);
	return rc;
}
