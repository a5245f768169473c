/*
 * A scratch server: an empty PostgreSQL of our own, for a test restore. Two kinds: a container (of the very
 * image that the source runs), and a cluster of this machine's PostgreSQL, made by initdb. Either is reached
 * through a unix socket in a private folder, has no port and no network, and is fast because it is unsafe:
 * what a crash leaves of it is worth nothing.
 *
 *     scratch_sweep(&place)      removes what runs that died have left
 *     scratch_check_room(…)      refuses when the machine would suffer
 *     scratch_start(&options)    up, empty, its superuser without a password
 *     scratch_conninfo()         …
 *     scratch_free()             ended and removed, unless it is kept
 *
 * Everything about one lies in or is named after its private folder, in which a file is locked (flock(2)) by
 * the process that it serves. The kernel lets go of the lock however that process ends; so what is not
 * locked, and not marked as kept, is surely dead.
 *
 * Errors are ERR_PROOF, with the cause.
 */
#ifndef INCANT_SCRATCH_H
#define INCANT_SCRATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct scratch;

enum scratch_kind { SCRATCH_DOCKER, SCRATCH_CLUSTER };

/* Where scratch servers are. */
struct scratch_place {
	enum scratch_kind kind;
	const char *folder;        /* an existing one, in which the private folders are made */
	const char *docker_socket; /* SCRATCH_DOCKER */
};

struct scratch_options {
	struct scratch_place place;
	int major;             /* of PostgreSQL, as 15 */
	const char *superuser; /* its first role */
	const char *encoding;  /* of the databases that it begins with; NULL = UTF8 */
	const char *locale;    /* of the same; where the server does not have it, or NULL, "C" */
	const char *preload;   /* shared_preload_libraries; NULL = none */
	uint64_t memory_bytes; /* that it may take */
	bool keep;             /* it stays up when this process has ended */
	const char *pg_bindir; /* SCRATCH_CLUSTER: NULL = where Debian keeps that major, then PATH */
	const char *image;     /* SCRATCH_DOCKER: name or id */
};

struct scratch *scratch_start(const struct scratch_options *options);

/* libpq's words for a connection as its superuser. Borrowed, as all here. */
const char *scratch_conninfo(const struct scratch *scratch);

/* "container incant-backup-scratch-1a2b3c", "cluster in /var/tmp/incant-backup-scratch-1a2b3c": for people.
 */
const char *scratch_describe(const struct scratch *scratch);

/* Its container's name; NULL for a cluster. And the folder of its programs (pg_dumpall); NULL for a
 * container, or for PATH. */
const char *scratch_container(const struct scratch *scratch);
const char *scratch_pg_bindir(const struct scratch *scratch);

/* Why it is not running any more, as far as it can be known ("it ran out of memory"; the caller frees it).
 * NULL while it runs. */
char *scratch_end_cause(const struct scratch *scratch);

/* Ends and removes it, or lets go of it when it is kept. A signal does not stop this. NULL is allowed. */
void scratch_free(struct scratch *scratch);

/* Makes a server that was to be kept one that is not. */
void scratch_drop(struct scratch *scratch);

/* Those that are kept, in a folder of private folders. 0 or -1. */
struct scratch_kept {
	enum scratch_kind kind;
	char *describe, *conninfo;
};
struct scratch_kept_list {
	struct scratch_kept *items;
	size_t count, capacity;
};
int scratch_list_kept(const char *folder, struct scratch_kept_list *list);
void scratch_kept_clear(struct scratch_kept_list *list);

/*
 * Removes the scratch servers in that place that nobody uses any more; kept ones too when `kept`. *removed is
 * raised by how many. 0 or -1.
 */
int scratch_sweep(const struct scratch_place *place, bool kept, size_t *removed);

/*
 * Whether there is room for a scratch server that takes disk_bytes on disk and memory_bytes of memory. 0, or
 * -1 with ERR_PROOF saying what is missing and where. What cannot be known is no obstacle.
 */
int scratch_check_room(const struct scratch_place *place, uint64_t disk_bytes, uint64_t memory_bytes);

#endif
