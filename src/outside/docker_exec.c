/*
 * A process in a container. Three requests: create the exec, start it (the answer's body is the process's
 * output, for as long as it runs), and ask how it ended. The stream's end proves nothing: it ends the same
 * way when the process succeeds, when the container is stopped, and when the engine dies. Only the exit code
 * says which.
 */
#include "config.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "docker_inside.h"
#include "incant/buf.h"
#include "incant/clock.h"
#include "incant/docker.h"
#include "incant/docker_stream.h"
#include "incant/error.h"
#include "incant/interrupt.h"
#include "incant/log.h"
#include "incant/mem.h"
#include "incant/text.h"

enum {
	ERRORS_BYTES = 16 * 1024, /* kept of the end of standard error */
	SAID_BYTES = 1024,        /* kept of the beginning of standard output */
	SHOWN_BYTES = 1200,       /* of either, in an error */
	LOOKS = 100,              /* at an exec whose stream has ended and that has no exit code yet */
	KILLED_LOOKS = 20,        /* at a container whose process was killed */
	LOOK_MS = 100             /* between two of them */
};

/* One docker_exec_run() under way. */
struct exec_run {
	struct docker *docker;
	const struct docker_exec *exec;
	uint64_t began_ms;
	struct docker_stream stream;
	struct buf said;   /* where the engine puts its reason when it cannot start the process */
	struct buf errors; /* standard error; its end, once that is long */
	bool out_failed;   /* exec->out has set the error */
};

static void
keep_errors(struct buf *errors, const void *bytes, size_t len)
{
	buf_append(errors, bytes, len);
	if (errors->len > 2 * ERRORS_BYTES) {
		memmove(errors->bytes, errors->bytes + errors->len - ERRORS_BYTES, ERRORS_BYTES);
		errors->len = ERRORS_BYTES;
		errors->bytes[errors->len] = '\0';
	}
}

/* A piece of a frame. Type 0 is standard input, which the engine's own clients print as output. */
static int
take_piece(void *context, int type, const void *bytes, size_t len)
{
	struct exec_run *run = context;

	if (type == 3) {
		char *text = text_printable(bytes, len);
		error_set(ERR_SOURCE, "the Docker engine broke off: %s", text);
		free(text);
		return -1;
	}
	if (type == 2) {
		keep_errors(&run->errors, bytes, len);
		return 0;
	}
	if (run->said.len < SAID_BYTES) {
		size_t room = SAID_BYTES - run->said.len;
		buf_append(&run->said, bytes, len < room ? len : room);
	}
	run->out_failed = run->exec->out(run->exec->context, bytes, len) != 0;
	return run->out_failed ? -1 : 0;
}

static int
take_bytes(void *context, const void *bytes, size_t len)
{
	struct exec_run *run = context;

	return docker_stream_write(&run->stream, bytes, len);
}

struct json *
docker_array(const char *const *texts)
{
	struct json *array = json_new_array();

	for (; texts != NULL && *texts != NULL; texts++)
		json_put_text(array, NULL, *texts);
	return array;
}

/* Returns the exec's id, which the caller frees; NULL with the error. */
static char *
create(const struct exec_run *run)
{
	const struct docker_exec *exec = run->exec;
	struct json *body = json_new_object();

	json_put_bool(body, "AttachStdout", true);
	json_put_bool(body, "AttachStderr", true);
	json_put(body, "Cmd", docker_array(exec->argv));
	if (exec->env != NULL)
		json_put(body, "Env", docker_array(exec->env));
	if (exec->user != NULL)
		json_put_text(body, "User", exec->user);
	char *path = mem_format("/containers/%s/exec", exec->container);
	struct docker_request request = {
		.method = "POST", .path = path, .body = body, .heedless = exec->heedless
	};
	struct json *answer = docker_ask(run->docker, &request, NULL);
	char *id = mem_text(json_get_text(answer, "Id"));
	if (answer != NULL && id == NULL)
		error_set(ERR_SOURCE, "the Docker engine gave no id for '%s'", exec->argv[0]);
	json_free(answer);
	json_free(body);
	free(path);
	return id;
}

/* Starts it and takes all its output. *started: it has been started, or may have been. */
static int
start(struct exec_run *run, const char *id, bool *started)
{
	struct json *body = json_new_object();
	char *path = mem_format("/exec/%s/start", id);
	struct docker_request request = {
		.method = "POST",
		.path = path,
		.body = body,
		.heedless = run->exec->heedless,
		.deadline_ms = run->exec->deadline_ms,
		.sink = take_bytes,
		.context = run,
	};
	struct http_answer answer;

	json_put_bool(body, "Detach", false);
	json_put_bool(body, "Tty", false);
	int result = docker_send(run->docker, &request, &answer);
	*started = answer.status >= 0 && answer.status <= 299;
	if (result == 0)
		result = docker_stream_finish(&run->stream);
	http_answer_clear(&answer);
	json_free(body);
	free(path);
	return result;
}

/* An exec as the engine describes it. 0, or -1; *status as docker_ask() gives it. */
static int
inspect(struct docker *docker, const char *id, bool heedless, bool *running, int *exit_code, int *status)
{
	char *path = mem_format("/exec/%s/json", id);
	struct docker_request request = { .method = "GET", .path = path, .heedless = heedless };
	struct json *root = docker_ask(docker, &request, status);
	int result = root != NULL ? 0 : -1;

	*running = json_get_bool(root, "Running", false);
	*exit_code = (int)json_get_int(root, "ExitCode", -1); /* null while there is none */
	json_free(root);
	free(path);
	return result;
}

