/*
 * diff: what changed between two backups, by their contents: databases, definitions, rows, sequences, large
 * objects, application files. Of the archives only the definitions that changed are read.
 */
#ifndef INCANT_OP_DIFF_H
#define INCANT_OP_DIFF_H

#include <stddef.h>
#include <stdint.h>

#include "incant/op.h"
#include "incant/scan_diff.h"

struct op_diff_request {
	struct op_which before; /* which NULL = the newest but one */
	struct op_which after;  /* which NULL = the newest */
};

/* One change. Texts are printable as they are in the dumps, passwords left out. */
struct op_change {
	enum scan_diff_what what;
	enum scan_diff_how how;
	char *database;       /* NULL = the globals */
	char *name;           /* "table public.t"; "" for a database */
	char *before, *after; /* how it was and is: "3 rows, digest …", a definition's text; "missing" */
	uint64_t rows_before, rows_after; /* of rows */
};
/* One file, folder or link that changed; its times alone do not count. */
struct op_file_change {
	enum scan_diff_how how;
	char *section, *path;
	char *before, *after; /* "file, mode 0640, 12 bytes, digest …"; "missing" */
};
struct op_diff_report {
	struct op_backup before, after;
	struct op_change *changes;
	size_t count, capacity;
	struct op_file_change *files; /* section by section, by path */
	size_t files_count, files_capacity;
	uint64_t read_bytes;
};
int op_diff_run(const struct settings *settings, const struct op_diff_request *request,
	struct op_diff_report *report);
void op_diff_report_clear(struct op_diff_report *report);

#endif
