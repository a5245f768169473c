#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "incant/workpool.h"

#define WORKS 200

struct square {
	struct work work;
	unsigned in, out;
};

static int
square_run(struct work *work)
{
	struct square *square = (struct square *)work;

	square->out = square->in * square->in;
	if (square->in % 7 == 3)
		return error_set(ERR_DAMAGED, "%u is not to my taste", square->in);
	return 0;
}

static void
check(const struct square *square, unsigned number)
{
	char text[64];

	assert_int_equal(square->in, number);
	assert_int_equal(square->out, number * number);
	assert_int_equal(square->work.result, number % 7 == 3 ? -1 : 0);
	if (square->work.result != 0) {
		snprintf(text, sizeof(text), "%u is not to my taste", number);
		assert_int_equal(square->work.error.class, ERR_DAMAGED);
		assert_string_equal(square->work.error.message, text);
	}
}

static void
works_come_back_in_order_with(unsigned workers)
{
	struct square squares[WORKS];
	struct workpool *pool = workpool_new(workers);
	unsigned drained = 0;
	struct work *work;

	assert_non_null(pool);
	for (unsigned i = 0; i < WORKS; i++) {
		squares[i] = (struct square){ .work.run = square_run, .in = i };
		workpool_submit(pool, &squares[i].work);
		for (work = workpool_drain_ready(pool); work != NULL; work = workpool_drain_ready(pool))
			check((struct square *)work, drained++);
	}
	for (work = workpool_drain(pool); work != NULL; work = workpool_drain(pool))
		check((struct square *)work, drained++);
	assert_int_equal(drained, WORKS);
	workpool_free(pool);
}

static void
works_come_back_in_order_whatever_the_number_of_workers(void **state)
{
	(void)state;
	works_come_back_in_order_with(1);
	works_come_back_in_order_with(2);
	works_come_back_in_order_with(16);
	works_come_back_in_order_with(64);
}

static void
a_work_can_be_submitted_again_once_it_is_drained(void **state)
{
	struct workpool *pool = workpool_new(2);
	struct square square = { .work.run = square_run };

	(void)state;
	for (unsigned i = 0; i < WORKS; i++) {
		square.in = i;
		workpool_submit(pool, &square.work);
		assert_ptr_equal(workpool_drain(pool), &square.work);
		check(&square, i);
	}
	workpool_free(pool);
}

static void
an_idle_pool_has_nothing_to_drain(void **state)
{
	struct workpool *pool = workpool_new(3);

	(void)state;
	assert_null(workpool_drain(pool));
	assert_null(workpool_drain_ready(pool));
	workpool_free(pool);
	workpool_free(NULL);
}

/* A work that waits until it is let go. */
struct held {
	struct work work;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool started, let_go;
};

static int
held_run(struct work *work)
{
	struct held *held = (struct held *)work;

	pthread_mutex_lock(&held->lock);
	held->started = true;
	pthread_cond_broadcast(&held->changed);
	while (!held->let_go)
		pthread_cond_wait(&held->changed, &held->lock);
	pthread_mutex_unlock(&held->lock);
	return 0;
}

static void
held_wait_until_started(struct held *held)
{
	pthread_mutex_lock(&held->lock);
	while (!held->started)
		pthread_cond_wait(&held->changed, &held->lock);
	pthread_mutex_unlock(&held->lock);
}

static void
held_let_go(struct held *held)
{
	pthread_mutex_lock(&held->lock);
	held->let_go = true;
	pthread_cond_broadcast(&held->changed);
	pthread_mutex_unlock(&held->lock);
}

static void
a_later_work_waits_for_an_earlier_one(void **state)
{
	struct workpool *pool = workpool_new(2);
	struct held held = {
		.work.run = held_run,
		.lock = PTHREAD_MUTEX_INITIALIZER,
		.changed = PTHREAD_COND_INITIALIZER,
	};
	struct square square = { .work.run = square_run, .in = 5 };

	(void)state;
	workpool_submit(pool, &held.work);
	workpool_submit(pool, &square.work);
	held_wait_until_started(&held);
	assert_null(workpool_drain_ready(pool));
	held_let_go(&held);
	assert_ptr_equal(workpool_drain(pool), &held.work);
	assert_ptr_equal(workpool_drain(pool), &square.work);
	check(&square, 5);
	workpool_free(pool);
}

static void *
let_go(void *held)
{
	held_let_go(held);
	return NULL;
}

static void
freeing_waits_for_what_runs_and_forgets_what_is_queued(void **state)
{
	struct workpool *pool = workpool_new(1);
	struct held held = {
		.work.run = held_run,
		.lock = PTHREAD_MUTEX_INITIALIZER,
		.changed = PTHREAD_COND_INITIALIZER,
	};
	struct square square = { .work.run = square_run, .in = 5, .out = 0 };
	pthread_t thread;

	(void)state;
	workpool_submit(pool, &held.work);
	workpool_submit(pool, &square.work);
	held_wait_until_started(&held);
	assert_int_equal(pthread_create(&thread, NULL, let_go, &held), 0);
	workpool_free(pool);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_true(held.let_go);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(works_come_back_in_order_whatever_the_number_of_workers),
		cmocka_unit_test(a_work_can_be_submitted_again_once_it_is_drained),
		cmocka_unit_test(an_idle_pool_has_nothing_to_drain),
		cmocka_unit_test(a_later_work_waits_for_an_earlier_one),
		cmocka_unit_test(freeing_waits_for_what_runs_and_forgets_what_is_queued),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
