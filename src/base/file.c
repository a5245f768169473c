/*
 * Small files and directories. Trees are removed by descriptors (openat, O_NOFOLLOW), so that a link put in
 * the way meanwhile leads nowhere.
 */
#include "config.h"

#include "incant/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "incant/interrupt.h"
#include "incant/mem.h"

enum { READ_CHUNK_BYTES = 64 * 1024 };

/* Appends what fd gives, to its end. */
static int
read_to_end(int fd, const char *path, size_t limit, enum error_class class, struct buf *buf)
{
	size_t begin = buf->len;

	for (;;) {
		buf_reserve(buf, READ_CHUNK_BYTES);
		ssize_t got = read(fd, buf->bytes + buf->len, READ_CHUNK_BYTES);
		if (got == 0)
			return 0;
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return error_set_errno(class, errno, "cannot read '%s'", path);
		buf->len += (size_t)got;
		buf->bytes[buf->len] = '\0';
		if (buf->len - begin > limit)
			return error_set(class, "'%s' is larger than %zu bytes", path, limit);
	}
}

int
file_read(const char *path, size_t limit, enum error_class class, struct buf *buf)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return FILE_MISSING;
	if (fd < 0)
		return error_set_errno(class, errno, "cannot open '%s'", path);
	int result = read_to_end(fd, path, limit, class, buf);
	close(fd);
	return result;
}

int
file_check_private(const char *path)
{
	struct stat status;

	if (stat(path, &status) != 0)
		return error_set_errno(ERR_SETTINGS, errno, "cannot look at '%s'", path);
	if (status.st_uid != 0 && status.st_uid != geteuid()) {
		error_set(ERR_SETTINGS, "'%s' belongs to another user", path);
		return error_hint("Make it yours: chown %u '%s'", (unsigned int)geteuid(), path);
	}
	if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
		error_set(ERR_SETTINGS, "'%s' holds a secret and others may read it (mode %04o)", path,
			(unsigned int)status.st_mode & 07777U);
		return error_hint("Keep it to its owner: chmod 600 '%s'", path);
	}
	return 0;
}

int
file_write_all(int fd, const void *bytes, size_t len, enum error_class class, const char *what)
{
	const char *at = bytes;

	while (len > 0) {
		ssize_t written = write(fd, at, len);
		if (written < 0 && errno == EINTR) {
			if (interrupt_check() != 0)
				return -1;
			continue;
		}
		if (written < 0)
			return error_set_errno(class, errno, "cannot write %s", what);
		at += written;
		len -= (size_t)written;
	}
	return 0;
}

/* Gives the whole file its name. */
static int
put_in_place(const char *partial, const char *path, enum file_place place, enum error_class class)
{
	int result = place == FILE_REPLACE ? rename(partial, path) : link(partial, path);

	return result == 0 ? 0 : error_set_errno(class, errno, "cannot write '%s'", path);
}

