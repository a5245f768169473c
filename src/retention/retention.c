/*
 * The decision. Backups that count are sorted into lists, newest first: the good ones with what is older than
 * the newest of them, and the doubtful ones that are newer. The policy is applied to each list; then come the
 * reasons that stand above every policy. A second run over all of them, as if none were in doubt, tells which
 * of the good ones are there only because of the doubt.
 */
#include "config.h"

#include "incant/retention.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "incant/buf.h"
#include "incant/clock.h"
#include "incant/mem.h"

#define PERIOD_BYTES 24

/* What a rule counts: names the period of a moment. */
struct period {
	const char *word;
	size_t offset; /* of its number in the policy */
	size_t (*name)(char text[PERIOD_BYTES], const struct tm *local);
};

static size_t
name_hour(char text[PERIOD_BYTES], const struct tm *local)
{
	return strftime(text, PERIOD_BYTES, "%Y-%m-%d %Hh", local);
}

static size_t
name_day(char text[PERIOD_BYTES], const struct tm *local)
{
	return strftime(text, PERIOD_BYTES, "%Y-%m-%d", local);
}

static size_t
name_week(char text[PERIOD_BYTES], const struct tm *local)
{
	return strftime(text, PERIOD_BYTES, "%G-W%V", local);
}

static size_t
name_month(char text[PERIOD_BYTES], const struct tm *local)
{
	return strftime(text, PERIOD_BYTES, "%Y-%m", local);
}

static size_t
name_year(char text[PERIOD_BYTES], const struct tm *local)
{
	return strftime(text, PERIOD_BYTES, "%Y", local);
}

static const struct period periods[] = {
	{ "hourly", offsetof(struct retention_policy, hourly), name_hour },
	{ "daily", offsetof(struct retention_policy, daily), name_day },
	{ "weekly", offsetof(struct retention_policy, weekly), name_week },
	{ "monthly", offsetof(struct retention_policy, monthly), name_month },
	{ "yearly", offsetof(struct retention_policy, yearly), name_year },
};

#define PERIODS (sizeof(periods) / sizeof(periods[0]))

/* Backups that a policy is applied to, newest first, as places in backups[]. */
struct list {
	size_t *places;
	size_t count;
};

struct decision {
	const struct retention_backup *backups;
	const struct retention_policy *policy;
	struct retention_verdict *verdicts;
};

static unsigned
period_number(const struct retention_policy *policy, const struct period *period)
{
	unsigned number;

	memcpy(&number, (const char *)policy + period->offset, sizeof(number));
	return number;
}

static const char *
period_text(char text[PERIOD_BYTES], const struct period *period, int64_t at)
{
	time_t seconds = (time_t)at;
	struct tm fields;

	if (localtime_r(&seconds, &fields) == NULL || period->name(text, &fields) == 0)
		text[0] = '\0';
	return text;
}

bool
retention_policy_is_empty(const struct retention_policy *policy)
{
	unsigned rules = policy->last;

	for (size_t i = 0; i < PERIODS; i++)
		rules |= period_number(policy, &periods[i]);
	return rules == 0 && policy->within_s == 0;
}

static void
write_rule(struct buf *buf, const char *word, unsigned number)
{
	if (number > 0)
		buf_append_format(buf, "%s%s %u", buf->len > 0 ? ", " : "", word, number);
}

void
retention_policy_write(const struct retention_policy *policy, struct buf *buf)
{
	struct buf text = BUF_EMPTY;

	write_rule(&text, "last", policy->last);
	for (size_t i = 0; i < PERIODS; i++)
		write_rule(&text, periods[i].word, period_number(policy, &periods[i]));
	if (policy->within_s > 0)
		buf_append_format(&text, "%swithin %llud%lluh", text.len > 0 ? ", " : "",
			(unsigned long long)(policy->within_s / 86400),
			(unsigned long long)(policy->within_s % 86400 / 3600));
	buf_append_text(buf, buf_text(&text));
	buf_clear(&text);
}

