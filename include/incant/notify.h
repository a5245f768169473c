/*
 * Telling others how a run went: a ping, as healthchecks.io and its kind take it (the address, with "/start"
 * or "/fail" behind it, the end of the log as its body), a webhook and a command that get a JSON object, and
 * a file of metrics. Nothing here fails a run: what does not arrive is a warning. A pending signal does not
 * keep it from being told.
 */
#ifndef INCANT_NOTIFY_H
#define INCANT_NOTIFY_H

#include <stdint.h>

struct notify_options {
	const char *ping, *webhook; /* addresses; NULL = none */
	const char *const *command; /* NULL-ended; NULL = none */
	const char *metrics;        /* the file; NULL = none */
	uint64_t limit_ms;          /* of each; 0 = none */
};

enum notify_when { NOTIFY_START, NOTIFY_SUCCESS, NOTIFY_FAILURE };

struct notify_event {
	enum notify_when when;
	const char *text;       /* for the ping: the end of the log */
	const char *json;       /* for webhook and command; NULL at the start, when they are not told */
	const char *const *env; /* for the command: "NAME=value", NULL-ended; NULL = none */
	const char *metrics;    /* lines in Prometheus's text format; NULL at the start */
	const char *kept;       /* the prefix of metrics that stay as the file has them, NULL = none */
};

void notify_send(const struct notify_options *options, const struct notify_event *event);

#endif
