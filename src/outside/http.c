/*
 * HTTP by libcurl's multi interface: one easy handle on one multi handle, driven in the caller's thread. The
 * multi interface rather than curl_easy_perform(), because its wait takes the descriptor that a signal makes
 * readable, so that an interrupt ends a request on which no bytes flow.
 */
#include "config.h"

#include "incant/http.h"

#include <ctype.h>
#include <curl/curl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include "incant/clock.h"
#include "incant/error.h"
#include "incant/interrupt.h"
#include "incant/log.h"
#include "incant/mem.h"

enum {
	RECEIVE_BYTES = 512 * 1024, /* the most that libcurl takes before 7.88 */
	SEND_BYTES = 256 * 1024,
	PIECE_LEAST_BYTES = 16 * 1024, /* the least that libcurl takes to send */
	BODY_BYTES = 16 * 1024 * 1024,
	REFUSAL_BYTES = 64 * 1024, /* of a body whose status is not 2xx */
	HEADER_BYTES = 256 * 1024,
	CONNECT_MS = 30 * 1000,
	WAIT_MS = 500 /* at most between two looks at the deadline and at the pending signal */
};

struct http {
	CURL *easy;
	CURLM *multi;
	char *unix_socket; /* NULL = TCP */
	char *ca_file;     /* NULL = the system's */
	uint64_t connect_ms;
	uint64_t bytes_per_second; /* 0 = no limit */
	enum error_class error_class;
};

/* One http_send() under way: what libcurl's callbacks see. */
struct transfer {
	struct http *http;
	const struct http_request *request;
	struct http_answer *answer;
	uint64_t body_bytes;          /* received so far */
	bool failed;                  /* a callback has set the error and ended the transfer */
	char detail[CURL_ERROR_SIZE]; /* libcurl's words */
};

static pthread_once_t global_once = PTHREAD_ONCE_INIT;
static CURLcode global_code;

static void
global_begin(void)
{
	global_code = curl_global_init(CURL_GLOBAL_DEFAULT);
}

struct http *
http_open(const struct http_options *options)
{
	const char *unix_socket = options->unix_socket;

	pthread_once(&global_once, global_begin);
	if (unix_socket != NULL && strlen(unix_socket) >= sizeof(((struct sockaddr_un *)NULL)->sun_path)) {
		error_set(options->error_class, "the path of the socket is too long: '%s'", unix_socket);
		return NULL;
	}
	struct http *http = mem_zero(sizeof(*http));
	http->error_class = options->error_class;
	http->unix_socket = mem_text(unix_socket);
	http->ca_file = mem_text(options->ca_file);
	http->connect_ms = options->connect_ms != 0 ? options->connect_ms : CONNECT_MS;
	http->bytes_per_second = options->bytes_per_second;
	if (global_code == CURLE_OK) {
		http->easy = curl_easy_init();
		http->multi = curl_multi_init();
	}
	if (http->easy == NULL || http->multi == NULL) {
		http_free(http);
		error_set(ERR_INTERNAL, "libcurl cannot be set up");
		return NULL;
	}
	return http;
}

struct http *
http_new(const char *unix_socket, enum error_class error_class)
{
	const struct http_options options = { .unix_socket = unix_socket, .error_class = error_class };

	return http_open(&options);
}

void
http_free(struct http *http)
{
	if (http == NULL)
		return;
	curl_easy_cleanup(http->easy);
	curl_multi_cleanup(http->multi);
	free(http->unix_socket);
	free(http->ca_file);
	free(http);
}

void
http_answer_clear(struct http_answer *answer)
{
	buf_clear(&answer->body);
	buf_clear(&answer->headers);
	answer->status = 0;
}

const char *
http_answer_header(const struct http_answer *answer, const char *name)
{
	size_t name_len = strlen(name);

	for (size_t at = 0; at < answer->headers.len;) {
		const char *line = answer->headers.bytes + at;

		if (strncmp(line, name, name_len) == 0 && line[name_len] == ':')
			return line + name_len + 1 + strspn(line + name_len + 1, " \t");
		at += strlen(line) + 1;
	}
	return NULL;
}

static int
transfer_status(const struct transfer *transfer)
{
	long status = 0;

	curl_easy_getinfo(transfer->http->easy, CURLINFO_RESPONSE_CODE, &status);
	return (int)status;
}

/* The URL as errors and the log show it: never its query; behind a socket, where the host means nothing, the
 * path alone. Returns its length. */
static int
shown_url(const struct transfer *transfer, const char **url)
{
	*url = transfer->request->url;
	const char *host = strstr(*url, "://");
	const char *path = host != NULL ? strchr(host + 3, '/') : NULL;
	if (transfer->http->unix_socket != NULL && path != NULL)
		*url = path;
	return (int)strcspn(*url, "?");
}

