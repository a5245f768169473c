/*
 * keygen: a new age identity.
 */
#ifndef INCANT_OP_KEYGEN_H
#define INCANT_OP_KEYGEN_H

#include "incant/age.h"

struct op_keygen_request {
	const char *output; /* where the identity goes: a new file, 0600; NULL = to the descriptor */
	int fd;
};
struct op_keygen_report {
	char recipient[AGE_KEY_TEXT];
};

/* Needs no settings. A file that exists is ERR_KEYS and stays as it is. The secret key goes nowhere else. */
int op_keygen_run(const struct op_keygen_request *request, struct op_keygen_report *report);

#endif
