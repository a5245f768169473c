/*
 * Options: "--name value", "--name=value", "--name" alone. What there is stands in const arrays, and what was
 * said is put into a struct by offset. Help and the check of the manual read the same arrays.
 */
#ifndef INCANT_CLI_OPTION_H
#define INCANT_CLI_OPTION_H

#include <stdbool.h>
#include <stddef.h>

#include "incant/buf.h"

enum option_kind {
	OPTION_FLAG,     /* field: bool */
	OPTION_TEXT,     /* field: const char *; "--name TEXT", once */
	OPTION_TEXTS,    /* field: struct option_texts; any number of times */
	OPTION_OPTIONAL, /* field: const char *; "--name" gives "", "--name=TEXT" the text, once */
};

struct option_row {
	const char *name; /* without the dashes */
	enum option_kind kind;
	size_t offset;
	const char *value;   /* what help calls it: "FILE"; NULL for a flag */
	const char *summary; /* NULL = not shown */
};

#define OPTION_ROWS_END                          \
	{                                        \
		NULL, OPTION_FLAG, 0, NULL, NULL \
	}

struct option_texts {
	const char **items; /* borrowed from argv */
	size_t count, capacity;
};

/* Goes through argv from `at`. Options may stand before, between and behind operands; "--" ends them. */
struct option_reader {
	int argc;
	char **argv;
	int at;
	const struct option_row *tables[2]; /* looked through in this order; NULL = none */
	void *fields;                       /* what the offsets count from */
	bool ended;                         /* "--" was seen */
};

/* Takes options until an operand comes: 1 with *operand (borrowed), OPTION_END, or -1 with ERR_USAGE. */
enum { OPTION_END = 0 };
int option_next(struct option_reader *reader, const char **operand);

/* Whether "--name" stands in what has not been read yet. For what must be known after an error, too. */
bool option_is_ahead(const struct option_reader *reader, const char *name);

/* Appends "--name", "--name VALUE" or "--name[=VALUE]". */
void option_write(const struct option_row *row, struct buf *text);

#endif
