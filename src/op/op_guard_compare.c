/*
 * What the command has changed: the record of the backup before it against the contents of a second dump,
 * which goes through the scanner into nothing. It costs a dump's time and no space.
 *
 *     source ▶ progress ▶ scan ▶ null
 */
#include "config.h"

#include "op_guard_inside.h"

#include "incant/clock.h"
#include "incant/error.h"
#include "incant/progress.h"
#include "incant/scan.h"
#include "incant/source.h"
#include "incant/stage.h"

#include "op_opened.h"

/* The record of the backup. */
static int
load_before(struct op_guard *guard)
{
	const struct op_which which = { .which = guard->report->backup.backup.manifest.id };
	struct op_opened opened;
	int rc = op_opened_open(&opened, guard->settings, &which);

	if (rc == 0)
		rc = op_opened_read_record(&opened);
	if (rc == 0) {
		guard->report->before = opened.contents;
		contents_init(&opened.contents);
	}
	op_opened_clear(&opened);
	return rc;
}

static int
dump_after(struct op_guard *guard)
{
	const struct scan_options scan = { .contents = &guard->report->after, .error_class = ERR_SOURCE };
	char run[CLOCK_ID_SIZE];
	struct source *source = source_open(guard->settings, clock_format_id(run, clock_now()));
	struct source_facts facts;
	struct stage *head = NULL;
	int rc = -1;

	if (source == NULL)
		return -1;
	if (source_inspect(source, &facts) == 0) {
		head = stage_progress_new(scan_new(stage_null_new(), &scan));
		progress_begin("look", guard->report->backup.backup.manifest.plain_bytes);
		rc = source_dump(source, head);
		if (rc == 0)
			rc = stage_finish(head);
		progress_end();
	}
	stage_free(head);
	source_free(source);
	return rc;
}

int
op_guard_compare(struct op_guard *guard)
{
	struct op_guard_report *report = guard->report;

	if (load_before(guard) != 0 || dump_after(guard) != 0)
		return -1;
	scan_diff_compare(&report->diff, &report->before, &report->after);
	report->compared = true;
	return 0;
}
