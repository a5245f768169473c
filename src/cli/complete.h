/* Completion for shells, made of the tables of commands and options. */
#ifndef INCANT_CLI_COMPLETE_H
#define INCANT_CLI_COMPLETE_H

#include "incant/buf.h"

/* Appends the script for "bash", "zsh" or "fish". 0, or -1 with ERR_USAGE for another shell. */
int complete_write(const char *shell, struct buf *text);

#endif
