/* The table of commands and their options: all that can be said. */
#include "config.h"

#include "command.h"

#include <string.h>

#include "incant/error.h"
#include "incant/text.h"

#define FIELD(name) offsetof(struct words, name)

const struct option_row command_global_options[] = {
	{ "config", OPTION_TEXT, FIELD(config), "FILE", "the settings file" },
	{ "json", OPTION_FLAG, FIELD(json), NULL, "print one JSON object, also of a failure" },
	{ "quiet", OPTION_FLAG, FIELD(quiet), NULL,
		"say nothing but warnings, errors and what was asked for" },
	{ "verbose", OPTION_FLAG, FIELD(verbose), NULL, "tell of every process, request and file" },
	{ "help", OPTION_FLAG, FIELD(help), NULL, "show what a command does and takes" },
	{ "version", OPTION_FLAG, FIELD(version), NULL, "show this program's version" },
	OPTION_ROWS_END,
};

/* Rows that several commands have. */
#define STORE_ROW                                                                     \
	{                                                                             \
		"store", OPTION_TEXT, FIELD(store), "NAME", "look in this store only" \
	}
#define AT_ROW                                                                  \
	{                                                                       \
		"at", OPTION_TEXT, FIELD(at), "DATE",                           \
			"the newest backup at or before DATE, instead of WHICH" \
	}

#define WAIT_ROW                                                               \
	{                                                                      \
		"wait", OPTION_TEXT, FIELD(wait), "TIME",                      \
			"wait that long for another run to end (default: not)" \
	}

#define SCRATCH_ROW                                                        \
	{                                                                  \
		"scratch", OPTION_TEXT, FIELD(scratch), "KIND",            \
			"docker or cluster, instead of the settings' kind" \
	}

static const struct option_row backup_options[] = {
	{ "label", OPTION_TEXT, FIELD(label), "TEXT", "a note that is kept with the backup" },
	{ "pin", OPTION_OPTIONAL, FIELD(pin), "UNTIL", "keep it out of rotation, for ever or until then" },
	{ "no-push", OPTION_FLAG, FIELD(no_push), NULL, "into the first store only" },
	{ "no-prune", OPTION_FLAG, FIELD(no_prune), NULL, "without rotation" },
	WAIT_ROW,
	{ "verify", OPTION_FLAG, FIELD(verify), NULL, "prove it right after, as verify --restore does" },
	{ "dry-run", OPTION_FLAG, FIELD(dry_run), NULL, "look at source and store, write nothing" },
	OPTION_ROWS_END,
};

static const struct option_row init_options[] = {
	{ "compose-file", OPTION_TEXT, FIELD(compose_file), "FILE",
		"the Compose file of the application that is meant" },
	{ "output", OPTION_TEXT, FIELD(output), "FILE", "write this file, not the usual one; - only shows" },
	OPTION_ROWS_END,
};

static const struct option_row list_options[] = {
	STORE_ROW,
	{ "source", OPTION_TEXT, FIELD(source), "NAME",
		"backups of this source (default: the settings' own)" },
	{ "all-sources", OPTION_FLAG, FIELD(all_sources), NULL, "backups of all sources" },
	OPTION_ROWS_END,
};

static const struct option_row show_options[] = {
	{ "tables", OPTION_FLAG, FIELD(tables), NULL, "every database and table, with rows and bytes" },
	{ "files", OPTION_TEXT, FIELD(files), "NAME", "everything in this section of application files" },
	AT_ROW,
	STORE_ROW,
	OPTION_ROWS_END,
};

static const struct option_row cat_options[] = {
	{ "database", OPTION_TEXT, FIELD(database), "D", "this database's part of the dump" },
	{ "table", OPTION_TEXT, FIELD(table), "S.T",
		"the data of this table (S.T with --database, or D.S.T)" },
	{ "globals", OPTION_FLAG, FIELD(globals), NULL, "roles, tablespaces and settings of the cluster" },
	{ "files", OPTION_TEXT, FIELD(files), "NAME", "the tar of this section of application files" },
	{ "file", OPTION_TEXT, FIELD(file), "PATH", "with --files: the data of this file" },
	AT_ROW,
	STORE_ROW,
	OPTION_ROWS_END,
};

static const struct option_row diff_options[] = {
	STORE_ROW,
	OPTION_ROWS_END,
};

