/* Asking before something live is changed. */
#ifndef INCANT_CLI_CONFIRM_H
#define INCANT_CLI_CONFIRM_H

#include "command.h"

/*
 * Whether the user means this source: says what will be done ("This replaces …") and has its name typed, on a
 * terminal; elsewhere --yes-i-mean must have said it. 0, or -1 with ERR_USAGE, or ERR_INTERRUPTED.
 */
int confirm_source(const struct words *words, const char *name, const char *what);

#endif
