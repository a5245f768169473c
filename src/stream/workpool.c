/*
 * A pool of worker threads with ordered draining.
 *
 * Who: the owner's thread submits and drains; the workers run. When: from workpool_new() to workpool_free(),
 * which joins them.
 *
 * There is one list of works, in the order of submission, and two places in it: `oldest`, the next to be
 * drained, and `waiting`, the next to be run. Everything from oldest up to waiting is running or done. One
 * lock guards the list, both places and the state of each work in it; a work's other members belong to
 * whoever has it: the owner before submission and after draining, a worker in between.
 *
 * It cannot deadlock: no thread holds the lock while it runs a work or waits for anything but a condition,
 * workers never wait for the owner while there is something to run, and the owner waits for a work only
 * after submitting it, so that it is running, done, or next in line for a worker.
 */
#include "config.h"

#include "incant/workpool.h"

#include <assert.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

#include "incant/mem.h"
#include "incant/thread.h"

enum { WORK_WAITING, WORK_RUNNING, WORK_DONE };

struct workpool {
	pthread_mutex_t lock;
	pthread_cond_t submitted; /* to workers: waiting is not NULL, or ending */
	pthread_cond_t done;      /* to the owner: the oldest is done */
	struct work *oldest;
	struct work *newest;
	struct work *waiting;
	bool ending;
	pthread_t *threads;
	unsigned thread_count;
};

/* The next work to run, waiting for one; NULL when the pool ends. The lock is held. */
static struct work *
claim(struct workpool *pool)
{
	struct work *work;

	while (pool->waiting == NULL && !pool->ending)
		pthread_cond_wait(&pool->submitted, &pool->lock);
	if (pool->ending)
		return NULL;
	work = pool->waiting;
	pool->waiting = work->next;
	work->state = WORK_RUNNING;
	return work;
}

static void
run(struct work *work)
{
	error_clear();
	work->result = work->run(work);
	error_take(&work->error);
}

static void *
worker(void *argument)
{
	struct workpool *pool = argument;
	struct work *work;

	pthread_mutex_lock(&pool->lock);
	for (;;) {
		work = claim(pool);
		if (work == NULL)
			break;
		pthread_mutex_unlock(&pool->lock);
		run(work);
		pthread_mutex_lock(&pool->lock);
		work->state = WORK_DONE;
		if (work == pool->oldest)
			pthread_cond_signal(&pool->done);
	}
	pthread_mutex_unlock(&pool->lock);
	return NULL;
}

struct workpool *
workpool_new(unsigned workers)
{
	struct workpool *pool = mem_zero(sizeof(*pool));

	assert(workers >= 1 && workers <= 64);
	pthread_mutex_init(&pool->lock, NULL);
	pthread_cond_init(&pool->submitted, NULL);
	pthread_cond_init(&pool->done, NULL);
	pool->threads = mem_resize(NULL, workers, sizeof(*pool->threads));
	while (pool->thread_count < workers) {
		if (thread_start(&pool->threads[pool->thread_count], worker, pool) != 0) {
			workpool_free(pool);
			return NULL;
		}
		pool->thread_count++;
	}
	return pool;
}

void
workpool_submit(struct workpool *pool, struct work *work)
{
	work->next = NULL;
	work->state = WORK_WAITING;
	pthread_mutex_lock(&pool->lock);
	if (pool->oldest == NULL)
		pool->oldest = work;
	else
		pool->newest->next = work;
	pool->newest = work;
	if (pool->waiting == NULL)
		pool->waiting = work;
	pthread_cond_signal(&pool->submitted);
	pthread_mutex_unlock(&pool->lock);
}

/* Takes the oldest off the list. The lock is held. */
static struct work *
take_oldest(struct workpool *pool)
{
	struct work *work = pool->oldest;

	pool->oldest = work->next;
	if (pool->oldest == NULL)
		pool->newest = NULL;
	return work;
}

struct work *
workpool_drain(struct workpool *pool)
{
	struct work *work = NULL;

	pthread_mutex_lock(&pool->lock);
	while (pool->oldest != NULL && pool->oldest->state != WORK_DONE)
		pthread_cond_wait(&pool->done, &pool->lock);
	if (pool->oldest != NULL)
		work = take_oldest(pool);
	pthread_mutex_unlock(&pool->lock);
	return work;
}

struct work *
workpool_drain_ready(struct workpool *pool)
{
	struct work *work = NULL;

	pthread_mutex_lock(&pool->lock);
	if (pool->oldest != NULL && pool->oldest->state == WORK_DONE)
		work = take_oldest(pool);
	pthread_mutex_unlock(&pool->lock);
	return work;
}

void
workpool_free(struct workpool *pool)
{
	if (pool == NULL)
		return;
	pthread_mutex_lock(&pool->lock);
	pool->ending = true;
	pthread_cond_broadcast(&pool->submitted);
	pthread_mutex_unlock(&pool->lock);
	for (unsigned i = 0; i < pool->thread_count; i++)
		pthread_join(pool->threads[i], NULL);
	pthread_cond_destroy(&pool->done);
	pthread_cond_destroy(&pool->submitted);
	pthread_mutex_destroy(&pool->lock);
	free(pool->threads);
	free(pool);
}
