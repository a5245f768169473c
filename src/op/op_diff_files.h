/* The part of diff that is about application files. */
#ifndef INCANT_OP_DIFF_FILES_H
#define INCANT_OP_DIFF_FILES_H

#include "incant/op_diff.h"
#include "incant/settings.h"

/*
 * Adds what differs in the files sections of two backups, whose records alone are read. Each backup is looked
 * for in the store of that name (NULL = any). 0, or -1: ERR_DAMAGED, ERR_KEYS, ERR_STORE.
 */
int op_diff_files(const struct settings *settings, const char *before_store, const char *after_store,
	struct op_diff_report *report);

#endif
