/*
 * Sections: which database a stretch of the script belongs to. They tile the script: each begins where the
 * one before ends, in the gap (comments and blank lines) in front of its first item.
 *
 * A section begins with CREATE DATABASE x or with \connect x, and with what directly in front of it sets up
 * the session (SET, set_config, \restrict, \encoding) or drops x: the run. Inside the gap before that, it
 * begins with pg_dumpall's title of the database, where there is one, so that a section reads well alone; a
 * run does not reach back over a title. A forged title can do no harm: it moves the border among comments and
 * statements that set up a session, no further.
 *
 * Order of calls: for every comment of a gap scan_section_comment(); when an item begins scan_section_item();
 * and when it is complete the one call that says what it was.
 */
#ifndef SCAN_SECTION_H
#define SCAN_SECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "incant/contents.h"

struct scan_section {
	struct contents *contents; /* borrowed; the last section is the present one */
	uint64_t cut_at;           /* where a section would begin that has the present item as its first */

	/* The gap in front of the next item. */
	bool titled;
	uint64_t title_at;
	bool ruled; /* the line before was a bare "--" */
	uint64_t rule_at;

	/* The run in front of the next item. */
	bool running;
	uint64_t run_at;
	char *encoding; /* set in the run; NULL = none */
	char *dropped;  /* the database dropped in the run; NULL = none */
	size_t drops;   /* statements of the present section that are part of the run */
	bool untouched; /* a \connect led from the globals here, and nothing but a run has followed */
};

/* Begins the globals at that offset. contents is initialised and empty. */
void scan_section_init(struct scan_section *section, struct contents *contents, uint64_t plain_off);
void scan_section_clear(struct scan_section *section);

struct contents_section *scan_section_current(const struct scan_section *section);

/* A comment line of a gap: its text, which may be cut, and its whole length. */
void scan_section_comment(struct scan_section *section, const char *text, size_t len, uint64_t plain_off);

/* An item begins; gap_at is where the gap in front of it began. */
void scan_section_item(struct scan_section *section, uint64_t gap_at);

/* The item set up the session; encoding is what it set client_encoding to, or NULL. */
void scan_section_session(struct scan_section *section, const char *encoding);

/* The item is a statement that drops a database (NULL: or prepares that), about to be recorded. */
void scan_section_drop(struct scan_section *section, const char *database);

/* The item is anything else, about to be recorded. cluster: it concerns the cluster. */
void scan_section_other(struct scan_section *section, bool cluster);

/* The item is CREATE DATABASE, about to be recorded, or \connect. */
void scan_section_create(struct scan_section *section, const char *database);
void scan_section_connect(struct scan_section *section, const char *database);

/* The script ends at that offset. */
void scan_section_end(struct scan_section *section, uint64_t plain_off);

#endif
