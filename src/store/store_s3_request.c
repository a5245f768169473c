/*
 * One request to the place: its headers are made and signed anew for every try, for a signature holds the
 * time. Tries go on as long as the place's patience lasts; a place that was never reached gets little of it,
 * so that a run does not wait for one that is not there.
 */
#include "config.h"

#include "store_s3.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "incant/clock.h"
#include "incant/error.h"
#include "incant/http_retry.h"
#include "incant/log.h"
#include "incant/mem.h"
#include "incant/text.h"

#define STALL_MS       UINT64_C(30000)
#define CLEANING_UP_MS UINT64_C(5000)
#define EMPTY_SHA256   "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

/* What is sent besides the body: rebuilt for each try. */
struct outgoing {
	struct buf url, path, query;
	char time[STORE_S3_TIME_SIZE];
	char payload[DIGEST_SHA256_HEX];
	struct store_s3_pair headers[STORE_S3_HEADERS];
	size_t header_count;
	char *lines[STORE_S3_HEADERS + 3]; /* "name: value" for libcurl, NULL-ended */
	size_t line_count;
};

static void
outgoing_clear(struct outgoing *outgoing)
{
	for (size_t i = 0; i < outgoing->line_count; i++)
		free(outgoing->lines[i]);
	buf_clear(&outgoing->url);
	buf_clear(&outgoing->path);
	buf_clear(&outgoing->query);
}

static void
add_header(struct outgoing *outgoing, const char *name, const char *value)
{
	outgoing->headers[outgoing->header_count++] = (struct store_s3_pair){ name, value };
}

/* The SHA-256 of the body, or what stands for it where Content-MD5 vouches for it. */
static int
set_payload(const struct store_s3_request *request, struct outgoing *outgoing)
{
	if (request->digested)
		memcpy(outgoing->payload, STORE_S3_UNSIGNED, sizeof(STORE_S3_UNSIGNED));
	else if (request->body_len == 0)
		memcpy(outgoing->payload, EMPTY_SHA256, sizeof(EMPTY_SHA256));
	else
		return digest_sha256_hex(request->body, request->body_len, outgoing->payload);
	return 0;
}

static void
set_target(
	const struct store_s3_place *place, const struct store_s3_request *request, struct outgoing *outgoing)
{
	buf_append_text(&outgoing->path, place->path);
	buf_append_char(&outgoing->path, '/');
	if (request->key != NULL)
		store_s3_encode(request->key, "/", &outgoing->path);
	store_s3_encode_query(request->query, request->query_count, &outgoing->query);
	buf_append_text(&outgoing->url, place->url);
	buf_append_text(&outgoing->url, buf_text(&outgoing->path) + strlen(place->path));
	if (request->query_count > 0)
		buf_append_format(&outgoing->url, "?%s", buf_text(&outgoing->query));
}

static void
set_headers(
	const struct store_s3_place *place, const struct store_s3_request *request, struct outgoing *outgoing)
{
	store_s3_format_time(outgoing->time, clock_now());
	add_header(outgoing, "host", place->host);
	add_header(outgoing, "x-amz-content-sha256", outgoing->payload);
	add_header(outgoing, "x-amz-date", outgoing->time);
	if (place->session_token != NULL)
		add_header(outgoing, "x-amz-security-token", place->session_token);
	for (const struct store_s3_pair *header = request->headers; header->name != NULL; header++)
		add_header(outgoing, header->name, header->value);
}

/* Everything, signed. 0 or -1. */
static int
prepare(const struct store_s3_place *place, const struct store_s3_request *request, struct outgoing *outgoing)
{
	struct buf authorization = BUF_EMPTY;

	if (set_payload(request, outgoing) != 0)
		return -1;
	set_target(place, request, outgoing);
	set_headers(place, request, outgoing);
	const struct store_s3_signing signing = {
		.method = request->method,
		.path = buf_text(&outgoing->path),
		.query = buf_text(&outgoing->query),
		.headers = outgoing->headers,
		.header_count = outgoing->header_count,
		.payload = outgoing->payload,
		.region = place->region,
		.service = "s3",
		.access_key = place->access_key,
		.secret_key = place->secret_key,
		.time = outgoing->time,
	};
	if (store_s3_sign(&signing, &authorization) != 0) {
		buf_clear(&authorization);
		return -1;
	}
	for (size_t i = 0; i < outgoing->header_count; i++)
		outgoing->lines[outgoing->line_count++] =
			mem_format("%s: %s", outgoing->headers[i].name, outgoing->headers[i].value);
	outgoing->lines[outgoing->line_count++] = mem_format("authorization: %s", buf_text(&authorization));
	if (request->body != NULL)
		outgoing->lines[outgoing->line_count++] = mem_text("Content-Type: application/octet-stream");
	buf_clear(&authorization);
	return 0;
}

