/*
 * The scanner: a stage that passes the bytes of a pg_dumpall script on untouched and knows at every byte
 * where it is: SQL text, '…', E'…', "…", $tag$…$tag$, -- and nested comments, a meta-command line, COPY data.
 * PostgreSQL 13 to 18, plain format. It never believes comments (names there are not quoted and can be
 * forged): it reads statements.
 *
 * Its result is the contents (contents.h). A sink, where one is given, is also told of every statement and of
 * COPY data as they pass: the restore is such a sink. Neither depends on how the input was cut into writes.
 *
 * stage_finish() fails (error class of scan_options) when the script ends inside anything, or without the
 * trailer
 * "-- PostgreSQL database cluster dump complete": a dump cut short. A meta-command other than the ones that
 * pg_dumpall writes (\connect, \restrict, \unrestrict, \encoding, and \. at the end of COPY data) is an error
 * that names it and its offset; so is a \unrestrict whose key is not the one of the \restrict before it, and
 * a key that is not alphanumeric; so is COPY in any form but pg_dump's own. A fragment may begin and end
 * inside \restrict, but not inside anything else.
 */
#ifndef INCANT_SCAN_H
#define INCANT_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "incant/contents.h"
#include "incant/stage.h"

/* One statement as it stands in the script, from its first token to its ';' included. Borrowed for the call.
 */
struct scan_statement {
	const char *text; /* NUL-terminated; cut to keep_bytes when longer, then `cut` is true */
	size_t len;       /* of text */
	bool cut;
	const char *kind;   /* as in struct contents_statement */
	const char *name;   /* as there; "" where it has none */
	uint64_t plain_off; /* of its first byte */
	uint64_t bytes;     /* its whole length */
};

/* What is told to a sink, in order. Each function returns 0, or -1 with the error set, which stops the
 * stream. NULL = not of interest. */
struct scan_sink {
	int (*statement)(struct scan_sink *sink,
		const struct scan_statement *statement); /* all but COPY … FROM stdin */
	int (*connect)(struct scan_sink *sink, const char *database,
		uint64_t plain_off);                                   /* \connect, the name decoded */
	int (*encoding)(struct scan_sink *sink, const char *encoding); /* \encoding */
	int (*copy_begin)(struct scan_sink *sink, const struct scan_statement *statement,
		const struct contents_table *table);
	int (*copy_data)(struct scan_sink *sink, const char *bytes,
		size_t len); /* pieces; not cut at rows; without the \. line */
	int (*copy_end)(struct scan_sink *sink,
		const struct contents_table *table); /* rows, bytes, digest are final */
};

struct scan_options {
	struct contents *contents; /* filled in; borrowed, initialised by the caller */
	struct scan_sink *sink;    /* borrowed; NULL = none */
	size_t keep_bytes; /* how much of a statement's text to keep: 0 = SCAN_KEEP_DEFAULT (enough to name
			      it) */
	int error_class; /* of what is wrong with the script: ERR_SOURCE in a backup, ERR_DAMAGED in a reader
			  */
	bool fragment;   /* the input is a part of a script (a section): no trailer is expected at its end */
	uint64_t plain_off; /* offset of the first byte that will be written (fragments) */
};

#define SCAN_KEEP_DEFAULT (64u << 10)
#define SCAN_KEEP_WHOLE   (1u << 30) /* PostgreSQL takes no longer statement */

struct stage *scan_new(struct stage *next, const struct scan_options *options);

#endif
