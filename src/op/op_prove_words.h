/* What the failure of a test restore teaches. Pure. */
#ifndef INCANT_OP_PROVE_WORDS_H
#define INCANT_OP_PROVE_WORDS_H

#include <stdbool.h>

/*
 * Whether a restore's error says something about the machine that it ran on (a full disk, no memory, a lost
 * connection), and nothing about the backup.
 */
bool op_prove_is_about_machine(const char *message);

/* What it means for the source, and what to do there: sentences, or NULL where the error says it all. */
const char *op_prove_lesson(const char *message);

#endif
