/* Help, made of the tables of commands and options. */
#ifndef INCANT_CLI_HELP_H
#define INCANT_CLI_HELP_H

#include "command.h"
#include "incant/buf.h"

/* Append: all commands; one command; the names that the manual must have ("cat --table" a line). */
void help_write_commands(struct buf *text);
void help_write_command(const struct command *command, struct buf *text);
/* All commands of a group, one after the other. */
void help_write_group(const char *word, struct buf *text);
void help_write_list(struct buf *text);

#endif
