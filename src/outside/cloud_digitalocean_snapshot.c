/*
 * Making a snapshot of a droplet.
 *
 * An action says when it is done, and not what it made; the snapshot is found by its name, which no other
 * has. The name does for idempotence, too: after a request that may have arrived, the droplet's lock and the
 * list tell whether it did.
 */
#include "config.h"

#include "cloud_digitalocean_inside.h"

#include <stdlib.h>
#include <string.h>

#include "incant/clock.h"
#include "incant/error.h"
#include "incant/log.h"
#include "incant/mem.h"
#include "incant/text.h"

enum {
	POLL_FIRST_MS = 1000,
	POLL_MOST_MS = 15000,
	POLL_FAILURES = 5, /* in a row, each tried several times */
	BUSY_FIRST_MS = 2000,
	BUSY_MOST_MS = 30000,
	TELL_MS = 60 * 1000,
	FIND_TRIES = 6 /* the list may lag behind the action */
};

enum { NOT_FOUND = 1 };

/* Moves the snapshot of that name out of the list. 0, NOT_FOUND or -1. */
static int
find_by_name(struct cloud *cloud, uint64_t droplet, const char *name, struct cloud_snapshot *snapshot)
{
	struct cloud_snapshots list;
	int rc = cloud_list_snapshots(cloud, droplet, &list);

	if (rc == 0)
		rc = NOT_FOUND;
	for (size_t i = 0; rc == NOT_FOUND && i < list.count; i++)
		if (strcmp(list.items[i].name, name) == 0) {
			*snapshot = list.items[i];
			list.items[i] = (struct cloud_snapshot){ .id = NULL };
			rc = 0;
		}
	cloud_snapshots_clear(&list);
	return rc;
}

/* The body of the request. The caller frees it. */
static char *
format_request(const char *name)
{
	struct json *request = json_new_object();
	struct buf text = BUF_EMPTY;

	json_put_text(request, "type", "snapshot");
	json_put_text(request, "name", name);
	json_write(request, 0, &text);
	json_free(request);
	return buf_take(&text);
}

/* Asks once for the snapshot. 0 with the action's id (0 = not told), or as cloud_send(). */
static int
ask_for_snapshot(struct cloud *cloud, uint64_t droplet, const char *name, uint64_t *action)
{
	char *path = mem_format("/v2/droplets/%llu/actions", (unsigned long long)droplet);
	char *of = mem_format("droplet %llu", (unsigned long long)droplet);
	char *body = format_request(name);
	const struct cloud_call call = {
		.method = "POST", .path = path, .body = body, .what = "make a snapshot", .of = of
	};
	struct json *answer = NULL;
	int rc = cloud_send(cloud, &call, &answer);
	int64_t id = json_get_int(json_get(answer, "action"), "id", 0);

	*action = id > 0 ? (uint64_t)id : 0;
	if (rc == 0 && id <= 0) {
		error_set(ERR_CLOUD, "cannot make a snapshot: DigitalOcean's answer has no action");
		rc = CLOUD_DOUBTFUL;
	}
	json_free(answer);
	free(body);
	free(of);
	free(path);
	return rc;
}

/* Waits a growing while. 0 or -1. */
static int
wait_longer(struct cloud *cloud, uint64_t *pause_ms, uint64_t most_ms, const char *what)
{
	int rc = cloud_pause(cloud, *pause_ms, what);

	*pause_ms = *pause_ms * 2 < most_ms ? *pause_ms * 2 : most_ms;
	return rc;
}

/* After a request of which nobody knows whether it arrived: waits for the droplet to be free. */
static int
wait_until_unlocked(struct cloud *cloud, uint64_t droplet)
{
	uint64_t pause_ms = BUSY_FIRST_MS;

	for (;;) {
		struct cloud_droplet now;
		int rc = cloud_get_droplet(cloud, droplet, &now);
		bool locked = now.locked;

		cloud_droplet_clear(&now);
		if (rc != 0 || !locked)
			return rc;
		if (wait_longer(cloud, &pause_ms, BUSY_MOST_MS, "wait for the droplet's events") != 0)
			return -1;
	}
}

/*
 * Begins a snapshot: waits for other events of the droplet, and makes sure after a doubtful failure. 0 with
 * *action, or with action 0 when *snapshot is there already; -1.
 */
static int
begin_snapshot(struct cloud *cloud, uint64_t droplet, const char *name, uint64_t *action,
	struct cloud_snapshot *snapshot)
{
	uint64_t pause_ms = BUSY_FIRST_MS;
	unsigned doubts = 0;
	bool told = false;

