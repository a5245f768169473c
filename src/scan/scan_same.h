/*
 * Two texts of one statement: whether they mean the same although they are not the same, and how to show
 * where they part. Texts are NUL-terminated, from the first token to the ';'.
 */
#ifndef SCAN_SAME_H
#define SCAN_SAME_H

#include <stdbool.h>

/*
 * Whether the second is the first after a faithful round trip (scan_proof.h has the list): the columns of a
 * table that inherits stand in another order, or a tablespace in another place.
 */
bool scan_same_statement(const char *was, const char *is);

/*
 * How two texts are shown: on one line each, from shortly in front of where they part, cut to a readable
 * length, what may be a password left out. Either text may be NULL, and is "missing" then. The caller frees
 * both results.
 */
void scan_same_show(const char *was, const char *is, char **shown_was, char **shown_is);

#endif
