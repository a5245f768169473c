#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cloud_sample.h"

#define LIST(snapshots) "{\"snapshots\":[" snapshots "],\"links\":{},\"meta\":{\"total\":1}}"
#define MADE                                                                                             \
	"{\"id\":\"3\",\"name\":\"mine\",\"resource_id\":\"7\",\"resource_type\":\"droplet\",\"created_" \
	"at\":"                                                                                          \
	"\"2026-11-02T00:00:00Z\",\"regions\":[],\"size_gigabytes\":1,\"tags\":[]}"
#define PENDING "{\"id\":\"unprocessable_entity\",\"message\":\"Droplet already has a pending event.\"}"

#define BEGUN                                                                                       \
	{                                                                                           \
		.request = "POST /v2/droplets/7/actions ",                                          \
		.with = "\r\n\r\n{\"type\":\"snapshot\",\"name\":\"mine\"}", .status = 201,         \
		.body = "{\"action\":{\"id\":99,\"status\":\"in-progress\",\"type\":\"snapshot\"}}" \
	}
#define POLL(word)                                                                               \
	{                                                                                        \
		.request = "GET /v2/actions/99 ", .status = 200,                                 \
		.body = "{\"action\":{\"id\":99,\"status\":\"" word "\",\"type\":\"snapshot\"}}" \
	}
#define REFUSED                                                 \
	{                                                       \
		.request = "GET /v2/actions/99 ", .status = 401 \
	}
#define LISTED(snapshots)                                                             \
	{                                                                             \
		.request = "GET /v2/snapshots?resource_type=droplet&", .status = 200, \
		.body = LIST(snapshots)                                               \
	}
#define POST(...)                                                      \
	{                                                              \
		.request = "POST /v2/droplets/7/actions ", __VA_ARGS__ \
	}
#define LOCKED(word)                                                   \
	{                                                              \
		.request = "GET /v2/droplets/7 ", .status = 200,       \
		.body = "{\"droplet\":{\"id\":7,\"locked\":" word "}}" \
	}

static void
make_well(const struct fake_exchange *dialogue, size_t count)
{
	struct cloud *cloud = begin(dialogue, count);
	struct cloud_snapshot snapshot;

	if (cloud_make_snapshot(cloud, 7, "mine", &snapshot) != 0)
		fail_msg("%s", error_get()->message);
	assert_string_equal(snapshot.id, "3");
	assert_string_equal(snapshot.name, "mine");
	cloud_snapshot_clear(&snapshot);
	end(cloud);
}

static void
make_badly(const struct fake_exchange *dialogue, size_t count, const char *message, const char *hint)
{
	struct cloud *cloud = begin(dialogue, count);
	struct cloud_snapshot snapshot;

	assert_int_equal(cloud_make_snapshot(cloud, 7, "mine", &snapshot), -1);
	assert_error(message, hint);
	assert_null(snapshot.id);
	cloud_snapshot_clear(&snapshot);
	end(cloud);
}

static void
an_action_is_followed_to_its_end_and_the_snapshot_found_by_name(void **state)
{
	static const struct fake_exchange dialogue[] = { BEGUN, POLL("in-progress"), POLL("in-progress"),
		POLL("completed"), LISTED(""), LISTED(MADE) };

	(void)state;
	make_well(dialogue, COUNT(dialogue));
	assert_int_equal(pauses, 4);
}

static void
a_pending_event_is_waited_out(void **state)
{
	static const struct fake_exchange dialogue[] = { POST(.status = 422, .body = PENDING),
		POST(.status = 422, .body = "{\"message\":\"there are currently blocking events processing "
					    "for one or more of the "
					    "droplets\"}"),
		BEGUN, POLL("completed"), LISTED(MADE) };

	(void)state;
	make_well(dialogue, COUNT(dialogue));
}

static void
an_event_that_does_not_end_is_waited_for_until_the_deadline(void **state)
{
	static const struct fake_exchange dialogue[] = { POST(.status = 422, .body = PENDING),
		POST(.status = 422, .body = PENDING), POST(.status = 422, .body = PENDING),
		POST(.status = 422, .body = PENDING), POST(.status = 422, .body = PENDING) };
	struct cloud *cloud = begin(dialogue, COUNT(dialogue));
	struct cloud_snapshot snapshot;

	(void)state;
	/* Pauses of up to 16 seconds fit, that of half a minute does not. */
	cloud_set_deadline(cloud, clock_monotonic_ms() + 29000);
	assert_int_equal(cloud_make_snapshot(cloud, 7, "mine", &snapshot), -1);
	assert_error("cannot wait for the droplet's other events within the time", "");
	assert_int_equal(pauses, 4);
	cloud_snapshot_clear(&snapshot);
	end(cloud);
}

