/*
 * What docker.c and docker_exec.c share: one request to the engine. Nothing else includes it.
 */
#ifndef INCANT_DOCKER_INSIDE_H
#define INCANT_DOCKER_INSIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "incant/docker.h"
#include "incant/http.h"
#include "incant/json.h"

struct docker {
	struct http *http;
	char *socket_path;
	char api_version[16];
};

struct docker_request {
	const char *method;
	const char *path;        /* behind the version: "/exec/ID/json" */
	const struct json *body; /* NULL = none */
	bool heedless;
	uint64_t deadline_ms; /* 0 = one minute from now; with a sink: none */
	int (*sink)(void *context, const void *bytes, size_t len);
	void *context;
};

/*
 * Sends a request. 0 with a status of 2xx; otherwise -1 with ERR_SOURCE and the engine's own words.
 * answer->status is 0 when there was no answer. The caller clears answer in both cases.
 */
int docker_send(struct docker *docker, const struct docker_request *request, struct http_answer *answer);

/* As docker_send(), for an answer in JSON: the caller frees it. NULL on failure; *status (may be NULL) as
 * answer->status. */
struct json *docker_ask(struct docker *docker, const struct docker_request *request, int *status);

/* Appends a text percent-encoded: everything that is not certain to be itself in a path or a query. */
void docker_append_encoded(struct buf *buf, const char *text);

/* A text of the engine's, "" where there is none; a name, without the slash that the engine puts in front.
 * The caller frees them. */
char *docker_text_of(const struct json *value);
char *docker_name_of(const struct json *value);

/* Texts up to a NULL as an array; NULL gives an empty one. The caller's. */
struct json *docker_array(const char *const *texts);

#endif
