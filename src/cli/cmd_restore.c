/* restore: what came back as what; or the plan, and what stands against it. */
#include "config.h"

#include "incant/error.h"
#include "incant/text.h"

#include "cmd_files.h"
#include "cmd_prove.h"
#include "cmd_restore.h"
#include "confirm.h"
#include "output_json.h"

static int
read_jobs(struct words *words)
{
	uint64_t jobs = 0;

	if (words->jobs == NULL)
		return 0;
	if (text_parse_u64(words->jobs, &jobs) != 0 || jobs < 1 || jobs > OP_RESTORE_MAX_JOBS)
		return error_set(ERR_USAGE, "--jobs is a number from 1 to %d, not '%s'", OP_RESTORE_MAX_JOBS,
			words->jobs);
	words->job_count = (unsigned)jobs;
	return 0;
}

/* undo, swap and finalize work with what is on the server. */
static int
restore_check(struct words *words)
{
	int ways = words->in_place + words->undo + words->swap + words->finalize;
	bool kept = words->undo || words->finalize;

	if (ways > 1)
		return error_set(ERR_USAGE, "--in-place, --undo, --swap and --finalize exclude one another");
	if (words->files != NULL && ways > 0)
		return error_set(ERR_USAGE, "--in-place, --undo, --swap and --finalize are for databases");
	if (words->files != NULL)
		return cmd_restore_files_check(words);
	if (words->into != NULL || words->paths.count > 0)
		return error_set(ERR_USAGE, "--into and --file are for --files");
	if ((kept && words->operand != NULL) || ((kept || words->swap) && words->at != NULL))
		return error_set(ERR_USAGE, "%s restores no backup: it takes none",
			words->undo   ? "--undo"
			: words->swap ? "--swap"
				      : "--finalize");
	if (words->scratch != NULL && !text_equal(words->to, "scratch"))
		return error_set(ERR_USAGE, "--scratch goes with --to scratch");
	if (ways > 0 && text_equal(words->to, "scratch"))
		return error_set(ERR_USAGE, "a scratch server has no live databases to replace");
	if (words->dry_run && text_equal(words->to, "scratch"))
		return error_set(
			ERR_USAGE, "a scratch server is new and empty: --dry-run has nothing to show");
	if (ways > 0 && (words->globals || words->keep_going))
		return error_set(
			ERR_USAGE, "what is live is replaced whole, without --globals and --keep-going");
	if (ways > 0 && !words->in_place && words->chosen_tables.count > 0)
		return error_set(ERR_USAGE, "--table goes with a restore");
	if (words->globals && words->chosen_tables.count > 0)
		return error_set(ERR_USAGE, "--globals excludes --table");
	if (read_jobs(words) != 0)
		return -1;
	if (cmd_prove_read_kind(words) != 0)
		return -1;
	return words_read_which(words);
}

/* What the user is asked about; NULL where nothing live is going to be changed. */
static const char *
restore_danger(const struct words *words)
{
	if (words->dry_run)
		return NULL;
	if (words->in_place && words->chosen_tables.count > 0)
		return "This replaces all rows of live tables by those of a backup.";
	if (words->in_place)
		return "This replaces live databases by those of a backup.";
	if (words->undo)
		return "This puts back the databases that the newest restore in place has replaced.";
	if (words->swap)
		return "This replaces live databases by those that were restored beside them.";
	return words->finalize ? "This drops the databases that restores in place have replaced." : NULL;
}

static int
restore_run(const struct settings *settings, const struct words *words, struct report *report)
{
	const struct op_restore_request request = {
		.which = words->which,
		.conninfo = words->to,
		.databases = words->databases.items,
		.database_count = words->databases.count,
		.tables = words->chosen_tables.items,
		.table_count = words->chosen_tables.count,
		.globals = words->globals,
		.jobs = words->job_count,
		.keep_going = words->keep_going,
		.dry_run = words->dry_run,
		.in_place = words->in_place,
		.no_safety_backup = words->no_safety_backup,
		.undo = words->undo,
		.swap = words->swap,
		.finalize = words->finalize,
	};
	const char *danger = restore_danger(words);

	if (words->files != NULL)
		return cmd_restore_files_run(settings, words, report);
	if (text_equal(words->to, "scratch"))
		return op_scratch_restore(settings, &request, words->scratch_kind, &report->restore);
	if (danger != NULL && confirm_source(words, settings->source.name, danger) != 0)
		return -1;
	return op_restore_run(settings, &request, &report->restore);
}

