/*
 * The Docker Engine: connecting, agreeing on a version of its API, and finding a container. Processes in
 * containers are in docker_exec.c.
 */
#include "config.h"

#include "incant/docker.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "docker_inside.h"
#include "incant/buf.h"
#include "incant/clock.h"
#include "incant/error.h"
#include "incant/mem.h"
#include "incant/text.h"

/* Versions of the API: the newest whose documentation this was written to (engine 28.5), and the first one
 * that takes the environment of an exec. */
enum { NEWEST_MAJOR = 1, NEWEST_MINOR = 51, OLDEST_MINOR = 25 };

enum { ANSWER_MS = 60 * 1000 };

static int
refused(const struct http_answer *answer)
{
	char *text = text_printable(answer->body.bytes != NULL ? answer->body.bytes : "", answer->body.len);
	struct json *root = json_parse(buf_text(&answer->body), answer->body.len, "the engine's answer");
	const char *message = json_get_text(root, "message");

	error_set(ERR_SOURCE, "the Docker engine refuses: %.1000s (status %d)",
		message != NULL ? message : text, answer->status);
	json_free(root);
	free(text);
	return -1;
}

int
docker_send(struct docker *docker, const struct docker_request *request, struct http_answer *answer)
{
	static const char *const json_headers[] = { "Content-Type: application/json", NULL };
	char *url = mem_format("http://docker/v%s%s", docker->api_version, request->path);
	struct buf body = BUF_EMPTY;
	struct http_request http_request = {
		.method = request->method,
		.url = url,
		.headers = request->body != NULL ? json_headers : NULL,
		.deadline_ms = request->deadline_ms,
		.heedless = request->heedless,
		.sink = request->sink,
		.context = request->context,
	};

	if (request->body != NULL) {
		json_write(request->body, 0, &body);
		http_request.body = body.bytes;
		http_request.body_len = body.len;
	}
	if (request->deadline_ms == 0 && request->sink == NULL)
		http_request.deadline_ms = clock_monotonic_ms() + ANSWER_MS;
	int result = http_send(docker->http, &http_request, answer);
	if (result == 0 && (answer->status < 200 || answer->status > 299))
		result = refused(answer);
	buf_clear(&body);
	free(url);
	return result;
}

struct json *
docker_ask(struct docker *docker, const struct docker_request *request, int *status)
{
	struct http_answer answer;
	struct json *root = NULL;

	if (docker_send(docker, request, &answer) == 0) {
		root = json_parse(buf_text(&answer.body), answer.body.len, "the Docker engine's answer");
		if (root == NULL)
			error_reclass(ERR_SOURCE);
	}
	if (status != NULL)
		*status = answer.status;
	http_answer_clear(&answer);
	return root;
}

/* Takes the lower one of the engine's newest version ("1.48") and ours. */
static int
agree_on_version(struct docker *docker, const char *theirs)
{
	unsigned major, minor;
	int end = 0;

	if (theirs == NULL)
		return error_set(
			ERR_SOURCE, "what answers at '%s' is not a Docker engine", docker->socket_path);
	if (sscanf(theirs, "%4u.%4u%n", &major, &minor, &end) != 2 || theirs[end] != '\0')
		return error_set(ERR_SOURCE,
			"the Docker engine's API has a version that cannot be read: '%s'", theirs);
	if (major < NEWEST_MAJOR || (major == NEWEST_MAJOR && minor < OLDEST_MINOR))
		return error_set(ERR_SOURCE,
			"the Docker engine is too old: its API has version %s, %d.%d is needed", theirs,
			NEWEST_MAJOR, OLDEST_MINOR);
	if (major > NEWEST_MAJOR || minor > NEWEST_MINOR) {
		major = NEWEST_MAJOR;
		minor = NEWEST_MINOR;
	}
	snprintf(docker->api_version, sizeof(docker->api_version), "%u.%u", major, minor);
	return 0;
}

static int
negotiate(struct docker *docker)
{
	struct http_request ping = {
		.method = "GET",
		.url = "http://docker/_ping",
		.deadline_ms = clock_monotonic_ms() + ANSWER_MS,
	};
	struct http_answer answer;
	int result = http_send(docker->http, &ping, &answer);

	if (result == 0)
		result = agree_on_version(docker, http_answer_header(&answer, "api-version"));
	else if (access(docker->socket_path, F_OK) != 0 && errno == ENOENT)
		error_hint("Is Docker running? Its socket is named by docker-socket in [source].");
	else if (access(docker->socket_path, R_OK | W_OK) != 0 && errno == EACCES)
		error_hint("Run as root, or as a user in the group \"docker\".");
	http_answer_clear(&answer);
	return result;
}

struct docker *
docker_open(const char *socket_path)
{
	struct docker *docker = mem_zero(sizeof(*docker));

	docker->socket_path = mem_text(socket_path);
	docker->http = http_new(socket_path, ERR_SOURCE);
	if (docker->http == NULL || negotiate(docker) != 0) {
		error_add("Docker");
		docker_free(docker);
		return NULL;
	}
	return docker;
}

void
docker_free(struct docker *docker)
{
	if (docker == NULL)
		return;
	http_free(docker->http);
	free(docker->socket_path);
	free(docker);
}

const char *
docker_api_version(const struct docker *docker)
{
	return docker->api_version;
}

