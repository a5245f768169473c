/*
 * What the program does: one recipe a command. A recipe takes a request, builds its chains, and fills in a
 * report. It knows nothing of argv and prints nothing (but the log and progress); cli/ turns words into
 * requests and reports into text or JSON.
 *
 * Every op_ function returns 0, or -1 with the error set; the report is initialised by it and cleared by the
 * caller in both cases (it holds what is known so far).
 */
#ifndef INCANT_OP_H
#define INCANT_OP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "incant/contents.h"
#include "incant/error.h"
#include "incant/manifest.h"
#include "incant/restore.h"
#include "incant/settings.h"

/* Which backup. `which` NULL and no date: the newest. */
struct op_which {
	const char *which; /* id, unique prefix, "latest", or NULL */
	bool has_at;
	int64_t at;        /* newest whole backup at or before this second */
	const char *store; /* look in this store only; NULL = all, first one first */
};

/* A backup as people and programs see it: its manifest, and the stores that have it. */
struct op_backup {
	struct manifest manifest;
	char **stores;
	size_t store_count, store_capacity;
};
void op_backup_clear(struct op_backup *backup);

/* backup */
struct op_backup_request {
	const char *label; /* NULL = none */
	bool dry_run;      /* look and check, write nothing */
};
struct op_store_outcome {
	char *name;
	bool ok;
	struct error error; /* when not ok */
};
struct op_backup_report {
	bool made;               /* a backup stands */
	struct op_backup backup; /* valid when made */
	uint64_t dump_ms, total_ms;
	struct op_store_outcome *outcomes;
	size_t outcome_count, outcome_capacity;
	char *source_description; /* for --dry-run: what would be dumped, server and dumper version, expected
				     size */
	char *server_version, *dumper_version;
	uint64_t expected_bytes; /* of the dump: from the last backup, else 0 */
	uint64_t free_bytes;     /* of the first store */
};
int op_backup_run(const struct settings *settings, const struct op_backup_request *request,
	struct op_backup_report *report);
void op_backup_report_clear(struct op_backup_report *report);

/* list */
struct op_list_request {
	const char *store;  /* NULL = all */
	const char *source; /* NULL = the settings' own */
	bool all_sources;
};
struct op_list_report {
	struct op_backup *backups; /* newest first */
	size_t count, capacity;
};
int op_list_run(const struct settings *settings, const struct op_list_request *request,
	struct op_list_report *report);
void op_list_report_clear(struct op_list_report *report);

/* show: one backup and its contents */
struct op_show_report {
	struct op_backup backup;
	struct contents contents; /* filled in when with_contents */
};
int op_show_run(const struct settings *settings, const struct op_which *which, bool with_contents,
	struct op_show_report *report);
void op_show_report_clear(struct op_show_report *report);

/* cat: the dump or a part of it to a descriptor, byte for byte */
struct op_cat_request {
	struct op_which which;
	const char *database; /* NULL = the whole dump */
	const char *table; /* needs database unless the backup has one only; the COPY block of that table */
	bool globals;
	int fd;
};
struct op_cat_report {
	uint64_t plain_bytes; /* written */
	uint64_t read_bytes;  /* read from the store */
};
int op_cat_run(
	const struct settings *settings, const struct op_cat_request *request, struct op_cat_report *report);

/* verify: reads it all back. Findings are gathered, not stopped at; with any, -1 and ERR_DAMAGED after all
 * was read. */
struct op_verify_request {
	struct op_which which;
	bool all;
};
struct op_finding {
	char *object;    /* "cluster.sql.zst" */
	uint64_t offset; /* stored_off where it begins */
	char *problem;
};
struct op_verified {
	char *id, *store;
	struct op_finding *findings;
	size_t finding_count, finding_capacity;
	uint64_t read_bytes;
};
struct op_verify_report {
	struct op_verified *backups;
	size_t count, capacity;
};
int op_verify_run(const struct settings *settings, const struct op_verify_request *request,
	struct op_verify_report *report);
void op_verify_report_clear(struct op_verify_report *report);

/* restore --to CONNINFO */
struct op_restore_request {
	struct op_which which;
	const char *conninfo;
	const char *const *databases;
	size_t database_count;
	bool dry_run;
};
struct op_restored {
	char *name;
	char *restored_as; /* NULL until it is restored whole; in a dry run what it would be called */
	uint64_t tables, rows, plain_bytes;
	char *obstacle; /* dry run: why not; NULL = nothing in the way */
};
struct op_restore_report {
	struct op_backup backup;
	struct op_restored *databases;
	size_t count, capacity;
	char *target;
	char *dropped; /* databases that were half restored and dropped again; NULL = none */
	uint64_t total_ms, read_bytes;
	size_t roles_created, roles_left;
};
int op_restore_run(const struct settings *settings, const struct op_restore_request *request,
	struct op_restore_report *report);
void op_restore_report_clear(struct op_restore_report *report);

#endif
