/*
 * The application's files in a backup: each [files NAME] becomes a tar and its record beside the dump.
 *
 *     op_files_new()     what there is to do
 *     op_files_before()  the commands before: an application is paused, say
 *     op_files_pack()    behind the dump
 *     op_files_after()   the commands after, whatever came before
 *     op_files_verdict() what went wrong
 *
 * A section that cannot be packed, or whose command before fails, does not take the backup with it: the
 * manifest says what is missing, and the run fails when all else is done.
 */
#ifndef INCANT_OP_FILES_H
#define INCANT_OP_FILES_H

#include "incant/manifest.h"
#include "incant/settings.h"
#include "incant/store.h"

struct op_files;

/* settings are borrowed until op_files_free(). */
struct op_files *op_files_new(const struct settings *settings);

/* Whether what is to be kept is there: for a dry run, which runs no command. 0, or -1 with ERR_SOURCE. */
int op_files_check(const struct op_files *files);

/* 0, or -1 when a signal came. */
int op_files_before(struct op_files *files);

/* Packs into the first store, followed by copies (NULL = none), and enters what was made into the manifest.
 * 0, or -1 when the store failed or a signal came. */
struct op_follow;
int op_files_pack(
	struct op_files *files, struct store *store, struct op_follow *follow, struct manifest *manifest);

/* Runs the commands after of all sections whose command before was run, even while a signal is pending. The
 * current error stays. */
void op_files_after(struct op_files *files);

/* 0, or -1 with the first section's error: one that is missing, or a command after that failed. */
int op_files_verdict(const struct op_files *files);

void op_files_free(struct op_files *files); /* NULL is allowed */

#endif