/* Waits a moment. 0, or -1 when a signal came. */
static int
pause_a_moment(bool heedless)
{
	struct pollfd fd = { .fd = heedless ? -1 : interrupt_fd(), .events = POLLIN };

	(void)poll(&fd, 1, LOOK_MS);
	return heedless ? 0 : interrupt_check();
}

static bool
is_late(const struct exec_run *run)
{
	return run->exec->deadline_ms != 0 && clock_monotonic_ms() >= run->exec->deadline_ms;
}

static int
late_error(const struct exec_run *run)
{
	char limit[24];

	text_format_duration(limit, sizeof(limit), run->exec->deadline_ms - run->began_ms);
	return error_set(ERR_SOURCE, "%s took longer than %s", run->exec->argv[0], limit);
}

/* The exit code comes some milliseconds behind the stream's end. */
static int
await_exit(const struct exec_run *run, const char *id, bool *running, int *exit_code)
{
	int status;

	for (int look = 0; look < LOOKS; look++) {
		if (inspect(run->docker, id, run->exec->heedless, running, exit_code, &status) != 0) {
			*running = status != 404 && status != 409;
			return error_add("the end of %s is not known", run->exec->argv[0]);
		}
		if (!*running && *exit_code >= 0)
			return 0;
		if (is_late(run))
			return late_error(run);
		if (pause_a_moment(run->exec->heedless) != 0)
			return -1;
	}
	return error_set(ERR_SOURCE,
		"the output of %s ended, and the Docker engine gives no exit code for it",
		run->exec->argv[0]);
}

/* "container 'x' is not running any more (exited)"; NULL while it runs, or where there is no telling. The
 * caller frees it. */
static char *
container_end(const struct exec_run *run)
{
	const char *id = run->exec->container;
	char *path = mem_format("/containers/%s/json", id);
	struct docker_request request = { .method = "GET", .path = path, .heedless = true };
	int status;
	struct json *root = docker_ask(run->docker, &request, &status);
	const struct json *state = json_get(root, "State");
	const char *name = json_get_text(root, "Name");
	char *end = NULL;

	if (status == 404)
		end = mem_format("container %.12s is gone", id);
	else if (root != NULL && name != NULL && !json_get_bool(state, "Running", true))
		end = mem_format("container '%s' is not running any more (%s)", name + (name[0] == '/'),
			json_get_text(state, "Status") != NULL ? json_get_text(state, "Status") : "?");
	json_free(root);
	free(path);
	return end;
}

/* Puts the container's end in front of the current error, where it has ended. A killed container takes its
 * processes along some time before the engine knows of its own end, so a killed process is worth a wait. */
static void
blame_container(const struct exec_run *run, bool killed)
{
	struct error error;

	error_take(&error);
	char *end = container_end(run);
	for (int look = 0; end == NULL && killed && look < KILLED_LOOKS; look++) {
		pause_a_moment(true);
		end = container_end(run);
	}
	error_put(&error);
	if (end != NULL)
		error_add("%s", end);
	free(end);
}

/* Says how the process failed. A shell's habit, which the engine follows: 126 and 127 for what cannot be
 * started, 128 + N for signal N. */
static int
exit_error(const struct exec_run *run, int exit_code)
{
	const char *name = run->exec->argv[0];
	bool not_started = exit_code == 126 || exit_code == 127;
	const struct buf *from = not_started && run->errors.len == 0 ? &run->said : &run->errors;
	char *words = text_last_lines(buf_text(from), from->len, SHOWN_BYTES);
	const char *colon = words[0] != '\0' ? ": " : "";

	if (not_started)
		error_set(ERR_SOURCE, "%s could not be started in the container%s%s", name, colon, words);
	else if (exit_code > 128 && exit_code <= 128 + 64)
		error_set(ERR_SOURCE, "%s was ended by signal %d%s%s", name, exit_code - 128, colon, words);
	else
		error_set(ERR_SOURCE, "%s exited with status %d%s%s", name, exit_code, colon, words);
	free(words);
	return -1;
}

static int
run_to_end(struct exec_run *run, const char *id, bool *running)
{
	int exit_code = -1;

	if (start(run, id, running) != 0)
		return !run->out_failed && is_late(run) ? late_error(run) : -1;
	int result = await_exit(run, id, running, &exit_code);
	if (result == 0 && exit_code != 0)
		result = exit_error(run, exit_code);
	if (result != 0 && error_get()->class == ERR_SOURCE)
		blame_container(run, exit_code > 128);
	return result;
}

int
docker_exec_run(struct docker *docker, const struct docker_exec *exec, bool *running, char **exec_id)
{
	struct exec_run run = { .docker = docker, .exec = exec, .began_ms = clock_monotonic_ms() };
	bool still_running = false;
	int result = -1;

	docker_stream_init(&run.stream, take_piece, &run, ERR_SOURCE);
	char *id = create(&run);
	if (id != NULL) {
		log_verbose("exec %.12s in container %.12s: %s", id, exec->container, exec->argv[0]);
		result = run_to_end(&run, id, &still_running);
	}
	if (running != NULL)
		*running = still_running;
	if (exec_id != NULL)
		*exec_id = id;
	else
		free(id);
	buf_clear(&run.said);
	buf_clear(&run.errors);
	return result;
}

int
docker_exec_running(struct docker *docker, const char *exec_id, bool *running)
{
	int exit_code, status;

	if (inspect(docker, exec_id, true, running, &exit_code, &status) == 0)
		return 0;
	*running = false;
	return status == 404 || status == 409 ? 0 : -1;
}
