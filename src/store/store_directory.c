/*
 * The directory driver: an object is a regular file of the same path below the store's root. This file opens
 * the store, finds the way inside it, and does what concerns one finished object; writing is in
 * store_directory_write.c, what walks the tree in store_directory_walk.c, the lock in store_directory_lock.c.
 */
#include "config.h"

#include "store_directory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "incant/error.h"
#include "incant/file.h"
#include "incant/mem.h"

#define DIRECTORY_FLAGS (O_RDONLY | O_DIRECTORY | O_CLOEXEC)

static int
system_lstat(int at, const char *name, struct stat *status)
{
	return fstatat(at, name, status, AT_SYMLINK_NOFOLLOW);
}

static int
system_open(int at, const char *name, int flags, mode_t mode)
{
	return openat(at, name, flags, mode);
}

static int
system_chmod(int at, const char *name, mode_t mode)
{
	return fchmodat(at, name, mode, 0);
}

static int
system_rename(int at, const char *from, const char *to, unsigned flags)
{
	return renameat2(at, from, at, to, flags);
}

const struct store_directory_calls store_directory_system = {
	.open = system_open,
	.close = close,
	.mkdir = mkdirat,
	.chmod = system_chmod,
	.fchmod = fchmod,
	.fstat = fstat,
	.lstat = system_lstat,
	.write = write,
	.fsync = fsync,
	.link = linkat,
	.rename = system_rename,
	.unlink = unlinkat,
	.fdopendir = fdopendir,
	.readdir = readdir,
	.flock = flock,
};

const struct store_directory_calls *store_directory_calls = &store_directory_system;

int
store_directory_fail(const char *what_to_do, const char *path, int cause)
{
	error_set_errno(ERR_STORE, cause, "cannot %s '%s'", what_to_do, path);
	if (cause == ENOSPC || cause == EDQUOT)
		error_hint("Make room there, or let fewer backups be kept; `incant-backup list` shows what "
			   "they take.");
	return -1;
}

char *
store_directory_path(const struct store_directory *directory, const char *name)
{
	return name[0] != '\0' ? file_join(directory->path, name) : mem_text(directory->path);
}

const char *
store_directory_split(const char *name, char **parent)
{
	const char *slash = strrchr(name, '/');

	*parent = slash != NULL ? mem_text_n(name, (size_t)(slash - name)) : mem_text("");
	return slash != NULL ? slash + 1 : name;
}

/* Makes the directory `name` in `at`, so that it lasts. One that is there already is left as it is. */
static int
make_directory(int at, const char *name)
{
	const struct store_directory_calls *calls = store_directory_calls;

	if (calls->mkdir(at, name, 0700) != 0)
		return errno == EEXIST ? 0 : -1;
	/* The umask may have taken bits away. */
	if (calls->chmod(at, name, 0700) != 0)
		return -1;
	return calls->fsync(at);
}

/* One step down. Returns the descriptor, or -1 with errno. */
static int
step(int at, const char *name, bool create)
{
	int fd = store_directory_calls->open(at, name, DIRECTORY_FLAGS | O_NOFOLLOW, 0);
	if (fd >= 0 || errno != ENOENT || !create)
		return fd;
	if (make_directory(at, name) != 0)
		return -1;
	return store_directory_calls->open(at, name, DIRECTORY_FLAGS | O_NOFOLLOW, 0);
}

/* For errors of store_directory_enter(): len bytes of name are the way to where it failed. */
static int
fail_to_enter(const struct store_directory *directory, const char *name, size_t len, bool create)
{
	int cause = errno;
	if (cause == ENOENT && !create)
		return STORE_MISSING;

	char *reached = mem_text_n(name, len);
	char *path = store_directory_path(directory, reached);
	store_directory_fail(create ? "use the directory" : "open the directory", path, cause);
	free(path);
	free(reached);
	return -1;
}

