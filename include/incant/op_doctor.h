/*
 * doctor: looks at settings, access, versions, space, clock, keys, and at how exposed the host is, and says
 * how to mend what is not well. Changes nothing but for an object of its own that it puts into each store and
 * removes.
 */
#ifndef INCANT_OP_DOCTOR_H
#define INCANT_OP_DOCTOR_H

#include "incant/op_check.h"
#include "incant/settings.h"

struct op_doctor_report {
	struct op_checks checks;
};

/* 0 when all is well, -1 with ERR_CHECK otherwise ("3 of 14 checks are not well"), ERR_INTERRUPTED. */
int op_doctor_run(const struct settings *settings, struct op_doctor_report *report);
void op_doctor_report_clear(struct op_doctor_report *report);

#endif
