/*
 * Writing an object into a directory: the last stage of a chain.
 *
 * The bytes go into a file that has no name (O_TMPFILE), so that a process that is killed leaves nothing at
 * all; finish syncs it, links it under its name (which never replaces), and syncs the directory. Where the
 * file system has no such files the bytes go under a hidden name that listings pass over and sweep removes.
 *
 * Whatever fails after the name was given takes the name away again: a finish that failed has left nothing
 * visible.
 *
 * A replacement goes under a hidden name and is renamed over the old object; there is no way to link over
 * one.
 */
#include "config.h"

#include "store_directory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "incant/error.h"
#include "incant/mem.h"

/* How much is written between two looks at the page cache. */
#define WINDOW_BYTES ((uint64_t)8 << 20)

struct writer {
	struct stage stage;
	int parent;     /* the directory */
	int fd;         /* the file; -1 once closed */
	char *base;     /* the name that it gets in the directory */
	char *partial;  /* the hidden name that it has until then; NULL for none */
	char *path;     /* for errors */
	uint64_t bytes; /* written */
	uint64_t begun; /* so many of them are on their way to the disk */
	bool replaces;  /* what has the name already */
	bool swept;     /* the hidden name was taken away meanwhile */
};

/*
 * Keeps a long archive from filling the page cache, and the last fsync from having all of it to do: begins to
 * write out what is new, and drops what has reached the disk by now. Neither call waits for the disk, and
 * what they cannot do is no fault; fsync will tell of real ones.
 */
static void
pass_through_cache(struct writer *writer)
{
	if (writer->bytes - writer->begun < WINDOW_BYTES)
		return;
	(void)sync_file_range(writer->fd, (off_t)writer->begun, (off_t)(writer->bytes - writer->begun),
		SYNC_FILE_RANGE_WRITE);
	(void)posix_fadvise(writer->fd, 0, (off_t)writer->begun, POSIX_FADV_DONTNEED);
	writer->begun = writer->bytes;
}

static int
writer_write(struct stage *stage, const void *bytes, size_t len)
{
	struct writer *writer = (struct writer *)stage;
	const char *at = bytes;

	while (len > 0) {
		ssize_t written = store_directory_calls->write(writer->fd, at, len);
		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			return store_directory_fail("write", writer->path, written < 0 ? errno : EIO);
		at += written;
		len -= (size_t)written;
		writer->bytes += (uint64_t)written;
	}
	pass_through_cache(writer);
	return 0;
}

/* From the hidden name to the real one. 0 or -1 with errno. */
static int
rename_partial(struct writer *writer)
{
	const struct store_directory_calls *calls = store_directory_calls;
	unsigned flags = writer->replaces ? 0 : RENAME_NOREPLACE;

	int result = calls->rename(writer->parent, writer->partial, writer->base, flags);
	if (result != 0 && !writer->replaces && (errno == EINVAL || errno == ENOSYS)) {
		/* This file system (NFS, say) knows no flags. A second link cannot replace either; the first
		 * goes with writer_free(). */
		return calls->link(writer->parent, writer->partial, writer->parent, writer->base, 0);
	}
	if (result == 0) {
		free(writer->partial);
		writer->partial = NULL;
	}
	return result;
}

static int
give_name(struct writer *writer)
{
	char self[sizeof("/proc/self/fd/") + 3 * sizeof(int)];
	int result;

	if (writer->partial != NULL) {
		result = rename_partial(writer);
	} else {
		snprintf(self, sizeof(self), "/proc/self/fd/%d", writer->fd);
		result = store_directory_calls->link(
			AT_FDCWD, self, writer->parent, writer->base, AT_SYMLINK_FOLLOW);
	}
	if (result == 0)
		return 0;
	writer->swept = writer->replaces && errno == ENOENT;
	if (errno == EEXIST)
		return error_set(ERR_STORE, "'%s' exists already", writer->path);
	return store_directory_fail("write", writer->path, errno);
}

static int
close_file(struct writer *writer)
{
	int fd = writer->fd;

	/* Closed even when close says otherwise: a second close could hit somebody else's descriptor. */
	writer->fd = -1;
	return store_directory_calls->close(fd);
}

static int
writer_finish(struct stage *stage)
{
	const struct store_directory_calls *calls = store_directory_calls;
	struct writer *writer = (struct writer *)stage;

	if (calls->fsync(writer->fd) != 0)
		return store_directory_fail("write", writer->path, errno);
	if (writer->begun > 0)
		(void)posix_fadvise(writer->fd, 0, 0, POSIX_FADV_DONTNEED);
	if (give_name(writer) != 0)
		return -1;
	if (close_file(writer) == 0 && calls->fsync(writer->parent) == 0)
		return 0;
	int cause = errno;
	if (!writer->replaces)
		(void)calls->unlink(writer->parent, writer->base, 0);
	return store_directory_fail("write", writer->path, cause);
}

