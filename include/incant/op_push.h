/*
 * push: copies into stores what they lack. A copy that was begun goes on where it stopped.
 */
#ifndef INCANT_OP_PUSH_H
#define INCANT_OP_PUSH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "incant/error.h"
#include "incant/op.h"

struct op_push_request {
	struct op_which which; /* store: push into this one only; NULL = into all */
	bool all;              /* every backup of the source */
	uint64_t wait_ms;      /* for the lock; 0 = not at all */
};

/* A backup and a store that lacked it. */
struct op_pushed {
	char *id, *store;
	uint64_t bytes; /* of the copy */
	bool ok;
	struct error error; /* when not ok */
};
struct op_push_report {
	struct op_pushed *pushed; /* empty when no store lacked anything */
	size_t count, capacity;
};

/* -1 when a copy could not be made; others were. */
int op_push_run(const struct settings *settings, const struct op_push_request *request,
	struct op_push_report *report);
void op_push_report_clear(struct op_push_report *report);

#endif