static const struct option_row verify_options[] = {
	{ "restore", OPTION_FLAG, FIELD(restore), NULL,
		"restore into a scratch server and compare every row" },
	SCRATCH_ROW,
	{ "keep", OPTION_FLAG, FIELD(keep), NULL, "leave the scratch server up, and say how to connect" },
	{ "all", OPTION_FLAG, FIELD(all), NULL, "every backup of the source, in every store" },
	AT_ROW,
	STORE_ROW,
	OPTION_ROWS_END,
};

static const struct option_row push_options[] = {
	{ "all", OPTION_FLAG, FIELD(all), NULL, "every backup of the source" },
	AT_ROW,
	{ "store", OPTION_TEXT, FIELD(store), "NAME", "into this store only (default: into all)" },
	WAIT_ROW,
	OPTION_ROWS_END,
};

static const struct option_row report_options[] = {
	{ "output", OPTION_TEXT, FIELD(output), "FILE", "the page to write; one that is there is replaced" },
	STORE_ROW,
	OPTION_ROWS_END,
};

static const struct option_row restore_options[] = {
	{ "to", OPTION_TEXT, FIELD(to), "CONNINFO",
		"another server, in libpq's words; or source, or scratch" },
	{ "in-place", OPTION_FLAG, FIELD(in_place), NULL, "replace the live databases, which are kept" },
	{ "undo", OPTION_FLAG, FIELD(undo), NULL, "put back what the newest restore in place replaced" },
	{ "swap", OPTION_FLAG, FIELD(swap), NULL, "put what stands beside in place" },
	{ "finalize", OPTION_FLAG, FIELD(finalize), NULL, "drop the databases that were kept" },
	{ "yes-i-mean", OPTION_TEXT, FIELD(yes_i_mean), "NAME",
		"the source's name, where no terminal can ask" },
	{ "no-safety-backup", OPTION_FLAG, FIELD(no_safety_backup), NULL,
		"replace without a backup of what is live" },
	{ "database", OPTION_TEXTS, FIELD(databases), "D",
		"this database (any number; default: the whole cluster)" },
	{ "files", OPTION_TEXT, FIELD(files), "NAME",
		"this section of application files, instead of databases" },
	{ "into", OPTION_TEXT, FIELD(into), "FOLDER", "with --files: where to" },
	{ "file", OPTION_TEXTS, FIELD(paths), "PATH", "with --files: this file or folder (any number)" },
	{ "table", OPTION_TEXTS, FIELD(chosen_tables), "D.S.T",
		"of D the rows of this table only (any number)" },
	{ "globals", OPTION_FLAG, FIELD(globals), NULL, "roles, tablespaces and settings only" },
	{ "jobs", OPTION_TEXT, FIELD(jobs), "N", "use N connections (default: one a processor)" },
	{ "keep-going", OPTION_FLAG, FIELD(keep_going), NULL,
		"go on behind statements that fail, list them" },
	{ "dry-run", OPTION_FLAG, FIELD(dry_run), NULL, "show the plan and what stands against it" },
	SCRATCH_ROW,
	AT_ROW,
	STORE_ROW,
	OPTION_ROWS_END,
};

static const struct option_row prune_options[] = {
	STORE_ROW,
	{ "accept", OPTION_TEXT, FIELD(accept), "WHICH", "this suspect backup counts as good from now on" },
	WAIT_ROW,
	{ "dry-run", OPTION_FLAG, FIELD(dry_run), NULL, "show what would be dropped, remove nothing" },
	OPTION_ROWS_END,
};

static const struct option_row pin_options[] = {
	{ "until", OPTION_TEXT, FIELD(until), "WHEN", "a date, or 30d from now (default: for ever)" },
	{ "reason", OPTION_TEXT, FIELD(reason), "TEXT", "a note on what it is kept for" },
	AT_ROW,
	OPTION_ROWS_END,
};

static const struct option_row unpin_options[] = {
	AT_ROW,
	OPTION_ROWS_END,
};

static const struct option_row guard_options[] = {
	{ "snapshot", OPTION_FLAG, FIELD(snapshot), NULL, "a snapshot of the droplet before it, too" },
	{ "on-failure", OPTION_TEXT, FIELD(on_failure), "WAY",
		"when it fails: ask (default), restore or keep" },
	WAIT_ROW,
	OPTION_ROWS_END,
};

