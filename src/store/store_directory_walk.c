/*
 * Walks the tree of a store: list gathers the objects in it, sweep removes what unfinished writes left. Both
 * begin at the directory that the prefix lies in and look only at names that can be part of an object's name.
 *
 * What disappears while the walk is under way is passed over: another process may be removing it.
 */
#include "config.h"

#include "store_directory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "incant/buf.h"
#include "incant/mem.h"
#include "incant/text.h"

struct walk {
	const struct store_directory *directory;
	const char *prefix;
	struct buf name; /* of the directory that is being read, with a '/' behind it; "" for the root */

	/* A file, by its directory and its name in it: hidden ones too. 0 or -1. */
	int (*file)(struct walk *walk, int at, const char *base, const struct stat *status);
	/* A directory all of which has been seen. NULL for none. 0 or -1. */
	int (*leave)(struct walk *walk, int at, const char *base);

	struct store_list *list; /* list's result */
	size_t *removed;         /* sweep's */
};

static int walk_directory(struct walk *walk, int fd);

/* Sets the error for `base` in the directory that is being read. Returns -1. */
static int
walk_fail(const struct walk *walk, const char *what_to_do, const char *base, int cause)
{
	char *name = mem_format("%s%s", buf_text(&walk->name), base);
	char *path = store_directory_path(walk->directory, name);
	store_directory_fail(what_to_do, path, cause);
	free(path);
	free(name);
	return -1;
}

/* Takes away what was put behind the name. */
static void
walk_cut(struct walk *walk, size_t len)
{
	walk->name.len = len;
	walk->name.bytes[len] = '\0';
}

/* Whether an entry lies under the prefix and can be part of an object's name, or the hidden name of one. */
static bool
walk_wants(struct walk *walk, const char *base)
{
	bool hidden = base[0] == '.';
	size_t len = walk->name.len;

	buf_append_text(&walk->name, hidden ? base + 1 : base);
	bool wants = text_starts(buf_text(&walk->name), walk->prefix) &&
		     (hidden || store_name_is_valid(buf_text(&walk->name)));
	walk_cut(walk, len);
	return wants;
}

static int
walk_below(struct walk *walk, int at, const char *base)
{
	size_t len = walk->name.len;

	int fd = store_directory_calls->open(at, base, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0);
	if (fd < 0)
		return errno == ENOENT ? 0 : walk_fail(walk, "open the directory", base, errno);
	buf_append_format(&walk->name, "%s/", base);
	int result = walk_directory(walk, fd);
	walk_cut(walk, len);
	if (result == 0 && walk->leave != NULL)
		result = walk->leave(walk, at, base);
	return result;
}

static int
walk_entry(struct walk *walk, int at, const char *base)
{
	struct stat status;

	if (!walk_wants(walk, base))
		return 0;
	if (store_directory_calls->lstat(at, base, &status) != 0)
		return errno == ENOENT ? 0 : walk_fail(walk, "look at", base, errno);
	if (S_ISREG(status.st_mode))
		return walk->file(walk, at, base, &status);
	if (S_ISDIR(status.st_mode) && base[0] != '.')
		return walk_below(walk, at, base);
	return 0;
}

/* Takes ownership of fd. */
static int
walk_directory(struct walk *walk, int fd)
{
	DIR *directory = store_directory_calls->fdopendir(fd);
	if (directory == NULL) {
		int cause = errno;
		store_directory_calls->close(fd);
		return walk_fail(walk, "read the directory", "", cause);
	}
	int result = 0;
	while (result == 0) {
		errno = 0;
		const struct dirent *entry = store_directory_calls->readdir(directory);
		if (entry == NULL && errno != 0)
			result = walk_fail(walk, "read the directory", "", errno);
		if (entry == NULL)
			break;
		result = walk_entry(walk, dirfd(directory), entry->d_name);
	}
	closedir(directory);
	return result;
}

/* Begins at the directory that the prefix lies in. */
static int
walk_prefix(struct walk *walk)
{
	char *parent = NULL;
	int fd = -1;

	(void)store_directory_split(walk->prefix, &parent);
	int result = store_directory_enter(walk->directory, parent, false, &fd);
	if (result == 0) {
		if (parent[0] != '\0')
			buf_append_format(&walk->name, "%s/", parent);
		result = walk_directory(walk, fd);
	}
	free(parent);
	buf_clear(&walk->name);
	return result == STORE_MISSING ? 0 : result;
}

static int
list_file(struct walk *walk, int at, const char *base, const struct stat *status)
{
	(void)at;
	if (base[0] == '.')
		return 0;
	size_t len = walk->name.len;
	buf_append_text(&walk->name, base);
	store_list_add(walk->list, buf_text(&walk->name), (uint64_t)status->st_size, NULL);
	walk_cut(walk, len);
	return 0;
}

int
store_directory_list(struct store_driver *driver, const char *prefix, struct store_list *list)
{
	struct walk walk = {
		.directory = (const struct store_directory *)driver,
		.prefix = prefix,
		.name = BUF_EMPTY,
		.file = list_file,
		.list = list,
	};

	return walk_prefix(&walk);
}

static int
sweep_file(struct walk *walk, int at, const char *base, const struct stat *status)
{
	(void)status;
	if (base[0] != '.' || strstr(base, STORE_DIRECTORY_PARTIAL) == NULL)
		return 0;
	if (store_directory_calls->unlink(at, base, 0) != 0)
		return errno == ENOENT ? 0 : walk_fail(walk, "remove", base, errno);
	*walk->removed += 1;
	return 0;
}

static int
sweep_leave(struct walk *walk, int at, const char *base)
{
	if (store_directory_calls->unlink(at, base, AT_REMOVEDIR) == 0) {
		*walk->removed += 1;
		return 0;
	}
	/* In use: not empty, or a mount point. */
	if (errno == ENOTEMPTY || errno == EEXIST || errno == EBUSY || errno == ENOENT)
		return 0;
	return walk_fail(walk, "remove", base, errno);
}

int
store_directory_sweep(
	struct store_driver *driver, const char *prefix, const struct store_awaited *awaited, size_t *removed)
{
	(void)awaited; /* a partial file is never gone on with */
	struct walk walk = {
		.directory = (const struct store_directory *)driver,
		.prefix = prefix,
		.name = BUF_EMPTY,
		.file = sweep_file,
		.leave = sweep_leave,
		.removed = removed,
	};

	return walk_prefix(&walk);
}