void
docker_container_clear(struct docker_container *container)
{
	free(container->id);
	free(container->name);
	free(container->image);
	free(container->image_id);
	free(container->state);
	memset(container, 0, sizeof(*container));
}

char *
docker_text_of(const struct json *value)
{
	const char *text = json_text(value);

	return mem_text(text != NULL ? text : "");
}

char *
docker_name_of(const struct json *value)
{
	const char *name = json_text(value);

	return mem_text(name == NULL ? "" : name[0] == '/' ? name + 1 : name);
}

void
docker_append_encoded(struct buf *buf, const char *text)
{
	for (; *text != '\0'; text++) {
		bool plain = (*text >= 'a' && *text <= 'z') || (*text >= 'A' && *text <= 'Z') ||
			     (*text >= '0' && *text <= '9') || strchr("-._~", *text) != NULL;

		if (plain)
			buf_append_char(buf, *text);
		else
			buf_append_format(buf, "%%%02X", (unsigned char)*text);
	}
}

static int
demand_running(const struct docker_container *container)
{
	if (text_equal(container->state, "running"))
		return 0;
	return error_set(ERR_SOURCE, "container '%s' is not running (%s)", container->name, container->state);
}

int
docker_find_by_name(struct docker *docker, const char *name, struct docker_container *container)
{
	struct buf path = BUF_EMPTY;
	int status;

	memset(container, 0, sizeof(*container));
	buf_append_text(&path, "/containers/");
	docker_append_encoded(&path, name);
	buf_append_text(&path, "/json");
	struct docker_request inspect = { .method = "GET", .path = buf_text(&path) };
	struct json *root = docker_ask(docker, &inspect, &status);
	buf_clear(&path);
	if (root == NULL && status == 404)
		error_set(ERR_SOURCE, "no container '%s'", name);
	if (root == NULL)
		return -1;
	container->id = docker_text_of(json_get(root, "Id"));
	container->name = docker_name_of(json_get(root, "Name"));
	container->image = docker_text_of(json_get(json_get(root, "Config"), "Image"));
	container->image_id = docker_text_of(json_get(root, "Image"));
	container->state = docker_text_of(json_get(json_get(root, "State"), "Status"));
	json_free(root);
	return demand_running(container);
}

/* A Compose service in the engine's list of containers. */
struct search {
	const char *project, *service;
	const struct json *found; /* the last one that runs */
	size_t members, running;  /* containers of the service */
	struct buf states;        /* "p-db-1 (exited), p-db-2 (running)" */
	struct buf others;        /* "project/service" of everything else that runs */
};

static void
look_at(struct search *search, const struct json *item)
{
	const struct json *labels = json_get(item, "Labels");
	const char *project = json_get_text(labels, "com.docker.compose.project");
	const char *service = json_get_text(labels, "com.docker.compose.service");
	const char *state = json_get_text(item, "State");
	bool running = text_equal(state, "running");

	if (project == NULL || service == NULL ||
		text_equal(json_get_text(labels, "com.docker.compose.oneoff"), "True"))
		return;
	if (!text_equal(project, search->project) || !text_equal(service, search->service)) {
		if (running)
			buf_append_format(&search->others, "%s%s/%s", search->others.len > 0 ? ", " : "",
				project, service);
		return;
	}
	char *name = docker_name_of(json_at(json_get(item, "Names"), 0));
	buf_append_format(&search->states, "%s%s (%s)", search->states.len > 0 ? ", " : "", name,
		state != NULL ? state : "?");
	free(name);
	search->members++;
	if (running) {
		search->running++;
		search->found = item;
	}
}

/* 0 when exactly one container of the service runs. */
static int
judge(const struct search *search)
{
	if (search->running == 1)
		return 0;
	if (search->members == 0) {
		error_set(ERR_SOURCE, "no container of service '%s' in the Compose project '%s'",
			search->service, search->project);
		if (search->others.len > 0)
			error_hint("These run here: %s.", buf_text(&search->others));
		return -1;
	}
	error_set(ERR_SOURCE, "service '%s' of the Compose project '%s' has %s container that runs: %s",
		search->service, search->project, search->running == 0 ? "no" : "more than one",
		buf_text(&search->states));
	if (search->running > 1)
		error_hint("Name one of them with container in [source].");
	return -1;
}

int
docker_find_by_compose(
	struct docker *docker, const char *project, const char *service, struct docker_container *container)
{
	struct search search = { .project = project, .service = service };
	struct buf path = BUF_EMPTY;

	memset(container, 0, sizeof(*container));
	buf_append_text(&path, "/containers/json?all=1&filters=");
	docker_append_encoded(&path, "{\"label\":[\"com.docker.compose.project\"]}");
	struct docker_request list = { .method = "GET", .path = buf_text(&path) };
	struct json *root = docker_ask(docker, &list, NULL);
	buf_clear(&path);
	if (root == NULL)
		return -1;
	for (size_t i = 0; i < json_count(root); i++)
		look_at(&search, json_at(root, i));
	int result = judge(&search);
	if (result == 0) {
		container->id = docker_text_of(json_get(search.found, "Id"));
		container->name = docker_name_of(json_at(json_get(search.found, "Names"), 0));
		container->image = docker_text_of(json_get(search.found, "Image"));
		container->image_id = docker_text_of(json_get(search.found, "ImageID"));
		container->state = docker_text_of(json_get(search.found, "State"));
	}
	buf_clear(&search.states);
	buf_clear(&search.others);
	json_free(root);
	return result;
}
