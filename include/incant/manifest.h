/*
 * The manifest: the record of one backup in one store, and its commit. It is written last; objects that no
 * manifest names are rubbish. incant-backup-format(7) has the form.
 *
 * manifest.json is one JSON object in many lines and ends with these two, each with its newline:
 *
 *       "sha256": "64 hex digits, lower case"
 *     }
 *
 * The digest is over all bytes before the line that holds it, that line's predecessor's newline included. So
 * a flipped bit in the manifest is found like one in any object, and a person can check it:
 *
 *     head -n -2 manifest.json | sha256sum; tail -n 2 manifest.json
 *
 * These two lines stay as they are in every later format: a reader checks them before it looks at "format".
 */
#ifndef INCANT_MANIFEST_H
#define INCANT_MANIFEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "incant/buf.h"
#include "incant/digest.h"

#define MANIFEST_FORMAT        1
#define MANIFEST_NAME          "manifest.json"
#define MANIFEST_SUMS_NAME     "SHA256SUMS"
#define MANIFEST_CONTENTS_STEM "contents.json" /* and the codec's suffix */
#define MANIFEST_CLUSTER_STEM  "cluster.sql"
#define MANIFEST_FILES_PREFIX  "files-" /* NAME.tar, NAME.json, and the codec's suffix */
#define MANIFEST_LIMIT_BYTES   (1u << 20)

struct manifest_object {
	char *name;     /* within the backup: "cluster.sql.zst" */
	uint64_t bytes; /* as stored */
	char sha256[DIGEST_SHA256_HEX];
};

/* A section of application files: a tar and its record. */
struct manifest_files {
	char *name;                    /* of the section in the settings */
	uint64_t entries, bytes;       /* of the tar; of their data */
	uint64_t plain_bytes;          /* of the tar itself */
	struct digest128 plain_xxh128; /* of the tar */
	uint64_t notes, unread;        /* what is not in it as it was on disk; what could not be read */
	char *missing;                 /* why this backup does not have it; NULL = it is there */
};

struct manifest {
	unsigned format;
	char *id;
	char *source;
	char *label;     /* NULL = none */
	char *host;      /* where it was made */
	char *program;   /* "incant-backup 0.1.0" */
	int64_t created; /* start, seconds UTC */
	int64_t finished;
	char *server_version;       /* "15.18 (Debian …)" as the server says it */
	uint64_t system_identifier; /* of the cluster (pg_control_system()); 0 = not known */
	char *superuser;            /* its first role, which initdb made; NULL = not known */
	uint64_t database_bytes;    /* what its databases took on disk; 0 = not known */
	char *codec;                /* "zstd" */
	int level;
	uint64_t plain_bytes;
	struct digest128 plain_xxh128; /* of the dump */
	uint64_t dump_ms, total_ms;
	uint64_t databases, tables, rows;
	bool no_totals; /* the three are not in it, since the objects are encrypted: they are 0 */
	struct manifest_object
		*objects; /* all but the manifest: cluster, files, contents, SHA256SUMS, in this order */
	size_t object_count, object_capacity;
	struct manifest_files *files; /* sections of application files */
	size_t files_count, files_capacity;
};

void manifest_init(struct manifest *manifest);
void manifest_clear(struct manifest *manifest);

/* A deep copy into an initialised, empty manifest. */
void manifest_copy(struct manifest *to, const struct manifest *from);

void manifest_add_object(struct manifest *manifest, const char *name, uint64_t bytes, const char *sha256);

/* Gives one of a manifest's objects another name, size and digest, as another store has it. */
void manifest_set_object(
	struct manifest_object *object, const char *name, uint64_t bytes, const char *sha256);

const struct manifest_object *manifest_find_object(
	const struct manifest *manifest, const char *name); /* or NULL */

/* The object whose name is stem and suffixes (MANIFEST_CLUSTER_STEM: "cluster.sql.zst" or ".gz"), or NULL. */
const struct manifest_object *manifest_find_stem(const struct manifest *manifest, const char *stem);

/* Adds a section, whose texts are copied. */
void manifest_add_files(struct manifest *manifest, const struct manifest_files *files);
const struct manifest_files *manifest_find_files(
	const struct manifest *manifest, const char *name); /* or NULL */

/* What its databases took on disk; where that is not recorded, a guess by the dump, indexes included. */
uint64_t manifest_database_bytes(const struct manifest *manifest);

/* All objects' bytes. */
uint64_t manifest_stored_bytes(const struct manifest *manifest);

/*
 * Appends manifest.json, final digest included. Text that is not UTF-8 is written with U+FFFD in it. 0, or -1
 * with ERR_INTERNAL and nothing appended: manifest_read() would refuse it (a text other than the label is
 * NULL, an object's name or digest is odd, it is too long).
 */
int manifest_write(const struct manifest *manifest, struct buf *buf);

/*
 * Reads manifest.json into an initialised manifest. what names it in errors. A newer format is ERR_DAMAGED
 * "… has format 7, this program reads up to 1" with a hint; so is a wrong digest ("… does not match its own
 * SHA-256"), a missing or odd field, an object name that is no single component of store_name_is_valid() or
 * comes twice. Members that this program does not know are passed over: there may be more in later versions
 * of the same format. 0, or -1: the manifest is empty then.
 */
int manifest_read(const char *text, size_t len, const char *what, struct manifest *manifest);

/* The text of SHA256SUMS for the objects so far: "HEX  NAME\n" a line, in order, SHA256SUMS itself left out.
 * Appends. */
void manifest_write_sums(const struct manifest *manifest, struct buf *buf);

#endif
