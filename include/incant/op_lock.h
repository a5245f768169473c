/*
 * The lock of a source, in the first store: one run at a time makes, copies or removes its backups, or swaps
 * its databases. The system lets go of it however the process ends, so a lock that is held is held by
 * somebody alive.
 */
#ifndef INCANT_OP_LOCK_H
#define INCANT_OP_LOCK_H

#include <stdint.h>

#include "incant/settings.h"

struct op_lock;

/*
 * Takes the lock; doing says to others what for: "backup", "prune". Where it is held, waits wait_ms for it
 * (0 = not at all). 0 with *lock; -1 with ERR_BUSY, which says who holds it, since when and for what;
 * ERR_INTERRUPTED; or ERR_STORE.
 */
int op_lock_take(const struct settings *settings, const char *doing, uint64_t wait_ms, struct op_lock **lock);
void op_lock_release(struct op_lock *lock); /* NULL is allowed */

#endif