static const struct option_row snapshot_prune_options[] = {
	{ "dry-run", OPTION_FLAG, FIELD(dry_run), NULL, "show the verdicts, delete nothing" },
	OPTION_ROWS_END,
};

static const struct option_row no_options[] = { OPTION_ROWS_END };

static const struct option_row keygen_options[] = {
	{ "output", OPTION_TEXT, FIELD(output), "FILE", "write the identity into this new file (0600)" },
	OPTION_ROWS_END,
};

static const struct option_row status_options[] = {
	{ "nagios", OPTION_FLAG, FIELD(nagios), NULL, "one line, and exit codes, as Nagios takes them" },
	OPTION_ROWS_END,
};

static const struct option_row help_options[] = {
	{ "completion", OPTION_TEXT, FIELD(completion), "SHELL",
		"print the completion for bash, zsh or fish" },
	{ "list", OPTION_FLAG, FIELD(list), NULL, NULL },
	{ "settings-list", OPTION_FLAG, FIELD(settings_list), NULL, NULL },
	OPTION_ROWS_END,
};

#define ABOUT_WHICH                                                                       \
	"WHICH is a backup's id, the beginning of one that fits no other, or 'latest';\n" \
	"without it the newest backup is meant. DATE is 2026-11-22 (that day's end),\n"   \
	"'2026-11-22 14:30', RFC 3339 with its zone, yesterday, '3 days ago' or\n"        \
	"'2h ago'.\n"

const struct command command_rows[] = {
	{ "init", NULL, false, "look at this host and write settings for what runs on it",
		"Asks the Docker engine (at DOCKER_HOST, or its usual socket) for the one\n"
		"container that is a PostgreSQL server. Nothing is changed, and no file is\n"
		"written over.\n",
		init_options, &cmd_init_ops },
	{ "backup", NULL, true, "make a backup of the whole cluster",
		"Runs pg_dumpall, writes the dump into the first store; copies into the\n"
		"others follow it. A backup is listed when it is whole, and not before.\n",
		backup_options, &cmd_backup_ops },
	{ "list", NULL, true, "list the backups, newest first", NULL, list_options, &cmd_list_ops },
	{ "show", "WHICH", true, "show one backup", ABOUT_WHICH, show_options, &cmd_show_ops },
	{ "cat", "WHICH", true, "write the dump, or a part of it, to standard output",
		"The bytes are those that pg_dumpall wrote; only what is asked for is read.\n\n" ABOUT_WHICH,
		cat_options, &cmd_cat_ops },
	{ "verify", "WHICH", true, "read backups back and compare them with what was recorded",
		"Every damage that is found is named, and the rest is read nevertheless. With\n"
		"--restore the backup is restored into a scratch server, dumped again, and every\n"
		"row compared: the one proof that it is good for anything.\n\n" ABOUT_WHICH,
		verify_options, &cmd_verify_ops },
	{ "diff", "WHICH WHICH", true, "show what changed between two backups",
		"Databases, definitions, rows, sequences and large objects, whatever their\n"
		"order.\n"
		"One WHICH is compared with the newest backup; without any, the newest is\n"
		"compared with the one before it.\n\n" ABOUT_WHICH,
		diff_options, &cmd_diff_ops },
	{ "restore", "WHICH", true, "restore a backup, or some databases of it",
		"On the source's own server each database D comes back beside the live one, as\n"
		"D_incant_ID, and nothing live is touched. On another server it keeps its name,\n"
		"and must not exist there yet. Roles that exist are left as they are.\n"
		"A database that could not be restored whole is dropped again.\n\n" ABOUT_WHICH,
		restore_options, &cmd_restore_ops },
	{ "push", "WHICH", true, "copy a backup into the stores that lack it",
		"A copy that was begun goes on where it stopped. Backups that rotation has\n"
		"removed from a store are copied again by --all.\n\n" ABOUT_WHICH,
		push_options, &cmd_push_ops },
	{ "prune", NULL, true, "remove the backups that no rule of [keep] keeps",
		"Every verdict is shown with its reason. The newest good backup, the newest\n"
		"proven one and pinned ones are never dropped.\n",
		prune_options, &cmd_prune_ops },
	{ "pin", "WHICH", true, "keep a backup out of rotation",
		"The pin stands in every store that has the backup, and goes by unpin or when\n"
		"it ends.\n\n" ABOUT_WHICH,
		pin_options, &cmd_pin_ops },
	{ "unpin", "WHICH", true, "let rotation decide on a backup again", ABOUT_WHICH, unpin_options,
		&cmd_unpin_ops },
	{ "guard", "-- COMMAND", true, "run a command (a migration) behind a backup",
		"The backup is pinned, and the command is not run unless it stands. The command\n"
		"has the terminal, and its output is not touched; no other run makes a backup\n"
		"meanwhile. Afterwards is shown what it changed, by dumping once more.\n",
		guard_options, &cmd_guard_ops },
	{ "snapshot create", NULL, true, "make a snapshot of the droplet at DigitalOcean",
		"A snapshot is the whole disk as it would be after a power loss. It does not\n"
		"replace a backup, and attached volumes are not in it.\n",
		no_options, &cmd_snapshot_create_ops },
	{ "snapshot list", NULL, true, "list the droplet's snapshots, with sizes and cost", NULL, no_options,
		&cmd_snapshot_list_ops },
	{ "snapshot prune", NULL, true, "delete old snapshots that this program made",
		"The newest of them stay, as many as keep in [droplet] says. Others' snapshots\n"
		"are never touched.\n",
		snapshot_prune_options, &cmd_snapshot_prune_ops },
	{ "scratch list", NULL, true, "show the scratch servers that stay up", NULL, no_options,
		&cmd_scratch_list_ops },
	{ "scratch end", NULL, true, "end and remove the scratch servers that stay up",
		"What runs that died have left of theirs goes with them.\n", no_options,
		&cmd_scratch_end_ops },
	{ "keygen", NULL, false, "make an age identity, and print its recipient",
		"The recipient goes into encrypt-to of the settings; the identity opens what is\n"
		"encrypted to it, and is best kept away from the server. Without --output it is\n"
		"written to standard output.\n",
		keygen_options, &cmd_keygen_ops },
	{ "doctor", NULL, true, "look for what is not well, and say how to mend it",
		"Looks at the settings, the server, the stores, and at how exposed this host is.\n"
		"Nothing is changed but for a small object that is put into each store and\n"
		"removed.\n",
		no_options, &cmd_doctor_ops },
	{ "report", NULL, true, "write a page about all backups",
		"Calendar, sizes, rows and proofs, in one HTML file that needs nothing else.\n",
		report_options, &cmd_report_ops },
	{ "status", NULL, true, "tell whether all is well",
		"Looks at the newest backup and its age, the newest proof, the application\n"
		"files, every store, and the next run where systemd makes it. The exit status is\n"
		"11 when something is not well.\n",
		status_options, &cmd_status_ops },
	{ "help", "COMMAND", false, "show what there is, or what a command does and takes", NULL,
		help_options, &help_ops },
	{ "version", NULL, false, NULL, NULL, no_options, &help_version_ops },
	{ NULL, NULL, false, NULL, NULL, NULL, NULL },
};

