/*
 * guard: lock, backup, snapshot, command, look, and where the command failed, the way back. The backup and
 * the snapshot come first and have to stand, or the command is not run.
 */
#include "config.h"

#include "op_guard_inside.h"

#include <stdlib.h>
#include <string.h>

#include "incant/error.h"
#include "incant/log.h"
#include "incant/mem.h"
#include "incant/op_list.h"
#include "incant/text.h"

enum { LABEL_BYTES = 200 };

/* Says how long what comes first took the last time. */
static void
tell_expected(const struct settings *settings)
{
	const struct op_list_request request = { .store = NULL };
	struct op_list_report list;
	char duration[24];

	if (op_list_run(settings, &request, &list) != 0)
		error_clear(); /* the backup itself will say what is wrong */
	else if (list.count == 0)
		log_info("backing up before the command; there is no earlier backup to tell how long it "
			 "takes");
	else
		log_info("backing up before the command; the last backup took %s",
			text_format_duration(duration, sizeof(duration), list.backups[0].manifest.total_ms));
	op_list_report_clear(&list);
}

/* The backup to go back to: labelled with the command, pinned, and not paid for with another one. */
static int
back_up(struct op_guard *guard)
{
	char *command = op_guard_show_command(guard->request->argv, LABEL_BYTES);
	char *reason = mem_format(OP_GUARD_REASON "%s", command);
	const struct op_backup_request request = {
		.label = command,
		.lock = guard->lock,
		.pin = true,
		.pin_reason = reason,
		.no_prune = true,
	};

	tell_expected(guard->settings);
	int rc = op_backup_run(guard->settings, &request, &guard->report->backup);
	if (rc != 0)
		error_add("the command was not run");
	else
		log_info("%s stands and is pinned", guard->report->backup.backup.manifest.id);
	free(reason);
	free(command);
	return rc;
}

static int
take_snapshot(struct op_guard *guard)
{
	const struct op_snapshot_request request = { .dry_run = false };
	int rc = op_snapshot_create(guard->settings, &request, &guard->report->snapshot);

	guard->report->snapped = rc == 0;
	return rc == 0 ? 0 : error_add("the command was not run");
}

static int
run_command(struct op_guard *guard)
{
	const struct op_guard_request *request = guard->request;
	char *command = op_guard_show_command(request->argv, LABEL_BYTES);
	int rc;

	log_info("running: %s", command);
	free(command);
	rc = foreground_run(request->argv, request->output_aside, &guard->report->end);
	guard->report->ran = rc == 0;
	return rc;
}

/* Whether to go back. 1, 0 or -1. */
static int
decide(const struct op_guard *guard)
{
	switch (guard->request->on_failure) {
	case OP_GUARD_RESTORE:
		return 1;
	case OP_GUARD_ASK:
		return guard->request->ask(guard->request->context, guard->report);
	case OP_GUARD_KEEP:
		break;
	}
	return 0;
}

static void
set_command_error(const struct op_guard_report *report)
{
	if (report->end.signal != 0)
		error_set(ERR_GUARD, "the command was ended by signal %d (%s)", report->end.signal,
			strsignal(report->end.signal));
	else
		error_set(ERR_GUARD, "the command exited with status %d", report->end.exit_code);
}

/* The command failed. Always -1: ERR_GUARD, or what else went wrong on the way back. */
static int
fail(struct op_guard *guard, bool compared)
{
	const char *id = guard->report->backup.backup.manifest.id;
	int choice;

	if (!compared) {
		log_warning("what the command changed is not known: %s", error_get()->message);
		error_clear();
	}
	choice = decide(guard);
	if (choice > 0 && op_guard_go_back(guard) != 0) {
		error_add("the command failed (exit status %d), and so did the way back",
			guard->report->end.exit_code);
		return error_hint(
			"Backup %s stands: `incant-backup restore %s --in-place` tries again.", id, id);
	}
	if (choice < 0) {
		log_warning("nothing was restored: %s", error_get()->message);
		error_clear();
	}
	set_command_error(guard->report);
	if (guard->report->went_back && guard->report->restore.count == 0)
		return error_hint("The roles that it dropped are there again; no database had changed.");
	if (guard->report->went_back)
		return error_hint(
			"The databases are as before it. `incant-backup restore --undo` brings back what "
			"it left.");
	if (guard->report->compared && guard->report->diff.count == 0)
		return error_hint("It changed nothing.");
	return error_hint("`incant-backup restore %s --in-place` goes back to before it.", id);
}

static int
guard_locked(struct op_guard *guard)
{
	const struct op_guard_request *request = guard->request;

	if (back_up(guard) != 0 || (request->snapshot && take_snapshot(guard) != 0))
		return -1;
	op_guard_end_old_pins(guard);
	if (run_command(guard) != 0)
		return -1;
	bool compared = op_guard_compare(guard) == 0;
	if (guard->report->end.exit_code != 0)
		return fail(guard, compared);
	if (compared)
		return 0;
	return error_add("the command ended well, and the cluster cannot be dumped after it");
}

int
op_guard_run(const struct settings *settings, const struct op_guard_request *request,
	struct op_guard_report *report)
{
	struct op_guard guard = { .settings = settings, .request = request, .report = report };
	int rc;

	*report = (struct op_guard_report){ .ran = false };
	manifest_init(&report->backup.backup.manifest);
	contents_init(&report->before);
	contents_init(&report->after);
	scan_diff_init(&report->diff);
	rc = foreground_check(request->argv[0]);
	if (rc == 0)
		rc = op_lock_take(settings, "guard", request->wait_ms, &guard.lock);
	if (rc == 0)
		rc = guard_locked(&guard);
	op_lock_release(guard.lock);
	return rc;
}

void
op_guard_report_clear(struct op_guard_report *report)
{
	scan_diff_clear(&report->diff);
	contents_clear(&report->before);
	contents_clear(&report->after);
	op_backup_report_clear(&report->backup);
	op_snapshot_report_clear(&report->snapshot);
	op_restore_report_clear(&report->restore);
	*report = (struct op_guard_report){ .ran = false };
}