static struct json *
databases_to_json(const struct op_restore_report *restore)
{
	struct json *databases = json_new_array();

	for (size_t i = 0; i < restore->count; i++) {
		const struct op_restored *restored = &restore->databases[i];
		struct json *database = json_new_object();
		json_put_text(database, "name", restored->name);
		json_put_text(database, "restored_as", restored->restored_as);
		json_put_text(database, "kept_as", restored->kept_as);
		json_put_u64(database, "rows", restored->rows);
		json_put_u64(database, "tables", restored->tables);
		json_put_u64(database, "plain_bytes", restored->plain_bytes);
		json_put_text(database, "obstacle", restored->obstacle);
		json_put(databases, NULL, database);
	}
	return databases;
}

static struct json *
failures_to_json(const struct op_restore_report *restore)
{
	struct json *failures = json_new_array();

	for (size_t i = 0; i < restore->failure_count; i++) {
		const struct op_restore_failure *failed = &restore->failures[i];
		struct json *failure = json_new_object();
		json_put_text(failure, "database", failed->database);
		json_put_u64(failure, "offset", failed->plain_off);
		json_put_text(failure, "sqlstate", failed->sqlstate);
		json_put_text(failure, "message", failed->message);
		json_put_text(failure, "hint", failed->hint);
		json_put(failures, NULL, failure);
	}
	return failures;
}

static void
put_forecast(const struct op_restore_forecast *forecast, struct json *to)
{
	struct json *object = json_new_object();

	if (forecast->restore_ms != 0)
		output_json_seconds(object, "seconds", forecast->restore_ms);
	else
		json_put(object, "seconds", NULL);
	json_put_text(object, "by_proof_of", forecast->proven);
	json_put_u64(object, "needed_bytes", forecast->needed_bytes);
	output_json_known_bytes(object, "free_bytes", forecast->free_bytes);
	json_put_text(object, "folder", forecast->folder);
	json_put(to, "forecast", object);
}

static void
restore_put_json(const struct words *words, const struct report *report, struct json *to)
{
	const struct op_restore_report *restore = &report->restore;

	if (words->files != NULL) {
		cmd_restore_files_put_json(words, report, to);
		return;
	}
	json_put(to, "backup", output_json_backup(&restore->backup));
	json_put(to, "databases", databases_to_json(restore));
	output_json_seconds(to, "seconds", restore->total_ms);
	json_put_u64(to, "read_bytes", restore->read_bytes);
	json_put_text(to, "target", restore->target);
	json_put_text(to, "dropped", restore->dropped);
	json_put(to, "failures", failures_to_json(restore));
	json_put_u64(to, "roles_created", restore->roles_created);
	json_put_u64(to, "roles_left", restore->roles_left);
	json_put_bool(to, "beside", restore->beside);
	json_put_bool(to, "swapped", restore->swapped);
	json_put_text(to, "safety_backup", restore->safety);
	json_put_bool(to, "dry_run", words->dry_run);
	if (words->dry_run)
		put_forecast(&restore->forecast, to);
	if (restore->server != NULL) {
		json_put_text(to, "server", restore->server);
		json_put_text(to, "conninfo", restore->conninfo);
	}
}

static void
restore_clear(struct report *report)
{
	op_restore_report_clear(&report->restore);
	op_restore_files_report_clear(&report->restore_files);
}

const struct command_ops cmd_restore_ops = {
	.check = restore_check,
	.run = restore_run,
	.put_json = restore_put_json,
	.put_text = cmd_restore_put_text,
	.clear = restore_clear,
};
