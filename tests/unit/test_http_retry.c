/* Whether another try is worth it, and how long to wait before. */
#include "config.h"

#include "incant/http_retry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <signal.h>

#include "incant/clock.h"
#include "incant/error.h"
#include "incant/interrupt.h"

static void
what_may_pass_is_worth_another_try(void **state)
{
	static const int worth[] = { 408, 425, 429, 500, 502, 503, 504, 522, 524 };
	static const int not_worth[] = { 200, 204, 206, 301, 400, 401, 403, 404, 409, 412, 416, 501, 507 };
	struct http_answer answer = { .status = 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(worth) / sizeof(worth[0]); i++) {
		answer.status = worth[i];
		assert_true(http_retry_is_worth(0, &answer));
	}
	for (size_t i = 0; i < sizeof(not_worth) / sizeof(not_worth[0]); i++) {
		answer.status = not_worth[i];
		assert_false(http_retry_is_worth(0, &answer));
	}
	answer = (struct http_answer){ .status = 0, .transient = true };
	assert_true(http_retry_is_worth(-1, &answer));
	answer.transient = false;
	assert_false(http_retry_is_worth(-1, &answer));
}

static void
delays_double_up_to_a_quarter_of_a_minute_and_half_is_chance(void **state)
{
	(void)state;
	assert_int_equal(http_retry_delay_ms(1, 0, NULL), 125);
	assert_in_range(http_retry_delay_ms(1, UINT32_MAX, NULL), 240, 250);
	assert_int_equal(http_retry_delay_ms(2, 0, NULL), 250);
	assert_int_equal(http_retry_delay_ms(4, 0, NULL), 1000);
	assert_in_range(http_retry_delay_ms(4, UINT32_MAX / 2, NULL), 1400, 1500);
	assert_int_equal(http_retry_delay_ms(30, 0, NULL), 7500);
	assert_in_range(http_retry_delay_ms(1000000, UINT32_MAX, NULL), 14900, 15000);
}

static void
the_server_may_ask_for_more_but_not_for_ever(void **state)
{
	(void)state;
	assert_int_equal(http_retry_delay_ms(1, 0, "3"), 3000);
	assert_int_equal(http_retry_delay_ms(1, 0, "0"), 125);
	assert_int_equal(http_retry_delay_ms(30, 0, "1"), 7500);
	assert_int_equal(http_retry_delay_ms(1, 0, "86400"), 120000);
	assert_int_equal(http_retry_delay_ms(1, 0, "Fri, 24 May 2013 00:00:00 GMT"), 125);
	assert_int_equal(http_retry_delay_ms(1, 0, "-1"), 125);
}

static void
patience_ends_and_leaves_the_error_as_it_was(void **state)
{
	struct http_answer answer = { .status = 503 };
	struct http_retry retry;

	(void)state;
	error_set(ERR_STORE, "what went wrong");
	http_retry_begin(&retry, 0);
	assert_int_equal(http_retry_wait(&retry, &answer), -1);
	assert_string_equal(error_get()->message, "what went wrong");
	http_retry_begin(&retry, 60000);
	assert_int_equal(http_retry_wait(&retry, &answer), 0);
	assert_int_equal(retry.tries, 1);
}

static void
a_signal_ends_the_wait_unless_it_is_to_be_passed_over(void **state)
{
	struct http_answer answer = { .status = 503 };
	struct http_retry retry;

	(void)state;
	error_clear();
	interrupt_simulate(SIGTERM);
	http_retry_begin(&retry, 60000);
	assert_int_equal(http_retry_wait(&retry, &answer), -1);
	assert_int_equal(error_get()->class, ERR_INTERRUPTED);
	http_retry_begin(&retry, 60000);
	retry.heedless = true;
	assert_int_equal(http_retry_wait(&retry, &answer), 0);
	interrupt_simulate(0);
	error_clear();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_may_pass_is_worth_another_try),
		cmocka_unit_test(delays_double_up_to_a_quarter_of_a_minute_and_half_is_chance),
		cmocka_unit_test(the_server_may_ask_for_more_but_not_for_ever),
		cmocka_unit_test(patience_ends_and_leaves_the_error_as_it_was),
		cmocka_unit_test(a_signal_ends_the_wait_unless_it_is_to_be_passed_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
