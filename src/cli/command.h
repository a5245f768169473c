/*
 * Commands: what the user can say, and what is done then. A command is a row of the table in command.c; its
 * operations stand in cmd_NAME.c. check() reads the words, before anything is touched; run() asks a recipe of
 * op/ and gets a report; put_json() or put_text() shows the report. A report that nothing was written to is
 * all zeros, and put_json() shows that, too: a failed command's object has every member.
 */
#ifndef INCANT_CLI_COMMAND_H
#define INCANT_CLI_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "incant/buf.h"
#include "incant/error.h"
#include "incant/json.h"
#include "incant/op_backup.h"
#include "incant/op_cat.h"
#include "incant/op_diff.h"
#include "incant/op_doctor.h"
#include "incant/op_guard.h"
#include "incant/op_init.h"
#include "incant/op_keygen.h"
#include "incant/op_list.h"
#include "incant/op_pin.h"
#include "incant/op_prove.h"
#include "incant/op_prune.h"
#include "incant/op_push.h"
#include "incant/op_report.h"
#include "incant/op_restore.h"
#include "incant/op_restore_files.h"
#include "incant/op_scratch.h"
#include "incant/op_show.h"
#include "incant/op_snapshot.h"
#include "incant/op_status.h"
#include "incant/op_verify.h"
#include "incant/settings.h"
#include "option.h"

/* All that can be said, whatever the command. Texts are borrowed from argv; NULL = not said. */
struct words {
	const char *config;
	bool json, quiet, verbose, help, version;
	const char *operand;             /* WHICH, or help's COMMAND */
	const char *second_operand;      /* of a command that takes two */
	const char *const *command_line; /* what stands behind "--", of a command that takes it; NULL-ended */

	const char *at, *store; /* which backup */
	const char *label;
	const char *pin, *until, *reason; /* "" for --pin alone */
	const char *wait, *accept;
	const char *source;
	const char *database, *table;
	struct option_texts chosen_tables;
	struct option_texts databases;
	const char *to, *yes_i_mean;
	bool in_place, no_safety_backup, undo, swap, finalize;
	const char *output;
	const char *files, *file, *into;
	struct option_texts paths;
	bool nagios;
	const char *scratch; /* which kind of scratch server */
	bool restore, keep, verify;
	const char *jobs;
	bool all, all_sources, dry_run, globals, tables, no_push, no_prune;
	const char *compose_file;
	const char *completion; /* help's, for a shell */
	bool keep_going;
	bool list, settings_list; /* help's, for the check of the manual */

	const char *on_failure;
	bool snapshot;

	/* Made of them by check(). */
	struct op_which which;
	enum settings_scratch_kind scratch_kind;
	char *split_database; /* of cat's D.S.T */
	int64_t until_at;     /* of --until or --pin; 0 = for ever */
	int guard_failure;    /* enum op_guard_failure */
	uint64_t wait_ms;
	char *joined;       /* help's COMMAND of two words */
	unsigned job_count; /* of --jobs; 0 = not said */
};

void words_clear(struct words *words);

/* Reads WHICH, --at and --store into words->which. 0, or -1 with ERR_USAGE. */
int words_read_which(struct words *words);

/* Reads a moment to come, of that option: a date, or a duration from now; NULL and "" are for ever, 0. 0, or
 * -1 with ERR_USAGE. */
int words_read_until(const char *option, const char *text, int64_t *at);

/* Reads --wait into words->wait_ms. 0, or -1 with ERR_USAGE. */
int words_read_wait(struct words *words);

/* Whether a note (what = "label") is one line that can be shown, or NULL. 0, or -1 with ERR_USAGE. */
int words_check_line(const char *what, const char *text);