static void keep(const struct decision *decision, size_t place, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* A reason to keep the backup at that place, behind those that it has. */
static void
keep(const struct decision *decision, size_t place, const char *format, ...)
{
	struct retention_verdict *verdict = &decision->verdicts[place];
	size_t len = verdict->keep ? strlen(verdict->reason) : 0;
	va_list arguments;

	if (len > 0 && len + sizeof(", ") < sizeof(verdict->reason))
		len += (size_t)snprintf(verdict->reason + len, sizeof(verdict->reason) - len, ", ");
	va_start(arguments, format);
	(void)vsnprintf(verdict->reason + len, sizeof(verdict->reason) - len, format, arguments);
	va_end(arguments);
	verdict->keep = true;
}

static void
apply_last(const struct decision *decision, const struct list *list)
{
	for (size_t i = 0; i < list->count && i < decision->policy->last; i++)
		keep(decision, list->places[i], "last %zu of %u", i + 1, decision->policy->last);
}

/* The moment so many seconds before another; whole days are days of the calendar, whatever the clock did. */
static int64_t
moment_before(int64_t at, uint64_t seconds)
{
	time_t from = (time_t)(at - (int64_t)(seconds % 86400));
	struct tm fields;

	if (localtime_r(&from, &fields) == NULL || seconds / 86400 > 1000000)
		return INT64_MIN;
	fields.tm_mday -= (int)(seconds / 86400);
	fields.tm_isdst = -1;
	return (int64_t)mktime(&fields);
}

static void
apply_within(const struct decision *decision, const struct list *list)
{
	if (decision->policy->within_s == 0)
		return;
	int64_t after = moment_before(decision->backups[list->places[0]].created, decision->policy->within_s);
	for (size_t i = 0; i < list->count; i++)
		if (decision->backups[list->places[i]].created > after)
			keep(decision, list->places[i], "within the time");
}

/* What a backup is worth as the one of its period. */
static int
worth(const struct retention_backup *backup)
{
	return backup->doubt != NULL ? 0 : backup->proven ? 2 : 1;
}

/* The backup that stands for list[begin, end): the newest of the best. */
static size_t
choose(const struct decision *decision, const struct list *list, size_t begin, size_t end)
{
	size_t best = list->places[begin];

	for (size_t i = begin + 1; i < end; i++)
		if (worth(&decision->backups[list->places[i]]) > worth(&decision->backups[best]))
			best = list->places[i];
	return best;
}

static void
apply_period(const struct decision *decision, const struct list *list, const struct period *period)
{
	unsigned left = period_number(decision->policy, period);
	char text[PERIOD_BYTES], next[PERIOD_BYTES];

	for (size_t begin = 0, end = 0; begin < list->count && left > 0; begin = end, left--) {
		period_text(text, period, decision->backups[list->places[begin]].created);
		for (end = begin + 1; end < list->count; end++)
			if (strcmp(text, period_text(next, period,
						 decision->backups[list->places[end]].created)) != 0)
				break;
		keep(decision, choose(decision, list, begin, end), "%s %s", period->word, text);
	}
	size_t oldest = list->places[list->count - 1];
	if (left > 0 && !decision->verdicts[oldest].keep)
		keep(decision, oldest, "the oldest, to become %s", period->word);
}

static void
apply_policy(const struct decision *decision, const struct list *list)
{
	if (list->count == 0)
		return;
	apply_last(decision, list);
	apply_within(decision, list);
	for (size_t i = 0; i < PERIODS; i++)
		apply_period(decision, list, &periods[i]);
}

/* Of a list: the first, newest, that is good; proven, where that is wanted. NULL = none. */
static const size_t *
find_newest(const struct decision *decision, const struct list *list, bool proven)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct retention_backup *backup = &decision->backups[list->places[i]];
		if (backup->doubt == NULL && (!proven || backup->proven))
			return &list->places[i];
	}
	return NULL;
}

/* The reasons above every policy. whole: all that are no damage. */
static void
protect(const struct decision *decision, const struct list *whole, size_t count)
{
	const size_t *newest = find_newest(decision, whole, false);
	const size_t *proven = find_newest(decision, whole, true);
	char when[CLOCK_RFC3339_SIZE];

	if (newest != NULL)
		keep(decision, *newest, "the newest good one");
	if (proven != NULL)
		keep(decision, *proven, "the newest proven one");
	for (size_t i = 0; i < count; i++) {
		const struct retention_backup *backup = &decision->backups[i];
		if (backup->pinned && backup->pinned_until == 0)
			keep(decision, i, "pinned for ever");
		else if (backup->pinned)
			keep(decision, i, "pinned until %.10s",
				clock_format_local(when, backup->pinned_until));
		if (backup->damaged)
			keep(decision, i, "its manifest cannot be read: look at it, remove it by hand");
	}
}

/* Sorts by time, newest first; of the same time in the catalog's order. */
static void
sort_list(struct list *list, const struct retention_backup *backups)
{
	/* A catalog is sorted by id, which is the time: this has nothing to do but where a clock was set. */
	for (size_t i = 1; i < list->count; i++) {
		size_t place = list->places[i], at = i;
		for (; at > 0 && backups[list->places[at - 1]].created < backups[place].created; at--)
			list->places[at] = list->places[at - 1];
		list->places[at] = place;
	}
}

static void
list_whole(const struct retention_backup *backups, size_t count, struct list *whole)
{
	*whole = (struct list){ .places = mem_alloc((count + 1) * sizeof(*whole->places)) };
	for (size_t i = 0; i < count; i++)
		if (!backups[i].damaged)
			whole->places[whole->count++] = i;
	sort_list(whole, backups);
}

