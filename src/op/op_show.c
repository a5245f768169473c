/* show: one backup, and with its contents every database and table in it. */
#include "config.h"

#include "incant/op_show.h"

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

void
op_show_report_clear(struct op_show_report *report)
{
	op_backup_clear(&report->backup);
	contents_clear(&report->contents);
}
