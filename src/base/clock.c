/*
 * Time as text. A date is read into its fields, and whether it exists is found by arithmetic before the C
 * library turns it into seconds: timegm(3) and mktime(3) would make the 2nd of March out of the 30th of
 * February.
 */
#include "config.h"

#include "incant/clock.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "incant/error.h"

enum { A_MINUTE = 60, AN_HOUR = 60 * A_MINUTE, A_DAY = 24 * AN_HOUR, A_WEEK = 7 * A_DAY };

/* 1000-01-02 and 9999-12-30: in every time zone, years of four digits. */
#define FIRST_SECOND (-30610137600LL)
#define LAST_SECOND  253402214399LL

int64_t
clock_now(void)
{
	return (int64_t)time(NULL);
}

uint64_t
clock_monotonic_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static time_t
within_four_digits(int64_t at)
{
	if (at < FIRST_SECOND)
		return FIRST_SECOND;
	return at > LAST_SECOND ? LAST_SECOND : at;
}

static struct tm
utc_fields(int64_t at)
{
	time_t seconds = within_four_digits(at);
	struct tm fields;

	gmtime_r(&seconds, &fields);
	return fields;
}

static struct tm
local_fields(int64_t at)
{
	time_t seconds = within_four_digits(at);
	struct tm fields;

	localtime_r(&seconds, &fields);
	return fields;
}

char *
clock_format_utc(char text[CLOCK_RFC3339_SIZE], int64_t at)
{
	struct tm fields = utc_fields(at);

	strftime(text, CLOCK_RFC3339_SIZE, "%Y-%m-%dT%H:%M:%SZ", &fields);
	return text;
}

char *
clock_format_local(char text[CLOCK_RFC3339_SIZE], int64_t at)
{
	struct tm fields = local_fields(at);

	strftime(text, CLOCK_RFC3339_SIZE, "%Y-%m-%d %H:%M:%S %z", &fields);
	return text;
}

char *
clock_format_id(char text[CLOCK_ID_SIZE], int64_t at)
{
	struct tm fields = utc_fields(at);

	strftime(text, CLOCK_ID_SIZE, "%Y%m%dT%H%M%SZ", &fields);
	return text;
}

/* The take_ functions read one thing at *text and move behind it; false, and nothing moved, where it is not.
 */

static bool
take_char(const char **text, const char *any_of)
{
	if (**text == '\0' || strchr(any_of, **text) == NULL)
		return false;
	++*text;
	return true;
}

static bool
take_digits(const char **text, size_t count, int *value)
{
	int number = 0;

	for (size_t i = 0; i < count; i++) {
		char c = (*text)[i];
		if (c < '0' || c > '9')
			return false;
		number = number * 10 + (c - '0');
	}
	*text += count;
	*value = number;
	return true;
}

/* "2026-11-22" */
static bool
take_day(const char **text, struct tm *fields)
{
	const char *at = *text;
	int year, month;

	if (!take_digits(&at, 4, &year) || !take_char(&at, "-") || !take_digits(&at, 2, &month) ||
		!take_char(&at, "-") || !take_digits(&at, 2, &fields->tm_mday))
		return false;
	fields->tm_year = year - 1900;
	fields->tm_mon = month - 1;
	*text = at;
	return true;
}

/* "14:30" or "14:30:15" */
static bool
take_time(const char **text, struct tm *fields)
{
	const char *at = *text;

	if (!take_digits(&at, 2, &fields->tm_hour) || !take_char(&at, ":") ||
		!take_digits(&at, 2, &fields->tm_min))
		return false;
	if (take_char(&at, ":") && !take_digits(&at, 2, &fields->tm_sec))
		return false;
	*text = at;
	return true;
}

/* "Z" or "+01:00": how many seconds local time is ahead of UTC. */
static bool
take_zone(const char **text, int *ahead_seconds)
{
	const char *at = *text;
	int hours = 0, minutes = 0;
	bool west = *at == '-';

	if (!take_char(&at, "Zz")) {
		if (!take_char(&at, "+-") || !take_digits(&at, 2, &hours) || !take_char(&at, ":") ||
			!take_digits(&at, 2, &minutes) || hours > 23 || minutes > 59)
			return false;
	}
	*ahead_seconds = (hours * AN_HOUR + minutes * A_MINUTE) * (west ? -1 : 1);
	*text = at;
	return true;
}

static int
days_in_month(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return days[month] + (month == 1 && leap);
}

