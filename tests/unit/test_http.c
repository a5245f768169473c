#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../fake/fake_http.h"
#include "incant/buf.h"
#include "incant/clock.h"
#include "incant/error.h"
#include "incant/http.h"
#include "incant/interrupt.h"
#include "incant/mem.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* One request to a peer that says what `dialogue` holds. Returns http_send()'s result. */
static int
converse(const struct fake_exchange *dialogue, size_t count, const struct http_request *request,
	struct http_answer *answer)
{
	struct fake_http *fake = fake_http_start(dialogue, count);
	struct http *http = http_new(fake_http_socket(fake), ERR_SOURCE);

	assert_non_null(http);
	int result = http_send(http, request, answer);
	http_free(http);
	assert_string_equal(fake_http_end(fake), "");
	return result;
}

static int
forget_signal(void **state)
{
	(void)state;
	interrupt_simulate(0);
	return 0;
}

static void
come_signal(void)
{
	interrupt_simulate(SIGTERM);
}

/* Keeps what it is given, and fails once that is more than `room`. */
struct keeper {
	struct buf kept;
	size_t room;
};

static int
keep(void *context, const void *bytes, size_t len)
{
	struct keeper *keeper = context;

	if (len > keeper->room - keeper->kept.len)
		return error_set(ERR_STORE, "the keeper is full");
	buf_append(&keeper->kept, bytes, len);
	return 0;
}

static void
a_get_gives_status_headers_and_body(void **state)
{
	(void)state;
	static const struct fake_exchange dialogue[] = { {
		.request = "GET /v1/thing?a=b HTTP/1.1\r\n",
		.status = 200,
		.header = "Api-Version: 1.41\r\nX-Empty:\r\n",
		.body = "{\"thing\": 1}",
	} };
	struct http_request request = { .method = "GET", .url = "http://host/v1/thing?a=b" };
	struct http_answer answer;

	assert_int_equal(converse(dialogue, 1, &request, &answer), 0);
	assert_int_equal(answer.status, 200);
	assert_string_equal(buf_text(&answer.body), "{\"thing\": 1}");
	assert_string_equal(http_answer_header(&answer, "api-version"), "1.41");
	assert_string_equal(http_answer_header(&answer, "x-empty"), "");
	assert_null(http_answer_header(&answer, "api"));
	http_answer_clear(&answer);
	assert_null(http_answer_header(&answer, "api-version"));
}

static void
a_post_sends_its_headers_and_its_body(void **state)
{
	(void)state;
	static const struct fake_exchange dialogue[] = {
		{ .request = "POST /a ", .with = "\r\n\r\n{\"x\": 1}", .status = 201, .keep = true },
		{ .request = "POST /b ", .with = "Content-Type: application/json\r\n", .status = 201 },
	};
	static const char *const headers[] = { "Content-Type: application/json", NULL };
	struct fake_http *fake = fake_http_start(dialogue, COUNT(dialogue));
	struct http *http = http_new(fake_http_socket(fake), ERR_SOURCE);
	struct http_request request = { .method = "POST",
		.url = "http://host/a",
		.headers = headers,
		.body = "{\"x\": 1}",
		.body_len = 8 };
	struct http_answer answer;

	assert_int_equal(http_send(http, &request, &answer), 0);
	assert_int_equal(answer.status, 201);
	http_answer_clear(&answer);
	request.url = "http://host/b";
	assert_int_equal(http_send(http, &request, &answer), 0);
	assert_int_equal(answer.status, 201);
	http_answer_clear(&answer);
	http_free(http);
	assert_string_equal(fake_http_end(fake), "");
}

static void
a_body_without_a_length_ends_with_the_connection(void **state)
{
	(void)state;
	static const struct fake_exchange dialogue[] = {
		{ .request = "GET /", .status = 200, .body = "all of it", .piece = 1, .until_close = true },
	};
	struct http_request request = { .method = "GET", .url = "http://host/" };
	struct http_answer answer;

	assert_int_equal(converse(dialogue, 1, &request, &answer), 0);
	assert_string_equal(buf_text(&answer.body), "all of it");
	http_answer_clear(&answer);
}

static void
a_good_body_goes_to_the_sink(void **state)
{
	(void)state;
	static const struct fake_exchange dialogue[] = {
		{ .request = "GET /", .status = 200, .body = "all of it", .piece = 2 },
	};
	struct keeper keeper = { .room = 100 };
	struct http_request request = {
		.method = "GET", .url = "http://host/", .sink = keep, .context = &keeper
	};
	struct http_answer answer;

	assert_int_equal(converse(dialogue, 1, &request, &answer), 0);
	assert_string_equal(buf_text(&keeper.kept), "all of it");
	assert_int_equal(answer.body.len, 0);
	buf_clear(&keeper.kept);
	http_answer_clear(&answer);
}

