/* The scanner's own state, shared by scan.c (the stream) and scan_record.c (what its items mean). */
#ifndef SCAN_STATE_H
#define SCAN_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "incant/buf.h"
#include "incant/digest.h"
#include "incant/scan.h"
#include "incant/stage.h"

#include "scan_copy.h"
#include "scan_lex.h"
#include "scan_parse.h"
#include "scan_section.h"

/* What the bytes behind the present place are, when they are not for the lexer. */
enum scan_data {
	SCAN_DATA_NONE,
	SCAN_DATA_NEWLINE, /* the newline behind COPY … FROM stdin; */
	SCAN_DATA_ROWS
};

/* As much of a statement is parsed: the longest COPY (1600 quoted columns) and lowrite() that pg_dump writes
 * are shorter. */
#define SCAN_PARSED_BYTES (256u << 10)

struct scan {
	struct stage stage;
	struct scan_options options;
	struct scan_lex lex;
	struct scan_section section;
	struct scan_parse parse;
	struct buf name; /* of the present statement */
	bool trailer;    /* the last comment said that the dump is complete, and no item has followed */
	char *key;       /* of the \restrict that is in force; NULL = none */

	/* The present item. */
	struct buf text; /* its first text_limit bytes */
	size_t text_limit;
	uint64_t text_bytes;               /* its whole length */
	struct digest_xxh128 *text_digest; /* of an item longer than text_limit */

	enum scan_data data;
	struct scan_copy copy; /* into the last table of the present section */

	bool object_open; /* between lo_open and lo_close */
	struct contents_large_object object;
	struct digest_xxh128 *object_digest;
};

/* The item in scan->text is complete: record it and tell the sink. 0 or -1. */
int scan_record_statement(struct scan *scan);
int scan_record_meta(struct scan *scan);

#endif
