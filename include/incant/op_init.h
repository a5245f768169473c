/*
 * init: looks at the host and writes settings that work, with a comment on each; says what it could not find.
 * Reads only; the one thing written is the settings file, which is never written over.
 */
#ifndef INCANT_OP_INIT_H
#define INCANT_OP_INIT_H

#include <stddef.h>

struct op_init_request {
	const char *compose_file; /* the Compose file whose project is meant; NULL = the only one with a
				     PostgreSQL */
	const char *output;       /* the file to write; "-" = nothing is written, the text is in the report */
};

struct op_init_report {
	char *path;     /* written; NULL = nothing was */
	char *text;     /* of the settings */
	char *source;   /* for people: "service postgres of the Compose project incantations" */
	char **missing; /* what was looked for and not found, or needs a hand: a sentence each */
	size_t missing_count, missing_capacity;
};

/* -1: ERR_SOURCE (no PostgreSQL found, or more than one), ERR_SETTINGS (the file exists or cannot be
 * written). Nothing is written then. */
int op_init_run(const struct op_init_request *request, struct op_init_report *report);
void op_init_report_clear(struct op_init_report *report);

#endif
