#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "incant/clock.h"
#include "incant/error.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* 2026-11-22T03:00:00Z, which is 04:00 in the zone of these tests: Central Europe's rules, spelled out so
 * that no time zone data is needed. */
static const int64_t now = 1795316400;

static int
use_zone(const char *zone)
{
	setenv("TZ", zone, 1);
	tzset();
	return 0;
}

static int
live_in_central_europe(void **state)
{
	(void)state;
	error_clear();
	return use_zone("CET-1CEST,M3.5.0,M10.5.0/3");
}

static void
a_time_has_three_forms(void **state)
{
	char text[CLOCK_RFC3339_SIZE];
	char id[CLOCK_ID_SIZE];

	(void)state;
	assert_string_equal(clock_format_utc(text, now), "2026-11-22T03:00:00Z");
	assert_string_equal(clock_format_local(text, now), "2026-11-22 04:00:00 +0100");
	assert_string_equal(clock_format_id(id, now), "20261122T030000Z");
	assert_string_equal(clock_format_utc(text, 0), "1970-01-01T00:00:00Z");
	assert_string_equal(clock_format_utc(text, -1), "1969-12-31T23:59:59Z");
}

static void
a_time_beyond_four_digits_of_a_year_is_shown_as_their_end(void **state)
{
	char text[CLOCK_RFC3339_SIZE];
	char id[CLOCK_ID_SIZE];

	(void)state;
	assert_string_equal(clock_format_utc(text, INT64_MAX), "9999-12-30T23:59:59Z");
	assert_string_equal(clock_format_utc(text, INT64_MIN), "1000-01-02T00:00:00Z");
	assert_string_equal(clock_format_id(id, INT64_MAX), "99991230T235959Z");
	assert_string_equal(clock_format_local(text, INT64_MAX), "9999-12-31 00:59:59 +0100");
}

static void
now_is_after_this_was_written_and_the_monotonic_clock_never_goes_back(void **state)
{
	uint64_t before = clock_monotonic_ms();

	(void)state;
	assert_true(clock_now() > 1700000000);
	assert_true(clock_monotonic_ms() >= before);
}

static void
rfc3339_is_read_with_its_zone(void **state)
{
	static const struct {
		const char *text;
		int64_t at;
	} cases[] = {
		{ "2026-11-22T03:00:00Z", 1795316400 },
		{ "2026-11-22t03:00:00z", 1795316400 },
		{ "2026-11-22 03:00:00Z", 1795316400 },
		{ "2026-11-22T04:00:00+01:00", 1795316400 },
		{ "2026-11-21T21:30:00-05:30", 1795316400 },
		{ "2026-11-22T03:00:00.123456789Z", 1795316400 },
		{ "1970-01-01T00:00:00Z", 0 },
		{ "2024-02-29T00:00:00Z", 1709164800 },
		{ "2000-02-29T12:00:00+00:00", 951825600 },
		{ "2016-12-31T23:59:60Z", 1483228800 },
	};
	int64_t at = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_int_equal(clock_parse_rfc3339(cases[i].text, &at), 0);
		assert_true(at == cases[i].at);
	}
}

static void
what_is_not_quite_rfc3339_is_refused(void **state)
{
	static const char *const wrong[] = { "", "2026", "2026-11-22", "2026-11-22T03:00:00",
		"2026-11-22T03:00Z", "2026-11-22T03:00:00Zx", "2026-11-22T03:00:00+01",
		"2026-11-22T03:00:00+0100", "2026-11-22T03:00:00+24:00", "2026-11-22T03:00:00.Z",
		"2026-13-22T03:00:00Z", "2026-00-22T03:00:00Z", "2026-11-00T03:00:00Z",
		"2026-11-31T03:00:00Z", "2026-02-29T03:00:00Z", "1900-02-29T03:00:00Z",
		"2026-11-22T24:00:00Z", "2026-11-22T03:60:00Z", "2026-11-22T03:00:61Z",
		" 2026-11-22T03:00:00Z", "-026-11-22T03:00:00Z", "2026-11-22T+3:00:00Z",
		"2026-1-22T03:00:00Z", "2026-11-22T03:00:0" };
	int64_t at = 42;

	(void)state;
	for (size_t i = 0; i < COUNT(wrong); i++)
		if (clock_parse_rfc3339(wrong[i], &at) != -1)
			fail_msg("'%s' was understood", wrong[i]);
	assert_int_equal(at, 42);
	assert_int_equal(error_get()->class, ERR_NONE);
}

