/*
 * One call of the API, as often as it takes: connections that fail, 5xx and 429 pass; the rest is said in
 * words.
 *
 * A GET or a DELETE may be sent twice. A POST that failed after it may have arrived is not sent again here:
 * its caller finds out what became of it (CLOUD_DOUBTFUL).
 */
#include "config.h"

#include "cloud_digitalocean_inside.h"

#include <stdlib.h>
#include <string.h>

#include "incant/clock.h"
#include "incant/error.h"
#include "incant/log.h"
#include "incant/mem.h"
#include "incant/text.h"

enum {
	TRIES = 4,
	FIRST_PAUSE_MS = 500,
	LIMIT_PAUSE_MS = 5000, /* after a 429 that does not say how long */
	REQUEST_MS = 60 * 1000 /* one request, at most */
};

int
cloud_pause(const struct cloud *cloud, uint64_t ms, const char *what)
{
	if (clock_monotonic_ms() + ms > cloud->deadline_ms)
		return error_set(ERR_CLOUD, "cannot %s within the time that it was given", what);
	return cloud->pause(ms);
}

/* One request. 0 or -1; the answer is cleared by the caller in both cases. */
static int
send_once(const struct cloud *cloud, const struct cloud_call *call, struct http_answer *answer)
{
	char *url = mem_format("%s%s", cloud->api, call->path);
	char *authorization = mem_format("Authorization: Bearer %s", cloud->token);
	const char *headers[] = { authorization, "Accept: application/json",
		call->body != NULL ? "Content-Type: application/json" : NULL, NULL };
	uint64_t request_ms = clock_monotonic_ms() + REQUEST_MS;
	const struct http_request request = {
		.method = call->method,
		.url = url,
		.headers = headers,
		.body = call->body,
		.body_len = call->body != NULL ? strlen(call->body) : 0,
		.deadline_ms = request_ms < cloud->deadline_ms ? request_ms : cloud->deadline_ms,
		.once = strcmp(call->method, "POST") == 0,
		.direct = text_starts(cloud->api, "http://"),
	};
	int rc = http_send(cloud->http, &request, answer);

	explicit_bzero(authorization, strlen(authorization));
	free(authorization);
	free(url);
	return rc;
}

/* DigitalOcean's own words for a failure: "", or ": " and the message. The caller frees it. */
static char *
words_of(const struct cloud *cloud, const struct http_answer *answer)
{
	struct error before;
	char *words = NULL;

	error_take(&before);
	struct json *body = json_parse(buf_text(&answer->body), answer->body.len, "answer");
	const char *message = json_get_text(body, "message");
	/* Nobody should send a token back, and if somebody does it is not shown. */
	if (message != NULL && strstr(message, cloud->token) == NULL) {
		char *shown = text_printable(message, strlen(message));
		words = mem_format(": %.300s", shown);
		free(shown);
	}
	json_free(body);
	error_clear();
	if (before.class != ERR_NONE)
		error_put(&before);
	return words != NULL ? words : mem_text("");
}

static int
hint_token(const struct cloud *cloud)
{
	return error_hint(
		"Make a new token (https://cloud.digitalocean.com/account/api/tokens) and put it into "
		"%s%s.",
		cloud->token_file != NULL ? cloud->token_file : "$",
		cloud->token_file != NULL ? "" : CLOUD_TOKEN_ENVIRONMENT);
}

/* How long a 429 asks to wait. */
static uint64_t
limit_pause_ms(const struct http_answer *answer)
{
	const char *after = http_answer_header(answer, "retry-after");
	const char *reset = http_answer_header(answer, "ratelimit-reset");
	uint64_t seconds = 0;
	int64_t now = clock_now();

	if (after != NULL && text_parse_u64(after, &seconds) == 0 && seconds < 86400)
		return seconds * 1000 + 1;
	if (reset != NULL && text_parse_u64(reset, &seconds) == 0 && (int64_t)seconds > now &&
		seconds - (uint64_t)now < 86400)
		return (seconds - (uint64_t)now) * 1000;
	return LIMIT_PAUSE_MS;
}