int
store_directory_enter(const struct store_directory *directory, const char *name, bool create, int *fd)
{
	char component[STORE_COMPONENT_BYTES + 1];
	const char *end = name;

	if (directory->root < 0)
		return STORE_MISSING;
	int at = store_directory_calls->open(directory->root, ".", DIRECTORY_FLAGS, 0);
	while (at >= 0 && *end != '\0') {
		const char *begin = *end == '/' ? end + 1 : end;
		end = strchrnul(begin, '/');
		snprintf(component, sizeof(component), "%.*s", (int)(end - begin), begin);
		int below = step(at, component, create);
		int cause = errno;
		store_directory_calls->close(at);
		errno = cause;
		at = below;
	}
	if (at < 0)
		return fail_to_enter(directory, name, (size_t)(end - name), create);
	*fd = at;
	return 0;
}

/* Makes a root that is missing, and its missing parents, each so that it lasts. */
static int
make_root(const char *path)
{
	if (file_exists(path))
		return 0;
	const char *slash = strrchr(path, '/');
	char *parent = slash > path ? mem_text_n(path, (size_t)(slash - path)) : mem_text("/");
	int result = make_root(parent);
	/* mkdir's mode is cut by the umask. */
	if (result == 0 && (mkdir(path, 0700) != 0 || chmod(path, 0700) != 0) && errno != EEXIST)
		result = store_directory_fail("create the directory", path, errno);
	if (result == 0)
		result = file_sync_directory(parent, ERR_STORE);
	free(parent);
	return result;
}

/* Others must not be able to put their own archives in place of ours. */
static int
check_root(const char *path, int fd)
{
	struct stat status;

	if (store_directory_calls->fstat(fd, &status) != 0)
		return store_directory_fail("look at", path, errno);
	if (status.st_uid != 0 && status.st_uid != geteuid()) {
		error_set(ERR_STORE, "the store's directory '%s' belongs to user %u", path,
			(unsigned)status.st_uid);
		return error_hint(
			"It must belong to root or to the user who runs incant-backup: chown %u '%s'",
			(unsigned)geteuid(), path);
	}
	if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
		error_set(ERR_STORE, "the store's directory '%s' can be written to by others (mode %04o)",
			path, (unsigned)status.st_mode & 07777U);
		return error_hint("Leave it to its owner: chmod go-w '%s'", path);
	}
	return 0;
}

int
store_directory_open_root(struct store_directory *directory, bool create)
{
	const char *path = directory->path;

	if (create && make_root(path) != 0)
		return -1;
	int fd = store_directory_calls->open(AT_FDCWD, path, DIRECTORY_FLAGS, 0);
	if (fd < 0 && errno == ENOENT && !create)
		return 0;
	if (fd < 0)
		return store_directory_fail("open the store's directory", path, errno);
	if (check_root(path, fd) != 0) {
		store_directory_calls->close(fd);
		return -1;
	}
	directory->root = fd;
	return 0;
}

static void
directory_close(struct store_driver *driver)
{
	struct store_directory *directory = (struct store_directory *)driver;

	if (directory->root >= 0)
		store_directory_calls->close(directory->root);
	free(directory->path);
	free(directory);
}

static struct store_driver *
directory_open(const struct store_options *options, unsigned rights)
{
	if (options->path == NULL || options->path[0] != '/') {
		error_set(ERR_SETTINGS, "the path of store %s must begin with '/'", options->name);
		return NULL;
	}
	size_t len = strlen(options->path);
	while (len > 1 && options->path[len - 1] == '/')
		len--;

	struct store_directory *directory = mem_zero(sizeof(*directory));
	directory->driver.ops = &store_directory_ops;
	directory->path = mem_text_n(options->path, len);
	directory->root = -1;
	if (store_directory_open_root(directory, (rights & STORE_WRITE) != 0) != 0) {
		directory_close(&directory->driver);
		return NULL;
	}
	return &directory->driver;
}