static void
every_day_of_many_years_is_formatted_and_read_back(void **state)
{
	char text[CLOCK_RFC3339_SIZE];
	int64_t back = 0;

	(void)state;
	for (int64_t at = -3000000000; at < 8000000000; at += 86400 * 3 + 3601) {
		if (clock_parse_rfc3339(clock_format_utc(text, at), &back) != 0 || back != at)
			fail_msg("%s is not read back", text);
	}
}

static void
dates_are_understood_as_people_write_them(void **state)
{
	static const struct {
		const char *text;
		const char *utc;
	} cases[] = {
		{ "now", "2026-11-22T03:00:00Z" },
		{ "today", "2026-11-22T22:59:59Z" },
		{ "yesterday", "2026-11-21T22:59:59Z" },
		{ "Yesterday", "2026-11-21T22:59:59Z" },
		{ "2026-11-22", "2026-11-22T22:59:59Z" },
		{ "2026-07-01", "2026-07-01T21:59:59Z" },
		{ "2024-02-29", "2024-02-29T22:59:59Z" },
		{ "2026-11-22 14:30", "2026-11-22T13:30:00Z" },
		{ "2026-11-22T14:30", "2026-11-22T13:30:00Z" },
		{ "2026-11-22 14:30:15", "2026-11-22T13:30:15Z" },
		{ "2026-07-01 14:30", "2026-07-01T12:30:00Z" },
		{ "2026-11-22T14:30:00+05:00", "2026-11-22T09:30:00Z" },
		{ "2026-11-22 14:30:00Z", "2026-11-22T14:30:00Z" },
		{ "3 days ago", "2026-11-19T03:00:00Z" },
		{ "1 day ago", "2026-11-21T03:00:00Z" },
		{ "2h ago", "2026-11-22T01:00:00Z" },
		{ "2 h ago", "2026-11-22T01:00:00Z" },
		{ "90 seconds ago", "2026-11-22T02:58:30Z" },
		{ "1s ago", "2026-11-22T02:59:59Z" },
		{ "10m ago", "2026-11-22T02:50:00Z" },
		{ "1 minute ago", "2026-11-22T02:59:00Z" },
		{ "1 hour ago", "2026-11-22T02:00:00Z" },
		{ "2d ago", "2026-11-20T03:00:00Z" },
		{ "2 weeks ago", "2026-11-08T03:00:00Z" },
		{ "1w  ago", "2026-11-15T03:00:00Z" },
	};
	char text[CLOCK_RFC3339_SIZE];
	int64_t at = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		if (clock_parse_date(cases[i].text, now, &at) != 0)
			fail_msg("'%s' was not understood", cases[i].text);
		assert_string_equal(clock_format_utc(text, at), cases[i].utc);
	}
}

static void
a_day_that_is_longer_or_shorter_ends_at_its_own_midnight(void **state)
{
	char text[CLOCK_RFC3339_SIZE];
	int64_t at = 0;

	(void)state;
	/* Clocks go forward on 2026-03-29 and back on 2026-10-25. */
	assert_int_equal(clock_parse_date("2026-03-28", now, &at), 0);
	assert_string_equal(clock_format_utc(text, at), "2026-03-28T22:59:59Z");
	assert_int_equal(clock_parse_date("2026-03-29", now, &at), 0);
	assert_string_equal(clock_format_utc(text, at), "2026-03-29T21:59:59Z");
	assert_int_equal(clock_parse_date("2026-10-25", now, &at), 0);
	assert_string_equal(clock_format_utc(text, at), "2026-10-25T22:59:59Z");
	/* Yesterday, from half past midnight after the long day. */
	assert_int_equal(clock_parse_date("yesterday", 1792971000, &at), 0);
	assert_string_equal(clock_format_local(text, at), "2026-10-25 23:59:59 +0100");
}

