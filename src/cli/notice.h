/*
 * What is told to others about a run: at its start, and when all that was asked for has been done or has
 * failed.
 */
#ifndef INCANT_CLI_NOTICE_H
#define INCANT_CLI_NOTICE_H

#include "command.h"

void notice_start(const struct settings *settings);

struct notice {
	const struct op_backup *backup; /* that was made; NULL = none */
	const char *json;               /* what --json prints */
	const char *summary;            /* what is printed without it */
	int exit_code;
	const struct error *error; /* class ERR_NONE: all went well */
};
void notice_end(const struct settings *settings, const struct notice *notice);

#endif
