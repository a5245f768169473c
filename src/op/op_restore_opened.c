/*
 * An opened backup into a server: sections of the dump, read from the archive by their frames, through the
 * scanner into the target.
 *
 * The plan is made first, and everything that stands against it is said before anything is created. Then the
 * globals are restored, then each wanted database, over several connections that read their frames side by
 * side; after each one the scanner's account of what went in has been compared with the record.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "incant/error.h"
#include "incant/frame.h"
#include "incant/log.h"
#include "incant/mem.h"
#include "incant/progress.h"
#include "incant/restore.h"
#include "incant/stage.h"
#include "incant/text.h"

#include "op_restore_inside.h"

/* The number of a version that begins like "15.18 (Debian …)": 150018; 0 where it does not. */
static int
restore_version_number(const char *version)
{
	char *end = NULL;
	long major = version != NULL ? strtol(version, &end, 10) : 0;
	long minor = end != NULL && *end == '.' ? strtol(end + 1, NULL, 10) : 0;

	return major > 0 && major < 1000 && minor >= 0 && minor < 10000 ? (int)(major * 10000 + minor) : 0;
}

/* As many connections as were asked for; else one a processor. */
static unsigned
restore_jobs(unsigned asked)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);

	if (asked > 0)
		return asked;
	return processors < 1                     ? 1
	       : processors > OP_RESTORE_MAX_JOBS ? OP_RESTORE_MAX_JOBS
						  : (unsigned)processors;
}

/* The archive as the restore asks for it: each lane reads its own frames, through an opening of its own. */
struct restore_reading {
	struct restore_feed feed; /* first */
	struct op_opened *opened;
	struct op_opened_reader *readers; /* of the lanes; lane 0 reads through the backup itself */
	unsigned lanes;
};

static int
restore_read(struct restore_feed *feed, unsigned lane, struct extent at, struct stage *to)
{
	struct restore_reading *reading = (struct restore_reading *)feed;
	struct op_opened_reader *reader = &reading->readers[lane];
	const struct op_opened *opened = reading->opened;
	struct input *cluster = lane == 0 ? opened->cluster : reader->cluster;

	if (cluster == NULL) {
		if (op_opened_reader_open(opened, reader) != 0)
			return -1;
		cluster = reader->cluster;
	}
	return frame_read(cluster, &opened->index, at.plain_off, at.bytes, to);
}

static void
restore_reading_init(struct restore_reading *reading, struct op_opened *opened, unsigned lanes)
{
	*reading = (struct restore_reading){
		.feed = { .read = restore_read },
		.opened = opened,
		.readers = mem_zero(lanes * sizeof(reading->readers[0])),
		.lanes = lanes,
	};
}

static void
restore_reading_clear(struct restore_reading *reading)
{
	for (unsigned lane = 0; lane < reading->lanes; lane++)
		op_opened_reader_close(reading->opened, &reading->readers[lane]);
	free(reading->readers);
}

/* Enters the plan into the report. In a dry run that is the end of it; otherwise nothing is restored yet. */
static void
restore_report_plan(const struct restore_plan *plan, bool dry_run, struct op_restore_report *report)
{
	report->target = mem_text(plan->target);
	for (size_t i = 0; i < plan->note_count; i++)
		log_warning("%s", plan->notes[i]);
	for (size_t i = 0; i < plan->count; i++) {
		const struct restore_step *step = &plan->steps[i];

		if (!step->wanted || step->section->database == NULL)
			continue;
		MEM_GROW(report->databases, report->count, report->capacity);
		report->databases[report->count++] = (struct op_restored){
			.name = mem_text(step->section->database),
			.restored_as = dry_run ? mem_text(step->as) : NULL,
			.tables = step->tables,
			.rows = step->rows,
			.plain_bytes = step->plain_bytes,
			.obstacle = mem_text(step->obstacle),
		};
	}
}

/* A section is in, whole and compared: its database, when it is one, is back. */
static void
restore_report_done(const struct restore_step *step, struct op_restore_report *report)
{
	for (size_t i = 0; i < report->count; i++)
		if (text_equal(report->databases[i].name, step->section->database))
			report->databases[i].restored_as = mem_text(step->as);
}

