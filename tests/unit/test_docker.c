#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../fake/fake_http.h"
#include "incant/buf.h"
#include "incant/clock.h"
#include "incant/docker.h"
#include "incant/error.h"
#include "incant/interrupt.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The dialogue's first line in every test but those about the version. */
#define PING                                                                                             \
	{                                                                                                \
		.request = "GET /_ping ", .status = 200, .header = "Api-Version: 1.41\r\n", .body = "OK" \
	}

struct peer {
	struct fake_http *fake;
	struct docker *docker;
};

static struct peer
peer_open(const struct fake_exchange *dialogue, size_t count)
{
	struct peer peer = { .fake = fake_http_start(dialogue, count) };

	peer.docker = docker_open(fake_http_socket(peer.fake));
	assert_non_null(peer.docker);
	return peer;
}

static void
peer_close(struct peer *peer)
{
	docker_free(peer->docker);
	assert_string_equal(fake_http_end(peer->fake), "");
}

static int
forget_signal(void **state)
{
	(void)state;
	interrupt_simulate(0);
	return 0;
}

static void
come_signal(void)
{
	interrupt_simulate(SIGTERM);
}

static void
assert_says(enum error_class class, const char *text)
{
	assert_int_equal(error_get()->class, class);
	if (strstr(error_get()->message, text) == NULL)
		fail_msg("'%s' is not in '%s'", text, error_get()->message);
}

/* ---- version ---- */

/* The version of the first request behind a ping that named `theirs`; "" when it was refused. */
static void
check_version(const char *theirs, const char *expected, const char *refusal)
{
	char header[64] = "";
	if (theirs != NULL)
		snprintf(header, sizeof(header), "Api-Version: %s\r\n", theirs);
	const struct fake_exchange dialogue[] = {
		{ .request = "GET /_ping ", .status = 200, .header = header, .body = "OK" },
	};
	struct fake_http *fake = fake_http_start(dialogue, 1);
	struct docker *docker = docker_open(fake_http_socket(fake));

	if (expected != NULL) {
		assert_non_null(docker);
		assert_string_equal(docker_api_version(docker), expected);
	} else {
		assert_null(docker);
		assert_says(ERR_SOURCE, refusal);
	}
	docker_free(docker);
	assert_string_equal(fake_http_end(fake), "");
}

static void
the_lower_one_of_both_versions_is_spoken(void **state)
{
	(void)state;
	check_version("1.41", "1.41", NULL);
	check_version("1.25", "1.25", NULL);
	check_version("1.99", "1.51", NULL);
	check_version("2.0", "1.51", NULL);
}

static void
what_is_too_old_or_no_engine_is_refused(void **state)
{
	(void)state;
	check_version("1.24", NULL, "too old: its API has version 1.24, 1.25 is needed");
	check_version("0.99", NULL, "too old");
	check_version("1.x", NULL, "cannot be read: '1.x'");
	check_version("1.41beta", NULL, "cannot be read");
	check_version(NULL, NULL, "is not a Docker engine");
}

static void
a_missing_socket_is_named_with_a_hint(void **state)
{
	(void)state;
	assert_null(docker_open("/nowhere/docker.sock"));
	assert_says(ERR_SOURCE, "cannot connect to '/nowhere/docker.sock': No such file or directory");
	assert_non_null(strstr(error_get()->hint, "docker-socket"));
}

/* ---- finding ---- */

static void
a_container_is_found_by_name(void **state)
{
	(void)state;
	static const struct fake_exchange dialogue[] = {
		PING,
		{ .request = "GET /v1.41/containers/db%2F1%20%3F/json ",
			.status = 200,
			.body = "{\"Id\":\"abc\",\"Name\":\"/db\",\"Image\":\"sha256:1\","
				"\"Config\":{\"Image\":\"postgres:15\"},\"State\":{\"Status\":\"running\"}"
				"}" },
	};
	struct peer peer = peer_open(dialogue, COUNT(dialogue));
	struct docker_container container;

	assert_int_equal(docker_find_by_name(peer.docker, "db/1 ?", &container), 0);
	assert_string_equal(container.id, "abc");
	assert_string_equal(container.name, "db");
	assert_string_equal(container.image, "postgres:15");
	assert_string_equal(container.image_id, "sha256:1");
	assert_string_equal(container.state, "running");
	docker_container_clear(&container);
	assert_null(container.id);
	peer_close(&peer);
}

