/* What of a loss can be seen in the contents of a dump. Pure. */
#ifndef INCANT_OP_SHRINK_H
#define INCANT_OP_SHRINK_H

#include <stddef.h>

#include "incant/contents.h"
#include "incant/manifest.h"
#include "incant/suspect.h"

struct op_shrink_limits {
	unsigned max_percent;   /* of rows or bytes that may be gone; 100 = any */
	const char *may_shrink; /* patterns of "D.S.T", or of "D", with blanks between; NULL = none */
};

/*
 * Holds new contents against those of good backups, newest first, at least one; what looks like a loss is
 * added to *suspect as a reason each. A table has to have had rows in all of them, and a share is one of what
 * the least of them had: what comes and goes by itself is no loss.
 */
void op_shrink_compare(const struct op_shrink_limits *limits, const struct contents *found,
	const struct contents *before, size_t count, struct suspect *suspect);

/* The same from the totals alone, where the contents of the earlier one cannot be read. */
void op_shrink_compare_totals(const struct op_shrink_limits *limits, const struct manifest *found,
	const struct manifest *before, struct suspect *suspect);

#endif