/* What run() found out, whole or in part. All zeros before it has run. */
struct report {
	bool done;                                    /* run() returned 0 */
	struct op_restore_files_report restore_files; /* of restore --files */
	union {
		struct {
			struct op_backup_report backup;
			struct op_prove_report backup_proof; /* of backup --verify */
		};
		struct op_diff_report diff;
		struct op_scratch_report scratch;
		struct op_keygen_report keygen;
		struct op_doctor_report doctor;
		struct op_init_report init;
		struct op_list_report list;
		struct op_pin_report pin;
		struct op_push_report push;
		struct op_prune_report prune;
		struct op_show_report show;
		struct op_status_report status;
		struct {
			struct op_verify_report verify;
			struct op_prove_report prove; /* of verify --restore */
		};
		struct op_report page;
		struct op_restore_report restore;
		struct op_snapshot_report snapshot;
		struct op_guard_report guard;
		struct buf help;
	};
};

struct command_ops {
	int (*check)(struct words *words); /* 0, or -1 with ERR_USAGE. NULL = all is well */
	/* settings is NULL for a command that needs none. 0 or -1. */
	int (*run)(const struct settings *settings, const struct words *words, struct report *report);
	/* Also after a failure: shows what is known. NULL = the output is not a report. */
	void (*put_json)(const struct words *words, const struct report *report, struct json *to);
	void (*put_text)(const struct words *words, const struct report *report, struct buf *text);
	/* The backup that was made, when a run is to be told of to others ([notify]). NULL = it is not. */
	const struct op_backup *(*made)(const struct report *report);
	/* Another exit code than the error's class, where another program's conventions ask for it. NULL =
	 * no. */
	int (*exit_code)(const struct words *words, const struct error *error, int exit_code);
	void (*clear)(struct report *report); /* also of a report of zeros; NULL = nothing to free */
};

struct command {
	const char *name; /* one word, or two: "snapshot create" is one of the group "snapshot" */
	/* What help calls it: "WHICH"; NULL = takes none; "-- COMMAND" = all that stands behind "--". */
	const char *operand;
	bool needs_settings;
	const char *summary;     /* NULL = not shown */
	const char *description; /* help's paragraphs; NULL = the summary says it all */
	const struct option_row *options;
	const struct command_ops *ops;
};

/* The table; ends with name NULL. */
extern const struct command command_rows[];

/* What stands before and behind any command. */
extern const struct option_row command_global_options[];

/* Whether a word is the first of commands of two words. */
bool command_is_group(const char *word);

/* The error of a group's word without the second one. Always -1. */
int command_refuse_group(const char *word);

/* By name. NULL with ERR_USAGE and the nearest one as the hint. */
const struct command *command_find(const char *name);

extern const struct command_ops cmd_backup_ops, cmd_list_ops, cmd_show_ops, cmd_cat_ops, cmd_status_ops,
	cmd_verify_ops, cmd_restore_ops, cmd_pin_ops, cmd_unpin_ops, cmd_snapshot_create_ops,
	cmd_snapshot_list_ops, cmd_snapshot_prune_ops, cmd_keygen_ops, help_ops, help_version_ops;
extern const struct command_ops cmd_push_ops;
extern const struct command_ops cmd_diff_ops, cmd_scratch_list_ops, cmd_scratch_end_ops;
extern const struct command_ops cmd_backup_ops;
extern const struct command_ops cmd_cat_ops;
extern const struct command_ops cmd_diff_ops;
extern const struct command_ops cmd_doctor_ops;
extern const struct command_ops cmd_guard_ops;
extern const struct command_ops cmd_init_ops;
extern const struct command_ops cmd_keygen_ops;
extern const struct command_ops cmd_list_ops;
extern const struct command_ops cmd_pin_ops;
extern const struct command_ops cmd_prune_ops;
extern const struct command_ops cmd_push_ops;
extern const struct command_ops cmd_report_ops;
extern const struct command_ops cmd_restore_ops;
extern const struct command_ops cmd_scratch_end_ops;
extern const struct command_ops cmd_scratch_list_ops;
extern const struct command_ops cmd_show_ops;
extern const struct command_ops cmd_snapshot_create_ops;
extern const struct command_ops cmd_snapshot_list_ops;
extern const struct command_ops cmd_snapshot_prune_ops;
extern const struct command_ops cmd_unpin_ops;
extern const struct command_ops cmd_verify_ops;
extern const struct command_ops help_ops;
extern const struct command_ops help_version_ops;

#endif