static void
check_by_name(int status, const char *body, const char *says)
{
	const struct fake_exchange dialogue[] = {
		PING,
		{ .request = "GET /v1.41/containers/db/json ", .status = status, .body = body },
	};
	struct peer peer = peer_open(dialogue, COUNT(dialogue));
	struct docker_container container;

	assert_int_equal(docker_find_by_name(peer.docker, "db", &container), -1);
	assert_says(ERR_SOURCE, says);
	docker_container_clear(&container);
	peer_close(&peer);
}

static void
a_container_that_is_missing_or_does_not_run_is_an_error(void **state)
{
	(void)state;
	check_by_name(404, "{\"message\":\"No such container: db\"}", "no container 'db'");
	check_by_name(200, "{\"Id\":\"abc\",\"Name\":\"/db\",\"State\":{\"Status\":\"exited\"}}",
		"container 'db' is not running (exited)");
	check_by_name(200, "{\"Id\":\"abc\",\"Name\":\"/db\",\"State\":{\"Status\":\"paused\"}}",
		"container 'db' is not running (paused)");
	check_by_name(200, "{}", "is not running");
}

static void
the_engines_own_words_are_in_the_error(void **state)
{
	(void)state;
	check_by_name(400, "{\"message\":\"client version 1.41 is too old. Minimum is 1.44\"}",
		"the Docker engine refuses: client version 1.41 is too old. Minimum is 1.44 (status 400)");
	check_by_name(500, "a \x01 gateway's page", "refuses: a ? gateway's page (status 500)");
	check_by_name(200, "not JSON", "the Docker engine's answer");
}

#define LABELS(project, service, oneoff)                        \
	"\"Labels\":{\"com.docker.compose.project\":\"" project \
	"\",\"com.docker.compose.service\":\"" service "\",\"com.docker.compose.oneoff\":\"" oneoff "\"}"
#define ITEM(id, state, labels)                                                                            \
	"{\"Id\":\"" id "\",\"Names\":[\"/" id "-name\"],\"Image\":\"postgres\",\"ImageID\":\"sha256:2\"," \
	"\"State\":\"" state "\"," labels "}"

/* Returns docker_find_by_compose(shop, db) where the engine has these containers. */
static int
find_in(const char *items, struct docker_container *container)
{
	char body[4096];
	snprintf(body, sizeof(body), "[%s]", items);
	const struct fake_exchange dialogue[] = {
		PING,
		{ .request = "GET /v1.41/containers/json?all=1&filters=%7B%22label%22%3A%5B%22"
			     "com.docker.compose.project%22%5D%7D ",
			.status = 200,
			.body = body },
	};
	struct peer peer = peer_open(dialogue, COUNT(dialogue));
	int result = docker_find_by_compose(peer.docker, "shop", "db", container);

	peer_close(&peer);
	return result;
}

static void
a_container_is_found_by_its_compose_labels(void **state)
{
	(void)state;
	struct docker_container container;

	assert_int_equal(find_in(ITEM("a", "running", LABELS("shop", "web", "False")) "," ITEM(
					 "b", "exited", LABELS("shop", "db", "False")) "," ITEM("c",
					 "running", LABELS("shop", "db", "True")) "," ITEM("d", "running",
					 LABELS("shop", "db", "False")) "," ITEM("e", "running",
					 LABELS("other", "db", "False")),
				 &container),
		0);
	assert_string_equal(container.id, "d");
	assert_string_equal(container.name, "d-name");
	assert_string_equal(container.image, "postgres");
	assert_string_equal(container.image_id, "sha256:2");
	assert_string_equal(container.state, "running");
	docker_container_clear(&container);
}

static void
a_service_without_a_container_is_an_error_that_names_what_runs(void **state)
{
	(void)state;
	struct docker_container container;

	assert_int_equal(find_in(ITEM("a", "running", LABELS("shop", "web", "False")) "," ITEM(
					 "e", "running", LABELS("other", "db", "False")),
				 &container),
		-1);
	assert_says(ERR_SOURCE, "no container of service 'db' in the Compose project 'shop'");
	assert_string_equal(error_get()->hint, "These run here: shop/web, other/db.");
	assert_int_equal(find_in("", &container), -1);
	assert_says(ERR_SOURCE, "no container of service 'db'");
	assert_string_equal(error_get()->hint, "");
}