/* How long nothing may move: no longer than leaves some patience for another try. */
static uint64_t
stall_ms(const struct store_s3_place *place, const struct store_s3_request *request)
{
	uint64_t most_ms = place->patience_ms / 4;

	if (request->stall_ms != 0)
		most_ms = request->stall_ms;
	else if (most_ms > STALL_MS)
		most_ms = STALL_MS;
	if (!store_s3_contact_answers(place->contact) && most_ms > STORE_S3_FIRST_CONTACT_MS)
		most_ms = STORE_S3_FIRST_CONTACT_MS;
	return most_ms < 1000 ? 1000 : most_ms;
}

/* One try. As http_send(). */
static int
send_once(struct store_s3_place *place, const struct store_s3_request *request, struct http_answer *answer)
{
	struct outgoing outgoing = { .url = BUF_EMPTY, .path = BUF_EMPTY, .query = BUF_EMPTY };
	struct http *http = NULL;
	int rc = -1;

	memset(answer, 0, sizeof(*answer));
	if (prepare(place, request, &outgoing) == 0)
		http = store_s3_connection_take(place);
	if (http != NULL) {
		const struct http_request sent = {
			.method = request->method,
			.url = buf_text(&outgoing.url),
			.headers = (const char *const *)outgoing.lines,
			.body = request->body,
			.body_len = request->body_len,
			.stall_ms = stall_ms(place, request),
			.heedless = request->heedless || place->heedless,
			.sink = request->sink,
			.context = request->context,
		};

		rc = http_send(http, &sent, answer);
		store_s3_connection_give(place, http);
	}
	answer->transient = http_retry_is_worth(rc, answer);
	if (rc == 0 && !answer->transient)
		store_s3_contact_answered(place->contact);
	outgoing_clear(&outgoing);
	return rc;
}

static bool
given_up(const struct store_s3_request *request)
{
	return request->given_up != NULL && atomic_load(request->given_up);
}

/* What a status means: 0, a named result, or -1 with the error. */
static int
judge(const struct store_s3_place *place, const char *what_to_do, const struct http_answer *answer)
{
	char code[STORE_S3_CODE_SIZE];

	if (answer->status >= 200 && answer->status <= 299)
		return 0;
	if (answer->status == 416)
		return STORE_S3_RANGE;
	if (answer->status == 412 || answer->status == 409)
		return STORE_S3_EXISTS;
	store_s3_code(answer, code);
	if (answer->status == 404 && strcmp(code, "NoSuchBucket") != 0)
		return STORE_S3_MISSING;
	return store_s3_refuse(place, what_to_do, answer);
}

/* Says of a failure of the network what was to be done. Always -1. */
static int
fail_unreached(const struct store_s3_place *place, const char *what_to_do)
{
	enum error_class class = error_get()->class;

	if (class != ERR_STORE)
		return -1;
	error_add("cannot %s in store %s", what_to_do, place->name);
	if (!store_s3_contact_answers(place->contact))
		error_hint("Nothing answers at %s: look at 'endpoint' in the store's settings, and at the "
			   "network.",
			place->host);
	return -1;
}

uint64_t
store_s3_patience_ms(const struct store_s3_place *place)
{
	uint64_t most_ms = place->patience_ms;

	if (!store_s3_contact_answers(place->contact) && most_ms > STORE_S3_FIRST_CONTACT_MS)
		most_ms = STORE_S3_FIRST_CONTACT_MS;
	if (place->heedless && most_ms > CLEANING_UP_MS)
		most_ms = CLEANING_UP_MS;
	return most_ms;
}

static uint64_t
patience_ms(const struct store_s3_place *place, const struct store_s3_request *request)
{
	uint64_t most_ms = store_s3_patience_ms(place);

	return request->heedless && most_ms > CLEANING_UP_MS ? CLEANING_UP_MS : most_ms;
}

