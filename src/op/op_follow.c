/*
 * Who: the owner's thread taps, commits and waits; each follower runs on a worker of a pool that has one for
 * every store. One lock guards what they share: the list of objects, how far each is written, what has become
 * of it and of the backup. A change wakes all.
 *
 * It cannot deadlock: the owner waits only in op_follow_wait(), which comes behind a commit, and followers
 * wait only for the owner: for more bytes, for the end of an object, for the end of the backup. Freeing ends
 * every such wait. No call that can block is made with the lock held.
 *
 * A follower reads an object through a descriptor of its own; what it reads has been written already. It
 * finishes the copy of an object when that object stands in the first store, so that nothing is complete
 * there that is not complete here. When following fails, the follower waits for the backup's end and tries
 * again from the object as it stands then, with what is there already.
 */
#include "config.h"

#include "op_follow.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "incant/file.h"
#include "incant/log.h"
#include "incant/mem.h"
#include "incant/progress.h"
#include "incant/workpool.h"

#include "op_catch_up.h"
#include "op_copy.h"
#include "op_shelf.h"

#define STEP_BYTES ((size_t)256 << 10)
#define LOOK_MS    250

enum follow_state { FOLLOW_GROWS, FOLLOW_STANDS, FOLLOW_GIVEN_UP };

/* What came of following an object. */
enum { FOLLOWED = 0, FOLLOW_ENDED = 1 /* it was given up in the first store */ };

/* An object that is followed. */
struct followed {
	int fd;
	uint64_t written;
	enum follow_state state;
	struct manifest_object object; /* name at once; size and digest when it stands */
};

struct follower {
	struct work work;
	struct op_follow *follow;
	const struct settings_store *place;
	struct manifest has; /* the objects that it has sent, as its store has them */
	uint64_t sent;       /* of objects; guarded by the lock */
};

struct op_follow {
	const struct settings *settings;
	struct store *from;
	const struct manifest *manifest; /* the owner's: read only when the backup stands */
	struct manifest early;           /* source and id */
	struct workpool *pool;
	struct follower *followers; /* one for each store but the first */
	size_t count;

	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct followed *objects; /* grows; followers keep no pointer into it over a wait */
	size_t object_count, object_capacity;
	enum follow_state state; /* of the backup */
	size_t done;             /* followers that have ended */
};

/* The followers' side ----------------------------------------------------------------------------------- */

/* Waits until there is an object of that number, or there will be none. True with a copy of it. */
static bool
follow_next(struct op_follow *follow, size_t number, struct followed *followed)
{
	bool there;

	pthread_mutex_lock(&follow->lock);
	while (follow->object_count <= number && follow->state == FOLLOW_GROWS)
		pthread_cond_wait(&follow->changed, &follow->lock);
	there = follow->object_count > number && follow->state != FOLLOW_GIVEN_UP;
	if (there)
		*followed = follow->objects[number];
	pthread_mutex_unlock(&follow->lock);
	return there;
}

/* Waits until an object has more than off bytes, or its end is known. Returns its state, and *written. */
static enum follow_state
follow_growth(struct op_follow *follow, size_t number, uint64_t off, uint64_t *written)
{
	enum follow_state state;

	pthread_mutex_lock(&follow->lock);
	while (follow->objects[number].written < off + STEP_BYTES &&
		follow->objects[number].state == FOLLOW_GROWS)
		pthread_cond_wait(&follow->changed, &follow->lock);
	*written = follow->objects[number].written;
	state = follow->objects[number].state;
	pthread_mutex_unlock(&follow->lock);
	return state;
}

static void
follow_count(struct follower *follower, size_t bytes)
{
	pthread_mutex_lock(&follower->follow->lock);
	follower->sent += bytes;
	pthread_mutex_unlock(&follower->follow->lock);
}

/* Sends [*off, written). */
static int
follow_send(struct follower *follower, const struct followed *followed, struct stage *head, uint64_t *off,
	uint64_t written)
{
	char *bytes = mem_alloc(STEP_BYTES);
	int rc = 0;

	while (rc == 0 && *off < written) {
		size_t len = written - *off < STEP_BYTES ? (size_t)(written - *off) : STEP_BYTES;

		rc = file_read_at(followed->fd, (off_t)*off, bytes, len, followed->object.name);
		if (rc == 0)
			rc = stage_write(head, bytes, len);
		*off += len;
		follow_count(follower, len);
	}
	free(bytes);
	return rc;
}

/* The digest that the copy must have: known by now. */
static void
follow_digest(struct op_follow *follow, size_t number, struct manifest_object *object)
{
	pthread_mutex_lock(&follow->lock);
	memcpy(object->sha256, follow->objects[number].object.sha256, sizeof(object->sha256));
	pthread_mutex_unlock(&follow->lock);
}