static void
none_or_several_running_is_an_error_that_names_them(void **state)
{
	(void)state;
	struct docker_container container;

	assert_int_equal(find_in(ITEM("a", "exited", LABELS("shop", "db", "False")) "," ITEM(
					 "b", "paused", LABELS("shop", "db", "False")),
				 &container),
		-1);
	assert_says(ERR_SOURCE, "has no container that runs: a-name (exited), b-name (paused)");
	assert_int_equal(find_in(ITEM("a", "running", LABELS("shop", "db", "False")) "," ITEM(
					 "b", "running", LABELS("shop", "db", "False")),
				 &container),
		-1);
	assert_says(ERR_SOURCE, "has more than one container that runs: a-name (running), b-name (running)");
}

/* ---- exec ---- */

#define CREATE(text)                                                                       \
	{                                                                                  \
		.request = "POST /v1.41/containers/c1/exec ", .with = text, .status = 201, \
		.body = "{\"Id\":\"e1\"}"                                                  \
	}
#define STREAM(bytes)                                                                                       \
	.request = "POST /v1.41/exec/e1/start ", .with = "{\"Detach\":false,\"Tty\":false}", .status = 200, \
	.body = (bytes), .body_len = sizeof(bytes) - 1, .until_close = true
#define STATE(json)                                                                \
	{                                                                          \
		.request = "GET /v1.41/exec/e1/json ", .status = 200, .body = json \
	}
#define ENDED(code) STATE("{\"Running\":false,\"ExitCode\":" code "}")
#define CONTAINER(state, running)                                                                         \
	{                                                                                                 \
		.request = "GET /v1.41/containers/c1/json ", .status = 200,                               \
		.body = "{\"Name\":\"/db\",\"State\":{\"Status\":\"" state "\",\"Running\":" running "}}" \
	}
#define CONTAINER_RUNS CONTAINER("running", "true")

/* One docker_exec_run() and what it gave. */
struct run {
	struct buf out;
	size_t room; /* of out */
	uint64_t deadline_ms;
	bool running;
	char *id;
};

static int
take_out(void *context, const void *bytes, size_t len)
{
	struct run *run = context;

	if (run->room != 0 && run->out.len + len > run->room)
		return error_set(ERR_STORE, "the disk is full");
	buf_append(&run->out, bytes, len);
	return 0;
}

static int
run_exec(const struct fake_exchange *dialogue, size_t count, struct run *run)
{
	static const char *const argv[] = { "pg_dumpall", "-U", "me", NULL };
	static const char *const env[] = { "A=b", NULL };
	struct peer peer = peer_open(dialogue, count);
	struct docker_exec exec = {
		.container = "c1",
		.argv = argv,
		.env = env,
		.deadline_ms = run->deadline_ms,
		.out = take_out,
		.context = run,
	};
	int result = docker_exec_run(peer.docker, &exec, &run->running, &run->id);

	peer_close(&peer);
	return result;
}

static void
run_clear(struct run *run)
{
	buf_clear(&run->out);
	free(run->id);
}

static void
output_comes_without_what_was_said_on_standard_error(void **state)
{
	(void)state;
	static const struct fake_exchange dialogue[] = {
		PING,
		CREATE("{\"AttachStdout\":true,\"AttachStderr\":true,"
		       "\"Cmd\":[\"pg_dumpall\",\"-U\",\"me\"],\"Env\":[\"A=b\"]}"),
		{ STREAM("\1\0\0\0\0\0\0\3one\2\0\0\0\0\0\0\4oops\1\0\0\0\0\0\0\3two"), .piece = 1 },
		ENDED("0"),
	};
	struct run run = { .running = true };

	assert_int_equal(run_exec(dialogue, COUNT(dialogue), &run), 0);
	assert_string_equal(buf_text(&run.out), "onetwo");
	assert_false(run.running);
	assert_string_equal(run.id, "e1");
	run_clear(&run);
}