bool
command_is_group(const char *word)
{
	size_t len = strlen(word);

	for (const struct command *command = command_rows; command->name != NULL; command++)
		if (strncmp(command->name, word, len) == 0 && command->name[len] == ' ')
			return true;
	return false;
}

int
command_refuse_group(const char *word)
{
	size_t len = strlen(word);
	struct buf words = BUF_EMPTY;

	for (const struct command *command = command_rows; command->name != NULL; command++)
		if (strncmp(command->name, word, len) == 0 && command->name[len] == ' ')
			buf_append_format(&words, "%s%s", words.len > 0 ? ", " : "", command->name + len + 1);
	error_set(ERR_USAGE, "%s needs a second word: %s", word, buf_text(&words));
	buf_clear(&words);
	return error_hint("`incant-backup help %s` tells more.", word);
}

const struct command *
command_find(const char *name)
{
	const char *names[sizeof(command_rows) / sizeof(command_rows[0])] = { NULL };
	size_t count = 0;

	for (const struct command *command = command_rows; command->name != NULL; command++) {
		if (strcmp(command->name, name) == 0)
			return command;
		if (command->summary != NULL)
			names[count++] = command->name;
	}
	error_set(ERR_USAGE, "unknown command '%s'", name);
	const char *nearest = text_nearest(name, names);
	if (nearest != NULL)
		error_hint("Did you mean '%s'?", nearest);
	else
		error_hint("`incant-backup help` lists the commands.");
	return NULL;
}
