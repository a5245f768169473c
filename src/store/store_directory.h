/*
 * What the files of the directory driver share: the opened store, the way to a directory inside it, and the
 * table of system calls through which all of them reach the file system.
 *
 * Everything below the store's root is reached from descriptor to descriptor, never through a path and never
 * through a symbolic link: whatever lies in the store cannot lead a write or a removal out of it.
 */
#ifndef INCANT_STORE_DIRECTORY_H
#define INCANT_STORE_DIRECTORY_H

#include <dirent.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "store_driver.h"

/* What is called openat(2) and so on elsewhere; open() always takes a mode. */
struct store_directory_calls {
	int (*open)(int at, const char *name, int flags, mode_t mode);
	int (*close)(int fd);
	int (*mkdir)(int at, const char *name, mode_t mode);
	int (*chmod)(int at, const char *name, mode_t mode);
	int (*fchmod)(int fd, mode_t mode);
	int (*fstat)(int fd, struct stat *status);
	int (*lstat)(int at, const char *name, struct stat *status);
	ssize_t (*write)(int fd, const void *bytes, size_t len);
	int (*fsync)(int fd);
	int (*link)(int from_at, const char *from, int to_at, const char *to, int flags);
	int (*rename)(int at, const char *from, const char *to, unsigned flags);
	int (*unlink)(int at, const char *name, int flags);
	DIR *(*fdopendir)(int fd);
	struct dirent *(*readdir)(DIR *directory);
	int (*flock)(int fd, int operation);
};

/* The system's own. */
extern const struct store_directory_calls store_directory_system;

/* The ones in use. A test puts its own in place, so as to let the Nth call fail. */
extern const struct store_directory_calls *store_directory_calls;

struct store_directory {
	struct store_driver driver;
	char *path; /* of the root */
	int root;   /* -1 while there is no directory */
};

/* Part of the hidden name of a file that is being written: ".NAME.partial-PID-N". */
#define STORE_DIRECTORY_PARTIAL ".partial-"

/* Opens and checks the root; makes it where it is missing, if create says so. 0, also when it is missing and
 * is not to be made, or -1. */
int store_directory_open_root(struct store_directory *directory, bool create);

/*
 * Opens the directory of that name below the root ("" = the root itself); where it is missing, makes it and
 * its parents 0700 and lasting, if create says so. 0 with *fd, the caller's to close; STORE_MISSING; or -1.
 */
int store_directory_enter(const struct store_directory *directory, const char *name, bool create, int *fd);

/* Splits a name into the directory that holds it (the caller frees it; "" for the root) and, returned, the
 * last component. */
const char *store_directory_split(const char *name, char **parent);

/* Path of an object, a directory or a prefix, for errors. The caller frees it. */
char *store_directory_path(const struct store_directory *directory, const char *name);

/* Sets ERR_STORE "cannot DO 'PATH': cause", with a hint where there is no room. Returns -1. */
int store_directory_fail(const char *what_to_do, const char *path, int cause);

/* The rest of the driver. */
struct stage *store_directory_write(struct store_driver *driver, const char *name);
int store_directory_replace(struct store_driver *driver, const char *name, const void *bytes, size_t len);
int store_directory_follow(const struct stage *object);
int store_directory_list(struct store_driver *driver, const char *prefix, struct store_list *list);
int store_directory_sweep(struct store_driver *driver, const char *prefix,
	const struct store_awaited *awaited, size_t *removed);
int store_directory_lock(struct store_driver *driver, const char *source, const char *doing,
	struct store_lock **lock, char **holder);
int store_directory_hold(
	struct store_driver *driver, const char *folder, bool alone, struct store_lock **hold);
void store_directory_unlock(struct store_lock *lock);

#endif