static void
the_exit_code_is_waited_for(void **state)
{
	(void)state;
	static const struct fake_exchange dialogue[] = {
		PING,
		CREATE(NULL),
		{ STREAM("\1\0\0\0\0\0\0\3one") },
		STATE("{\"Running\":true,\"ExitCode\":null}"),
		STATE("{\"Running\":false,\"ExitCode\":null}"),
		ENDED("0"),
	};
	struct run run = { .running = true };

	assert_int_equal(run_exec(dialogue, COUNT(dialogue), &run), 0);
	assert_false(run.running);
	run_clear(&run);
}

static void
an_exit_code_that_never_comes_is_an_error_at_the_deadline(void **state)
{
	(void)state;
	static const struct fake_exchange dialogue[] = {
		PING,
		CREATE(NULL),
		{ STREAM("\1\0\0\0\0\0\0\3one") },
		{ .request = "GET /v1.41/exec/e1/json ",
			.status = 200,
			.body = "{\"Running\":true,\"ExitCode\":null}",
			.again = true },
		CONTAINER_RUNS,
	};
	struct run run = { .deadline_ms = clock_monotonic_ms() + 1000 };

	assert_int_equal(run_exec(dialogue, COUNT(dialogue), &run), -1);
	assert_says(ERR_SOURCE, "pg_dumpall took longer than");
	assert_true(run.running);
	run_clear(&run);
}

static void
a_failed_process_is_an_error_with_its_last_words(void **state)
{
	(void)state;
	static const struct fake_exchange dialogue[] = {
		PING,
		CREATE(NULL),
		{ STREAM("\1\0\0\0\0\0\0\3one\2\0\0\0\0\0\0\6first\n\2\0\0\0\0\0\0\7second\n") },
		ENDED("1"),
		CONTAINER_RUNS,
	};
	struct run run = { .running = true };

	assert_int_equal(run_exec(dialogue, COUNT(dialogue), &run), -1);
	assert_int_equal(error_get()->class, ERR_SOURCE);
	assert_string_equal(error_get()->message, "pg_dumpall exited with status 1: first; second");
	assert_false(run.running);
	run_clear(&run);
}

/* The engine answers 200 and says in standard output why there is no process. */
static void
a_process_that_could_not_be_started_is_an_error_with_the_engines_reason(void **state)
{
	(void)state;
	static const struct fake_exchange dialogue[] = {
		PING,
		CREATE(NULL),
		{ STREAM("\1\0\0\0\0\0\0\x13OCI exec: not found") },
		ENDED("127"),
		CONTAINER_RUNS,
	};
	struct run run = { .running = true };

	assert_int_equal(run_exec(dialogue, COUNT(dialogue), &run), -1);
	assert_says(ERR_SOURCE, "pg_dumpall could not be started in the container: OCI exec: not found");
	run_clear(&run);
}

static void
an_exec_that_is_refused_was_not_started(void **state)
{
	(void)state;
	static const struct fake_exchange dialogue[] = {
		PING,
		{ .request = "POST /v1.41/containers/c1/exec ",
			.status = 409,
			.body = "{\"message\":\"Container c1 is paused\"}" },
	};
	struct run run = { .running = true };

	assert_int_equal(run_exec(dialogue, COUNT(dialogue), &run), -1);
	assert_says(ERR_SOURCE, "Container c1 is paused (status 409)");
	assert_false(run.running);
	assert_null(run.id);
	run_clear(&run);

	static const struct fake_exchange at_start[] = {
		PING,
		CREATE(NULL),
		{ .request = "POST /v1.41/exec/e1/start ",
			.status = 409,
			.body = "{\"message\":\"stopped\"}" },
	};
	assert_int_equal(run_exec(at_start, COUNT(at_start), &run), -1);
	assert_says(ERR_SOURCE, "stopped (status 409)");
	assert_false(run.running);
	assert_string_equal(run.id, "e1");
	run_clear(&run);
}

static void
a_container_that_ended_is_blamed(void **state)
{
	(void)state;
	static const struct fake_exchange dialogue[] = {
		PING,
		CREATE(NULL),
		{ STREAM("\1\0\0\0\0\0\0\3one") },
		ENDED("137"),
		CONTAINER_RUNS, /* the engine learns of it a moment later */
		CONTAINER("exited", "false"),
	};
	struct run run = { .running = true };

	assert_int_equal(run_exec(dialogue, COUNT(dialogue), &run), -1);
	assert_string_equal(error_get()->message,
		"container 'db' is not running any more (exited): pg_dumpall was ended by signal 9");
	assert_false(run.running);
	run_clear(&run);
}

