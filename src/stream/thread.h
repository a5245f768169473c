/* Starting a thread of this program. Private to stream/: no other part has threads of its own. */
#ifndef INCANT_STREAM_THREAD_H
#define INCANT_STREAM_THREAD_H

#include <pthread.h>

/*
 * Starts run(argument) on a new thread, which is to be joined by the caller. Signals are blocked in it: they
 * are to interrupt the system calls of the thread that runs the recipe. 0, or -1 with ERR_INTERNAL.
 */
int thread_start(pthread_t *thread, void *(*run)(void *argument), void *argument);

#endif