static void
a_refusals_body_never_goes_to_the_sink_and_is_kept_up_to_64_kib(void **state)
{
	(void)state;
	enum { LEN = 100 * 1024 };
	char *body = mem_alloc(LEN);
	memset(body, 'x', LEN);
	const struct fake_exchange dialogue[] = {
		{ .request = "GET /", .status = 500, .body = body, .body_len = LEN },
	};
	struct keeper keeper = { .room = 0 };
	struct http_request request = {
		.method = "GET", .url = "http://host/", .sink = keep, .context = &keeper
	};
	struct http_answer answer;

	assert_int_equal(converse(dialogue, 1, &request, &answer), 0);
	assert_int_equal(answer.status, 500);
	assert_int_equal(answer.body.len, 64 * 1024);
	http_answer_clear(&answer);
	free(body);
}

static void
a_body_too_long_for_memory_is_refused(void **state)
{
	(void)state;
	enum { LEN = 16 * 1024 * 1024 + 1 };
	char *body = mem_zero(LEN);
	const struct fake_exchange dialogue[] = {
		{ .request = "GET /", .status = 200, .body = body, .body_len = LEN },
	};
	struct http_request request = { .method = "GET", .url = "http://host/" };
	struct http_answer answer;

	assert_int_equal(converse(dialogue, 1, &request, &answer), -1);
	assert_string_equal(error_get()->message, "GET /: the answer is too long");
	http_answer_clear(&answer);
	free(body);
}

static void
a_failing_sink_ends_the_request_with_its_own_error(void **state)
{
	(void)state;
	static const struct fake_exchange dialogue[] = {
		{ .request = "GET /", .status = 200, .body = "all of it", .until_close = true },
	};
	struct keeper keeper = { .room = 3 };
	struct http_request request = {
		.method = "GET", .url = "http://host/", .sink = keep, .context = &keeper
	};
	struct http_answer answer;

	assert_int_equal(converse(dialogue, 1, &request, &answer), -1);
	assert_int_equal(error_get()->class, ERR_STORE);
	assert_string_equal(error_get()->message, "the keeper is full");
	buf_clear(&keeper.kept);
	http_answer_clear(&answer);
}

/* The message names the request without its query, which may hold a signature. */
static void
a_body_cut_short_anywhere_is_an_error_that_says_after_how_many_bytes(void **state)
{
	(void)state;
	static const char body[] = "0123456789";

	for (size_t cut = 0; cut < strlen(body); cut++) {
		const struct fake_exchange dialogue[] = {
			{ .request = "GET /x", .status = 200, .body = body, .fault = FAKE_CUT, .cut = cut },
		};
		struct http_request request = { .method = "GET", .url = "http://host/x?secret=1" };
		struct http_answer answer;
		char expected[64];

		assert_int_equal(converse(dialogue, 1, &request, &answer), -1);
		assert_int_equal(error_get()->class, ERR_SOURCE);
		snprintf(expected, sizeof(expected), "GET /x: connection closed after %zu bytes", cut);
		assert_string_equal(error_get()->message, expected);
		http_answer_clear(&answer);
	}
}

static void
a_reset_connection_is_an_error(void **state)
{
	(void)state;
	static const struct fake_exchange dialogue[] = { { .request = "GET /x", .fault = FAKE_RESET } };
	struct http_request request = { .method = "GET", .url = "http://host/x" };
	struct http_answer answer;

	assert_int_equal(converse(dialogue, 1, &request, &answer), -1);
	assert_string_equal(error_get()->message, "GET /x: connection closed after 0 bytes");
	http_answer_clear(&answer);
}

static void
an_answer_that_is_not_http_is_an_error(void **state)
{
	(void)state;
	static const struct fake_exchange dialogue[] = {
		{ .request = "GET /", .status = 0, .body = "220 smtp.example.org ESMTP\r\n" },
	};
	struct http_request request = { .method = "GET", .url = "http://host/" };
	struct http_answer answer;

	assert_int_equal(converse(dialogue, 1, &request, &answer), -1);
	assert_int_equal(error_get()->class, ERR_SOURCE);
	assert_int_equal(answer.status, 0);
	http_answer_clear(&answer);
}