static void
a_container_that_is_gone_is_blamed(void **state)
{
	(void)state;
	static const struct fake_exchange dialogue[] = {
		PING,
		CREATE(NULL),
		{ STREAM("\1\0\0\0\0\0\0\3one") },
		{ .request = "GET /v1.41/exec/e1/json ",
			.status = 404,
			.body = "{\"message\":\"No such exec\"}" },
		{ .request = "GET /v1.41/containers/c1/json ", .status = 404, .body = "{}" },
	};
	struct run run = { .running = true };

	assert_int_equal(run_exec(dialogue, COUNT(dialogue), &run), -1);
	assert_says(ERR_SOURCE, "container c1 is gone: the end of pg_dumpall is not known: "
				"the Docker engine refuses: No such exec");
	assert_false(run.running);
	run_clear(&run);
}

static void
a_stream_that_ends_inside_a_frame_is_an_error_and_the_process_may_run(void **state)
{
	(void)state;
	static const struct fake_exchange dialogue[] = {
		PING,
		CREATE(NULL),
		{ STREAM("\1\0\0\0\0\0\0\3on") },
	};
	struct run run = { .running = false };

	assert_int_equal(run_exec(dialogue, COUNT(dialogue), &run), -1);
	assert_says(ERR_SOURCE, "stream ends at byte 10, 1 bytes before the end of a frame");
	assert_true(run.running);
	run_clear(&run);
}

static void
an_error_of_the_engine_in_the_stream_ends_it(void **state)
{
	(void)state;
	static const struct fake_exchange dialogue[] = {
		PING,
		CREATE(NULL),
		{ STREAM("\1\0\0\0\0\0\0\3one\3\0\0\0\0\0\0\4gone") },
	};
	struct run run = { .running = false };

	assert_int_equal(run_exec(dialogue, COUNT(dialogue), &run), -1);
	assert_says(ERR_SOURCE, "the Docker engine broke off: gone");
	assert_true(run.running);
	run_clear(&run);
}

static void
an_engine_that_is_gone_after_the_stream_is_an_error(void **state)
{
	(void)state;
	static const struct fake_exchange dialogue[] = {
		PING,
		CREATE(NULL),
		{ STREAM("\1\0\0\0\0\0\0\3one") },
	};
	struct run run = { .running = false };

	assert_int_equal(run_exec(dialogue, COUNT(dialogue), &run), -1);
	assert_says(ERR_SOURCE, "the end of pg_dumpall is not known: cannot connect to ");
	assert_true(run.running);
	run_clear(&run);
}

static void
the_takers_error_is_kept_and_the_process_runs_on(void **state)
{
	(void)state;
	static const struct fake_exchange dialogue[] = {
		PING,
		CREATE(NULL),
		{ STREAM("\1\0\0\0\0\0\0\3one"), .fault = FAKE_STALL, .cut = 11 },
	};
	struct run run = { .room = 2 };

	assert_int_equal(run_exec(dialogue, COUNT(dialogue), &run), -1);
	assert_says(ERR_STORE, "the disk is full");
	assert_true(run.running);
	assert_string_equal(run.id, "e1");
	run_clear(&run);
}

static void
a_signal_ends_the_wait_for_a_silent_process(void **state)
{
	(void)state;
	static const struct fake_exchange dialogue[] = {
		PING,
		CREATE(NULL),
		{ STREAM("\1\0\0\0\0\0\0\3one"), .fault = FAKE_STALL, .cut = 11, .then = come_signal },
	};
	struct run run = { .running = false };

	assert_int_equal(run_exec(dialogue, COUNT(dialogue), &run), -1);
	assert_int_equal(error_get()->class, ERR_INTERRUPTED);
	assert_true(run.running);
	run_clear(&run);
}

static void
a_deadline_ends_the_wait_for_a_silent_process(void **state)
{
	(void)state;
	static const struct fake_exchange dialogue[] = {
		PING,
		CREATE(NULL),
		{ STREAM("\1\0\0\0\0\0\0\3one"), .fault = FAKE_STALL, .cut = 11 },
	};
	struct run run = { .deadline_ms = clock_monotonic_ms() + 1000 };

	assert_int_equal(run_exec(dialogue, COUNT(dialogue), &run), -1);
	assert_says(ERR_SOURCE, "pg_dumpall took longer than");
	assert_true(run.running);
	run_clear(&run);
}