static int
transfer_error(const struct transfer *transfer, const char *why)
{
	const char *url;
	int len = shown_url(transfer, &url);

	return error_set(
		transfer->http->error_class, "%s %.*s: %s", transfer->request->method, len, url, why);
}

/* Interrupt and deadline. 0, or -1 with the error set. */
static int
transfer_check(const struct transfer *transfer)
{
	const struct http_request *request = transfer->request;

	if (!request->heedless && interrupt_check() != 0)
		return -1;
	if (request->deadline_ms != 0 && clock_monotonic_ms() >= request->deadline_ms)
		return transfer_error(transfer, "not finished in time");
	return 0;
}

/* libcurl's callback for each line of a header. One answer may follow another (100 Continue). */
static size_t
take_header(char *bytes, size_t size, size_t count, void *context)
{
	struct transfer *transfer = context;
	struct buf *headers = &transfer->answer->headers;
	size_t len = size * count;
	size_t kept = len;

	while (kept > 0 && isspace((unsigned char)bytes[kept - 1]))
		kept--;
	if (kept >= 5 && memcmp(bytes, "HTTP/", 5) == 0) {
		buf_reset(headers);
		return len;
	}
	if (kept >= HEADER_BYTES - headers->len) {
		transfer_error(transfer, "the header of the answer is too long");
		transfer->failed = true;
		return len + 1;
	}
	for (size_t i = 0; i < kept && bytes[i] != ':'; i++)
		bytes[i] = (char)tolower((unsigned char)bytes[i]);
	if (kept > 0) {
		buf_append(headers, bytes, kept);
		buf_append_char(headers, '\0');
	}
	return len;
}

static int
keep_body(struct transfer *transfer, const char *bytes, size_t len, bool good)
{
	struct buf *body = &transfer->answer->body;
	size_t room = (good ? BODY_BYTES : REFUSAL_BYTES) - body->len;

	if (len > room && good)
		return transfer_error(transfer, "the answer is too long");
	buf_append(body, bytes, len < room ? len : room);
	return 0;
}

/* libcurl's callback for each piece of the body. Another number than that of the bytes ends the transfer. */
static size_t
take_body(char *bytes, size_t size, size_t count, void *context)
{
	struct transfer *transfer = context;
	const struct http_request *request = transfer->request;
	size_t len = size * count;

	if (len == 0)
		return 0;
	int status = transfer_status(transfer);
	bool good = status >= 200 && status <= 299;
	int result = transfer_check(transfer);
	transfer->body_bytes += len;
	if (result == 0 && good && request->sink != NULL)
		result = request->sink(request->context, bytes, len);
	else if (result == 0)
		result = keep_body(transfer, bytes, len, good);
	if (result == 0)
		return len;
	transfer->failed = true;
	return len + 1;
}

/* Whether libcurl gave up for a reason that may pass. */
static bool
code_is_transient(CURLcode code)
{
	static const CURLcode codes[] = { CURLE_COULDNT_RESOLVE_PROXY, CURLE_COULDNT_RESOLVE_HOST,
		CURLE_COULDNT_CONNECT, CURLE_OPERATION_TIMEDOUT, CURLE_GOT_NOTHING, CURLE_PARTIAL_FILE,
		CURLE_RECV_ERROR, CURLE_SEND_ERROR, CURLE_SEND_FAIL_REWIND, CURLE_SSL_CONNECT_ERROR,
		CURLE_HTTP2, CURLE_HTTP2_STREAM };

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (code == codes[i])
			return true;
	return false;
}

/* A proxy that did not let us through, by its status. True with the error. */
static bool
proxy_refused(struct transfer *transfer)
{
	char why[64];
	long status = 0;

	curl_easy_getinfo(transfer->http->easy, CURLINFO_HTTP_CONNECTCODE, &status);
	if (status == 0 || (status >= 200 && status <= 299))
		return false;
	transfer->answer->transient = status >= 500;
	snprintf(why, sizeof(why), "the proxy refuses, with status %ld", status);
	transfer_error(transfer, why);
	error_hint(
		"The proxy is that of https_proxy in the environment; no_proxy names hosts that need none.");
	return true;
}

