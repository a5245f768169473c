/*
 * restore --files NAME --into DIR: a section of application files, or some of it, into a folder.
 */
#ifndef INCANT_OP_RESTORE_FILES_H
#define INCANT_OP_RESTORE_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "incant/op.h"

struct op_restore_files_request {
	struct op_which which;
	const char *section;
	const char *into;         /* made where it is missing */
	const char *const *paths; /* these and what lies beneath them; count 0 = all */
	size_t path_count;
	bool dry_run; /* look whether anything is in the way, write nothing */
};
struct op_restore_files_report {
	struct op_backup backup;
	char *section;
	uint64_t entries, files, bytes; /* written; in a dry run: to be written */
	uint64_t passed;                /* devices, which are not made */
	uint64_t read_bytes, total_ms;
};

/*
 * Nothing is written over: when anything is in the way nothing is written at all (ERR_RESTORE). Without a
 * record the folder must be empty. Each file's data is compared with the record as it is written.
 */
int op_restore_files_run(const struct settings *settings, const struct op_restore_files_request *request,
	struct op_restore_files_report *report);
void op_restore_files_report_clear(struct op_restore_files_report *report);

#endif