/* Of an error stream of any length its end is kept, and begins with a whole line. */
static void
much_standard_error_is_cut_to_its_last_lines(void **state)
{
	(void)state;
	struct buf stream = BUF_EMPTY;
	for (int i = 0; i < 20000; i++)
		buf_append_format(&stream, "\2%c%c%c%c%c%c\n%09d\n", 0, 0, 0, 0, 0, 0, i);
	const struct fake_exchange dialogue[] = {
		PING,
		CREATE(NULL),
		{ .request = "POST /v1.41/exec/e1/start ",
			.status = 200,
			.body = stream.bytes,
			.body_len = stream.len,
			.until_close = true },
		ENDED("3"),
		CONTAINER_RUNS,
	};
	struct run run = { .running = true };
	unsigned first;

	assert_int_equal(run_exec(dialogue, COUNT(dialogue), &run), -1);
	assert_int_equal(sscanf(error_get()->message, "pg_dumpall exited with status 3: %9u; ", &first), 1);
	assert_in_range(first, 19000, 19998);
	assert_non_null(strstr(error_get()->message, "; 000019999"));
	run_clear(&run);
	buf_clear(&stream);
}

/* Returns what docker_exec_running() makes of one answer. */
static int
ask_running(int status, const char *body, bool *running)
{
	const struct fake_exchange dialogue[] = {
		PING,
		{ .request = "GET /v1.41/exec/e1/json ", .status = status, .body = body },
	};
	struct peer peer = peer_open(dialogue, COUNT(dialogue));

	interrupt_simulate(SIGTERM);
	int result = docker_exec_running(peer.docker, "e1", running);
	interrupt_simulate(0);
	peer_close(&peer);
	return result;
}

static void
whether_an_exec_runs_can_be_asked_while_a_signal_is_pending(void **state)
{
	(void)state;
	bool running;

	assert_int_equal(ask_running(200, "{\"Running\":true,\"ExitCode\":null}", &running), 0);
	assert_true(running);
	assert_int_equal(ask_running(200, "{\"Running\":false,\"ExitCode\":1}", &running), 0);
	assert_false(running);
	running = true;
	assert_int_equal(ask_running(404, "{\"message\":\"No such exec\"}", &running), 0);
	assert_false(running);
	assert_int_equal(ask_running(500, "{\"message\":\"?\"}", &running), -1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, forget_signal, forget_signal)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_lower_one_of_both_versions_is_spoken),
		TEST(what_is_too_old_or_no_engine_is_refused),
		TEST(a_missing_socket_is_named_with_a_hint),
		TEST(a_container_is_found_by_name),
		TEST(a_container_that_is_missing_or_does_not_run_is_an_error),
		TEST(the_engines_own_words_are_in_the_error),
		TEST(a_container_is_found_by_its_compose_labels),
		TEST(a_service_without_a_container_is_an_error_that_names_what_runs),
		TEST(none_or_several_running_is_an_error_that_names_them),
		TEST(output_comes_without_what_was_said_on_standard_error),
		TEST(the_exit_code_is_waited_for),
		TEST(an_exit_code_that_never_comes_is_an_error_at_the_deadline),
		TEST(a_failed_process_is_an_error_with_its_last_words),
		TEST(a_process_that_could_not_be_started_is_an_error_with_the_engines_reason),
		TEST(an_exec_that_is_refused_was_not_started),
		TEST(a_container_that_ended_is_blamed),
		TEST(a_container_that_is_gone_is_blamed),
		TEST(a_stream_that_ends_inside_a_frame_is_an_error_and_the_process_may_run),
		TEST(an_error_of_the_engine_in_the_stream_ends_it),
		TEST(an_engine_that_is_gone_after_the_stream_is_an_error),
		TEST(the_takers_error_is_kept_and_the_process_runs_on),
		TEST(a_signal_ends_the_wait_for_a_silent_process),
		TEST(a_deadline_ends_the_wait_for_a_silent_process),
		TEST(much_standard_error_is_cut_to_its_last_lines),
		TEST(whether_an_exec_runs_can_be_asked_while_a_signal_is_pending),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
