/*
 * Scratch servers that stay: restore --to scratch makes one, `scratch list` shows them, `scratch end` ends
 * them.
 */
#ifndef INCANT_OP_SCRATCH_H
#define INCANT_OP_SCRATCH_H

#include <stddef.h>

#include "incant/op_restore.h"
#include "incant/scratch.h"

/*
 * Restores into a scratch server that stays up; request->conninfo is not looked at. A restore that fails ends
 * it. report->server and report->conninfo say where it is. As op_restore_run(), and ERR_PROOF where there is
 * no scratch server to be had.
 */
int op_scratch_restore(const struct settings *settings, const struct op_restore_request *request,
	enum settings_scratch_kind kind, struct op_restore_report *report);

struct op_scratch_report {
	struct scratch_kept_list kept;
	size_t ended;
};

/* Those that stay. And: ends them all, and removes what runs that died have left. */
int op_scratch_list(const struct settings *settings, struct op_scratch_report *report);
int op_scratch_end(const struct settings *settings, struct op_scratch_report *report);
void op_scratch_report_clear(struct op_scratch_report *report);

#endif
