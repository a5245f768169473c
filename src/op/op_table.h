/*
 * The inner recipe of restore --table --in-place.
 */
#ifndef INCANT_OP_TABLE_H
#define INCANT_OP_TABLE_H

#include "op_restore_inside.h"

/*
 * Replaces the rows of the request's tables, all of one database, in request->conninfo; in a dry run only
 * finds them. Fills in the report's databases and target. 0, or -1: ERR_NOT_FOUND, ERR_USAGE, ERR_RESTORE
 * (nothing was changed), ERR_DAMAGED.
 */
int op_table_in_place(
	struct op_opened *opened, const struct op_restore_request *request, struct op_restore_report *report);

#endif