static void
a_header_without_end_is_an_error(void **state)
{
	(void)state;
	struct buf all = BUF_EMPTY;
	buf_append_text(&all, "HTTP/1.1 200 OK\r\n");
	for (int i = 0; i < 10000; i++)
		buf_append_format(&all, "X-Number-%d: this answer goes on and on\r\n", i);
	const struct fake_exchange dialogue[] = {
		{ .request = "GET /", .status = 0, .body = all.bytes, .body_len = all.len },
	};
	struct http_request request = { .method = "GET", .url = "http://host/" };
	struct http_answer answer;

	assert_int_equal(converse(dialogue, 1, &request, &answer), -1);
	assert_int_equal(error_get()->class, ERR_SOURCE);
	http_answer_clear(&answer);
	buf_clear(&all);
}

static void
a_header_of_100_continue_is_not_taken_for_the_answers(void **state)
{
	(void)state;
	static const struct fake_exchange dialogue[] = { {
		.request = "GET /",
		.status = 0,
		.body = "HTTP/1.1 100 Continue\r\nX-A: 1\r\n\r\nHTTP/1.1 204 No Content\r\nX-B: 2\r\n\r\n",
	} };
	struct http_request request = { .method = "GET", .url = "http://host/" };
	struct http_answer answer;

	assert_int_equal(converse(dialogue, 1, &request, &answer), 0);
	assert_int_equal(answer.status, 204);
	assert_null(http_answer_header(&answer, "x-a"));
	assert_string_equal(http_answer_header(&answer, "x-b"), "2");
	http_answer_clear(&answer);
}

static void
a_silent_peer_is_left_at_the_deadline(void **state)
{
	(void)state;
	static const struct fake_exchange dialogue[] = {
		{ .request = "GET /", .status = 200, .body = "0123456789", .fault = FAKE_STALL, .cut = 4 },
	};
	struct http_request request = {
		.method = "GET", .url = "http://host/", .deadline_ms = clock_monotonic_ms() + 1000
	};
	struct http_answer answer;

	assert_int_equal(converse(dialogue, 1, &request, &answer), -1);
	assert_int_equal(error_get()->class, ERR_SOURCE);
	assert_string_equal(error_get()->message, "GET /: not finished in time");
	http_answer_clear(&answer);
}

static void
a_signal_ends_a_request_on_which_nothing_flows(void **state)
{
	(void)state;
	static const struct fake_exchange dialogue[] = { {
		.request = "GET /",
		.status = 200,
		.body = "0123456789",
		.fault = FAKE_STALL,
		.cut = 4,
		.then = come_signal,
	} };
	struct http_request request = { .method = "GET", .url = "http://host/" };
	struct http_answer answer;

	assert_int_equal(converse(dialogue, 1, &request, &answer), -1);
	assert_int_equal(error_get()->class, ERR_INTERRUPTED);
	http_answer_clear(&answer);
}

static void
a_heedless_request_is_answered_while_a_signal_is_pending(void **state)
{
	(void)state;
	static const struct fake_exchange dialogue[] = {
		{ .request = "GET /", .status = 200, .body = "done" },
	};
	struct http_request request = { .method = "GET", .url = "http://host/", .heedless = true };
	struct http_answer answer;

	interrupt_simulate(SIGTERM);
	assert_int_equal(converse(dialogue, 1, &request, &answer), 0);
	assert_string_equal(buf_text(&answer.body), "done");
	http_answer_clear(&answer);
}

static void
nothing_is_sent_while_a_signal_is_pending(void **state)
{
	(void)state;
	struct http_request request = { .method = "GET", .url = "http://host/" };
	struct http_answer answer;

	interrupt_simulate(SIGTERM);
	assert_int_equal(converse(NULL, 0, &request, &answer), -1);
	assert_int_equal(error_get()->class, ERR_INTERRUPTED);
	http_answer_clear(&answer);
}

static void
a_connection_goes_on_after_a_request_that_failed(void **state)
{
	(void)state;
	static const struct fake_exchange dialogue[] = {
		{ .request = "GET /a", .status = 200, .body = "0123456789", .fault = FAKE_CUT, .cut = 1 },
		{ .request = "GET /b", .status = 200, .body = "good" },
	};
	struct fake_http *fake = fake_http_start(dialogue, COUNT(dialogue));
	struct http *http = http_new(fake_http_socket(fake), ERR_SOURCE);
	struct http_request request = { .method = "GET", .url = "http://host/a" };
	struct http_answer answer;

	assert_int_equal(http_send(http, &request, &answer), -1);
	http_answer_clear(&answer);
	request.url = "http://host/b";
	assert_int_equal(http_send(http, &request, &answer), 0);
	assert_string_equal(buf_text(&answer.body), "good");
	http_answer_clear(&answer);
	http_free(http);
	assert_string_equal(fake_http_end(fake), "");
}

