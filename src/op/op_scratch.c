/* Scratch servers that stay, for people who want to look at a backup. */
#include "config.h"

#include "incant/op_scratch.h"

#include <stdlib.h>
#include <string.h>

#include "incant/clock.h"
#include "incant/error.h"
#include "incant/mem.h"

#include "op_opened.h"
#include "op_scratch_inside.h"

/* The restore itself; a server whose restore fails does not stay. */
static int
restore_into(struct op_scratch *scratch, struct op_opened *opened, const struct op_restore_request *request,
	struct op_restore_report *report)
{
	struct op_restore_request inner = *request;

	inner.conninfo = scratch->conninfo;
	inner.scratch = true;
	if (op_restore_opened(opened, &inner, report) != 0) {
		scratch_drop(scratch->scratch);
		return -1;
	}
	report->server = mem_text(scratch_describe(scratch->scratch));
	report->conninfo = mem_text(scratch_conninfo(scratch->scratch));
	return 0;
}

int
op_scratch_restore(const struct settings *settings, const struct op_restore_request *request,
	enum settings_scratch_kind kind, struct op_restore_report *report)
{
	struct op_scratch scratch = { .scratch = NULL };
	struct op_opened opened;
	uint64_t began_ms = clock_monotonic_ms();
	int rc;

	*report = (struct op_restore_report){ .databases = NULL };
	manifest_init(&report->backup.manifest);
	rc = op_opened_open(&opened, settings, &request->which);
	if (rc == 0)
		op_shelf_describe(&opened.shelf, opened.entry, &report->backup);
	if (rc == 0)
		rc = op_opened_read_record(&opened);
	if (rc == 0)
		rc = op_scratch_start(&scratch, settings, &opened, kind, true);
	if (rc == 0)
		rc = restore_into(&scratch, &opened, request, report);
	report->total_ms = clock_monotonic_ms() - began_ms;
	report->read_bytes = op_opened_read_bytes(&opened);
	op_scratch_clear(&scratch);
	op_opened_clear(&opened);
	return rc;
}

int
op_scratch_list(const struct settings *settings, struct op_scratch_report *report)
{
	*report = (struct op_scratch_report){ .ended = 0 };
	return scratch_list_kept(settings->scratch.directory, &report->kept);
}

int
op_scratch_end(const struct settings *settings, struct op_scratch_report *report)
{
	struct scratch_place place = { SCRATCH_CLUSTER, settings->scratch.directory, NULL };
	int rc = op_scratch_list(settings, report);

	/* An engine is asked only where there is something in it, or should be. */
	for (size_t i = 0; i < report->kept.count; i++)
		if (report->kept.items[i].kind == SCRATCH_DOCKER)
			place.kind = SCRATCH_DOCKER;
	place.docker_socket = op_scratch_docker_socket(settings);
	if (rc == 0)
		rc = scratch_sweep(&place, true, &report->ended);
	return rc;
}

void
op_scratch_report_clear(struct op_scratch_report *report)
{
	scratch_kept_clear(&report->kept);
}
