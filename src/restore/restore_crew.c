#include "config.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "incant/error.h"
#include "incant/mem.h"
#include "incant/progress.h"
#include "incant/thread.h"
#include "restore_inside.h"
#include "restore_lane.h"

/*
 * Several lanes do the tasks of a restore. The thread of the recipe is lane 0; the others get a thread each
 * for as long as there are tasks. Tasks, their states and the first error are guarded by one mutex. A running
 * task is its lane's alone; it reads of the restore what does not change meanwhile (plan, names, tables, the
 * session's texts), and what it adds (rows, what was seen, failures) goes through functions that lock.
 *
 * When a task fails the others are stopped: rows are not sent on, no new task is begun, and what a server is
 * still at is cancelled, again and again until all are back: a cancel may come a moment too early.
 */

#define CANCEL_EVERY_MS 200

struct crew {
	struct restore *restore;
	pthread_mutex_t mutex;
	pthread_cond_t changed; /* a task has ended */
	unsigned running;       /* lanes that have not come back; but for lane 0 */
	struct pg **busy;       /* of each lane: its connection while a task runs */
	struct error error;     /* the first one */
};

struct worker {
	struct crew *crew;
	struct restore_lane *lane;
	pthread_t thread;
};

bool
restore_crew_stops(const struct restore *restore)
{
	return atomic_load(&restore->stops);
}

/* Under the mutex. */
static void
stop_all(struct crew *crew)
{
	if (!atomic_exchange(&crew->restore->stops, true))
		error_take(&crew->error);
	else
		error_clear();
	pthread_cond_broadcast(&crew->changed);
}

/* Under the mutex. */
static void
cancel_all(struct crew *crew)
{
	for (unsigned i = 0; i < crew->restore->lane_count; i++)
		if (crew->busy[i] != NULL)
			pg_cancel(crew->busy[i]);
}

static int
run_statements(struct restore_lane *lane, const struct restore_task *task)
{
	if (restore_lane_prepare(lane, task->session) != 0)
		return -1;
	for (size_t i = 0; i < task->count; i++) {
		char *excerpt = restore_excerpt(task->statements[i].text);
		progress_lane(lane->number, excerpt);
		free(excerpt);
		if (restore_lane_run(lane, task->statements[i].text, task->statements[i].plain_off) != 0)
			return -1;
	}
	return 0;
}

static int
run_task(struct restore_lane *lane, const struct restore_task *task)
{
	if (task->at.bytes == 0)
		return run_statements(lane, task);
	if (restore_lane_prepare(lane, lane->restore->session.snapshot_count) != 0)
		return -1;
	return restore_lane_stream(lane, task->at);
}

/* Runs one task outside the mutex. */
static void
do_task(struct crew *crew, struct restore_lane *lane, struct restore_task *task)
{
	task->state = RESTORE_RUNS;
	crew->busy[lane->number] = lane->pg;
	pthread_mutex_unlock(&crew->mutex);
	int outcome = run_task(lane, task);
	progress_lane(lane->number, NULL);
	pthread_mutex_lock(&crew->mutex);
	crew->busy[lane->number] = NULL;
	task->state = RESTORE_DONE;
	if (outcome != 0)
		stop_all(crew);
	else
		pthread_cond_broadcast(&crew->changed);
}

static bool
all_done(const struct restore_tasks *tasks)
{
	for (size_t i = 0; i < tasks->count; i++)
		if (tasks->list[i].state == RESTORE_WAITS)
			return false;
	return true;
}

/* Works until nothing waits any more. */
static void
work(struct crew *crew, struct restore_lane *lane)
{
	struct restore_tasks *tasks = &crew->restore->tasks;
	int outcome = lane->pg != NULL ? 0 : restore_lane_connect(lane, restore_current_as(crew->restore));
	pthread_mutex_lock(&crew->mutex);
	if (outcome != 0)
		stop_all(crew);
	while (!restore_crew_stops(crew->restore)) {
		struct restore_task *task = restore_tasks_next(tasks);
		if (task != NULL)
			do_task(crew, lane, task);
		else if (all_done(tasks))
			break;
		else
			pthread_cond_wait(&crew->changed, &crew->mutex);
	}
	pthread_mutex_unlock(&crew->mutex);
}

static void *
worker_run(void *argument)
{
	struct worker *worker = argument;
	work(worker->crew, worker->lane);
	pthread_mutex_lock(&worker->crew->mutex);
	worker->crew->running--;
	pthread_cond_broadcast(&worker->crew->changed);
	pthread_mutex_unlock(&worker->crew->mutex);
	return NULL;
}

/* Waits until the other lanes are back. */
static void
wait_for_all(struct crew *crew)
{
	pthread_mutex_lock(&crew->mutex);
	while (crew->running > 0) {
		struct timespec until;
		if (restore_crew_stops(crew->restore))
			cancel_all(crew);
		clock_gettime(CLOCK_REALTIME, &until);
		until.tv_nsec += CANCEL_EVERY_MS * 1000000L;
		until.tv_sec += until.tv_nsec / 1000000000L;
		until.tv_nsec %= 1000000000L;
		pthread_cond_timedwait(&crew->changed, &crew->mutex, &until);
	}
	pthread_mutex_unlock(&crew->mutex);
}

/* Starts threads for the lanes from 1 on, as many as there is work for. Returns how many. */
static size_t
start_all(struct crew *crew, struct worker *workers)
{
	struct restore *restore = crew->restore;
	size_t started = 0;
	while (started + 1 < restore->lane_count && started + 1 < restore->tasks.count) {
		struct worker *worker = &workers[started];
		*worker = (struct worker){ .crew = crew, .lane = &restore->lanes[started + 1] };
		pthread_mutex_lock(&crew->mutex);
		crew->running++;
		pthread_mutex_unlock(&crew->mutex);
		if (thread_start(&worker->thread, worker_run, worker) != 0) {
			pthread_mutex_lock(&crew->mutex);
			crew->running--;
			stop_all(crew);
			pthread_mutex_unlock(&crew->mutex);
			break;
		}
		started++;
	}
	return started;
}

int
restore_crew_run(struct restore *restore)
{
	struct crew crew = { .restore = restore, .mutex = PTHREAD_MUTEX_INITIALIZER };
	if (restore->tasks.count == 0)
		return 0;
	pthread_cond_init(&crew.changed, NULL);
	crew.busy = mem_zero(restore->lane_count * sizeof(crew.busy[0]));
	struct worker *workers = mem_zero(restore->lane_count * sizeof(workers[0]));
	size_t started = start_all(&crew, workers);
	work(&crew, &restore->lanes[0]);
	wait_for_all(&crew);
	for (size_t i = 0; i < started; i++)
		pthread_join(workers[i].thread, NULL);
	pthread_cond_destroy(&crew.changed);
	free(crew.busy);
	free(workers);
	restore_tasks_clear(&restore->tasks);
	return restore_crew_stops(restore) ? error_put(&crew.error) : 0;
}