	for (;;) {
		struct error error;
		int rc = ask_for_snapshot(cloud, droplet, name, action);

		if (rc == 0 || rc == -1)
			return rc;
		if (rc == CLOUD_PENDING && !told)
			log_info("the droplet has another event going on; waiting for it to end");
		told = told || rc == CLOUD_PENDING;
		if (rc == CLOUD_DOUBTFUL) {
			error_take(&error);
			log_warning("%s; looking whether it was begun all the same", error.message);
			if (++doubts == 3)
				return error_put(&error);
		}
		if (wait_longer(cloud, &pause_ms, BUSY_MOST_MS, "wait for the droplet's other events") != 0)
			return -1;
		if (doubts == 0)
			continue;
		rc = wait_until_unlocked(cloud, droplet);
		if (rc == 0)
			rc = find_by_name(cloud, droplet, name, snapshot);
		if (rc != NOT_FOUND)
			return rc;
	}
}

enum action_state { ACTION_FAILED_TO_ASK = -1, ACTION_GOING_ON, ACTION_COMPLETED, ACTION_ERRORED };

static enum action_state
ask_for_action(struct cloud *cloud, uint64_t action)
{
	char *path = mem_format("/v2/actions/%llu", (unsigned long long)action);
	const struct cloud_call call = {
		.method = "GET", .path = path, .what = "follow the snapshot", .of = "such action"
	};
	struct json *answer = NULL;
	int rc = cloud_send(cloud, &call, &answer);
	const char *status = json_get_text(json_get(answer, "action"), "status");
	enum action_state state = ACTION_GOING_ON;

	if (rc != 0)
		state = ACTION_FAILED_TO_ASK;
	else if (text_equal(status, "completed"))
		state = ACTION_COMPLETED;
	else if (text_equal(status, "errored"))
		state = ACTION_ERRORED;
	else if (!text_equal(status, "in-progress"))
		log_verbose("action %llu: status %s", (unsigned long long)action,
			status != NULL ? status : "none");
	json_free(answer);
	free(path);
	return state;
}

/* The snapshot goes on without us: that is said to who stops waiting. Always -1. */
static int
leave_going_on(void)
{
	if (error_get()->class == ERR_CLOUD)
		error_hint("The snapshot may still be going on at DigitalOcean; `incant-backup snapshot "
			   "list` shows "
			   "it when it is complete.");
	else
		log_warning("the snapshot goes on at DigitalOcean; `incant-backup snapshot list` shows it "
			    "when it "
			    "is complete");
	return -1;
}

/* Whether to ask once more after a failure to ask: not when it was refused for good. */
static bool
may_ask_again(unsigned failures)
{
	const struct error *error = error_get();

	if (error->class != ERR_CLOUD || failures >= POLL_FAILURES)
		return false;
	log_verbose("%s; asking again", error->message);
	return true;
}

static int
wait_for_action(struct cloud *cloud, uint64_t action, const char *name)
{
	uint64_t pause_ms = POLL_FIRST_MS, began_ms = clock_monotonic_ms(), told_ms = began_ms;
	enum action_state state = ACTION_GOING_ON;
	unsigned failures = 0;
	char duration[24];

	while (state != ACTION_COMPLETED) {
		if (wait_longer(cloud, &pause_ms, POLL_MOST_MS, "finish the snapshot") != 0)
			return leave_going_on();
		state = ask_for_action(cloud, action);
		failures = state == ACTION_FAILED_TO_ASK ? failures + 1 : 0;
		if (state == ACTION_FAILED_TO_ASK && !may_ask_again(failures))
			return leave_going_on();
		if (state == ACTION_ERRORED) {
			error_set(ERR_CLOUD, "DigitalOcean could not make the snapshot (action %llu errored)",
				(unsigned long long)action);
			return error_hint(
				"Try again; the droplet's history in the control panel may say more.");
		}
		if (clock_monotonic_ms() - told_ms >= TELL_MS) {
			told_ms = clock_monotonic_ms();
			log_info("snapshot %s is being made, %s so far", name,
				text_format_duration(duration, sizeof(duration), told_ms - began_ms));
		}
	}
	return 0;
}

/* Finds what a completed action has made. */
static int
find_made(struct cloud *cloud, uint64_t droplet, const char *name, struct cloud_snapshot *snapshot)
{
	uint64_t pause_ms = POLL_FIRST_MS;

	for (unsigned tries = 1; tries <= FIND_TRIES; tries++) {
		int rc = find_by_name(cloud, droplet, name, snapshot);
		if (rc != NOT_FOUND)
			return rc;
		if (wait_longer(cloud, &pause_ms, POLL_MOST_MS, "find the snapshot") != 0)
			return -1;
	}
	return error_set(
		ERR_CLOUD, "DigitalOcean says that snapshot %s is complete, and does not list it", name);
}

int
cloud_make_snapshot(struct cloud *cloud, uint64_t droplet, const char *name, struct cloud_snapshot *snapshot)
{
	uint64_t action = 0;

	*snapshot = (struct cloud_snapshot){ .id = NULL };
	if (begin_snapshot(cloud, droplet, name, &action, snapshot) != 0)
		return -1;
	if (action == 0)
		return 0;
	if (wait_for_action(cloud, action, name) != 0)
		return -1;
	return find_made(cloud, droplet, name, snapshot);
}
