/*
 * Checks: what doctor and status find out, in the order in which they looked. Each has a name, whether all is
 * well, what was seen, and, where it is not well, what to do.
 */
#ifndef INCANT_OP_CHECK_H
#define INCANT_OP_CHECK_H

#include <stdbool.h>
#include <stddef.h>

struct op_check {
	char *name; /* "newest backup", "store local" */
	bool ok;
	char *detail; /* what was seen: one line */
	char *hint;   /* a sentence that tells what to do; NULL = none */
};

struct op_checks {
	struct op_check *checks;
	size_t count, capacity;
};

/* Add one that is well; one that is not, with its hint (NULL = none). name and hint are copied. */
void op_checks_add_ok(struct op_checks *checks, const char *name, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void op_checks_add_bad(struct op_checks *checks, const char *name, const char *hint, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* Adds the current error as one that is not well, its hint included, and clears it. */
void op_checks_add_error(struct op_checks *checks, const char *name);

/* Moves all of `from` behind those of `to`; `from` is empty then. */
void op_checks_move(struct op_checks *to, struct op_checks *from);

/* How many are not well. */
size_t op_checks_count_bad(const struct op_checks *checks);

void op_checks_clear(struct op_checks *checks);

#endif