static void
a_socket_that_is_missing_is_named_with_the_cause(void **state)
{
	(void)state;
	struct http *http = http_new("/nowhere/a.sock", ERR_CLOUD);
	struct http_request request = { .method = "GET", .url = "http://host/" };
	struct http_answer answer;

	assert_int_equal(http_send(http, &request, &answer), -1);
	assert_int_equal(error_get()->class, ERR_CLOUD);
	assert_string_equal(
		error_get()->message, "cannot connect to '/nowhere/a.sock': No such file or directory");
	http_answer_clear(&answer);
	http_free(http);
}

static void
a_socket_path_too_long_is_refused(void **state)
{
	(void)state;
	char path[200];

	memset(path, 'a', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	assert_null(http_new(path, ERR_SOURCE));
	assert_int_equal(error_get()->class, ERR_SOURCE);
	assert_non_null(strstr(error_get()->message, "too long"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, forget_signal, forget_signal)

static void
a_limit_says_how_long_nothing_may_move(void **state)
{
	(void)state;
	assert_int_equal(http_ahead_ms(0, 0, 1000), 0);
	assert_int_equal(http_ahead_ms(1000, 0, 1000), 1000);
	assert_int_equal(http_ahead_ms(1500, 1000, 1000), 500);
	assert_int_equal(http_ahead_ms(1500, 1500, 1000), 0);
	assert_int_equal(http_ahead_ms(1500, 9000, 1000), 0);
	assert_true(http_ahead_ms(UINT64_C(5) << 40, 0, 1) == (UINT64_C(5) << 40) * 1000);
}

/* What has passed so far is held against the clock: a machine that is slow takes longer, none takes less. */
static void
a_rate_limit_holds_both_ways(void **state)
{
	enum { BYTES = 60 * 1024, RATE = 240 * 1024, LEAST_MS = 150 };
	char *body = mem_zero(BYTES);
	const struct fake_exchange dialogue[] = {
		{ .request = "GET /x ", .status = 200, .body = body, .body_len = BYTES },
		{ .request = "PUT /x ", .status = 200 },
	};
	struct fake_http *fake = fake_http_start_tcp(dialogue, 2);
	const struct http_options options = { .error_class = ERR_STORE, .bytes_per_second = RATE };
	struct http *http = http_open(&options);
	char *url = mem_format("http://127.0.0.1:%u/x", fake_http_port(fake));

	(void)state;
	for (int i = 0; i < 2; i++) {
		const struct http_request request = { .method = i == 0 ? "GET" : "PUT",
			.url = url,
			.body = i == 0 ? NULL : body,
			.body_len = i == 0 ? 0 : BYTES };
		struct http_answer answer;
		uint64_t began_ms = clock_monotonic_ms();

		assert_int_equal(http_send(http, &request, &answer), 0);
		assert_true(clock_monotonic_ms() - began_ms >= LEAST_MS);
		http_answer_clear(&answer);
	}
	http_free(http);
	assert_string_equal(fake_http_end(fake), "");
	free(url);
	free(body);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_limit_says_how_long_nothing_may_move),
		cmocka_unit_test(a_rate_limit_holds_both_ways),
		TEST(a_get_gives_status_headers_and_body),
		TEST(a_post_sends_its_headers_and_its_body),
		TEST(a_body_without_a_length_ends_with_the_connection),
		TEST(a_good_body_goes_to_the_sink),
		TEST(a_refusals_body_never_goes_to_the_sink_and_is_kept_up_to_64_kib),
		TEST(a_body_too_long_for_memory_is_refused),
		TEST(a_failing_sink_ends_the_request_with_its_own_error),
		TEST(a_body_cut_short_anywhere_is_an_error_that_says_after_how_many_bytes),
		TEST(a_reset_connection_is_an_error),
		TEST(an_answer_that_is_not_http_is_an_error),
		TEST(a_header_without_end_is_an_error),
		TEST(a_header_of_100_continue_is_not_taken_for_the_answers),
		TEST(a_silent_peer_is_left_at_the_deadline),
		TEST(a_signal_ends_a_request_on_which_nothing_flows),
		TEST(a_heedless_request_is_answered_while_a_signal_is_pending),
		TEST(nothing_is_sent_while_a_signal_is_pending),
		TEST(a_connection_goes_on_after_a_request_that_failed),
		TEST(a_socket_that_is_missing_is_named_with_the_cause),
		TEST(a_socket_path_too_long_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
