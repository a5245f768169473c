/*
 * An opened backup into a server: sections of the dump, read from the archive by their frames, through the
 * scanner into the target.
 *
 * The plan is made first, and everything that stands against it is said before anything is created. Then the
 * globals are streamed, then each wanted database; after each one the scanner's account of what went in is
 * compared with the record.
 */
#include "config.h"

#include <stdlib.h>

#include "incant/error.h"
#include "incant/frame.h"
#include "incant/mem.h"
#include "incant/progress.h"
#include "incant/restore.h"
#include "incant/scan.h"
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

/* Streams one section into the server and compares what went in with the record. */
static int
restore_section(struct op_opened *opened, struct restore *restore, const struct contents_section *section)
{
	struct contents found;
	const struct contents_section *came;
	const struct scan_options scan = {
		.contents = &found,
		.sink = restore_sink(restore),
		.keep_bytes = SCAN_KEEP_WHOLE,
		.error_class = ERR_DAMAGED,
		.fragment = true,
		.plain_off = section->at.plain_off,
	};
	struct stage *head = NULL;
	int rc = -1;

	contents_init(&found);
	head = scan_new(stage_progress_new(stage_null_new()), &scan);
	if (head == NULL)
		goto out;
	if (frame_read(opened->cluster, &opened->index, section->at.plain_off, section->at.bytes, head) !=
			0 ||
		stage_finish(head) != 0)
		goto out;
	came = section->database != NULL ? contents_find_database(&found, section->database)
					 : &found.sections[0];
	if (came == NULL) {
		error_set(ERR_DAMAGED, "the dump has no database '%s' where its contents say",
			section->database);
		goto out;
	}
	rc = restore_end_section(restore, section, came);
out:
	stage_free(head);
	contents_clear(&found);
	if (rc != 0 && section->database != NULL)
		error_add("database %s", section->database);
	return rc;
}

/* Enters the plan into the report. In a dry run that is the end of it; otherwise nothing is restored yet. */
static void
restore_report_plan(const struct restore_plan *plan, bool dry_run, struct op_restore_report *report)
{
	report->target = mem_text(plan->target);
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

static int
restore_stream(struct op_opened *opened, struct restore *restore, struct op_restore_report *report)
{
	const struct restore_plan *plan = restore_get_plan(restore);
	uint64_t expected_bytes = 0;
	int rc = 0;

	for (size_t i = 0; i < plan->count; i++)
		if (plan->steps[i].wanted)
			expected_bytes += plan->steps[i].section->at.bytes;
	progress_begin("restore", expected_bytes);
	for (size_t i = 0; rc == 0 && i < plan->count; i++) {
		if (!plan->steps[i].wanted)
			continue;
		rc = restore_section(opened, restore, plan->steps[i].section);
		if (rc == 0)
			restore_report_done(&plan->steps[i], report);
	}
	progress_end();
	return rc;
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
		.mark = request->names != NULL ? manifest->id : NULL,
		.may_be_source = request->may_be_source,
		.system_identifier = manifest->system_identifier,
		.server_version_number = restore_version_number(manifest->server_version),
	};
	struct restore *restore = restore_begin(&options);
	struct error cause = { .class = ERR_NONE };
	int rc;

	if (restore == NULL)
		return -1;
	restore_report_plan(restore_get_plan(restore), request->dry_run, report);
	rc = restore_check_plan(restore);
	if (rc == 0 && !request->dry_run)
		rc = restore_stream(opened, restore, report);
	report->roles_created = restore_get_result(restore)->roles_created;
	report->roles_left = restore_get_result(restore)->roles_left;
	if (rc != 0)
		error_take(&cause);
	restore_free(restore, &report->dropped);
	return rc != 0 ? error_put(&cause) : 0;
}
