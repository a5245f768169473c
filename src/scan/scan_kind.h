/*
 * What kinds of statements there are: one table of patterns, the first that fits counts. A kind's text is a
 * constant: it need not be copied and is never freed.
 */
#ifndef SCAN_KIND_H
#define SCAN_KIND_H

#include "incant/buf.h"

#include "scan_parse.h"

/* What the scanner has to do with a statement. */
enum scan_class {
	SCAN_CLASS_OBJECT,      /* record it */
	SCAN_CLASS_CLUSTER,     /* record it; it concerns the cluster: stands in the globals */
	SCAN_CLASS_SESSION,     /* sets up a session: do not record it */
	SCAN_CLASS_TRANSACTION, /* nor this */
	SCAN_CLASS_CREATE_DATABASE,
	SCAN_CLASS_DROP_DATABASE, /* and the UPDATE that lets a template be dropped */
	SCAN_CLASS_COPY,
	SCAN_CLASS_SETVAL,
	SCAN_CLASS_LO_CREATE,
	SCAN_CLASS_LO_ABOUT, /* ALTER, GRANT, REVOKE, COMMENT, SECURITY LABEL … ON LARGE OBJECT */
	SCAN_CLASS_LO_OPEN,
	SCAN_CLASS_LO_WRITE,
	SCAN_CLASS_LO_CLOSE
};

struct scan_kind {
	enum scan_class class;
	const char *kind; /* as in struct contents_statement */
	size_t next;      /* the number of the token behind what the pattern took */
};

/* The kind of a statement, and its name as contents.h has it, written to name (reset first). */
struct scan_kind scan_kind_of(struct scan_parse *parse, struct buf *name);

/* The constant for a kind that was read from somewhere; "OTHER" when it is not one. */
const char *scan_kind_intern(const char *kind);

#endif
