/*
 * Lines and a calendar, as SVG.
 */
#include "config.h"

#include "report_svg.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "incant/text.h"

enum {
	CHART_WIDTH = 480, /* as wide as it is shown beside another one, so that its text is not scaled */
	CHART_HEIGHT = 150,
	CHART_LEFT = 64, /* for the scale */
	CHART_RIGHT = 8,
	CHART_TOP = 22, /* for the title */
	CHART_BOTTOM = 20,
	DAY_SIZE = 11,
	DAY_GAP = 2,
	MONTH_HEIGHT = 16 /* for its name */
};

void
report_html_text(struct buf *html, const char *text)
{
	char *printable = text_printable(text, strlen(text));

	for (const char *at = printable; *at != '\0'; at++)
		switch (*at) {
		case '&':
			buf_append_text(html, "&amp;");
			break;
		case '<':
			buf_append_text(html, "&lt;");
			break;
		case '>':
			buf_append_text(html, "&gt;");
			break;
		case '"':
			buf_append_text(html, "&quot;");
			break;
		default:
			buf_append_char(html, *at);
		}
	free(printable);
}

static void
append_day(struct buf *html, const struct tm *day)
{
	char text[16] = "";

	strftime(text, sizeof(text), "%Y-%m-%d", day);
	buf_append_text(html, text);
}

/* The day of a moment, in local time. */
static void
append_date(struct buf *html, int64_t at)
{
	time_t seconds = (time_t)at;
	struct tm local;

	if (localtime_r(&seconds, &local) != NULL)
		append_day(html, &local);
}

/* 1, 2, 5, 10, 20 … 500 times a power of a thousand, at least value: the top of a scale that people can
 * halve.
 */
static uint64_t
round_up(uint64_t value, uint64_t thousand)
{
	static const unsigned steps[] = { 1, 2, 5, 10, 20, 50, 100, 200, 500 };

	for (uint64_t power = 1; power <= UINT64_MAX / 1024 / 500; power *= thousand)
		for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
			if (power * steps[i] >= value)
				return power * steps[i];
	return UINT64_MAX;
}

struct chart {
	struct buf *html;
	const struct report_point *points;
	size_t count;
	uint64_t top;
	const struct report_unit *unit;
};

static double
chart_x(const struct chart *chart, int64_t at)
{
	int64_t first = chart->points[0].at, last = chart->points[chart->count - 1].at;
	double width = CHART_WIDTH - CHART_LEFT - CHART_RIGHT;

	if (last <= first)
		return CHART_LEFT + width / 2;
	return CHART_LEFT + width * (double)(at - first) / (double)(last - first);
}

static double
chart_y(const struct chart *chart, uint64_t value)
{
	double height = CHART_HEIGHT - CHART_TOP - CHART_BOTTOM;

	return CHART_TOP + height * (1 - (double)value / (double)chart->top);
}

/* Lines at nothing, half and all of the scale, with what they stand for. */
static void
chart_scale(const struct chart *chart)
{
	const uint64_t values[] = { 0, chart->top / 2, chart->top };
	char text[32];

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		double y = chart_y(chart, values[i]);

		buf_append_format(chart->html,
			"<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>", CHART_LEFT,
			CHART_WIDTH - CHART_RIGHT, y, y);
		buf_append_format(chart->html, "<text class=\"scale\" x=\"%d\" y=\"%.1f\">%s</text>",
			CHART_LEFT - 6, y + 4, chart->unit->format(text, sizeof(text), values[i]));
	}
}

static void
chart_points(const struct chart *chart)
{
	struct buf *html = chart->html;
	char text[32];

	buf_append_text(html, "<polyline class=\"line\" points=\"");
	for (size_t i = 0; i < chart->count; i++)
		buf_append_format(html, "%s%.1f,%.1f", i > 0 ? " " : "", chart_x(chart, chart->points[i].at),
			chart_y(chart, chart->points[i].value));
	buf_append_text(html, "\"/>");
	for (size_t i = 0; i < chart->count; i++) {
		const struct report_point *point = &chart->points[i];

		buf_append_format(html, "<circle class=\"dot\" cx=\"%.1f\" cy=\"%.1f\" r=\"2.5\"><title>",
			chart_x(chart, point->at), chart_y(chart, point->value));
		append_date(html, point->at);
		buf_append_format(
			html, ": %s</title></circle>", chart->unit->format(text, sizeof(text), point->value));
	}
}