/* Patience has ended. The error, where there is none yet, is what the last answer says. */
static void
lose(struct store_s3_place *place, const char *what_to_do, const struct http_answer *answer, int sent)
{
	if (sent == 0)
		judge(place, what_to_do, answer);
	store_s3_contact_lost(place->contact, clock_monotonic_ms(), sent != 0, error_get());
}

/* Waits before the next try. False when there is none: the error is what the last one ended with. */
static bool
wait_to_retry(struct http_retry *retry, const struct store_s3_request *request, struct http_answer *answer)
{
	struct error cause = *error_get();

	if (http_retry_wait(retry, answer) != 0 || given_up(request)) {
		if (error_get()->class != ERR_INTERRUPTED && cause.class != ERR_NONE)
			error_put(&cause);
		return false;
	}
	error_clear();
	http_answer_clear(answer);
	return true;
}

int
store_s3_send(struct store_s3_place *place, const struct store_s3_request *request, const char *what_to_do,
	struct http_answer *answer)
{
	struct http_retry retry;
	bool again;
	int sent;

	error_clear();
	memset(answer, 0, sizeof(*answer));
	if (store_s3_contact_is_down(place->contact, clock_monotonic_ms()))
		return fail_unreached(place, what_to_do);
	http_retry_begin(&retry, patience_ms(place, request));
	retry.heedless = request->heedless || place->heedless;
	do {
		sent = send_once(place, request, answer);
		again = answer->transient && !request->once && !given_up(request);
		if (again && sent != 0)
			log_verbose("store %s: %s", place->name, error_get()->message);
	} while (again && wait_to_retry(&retry, request, answer));
	if (error_get()->class == ERR_INTERRUPTED)
		return -1;
	if (again && !retry.heedless && !given_up(request))
		lose(place, what_to_do, answer, sent);
	return sent != 0 ? fail_unreached(place, what_to_do) : judge(place, what_to_do, answer);
}

char *
store_s3_unquote(char *to, size_t capacity, const char *tag)
{
	size_t len;

	if (tag == NULL)
		tag = "";
	if (text_starts(tag, "W/"))
		tag += 2;
	tag += *tag == '"';
	len = strcspn(tag, "\"");
	if (len > capacity - 1)
		len = capacity - 1;
	memcpy(to, tag, len);
	to[len] = '\0';
	return to;
}

/* "Sun, 22 Nov 2026 03:00:00 GMT"; 0 where it is none. */
static int64_t
parse_http_date(const char *text)
{
	struct tm fields = { .tm_isdst = 0 };
	const char *end = text != NULL ? strptime(text, "%a, %d %b %Y %H:%M:%S GMT", &fields) : NULL;

	return end != NULL ? (int64_t)timegm(&fields) : 0;
}

/* "bytes 0-99/1234": 1234. False where it does not say. */
static bool
size_of_range(const char *text, uint64_t *bytes)
{
	const char *slash = text != NULL ? strchr(text, '/') : NULL;

	return slash != NULL && text_parse_u64(slash + 1, bytes) == 0;
}

void
store_s3_read_head(const struct http_answer *answer, struct store_s3_head *head)
{
	const char *length = http_answer_header(answer, "content-length");
	const char *kept_by = http_answer_header(answer, "x-amz-server-side-encryption");
	int64_t now = parse_http_date(http_answer_header(answer, "date"));
	int64_t written = parse_http_date(http_answer_header(answer, "last-modified"));

	*head = (struct store_s3_head){ .bytes = 0 };
	if (!size_of_range(http_answer_header(answer, "content-range"), &head->bytes) && length != NULL)
		(void)text_parse_u64(length, &head->bytes);
	store_s3_unquote(head->tag, sizeof(head->tag), http_answer_header(answer, "etag"));
	head->tag_is_md5 = kept_by == NULL || strcmp(kept_by, "AES256") == 0;
	head->age_s = now != 0 && written != 0 ? now - written : 0;
}

int
store_s3_ask(struct store_s3_place *place, const char *key, bool heedless, struct store_s3_head *head)
{
	const struct store_s3_request request = { .method = "HEAD", .key = key, .heedless = heedless };
	char *what_to_do = mem_format("look at '%s'", key);
	struct http_answer answer;
	int rc = store_s3_send(place, &request, what_to_do, &answer);

	if (rc == 0)
		store_s3_read_head(&answer, head);
	http_answer_clear(&answer);
	free(what_to_do);
	return rc;
}
