/*
 * The settings file: INI, read strictly (incant-backup.conf(5)). A section or key that is not known is
 * ERR_SETTINGS naming file, line and the nearest known word; so is a value that does not parse, a key given
 * twice, a required one that is missing. Secrets are never in it.
 */
#ifndef INCANT_SETTINGS_H
#define INCANT_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "incant/frame.h"
#include "incant/retention.h"
#include "incant/store.h"

#define SETTINGS_DEFAULT_PATH "/etc/incant-backup/incant-backup.conf"
#define SETTINGS_ENVIRONMENT  "INCANT_BACKUP_CONFIG"

enum settings_source_kind { SETTINGS_DOCKER, SETTINGS_POSTGRES };

struct settings_source {
	char *name; /* letters, digits, '.', '_', '-'; begins with a letter or digit */
	enum settings_source_kind kind;
	char *compose_project, *compose_service; /* docker: both, or container */
	char *container;
	char *user; /* docker: role inside the container; NULL = POSTGRES_USER of env_file, then "postgres" */
	char *docker_socket; /* default /var/run/docker.sock */
	char *env_file;
	char *conninfo;  /* postgres: libpq's words; "password" in it is refused */
	char *pg_bindir; /* NULL = PATH */
};

struct settings_dump {
	enum frame_codec codec;
	int level;
	uint32_t frame_bytes;
	unsigned workers;         /* default: online processors, at most 4 */
	bool verify_frames;       /* decode every frame again before it is stored (default yes) */
	uint64_t lock_timeout_ms; /* default 60 s; 0 = wait for ever */
	uint64_t time_limit_ms;   /* default 6 h; 0 = none */
	unsigned max_shrink;      /* percent of rows or bytes that may be gone; default 30; 100 = any */
	char *may_shrink;         /* patterns of D.S.T with blanks between; NULL = none */
};

/* Words of a value, or of several under one key. */
struct settings_texts {
	char **items;
	size_t count, capacity;
};

struct settings_store {
	char *name;
	enum store_kind kind;
	char *path;                   /* directory */
	struct retention_policy keep; /* of [keep NAME], [keep] and the defaults, put together */

	/* S3: see store.h */
	char *endpoint, *region, *bucket, *prefix, *credentials, *ca_file;
	bool host_style;
	uint64_t rate_limit_bytes; /* a second; 0 = none */
	uint64_t patience_ms;      /* default two minutes */

	/* Recipients (age1…), and absolute paths of files of them. None: the store is not encrypted. */
	struct settings_texts encrypt_to;
};

struct settings_identity {
	char *file;            /* NULL = there is none */
	char *passphrase_file; /* NULL = environment, systemd's credential, terminal */
};

/* The droplet that this machine is, for snapshots. */
struct settings_droplet {
	char *id;         /* digits; NULL = the metadata service tells */
	char *token_file; /* NULL = the environment has the token */
	char *api;
	unsigned keep;          /* snapshots of this source, at least 1 */
	uint64_t time_limit_ms; /* for making one; default 2 h */
};

/* Words of a value: items[count] is NULL, so that they are an argument vector. items is NULL for none. */
struct settings_words {
	char **items;
	size_t count;
};

/* Whether files may go into a store that is not encrypted. Without a word a single file is secret (an env
 * file, a Compose file), a folder is not. */
enum settings_secret { SETTINGS_SECRET_DEFAULT, SETTINGS_SECRET_YES, SETTINGS_SECRET_NO };

struct settings_files {
	char *name; /* as that of a source, without dots */
	char *path; /* a folder or a file */
	struct settings_words excludes;
	bool one_file_system; /* default yes */
	enum settings_secret secret;
	struct settings_words before, after; /* commands, around dump and files */
	uint64_t command_limit_ms;           /* of each command; default 60 s; 0 = none */
};

enum settings_scratch_kind {
	SETTINGS_SCRATCH_DEFAULT, /* docker for a source in a container, cluster for any other */
	SETTINGS_SCRATCH_DOCKER,
	SETTINGS_SCRATCH_CLUSTER
};

struct settings_scratch {
	enum settings_scratch_kind kind;
	char *image;           /* NULL = the source container's own */
	uint64_t memory_bytes; /* default 512 MiB */
	char *pg_bindir;       /* NULL = that of [source], then where the major version's programs are */
	char *directory;       /* for private folders; default /var/tmp */
	char *preload;         /* shared_preload_libraries; NULL = none */
	bool after_backup;     /* every backup is proven right after it was made */
};

/* One section of rules, as it stands in the file. */
struct settings_keep {
	char *store; /* NULL = [keep], for all */
	struct retention_policy rules;
};

struct settings_status {
	uint64_t max_age_ms;       /* of the newest backup; default 26 h; 0 = any */
	uint64_t max_proof_age_ms; /* of the newest proof; 0 = none is asked for */
};

struct settings_notify {
	char *ping, *webhook; /* addresses */
	struct settings_words command;
	char *metrics;          /* a file in Prometheus's text format */
	uint64_t time_limit_ms; /* of each; default 30 s; 0 = none */
};

struct settings {
	char *path;                     /* of the file */
	struct settings_texts included; /* paths of the files that it includes */
	struct settings_source source;
	struct settings_dump dump;
	struct settings_droplet droplet;
	struct settings_scratch scratch;
	struct settings_store *stores; /* at least one */
	size_t store_count, store_capacity;
	struct settings_files *files;
	size_t files_count, files_capacity;
	struct settings_identity identity;
	struct settings_keep *keeps;
	size_t keep_count, keep_capacity;
	struct settings_status status;
	struct settings_notify notify;
};

/* The file to read: `given` if not NULL, then $INCANT_BACKUP_CONFIG, then the default. Borrowed. */
const char *settings_path(const char *given);

/* NULL with ERR_SETTINGS. */
struct settings *settings_load(const char *path);
/* From memory, which includes no file; name stands for the file in errors. For tests and fuzzing. */
struct settings *settings_parse(const char *text, size_t len, const char *name);
void settings_free(struct settings *settings); /* NULL is allowed */

/* The store of that name; NULL name = the first. NULL with ERR_SETTINGS naming those that there are. */
const struct settings_store *settings_find_store(const struct settings *settings, const char *name);

/* Whether a text can be the name of a source or a store: letters, digits, '.', '_' and '-', at most 40, a
 * letter or digit first. */
bool settings_name_is_valid(const char *name);

/* Appends what is known, a line each, for the check of the manual: "include", "[store NAME]", "[store NAME]
 * path". */
struct buf;
void settings_write_list(struct buf *buf);

/*
 * A value from an env file (KEY=value lines, '#' comments, optional "export ", single or double quotes as
 * Docker Compose reads them). 0 with *value (caller frees; may hold a secret), SETTINGS_NO_VALUE (also for an
 * empty one, as the PostgreSQL image takes it), or -1 with ERR_SETTINGS (file missing, or others can read it;
 * the value puts in other variables).
 */
enum { SETTINGS_NO_VALUE = 1 };
int settings_env_value(const char *env_file, const char *key, char **value);

#endif