/* The first and the last day below the line. */
static void
chart_dates(const struct chart *chart)
{
	int y = CHART_HEIGHT - 5;

	buf_append_format(chart->html, "<text class=\"date\" x=\"%d\" y=\"%d\">", CHART_LEFT, y);
	append_date(chart->html, chart->points[0].at);
	buf_append_text(chart->html, "</text>");
	if (chart->count < 2)
		return;
	buf_append_format(
		chart->html, "<text class=\"date end\" x=\"%d\" y=\"%d\">", CHART_WIDTH - CHART_RIGHT, y);
	append_date(chart->html, chart->points[chart->count - 1].at);
	buf_append_text(chart->html, "</text>");
}

void
report_svg_line(struct buf *html, const char *title, const struct report_point *points, size_t count,
	const struct report_unit *unit)
{
	struct chart chart = { .html = html, .points = points, .count = count, .unit = unit };
	uint64_t largest = 1;

	for (size_t i = 0; i < count; i++)
		largest = points[i].value > largest ? points[i].value : largest;
	chart.top = round_up(largest, unit->thousand);
	buf_append_format(html, "<svg class=\"chart\" viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"",
		CHART_WIDTH, CHART_HEIGHT);
	report_html_text(html, title);
	buf_append_format(html, "\"><text class=\"title\" x=\"%d\" y=\"13\">", CHART_LEFT);
	report_html_text(html, title);
	buf_append_text(html, "</text>");
	chart_scale(&chart);
	if (count > 0) {
		chart_points(&chart);
		chart_dates(&chart);
	}
	buf_append_text(html, "</svg>\n");
}

/* Days since some day, of a moment in local time. */
static int64_t
day_number(int64_t at)
{
	time_t seconds = (time_t)at;
	struct tm local;

	if (localtime_r(&seconds, &local) == NULL)
		return at / 86400;
	struct tm noon = { .tm_year = local.tm_year, .tm_mon = local.tm_mon, .tm_mday = local.tm_mday };
	return (int64_t)timegm(&noon) / 86400;
}

int64_t
report_days_between(int64_t earlier, int64_t later)
{
	return day_number(later) - day_number(earlier);
}

static const char *const day_classes[] = { "none", "backup", "proven", "failed" };
static const char *const day_words[] = { "no backup", "backup", "backup, proven",
	"backup, its proof failed" };

struct calendar {
	struct buf *html;
	int64_t first, monday, today; /* numbers of days; monday is that of the first column */
};

static int
calendar_x(const struct calendar *calendar, int64_t day)
{
	return (int)((day - calendar->monday) / 7) * (DAY_SIZE + DAY_GAP);
}

/* The date of a day by its number: there is no zone any more. */
static struct tm
calendar_date(int64_t day)
{
	time_t seconds = (time_t)day * 86400;
	struct tm date = { .tm_mday = 0 };

	gmtime_r(&seconds, &date);
	return date;
}

/* The name of each month, over the week that its first day is in. */
static void
calendar_months(const struct calendar *calendar)
{
	char name[16];

	for (int64_t day = calendar->first; day <= calendar->today; day++) {
		struct tm date = calendar_date(day);

		if (date.tm_mday == 1 && strftime(name, sizeof(name), "%b", &date) > 0)
			buf_append_format(calendar->html, "<text x=\"%d\" y=\"-5\">%s</text>",
				calendar_x(calendar, day), name);
	}
}

static void
calendar_day(const struct calendar *calendar, int64_t day, enum report_day what)
{
	struct tm date = calendar_date(day);

	buf_append_format(calendar->html,
		"<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"2\"><title>",
		day_classes[what], calendar_x(calendar, day),
		(int)((day - calendar->monday) % 7) * (DAY_SIZE + DAY_GAP), DAY_SIZE, DAY_SIZE);
	append_day(calendar->html, &date);
	buf_append_format(calendar->html, ": %s</title></rect>", day_words[what]);
}

void
report_svg_calendar(struct buf *html, const enum report_day *days, size_t count, int64_t now)
{
	int64_t today = day_number(now);
	int64_t first = today - (int64_t)count + 1;
	/* 1970-01-01 was a Thursday. */
	struct calendar calendar = {
		.html = html, .first = first, .monday = first - (first + 3) % 7, .today = today
	};
	int width = calendar_x(&calendar, today) + 2 * (DAY_SIZE + DAY_GAP); /* the last name stands out */

	buf_append_format(html,
		"<svg class=\"calendar\" viewBox=\"0 %d %d %d\" style=\"max-width:%dpx\" role=\"img\" "
		"aria-label=\"a square a day\">",
		-MONTH_HEIGHT, width, 7 * (DAY_SIZE + DAY_GAP) + MONTH_HEIGHT, width);
	calendar_months(&calendar);
	for (int64_t day = first; day <= today; day++)
		calendar_day(&calendar, day, days[today - day]);
	buf_append_text(html, "</svg>\n");
}
