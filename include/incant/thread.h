/*
 * Starting a thread of this program. Threads are few and each has its reason: a relay's far side, the workers
 * of a pool (stream/), and the lanes of a parallel restore (restore/).
 */
#ifndef INCANT_THREAD_H
#define INCANT_THREAD_H

#include <pthread.h>

/*
 * Starts run(argument) on a new thread, which is to be joined by the caller. Signals are blocked in it: they
 * are to interrupt the system calls of the thread that runs the recipe. 0, or -1 with ERR_INTERNAL.
 */
int thread_start(pthread_t *thread, void *(*run)(void *argument), void *argument);

#endif