/* Says why libcurl gave up. Always -1. */
static int
transfer_failed(struct transfer *transfer, CURLcode code)
{
	const struct http *http = transfer->http;
	char closed[64];
	long errno_value = 0;

	if (transfer->failed || proxy_refused(transfer))
		return -1;
	transfer->answer->transient = code_is_transient(code);
	switch (code) {
	case CURLE_COULDNT_CONNECT:
		curl_easy_getinfo(http->easy, CURLINFO_OS_ERRNO, &errno_value);
		if (http->unix_socket != NULL && errno_value != 0)
			return error_set_errno(http->error_class, (int)errno_value, "cannot connect to '%s'",
				http->unix_socket);
		break;
	case CURLE_GOT_NOTHING:
	case CURLE_PARTIAL_FILE:
	case CURLE_RECV_ERROR:
	case CURLE_SEND_ERROR:
		snprintf(closed, sizeof(closed), "connection closed after %llu bytes",
			(unsigned long long)transfer->body_bytes);
		return transfer_error(transfer, closed);
	default:
		break;
	}
	return transfer_error(
		transfer, transfer->detail[0] != '\0' ? transfer->detail : curl_easy_strerror(code));
}

/* How long libcurl may wait for the next event. */
static int
transfer_wait_ms(const struct transfer *transfer)
{
	uint64_t deadline_ms = transfer->request->deadline_ms;
	uint64_t now_ms = clock_monotonic_ms();

	if (deadline_ms == 0 || deadline_ms >= now_ms + WAIT_MS)
		return WAIT_MS;
	return deadline_ms > now_ms ? (int)(deadline_ms - now_ms) : 0;
}

/* Waits for the network, a signal, or some time. 0, or -1 with the error set. */
static int
transfer_wait(const struct transfer *transfer)
{
	struct curl_waitfd wait_for_signal = { .fd = interrupt_fd(), .events = CURL_WAIT_POLLIN };
	unsigned count = wait_for_signal.fd >= 0 && !transfer->request->heedless ? 1 : 0;
	CURLMcode code = curl_multi_poll(
		transfer->http->multi, &wait_for_signal, count, transfer_wait_ms(transfer), NULL);

	return code == CURLM_OK ? 0 : transfer_error(transfer, curl_multi_strerror(code));
}

uint64_t
http_ahead_ms(uint64_t bytes, uint64_t elapsed_ms, uint64_t bytes_per_second)
{
	uint64_t due_ms =
		bytes / bytes_per_second * 1000 + bytes % bytes_per_second * 1000 / bytes_per_second;

	return due_ms > elapsed_ms ? due_ms - elapsed_ms : 0;
}

/* Waits while more bytes have moved, either way, than the limit lets. libcurl's own limit does not hold for
 * what lies in the buffers of a fast network. 0, or -1 with the error set. */
static int
transfer_throttle(const struct transfer *transfer, uint64_t began_ms)
{
	uint64_t rate = transfer->http->bytes_per_second;
	curl_off_t sent = 0, received = 0;
	uint64_t ahead_ms = 1;

	if (rate == 0)
		return 0;
	curl_easy_getinfo(transfer->http->easy, CURLINFO_SIZE_UPLOAD_T, &sent);
	curl_easy_getinfo(transfer->http->easy, CURLINFO_SIZE_DOWNLOAD_T, &received);
	while (ahead_ms > 0) {
		struct pollfd signal = { .fd = transfer->request->heedless ? -1 : interrupt_fd(),
			.events = POLLIN };

		if (transfer_check(transfer) != 0)
			return -1;
		ahead_ms = http_ahead_ms(
			(uint64_t)(sent > received ? sent : received), clock_monotonic_ms() - began_ms, rate);
		if (ahead_ms > 0)
			(void)poll(&signal, 1, ahead_ms < WAIT_MS ? (int)ahead_ms : WAIT_MS);
	}
	return 0;
}

/* Moves the transfer on until it ends. 0, or -1 with the error set. */
static int
transfer_run(struct transfer *transfer)
{
	uint64_t began_ms = clock_monotonic_ms();
	int running = 1;

	while (running != 0) {
		if (transfer_check(transfer) != 0)
			return -1;
		CURLMcode code = curl_multi_perform(transfer->http->multi, &running);
		if (code != CURLM_OK)
			return transfer_error(transfer, curl_multi_strerror(code));
		if (transfer_throttle(transfer, began_ms) != 0 ||
			(running != 0 && transfer_wait(transfer) != 0))
			return -1;
	}
	int left;
	const CURLMsg *message = curl_multi_info_read(transfer->http->multi, &left);
	if (message == NULL || message->msg != CURLMSG_DONE)
		return transfer_error(transfer, "libcurl lost the request");
	return message->data.result == CURLE_OK ? 0 : transfer_failed(transfer, message->data.result);
}

static bool
set_method(CURL *easy, const struct http_request *request)
{
	bool ok = true;

	if (request->body != NULL || strcmp(request->method, "POST") == 0) {
		const void *body = request->body != NULL ? request->body : "";
		curl_off_t body_len = (curl_off_t)request->body_len;

		ok &= curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body) == CURLE_OK;
		ok &= curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, body_len) == CURLE_OK;
	}
	if (strcmp(request->method, "HEAD") == 0)
		ok &= curl_easy_setopt(easy, CURLOPT_NOBODY, 1L) == CURLE_OK;
	ok &= curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method) == CURLE_OK;
	return ok;
}

