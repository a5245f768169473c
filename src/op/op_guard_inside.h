/* The parts of guard. */
#ifndef INCANT_OP_GUARD_INSIDE_H
#define INCANT_OP_GUARD_INSIDE_H

#include "incant/op_guard.h"

struct op_guard {
	const struct settings *settings;
	const struct op_guard_request *request;
	struct op_guard_report *report;
	struct op_lock *lock;
};

/* Reads what the backup holds into report->before, dumps the cluster once more, into nothing, for
 * report->after, and compares the two. 0 or -1. */
int op_guard_compare(struct op_guard *guard);

/* Takes the pins of guard's older backups away. What fails is a warning. */
void op_guard_end_old_pins(const struct op_guard *guard);

/* What the way back takes: names borrowed from the report's contents, the array is the caller's. */
struct op_guard_choice {
	const char **names;
	size_t count, capacity;
	bool globals;       /* roles, what they are members of, or settings of the cluster changed */
	bool roles_missing; /* some of the roles are gone */
};

/* Chooses from what changed; where that is not known, all databases that the backup can make. */
void op_guard_choose(const struct op_guard_report *report, struct op_guard_choice *choice);

/*
 * Swaps back to the backup the databases that changed, or all of them where that is not known, and makes
 * missing roles again. 0 with report->went_back, which stays false when there is nothing to go back to; or
 * -1.
 */
int op_guard_go_back(struct op_guard *guard);

#endif