static void
an_action_that_errors_is_an_error(void **state)
{
	static const struct fake_exchange dialogue[] = { BEGUN, POLL("in-progress"), POLL("errored") };

	(void)state;
	make_badly(dialogue, COUNT(dialogue), "DigitalOcean could not make the snapshot (action 99 errored)",
		"Try again");
}

static void
failing_to_ask_is_not_failing_to_make(void **state)
{
	static const struct fake_exchange dialogue[] = { BEGUN,
		{ .request = "GET /v2/actions/99 ", .status = 500 },
		{ .request = "GET /v2/actions/99 ", .status = 500 },
		{ .request = "GET /v2/actions/99 ", .status = 500 },
		{ .request = "GET /v2/actions/99 ", .status = 500 }, POLL("completed"), LISTED(MADE) };

	(void)state;
	make_well(dialogue, COUNT(dialogue));
}

static void
one_who_stops_asking_says_that_it_goes_on(void **state)
{
	static const struct fake_exchange dialogue[] = { BEGUN, REFUSED, REFUSED, REFUSED, REFUSED, REFUSED };
	struct cloud *cloud = begin(dialogue, COUNT(dialogue));
	struct cloud_snapshot snapshot;

	(void)state;
	assert_int_equal(cloud_make_snapshot(cloud, 7, "mine", &snapshot), -1);
	assert_error("does not accept the token", "token");
	cloud_snapshot_clear(&snapshot);
	end(cloud);
}

/* The request was done, and its answer got lost: it is not made twice. */
static void
a_request_that_may_have_arrived_is_looked_for(void **state)
{
	static const struct fake_exchange dialogue[] = { { .request = "POST /v2/droplets/7/actions ",
								 .fault = FAKE_RESET },
		LOCKED("true"), LOCKED("false"), LISTED(MADE) };

	(void)state;
	make_well(dialogue, COUNT(dialogue));
}

static void
a_request_that_did_not_arrive_is_made_again(void **state)
{
	static const struct fake_exchange dialogue[] = { POST(.status = 500), LOCKED("false"), LISTED(""),
		BEGUN, POLL("completed"), LISTED(MADE) };

	(void)state;
	make_well(dialogue, COUNT(dialogue));
}

static void
three_doubtful_requests_are_enough(void **state)
{
	static const struct fake_exchange dialogue[] = { POST(.status = 500), LOCKED("false"), LISTED(""),
		POST(.status = 503), LOCKED("false"), LISTED(""), POST(.status = 500) };

	(void)state;
	make_badly(dialogue, COUNT(dialogue), "cannot make a snapshot: DigitalOcean failed (500)",
		"status.digitalocean.com");
}

static void
a_refused_request_is_not_made_again(void **state)
{
	static const struct fake_exchange dialogue[] = { POST(.status = 403) };

	(void)state;
	make_badly(dialogue, COUNT(dialogue), "the token may not do that (403)", "image:create");
	assert_int_equal(pauses, 0);
}

static void
a_snapshot_that_never_shows_is_an_error(void **state)
{
	static const struct fake_exchange dialogue[] = { BEGUN, POLL("completed"), LISTED(""), LISTED(""),
		LISTED(""), LISTED(""), LISTED(""), LISTED("") };

	(void)state;
	make_badly(dialogue, COUNT(dialogue), "does not list it", "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_action_is_followed_to_its_end_and_the_snapshot_found_by_name),
		cmocka_unit_test(a_pending_event_is_waited_out),
		cmocka_unit_test(an_event_that_does_not_end_is_waited_for_until_the_deadline),
		cmocka_unit_test(an_action_that_errors_is_an_error),
		cmocka_unit_test(failing_to_ask_is_not_failing_to_make),
		cmocka_unit_test(one_who_stops_asking_says_that_it_goes_on),
		cmocka_unit_test(a_request_that_may_have_arrived_is_looked_for),
		cmocka_unit_test(a_request_that_did_not_arrive_is_made_again),
		cmocka_unit_test(three_doubtful_requests_are_enough),
		cmocka_unit_test(a_refused_request_is_not_made_again),
		cmocka_unit_test(a_snapshot_that_never_shows_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
