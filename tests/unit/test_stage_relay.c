#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "incant/buf.h"
#include "incant/error.h"
#include "incant/mem.h"
#include "incant/stage.h"

/* The end of a chain that waits at a gate before each write, and fails after so many bytes. */
struct gate {
	struct stage base;
	pthread_mutex_t lock;
	pthread_cond_t opened;
	bool open;
	uint64_t fail_after; /* bytes */
	uint64_t *taken;
	bool *finished;
};

static int
gate_write(struct stage *stage, const void *bytes, size_t len)
{
	struct gate *gate = (struct gate *)stage;

	(void)bytes;
	pthread_mutex_lock(&gate->lock);
	while (!gate->open)
		pthread_cond_wait(&gate->opened, &gate->lock);
	pthread_mutex_unlock(&gate->lock);
	if (stage->in_bytes + len > gate->fail_after)
		return error_set(ERR_STORE, "the far disk is full");
	*gate->taken += len;
	return 0;
}

static int
gate_finish(struct stage *stage)
{
	*((struct gate *)stage)->finished = true;
	return 0;
}

static void
gate_free(struct stage *stage)
{
	struct gate *gate = (struct gate *)stage;

	pthread_cond_destroy(&gate->opened);
	pthread_mutex_destroy(&gate->lock);
	free(gate);
}

static const struct stage_ops gate_ops = {
	.name = "gate",
	.write = gate_write,
	.finish = gate_finish,
	.free = gate_free,
};

static struct gate *
gate_new(bool open, uint64_t fail_after, uint64_t *taken, bool *finished)
{
	struct gate *gate = mem_zero(sizeof(*gate));

	stage_init(&gate->base, &gate_ops, NULL);
	pthread_mutex_init(&gate->lock, NULL);
	pthread_cond_init(&gate->opened, NULL);
	gate->open = open;
	gate->fail_after = fail_after;
	gate->taken = taken;
	gate->finished = finished;
	*taken = 0;
	*finished = false;
	return gate;
}

static void
gate_open(struct gate *gate)
{
	pthread_mutex_lock(&gate->lock);
	gate->open = true;
	pthread_cond_signal(&gate->opened);
	pthread_mutex_unlock(&gate->lock);
}

/* Relays text through a ring of that shape, written piece bytes at a time. */
static void
comes_out_whole(const char *text, size_t buffers, size_t buffer_bytes, size_t piece)
{
	struct buf buf = BUF_EMPTY;
	struct stage *head = stage_relay_new(stage_buf_new(&buf), buffers, buffer_bytes);

	for (size_t at = 0; at < strlen(text); at += piece) {
		size_t rest = strlen(text) - at;

		assert_int_equal(stage_write(head, text + at, rest < piece ? rest : piece), 0);
	}
	assert_int_equal(stage_finish(head), 0);
	assert_int_equal(head->next->state, STAGE_FINISHED);
	stage_free(head);
	assert_string_equal(buf_text(&buf), text);
	buf_clear(&buf);
}

static void
the_stream_comes_out_whole_for_every_shape_of_ring_and_every_piece(void **state)
{
	static const char text[] = "The quick brown fox jumps over the lazy dog.";

	(void)state;
	for (size_t buffers = 1; buffers <= 3; buffers++)
		for (size_t bytes = 1; bytes <= sizeof(text); bytes += 3)
			for (size_t piece = 1; piece < sizeof(text); piece++)
				comes_out_whole(text, buffers, bytes, piece);
}

static void
an_empty_stream_finishes(void **state)
{
	(void)state;
	comes_out_whole("", 2, 16, 1);
}

static void
an_error_behind_the_relay_comes_back_with_class_and_text(void **state)
{
	uint64_t taken;
	bool finished;
	struct gate *gate = gate_new(true, 100, &taken, &finished);
	struct stage *head = stage_relay_new(&gate->base, 2, 10);
	int rc = 0;

	(void)state;
	error_clear();
	/* Each write fills a slot: the far side has to fail while the writer goes on. */
	for (unsigned i = 0; rc == 0 && i < 1000; i++)
		rc = stage_write(head, "0123456789", 10);
	assert_int_equal(rc, -1);
	assert_int_equal(error_get()->class, ERR_STORE);
	assert_string_equal(error_get()->message, "the far disk is full");
	assert_int_equal(stage_finish(head), -1);
	stage_free(head);
	assert_int_equal(taken, 100);
	assert_false(finished);
}

static void
an_error_on_the_last_bytes_is_returned_by_finish(void **state)
{
	uint64_t taken;
	bool finished;
	struct gate *gate = gate_new(true, 3, &taken, &finished);
	struct stage *head = stage_relay_new(&gate->base, 2, 10);

	(void)state;
	error_clear();
	assert_int_equal(stage_write(head, "0123", 4), 0);
	assert_int_equal(stage_finish(head), -1);
	assert_string_equal(error_get()->message, "the far disk is full");
	stage_free(head);
	assert_false(finished);
}

static void
a_chain_freed_without_finish_stops_and_does_not_finish(void **state)
{
	uint64_t taken;
	bool finished;
	struct gate *gate = gate_new(true, UINT64_MAX, &taken, &finished);
	struct stage *head = stage_relay_new(&gate->base, 4, 8);

	(void)state;
	assert_int_equal(stage_write(head, "0123456789abcdef0123", 20), 0);
	stage_free(head);
	assert_true(taken <= 16);
	assert_false(finished);
}

static void *
open_the_gate(void *gate)
{
	gate_open(gate);
	return NULL;
}

static void
a_full_ring_makes_the_writer_wait_and_loses_nothing(void **state)
{
	uint64_t taken;
	bool finished;
	struct gate *gate = gate_new(false, UINT64_MAX, &taken, &finished);
	struct stage *head = stage_relay_new(&gate->base, 2, 4);
	pthread_t opener;

	(void)state;
	/* Two slots fit while the gate is shut; the third write has to wait until it is opened. */
	assert_int_equal(stage_write(head, "01234567", 8), 0);
	assert_int_equal(pthread_create(&opener, NULL, open_the_gate, gate), 0);
	assert_int_equal(stage_write(head, "89abcdef", 8), 0);
	assert_int_equal(stage_finish(head), 0);
	assert_int_equal(pthread_join(opener, NULL), 0);
	stage_free(head);
	assert_int_equal(taken, 16);
	assert_true(finished);
}

static void
relays_can_follow_one_another(void **state)
{
	struct buf buf = BUF_EMPTY;
	struct stage *head = stage_buf_new(&buf);

	(void)state;
	head = stage_relay_new(head, 2, 7);
	head = stage_relay_new(head, 3, 5);
	for (unsigned i = 0; i < 1000; i++)
		assert_int_equal(stage_write(head, "abc", 3), 0);
	assert_int_equal(stage_finish(head), 0);
	stage_free(head);
	assert_int_equal(buf.len, 3000);
	for (size_t i = 0; i < buf.len; i++)
		assert_int_equal(buf.bytes[i], "abc"[i % 3]);
	buf_clear(&buf);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_stream_comes_out_whole_for_every_shape_of_ring_and_every_piece),
		cmocka_unit_test(an_empty_stream_finishes),
		cmocka_unit_test(an_error_behind_the_relay_comes_back_with_class_and_text),
		cmocka_unit_test(an_error_on_the_last_bytes_is_returned_by_finish),
		cmocka_unit_test(a_chain_freed_without_finish_stops_and_does_not_finish),
		cmocka_unit_test(a_full_ring_makes_the_writer_wait_and_loses_nothing),
		cmocka_unit_test(relays_can_follow_one_another),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
