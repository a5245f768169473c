/*
 * The comparison behind a proof: the contents of a backup against the dump of its test restore, which goes
 * through the same scanner. Pure: no server, no store.
 *
 *     scan_proof_new(&options)
 *     scan_proof_sink()         -> scan_options.sink while the second dump is scanned into options.found,
 * with keep_bytes SCAN_PROOF_KEEP scan_proof_compare()      -> the differences scan_proof_free()
 *
 * A faithful round trip (dump, restore, dump) is allowed to change this, and nothing else:
 *
 *   - the order of statements, and of the rows of a table: it says in what order things were made or last
 *     written, not what they are;
 *   - comments, version lines, the keys of \restrict, and the settings of the dump's own session: no part of
 *     the contents;
 *   - the order of columns of a table that inherits some (CREATE TABLE … INHERITS): columns that a parent got
 *     later stand behind the child's own in the source, and in front of them in a new table. Definitions are
 *     compared column by column, rows with their fields in the order of the backup;
 *   - the place of a tablespace: in a scratch server it lies in the data directory;
 *   - the first role of the scratch server, where the backup has none of that name, and its database postgres
 *     or template1, where the source has dropped its own and nothing is in it.
 */
#ifndef INCANT_SCAN_PROOF_H
#define INCANT_SCAN_PROOF_H

#include <stddef.h>

#include "incant/buf.h"
#include "incant/contents.h"
#include "incant/scan.h"

/* Longer statements are compared by digest alone. */
#define SCAN_PROOF_KEEP (1u << 20)

struct scan_proof_options {
	const struct contents *recorded; /* borrowed, as the next one */
	const struct contents *found;    /* what the scanner fills in */
	const char *superuser;           /* the scratch server's first role; borrowed */
	/* Appends a stretch of the backup's dump. 0 or -1. */
	int (*read)(void *context, struct extent at, struct buf *text);
	void *context;
};

struct scan_proof;
struct scan_proof *scan_proof_new(const struct scan_proof_options *options);
struct scan_sink *scan_proof_sink(struct scan_proof *proof);
void scan_proof_free(struct scan_proof *proof); /* NULL is allowed */

/* One difference in words; texts are as the dumps have them, passwords left out. */
struct scan_finding {
	char *where;    /* "database shop: CREATE INDEX public.t t_a" */
	char *expected; /* what the backup has; "missing" for nothing */
	char *found;    /* what came back */
};
struct scan_findings {
	struct scan_finding *list;
	size_t count, capacity;
};
void scan_findings_clear(struct scan_findings *findings);

/* Shows two texts of a definition (NULL = missing) as findings do; the caller frees both results. */
void scan_proof_show(const char *was, const char *is, char **expected, char **found);

/* Adds every difference that is not allowed. 0, or -1 when the backup could not be read. */
int scan_proof_compare(struct scan_proof *proof, struct scan_findings *findings);

#endif
