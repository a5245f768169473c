/*
 * A store: a place that keeps objects, named bytes that are whole or not there. Names are paths:
 * "incantations/20261122T030000Z/cluster.sql.zst" (see store_name_is_valid()). A call with another name fails
 * with ERR_STORE.
 *
 * An object is written through a stage: its finish is the commit. Before that nobody sees it, and a stage
 * freed without a successful finish leaves nothing. An object is never written over, but by store_replace().
 *
 * Drivers (src/store/store_driver.h) are rows in a table: a directory, and a bucket that speaks S3. Stages,
 * inputs and locks do not need the store that made them any more: closing it first is allowed. One store may
 * be used by several threads, but for store_lock().
 */
#ifndef INCANT_STORE_H
#define INCANT_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "incant/input.h"
#include "incant/stage.h"

/* What the opener may do. A call beyond it is ERR_INTERNAL: a recipe's fault. Reading is always allowed. */
enum store_rights { STORE_READ = 0, STORE_WRITE = 1, STORE_DELETE = 2 };

enum store_kind { STORE_DIRECTORY, STORE_S3 };

struct store_options {
	const char *name; /* as in the settings: "local" */
	enum store_kind kind;
	const char *path; /* directory: absolute */

	/* S3. Keys come from the credentials file or the environment when the store is opened. */
	const char *endpoint;    /* "https://nyc3.digitaloceanspaces.com"; plain HTTP to this machine only */
	const char *region;      /* NULL = as the endpoint says, else us-east-1 */
	const char *bucket;      /* must exist */
	const char *prefix;      /* in front of all names; NULL or "" = none */
	const char *credentials; /* path; NULL = AWS_ACCESS_KEY_ID and its like */
	const char *ca_file;     /* PEM; NULL = the system's */
	bool host_style;         /* BUCKET.HOST rather than HOST/BUCKET */
	uint64_t bytes_per_second; /* at most, in all, each way; 0 = no limit */
	uint64_t patience_ms;      /* how long a request is tried again; 0 = two minutes */
};

struct store;

/* What is wrong with an endpoint: NULL, or a text without end ("plain HTTP to another machine …"). */
const char *store_endpoint_problem(const char *endpoint);

/*
 * Whether a text can name an object: one or more components with '/' between, each of letters, digits and
 * "._-" of ASCII and without a dot in front (so neither "." nor ".." nor anything hidden), within the limits.
 */
#define STORE_NAME_BYTES      1000 /* of a name; S3 has 1024 with its prefix */
#define STORE_COMPONENT_BYTES 200  /* of one component; leaves room for what a driver puts around it */
#define STORE_NAME_DEPTH      16   /* components */
bool store_name_is_valid(const char *name);

/*
 * Opens a store. With STORE_WRITE a directory is created where it is missing (0700); without, a missing one
 * is an empty store. A directory that others than its owner can write to is refused, and one that belongs to
 * somebody else than root or this user. NULL with ERR_STORE.
 */
struct store *store_open(const struct store_options *options, unsigned rights);
void store_close(struct store *store); /* NULL is allowed */
const char *store_name(const struct store *store);

/*
 * A stage that becomes the object `name` when it finishes: written where nobody sees it, fsync, put under its
 * name without replacing (an existing name is ERR_STORE "… exists already"), fsync of the directory. Parents
 * come as needed. NULL with ERR_STORE.
 */
struct stage *store_write(struct store *store, const char *name);

/*
 * A descriptor through which another thread can pread(2) an object that is being written (the stage from
 * store_write(), before its finish or after); how far it has been written is for the caller to know. The
 * caller closes it. -1, without an error, where this kind of store has no such thing.
 */
int store_follow(const struct store *store, const struct stage *object);

/* Writes a small object in one go. 0 or -1. */
int store_put(struct store *store, const char *name, const void *bytes, size_t len);

/*
 * Writes a small object in one go, in the place of one that may have the name already (STORE_WRITE): for the
 * few records that change after a backup stands. Whoever reads meanwhile sees the old one or the new one,
 * whole; so it is after -1, too.
 */
int store_replace(struct store *store, const char *name, const void *bytes, size_t len);

/* Results that are no failures. */
enum { STORE_MISSING = 1 };

