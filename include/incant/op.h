/*
 * What the program does: one recipe a command, each with its request and report in op_VERB.h; here stands
 * what they share. A recipe takes a request, builds its chains, and fills in a report. It knows nothing of
 * argv and prints nothing (but the log and progress); cli/ turns words into requests and reports into text or
 * JSON.
 *
 * Every op_ function returns 0, or -1 with the error set; the report is initialised by it and cleared by the
 * caller in both cases (it holds what is known so far).
 */
#ifndef INCANT_OP_H
#define INCANT_OP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "incant/manifest.h"
#include "incant/pin.h"
#include "incant/proof.h"
#include "incant/settings.h"
#include "incant/suspect.h"

/* Which backup. `which` NULL and no date: the newest. */
struct op_which {
	const char *which; /* id, unique prefix, "latest", or NULL */
	bool has_at;
	int64_t at;        /* newest whole backup at or before this second */
	const char *store; /* look in this store only; NULL = all, first one first */
};

/* A backup as people and programs see it: its manifest, the stores that have it, its pin and its
 * proof. */
struct op_backup {
	struct manifest manifest;
	char **stores;
	size_t store_count, store_capacity;
	struct pin *pin;         /* the one that holds longest of those in the stores; NULL = none */
	struct proof *proof;     /* the latest one of those in the stores; NULL = none */
	struct suspect *suspect; /* NULL = it is not, in any of them */
};
void op_backup_clear(struct op_backup *backup);

#endif
