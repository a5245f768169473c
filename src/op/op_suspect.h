/*
 * The shrink guard: what a new backup holds is compared with what the last good ones held, and a backup that
 * looks like a loss is marked suspect, in every store that has it.
 */
#ifndef INCANT_OP_SUSPECT_H
#define INCANT_OP_SUSPECT_H

#include "incant/contents.h"
#include "incant/op.h"
#include "incant/settings.h"

/*
 * Looks at a new backup; *suspect says what is wrong with it, or is NULL (the caller frees it). Nothing is
 * written. 0 or -1.
 */
int op_suspect_look(const struct settings *settings, const struct manifest *manifest,
	const struct contents *contents, struct suspect **suspect);

/* Marks a backup in all stores that it names; takes the mark away. 0, or -1 with the first error after all
 * were tried. */
int op_suspect_mark(
	const struct settings *settings, const struct op_backup *backup, const struct suspect *suspect);
int op_suspect_accept(const struct settings *settings, const struct op_backup *backup);

#endif
