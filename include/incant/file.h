/*
 * Small whole files, and directories. Everything created here is 0600 or 0700.
 * class is the class of the error to set: the caller knows whose file it is.
 */
#ifndef INCANT_FILE_H
#define INCANT_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "incant/buf.h"
#include "incant/error.h"

enum { FILE_MISSING = 1 };

/* Appends a file's bytes, at most limit (more is an error). 0, FILE_MISSING, or -1. */
int file_read(const char *path, size_t limit, enum error_class class, struct buf *buf);

/* 0 when only the owner may read it and the owner is root or this user; otherwise -1 with ERR_SETTINGS and a
 * chmod hint. */
int file_check_private(const char *path);

/*
 * write(2) until all is written. what names the target in the error as it stands: "'/x/y'", "standard
 * output". A signal that comes meanwhile and is pending (interrupt.h) ends it with ERR_INTERRUPTED.
 */
int file_write_all(int fd, const void *bytes, size_t len, enum error_class class, const char *what);

/*
 * A file under its name, whole and lasting or not at all: it is written as "PATH.PID.tmp" first. FILE_NEW
 * never takes the place of one that is there (an error); with FILE_REPLACE the old one stays until the new
 * one is whole. mode: its permissions, whatever the umask is. 0 or -1; nothing is left beside it.
 */
enum file_place { FILE_NEW, FILE_REPLACE };
int file_save(const char *path, const void *bytes, size_t len, mode_t mode, enum file_place place,
	enum error_class class);

/*
 * pread(2) until len bytes are read. A short file is an error with ERR_DAMAGED and the offset where it ends;
 * what cannot be read at all is ERR_STORE.
 */
int file_read_at(int fd, off_t offset, void *bytes, size_t len, const char *what);

/* Creates a directory and its missing parents, 0700. An existing one is left as it is. */
int file_make_directories(const char *path, enum error_class class);

/* fsync of a directory, so that a name in it lasts. */
int file_sync_directory(const char *path, enum error_class class);

/* Removes a directory and all in it. Never follows symbolic links. Missing is success. */
int file_remove_tree(const char *path, enum error_class class);

bool file_exists(const char *path);

/* What others than root may still write to the file system of a path. 0, or -1 with errno and no error set.
 */
int file_free_bytes(const char *path, uint64_t *bytes);

/* "a/b" from "a" and "b". The caller frees it. */
char *file_join(const char *directory, const char *name);

#endif