int
file_save(const char *path, const void *bytes, size_t len, mode_t mode, enum file_place place,
	enum error_class class)
{
	char *partial = mem_format("%s.%ld.tmp", path, (long)getpid());
	char *what = mem_format("'%s'", partial);
	int fd = open(partial, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	int result = -1;

	if (fd < 0) {
		error_set_errno(class, errno, "cannot create '%s'", partial);
		goto out;
	}
	result = file_write_all(fd, bytes, len, class, what);
	if (result == 0 && (fchmod(fd, mode) != 0 || fsync(fd) != 0))
		result = error_set_errno(class, errno, "cannot write %s", what);
	close(fd);
	if (result == 0)
		result = put_in_place(partial, path, place, class);
	if (result != 0 || place == FILE_NEW) /* a replaced file has no other name any more */
		(void)unlink(partial);
out:
	free(what);
	free(partial);
	return result;
}

int
file_read_at(int fd, off_t offset, void *bytes, size_t len, const char *what)
{
	char *at = bytes;

	while (len > 0) {
		ssize_t got = pread(fd, at, len, offset);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return error_set_errno(
				ERR_STORE, errno, "cannot read %s at offset %lld", what, (long long)offset);
		if (got == 0)
			return error_set(ERR_DAMAGED, "%s ends at offset %lld, %zu bytes too early", what,
				(long long)offset, len);
		at += got;
		offset += got;
		len -= (size_t)got;
	}
	return 0;
}

static int
make_directory(const char *path, enum error_class class)
{
	if (mkdir(path, 0700) == 0)
		return 0;
	int cause = errno;
	struct stat status;
	if (cause == EEXIST && stat(path, &status) == 0) {
		if (S_ISDIR(status.st_mode))
			return 0;
		cause = ENOTDIR;
	}
	return error_set_errno(class, cause, "cannot create the directory '%s'", path);
}

int
file_make_directories(const char *path, enum error_class class)
{
	char *prefix = mem_text(path);
	int result = 0;

	/* Every prefix that a slash ends, but for the root; then the whole. */
	char *first_name = prefix + strspn(prefix, "/");
	for (char *slash = strchr(first_name, '/'); slash != NULL && result == 0;
		slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		result = make_directory(prefix, class);
		*slash = '/';
	}
	if (result == 0)
		result = make_directory(prefix, class);
	free(prefix);
	return result;
}

int
file_sync_directory(const char *path, enum error_class class)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return error_set_errno(class, errno, "cannot open the directory '%s'", path);
	int result = fsync(fd);
	if (result != 0)
		error_set_errno(class, errno, "cannot sync the directory '%s'", path);
	close(fd);
	return result;
}

static int remove_entry(int parent, const char *name, const char *shown, enum error_class class);

/* Removes everything in the directory that fd is open on; fd is closed. */
static int
empty_directory(int fd, const char *shown, enum error_class class)
{
	DIR *directory = fdopendir(fd);
	if (directory == NULL) {
		error_set_errno(class, errno, "cannot read the directory '%s'", shown);
		close(fd);
		return -1;
	}
	int result = 0;
	while (result == 0) {
		errno = 0;
		struct dirent *entry = readdir(directory);
		if (entry == NULL) {
			if (errno != 0)
				result = error_set_errno(
					class, errno, "cannot read the directory '%s'", shown);
			break;
		}
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		char *path = file_join(shown, entry->d_name);
		result = remove_entry(dirfd(directory), entry->d_name, path, class);
		free(path);
	}
	closedir(directory);
	return result;
}

/* Removes the name under parent, and all in it where it is a directory. shown is its path, for errors. */
static int
remove_entry(int parent, const char *name, const char *shown, enum error_class class)
{
	if (unlinkat(parent, name, 0) == 0 || errno == ENOENT)
		return 0;
	/* Linux says EISDIR for a directory, POSIX EPERM; the open below tells it from a file kept in place.
	 */
	int cause = errno;
	int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 && errno == ENOTDIR)
		return error_set_errno(class, cause, "cannot remove '%s'", shown);
	if (fd < 0)
		return error_set_errno(class, errno, "cannot open '%s'", shown);
	if (empty_directory(fd, shown, class) != 0)
		return -1;
	if (unlinkat(parent, name, AT_REMOVEDIR) != 0 && errno != ENOENT)
		return error_set_errno(class, errno, "cannot remove the directory '%s'", shown);
	return 0;
}

int
file_remove_tree(const char *path, enum error_class class)
{
	/* Behind a final slash the kernel would follow a link in spite of O_NOFOLLOW. */
	size_t len = strlen(path);
	while (len > 1 && path[len - 1] == '/')
		len--;
	char *name = mem_text_n(path, len);
	int result = remove_entry(AT_FDCWD, name, name, class);
	free(name);
	return result;
}

bool
file_exists(const char *path)
{
	struct stat status;

	return lstat(path, &status) == 0;
}

int
file_free_bytes(const char *path, uint64_t *bytes)
{
	struct statvfs status;

	if (statvfs(path, &status) != 0)
		return -1;
	*bytes = (uint64_t)status.f_bavail * status.f_frsize;
	return 0;
}

char *
file_join(const char *directory, const char *name)
{
	size_t len = strlen(directory);
	bool has_slash = len > 0 && directory[len - 1] == '/';

	return mem_format("%s%s%s", directory, has_slash ? "" : "/", name);
}
