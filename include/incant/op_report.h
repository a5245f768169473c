/*
 * report: what is known of all backups of the source, for a page that people look at: when they were made and
 * proven, how large they and their databases are, and what rotation would do with each.
 */
#ifndef INCANT_OP_REPORT_H
#define INCANT_OP_REPORT_H

#include <stddef.h>
#include <stdint.h>

#include "incant/op.h"
#include "incant/op_prune.h"

/* A database in one backup. */
struct op_report_database {
	char *name;
	uint64_t bytes; /* of its part of the dump */
	uint64_t rows;
};

struct op_report_entry {
	struct op_backup backup;
	struct op_report_database
		*databases; /* in the order of the dump; none where the contents were not read */
	size_t database_count, database_capacity;
};

struct op_report {
	char *source;
	int64_t at;                      /* when it was made */
	struct op_report_entry *entries; /* newest first */
	size_t count, capacity;
	size_t unread;                   /* entries whose contents could not be read, or were too many */
	struct op_prune_report rotation; /* what it would do now */
};

/* Contents are read of so many backups, the newest; older ones have totals only. */
#define OP_REPORT_CONTENTS_MAX 400

/* 0 or -1. */
int op_report_run(const struct settings *settings, const char *store, struct op_report *report);
void op_report_clear(struct op_report *report);

#endif
