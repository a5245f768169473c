/*
 * cat: the dump, or a part of it, to a descriptor, byte for byte.
 */
#ifndef INCANT_OP_CAT_H
#define INCANT_OP_CAT_H

#include <stdbool.h>
#include <stdint.h>

#include "incant/op.h"

struct op_cat_request {
	struct op_which which;
	const char *database; /* NULL = the whole dump */
	const char *table; /* needs database unless the backup has one only; the COPY block of that table */
	bool globals;
	const char *files; /* the tar of this section instead; excludes the three above */
	const char *file;  /* the data of this file of it; NULL = the whole tar */
	int fd;
};
struct op_cat_report {
	uint64_t plain_bytes; /* written */
	uint64_t read_bytes;  /* read from the store */
};
int op_cat_run(
	const struct settings *settings, const struct op_cat_request *request, struct op_cat_report *report);

#endif
