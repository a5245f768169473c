/* What a store lacks of earlier backups, copied by the run after those that could not. */
#ifndef INCANT_OP_CATCH_UP_H
#define INCANT_OP_CATCH_UP_H

#include "op_copy.h"

/*
 * Copies the backups of the source that copy->from has and copy->to lacks, newest first: those that rotation
 * would keep there. Any other would be removed again at once; somebody may `push` it. Where rotation would
 * refuse to decide nothing is copied. Then removes what earlier copies have left in copy->to, packs its
 * catalog, and is done. The caller holds the source's lock. 0, or -1 when a copy failed; others were made.
 */
int op_catch_up(const struct op_copy *copy);

/*
 * The end of copying into a store that now has all it should have: removes unfinished uploads and objects
 * that no manifest names, and packs the catalog. What fails there is a warning: all copies stand.
 */
void op_catch_up_tidy(const struct settings *settings, const struct settings_store *place);

#endif