/* Opens an object for reading. 0 with *input, STORE_MISSING, or -1 with ERR_STORE. */
int store_read(struct store *store, const char *name, struct input **input);

/* Appends a small object's bytes (at most limit; more is ERR_DAMAGED). 0, STORE_MISSING or -1. */
struct buf;
int store_get(struct store *store, const char *name, size_t limit, struct buf *buf);

/* All committed objects whose names begin with prefix ("" = all), sorted by name (byte order). */
struct store_entry {
	char *name;
	uint64_t bytes;
	char *tag; /* another one for other bytes: the ETag. NULL where a store has none */
};
struct store_list {
	struct store_entry *entries;
	size_t count, capacity;
};
int store_list(struct store *store, const char *prefix,
	struct store_list *list); /* list initialised to zeros; 0 or -1 */
void store_list_clear(struct store_list *list);

/* Removes an object (STORE_DELETE), and parents that became empty. 0, STORE_MISSING or -1. After -1 the
 * object is whole or gone. */
int store_remove(struct store *store, const char *name);

/*
 * Removes several objects (STORE_DELETE), with as few requests as the store allows, in any order; missing
 * ones are passed over. *removed is raised by how many. 0, or -1 after the first that could not be removed.
 */
int store_remove_all(struct store *store, const char *const *names, size_t count, size_t *removed);

/*
 * Removes what writes that never committed have left under prefix (STORE_DELETE or STORE_WRITE): hidden
 * partial files and empty directories; in S3, the parts of uploads that were never completed. The caller
 * holds the lock of the source that owns the prefix and writes nothing there at the moment. What a later
 * write of an awaited object would go on with is left (awaited NULL = nothing is). *removed is raised by how
 * many. 0 or -1.
 */
struct store_awaited {
	bool (*is)(const void *context, const char *name);
	const void *context;
};
int store_sweep(
	struct store *store, const char *prefix, const struct store_awaited *awaited, size_t *removed);

/* Free space in bytes; UINT64_MAX where there is no telling. 0 or -1. */
int store_free_bytes(struct store *store, uint64_t *bytes);

/*
 * What a store does by itself with what lies under prefix, as far as it says so: buckets have settings of
 * their own. habits is initialised here; where a kind of store has no such thing, or the keys may not ask, it
 * stays untold. 0, or -1 where nothing answers.
 */
enum store_habit { STORE_UNTOLD, STORE_DOES_NOT, STORE_DOES };
struct store_habits {
	enum store_habit versions;      /* keeps what is removed or replaced, as old versions, */
	enum store_habit ends_versions; /* which it removes after a time */
	enum store_habit ends_uploads;  /* removes the parts of uploads that were never completed */
	enum store_habit expires;       /* removes objects by their age, backups too */
};
int store_habits(struct store *store, const char *prefix, struct store_habits *habits);

/*
 * One writer a source: takes the lock of `source` (STORE_DELETE or STORE_WRITE), held until store_unlock() or
 * the process ends, however it ends. In S3 it is an object, SOURCE/lock, which a process that is killed
 * leaves behind: a later run on the same machine sees that its holder is gone, one on another machine takes
 * it over when it is a day old. doing says to others what it is held for: "backup". 0; STORE_BUSY when it is
 * held already, *holder then says for what, by whom and since when: "backup, pid 4711 on web1 since
 * 2026-11-22T03:00:00Z" (caller frees; holder may be NULL); -1.
 */
enum { STORE_BUSY = 2 };
struct store_lock;
int store_lock(
	struct store *store, const char *source, const char *doing, struct store_lock **lock, char **holder);
void store_unlock(struct store_lock *lock); /* NULL is allowed */

/*
 * Holds a backup's folder, "SOURCE/ID": together with others who read it, or alone, to remove it. 0 with
 * *hold, to be given to store_unlock(); it ends with the process, too. STORE_MISSING; STORE_BUSY when it is
 * held alone by another, or is to be held alone and others read; or -1. Where the kind of store or the file
 * system knows no holding *hold is NULL, and 0: a reader there must live with an object that goes away.
 */
int store_hold(struct store *store, const char *folder, bool alone, struct store_lock **hold);

#endif