/* Whether the fields are a date and a time of day. A leap second is one, and counts as the one after it. */
static bool
fields_exist(const struct tm *fields)
{
	return fields->tm_mon >= 0 && fields->tm_mon < 12 && fields->tm_mday >= 1 &&
	       fields->tm_mday <= days_in_month(fields->tm_year + 1900, fields->tm_mon) &&
	       fields->tm_hour < 24 && fields->tm_min < 60 && fields->tm_sec <= 60;
}

int
clock_parse_rfc3339(const char *text, int64_t *at)
{
	struct tm fields = { .tm_sec = -1 };
	int ahead_seconds = 0;

	if (!take_day(&text, &fields) || !take_char(&text, "Tt ") || !take_time(&text, &fields) ||
		fields.tm_sec < 0)
		return -1;
	if (*text == '.') {
		size_t digits = strspn(text + 1, "0123456789");
		if (digits == 0)
			return -1;
		text += 1 + digits;
	}
	if (!take_zone(&text, &ahead_seconds) || *text != '\0' || !fields_exist(&fields))
		return -1;
	*at = (int64_t)timegm(&fields) - ahead_seconds;
	return 0;
}

/* The last second of the day, local time, that is days away from the day of at. */
static int64_t
day_end(int64_t at, int days)
{
	struct tm fields = local_fields(at);

	fields.tm_mday += days;
	fields.tm_hour = 23;
	fields.tm_min = 59;
	fields.tm_sec = 59;
	fields.tm_isdst = -1;
	return (int64_t)mktime(&fields);
}

/* "2026-11-22" and "2026-11-22 14:30[:15]". False where the text has another form. */
static bool
read_local(const char *text, struct tm *fields)
{
	*fields = (struct tm){ .tm_hour = 23, .tm_min = 59, .tm_sec = 59, .tm_isdst = -1 };
	if (!take_day(&text, fields))
		return false;
	if (*text == '\0')
		return true;
	fields->tm_sec = 0;
	return take_char(&text, "Tt ") && take_time(&text, fields) && *text == '\0';
}

/* The seconds in the unit that the first len bytes of word name; 0 where they name none. */
static int64_t
unit_seconds(const char *word, size_t len)
{
	static const struct {
		const char *word;
		int seconds;
	} units[] = {
		{ "s", 1 },
		{ "second", 1 },
		{ "seconds", 1 },
		{ "m", A_MINUTE },
		{ "minute", A_MINUTE },
		{ "minutes", A_MINUTE },
		{ "h", AN_HOUR },
		{ "hour", AN_HOUR },
		{ "hours", AN_HOUR },
		{ "d", A_DAY },
		{ "day", A_DAY },
		{ "days", A_DAY },
		{ "w", A_WEEK },
		{ "week", A_WEEK },
		{ "weeks", A_WEEK },
	};

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (strlen(units[i].word) == len && strncasecmp(word, units[i].word, len) == 0)
			return units[i].seconds;
	return 0;
}

/* "3 days ago", "2h ago" */
static bool
read_ago(const char *text, int64_t now, int64_t *at)
{
	int64_t count = 0;
	size_t digits = strspn(text, "0123456789");

	if (digits == 0 || digits > 9)
		return false;
	for (size_t i = 0; i < digits; i++)
		count = count * 10 + (text[i] - '0');
	text += digits;
	text += strspn(text, " ");
	size_t word_len = strcspn(text, " ");
	int64_t seconds = unit_seconds(text, word_len);
	text += word_len;
	if (seconds == 0 || *text != ' ' || strcasecmp(text + strspn(text, " "), "ago") != 0)
		return false;
	*at = now - count * seconds;
	return true;
}

static bool
read_word(const char *text, int64_t now, int64_t *at)
{
	if (strcasecmp(text, "now") == 0)
		*at = now;
	else if (strcasecmp(text, "today") == 0)
		*at = day_end(now, 0);
	else if (strcasecmp(text, "yesterday") == 0)
		*at = day_end(now, -1);
	else
		return false;
	return true;
}

int
clock_parse_date(const char *text, int64_t now, int64_t *at)
{
	struct tm fields;

	if (read_word(text, now, at) || read_ago(text, now, at) || clock_parse_rfc3339(text, at) == 0)
		return 0;
	if (!read_local(text, &fields)) {
		error_set(ERR_USAGE, "cannot understand the date '%s'", text);
		return error_hint("A date is 2026-11-22, \"2026-11-22 14:30\", 2026-11-22T14:30:00+01:00, "
				  "now, today, yesterday, \"3 days ago\" or \"2h ago\".");
	}
	if (!fields_exist(&fields))
		return error_set(ERR_USAGE, "there is no date '%s'", text);
	*at = (int64_t)mktime(&fields);
	return 0;
}
