/*
 * What a store that gets copies may still expect: the backups that the first store has and this one lacks, as
 * far as rotation would keep them there. The next run copies them; what a copy that stopped has left of them
 * is not swept.
 */
#ifndef INCANT_OP_AWAITED_H
#define INCANT_OP_AWAITED_H

#include "incant/retention.h"

#include "op_shelf.h"

struct op_awaited {
	const struct catalog_entry **entries; /* as the first store has them, newest first */
	size_t count;
	struct store_awaited objects; /* for sweeps: all that belongs to one of them */
};

/*
 * Finds them. shelf: what is known of pins, proofs and suspicions; from and to are places of it, keep is the
 * policy of `to`. awaited is initialised here and cleared by the caller in every case; it borrows from the
 * catalogs, and must stay where it is. 0; or RETENTION_REFUSED where rotation would not decide, and none is
 * awaited.
 */
int op_awaited_find(const struct op_shelf *shelf, const struct op_place *from, const struct op_place *to,
	const struct retention_policy *keep, struct op_awaited *awaited);
void op_awaited_clear(struct op_awaited *awaited);

#endif