/* How much libcurl moves at once: with a limit, an eighth of a second's share. */
static long
piece_bytes(const struct http *http, long most)
{
	uint64_t share = http->bytes_per_second / 8;

	if (http->bytes_per_second == 0 || share >= (uint64_t)most)
		return most;
	return share < PIECE_LEAST_BYTES ? PIECE_LEAST_BYTES : (long)share;
}

static bool
set_connection(CURL *easy, const struct http *http, bool direct)
{
	bool ok = true;

	if (http->unix_socket != NULL)
		ok &= curl_easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, http->unix_socket) == CURLE_OK;
	if (http->unix_socket != NULL || direct)
		ok &= curl_easy_setopt(easy, CURLOPT_PROXY, "") == CURLE_OK;
	if (http->ca_file != NULL)
		ok &= curl_easy_setopt(easy, CURLOPT_CAINFO, http->ca_file) == CURLE_OK;
	ok &= curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L) == CURLE_OK;
	ok &= curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L) == CURLE_OK;
	ok &= curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, piece_bytes(http, RECEIVE_BYTES)) == CURLE_OK;
	ok &= curl_easy_setopt(easy, CURLOPT_UPLOAD_BUFFERSIZE, piece_bytes(http, SEND_BYTES)) == CURLE_OK;
	ok &= curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)http->connect_ms) == CURLE_OK;
	ok &= curl_easy_setopt(easy, CURLOPT_USERAGENT, "incant-backup/" PACKAGE_VERSION) == CURLE_OK;
	return ok;
}

/* The handle's options for one request. */
static int
set_options(struct transfer *transfer, struct curl_slist *headers)
{
	CURL *easy = transfer->http->easy;
	long stall_s = (long)(transfer->request->stall_ms / 1000);
	bool ok = set_connection(easy, transfer->http, transfer->request->direct) &&
		  set_method(easy, transfer->request);

	if (stall_s > 0) {
		ok &= curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1L) == CURLE_OK;
		ok &= curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, stall_s) == CURLE_OK;
	}
	ok &= curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, (long)transfer->request->once) == CURLE_OK;
	ok &= curl_easy_setopt(easy, CURLOPT_URL, transfer->request->url) == CURLE_OK;
	ok &= curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers) == CURLE_OK;
	ok &= curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->detail) == CURLE_OK;
	ok &= curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header) == CURLE_OK;
	ok &= curl_easy_setopt(easy, CURLOPT_HEADERDATA, transfer) == CURLE_OK;
	ok &= curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body) == CURLE_OK;
	ok &= curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer) == CURLE_OK;
	return ok ? 0 : transfer_error(transfer, "libcurl refuses the request");
}

/* "Expect:" without a value: no waiting for 100 Continue before a body is sent. NULL = no memory. */
static struct curl_slist *
make_headers(const char *const *from)
{
	struct curl_slist *headers = curl_slist_append(NULL, "Expect:");

	for (; headers != NULL && from != NULL && *from != NULL; from++) {
		struct curl_slist *longer = curl_slist_append(headers, *from);

		if (longer == NULL)
			curl_slist_free_all(headers);
		headers = longer;
	}
	return headers;
}

static void
log_answer(const struct transfer *transfer)
{
	const char *url;
	int len = shown_url(transfer, &url);

	log_verbose("%s %.*s: status %d, %llu bytes", transfer->request->method, len, url,
		transfer->answer->status, (unsigned long long)transfer->body_bytes);
}

int
http_send(struct http *http, const struct http_request *request, struct http_answer *answer)
{
	struct transfer transfer = { .http = http, .request = request, .answer = answer };
	struct curl_slist *headers = make_headers(request->headers);
	int result = -1;

	memset(answer, 0, sizeof(*answer));
	if (headers == NULL) {
		transfer_error(&transfer, "libcurl has no memory for the headers");
		goto out;
	}
	if (set_options(&transfer, headers) != 0)
		goto out;
	if (curl_multi_add_handle(http->multi, http->easy) != CURLM_OK) {
		transfer_error(&transfer, "libcurl refuses the request");
		goto out;
	}
	result = transfer_run(&transfer);
	answer->status = transfer_status(&transfer);
	curl_multi_remove_handle(http->multi, http->easy);
	if (result == 0)
		log_answer(&transfer);
out:
	curl_easy_reset(http->easy); /* must not keep pointers into this call; its live connection stays */
	curl_slist_free_all(headers);
	return result;
}
