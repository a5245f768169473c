/*
 * A server in a container, dumped by the pg_dumpall beside it, so that the dumper's version always fits.
 * Statements are run by the psql that every image has, over the container's own socket; no port, no address
 * and no password are needed.
 *
 * The trap: a process that was started in a container knows nothing of us. When our end of its output is
 * closed the engine goes on reading it, and the dump holds its locks to the end. There is no call that ends
 * an exec. So a dump is ended from the server's side: pg_dump fails as soon as its backend is gone, and with
 * it pg_dumpall.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "incant/buf.h"
#include "incant/clock.h"
#include "incant/docker.h"
#include "incant/error.h"
#include "incant/log.h"
#include "incant/mem.h"
#include "incant/text.h"
#include "source_driver.h"

enum {
	STATEMENT_MS = 60 * 1000,
	LONG_STATEMENT_MS = 15 * 60 * 1000,
	END_MS = 10 * 1000, /* for ending a dump … */
	END_TRY_MS = 5000,  /* … for one try of it … */
	END_PAUSE_MS = 200, /* … and between two */
	ANSWER_BYTES = 64 * 1024
};

struct source_docker {
	struct source base;
	struct docker *docker;
	struct docker_container container;
	char *user;
	const char *database; /* that psql connects to */
};

/* Output of a process that says little. */
static int
take_answer(void *context, const void *bytes, size_t len)
{
	struct buf *answer = context;

	if (len > ANSWER_BYTES - answer->len)
		return error_set(ERR_SOURCE, "a process in the container says too much");
	buf_append(answer, bytes, len);
	return 0;
}

/* Puts the container's name in front of an error that does not have it. */
static int
name_container(const struct source_docker *self)
{
	const struct error *error = error_get();

	if (error->class != ERR_SOURCE || strstr(error->message, self->container.name) != NULL)
		return -1;
	return error_add("container '%s'", self->container.name);
}

/* Runs a process that says little. 0 with its output, without the last newline (the caller frees it), or -1.
 */
static int
ask(struct source_docker *self, const char *const *argv, uint64_t limit_ms, bool heedless, char **text)
{
	static const char *const env[] = { "PGAPPNAME=" SOURCE_INSPECT_NAME, NULL };
	struct buf answer = BUF_EMPTY;
	struct docker_exec exec = {
		.container = self->container.id,
		.argv = argv,
		.env = env,
		.deadline_ms = clock_monotonic_ms() + limit_ms,
		.heedless = heedless,
		.out = take_answer,
		.context = &answer,
	};
	int result = docker_exec_run(self->docker, &exec, NULL, NULL);

	if (result == 0) {
		size_t len =
			answer.len > 0 && answer.bytes[answer.len - 1] == '\n' ? answer.len - 1 : answer.len;
		*text = mem_text_n(buf_text(&answer), len);
	}
	buf_clear(&answer);
	return result == 0 ? 0 : name_container(self);
}

static int
run_psql(struct source_docker *self, const char *statement, uint64_t limit_ms, bool heedless, char **text)
{
	const char *argv[] = { "psql", "-XAtqw", "-U", self->user, "-d", self->database, "-c", statement,
		NULL };

	return ask(self, argv, limit_ms, heedless, text);
}

static int
docker_value(struct source *source, const char *statement, char **text)
{
	return run_psql((struct source_docker *)source, statement, STATEMENT_MS, false, text);
}

static int
docker_run(struct source *source, const char *statement)
{
	char *text = NULL;
	int result = run_psql((struct source_docker *)source, statement, LONG_STATEMENT_MS, false, &text);

	free(text);
	return result;
}

static int
docker_connect(struct source *source, const char *database)
{
	struct source_docker *self = (struct source_docker *)source;
	char *text = NULL;

	self->database = database; /* a constant: source.c knows two */
	int result = docker_value(source, "SELECT 1", &text);
	free(text);
	return result;
}

static int
docker_dumper_version(struct source *source, char **line)
{
	static const char *const argv[] = { "pg_dumpall", "--version", NULL };

	return ask((struct source_docker *)source, argv, STATEMENT_MS, false, line);
}

