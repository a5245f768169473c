/*
 * The digest of a table's rows with their fields in another order: that of a second list of the same columns.
 *
 * Order of calls: scan_rows_begin(), scan_rows_write() for the rows in pieces, scan_rows_digest(),
 * scan_rows_clear().
 */
#ifndef SCAN_ROWS_H
#define SCAN_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "incant/buf.h"
#include "incant/digest.h"

struct scan_rows {
	size_t *order; /* field i of a row as it is to be is field order[i] of the one that comes */
	size_t count;
	struct buf row;      /* the one that is not complete yet */
	struct buf permuted; /* work space */
	size_t *begins;      /* where the fields of a row begin; one more than there are */
	bool odd;            /* a row had another number of fields */
	struct digest128 digest;
};

/*
 * Columns as COPY writes them: `a, "b, c"`. True when `wanted` has the same columns as `coming` in another
 * order; only then there is something to clear.
 */
bool scan_rows_begin(struct scan_rows *rows, const char *coming, const char *wanted);
void scan_rows_write(struct scan_rows *rows, const char *bytes, size_t len);

/* As contents_table.digest. False when a row had not as many fields as there are columns. */
bool scan_rows_digest(const struct scan_rows *rows, struct digest128 *digest);
void scan_rows_clear(struct scan_rows *rows);

#endif
