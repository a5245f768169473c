/*
 * prune: rotation. In every store of the settings, or in one, backups that no rule keeps are removed, and
 * what runs that did not finish have left. Each store is looked at afresh and decided on by its own
 * manifests; what other stores know of pins, proofs and suspicions only ever adds reasons to keep.
 */
#ifndef INCANT_OP_PRUNE_H
#define INCANT_OP_PRUNE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "incant/error.h"
#include "incant/op.h"
#include "incant/op_lock.h"

struct op_prune_request {
	const char *store;    /* NULL = all */
	bool dry_run;         /* decide, remove nothing */
	const char *accept;   /* a suspect backup (as WHICH) that counts as good from now on; NULL = none */
	struct op_lock *lock; /* held by the caller; NULL = the run takes its own, but for a dry run */
	uint64_t wait_ms;
};
struct op_verdict {
	char *id, *store;
	bool keep;
	bool removed; /* not in a dry run, and not where removing failed */
	char *reason;
	uint64_t stored_bytes;
};
struct op_prune_store {
	char *name;
	bool ok;
	struct error error; /* when not ok: it failed, or nothing may be dropped */
	uint64_t kept, kept_bytes;
	uint64_t dropped, dropped_bytes; /* in a dry run what would be */
	uint64_t free_bytes;             /* afterwards; UINT64_MAX = there is no telling */
	int full_in_days;                /* by the policy and the way sizes go; -1 = not within sight */
};
struct op_prune_report {
	struct op_verdict *verdicts; /* store by store, newest first */
	size_t count, capacity;
	struct op_prune_store *stores;
	size_t store_count, store_capacity;
	char *accepted; /* its id; NULL = none */
};

/*
 * A store that fails does not keep the others from being pruned; -1 with the first error at the end. It is
 * ERR_STORE, too, where a store's backups forbid that anything is dropped.
 */
int op_prune_run(const struct settings *settings, const struct op_prune_request *request,
	struct op_prune_report *report);
void op_prune_report_clear(struct op_prune_report *report);

#endif
