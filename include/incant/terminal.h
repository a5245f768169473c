/*
 * The terminal of the person who runs the program, whatever standard input and output are.
 */
#ifndef INCANT_TERMINAL_H
#define INCANT_TERMINAL_H

#include "incant/buf.h"

enum { TERMINAL_NONE = 1 };

/*
 * Asks for a secret: writes the prompt, reads a line without showing it, and appends it without its newline
 * (for which the buf has room in advance; longer than limit is an error). 0; TERMINAL_NONE when the process
 * has no terminal; -1 with ERR_KEYS, or ERR_INTERRUPTED after a signal.
 */
int terminal_ask_secret(const char *prompt, size_t limit, struct buf *secret);

/* The same for what may be seen. */
int terminal_ask_line(const char *prompt, size_t limit, struct buf *line);

#endif
