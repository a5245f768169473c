/* show: one backup, and with its contents every database and table in it. */
#include "config.h"

#include "incant/op_show.h"

#include <stdlib.h>

#include "incant/mem.h"

#include "op_files_opened.h"
#include "op_opened.h"

int
op_show_run(const struct settings *settings, const struct op_which *which, bool with_contents,
	struct op_show_report *report)
{
	struct op_opened opened;
	int rc;

	*report = (struct op_show_report){ .backup = { .stores = NULL } };
	manifest_init(&report->backup.manifest);
	contents_init(&report->contents);
	rc = op_opened_open(&opened, settings, which);
	if (rc == 0)
		op_shelf_describe(&opened.shelf, opened.entry, &report->backup);
	if (rc == 0 && with_contents) {
		rc = op_opened_read_record(&opened);
		report->contents = opened.contents;
		contents_init(&opened.contents);
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
