/*
 * A library to be loaded ahead of the C library (LD_PRELOAD): it lets the Nth of a program's calls below a
 * folder go wrong, so that a run dies, or meets a full disk, at every step in turn.
 *
 *     FAIL_UNDER   the folder; calls elsewhere are neither counted nor touched
 *     FAIL_HOW     what goes wrong, see below
 *     FAIL_AT      which call, from 1; 0 only counts them
 *     FAIL_LOG     a file that gets a line "HOW N CALL PATH" when it has gone wrong, or "HOW N calls"
 *     FAIL_MORGUE  a folder on the same file system, for "power": what was removed lies here
 *
 *     ENOSPC, EROFS  from then on every call that writes fails so
 *     ESTALE         from then on every call fails so, as those do whose mount has gone
 *     EIO            that call fails, no other; reading ones are counted too
 *     short          that write takes half of its bytes, and the next one fails with ENOSPC
 *     half           that write takes half of its bytes, which is no fault
 *     kill           the process is killed ahead of the call
 *     stop           the process is stopped there, until somebody lets it go on
 *     power          as kill, and of all that was not synced by then each thing is lost or not, as the
 *                    number of the call has it: contents of files, new names, removals. Without FAIL_AT all
 *                    of it is lost when the process ends: what it said to be done has to be there then
 *
 * What is not synced is a list of changes, undone from the last to the first: a change goes from it when the
 * directory it was made in is synced, or the file whose bytes it is.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum change_kind { BYTES, NAME, FOLDER, REMOVED_NAME, REMOVED_FOLDER, DONE };

struct change {
	enum change_kind kind;
	dev_t device; /* of what has to be synced: the directory, or the file */
	ino_t inode;
	char path[PATH_MAX];
	char kept[PATH_MAX]; /* where a removed file lies */
	int fd;              /* of a file with bytes */
};

static pthread_mutex_t guard = PTHREAD_MUTEX_INITIALIZER;
static struct change *changes;
static size_t change_count;
static long counted;
static bool gone_wrong;

