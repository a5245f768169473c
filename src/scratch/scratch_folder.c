/*
 * The private folder of a scratch server, and how one tells a dead one: by its lock. A run that dies in the
 * moment between the folder and the lock leaves a folder without a server; it is as dead as any.
 */
#include "config.h"

#include "scratch_inside.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "incant/error.h"
#include "incant/file.h"
#include "incant/log.h"
#include "incant/mem.h"
#include "incant/text.h"

/* Opens a folder's lock file. -1 with errno. */
static int
open_lock(const char *folder, int flags)
{
	char *path = file_join(folder, SCRATCH_LOCK);
	int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | flags, 0600);
	int cause = errno;

	free(path);
	errno = cause;
	return fd;
}

/* Makes a folder that is locked. 0, LOST, or -1 with errno. */
enum { LOST = 1, TRIES = 10 };
static int
make_locked(struct scratch *scratch, const char *parent)
{
	char real[PATH_MAX];
	struct stat status;

	/* Without symbolic links: a server's working directory is held against this path. */
	if (realpath(parent, real) == NULL)
		return -1;
	char *path = mem_format("%s/" SCRATCH_PREFIX "XXXXXX", real);
	if (mkdtemp(path) == NULL) {
		int cause = errno;
		free(path);
		errno = cause;
		return -1;
	}
	scratch->lock_fd = open_lock(path, O_CREAT);
	if (scratch->lock_fd >= 0 && flock(scratch->lock_fd, LOCK_EX | LOCK_NB) == 0 &&
		fstat(scratch->lock_fd, &status) == 0 && status.st_nlink > 0) {
		scratch->folder = path;
		return 0;
	}
	/* Somebody else's sweep came before the lock, and took the folder for a dead one. */
	if (scratch->lock_fd >= 0)
		close(scratch->lock_fd);
	scratch->lock_fd = -1;
	(void)rmdir(path);
	free(path);
	return LOST;
}

int
scratch_folder_make(struct scratch *scratch, const char *parent)
{
	int result = LOST;

	scratch->lock_fd = -1;
	for (int i = 0; i < TRIES && result == LOST; i++)
		result = make_locked(scratch, parent);
	if (result != 0)
		return error_set_errno(
			ERR_PROOF, errno, "cannot make a folder for a scratch server in '%s'", parent);
	scratch->socket = file_join(scratch->folder, SCRATCH_SOCKET);
	if (mkdir(scratch->socket, 0700) != 0)
		return error_set_errno(ERR_PROOF, errno, "cannot make '%s'", scratch->socket);
	return 0;
}

void
scratch_folder_free(struct scratch *scratch)
{
	if (scratch->folder != NULL && !scratch->keep && file_remove_tree(scratch->folder, ERR_PROOF) != 0) {
		log_warning("the scratch server's folder could not be removed: %s", error_get()->message);
		error_clear();
	}
	if (scratch->lock_fd >= 0)
		close(scratch->lock_fd);
	free(scratch->folder);
	free(scratch->socket);
}

static bool
is_kept(const char *folder)
{
	char *mark = file_join(folder, SCRATCH_KEPT);
	bool kept = file_exists(mark);

	free(mark);
	return kept;
}

int
scratch_folder_is_dead(const char *folder, bool kept, int *lock_fd)
{
	struct stat status;

	*lock_fd = -1;
	if (lstat(folder, &status) != 0)
		return errno == ENOENT;
	if (!S_ISDIR(status.st_mode) || status.st_uid != geteuid())
		return 0;
	*lock_fd = open_lock(folder, O_CREAT);
	if (*lock_fd >= 0 && flock(*lock_fd, LOCK_EX | LOCK_NB) == 0 && (kept || !is_kept(folder)))
		return 1;
	if (*lock_fd >= 0)
		close(*lock_fd);
	*lock_fd = -1;
	return 0;
}

int
scratch_folder_list(const char *parent, struct scratch_folders *folders)
{
	char real[PATH_MAX];
	const struct dirent *entry;
	DIR *directory = realpath(parent, real) != NULL ? opendir(real) : NULL;

	if (directory == NULL)
		return error_set_errno(ERR_PROOF, errno, "cannot read '%s'", parent);
	while ((entry = readdir(directory)) != NULL) {
		if (!text_starts(entry->d_name, SCRATCH_PREFIX))
			continue;
		MEM_GROW(folders->paths, folders->count, folders->capacity);
		folders->paths[folders->count++] = file_join(real, entry->d_name);
	}
	closedir(directory);
	return 0;
}

void
scratch_folders_clear(struct scratch_folders *folders)
{
	for (size_t i = 0; i < folders->count; i++)
		free(folders->paths[i]);
	free(folders->paths);
	*folders = (struct scratch_folders){ NULL, 0, 0 };
}