/* A refusal in words, and what to do about it. Always -1. */
static int
refuse(const struct cloud *cloud, const struct cloud_call *call, const struct http_answer *answer)
{
	char *words = words_of(cloud, answer);
	char until[CLOCK_RFC3339_SIZE];
	int status = answer->status;

	if (status == 401) {
		error_set(ERR_CLOUD, "cannot %s: DigitalOcean does not accept the token (401)%s", call->what,
			words);
		hint_token(cloud);
	} else if (status == 403) {
		error_set(ERR_CLOUD, "cannot %s: the token may not do that (403)%s", call->what, words);
		error_hint(
			"It needs the scopes droplet:read, droplet:update, image:create, snapshot:read and "
			"snapshot:delete.");
	} else if (status == 404) {
		error_set(ERR_CLOUD, "cannot %s: there is no %s for this token (404)%s", call->what,
			call->of != NULL ? call->of : "such thing", words);
		error_hint("Is id in [droplet] right, and the token of the team that owns the droplet?");
	} else if (status == 429) {
		error_set(
			ERR_CLOUD, "cannot %s: too many requests with this token (429)%s", call->what, words);
		error_hint("DigitalOcean allows 5,000 an hour and 250 a minute. Try again after %s.",
			clock_format_utc(until, clock_now() + (int64_t)(limit_pause_ms(answer) / 1000) + 1));
	} else if (status >= 500) {
		error_set(ERR_CLOUD, "cannot %s: DigitalOcean failed (%d)%s", call->what, status, words);
		error_hint("Try again later; https://status.digitalocean.com tells of known trouble.");
	} else {
		error_set(ERR_CLOUD, "cannot %s: DigitalOcean refused (%d)%s", call->what, status, words);
	}
	free(words);
	return -1;
}

/* Waits as a 429 asks for, where the deadline allows. 0 or -1. */
static int
wait_for_limit(const struct cloud *cloud, const struct cloud_call *call, const struct http_answer *answer)
{
	uint64_t ms = limit_pause_ms(answer);
	char duration[24];

	if (clock_monotonic_ms() + ms > cloud->deadline_ms)
		return refuse(cloud, call, answer);
	log_info("DigitalOcean has had too many requests; going on in %s",
		text_format_duration(duration, sizeof(duration), ms));
	return cloud->pause(ms);
}

/* Whether a 422 says that the droplet is busy, in its present and its older wording. */
static bool
is_pending(const struct http_answer *answer)
{
	const char *body = buf_text(&answer->body);

	return answer->status == 422 &&
	       (strcasestr(body, "pending event") != NULL || strcasestr(body, "blocking event") != NULL);
}

/* The body of a good answer. 0 or -1. */
static int
take_answer(const struct cloud_call *call, const struct http_answer *from, struct json **answer)
{
	if (from->body.len == 0)
		return 0;
	*answer = json_parse(buf_text(&from->body), from->body.len, "DigitalOcean's answer");
	if (*answer != NULL)
		return 0;
	error_reclass(ERR_CLOUD);
	return error_add("cannot %s", call->what);
}

static void
log_limit(const struct http_answer *answer)
{
	const char *remaining = http_answer_header(answer, "ratelimit-remaining");

	if (remaining != NULL)
		log_verbose("DigitalOcean allows %.20s more requests for now", remaining);
}

/* What an answer that has come means. AGAIN = it may be tried again; the error is set. */
enum { AGAIN = -2, LIMITED = -3 };

static int
judge(const struct cloud *cloud, const struct cloud_call *call, const struct http_answer *from,
	struct json **answer)
{
	bool once = strcmp(call->method, "POST") == 0;

	log_limit(from);
	if (from->status >= 200 && from->status <= 299)
		return take_answer(call, from, answer);
	if (from->status == 429)
		return LIMITED;
	if (from->status == 404 && (call->of == NULL || strcmp(call->method, "DELETE") == 0))
		return CLOUD_MISSING;
	if (is_pending(from))
		return CLOUD_PENDING;
	refuse(cloud, call, from);
	return from->status < 500 ? -1 : once ? CLOUD_DOUBTFUL : AGAIN;
}

/* One try. As cloud_send(), or AGAIN, LIMITED. */
static int
try_once(const struct cloud *cloud, const struct cloud_call *call, struct http_answer *from,
	struct json **answer)
{
	if (send_once(cloud, call, from) == 0)
		return judge(cloud, call, from, answer);
	if (error_get()->class != ERR_CLOUD)
		return -1;
	error_add("cannot %s", call->what);
	return strcmp(call->method, "POST") == 0 ? CLOUD_DOUBTFUL : AGAIN;
}

int
cloud_send(struct cloud *cloud, const struct cloud_call *call, struct json **answer)
{
	uint64_t pause_ms = FIRST_PAUSE_MS;
	struct error error;
	int rc = AGAIN;

	*answer = NULL;
	for (unsigned tries = 0; rc == AGAIN || rc == LIMITED;) {
		struct http_answer from;

		rc = try_once(cloud, call, &from, answer);
		if (rc == LIMITED && wait_for_limit(cloud, call, &from) != 0)
			rc = -1;
		http_answer_clear(&from);
		if (rc != AGAIN)
			continue;
		if (++tries == TRIES)
			return -1;
		error_take(&error);
		log_verbose("%s; trying again", error.message);
		if (clock_monotonic_ms() + pause_ms > cloud->deadline_ms)
			return error_put(&error);
		if (cloud->pause(pause_ms) != 0)
			return -1;
		pause_ms *= 2;
	}
	return rc;
}
