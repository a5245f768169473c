/*
 * A pool of worker threads with ordered draining. Only pure functions cross threads: work->run() reads and
 * writes nothing but its own work. Submission and draining happen on one thread, the owner's; works come back
 * in the order in which they were submitted, whatever the number of workers.
 *
 * Back-pressure is the owner's: it has a fixed number of works and drains one when it has none free.
 */
#ifndef INCANT_WORKPOOL_H
#define INCANT_WORKPOOL_H

#include "incant/error.h"

struct workpool;

/* First member of a concrete work. */
struct work {
	int (*run)(struct work *
			work); /* on a worker. 0, or -1 with that thread's error set: it is kept in `error` */
	int result;            /* what run() returned; valid once drained */
	struct error error;    /* of run(), when result is -1 */
	struct work *next;     /* the pool's */
	int state;             /* the pool's */
};

/* workers 1 to 64. NULL with ERR_INTERNAL when threads cannot be had. */
struct workpool *workpool_new(unsigned workers);

/* Queues a work (borrowed until it is drained). */
void workpool_submit(struct workpool *pool, struct work *work);

/* The oldest work not yet drained, waiting until it is done; NULL when none is under way. */
struct work *workpool_drain(struct workpool *pool);

/* As workpool_drain(), but NULL also when the oldest is not done yet. */
struct work *workpool_drain_ready(struct workpool *pool);

/* Waits for what is running, forgets what is queued, ends the threads. NULL is allowed. */
void workpool_free(struct workpool *pool);

#endif
