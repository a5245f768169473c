/*
 * verify --restore: the proof. A backup is restored into a scratch server, dumped from there by the dumper of
 * the same major version, and what that dump holds is compared with what the backup holds, row for row. The
 * verdict is recorded beside the backup, in every store that has it.
 */
#ifndef INCANT_OP_PROVE_H
#define INCANT_OP_PROVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "incant/op.h"
#include "incant/proof.h"

struct op_prove_request {
	struct op_which which;
	bool all; /* every backup, each in the first store that has it */
	enum settings_scratch_kind kind;
	bool keep; /* the scratch server stays up, whatever the verdict */
};
struct op_proven {
	char *id, *store;    /* store: whose copy was restored */
	struct proof *proof; /* NULL = there was no verdict: it was damaged, or the scratch server failed */
	char *damage;        /* what was found damaged; NULL = nothing */
	uint64_t read_bytes;
};
struct op_prove_report {
	struct op_proven *backups;
	size_t count, capacity;
	char *conninfo; /* of a scratch server that is kept; NULL = none */
	char *server;   /* what that is, for people */
};

/*
 * 0 when all that was asked for is proven. -1 with ERR_PROOF when a backup would not restore or came back
 * different; the others of `all` are proven nevertheless. Other errors: no verdict (ERR_NOT_FOUND,
 * ERR_DAMAGED, ERR_STORE, ERR_INTERRUPTED; ERR_PROOF also where the scratch server failed).
 */
int op_prove_run(const struct settings *settings, const struct op_prove_request *request,
	struct op_prove_report *report);
void op_prove_report_clear(struct op_prove_report *report);

#endif
