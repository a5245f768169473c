/*
 * status: is all well? The newest backup and its age, its proof, its files, and every store.
 */
#ifndef INCANT_OP_STATUS_H
#define INCANT_OP_STATUS_H

#include <stdint.h>

#include "incant/op_check.h"
#include "incant/settings.h"

struct op_status_report {
	struct op_checks checks;
	int64_t age_s, proof_age_s; /* of the newest backup and the newest proof; -1 = there is none */
	int64_t max_age_s;          /* 0 = any */
};

/* 0 when all is well; -1 with ERR_CHECK when something is not, which the checks say. */
int op_status_run(const struct settings *settings, struct op_status_report *report);
void op_status_report_clear(struct op_status_report *report);

#endif
