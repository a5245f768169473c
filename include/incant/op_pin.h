/*
 * pin, unpin: keeping a backup out of rotation, in every store that has it.
 */
#ifndef INCANT_OP_PIN_H
#define INCANT_OP_PIN_H

#include <stdbool.h>
#include <stdint.h>

#include "incant/op.h"

struct op_pin_request {
	struct op_which which;
	bool unpin;
	int64_t until;      /* 0 = for ever */
	const char *reason; /* NULL = none */
};
struct op_pin_report {
	struct op_backup backup; /* with its pin as it is now */
};

/*
 * Pins, or takes the pin away, in every store that has the backup. A suspect one that is pinned counts as
 * good. A store that does not answer, or does not take the record, is a failure (ERR_STORE) after the others
 * were done. A backup that is being removed is ERR_NOT_FOUND.
 */
int op_pin_run(
	const struct settings *settings, const struct op_pin_request *request, struct op_pin_report *report);
/* Puts a pin beside a backup in all stores that it names. 0, or -1 with the first error after all were tried.
 */
int op_pin_in_stores(const struct settings *settings, const struct op_backup *backup, const struct pin *pin);

void op_pin_report_clear(struct op_pin_report *report);

#endif