static void
writer_free(struct stage *stage)
{
	const struct store_directory_calls *calls = store_directory_calls;
	struct writer *writer = (struct writer *)stage;

	if (writer->fd >= 0)
		(void)close_file(writer);
	if (writer->partial != NULL)
		(void)calls->unlink(writer->parent, writer->partial, 0);
	if (writer->parent >= 0)
		(void)calls->close(writer->parent);
	free(writer->partial);
	free(writer->base);
	free(writer->path);
	free(writer);
}

static const struct stage_ops writer_ops = {
	.name = "store directory",
	.write = writer_write,
	.finish = writer_finish,
	.free = writer_free,
};

/* The file is kept open by it, whatever becomes of the writer. */
int
store_directory_follow(const struct stage *object)
{
	const struct writer *writer = (const struct writer *)object;

	return writer->fd >= 0 ? fcntl(writer->fd, F_DUPFD_CLOEXEC, 0) : -1;
}

/* Opens a file under a hidden name that nobody has. 0 or -1 with errno. */
static int
open_partial(struct writer *writer)
{
	static atomic_uint counter;

	do {
		free(writer->partial);
		writer->partial = mem_format(".%s" STORE_DIRECTORY_PARTIAL "%ld-%u", writer->base,
			(long)getpid(), atomic_fetch_add(&counter, 1));
		writer->fd = store_directory_calls->open(
			writer->parent, writer->partial, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	} while (writer->fd < 0 && errno == EEXIST);
	return writer->fd >= 0 ? 0 : -1;
}

/* Opens the file that will become the object. 0 or -1 with errno. */
static int
open_file(struct writer *writer)
{
	/* Without /proc a file that has no name could not get one. */
	if (writer->replaces || access("/proc/self/fd", F_OK) != 0)
		return open_partial(writer);
	writer->fd = store_directory_calls->open(writer->parent, ".", O_RDWR | O_TMPFILE | O_CLOEXEC, 0600);
	if (writer->fd >= 0)
		return 0;
	/* What open(2) names for file systems without O_TMPFILE, and for kernels before it. */
	if (errno == EOPNOTSUPP || errno == EISDIR || errno == ENOENT)
		return open_partial(writer);
	return -1;
}

/* Whether the name is still to be had: better told now than after hours. 0 or -1. */
static int
check_vacant(const struct writer *writer)
{
	struct stat status;

	if (store_directory_calls->lstat(writer->parent, writer->base, &status) == 0)
		return error_set(ERR_STORE, "'%s' exists already", writer->path);
	return errno == ENOENT ? 0 : store_directory_fail("look at", writer->path, errno);
}

static int
open_writer(struct writer *writer, const struct store_directory *directory, const char *name)
{
	char *parent = NULL;

	writer->base = mem_text(store_directory_split(name, &parent));
	int result = store_directory_enter(directory, parent, true, &writer->parent);
	free(parent);
	if (result != 0 || (!writer->replaces && check_vacant(writer) != 0))
		return -1;
	/* The umask may have taken bits away. */
	if (open_file(writer) != 0 || store_directory_calls->fchmod(writer->fd, 0600) != 0)
		return store_directory_fail("create", writer->path, errno);
	return 0;
}

static struct writer *
new_writer(const struct store_directory *directory, const char *name, bool replaces)
{
	struct writer *writer = mem_zero(sizeof(*writer));

	stage_init(&writer->stage, &writer_ops, NULL);
	writer->replaces = replaces;
	writer->parent = -1;
	writer->fd = -1;
	writer->path = store_directory_path(directory, name);
	if (open_writer(writer, directory, name) != 0) {
		stage_free(&writer->stage);
		return NULL;
	}
	return writer;
}

struct stage *
store_directory_write(struct store_driver *driver, const char *name)
{
	struct writer *writer = new_writer((const struct store_directory *)driver, name, false);

	return writer != NULL ? &writer->stage : NULL;
}

/* A record is replaced without the source's lock, so a run that sweeps may take the hidden file for a
 * leftover: then it is written once more. */
int
store_directory_replace(struct store_driver *driver, const char *name, const void *bytes, size_t len)
{
	bool again = true;
	int result = -1;

	for (int tries = 0; again && tries < 3; tries++) {
		struct writer *writer = new_writer((const struct store_directory *)driver, name, true);
		if (writer == NULL)
			return -1;
		result = stage_write(&writer->stage, bytes, len);
		if (result == 0)
			result = stage_finish(&writer->stage);
		again = result != 0 && writer->swept;
		stage_free(&writer->stage);
	}
	return result;
}