/* The C library's own. */
#define REAL(result, name, ...)                    \
	static result (*real_##name)(__VA_ARGS__); \
	if (real_##name == NULL)                   \
	*(void **)&real_##name = dlsym(RTLD_NEXT, #name)

static bool
how_is(const char *word)
{
	const char *how = getenv("FAIL_HOW");

	return how != NULL && strcmp(how, word) == 0;
}

/* The path of a descriptor, or of a name at one. */
static void
find_path(int at, const char *name, char path[PATH_MAX])
{
	char self[64];
	ssize_t len = 0;

	if (name == NULL || name[0] != '/') {
		if (at == AT_FDCWD)
			snprintf(self, sizeof(self), "/proc/self/cwd");
		else
			snprintf(self, sizeof(self), "/proc/self/fd/%d", at);
		len = readlink(self, path, PATH_MAX - 1);
		len = len > 0 ? len : 0;
	}
	if (name != NULL)
		len += snprintf(path + len, PATH_MAX - (size_t)len, "%s%s", name[0] == '/' ? "" : "/", name);
	path[len < PATH_MAX ? len : PATH_MAX - 1] = '\0';
}

static bool
is_under(const char *path)
{
	const char *under = getenv("FAIL_UNDER");
	size_t len = under != NULL ? strlen(under) : 0;

	return len > 0 && strncmp(path, under, len) == 0 && (path[len] == '/' || path[len] == '\0');
}

static void
tell(const char *call, const char *path)
{
	const char *log = getenv("FAIL_LOG");
	FILE *file = log != NULL ? fopen(log, "a") : NULL;

	if (file == NULL)
		return;
	fprintf(file, "%s %ld %s %s\n", getenv("FAIL_HOW"), counted, call, path);
	fclose(file);
}

/* Power loss --------------------------------------------------------------------------------------------- */

static void
remember(enum change_kind kind, int synced_by, const char *path, const char *kept)
{
	struct stat status;

	if (!how_is("power") || fstat(synced_by, &status) != 0)
		return;
	pthread_mutex_lock(&guard);
	changes = realloc(changes, (change_count + 1) * sizeof(*changes));
	struct change *change = &changes[change_count++];
	*change = (struct change){ .kind = kind, .device = status.st_dev, .inode = status.st_ino, .fd = -1 };
	snprintf(change->path, sizeof(change->path), "%s", path);
	snprintf(change->kept, sizeof(change->kept), "%s", kept != NULL ? kept : "");
	if (kind == BYTES)
		change->fd = fcntl(synced_by, F_DUPFD_CLOEXEC, 100);
	pthread_mutex_unlock(&guard);
}

static bool
has_bytes_under_way(int fd)
{
	struct stat status;
	bool found = false;

	if (fstat(fd, &status) != 0)
		return true;
	pthread_mutex_lock(&guard);
	for (size_t i = 0; i < change_count && !found; i++)
		found = changes[i].kind == BYTES && changes[i].inode == status.st_ino &&
			changes[i].device == status.st_dev;
	pthread_mutex_unlock(&guard);
	return found;
}

static void
forget_synced(int fd)
{
	struct stat status;

	if (fstat(fd, &status) != 0)
		return;
	pthread_mutex_lock(&guard);
	for (size_t i = 0; i < change_count; i++) {
		struct change *change = &changes[i];
		if (change->inode != status.st_ino || change->device != status.st_dev)
			continue;
		if (change->kind == BYTES)
			close(change->fd);
		if (change->kind == REMOVED_NAME)
			(void)remove(change->kept);
		change->kind = DONE;
	}
	pthread_mutex_unlock(&guard);
}

static void
undo(const struct change *change)
{
	switch (change->kind) {
	case BYTES:
		(void)!ftruncate(change->fd, 0);
		break;
	case NAME:
	case FOLDER:
		(void)remove(change->path); /* a folder with lasting things in it lasts */
		break;
	case REMOVED_NAME:
		(void)remove(change->path);
		(void)!rename(change->kept, change->path);
		break;
	case REMOVED_FOLDER:
		(void)mkdir(change->path, 0700);
		break;
	case DONE:
		break;
	}
}

/* The seed tells which of the changes are lost; an even share of all patterns, from all to none. */
static void
lose_power(unsigned long seed)
{
	unsigned long pattern = seed * 2654435761UL;

	if (getenv("FAIL_AT") == NULL)
		pattern = ULONG_MAX;
	setenv("FAIL_UNDER", "", 1);
	for (size_t i = change_count; i-- > 0;)
		if ((pattern >> (i % 32) & 1) != 0)
			undo(&changes[i]);
}

/* Keeps a file that is about to be removed, or replaced. */
static void
keep_removed(int at, const char *name, char kept[PATH_MAX])
{
	static unsigned number;
	const char *morgue = getenv("FAIL_MORGUE");
	REAL(int, linkat, int, const char *, int, const char *, int);

	kept[0] = '\0';
	if (!how_is("power") || morgue == NULL)
		return;
	snprintf(kept, PATH_MAX, "%s/%ld-%u", morgue, (long)getpid(), number++);
	if (real_linkat(at, name, AT_FDCWD, kept, 0) != 0)
		kept[0] = '\0';
}

__attribute__((destructor)) static void
end_with_power_loss(void)
{
	const char *when = getenv("FAIL_AT");

	if (how_is("power") && when == NULL && change_count > 0)
		lose_power(0);
	if (when != NULL && atol(when) == 0 && counted > 0)
		tell("calls", "");
}

/* The Nth call ------------------------------------------------------------------------------------------- */

enum call_sort { READS, WRITES, WRITES_BYTES };

static bool
is_counted(enum call_sort sort)
{
	if (how_is("EIO") || how_is("ESTALE") || how_is("stop"))
		return true;
	if (how_is("short") || how_is("half"))
		return sort == WRITES_BYTES;
	return sort != READS;
}

/* What becomes of a call that has gone wrong, or follows one that did: an errno, 0 for nothing, -1 for half.
 */
static int
outcome(enum call_sort sort, bool first)
{
	if (how_is("ENOSPC") || how_is("EROFS"))
		return sort == READS ? 0 : how_is("ENOSPC") ? ENOSPC : EROFS;
	if (how_is("ESTALE"))
		return ESTALE;
	if (how_is("EIO"))
		return first ? EIO : 0;
	if (how_is("half"))
		return first ? -1 : 0;
	if (how_is("short"))
		return first ? -1 : sort == READS ? 0 : ENOSPC;
	if (how_is("stop")) {
		if (first)
			raise(SIGSTOP);
		return 0;
	}
	if (how_is("power"))
		lose_power((unsigned long)counted);
	raise(SIGKILL);
	return 0;
}

/* Counts a call. 0, -1 (half of it), or the errno that it fails with. */
static int
go_wrong(const char *call, enum call_sort sort, int at, const char *name)
{
	const char *when = getenv("FAIL_AT");
	char path[PATH_MAX];
	bool first = false;

	if (when == NULL || (!gone_wrong && !is_counted(sort)))
		return 0;
	find_path(at, name, path);
	if (!is_under(path))
		return 0;
	pthread_mutex_lock(&guard);
	if (!gone_wrong && ++counted == atol(when))
		first = gone_wrong = true;
	bool now = gone_wrong;
	pthread_mutex_unlock(&guard);
	if (first)
		tell(call, path);
	return now ? outcome(sort, first) : 0;
}

#define MAY_FAIL(call, sort, at, name)                      \
	do {                                                \
		int cause = go_wrong(call, sort, at, name); \
		if (cause != 0) {                           \
			errno = cause > 0 ? cause : EIO;    \
			return -1;                          \
		}                                           \
	} while (0)

/* The calls ---------------------------------------------------------------------------------------------- */

/* A call counts when it changed something below the folder. */
static bool
changed(int result, int at, const char *name, char path[PATH_MAX])
{
	if (result != 0 || !how_is("power"))
		return false;
	find_path(at, name, path);
	return is_under(path);
}

static bool
makes_file(int flags)
{
	return (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE;
}

int
openat(int at, const char *name, int flags, ...)
{
	REAL(int, openat, int, const char *, int, ...);
	char path[PATH_MAX];
	mode_t mode = 0;
	va_list rest;

	if (makes_file(flags)) {
		va_start(rest, flags);
		mode = va_arg(rest, mode_t);
		va_end(rest);
	}
	MAY_FAIL("open", makes_file(flags) ? WRITES : READS, at, name);
	int fd = real_openat(at, name, flags, mode);
	if (fd >= 0 && (flags & O_EXCL) != 0 && changed(0, at, name, path))
		remember(NAME, at, path, NULL);
	return fd;
}

ssize_t
write(int fd, const void *bytes, size_t len)
{
	REAL(ssize_t, write, int, const void *, size_t);
	char path[PATH_MAX];
	int cause = go_wrong("write", WRITES_BYTES, fd, NULL);

	if (cause > 0) {
		errno = cause;
		return -1;
	}
	ssize_t written = real_write(fd, bytes, cause < 0 && len > 1 ? len / 2 : len);
	if (written > 0 && changed(0, fd, NULL, path) && !has_bytes_under_way(fd))
		remember(BYTES, fd, path, NULL);
	return written;
}

int
fsync(int fd)
{
	REAL(int, fsync, int);

	MAY_FAIL("fsync", WRITES, fd, NULL);
	int result = real_fsync(fd);
	if (result == 0 && how_is("power"))
		forget_synced(fd);
	return result;
}

int
linkat(int from_at, const char *from, int to_at, const char *to, int flags)
{
	REAL(int, linkat, int, const char *, int, const char *, int);
	char path[PATH_MAX];

	MAY_FAIL("link", WRITES, to_at, to);
	int result = real_linkat(from_at, from, to_at, to, flags);
	if (changed(result, to_at, to, path))
		remember(NAME, to_at, path, NULL);
	return result;
}

/* The new name is forgotten with the old file's removal: undone, the old one is there. */
int
renameat2(int from_at, const char *from, int to_at, const char *to, unsigned flags)
{
	REAL(int, renameat2, int, const char *, int, const char *, unsigned);
	char path[PATH_MAX], kept[PATH_MAX];

	MAY_FAIL("rename", WRITES, to_at, to);
	keep_removed(to_at, to, kept);
	int result = real_renameat2(from_at, from, to_at, to, flags);
	if (changed(result, to_at, to, path))
		remember(kept[0] != '\0' ? REMOVED_NAME : NAME, to_at, path, kept);
	return result;
}

int
unlinkat(int at, const char *name, int flags)
{
	REAL(int, unlinkat, int, const char *, int);
	char path[PATH_MAX], kept[PATH_MAX] = "";

	MAY_FAIL("unlink", WRITES, at, name);
	if ((flags & AT_REMOVEDIR) == 0)
		keep_removed(at, name, kept);
	int result = real_unlinkat(at, name, flags);
	if (changed(result, at, name, path))
		remember((flags & AT_REMOVEDIR) != 0 ? REMOVED_FOLDER : REMOVED_NAME, at, path, kept);
	return result;
}

int
mkdirat(int at, const char *name, mode_t mode)
{
	REAL(int, mkdirat, int, const char *, mode_t);
	char path[PATH_MAX];

	MAY_FAIL("mkdir", WRITES, at, name);
	int result = real_mkdirat(at, name, mode);
	if (changed(result, at, name, path))
		remember(FOLDER, at, path, NULL);
	return result;
}

int
fchmod(int fd, mode_t mode)
{
	REAL(int, fchmod, int, mode_t);

	MAY_FAIL("chmod", WRITES, fd, NULL);
	return real_fchmod(fd, mode);
}

int
fchmodat(int at, const char *name, mode_t mode, int flags)
{
	REAL(int, fchmodat, int, const char *, mode_t, int);

	MAY_FAIL("chmod", WRITES, at, name);
	return real_fchmodat(at, name, mode, flags);
}

int
fstatat(int at, const char *restrict name, struct stat *restrict status, int flags)
{
	REAL(int, fstatat, int, const char *, struct stat *, int);

	MAY_FAIL("stat", READS, at, name);
	return real_fstatat(at, name, status, flags);
}

ssize_t
pread(int fd, void *bytes, size_t len, off_t offset)
{
	REAL(ssize_t, pread, int, void *, size_t, off_t);

	MAY_FAIL("read", READS, fd, NULL);
	return real_pread(fd, bytes, len, offset);
}

struct dirent *
readdir(DIR *directory)
{
	REAL(struct dirent *, readdir, DIR *);
	int cause = go_wrong("readdir", READS, dirfd(directory), NULL);

	if (cause > 0) {
		errno = cause;
		return NULL;
	}
	return real_readdir(directory);
}
