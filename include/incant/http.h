/*
 * HTTP requests through libcurl: one file knows it. Blocking, one request a call; a signal (interrupt.h) or
 * the deadline ends it.
 */
#ifndef INCANT_HTTP_H
#define INCANT_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "incant/buf.h"
#include "incant/error.h"

struct http; /* a connection kept alive between requests; not shared between threads */

/* unix_socket: path of a socket to speak through (Docker), or NULL. error_class: of all failures. NULL with
 * the error. */
struct http *http_new(const char *unix_socket, enum error_class error_class);
void http_free(struct http *http); /* NULL is allowed */

/* The same with more to say. What is not set is as http_new() has it. All texts are copied. */
struct http_options {
	const char *unix_socket;
	enum error_class error_class;
	const char *ca_file;       /* PEM; the certificates to trust rather than the system's */
	uint64_t connect_ms;       /* at most for a connection to come about; 0 = 30 s */
	uint64_t bytes_per_second; /* at most, each way; 0 = no limit */
};
struct http *http_open(const struct http_options *options);

struct http_request {
	const char *method;         /* "GET", "HEAD", "PUT", "POST", "DELETE" */
	const char *url;            /* shown in errors without its query */
	const char *const *headers; /* "Name: value", NULL-ended; NULL = none. Never logged */
	const void *body;
	size_t body_len;
	uint64_t deadline_ms; /* on clock_monotonic_ms(); 0 = none */
	uint64_t stall_ms;    /* ends it when no byte moves for so long; 0 = never. Whole seconds */
	bool direct;   /* past any proxy of the environment: for addresses that only this machine has */
	bool once;     /* on a new connection: on one that was kept and has died libcurl sends again */
	bool heedless; /* go on while a signal is pending: for cleaning up after one */
	/*
	 * Where a 2xx body goes as it comes; NULL = into `body` of the answer (at most 16 MiB, more is an
	 * error). Returns 0, or -1 with the error set to end the request. A body of another status always
	 * goes into the answer (its first 64 KiB).
	 */
	int (*sink)(void *context, const void *bytes, size_t len);
	void *context;
};

struct http_answer {
	int status; /* 200 … 599 */
	struct buf body;
	struct buf headers; /* "name: value" as received, each ended by a NUL, names in lower case */
	bool transient;     /* after -1: the network failed, which may pass (http_retry.h) */
};

void http_answer_clear(struct http_answer *answer);

/* A header's value (of the last answer), or NULL. name in lower case. Borrowed. */
const char *http_answer_header(const struct http_answer *answer, const char *name);

/*
 * Sends it and reads the answer, whatever its status. 0; or -1: not connected, cut short ("connection closed
 * after N bytes"), deadline, interrupted (ERR_INTERRUPTED), or the sink failed. answer is initialised here
 * and cleared by the caller in both cases.
 */
int http_send(struct http *http, const struct http_request *request, struct http_answer *answer);

/* How long nothing may move after so many bytes in that time, for a limit (not 0) to hold. Pure, for tests.
 */
uint64_t http_ahead_ms(uint64_t bytes, uint64_t elapsed_ms, uint64_t bytes_per_second);

#endif
