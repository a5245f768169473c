/*
 * The end of a backup. The backup stands whatever comes of these steps; rotation is the last of them and
 * comes after success only, so that a bad night never costs a good one.
 */
#include "config.h"

#include "op_backup_end.h"

#include <stdlib.h>

#include "incant/buf.h"
#include "incant/clock.h"
#include "incant/error.h"
#include "incant/log.h"
#include "incant/mem.h"
#include "incant/op_pin.h"
#include "incant/op_prune.h"
#include "incant/text.h"

#include "op_suspect.h"

/* Pins the backup in every store that has it. */
static int
end_pin(const struct op_backup_end *end, struct op_backup *backup)
{
	backup->pin = pin_new(clock_now(), end->request->pin_until, end->request->pin_reason);
	if (op_pin_in_stores(end->settings, backup, backup->pin) == 0)
		return 0;
	return error_add("the backup stands, but is not pinned everywhere");
}

/* Marks the backup where it looks like a loss. */
static int
end_suspect(const struct op_backup_end *end, struct op_backup *backup)
{
	struct buf reasons = BUF_EMPTY;
	int rc = op_suspect_look(end->settings, &backup->manifest, end->contents, &backup->suspect);

	if (backup->suspect != NULL) {
		suspect_write_reasons(backup->suspect, &reasons);
		log_warning("%s looks like a loss: %s", backup->manifest.id, buf_text(&reasons));
		rc = op_suspect_mark(end->settings, backup, backup->suspect);
	}
	buf_clear(&reasons);
	return rc == 0 ? 0 : error_add("the backup stands, but could not be compared with those before");
}

static bool
end_has_pruned(const struct op_backup_report *report, const char *id)
{
	for (size_t i = 0; i < report->pruned_count; i++)
		if (text_equal(report->pruned[i], id))
			return true;
	return false;
}

/* Rotation, in all stores. */
static int
end_rotate(const struct op_backup_end *end, struct op_backup_report *report)
{
	const struct op_prune_request request = { .lock = end->lock };
	struct op_prune_report pruned;
	int rc = op_prune_run(end->settings, &request, &pruned);

	for (size_t i = 0; i < pruned.count; i++) {
		if (!pruned.verdicts[i].removed || end_has_pruned(report, pruned.verdicts[i].id))
			continue;
		MEM_GROW(report->pruned, report->pruned_count, report->pruned_capacity);
		report->pruned[report->pruned_count++] = mem_text(pruned.verdicts[i].id);
	}
	op_prune_report_clear(&pruned);
	return rc == 0 ? 0 : error_add("the backup stands, but rotation failed");
}

/* The first error of several steps stays. */
static int
end_join(int rc, const struct error *before, int step)
{
	return rc != 0 ? error_put(before) : step;
}

int
op_backup_end(const struct op_backup_end *end, int rc, struct op_backup_report *report)
{
	struct error before = *error_get();

	if (end->request->pin) {
		rc = end_join(rc, &before, end_pin(end, &report->backup));
		before = *error_get();
	}
	rc = end_join(rc, &before, end_suspect(end, &report->backup));
	if (rc == 0 && !end->request->no_prune)
		rc = end_rotate(end, report);
	return rc;
}
