/*
 * One writer a source: flock(2) on SOURCE/.lock, which the kernel lets go of when the process ends, however
 * it ends. The file stays; its text says who holds the lock, for the message of those who cannot have it.
 * Holding a backup is flock(2) on its directory itself: that needs no right to write, and leaves nothing.
 */
#include "config.h"

#include "store_directory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "incant/clock.h"
#include "incant/log.h"
#include "incant/mem.h"
#include "incant/text.h"

#define LOCK_NAME ".lock"

struct directory_lock {
	struct store_lock lock;
	int fd;
};

/* What the holder wrote. The caller frees it. */
static char *
read_holder(int fd)
{
	char text[256];

	ssize_t len = pread(fd, text, sizeof(text), 0);
	/* Between taking the lock and writing there is a moment without a text. */
	if (len <= 0)
		return mem_text("another process");
	return text_printable(text, strnlen(text, (size_t)len));
}

/*
 * Only a help to others: a full disk must not keep prune from making room, so what fails here is passed over.
 */
static void
write_holder(int fd, const char *doing)
{
	char host[65] = "?", since[CLOCK_RFC3339_SIZE], text[200];

	(void)gethostname(host, sizeof(host) - 1);
	int len = snprintf(text, sizeof(text), "%.32s, pid %ld on %s since %s", doing, (long)getpid(), host,
		clock_format_utc(since, clock_now()));
	if (ftruncate(fd, 0) != 0 || pwrite(fd, text, (size_t)len, 0) != len)
		log_verbose("cannot write into the lock file that it is %s", text);
}

/* Opens SOURCE/.lock. Returns the descriptor, or -1 with ERR_STORE. */
static int
open_lock(struct store_directory *directory, const char *source, const char *path)
{
	const struct store_directory_calls *calls = store_directory_calls;
	int at = -1;

	if (directory->root < 0 && store_directory_open_root(directory, true) != 0)
		return -1;
	if (store_directory_enter(directory, source, true, &at) != 0)
		return -1;
	int fd = calls->open(at, LOCK_NAME, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
	if (fd < 0 || calls->fchmod(fd, 0600) != 0) {
		store_directory_fail("open", path, errno);
		if (fd >= 0)
			calls->close(fd);
		fd = -1;
	}
	calls->close(at);
	return fd;
}

/* 0, STORE_BUSY or -1. */
static int
take_lock(int fd, const char *path, const char *doing, char **holder)
{
	if (store_directory_calls->flock(fd, LOCK_EX | LOCK_NB) == 0) {
		write_holder(fd, doing);
		return 0;
	}
	if (errno != EWOULDBLOCK)
		return store_directory_fail("lock", path, errno);
	*holder = read_holder(fd);
	return STORE_BUSY;
}

static struct store_lock *
new_lock(int fd)
{
	struct directory_lock *held = mem_zero(sizeof(*held));

	held->lock.ops = &store_directory_ops;
	held->fd = fd;
	return &held->lock;
}

int
store_directory_lock(struct store_driver *driver, const char *source, const char *doing,
	struct store_lock **lock, char **holder)
{
	struct store_directory *directory = (struct store_directory *)driver;

	char *name = mem_format("%s/" LOCK_NAME, source);
	char *path = store_directory_path(directory, name);
	int fd = open_lock(directory, source, path);
	int result = fd >= 0 ? take_lock(fd, path, doing, holder) : -1;
	free(path);
	free(name);
	if (result != 0) {
		if (fd >= 0)
			store_directory_calls->close(fd);
		return result;
	}
	*lock = new_lock(fd);
	return 0;
}

int
store_directory_hold(struct store_driver *driver, const char *folder, bool alone, struct store_lock **hold)
{
	const struct store_directory *directory = (const struct store_directory *)driver;
	int fd = -1;

	int result = store_directory_enter(directory, folder, false, &fd);
	if (result != 0)
		return result;
	if (store_directory_calls->flock(fd, (alone ? LOCK_EX : LOCK_SH) | LOCK_NB) == 0) {
		*hold = new_lock(fd);
		return 0;
	}
	int cause = errno;
	store_directory_calls->close(fd);
	if (cause == EWOULDBLOCK)
		return STORE_BUSY;
	/* A network's file system may lock files only. */
	log_verbose("cannot hold %s in '%s': %s", folder, directory->path, strerror(cause));
	return 0;
}

void
store_directory_unlock(struct store_lock *lock)
{
	struct directory_lock *held = (struct directory_lock *)lock;

	store_directory_calls->close(held->fd);
	free(held);
}
