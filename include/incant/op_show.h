/*
 * show: one backup and its contents.
 */
#ifndef INCANT_OP_SHOW_H
#define INCANT_OP_SHOW_H

#include <stdbool.h>

#include "incant/contents.h"
#include "incant/op.h"

struct op_show_report {
	struct op_backup backup;
	struct contents contents; /* filled in when with_contents */
};
int op_show_run(const struct settings *settings, const struct op_which *which, bool with_contents,
	struct op_show_report *report);
void op_show_report_clear(struct op_show_report *report);

#endif
