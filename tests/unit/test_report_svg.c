#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../../src/cli/report_svg.h"
#include "incant/text.h"

static char *
as_count(char *text, size_t capacity, uint64_t value)
{
	return text_format_count(text, capacity, value);
}

/* 2026-11-24T12:00:00Z is the morning of Wednesday, 25 November, in Auckland. */
#define WEDNESDAY 1795521600

static const struct report_unit numbers = { as_count, 1000 };

static size_t
count_of(const struct buf *html, const char *what)
{
	size_t count = 0;

	for (const char *at = buf_text(html); (at = strstr(at, what)) != NULL; at++)
		count++;
	return count;
}

static void
text_cannot_become_markup(void **state)
{
	struct buf html = BUF_EMPTY;

	(void)state;
	report_html_text(&html, "<b a=\"x\">&\001\xff");
	assert_string_equal(buf_text(&html), "&lt;b a=&quot;x&quot;&gt;&amp;?\xef\xbf\xbd");
	buf_clear(&html);
}

static void
a_line_has_a_dot_a_point_and_a_round_scale(void **state)
{
	const struct report_point points[] = { { 1000000, 3 }, { 1086400, 30 }, { 1172800, 41 } };
	struct buf html = BUF_EMPTY;

	(void)state;
	report_svg_line(&html, "a < b", points, 3, &numbers);
	assert_int_equal(count_of(&html, "<circle"), 3);
	assert_int_equal(count_of(&html, "<title>"), 3);
	assert_non_null(strstr(buf_text(&html), ">50</text>"));
	assert_non_null(strstr(buf_text(&html), ">25</text>"));
	assert_non_null(strstr(buf_text(&html), ": 41</title>"));
	assert_non_null(strstr(buf_text(&html), "a &lt; b"));
	assert_null(strstr(buf_text(&html), "nan"));
	buf_clear(&html);
}

static void
a_scale_of_bytes_is_round_in_bytes(void **state)
{
	static const struct report_unit bytes = { text_format_bytes, 1024 };
	const struct report_point points[] = { { 0, 1000 }, { 86400, 470016 } }; /* 459 KiB */
	struct buf html = BUF_EMPTY;

	(void)state;
	report_svg_line(&html, "size", points, 2, &bytes);
	assert_non_null(strstr(buf_text(&html), ">500 KiB</text>"));
	assert_non_null(strstr(buf_text(&html), ">250 KiB</text>"));
	buf_clear(&html);
}

static void
the_calendar_names_months_over_their_first_week(void **state)
{
	const enum report_day days[60] = { REPORT_DAY_NONE };
	struct buf html = BUF_EMPTY;

	(void)state;
	report_svg_calendar(&html, days, 60, WEDNESDAY);
	assert_int_equal(count_of(&html, "<text"), 2); /* it begins on 27 September, a Sunday */
	assert_non_null(strstr(buf_text(&html), "<text x=\"13\" y=\"-5\">Oct</text>"));
	assert_non_null(strstr(buf_text(&html), "<text x=\"65\" y=\"-5\">Nov</text>"));
	buf_clear(&html);
}

static void
no_point_and_one_point_are_drawn_too(void **state)
{
	const struct report_point point = { 1000000, 0 };
	struct buf html = BUF_EMPTY;

	(void)state;
	report_svg_line(&html, "none", NULL, 0, &numbers);
	assert_int_equal(count_of(&html, "<circle"), 0);
	assert_non_null(strstr(buf_text(&html), "</svg>"));
	buf_reset(&html);
	report_svg_line(&html, "one", &point, 1, &numbers);
	assert_int_equal(count_of(&html, "<circle"), 1);
	assert_null(strstr(buf_text(&html), "nan"));
	assert_null(strstr(buf_text(&html), "inf"));
	buf_clear(&html);
}

static void
the_largest_value_there_is_can_be_drawn(void **state)
{
	const struct report_point points[] = { { 0, UINT64_MAX }, { 1, 1 } };
	struct buf html = BUF_EMPTY;

	(void)state;
	report_svg_line(&html, "much", points, 2, &numbers);
	assert_int_equal(count_of(&html, "<circle"), 2);
	buf_clear(&html);
}

static int
zone_set(void **state)
{
	(void)state;
	setenv("TZ", "NZST-12NZDT,M9.5.0,M4.1.0/3", 1);
	tzset();
	return 0;
}

static int
zone_unset(void **state)
{
	(void)state;
	unsetenv("TZ");
	tzset();
	return 0;
}

static void
the_calendar_has_a_square_a_day_in_columns_that_begin_on_monday(void **state)
{
	const enum report_day days[] = { REPORT_DAY_PROVEN, REPORT_DAY_NONE, REPORT_DAY_BACKUP,
		REPORT_DAY_FAILED };
	struct buf html = BUF_EMPTY;

	(void)state;
	report_svg_calendar(&html, days, 4, WEDNESDAY);
	assert_int_equal(count_of(&html, "<rect"), 4);
	/* Sunday ends the first column; Monday to Wednesday stand in the second. */
	assert_non_null(strstr(buf_text(&html), "<rect class=\"failed\" x=\"0\" y=\"78\""));
	assert_non_null(strstr(buf_text(&html), "<rect class=\"backup\" x=\"13\" y=\"0\""));
	assert_non_null(strstr(buf_text(&html), "<rect class=\"proven\" x=\"13\" y=\"26\""));
	assert_non_null(strstr(buf_text(&html), "2026-11-25: backup, proven</title>"));
	assert_non_null(strstr(buf_text(&html), "2026-11-22: backup, its proof failed</title>"));
	buf_clear(&html);
}

static void
days_are_counted_in_local_time(void **state)
{
	(void)state;
	assert_int_equal(report_days_between(WEDNESDAY, WEDNESDAY), 0);
	assert_int_equal(report_days_between(WEDNESDAY - 3600, WEDNESDAY), 0);
	assert_int_equal(report_days_between(WEDNESDAY - 2 * 3600, WEDNESDAY), 1);
	assert_int_equal(report_days_between(WEDNESDAY, WEDNESDAY + 86400), 1);
	assert_int_equal(report_days_between(WEDNESDAY, WEDNESDAY - 86400), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_cannot_become_markup),
		cmocka_unit_test(a_line_has_a_dot_a_point_and_a_round_scale),
		cmocka_unit_test(a_scale_of_bytes_is_round_in_bytes),
		cmocka_unit_test_setup_teardown(
			the_calendar_names_months_over_their_first_week, zone_set, zone_unset),
		cmocka_unit_test(no_point_and_one_point_are_drawn_too),
		cmocka_unit_test(the_largest_value_there_is_can_be_drawn),
		cmocka_unit_test_setup_teardown(
			the_calendar_has_a_square_a_day_in_columns_that_begin_on_monday, zone_set,
			zone_unset),
		cmocka_unit_test_setup_teardown(days_are_counted_in_local_time, zone_set, zone_unset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
