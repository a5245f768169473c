/* What cmd_restore.c shows to people. */
#ifndef INCANT_CLI_CMD_RESTORE_H
#define INCANT_CLI_CMD_RESTORE_H

#include "command.h"

void cmd_restore_put_text(const struct words *words, const struct report *report, struct buf *text);

#endif