/* Why nothing may be dropped: written into text. False where nothing stands against it. */
static bool
refuse(const struct decision *decision, size_t count, const struct list *whole, int64_t now,
	char text[RETENTION_REASON_SIZE])
{
	const struct retention_backup *backups = decision->backups;
	char when[CLOCK_RFC3339_SIZE];

	text[0] = '\0';
	if (count == 0)
		return false;
	if (retention_policy_is_empty(decision->policy))
		snprintf(text, RETENTION_REASON_SIZE, "the policy has no rule that keeps anything");
	else if (backups[0].damaged)
		snprintf(text, RETENTION_REASON_SIZE, "the manifest of the newest backup, %s, cannot be read",
			backups[0].id);
	else if (backups[whole->places[0]].created > now + RETENTION_CLOCK_SLACK_S)
		snprintf(text, RETENTION_REASON_SIZE,
			"the newest backup, %s, is from the future (%s): the clock of this host, or of one "
			"that "
			"made it, is wrong",
			backups[whole->places[0]].id,
			clock_format_utc(when, backups[whole->places[0]].created));
	else if (find_newest(decision, whole, false) == NULL)
		snprintf(text, RETENTION_REASON_SIZE, "none of the backups is a good one");
	return text[0] != '\0';
}

static void
keep_all(struct retention_verdict *verdicts, size_t count, const char *refusal)
{
	for (size_t i = 0; i < count; i++) {
		verdicts[i].keep = true;
		snprintf(verdicts[i].reason, sizeof(verdicts[i].reason), "nothing is removed: %.170s",
			refusal);
	}
}

/* What is kept only because newer ones are in doubt says so. */
static void
explain_doubt(const struct decision *decision, const struct list *whole, size_t count)
{
	struct retention_verdict *plain = mem_zero(count * sizeof(*plain));
	const struct decision without = { decision->backups, decision->policy, plain };
	const char *id = decision->backups[whole->places[0]].id;

	apply_policy(&without, whole);
	protect(&without, whole, count);
	for (size_t i = 0; i < count; i++)
		if (decision->backups[i].doubt == NULL && decision->verdicts[i].keep && !plain[i].keep)
			snprintf(decision->verdicts[i].reason, RETENTION_REASON_SIZE,
				"held back, because %s is %s", id, decision->backups[whole->places[0]].doubt);
	free(plain);
}

/* What no rule has kept says which rules there were. */
static void
explain_drops(const struct decision *decision, size_t count)
{
	struct buf rules = BUF_EMPTY;

	retention_policy_write(decision->policy, &rules);
	for (size_t i = 0; i < count; i++)
		if (!decision->verdicts[i].keep)
			snprintf(decision->verdicts[i].reason, RETENTION_REASON_SIZE, "no rule keeps it: %s",
				buf_text(&rules));
	buf_clear(&rules);
}

/* Those in doubt that are older than a good one: what the rules say of all of them together. */
static void
apply_policy_to_doubted(const struct decision *decision, const struct list *older, size_t count)
{
	struct retention_verdict *together = mem_zero(count * sizeof(*together));
	const struct decision mixed = { decision->backups, decision->policy, together };

	apply_policy(&mixed, older);
	for (size_t i = 0; i < older->count; i++) {
		size_t place = older->places[i];
		if (decision->backups[place].doubt != NULL)
			decision->verdicts[place] = together[place];
	}
	free(together);
}

/* whole is not empty, and has a good one. */
static void
decide(const struct decision *decision, const struct list *whole, size_t count)
{
	struct list good = { .places = mem_alloc(whole->count * sizeof(*good.places)) };
	size_t doubtful = 0;

	while (decision->backups[whole->places[doubtful]].doubt != NULL)
		doubtful++;
	for (size_t i = doubtful; i < whole->count; i++)
		if (decision->backups[whole->places[i]].doubt == NULL)
			good.places[good.count++] = whole->places[i];
	const struct list older = { whole->places + doubtful, whole->count - doubtful };
	const struct list newer = { whole->places, doubtful };
	apply_policy(decision, &good);
	apply_policy_to_doubted(decision, &older, count);
	apply_policy(decision, &newer);
	protect(decision, whole, count);
	if (doubtful > 0)
		explain_doubt(decision, whole, count);
	explain_drops(decision, count);
	free(good.places);
}

int
retention_decide(const struct retention_backup *backups, size_t count, const struct retention_policy *policy,
	int64_t now, struct retention_verdict *verdicts, char refusal[RETENTION_REASON_SIZE])
{
	const struct decision decision = { backups, policy, verdicts };
	struct list whole;

	for (size_t i = 0; i < count; i++)
		verdicts[i] = (struct retention_verdict){ .keep = false };
	list_whole(backups, count, &whole);
	bool refused = refuse(&decision, count, &whole, now, refusal);
	if (refused)
		keep_all(verdicts, count, refusal);
	else if (whole.count > 0)
		decide(&decision, &whole, count);
	free(whole.places);
	return refused ? RETENTION_REFUSED : 0;
}
