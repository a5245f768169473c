/*
 * A scratch store whose system calls can be told to fail, or to be those of a file system that lacks
 * something. fault_set_up() puts them in the place of the system's own. Include it behind cmocka.
 */
#ifndef TESTS_FAULTY_STORE_H
#define TESTS_FAULTY_STORE_H

#include "../../src/store/store_directory.h"
#include "scratch_store.h"

#define RIGHTS (STORE_WRITE | STORE_DELETE)

/*
 * System calls that can be told to fail. Each call counts fault.countdown down; the one that reaches 0 fails
 * with fault.cause. The other members imitate file systems that lack something.
 */
static struct {
	long countdown; /* 0 = none fails */
	int cause;
	bool no_tmpfile; /* open(O_TMPFILE) is not supported */
	bool no_rename;  /* rename without replacing is not supported */
	bool slow_write; /* one byte at a time, every other try interrupted */
	bool swept;      /* the next hidden file is taken away before it is renamed */
	bool foreign;    /* everything belongs to somebody else */
	unsigned tries;  /* writes */
	unsigned syncs;  /* fsync(2) of anything */
} fault;

static bool
fails(void)
{
	if (fault.countdown == 0 || --fault.countdown > 0)
		return false;
	errno = fault.cause;
	return true;
}

static int
fault_open(int at, const char *name, int flags, mode_t mode)
{
	if (fails())
		return -1;
	if (fault.no_tmpfile && (flags & O_TMPFILE) == O_TMPFILE) {
		errno = EOPNOTSUPP;
		return -1;
	}
	return store_directory_system.open(at, name, flags, mode);
}

/* As Linux does it, the descriptor is gone in any case. */
static int
fault_close(int fd)
{
	bool failed = fails();
	int result = store_directory_system.close(fd);

	if (!failed)
		return result;
	errno = fault.cause;
	return -1;
}

static int
fault_mkdir(int at, const char *name, mode_t mode)
{
	return fails() ? -1 : store_directory_system.mkdir(at, name, mode);
}

static int
fault_chmod(int at, const char *name, mode_t mode)
{
	return fails() ? -1 : store_directory_system.chmod(at, name, mode);
}

static int
fault_fchmod(int fd, mode_t mode)
{
	return fails() ? -1 : store_directory_system.fchmod(fd, mode);
}

static int
fault_fstat(int fd, struct stat *status)
{
	int result = fails() ? -1 : store_directory_system.fstat(fd, status);

	if (result == 0 && fault.foreign)
		status->st_uid = geteuid() + 1;
	return result;
}

static int
fault_lstat(int at, const char *name, struct stat *status)
{
	return fails() ? -1 : store_directory_system.lstat(at, name, status);
}

static ssize_t
fault_write(int fd, const void *bytes, size_t len)
{
	if (fails())
		return -1;
	if (!fault.slow_write)
		return store_directory_system.write(fd, bytes, len);
	errno = EINTR;
	return fault.tries++ % 2 == 0 ? -1 : store_directory_system.write(fd, bytes, 1);
}

static int
fault_fsync(int fd)
{
	fault.syncs++;
	return fails() ? -1 : store_directory_system.fsync(fd);
}

static int
fault_link(int from_at, const char *from, int to_at, const char *to, int flags)
{
	return fails() ? -1 : store_directory_system.link(from_at, from, to_at, to, flags);
}

static int
fault_rename(int at, const char *from, const char *to, unsigned flags)
{
	if (fails())
		return -1;
	if (fault.swept) {
		fault.swept = false;
		unlinkat(at, from, 0);
	}
	errno = EINVAL;
	return fault.no_rename && flags != 0 ? -1 : store_directory_system.rename(at, from, to, flags);
}

static int
fault_unlink(int at, const char *name, int flags)
{
	return fails() ? -1 : store_directory_system.unlink(at, name, flags);
}

static DIR *
fault_fdopendir(int fd)
{
	return fails() ? NULL : store_directory_system.fdopendir(fd);
}

static struct dirent *
fault_readdir(DIR *directory)
{
	return fails() ? NULL : store_directory_system.readdir(directory);
}

static int
fault_flock(int fd, int operation)
{
	return fails() ? -1 : store_directory_system.flock(fd, operation);
}

static const struct store_directory_calls fault_calls = {
	.open = fault_open,
	.close = fault_close,
	.mkdir = fault_mkdir,
	.chmod = fault_chmod,
	.fchmod = fault_fchmod,
	.fstat = fault_fstat,
	.lstat = fault_lstat,
	.write = fault_write,
	.fsync = fault_fsync,
	.link = fault_link,
	.rename = fault_rename,
	.unlink = fault_unlink,
	.fdopendir = fault_fdopendir,
	.readdir = fault_readdir,
	.flock = fault_flock,
};

static int
fault_set_up(void **state)
{
	memset(&fault, 0, sizeof(fault));
	store_directory_calls = &fault_calls;
	return scratch_set_up(state);
}

static int
fault_tear_down(void **state)
{
	memset(&fault, 0, sizeof(fault));
	store_directory_calls = &store_directory_system;
	return scratch_tear_down(state);
}

/* Path of a file in the store. Good until the next call. */
static inline const char *
in_store(const struct scratch *scratch, const char *name)
{
	static char path[4096];

	snprintf(path, sizeof(path), "%s/%s", scratch->path, name);
	return path;
}

static inline void
write_file(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "foreign", 7), 7);
	close(fd);
}

#endif
