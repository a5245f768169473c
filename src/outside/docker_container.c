/*
 * Containers of our own: created, started, looked at, removed. They get as little as can be: no network, no
 * capabilities, limits on memory and processes.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "docker_inside.h"
#include "incant/buf.h"
#include "incant/docker.h"
#include "incant/docker_stream.h"
#include "incant/error.h"
#include "incant/mem.h"
#include "incant/text.h"

enum {
	CPU_SHARES = 256,       /* a quarter of what every other container has, when all want to run */
	SAID_LINES = 20,        /* of a container's log … */
	SAID_BYTES = 1200,      /* … and how much of it is shown */
	LOG_KEPT_BYTES = 65536, /* of the answer to that */
};

static struct json *
array_of_one(const char *text)
{
	struct json *array = json_new_array();

	json_put_text(array, NULL, text);
	return array;
}

/* {"PATH": {}}: a volume without a name. */
static struct json *
volumes_of(const char *path)
{
	struct json *volumes = json_new_object();

	json_put(volumes, path, json_new_object());
	return volumes;
}

static struct json *
labels_of(const struct docker_container_request *request)
{
	struct json *labels = json_new_object();

	for (size_t i = 0; i < request->label_count; i++)
		json_put_text(labels, request->labels[i].name, request->labels[i].value);
	return labels;
}

/* How much of its log the engine keeps: a server that complains without end fills no disk. */
static struct json *
log_limits(void)
{
	struct json *log = json_new_object();
	struct json *limits = json_new_object();

	json_put_text(limits, "max-size", "1m");
	json_put_text(log, "Type", "json-file");
	json_put(log, "Config", limits);
	return log;
}

static struct json *
host_config(const struct docker_container_request *request)
{
	struct json *host = json_new_object();
	char *bind = mem_format("%s:%s", request->bind_from, request->bind_to);

	json_put_text(host, "NetworkMode", "none");
	json_put(host, "Binds", array_of_one(bind));
	json_put(host, "CapDrop", array_of_one("ALL"));
	json_put(host, "SecurityOpt", array_of_one("no-new-privileges"));
	json_put_u64(host, "Memory", request->memory_bytes);
	json_put_u64(host, "MemorySwap", request->memory_bytes); /* the same: no swap */
	json_put_u64(host, "ShmSize", request->memory_bytes / 2);
	json_put_u64(host, "PidsLimit", request->pids);
	json_put_u64(host, "CpuShares", CPU_SHARES);
	json_put(host, "LogConfig", log_limits());
	free(bind);
	return host;
}

static struct json *
create_body(const struct docker_container_request *request)
{
	struct json *body = json_new_object();
	struct json *none = json_new_object();

	json_put_text(body, "Image", request->image);
	json_put(body, "Entrypoint", docker_array(request->argv));
	json_put(body, "Cmd", json_new_array());
	json_put(body, "Env", docker_array(request->env));
	if (request->user != NULL)
		json_put_text(body, "User", request->user);
	json_put(body, "Labels", labels_of(request));
	json_put(body, "Volumes", volumes_of(request->volume));
	json_put(none, "Test", array_of_one("NONE")); /* the image's own would ask some other server */
	json_put(body, "Healthcheck", none);
	json_put(body, "HostConfig", host_config(request));
	return body;
}

int
docker_container_create(struct docker *docker, const struct docker_container_request *request, char **id)
{
	struct json *body = create_body(request);
	char *path = mem_format("/containers/create?name=%s", request->name);
	struct docker_request create = { .method = "POST", .path = path, .body = body };
	int status = 0;
	struct json *answer = docker_ask(docker, &create, &status);

	*id = mem_text(json_get_text(answer, "Id"));
	if (answer == NULL && status == 404) {
		error_set(ERR_SOURCE, "the Docker engine has no image '%s'", request->image);
		error_hint("`docker pull` or `docker load` brings one there; image in [scratch] names it.");
	} else if (answer != NULL && *id == NULL) {
		error_set(ERR_SOURCE, "the Docker engine gave no id for a new container");
	}
	json_free(answer);
	json_free(body);
	free(path);
	return *id != NULL ? 0 : -1;
}

