/*
 * verify: reads backups back. Findings are gathered, not stopped at; with any, -1 and ERR_DAMAGED after all
 * was read. An encrypted backup that cannot be looked into for want of an identity is a warning; one that the
 * identity of the settings does not open is ERR_KEYS.
 */
#ifndef INCANT_OP_VERIFY_H
#define INCANT_OP_VERIFY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "incant/op.h"

struct op_verify_request {
	struct op_which which;
	bool all;
};
struct op_finding {
	char *object;    /* "cluster.sql.zst" */
	uint64_t offset; /* stored_off where it begins */
	char *problem;
};
struct op_verified {
	char *id, *store;
	struct op_finding *findings;
	size_t finding_count, finding_capacity;
	uint64_t read_bytes;
	bool closed; /* encrypted, and no identity opened it: digests and age headers were checked, no more */
};
struct op_verify_report {
	struct op_verified *backups;
	size_t count, capacity;
};
int op_verify_run(const struct settings *settings, const struct op_verify_request *request,
	struct op_verify_report *report);
void op_verify_report_clear(struct op_verify_report *report);

#endif
