/* show: one backup, and with its contents every database and table in it. */
#include "config.h"

#include "incant/op_show.h"

#include <stdlib.h>

#include "incant/error.h"
#include "incant/log.h"
#include "incant/mem.h"

#include "op_files_opened.h"
#include "op_opened.h"

/* Reads the contents: for themselves, or for their totals, which a sealed backup's manifest leaves out. */
static int
show_contents(struct op_opened *opened, struct op_show_report *report)
{
	struct manifest *manifest = &report->backup.manifest;
	struct contents_totals totals;

	if (op_opened_read_record(opened) != 0)
		return -1;
	totals = contents_totals(&opened->contents);
	manifest->databases = totals.databases;
	manifest->tables = totals.tables;
	manifest->rows = totals.rows;
	manifest->no_totals = false;
	return 0;
}

int
op_show_run(const struct settings *settings, const struct op_which *which, bool with_contents,
	struct op_show_report *report)
{
	struct op_opened opened;
	int rc;

	*report = (struct op_show_report){ .backup = { .stores = NULL } };
	manifest_init(&report->backup.manifest);
	contents_init(&report->contents);
	rc = op_opened_find(&opened, settings, which);
	/* A sealed archive is not looked at: that would take an identity. */
	if (rc == 0 && !op_seal_manifest(&opened.entry->manifest))
		rc = op_opened_archive(&opened);
	if (rc == 0)
		op_shelf_describe(&opened.shelf, opened.entry, &report->backup);
	if (rc == 0 && with_contents) {
		rc = show_contents(&opened, report);
		report->contents = opened.contents;
		contents_init(&opened.contents);
	} else if (rc == 0 && report->backup.manifest.no_totals && op_keys_are_set(opened.keys) &&
		   show_contents(&opened, report) != 0) {
		log_warning("%s", error_get()->message);
	}
	op_opened_clear(&opened);
	return rc;
}

static void
append_rows(struct buf *to, struct files_cursor rows)
{
	buf_append(to, rows.text, rows.len);
}

int
op_show_files_run(const struct settings *settings, const struct op_which *which, const char *section,
	struct op_show_report *report)
{
	struct op_files_opened files;
	int rc;

	*report = (struct op_show_report){ .backup = { .stores = NULL } };
	manifest_init(&report->backup.manifest);
	contents_init(&report->contents);
	rc = op_files_opened_open(&files, settings, which, section);
	if (files.opened.entry != NULL)
		op_shelf_describe(&files.opened.shelf, files.opened.entry, &report->backup);
	if (rc == 0)
		rc = op_files_opened_need_record(&files);
	if (rc == 0) {
		report->files.name = mem_text(section);
		report->files.path = mem_text(files.record.path);
		append_rows(&report->files.rows, op_files_record_rows(&files.record));
		append_rows(&report->files.notes, op_files_record_notes(&files.record));
	}
	op_files_opened_clear(&files);
	return rc;
}

void
op_show_report_clear(struct op_show_report *report)
{
	op_backup_clear(&report->backup);
	contents_clear(&report->contents);
	free(report->files.name);
	free(report->files.path);
	buf_clear(&report->files.rows);
	buf_clear(&report->files.notes);
	report->files = (struct op_show_files){ .name = NULL };
}
