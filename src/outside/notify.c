/*
 * Notifications, one after another: ping, webhook, command, metrics. Addresses may be secrets in themselves,
 * so messages name their host only.
 */
#include "config.h"

#include "incant/notify.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "incant/buf.h"
#include "incant/clock.h"
#include "incant/error.h"
#include "incant/file.h"
#include "incant/http.h"
#include "incant/http_retry.h"
#include "incant/interrupt.h"
#include "incant/log.h"
#include "incant/mem.h"
#include "incant/process.h"
#include "incant/text.h"

#define METRICS_LIMIT_BYTES ((size_t)1 << 20)

/* "https://hc-ping.com": what may be shown of an address. The caller frees it. */
static char *
host_of(const char *url)
{
	const char *host = strstr(url, "://");
	size_t len;

	if (host == NULL)
		return mem_text("an address");
	host += strlen("://");
	len = strcspn(host, "/?#");
	const char *at = memchr(host, '@', len); /* a password may stand in front */
	if (at != NULL) {
		len -= (size_t)(at + 1 - host);
		host = at + 1;
	}
	return mem_text_n(host, len);
}

/* Sends a body, again while that may help and there is time. 0, or -1 with *status the last answer's, 0 for
 * none. */
static int
post(const char *url, const char *type, const char *body, uint64_t limit_ms, int *status)
{
	char *header = mem_format("Content-Type: %s", type);
	const char *const headers[] = { header, NULL };
	uint64_t deadline_ms = limit_ms != 0 ? clock_monotonic_ms() + limit_ms : 0;
	struct http *http = http_new(NULL, ERR_INTERNAL);
	struct http_retry retry;
	struct http_answer answer = { .status = 0 };
	bool again = http != NULL;
	int rc = -1;

	http_retry_begin(&retry, limit_ms);
	retry.heedless = true;
	while (again) {
		const struct http_request request = {
			.method = "POST",
			.url = url,
			.headers = headers,
			.body = body,
			.body_len = strlen(body),
			.deadline_ms = deadline_ms,
			.heedless = true,
		};
		http_answer_clear(&answer);
		rc = http_send(http, &request, &answer);
		*status = rc == 0 ? answer.status : 0;
		again = http_retry_is_worth(rc, &answer) && http_retry_wait(&retry, &answer) == 0;
	}
	http_answer_clear(&answer);
	http_free(http);
	free(header);
	return rc == 0 && *status >= 200 && *status < 300 ? 0 : -1;
}

static void
tell_address(const char *what, const char *url, const char *type, const char *body, uint64_t limit_ms)
{
	char *host;
	int status = 0;

	error_clear();
	if (post(url, type, body, limit_ms, &status) == 0)
		return;
	host = host_of(url);
	if (status != 0)
		log_warning("the %s to %s was not taken: status %d", what, host, status);
	else
		log_warning("the %s to %s did not arrive", what, host);
	free(host);
	error_clear();
}

static void
tell_ping(const struct notify_options *options, const struct notify_event *event)
{
	static const char *const ends[] = { "/start", "", "/fail" };
	size_t len = strlen(options->ping);

	while (len > 0 && options->ping[len - 1] == '/')
		len--;
	char *url = mem_format("%.*s%s", (int)len, options->ping, ends[event->when]);
	tell_address("ping", url, "text/plain; charset=utf-8", event->text, options->limit_ms);
	free(url);
}

static int
run_command(const struct notify_options *options, const struct notify_event *event)
{
	const struct process_request request = {
		.argv = options->command,
		.env = event->env,
		.deadline_ms = options->limit_ms != 0 ? clock_monotonic_ms() + options->limit_ms : 0,
		.stdin_kind = PROCESS_STDIN_PIPE,
	};
	struct process *process = process_start(&request);
	int rc = -1;

	if (process != NULL) {
		/* One that does not read what it is told is no failure. */
		if (process_write(process, event->json, strlen(event->json)) != 0)
			error_clear();
		(void)process_close_input(process);
		rc = process_wait(process);
	}
	process_free(process);
	return rc;
}

static void
tell_command(const struct notify_options *options, const struct notify_event *event)
{
	error_clear();
	if (run_command(options, event) != 0)
		log_warning("the notification's command: %s", error_get()->message);
	error_clear();
}

/* The old file's lines about metrics that are kept. */
static void
keep_lines(const char *path, const char *prefix, struct buf *text)
{
	struct buf old = BUF_EMPTY;
	char *help = mem_format("# HELP %s", prefix), *type = mem_format("# TYPE %s", prefix);

	if (file_read(path, METRICS_LIMIT_BYTES, ERR_INTERNAL, &old) != 0)
		error_clear();
	for (const char *line = buf_text(&old); *line != '\0';) {
		size_t len = strcspn(line, "\n");
		if (text_starts(line, prefix) || text_starts(line, help) || text_starts(line, type)) {
			buf_append(text, line, len);
			buf_append_char(text, '\n');
		}
		line += len + (line[len] == '\n' ? 1 : 0);
	}
	free(help);
	free(type);
	buf_clear(&old);
}

static void
tell_metrics(const struct notify_options *options, const struct notify_event *event)
{
	struct buf text = BUF_EMPTY;

	error_clear();
	buf_append_text(&text, event->metrics);
	if (event->kept != NULL)
		keep_lines(options->metrics, event->kept, &text);
	/* Others may read it: the collector runs as somebody else. */
	if (file_save(options->metrics, buf_text(&text), text.len, 0644, FILE_REPLACE, ERR_INTERNAL) != 0)
		log_warning("the metrics: %s", error_get()->message);
	error_clear();
	buf_clear(&text);
}

void
notify_send(const struct notify_options *options, const struct notify_event *event)
{
	struct error current;
	int held = interrupt_hold();

	error_take(&current);
	if (options->metrics != NULL && event->metrics != NULL)
		tell_metrics(options, event);
	if (options->command != NULL && event->json != NULL)
		tell_command(options, event);
	if (options->webhook != NULL && event->json != NULL)
		tell_address("webhook", options->webhook, "application/json", event->json, options->limit_ms);
	if (options->ping != NULL)
		tell_ping(options, event);
	interrupt_resume(held);
	if (current.class != ERR_NONE)
		error_put(&current);
	else
		error_clear();
}