/*
 * One try to end the dump. True when nothing is left of it: its process has ended, and the server knows none
 * of its backends. Where the server or the container is gone, the process decides.
 */
static bool
try_to_end(struct source_docker *self, const char *statement, const char *exec_id)
{
	char *count = NULL;
	bool running = true;
	bool asked = run_psql(self, statement, END_TRY_MS, true, &count) == 0;
	bool known = docker_exec_running(self->docker, exec_id, &running) == 0;
	bool backends = asked && !text_equal(count, "0");

	free(count);
	return known && !running && !backends;
}

/* Ends a dump that failed, in the container and in the server, while the current error stays. A pending
 * signal is what may have brought us here, so it does not stop us. */
static void
end_dump(struct source_docker *self, const char *exec_id)
{
	const struct timespec pause = { .tv_nsec = END_PAUSE_MS * 1000000L };
	char *statement = source_end_statement(&self->base);
	uint64_t deadline_ms = clock_monotonic_ms() + END_MS;
	struct error error;

	error_take(&error);
	bool ended = try_to_end(self, statement, exec_id);
	while (!ended && clock_monotonic_ms() < deadline_ms) {
		nanosleep(&pause, NULL);
		ended = try_to_end(self, statement, exec_id);
	}
	if (!ended)
		log_warning("pg_dumpall may still be running in container '%s'; the next run ends it",
			self->container.name);
	free(statement);
	error_put(&error);
}

static int
write_head(void *context, const void *bytes, size_t len)
{
	return stage_write(context, bytes, len);
}

static int
docker_dump(struct source *source, struct stage *head)
{
	struct source_docker *self = (struct source_docker *)source;
	uint64_t limit_ms = source->settings->dump.time_limit_ms;
	char *lock_option = source_lock_option(source);
	char *name = mem_format("PGAPPNAME=%s", source->dump_name);
	const char *env[] = { name, NULL };
	const char *argv[] = { "pg_dumpall", "--no-password", "-U", self->user, lock_option, NULL };
	struct docker_exec exec = {
		.container = self->container.id,
		.argv = argv,
		.env = env,
		.deadline_ms = limit_ms != 0 ? clock_monotonic_ms() + limit_ms : 0,
		.out = write_head,
		.context = head,
	};
	char *exec_id = NULL;
	int result = docker_exec_run(self->docker, &exec, NULL, &exec_id);

	if (result != 0 && exec_id != NULL)
		end_dump(self, exec_id);
	if (result != 0)
		name_container(self);
	free(exec_id);
	free(name);
	free(lock_option);
	return result;
}

static void
docker_source_free(struct source *source)
{
	struct source_docker *self = (struct source_docker *)source;

	docker_free(self->docker);
	docker_container_clear(&self->container);
	free(self->user);
	free(self);
}

static const struct source_ops docker_ops = {
	.connect = docker_connect,
	.value = docker_value,
	.run = docker_run,
	.dumper_version = docker_dumper_version,
	.dump = docker_dump,
	.free = docker_source_free,
};

char *
source_docker_user(const struct settings_source *from)
{
	char *user = NULL;

	if (from->user != NULL)
		return mem_text(from->user);
	if (from->env_file != NULL && settings_env_value(from->env_file, "POSTGRES_USER", &user) < 0)
		return NULL;
	return user != NULL ? user : mem_text("postgres");
}

int
source_docker_find(
	struct docker *docker, const struct settings_source *from, struct docker_container *container)
{
	if (from->container != NULL)
		return docker_find_by_name(docker, from->container, container);
	return docker_find_by_compose(docker, from->compose_project, from->compose_service, container);
}

struct source *
source_docker_new(const struct settings *settings)
{
	struct source_docker *self = mem_zero(sizeof(*self));

	self->base.ops = &docker_ops;
	self->database = "postgres";
	self->user = source_docker_user(&settings->source);
	self->docker = self->user != NULL ? docker_open(settings->source.docker_socket) : NULL;
	if (self->docker == NULL ||
		source_docker_find(self->docker, &settings->source, &self->container) != 0) {
		docker_source_free(&self->base);
		return NULL;
	}
	self->base.describe = mem_format("container %s (%s)", self->container.name, self->container.image);
	return &self->base;
}