/* A request without a body in either direction. *status may be NULL. */
static int
tell(struct docker *docker, const char *method, const char *path, int *status)
{
	struct docker_request request = { .method = method, .path = path, .heedless = true };
	struct http_answer answer;
	int result = docker_send(docker, &request, &answer);

	if (status != NULL)
		*status = answer.status;
	http_answer_clear(&answer);
	return result;
}

int
docker_container_start(struct docker *docker, const char *id)
{
	char *path = mem_format("/containers/%s/start", id);
	int result = tell(docker, "POST", path, NULL);

	free(path);
	return result;
}

int
docker_container_remove(struct docker *docker, const char *id)
{
	char *path = mem_format("/containers/%s?force=1&v=1", id);
	int status = 0;
	int result = tell(docker, "DELETE", path, &status);

	/* 409: somebody is removing it already. */
	if (result != 0 && (status == 404 || status == 409)) {
		error_clear();
		result = 0;
	}
	free(path);
	return result;
}

int
docker_container_inspect(struct docker *docker, const char *id, struct docker_container_state *state)
{
	char *path = mem_format("/containers/%s/json", id);
	struct docker_request inspect = { .method = "GET", .path = path, .heedless = true };
	struct json *root = docker_ask(docker, &inspect, NULL);
	const struct json *from = json_get(root, "State");

	state->running = json_get_bool(from, "Running", false);
	state->out_of_memory = json_get_bool(from, "OOMKilled", false);
	state->exit_code = (int)json_get_int(from, "ExitCode", 0);
	int result = root != NULL ? 0 : -1;
	json_free(root);
	free(path);
	return result;
}

static int
keep_said(void *context, int type, const void *bytes, size_t len)
{
	struct buf *said = context;

	(void)type;
	if (said->len < LOG_KEPT_BYTES)
		buf_append(said, bytes, len);
	return 0;
}

static int
take_said(void *context, const void *bytes, size_t len)
{
	return docker_stream_write(context, bytes, len);
}

char *
docker_container_said(struct docker *docker, const char *id)
{
	struct buf said = BUF_EMPTY;
	struct docker_stream stream;
	struct http_answer answer;
	struct error kept;
	char *path = mem_format("/containers/%s/logs?stdout=1&stderr=1&tail=%d", id, SAID_LINES);
	struct docker_request request = {
		.method = "GET", .path = path, .heedless = true, .sink = take_said, .context = &stream
	};

	error_take(&kept);
	docker_stream_init(&stream, keep_said, &said, ERR_SOURCE);
	(void)docker_send(docker, &request, &answer);
	http_answer_clear(&answer);
	error_clear();
	if (kept.class != ERR_NONE)
		error_put(&kept);
	char *text = text_last_lines(buf_text(&said), said.len, SAID_BYTES);
	buf_clear(&said);
	free(path);
	return text;
}

int
docker_container_list(struct docker *docker, const char *label, struct docker_labelled_list *list)
{
	struct buf path = BUF_EMPTY;
	char *filter = mem_format("{\"label\":[\"%s\"]}", label);

	buf_append_text(&path, "/containers/json?all=1&filters=");
	docker_append_encoded(&path, filter);
	struct docker_request request = { .method = "GET", .path = buf_text(&path), .heedless = true };
	struct json *root = docker_ask(docker, &request, NULL);
	for (size_t i = 0; i < json_count(root); i++) {
		const struct json *item = json_at(root, i);
		const char *id = json_get_text(item, "Id");
		const char *value = json_get_text(json_get(item, "Labels"), label);

		if (id == NULL || value == NULL)
			continue;
		MEM_GROW(list->items, list->count, list->capacity);
		list->items[list->count++] = (struct docker_labelled){ mem_text(id), mem_text(value) };
	}
	int result = root != NULL ? 0 : -1;
	json_free(root);
	free(filter);
	buf_clear(&path);
	return result;
}

void
docker_labelled_clear(struct docker_labelled_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		free(list->items[i].id);
		free(list->items[i].value);
	}
	free(list->items);
	*list = (struct docker_labelled_list){ NULL, 0, 0 };
}

char *
docker_data_folder(struct docker *docker)
{
	struct docker_request request = { .method = "GET", .path = "/info" };
	struct json *root = docker_ask(docker, &request, NULL);
	char *folder = mem_text(json_get_text(root, "DockerRootDir"));

	if (root != NULL && folder == NULL)
		error_set(ERR_SOURCE, "the Docker engine does not say where its data lie");
	json_free(root);
	return folder;
}