/* Follows one object to its end. FOLLOWED when the copy of it is committed, FOLLOW_ENDED, or -1. */
static int
follow_object(
	struct follower *follower, size_t number, const struct followed *followed, const struct op_copy *copy)
{
	struct op_follow *follow = follower->follow;
	struct manifest_object object = followed->object, own = { .name = NULL };
	struct stage *head = op_copy_chain(copy, &object, &own);
	enum follow_state state = FOLLOW_GROWS;
	uint64_t off = 0, written = 0;
	int rc = head != NULL ? 0 : -1;

	while (rc == 0 && state == FOLLOW_GROWS) {
		state = follow_growth(follow, number, off, &written);
		if (state != FOLLOW_GIVEN_UP)
			rc = follow_send(follower, followed, head, &off, written);
	}
	if (rc == 0 && state == FOLLOW_STANDS) {
		follow_digest(follow, number, &object);
		rc = stage_finish(head);
		if (rc == 0)
			manifest_add_object(&follower->has, own.name, own.bytes, own.sha256);
	} else if (rc == 0) {
		rc = FOLLOW_ENDED;
	}
	stage_free(head);
	free(own.name);
	return rc;
}

/* Follows the objects one after the other, as far as it goes. */
static void
follow_objects(struct follower *follower, struct store *to)
{
	struct op_follow *follow = follower->follow;
	const struct op_copy copy = {
		.settings = follow->settings,
		.from = follow->from,
		.from_place = &follow->settings->stores[0],
		.to = to,
		.to_place = follower->place,
		.manifest = &follow->early,
	};
	struct followed followed;

	for (size_t number = 0; follow_next(follow, number, &followed); number++) {
		if (!op_copy_follows(&copy, followed.object.name))
			return; /* it must be decrypted, which takes the whole of it */
		if (follow_object(follower, number, &followed, &copy) == 0)
			continue;
		if (error_get()->class != ERR_NONE)
			log_verbose(
				"store %s cannot follow: %s", follower->place->name, error_get()->message);
		error_clear();
		return;
	}
}

/* Waits for the end of the backup. True when it stands. */
static bool
follow_end(struct op_follow *follow)
{
	enum follow_state state;

	pthread_mutex_lock(&follow->lock);
	while (follow->state == FOLLOW_GROWS)
		pthread_cond_wait(&follow->changed, &follow->lock);
	state = follow->state;
	pthread_mutex_unlock(&follow->lock);
	return state == FOLLOW_STANDS;
}

/* A follower's life. */
static int
follower_run(struct work *work)
{
	struct follower *follower = (struct follower *)work;
	struct op_follow *follow = follower->follow;
	struct store *to = op_store_open(follower->place, STORE_WRITE);
	int rc = to != NULL ? 0 : -1;
	struct error cause;

	if (rc == 0)
		follow_objects(follower, to);
	error_take(&cause);
	if (follow_end(follow) && rc == 0) {
		const struct op_copy copy = {
			.settings = follow->settings,
			.from = follow->from,
			.from_place = &follow->settings->stores[0],
			.to = to,
			.to_place = follower->place,
			.manifest = follow->manifest,
			.sent = &follower->has,
		};
		rc = op_copy_backup(&copy);
		if (rc == 0 && op_catch_up(&copy) != 0) {
			log_warning("store %s lacks earlier backups: %s", follower->place->name,
				error_get()->message);
			error_clear();
		}
	} else if (rc != 0) {
		error_put(&cause);
	}
	store_close(to);
	pthread_mutex_lock(&follow->lock);
	follow->done++;
	pthread_cond_broadcast(&follow->changed);
	pthread_mutex_unlock(&follow->lock);
	return rc;
}

/* The owner's side -------------------------------------------------------------------------------------- */

struct op_follow *
op_follow_begin(const struct settings *settings, struct store *from, const struct manifest *manifest)
{
	struct op_follow *follow = mem_zero(sizeof(*follow));

	follow->settings = settings;
	follow->from = from;
	follow->manifest = manifest;
	manifest_init(&follow->early);
	manifest_copy(&follow->early, manifest);
	pthread_mutex_init(&follow->lock, NULL);
	pthread_cond_init(&follow->changed, NULL);
	follow->count = settings->store_count - 1;
	if (follow->count == 0)
		return follow;
	follow->pool = workpool_new((unsigned)(follow->count < 64 ? follow->count : 64));
	if (follow->pool == NULL) {
		op_follow_free(follow);
		return NULL;
	}
	follow->followers = mem_zero(follow->count * sizeof(*follow->followers));
	for (size_t i = 0; i < follow->count; i++) {
		struct follower *follower = &follow->followers[i];

		manifest_init(&follower->has);
		follower->work.run = follower_run;
		follower->follow = follow;
		follower->place = &settings->stores[i + 1];
		workpool_submit(follow->pool, &follower->work);
	}
	return follow;
}

/* The stage that tells of what passes it. */
struct tap {
	struct stage base;
	struct op_follow *follow;
	size_t number;
};

/* The object has the bytes when its own stage has taken them. */
static int
tap_write(struct stage *stage, const void *bytes, size_t len)
{
	struct tap *tap = (struct tap *)stage;
	struct op_follow *follow = tap->follow;

	if (stage_write(stage->next, bytes, len) != 0)
		return -1;
	pthread_mutex_lock(&follow->lock);
	follow->objects[tap->number].written += len;
	pthread_cond_broadcast(&follow->changed);
	pthread_mutex_unlock(&follow->lock);
	return 0;
}

