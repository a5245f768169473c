/*
 * restore: a backup, or some databases of it, back into a server. On the source's own server each database
 * comes back beside the live one, under a name of its own, and nothing that lives is touched.
 */
#include "config.h"

#include "incant/op_restore.h"

#include <stdlib.h>

#include "incant/clock.h"
#include "incant/error.h"
#include "incant/mem.h"
#include "incant/pg.h"

#include "op_restore_inside.h"

/* Opens the backup and restores it where the target says. */
static int
restore_to(const struct settings *settings, const struct op_restore_request *request,
	struct op_restore_target *target, struct op_restore_report *report)
{
	struct op_opened opened;
	int rc = op_opened_open(&opened, settings, &request->which);

	if (rc == 0)
		op_shelf_describe(&opened.shelf, opened.entry, &report->backup);
	if (rc == 0)
		rc = op_opened_read_record(&opened);
	if (rc == 0 && target->is_source)
		op_restore_target_beside(target, &opened, request);
	if (rc == 0) {
		struct op_restore_request inner = op_restore_target_request(target, request);
		rc = op_restore_opened(&opened, &inner, report);
	}
	report->read_bytes = op_opened_read_bytes(&opened);
	op_opened_clear(&opened);
	return rc;
}

int
op_restore_run(const struct settings *settings, const struct op_restore_request *request,
	struct op_restore_report *report)
{
	struct op_restore_target target;
	uint64_t began_ms = clock_monotonic_ms();
	int rc;

	*report = (struct op_restore_report){ .databases = NULL };
	manifest_init(&report->backup.manifest);
	rc = op_restore_target_find(&target, settings, request->conninfo);
	if (rc == 0) {
		report->beside = target.is_source;
		report->conninfo = pg_words(target.address.conninfo, NULL);
		rc = restore_to(settings, request, &target, report);
	}
	report->total_ms = clock_monotonic_ms() - began_ms;
	op_restore_target_clear(&target);
	return rc;
}

void
op_restore_report_clear(struct op_restore_report *report)
{
	op_backup_clear(&report->backup);
	for (size_t i = 0; i < report->count; i++) {
		free(report->databases[i].name);
		free(report->databases[i].restored_as);
		free(report->databases[i].obstacle);
	}
	free(report->databases);
	free(report->target);
	free(report->conninfo);
	free(report->dropped);
	*report = (struct op_restore_report){ .databases = NULL };
}
