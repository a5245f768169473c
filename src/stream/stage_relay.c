/*
 * A relay: the rest of the chain on a thread of its own.
 *
 * Who: the writer is the thread that calls this stage; the far side is the thread that is started here and
 * calls the next stage. Between them is a ring of buffers. The writer fills the slot behind the full ones and
 * makes it full when nothing more goes in; the far side empties the oldest full one.
 *
 * One lock guards oldest, full, ending and failed. A slot's bytes and length need none: a full slot is the
 * far side's, any other the writer's, and it changes hands under the lock. The same goes for the next stage:
 * it is the far side's from the start of the thread until it is joined, then the writer's, which finishes it.
 *
 * It cannot deadlock: each side waits only for the other, without holding the lock, the writer while all
 * slots are full and the far side while none is, which cannot both be. The far side leaves when it fails or
 * when the stream has ended, and wakes the writer then; freeing sets ending and drops what is full.
 *
 * An error behind the relay is taken along in `error` and becomes the writer's at its next call.
 */
#include "config.h"

#include "incant/stage.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "incant/error.h"
#include "incant/mem.h"
#include "incant/thread.h"

struct slot {
	char *bytes;
	size_t len;
};

struct stage_relay {
	struct stage base;
	struct slot *slots;
	size_t slot_count;
	size_t slot_bytes;
	size_t filling; /* the writer's own: the slot that it fills */

	pthread_mutex_t lock;
	pthread_cond_t has_full; /* to the far side: full > 0, or ending */
	pthread_cond_t has_room; /* to the writer: full < slot_count, or failed */
	size_t oldest;           /* the first full slot */
	size_t full;             /* how many are */
	bool ending;             /* nothing more will become full */
	bool failed;
	struct error error; /* when failed */

	pthread_t thread;
	bool running; /* started and not joined yet */
};

/* Waits for a full slot. NULL at the end of the stream. The lock is held. */
static struct slot *
oldest_full(struct stage_relay *self)
{
	while (self->full == 0 && !self->ending)
		pthread_cond_wait(&self->has_full, &self->lock);
	return self->full > 0 ? &self->slots[self->oldest] : NULL;
}

static void *
far_side(void *argument)
{
	struct stage_relay *self = argument;
	struct slot *slot;
	int rc = 0;

	pthread_mutex_lock(&self->lock);
	for (;;) {
		slot = oldest_full(self);
		if (slot == NULL)
			break;
		pthread_mutex_unlock(&self->lock);
		rc = stage_write(self->base.next, slot->bytes, slot->len);
		pthread_mutex_lock(&self->lock);
		if (rc != 0)
			break;
		slot->len = 0;
		self->oldest = (self->oldest + 1) % self->slot_count;
		/* Freeing has dropped the full ones meanwhile, this one among them. */
		if (self->full > 0)
			self->full--;
		pthread_cond_signal(&self->has_room);
	}
	if (rc != 0) {
		self->failed = true;
		error_take(&self->error);
		pthread_cond_signal(&self->has_room);
	}
	pthread_mutex_unlock(&self->lock);
	return NULL;
}

/* Waits until the slot to fill is the writer's. 0, or -1 with the far side's error. */
static int
wait_for_room(struct stage_relay *self)
{
	bool failed;

	pthread_mutex_lock(&self->lock);
	while (self->full == self->slot_count && !self->failed)
		pthread_cond_wait(&self->has_room, &self->lock);
	failed = self->failed;
	pthread_mutex_unlock(&self->lock);
	return failed ? error_put(&self->error) : 0;
}

static void
hand_over(struct stage_relay *self)
{
	self->filling = (self->filling + 1) % self->slot_count;
	pthread_mutex_lock(&self->lock);
	self->full++;
	pthread_cond_signal(&self->has_full);
	pthread_mutex_unlock(&self->lock);
}

static int
relay_write(struct stage *stage, const void *bytes, size_t len)
{
	struct stage_relay *self = (struct stage_relay *)stage;
	const char *from = bytes;

	while (len > 0) {
		if (wait_for_room(self) != 0)
			return -1;
		struct slot *slot = &self->slots[self->filling];
		size_t room = self->slot_bytes - slot->len;
		size_t part = len < room ? len : room;

		memcpy(slot->bytes + slot->len, from, part);
		slot->len += part;
		from += part;
		len -= part;
		if (slot->len == self->slot_bytes)
			hand_over(self);
	}
	return 0;
}

/* Ends the far side: after it has written what is full, or, when dropping, after what it is writing. */
static void
end_far_side(struct stage_relay *self, bool dropping)
{
	if (!self->running)
		return;
	pthread_mutex_lock(&self->lock);
	self->ending = true;
	if (dropping)
		self->full = 0;
	pthread_cond_signal(&self->has_full);
	pthread_mutex_unlock(&self->lock);
	pthread_join(self->thread, NULL);
	self->running = false;
}

static int
relay_finish(struct stage *stage)
{
	struct stage_relay *self = (struct stage_relay *)stage;

	if (wait_for_room(self) != 0)
		return -1;
	if (self->slots[self->filling].len > 0)
		hand_over(self);
	end_far_side(self, false);
	return self->failed ? error_put(&self->error) : 0;
}

static void
relay_free(struct stage *stage)
{
	struct stage_relay *self = (struct stage_relay *)stage;

	end_far_side(self, true);
	pthread_cond_destroy(&self->has_room);
	pthread_cond_destroy(&self->has_full);
	pthread_mutex_destroy(&self->lock);
	for (size_t i = 0; i < self->slot_count; i++)
		free(self->slots[i].bytes);
	free(self->slots);
	free(self);
}

static const struct stage_ops relay_ops = {
	.name = "relay",
	.write = relay_write,
	.finish = relay_finish,
	.free = relay_free,
};

struct stage *
stage_relay_new(struct stage *next, size_t buffers, size_t buffer_bytes)
{
	struct stage_relay *self;

	assert(buffers > 0 && buffer_bytes > 0);
	if (next == NULL)
		return NULL;
	self = mem_zero(sizeof(*self));
	stage_init(&self->base, &relay_ops, next);
	self->slots = mem_resize(NULL, buffers, sizeof(*self->slots));
	self->slot_count = buffers;
	self->slot_bytes = buffer_bytes;
	for (size_t i = 0; i < buffers; i++)
		self->slots[i] = (struct slot){ .bytes = mem_alloc(buffer_bytes) };
	pthread_mutex_init(&self->lock, NULL);
	pthread_cond_init(&self->has_full, NULL);
	pthread_cond_init(&self->has_room, NULL);
	if (thread_start(&self->thread, far_side, self) != 0) {
		stage_free(&self->base);
		return NULL;
	}
	self->running = true;
	return &self->base;
}