static void
yesterday_is_another_day_in_another_zone(void **state)
{
	char text[CLOCK_RFC3339_SIZE];
	int64_t at = 0;

	(void)state;
	use_zone("HST10");
	assert_int_equal(clock_parse_date("yesterday", now, &at), 0);
	assert_string_equal(clock_format_local(text, at), "2026-11-20 23:59:59 -1000");
	assert_string_equal(clock_format_utc(text, at), "2026-11-21T09:59:59Z");
}

static void
a_date_that_does_not_exist_is_refused(void **state)
{
	static const char *const wrong[] = { "2026-02-30", "2026-13-01", "2026-00-01", "2026-06-31",
		"2026-06-00", "2025-02-29", "2026-11-22 24:00", "2026-11-22 12:60" };
	int64_t at = 42;

	(void)state;
	for (size_t i = 0; i < COUNT(wrong); i++) {
		error_clear();
		assert_int_equal(clock_parse_date(wrong[i], now, &at), -1);
		assert_int_equal(error_get()->class, ERR_USAGE);
		assert_non_null(strstr(error_get()->message, "there is no date"));
		assert_non_null(strstr(error_get()->message, wrong[i]));
	}
	assert_int_equal(at, 42);
}

static void
what_is_no_date_is_refused_with_the_forms_that_are(void **state)
{
	static const char *const wrong[] = { "", "soon", "ago", "3 ago", "3 daysago", "days ago",
		"3 parsecs ago", "-3 days ago", "3 days", "3 days ago!", "9999999999 days ago", "2026-11",
		"22.11.2026", "2026-11-22 14", "2026-11-22 14:30:", "2026-11-22x", "20261122T030000Z" };
	int64_t at = 42;

	(void)state;
	for (size_t i = 0; i < COUNT(wrong); i++) {
		error_clear();
		if (clock_parse_date(wrong[i], now, &at) != -1)
			fail_msg("'%s' was understood", wrong[i]);
		assert_int_equal(error_get()->class, ERR_USAGE);
		assert_non_null(strstr(error_get()->message, wrong[i]));
		assert_non_null(strstr(error_get()->hint, "3 days ago"));
	}
	assert_int_equal(at, 42);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_time_has_three_forms, live_in_central_europe),
		cmocka_unit_test_setup(
			a_time_beyond_four_digits_of_a_year_is_shown_as_their_end, live_in_central_europe),
		cmocka_unit_test_setup(now_is_after_this_was_written_and_the_monotonic_clock_never_goes_back,
			live_in_central_europe),
		cmocka_unit_test_setup(rfc3339_is_read_with_its_zone, live_in_central_europe),
		cmocka_unit_test_setup(what_is_not_quite_rfc3339_is_refused, live_in_central_europe),
		cmocka_unit_test_setup(
			every_day_of_many_years_is_formatted_and_read_back, live_in_central_europe),
		cmocka_unit_test_setup(dates_are_understood_as_people_write_them, live_in_central_europe),
		cmocka_unit_test_setup(
			a_day_that_is_longer_or_shorter_ends_at_its_own_midnight, live_in_central_europe),
		cmocka_unit_test_setup(yesterday_is_another_day_in_another_zone, live_in_central_europe),
		cmocka_unit_test_setup(a_date_that_does_not_exist_is_refused, live_in_central_europe),
		cmocka_unit_test_setup(
			what_is_no_date_is_refused_with_the_forms_that_are, live_in_central_europe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
