/*
 * Drawings of the report: SVG text that stands by itself in an HTML page. Colours come from the page's own
 * style (classes), so that they fit light and dark. Pure.
 */
#ifndef INCANT_CLI_REPORT_SVG_H
#define INCANT_CLI_REPORT_SVG_H

#include <stddef.h>
#include <stdint.h>

#include "incant/buf.h"

/* Appends text as it may stand in HTML and in attributes; what is not printable is replaced. */
void report_html_text(struct buf *html, const char *text);

struct report_point {
	int64_t at; /* seconds */
	uint64_t value;
};

/* How people read values: text_format_bytes with 1024, text_format_count with 1000. */
struct report_unit {
	char *(*format)(char *text, size_t capacity, uint64_t value);
	uint64_t thousand;
};

/*
 * Appends a line through points, oldest first, with a scale from 0 to a round number above the largest value.
 * One point is a dot, none an empty frame. Each point tells its date and value when it is pointed at.
 */
void report_svg_line(struct buf *html, const char *title, const struct report_point *points, size_t count,
	const struct report_unit *unit);

/* What happened on a day, the best of it. */
enum report_day { REPORT_DAY_NONE, REPORT_DAY_BACKUP, REPORT_DAY_PROVEN, REPORT_DAY_FAILED };

/*
 * Appends a calendar of the last `count` days up to the one of `now` (local time), a column a week that
 * begins on Monday, under the names of months. days[0] is the day of now, days[1] the one before.
 */
void report_svg_calendar(struct buf *html, const enum report_day *days, size_t count, int64_t now);

/* The number of days between two moments in local time: 0 for the same day. */
int64_t report_days_between(int64_t earlier, int64_t later);

#endif
