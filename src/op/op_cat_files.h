/* cat --files: a section's tar, or one file out of it. */
#ifndef INCANT_OP_CAT_FILES_H
#define INCANT_OP_CAT_FILES_H

#include "incant/op_cat.h"

/* As op_cat_run(), of a request that names files. */
int op_cat_files(
	const struct settings *settings, const struct op_cat_request *request, struct op_cat_report *report);

#endif