static void
tap_free(struct stage *stage)
{
	free(stage);
}

static const struct stage_ops tap_ops = { .name = "follow", .write = tap_write, .free = tap_free };

/* Objects that were begun and will not be committed any more. The lock is held. */
static void
follow_leave(struct op_follow *follow)
{
	for (size_t i = 0; i < follow->object_count; i++)
		if (follow->objects[i].state == FOLLOW_GROWS)
			follow->objects[i].state = FOLLOW_GIVEN_UP;
}

struct stage *
op_follow_tap(struct op_follow *follow, const char *name, struct stage *object)
{
	int fd = object != NULL && follow != NULL && follow->count > 0 ? store_follow(follow->from, object)
								       : -1;

	if (fd < 0)
		return object;
	struct tap *tap = mem_zero(sizeof(*tap));
	stage_init(&tap->base, &tap_ops, object);
	tap->follow = follow;
	pthread_mutex_lock(&follow->lock);
	follow_leave(follow);
	tap->number = follow->object_count;
	MEM_GROW(follow->objects, follow->object_count, follow->object_capacity);
	follow->objects[follow->object_count++] =
		(struct followed){ .fd = fd, .object = { .name = mem_text(name) } };
	pthread_cond_broadcast(&follow->changed);
	pthread_mutex_unlock(&follow->lock);
	return &tap->base;
}

void
op_follow_object(struct op_follow *follow, const struct manifest_object *object)
{
	if (follow == NULL)
		return;
	pthread_mutex_lock(&follow->lock);
	for (size_t i = 0; i < follow->object_count; i++) {
		struct followed *followed = &follow->objects[i];

		if (followed->state != FOLLOW_GROWS || strcmp(followed->object.name, object->name) != 0)
			continue;
		followed->object.bytes = object->bytes;
		memcpy(followed->object.sha256, object->sha256, sizeof(object->sha256));
		followed->state = FOLLOW_STANDS;
	}
	pthread_cond_broadcast(&follow->changed);
	pthread_mutex_unlock(&follow->lock);
}

static void
follow_decide(struct op_follow *follow, enum follow_state state)
{
	pthread_mutex_lock(&follow->lock);
	if (follow->state == FOLLOW_GROWS)
		follow->state = state;
	follow_leave(follow);
	pthread_cond_broadcast(&follow->changed);
	pthread_mutex_unlock(&follow->lock);
}

void
op_follow_commit(struct op_follow *follow)
{
	if (follow != NULL)
		follow_decide(follow, FOLLOW_STANDS);
}

/* What all followers have sent so far, and what they will have sent. The lock is held. */
static void
follow_sums(const struct op_follow *follow, uint64_t *sent, uint64_t *expected)
{
	*sent = *expected = 0;
	for (size_t i = 0; i < follow->count; i++)
		*sent += follow->followers[i].sent;
	for (size_t i = 0; i < follow->object_count; i++)
		*expected += follow->objects[i].object.bytes * follow->count;
}

void
op_follow_wait(struct op_follow *follow)
{
	uint64_t sent, shown = 0, expected;

	pthread_mutex_lock(&follow->lock);
	follow_sums(follow, &sent, &expected);
	progress_begin("copy", expected);
	while (follow->done < follow->count) {
		struct timespec until;

		clock_gettime(CLOCK_REALTIME, &until);
		until.tv_nsec += LOOK_MS * 1000000L;
		until.tv_sec += until.tv_nsec / 1000000000L;
		until.tv_nsec %= 1000000000L;
		(void)pthread_cond_timedwait(&follow->changed, &follow->lock, &until);
		follow_sums(follow, &sent, &expected);
		progress_advance(sent - shown);
		shown = sent;
	}
	pthread_mutex_unlock(&follow->lock);
	progress_end();
	while (follow->pool != NULL && workpool_drain(follow->pool) != NULL)
		continue;
}

bool
op_follow_outcome(const struct op_follow *follow, size_t store, struct error *error)
{
	const struct work *work = &follow->followers[store - 1].work;

	if (work->result != 0)
		*error = work->error;
	return work->result == 0;
}

void
op_follow_free(struct op_follow *follow)
{
	if (follow == NULL)
		return;
	follow_decide(follow, FOLLOW_GIVEN_UP);
	workpool_free(follow->pool);
	for (size_t i = 0; i < follow->object_count; i++) {
		close(follow->objects[i].fd);
		free(follow->objects[i].object.name);
	}
	free(follow->objects);
	for (size_t i = 0; i < follow->count && follow->followers != NULL; i++)
		manifest_clear(&follow->followers[i].has);
	free(follow->followers);
	manifest_clear(&follow->early);
	pthread_cond_destroy(&follow->changed);
	pthread_mutex_destroy(&follow->lock);
	free(follow);
}