/* Opens the file of an object. 0 with *fd, STORE_MISSING or -1. */
static int
open_object(const struct store_directory *directory, const char *name, const char *path, int *fd)
{
	const struct store_directory_calls *calls = store_directory_calls;
	struct stat status;
	char *parent = NULL;
	int at = -1;

	const char *base = store_directory_split(name, &parent);
	int result = store_directory_enter(directory, parent, false, &at);
	free(parent);
	if (result != 0)
		return result;
	/* O_NONBLOCK: a FIFO that somebody put there must not hold us up. */
	int object = calls->open(at, base, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0);
	int cause = errno;
	calls->close(at);
	if (object < 0 && cause == ENOENT)
		return STORE_MISSING;
	if (object < 0)
		return store_directory_fail("open", path, cause);
	if (calls->fstat(object, &status) != 0)
		result = store_directory_fail("look at", path, errno);
	else if (!S_ISREG(status.st_mode))
		result = error_set(ERR_STORE, "'%s' is not a regular file", path);
	if (result != 0)
		calls->close(object);
	else
		*fd = object;
	return result;
}

static int
directory_read(struct store_driver *driver, const char *name, const char *label, struct input **input)
{
	const struct store_directory *directory = (const struct store_directory *)driver;
	int fd = -1;

	char *path = store_directory_path(directory, name);
	int result = open_object(directory, name, path, &fd);
	free(path);
	if (result != 0)
		return result;
	*input = input_fd_new(label, fd, ERR_STORE);
	return *input != NULL ? 0 : -1;
}

enum { IN_USE = STORE_MISSING + 1 };

/*
 * Removes a file, or with AT_REMOVEDIR an empty directory, so that it stays removed. 0, STORE_MISSING when it
 * or its parent is not there, IN_USE when the directory is not empty, or -1.
 */
static int
remove_lasting(const struct store_directory *directory, const char *name, int flags)
{
	const struct store_directory_calls *calls = store_directory_calls;
	char *parent = NULL;
	int at = -1;

	const char *base = store_directory_split(name, &parent);
	int result = store_directory_enter(directory, parent, false, &at);
	free(parent);
	if (result != 0)
		return result;
	int cause = calls->unlink(at, base, flags) != 0 || calls->fsync(at) != 0 ? errno : 0;
	calls->close(at);
	if (cause == 0)
		return 0;
	if (cause == ENOENT)
		return STORE_MISSING;
	if (flags == AT_REMOVEDIR && (cause == ENOTEMPTY || cause == EEXIST || cause == EBUSY))
		return IN_USE;
	char *path = store_directory_path(directory, name);
	store_directory_fail("remove", path, cause);
	free(path);
	return -1;
}

static int
directory_remove(struct store_driver *driver, const char *name)
{
	const struct store_directory *directory = (const struct store_directory *)driver;

	int result = remove_lasting(directory, name, 0);
	if (result != 0)
		return result;
	char *parent = mem_text(name);
	for (char *slash = strrchr(parent, '/'); slash != NULL && result == 0; slash = strrchr(parent, '/')) {
		*slash = '\0';
		result = remove_lasting(directory, parent, AT_REMOVEDIR);
	}
	free(parent);
	return result < 0 ? -1 : 0;
}

static int
directory_free_bytes(struct store_driver *driver, uint64_t *bytes)
{
	const struct store_directory *directory = (const struct store_directory *)driver;
	struct statvfs status;

	*bytes = UINT64_MAX;
	if (directory->root < 0)
		return 0;
	if (fstatvfs(directory->root, &status) != 0)
		return store_directory_fail("ask for the free space of", directory->path, errno);
	*bytes = (uint64_t)status.f_bavail * status.f_frsize;
	return 0;
}

const struct store_driver_ops store_directory_ops = {
	.open = directory_open,
	.close = directory_close,
	.write = store_directory_write,
	.replace = store_directory_replace,
	.follow = store_directory_follow,
	.read = directory_read,
	.list = store_directory_list,
	.remove = directory_remove,
	.sweep = store_directory_sweep,
	.free_bytes = directory_free_bytes,
	.lock = store_directory_lock,
	.hold = store_directory_hold,
	.unlock = store_directory_unlock,
};
