/*
 * Secrets in memory. What holds one calls secret_hold() before and secret_release() after: in between the
 * process leaves no core dump and no other process of the same user can look into it. What is not needed any
 * more is wiped, which a compiler may not leave out.
 */
#ifndef INCANT_SECRET_H
#define INCANT_SECRET_H

#include <stddef.h>

#include "incant/buf.h"

/* Count: as many releases as holds. From any thread. */
void secret_hold(void);
void secret_release(void);

void secret_wipe(void *bytes, size_t len); /* NULL is allowed with len 0 */

/* Wipes and frees. A buf that held a secret must have been given its room in advance (buf_reserve()): one
 * that grew has left copies behind. */
void secret_clear(struct buf *buf);
void secret_free(char *text); /* NULL is allowed */

#endif
