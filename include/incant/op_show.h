/*
 * show: one backup and its contents.
 */
#ifndef INCANT_OP_SHOW_H
#define INCANT_OP_SHOW_H

#include <stdbool.h>

#include "incant/buf.h"
#include "incant/contents.h"
#include "incant/op.h"

struct op_show_files {
	char *name;             /* NULL = none was asked for */
	char *path;             /* what was kept */
	struct buf rows, notes; /* for files_list_next(), files_list_next_note() */
};
struct op_show_report {
	struct op_backup backup;
	struct contents contents;   /* filled in when with_contents */
	struct op_show_files files; /* of the section that was asked for */
};

/* A section of application files, and all that is in it; into a report initialised here. */
int op_show_files_run(const struct settings *settings, const struct op_which *which, const char *section,
	struct op_show_report *report);

int op_show_run(const struct settings *settings, const struct op_which *which, bool with_contents,
	struct op_show_report *report);
void op_show_report_clear(struct op_show_report *report);

#endif
