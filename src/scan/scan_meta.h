/* Meta-commands: the lines with a backslash that pg_dumpall writes for psql. */
#ifndef SCAN_META_H
#define SCAN_META_H

#include <stdbool.h>
#include <stddef.h>

enum scan_meta_command {
	SCAN_META_CONNECT,   /* \connect name; \connect -reuse-previous=on "dbname='name'" */
	SCAN_META_ENCODING,  /* \encoding name */
	SCAN_META_RESTRICT,  /* \restrict key */
	SCAN_META_UNRESTRICT /* \unrestrict key */
};

struct scan_meta {
	enum scan_meta_command command;
	char *argument; /* the database (decoded), the encoding, the key; the caller frees it */
};

/* Reads a line without its newline. False when it is not exactly one that pg_dumpall writes. */
bool scan_meta_parse(struct scan_meta *meta, const char *line, size_t len);

#endif
