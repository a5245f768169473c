/*
 * list: the backups of a source, or of all, across the stores.
 */
#ifndef INCANT_OP_LIST_H
#define INCANT_OP_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "incant/op.h"

struct op_list_request {
	const char *store;  /* NULL = all */
	const char *source; /* NULL = the settings' own */
	bool all_sources;
};
struct op_list_report {
	struct op_backup *backups; /* newest first */
	size_t count, capacity;
};
int op_list_run(const struct settings *settings, const struct op_list_request *request,
	struct op_list_report *report);
void op_list_report_clear(struct op_list_report *report);

#endif
