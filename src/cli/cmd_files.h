/*
 * Application files in commands that are about more: restore --files, show --files, and a line or an object
 * wherever a backup is shown.
 */
#ifndef INCANT_CLI_CMD_FILES_H
#define INCANT_CLI_CMD_FILES_H

#include "command.h"

/* restore --files NAME --into DIR: the parts of its command_ops. */
int cmd_restore_files_check(struct words *words);
int cmd_restore_files_run(const struct settings *settings, const struct words *words, struct report *report);
void cmd_restore_files_put_json(const struct words *words, const struct report *report, struct json *to);
void cmd_restore_files_put_text(const struct words *words, const struct report *report, struct buf *text);

/* show --files: the rows and notes. */
void cmd_show_files_put_json(const struct op_show_files *files, struct json *to);
void cmd_show_files_put_text(const struct op_show_files *files, struct buf *text);

/* Appends a line a section: "files uploads: 12 entries, 1.2 MiB". Each line begins with indent blanks. */
void cmd_files_put_lines(const struct manifest *manifest, size_t indent, struct buf *text);

#endif