/* Runs the wanted steps in order, up to the first that fails. */
static int
restore_run(struct restore_reading *reading, struct restore *restore, struct op_restore_report *report)
{
	const struct restore_plan *plan = restore_get_plan(restore);
	uint64_t expected_bytes = 0;
	int rc = 0;

	for (size_t i = 0; i < plan->count; i++)
		if (plan->steps[i].wanted)
			expected_bytes += plan->steps[i].plain_bytes;
	progress_begin("restore", expected_bytes);
	for (size_t i = 0; rc == 0 && i < plan->count; i++) {
		const struct contents_section *section = plan->steps[i].section;

		if (!plan->steps[i].wanted)
			continue;
		rc = restore_step_run(restore, i, &reading->feed);
		if (rc == 0)
			restore_report_done(&plan->steps[i], report);
		else if (section->database != NULL)
			error_add("database %s", section->database);
	}
	progress_end();
	return rc;
}

/* Statements that failed do not stop a restore that was told to keep going, but it has failed. */
static int
restore_report_failures(const struct restore_result *result, struct op_restore_report *report)
{
	for (size_t i = 0; i < result->failure_count; i++) {
		const struct restore_failure *failure = &result->failures[i];
		struct op_restore_failure *to;

		MEM_GROW(report->failures, report->failure_count, report->failure_capacity);
		to = &report->failures[report->failure_count++];
		*to = (struct op_restore_failure){
			.database = mem_text(failure->database),
			.message = mem_text(failure->message),
			.hint = mem_text(failure->hint),
			.plain_off = failure->plain_off,
		};
		memcpy(to->sqlstate, failure->sqlstate, sizeof(to->sqlstate));
	}
	if (result->failure_count == 0)
		return 0;
	error_set(ERR_RESTORE, "%zu %s failed, the first: %s", result->failure_count,
		result->failure_count == 1 ? "statement" : "statements", result->failures[0].message);
	return error_hint("What could be restored is there. Each failure is listed in the output.");
}

int
op_restore_opened(
	struct op_opened *opened, const struct op_restore_request *request, struct op_restore_report *report)
{
	const struct manifest *manifest = &opened->entry->manifest;
	const struct restore_options options = {
		.conninfo = request->conninfo,
		.password = request->password,
		.contents = &opened->contents,
		.databases = request->databases,
		.database_count = request->database_count,
		.scratch = request->scratch,
		.names = request->names,
		.name_count = request->name_count,
		.tables = request->tables,
		.table_count = request->table_count,
		.globals = request->globals,
		.jobs = restore_jobs(request->jobs),
		.keep_going = request->keep_going,
		.mark = request->names != NULL ? manifest->id : NULL,
		.may_be_source = request->source != NULL,
		.system_identifier = manifest->system_identifier,
		.server_version_number = restore_version_number(manifest->server_version),
	};
	struct restore *restore = restore_begin(&options);
	struct restore_reading reading;
	struct error cause = { .class = ERR_NONE };
	int rc;

	if (restore == NULL)
		return -1;
	restore_reading_init(&reading, opened, options.jobs);
	rc = restore_look(restore, &reading.feed, request->dry_run);
	restore_report_plan(restore_get_plan(restore), request->dry_run, report);
	/* A scratch server has looked for its room itself. */
	if (!request->scratch)
		op_restore_foretell(opened, request, restore, report);
	if (rc == 0)
		rc = restore_check_plan(restore);
	if (rc == 0 && !request->scratch)
		rc = op_restore_check_room(&report->forecast);
	if (rc == 0 && !request->dry_run)
		rc = restore_run(&reading, restore, report);
	restore_reading_clear(&reading);
	if (rc == 0)
		rc = restore_report_failures(restore_get_result(restore), report);
	report->roles_created = restore_get_result(restore)->roles_created;
	report->roles_left = restore_get_result(restore)->roles_left;
	if (rc != 0)
		error_take(&cause);
	restore_free(restore, &report->dropped);
	return rc != 0 ? error_put(&cause) : 0;
}
