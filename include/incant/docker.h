/*
 * The Docker Engine API on its unix socket: what this program needs of it.
 * https://docs.docker.com/reference/api/engine/ The version is negotiated: GET /_ping names the newest that
 * the engine speaks, and the lower one of that and ours is used (no fixed version suits both engine 20.10 and
 * engine 29).
 */
#ifndef INCANT_DOCKER_H
#define INCANT_DOCKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct docker;

/* Connects and negotiates. NULL with ERR_SOURCE: socket missing, no permission (hint names the docker group),
 * no Docker behind it. */
struct docker *docker_open(const char *socket_path);
void docker_free(struct docker *docker);                     /* NULL is allowed */
const char *docker_api_version(const struct docker *docker); /* "1.48" */

struct docker_container {
	char *id, *name, *image, *image_id, *state;
};
void docker_container_clear(struct docker_container *container);

/* By name or id. 0, or -1 ("no container 'x'"; not running is an error that says its state). */
int docker_find_by_name(struct docker *docker, const char *name, struct docker_container *container);
/* By Compose labels (com.docker.compose.project, .service, not one-off). Several or none running: an error
 * that names what there is. */
int docker_find_by_compose(
	struct docker *docker, const char *project, const char *service, struct docker_container *container);

/*
 * Where on its network a container can be reached from this machine: an address of one of its networks, or
 * 127.0.0.1 when it is on the host's. NULL where it has none, with the error; the caller frees it.
 */
char *docker_address(struct docker *docker, const struct docker_container *container);

struct docker_exec {
	const char *container; /* id */
	const char *const *argv;
	const char *const *env; /* "NAME=value", NULL-ended, or NULL */
	const char *user;       /* NULL = the container's own */
	uint64_t deadline_ms;   /* on clock_monotonic_ms(); 0 = none */
	bool heedless;          /* go on while a signal is pending: for cleaning up after one */
	int (*out)(void *context, const void *bytes,
		size_t len); /* standard output; 0, or -1 with the error set */
	void *context;
};

/*
 * Runs a process in a container and waits for its end. 0 when it ended with exit code 0. Otherwise -1 with
 * ERR_SOURCE: "NAME exited with status 1: " and the last of its standard error; "could not be started: …" for
 * 126/127 with the engine's text, which comes in standard output (also when HTTP said 200); "container … is
 * not running any more"; the stream ended without an exit code; deadline; interrupt. When out fails or the
 * call is interrupted the process goes on inside the container: *running says so (may be NULL), and *exec_id
 * (caller frees; may be NULL; NULL when nothing was started) asks docker_exec_running() later.
 */
int docker_exec_run(struct docker *docker, const struct docker_exec *exec, bool *running, char **exec_id);

/* Whether that process runs. Works while a signal is pending, too. An exec or a container that is gone is not
 * running. 0 or -1. */
int docker_exec_running(struct docker *docker, const char *exec_id, bool *running);

/*
 * Containers of our own. What they are given is given up front; a container is never changed.
 */
struct docker_label {
	const char *name, *value;
};
struct docker_container_request {
	const char *name;
	const char *image;       /* name or id; it must be on the engine already */
	const char *user;        /* NULL = the image's own */
	const char *const *argv; /* instead of the image's entry point and command */
	const char *const *env;  /* "NAME=value", NULL-ended, or NULL */
	const struct docker_label *labels;
	size_t label_count;
	const char *bind_from, *bind_to; /* a folder of this machine, and where it appears */
	const char *volume;              /* where an unnamed volume of its own appears */
	uint64_t memory_bytes;           /* at most that, without swap */
	unsigned pids;                   /* processes at most */
};

/*
 * Creates a container without network, without any capability, without the right to gain one, that comes
 * behind others for the processors. 0 with *id (the caller frees it), or -1: "there is no image 'x'", the
 * engine's own words.
 */
int docker_container_create(struct docker *docker, const struct docker_container_request *request, char **id);
int docker_container_start(struct docker *docker, const char *id);

/* Ends it and removes it with its unnamed volumes; one that is gone is success. Works while a signal is
 * pending. */
int docker_container_remove(struct docker *docker, const char *id);

/* How a container is. */
struct docker_container_state {
	bool running, out_of_memory;
	int exit_code;
};
int docker_container_inspect(struct docker *docker, const char *id, struct docker_container_state *state);

/* The last of what it wrote, as text_last_lines() has it; "" where there is no telling. The caller frees it.
 */
char *docker_container_said(struct docker *docker, const char *id);

/* All containers, running or not, that have a label: their ids, and what the label says. */
struct docker_labelled {
	char *id, *value;
};
struct docker_labelled_list {
	struct docker_labelled *items;
	size_t count, capacity;
};
int docker_container_list(struct docker *docker, const char *label, struct docker_labelled_list *list);
void docker_labelled_clear(struct docker_labelled_list *list);

/* The folder of this machine, or of the engine's where that is another, in which the engine keeps its data.
 * The caller frees it. NULL with the error. */
char *docker_data_folder(struct docker *docker);

#endif
