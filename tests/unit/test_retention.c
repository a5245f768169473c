/*
 * The decision on what is kept: by table, against a second reading of restic's rules, and by property over
 * ten thousand random histories.
 */
#include "config.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "incant/buf.h"
#include "incant/clock.h"
#include "incant/mem.h"
#include "incant/retention.h"

#define MANY 80
#define NOW  1795316400 /* 2026-11-22T03:00:00Z, a Sunday */
#define DAY  86400

/* A history, newest first. ids are made of the times. */
struct history {
	struct retention_backup backups[MANY];
	char ids[MANY][CLOCK_ID_SIZE + 8];
	struct retention_verdict verdicts[MANY];
	char refusal[RETENTION_REASON_SIZE];
	size_t count;
};

static void
add(struct history *history, int64_t created)
{
	size_t at = history->count++;

	assert_true(at < MANY);
	clock_format_id(history->ids[at], created);
	history->backups[at] = (struct retention_backup){ .id = history->ids[at], .created = created };
}

static int
decide(struct history *history, const struct retention_policy *policy, int64_t now)
{
	return retention_decide(
		history->backups, history->count, policy, now, history->verdicts, history->refusal);
}

static size_t
kept(const struct history *history)
{
	size_t count = 0;

	for (size_t i = 0; i < history->count; i++)
		count += history->verdicts[i].keep;
	return count;
}

static void
use_zone(const char *zone)
{
	setenv("TZ", zone, 1);
	tzset();
}

/* A zone's name may be missing on a machine; this one says its rules itself. */
#define CENTRAL_EUROPE "CET-1CEST,M3.5.0,M10.5.0/3"

/* By table -------------------------------------------------------------------------------------------------
 */

struct row {
	const char *name, *zone;
	struct retention_policy policy;
	const char *kept; /* their times, newest first */
	const char *history;
};

/* What documentation and source of restic's forget say for the same dates. */
static const struct row rows[] = {
	{ "last counts backups", "UTC", { .last = 2 }, "2026-11-22T03 2026-11-21T15",
		"2026-11-22T03 2026-11-21T15 2026-11-21T03" },
	{ "daily keeps the newest of each day", "UTC", { .daily = 2 }, "2026-11-22T23 2026-11-21T23",
		"2026-11-22T23 2026-11-22T01 2026-11-21T23 2026-11-21T00 2026-11-20T12" },
	{ "only days that have any are counted", "UTC", { .daily = 3 },
		"2026-11-22T03 2026-10-01T03 2026-01-01T03",
		"2026-11-22T03 2026-10-01T03 2026-01-01T03 2025-01-01T03" },
	{ "weeks begin on Monday", "UTC", { .weekly = 2 }, "2026-11-23T03 2026-11-22T03",
		"2026-11-23T03 2026-11-22T03 2026-11-16T03 2026-11-15T03" },
	{ "a week belongs to the year of its Thursday", "UTC", { .weekly = 1 }, "2027-01-03T03",
		"2027-01-03T03 2026-12-28T03 2026-12-27T03" },
	{ "the oldest stays until a rule is full", "UTC", { .monthly = 3 }, "2026-11-22T03 2026-11-01T03",
		"2026-11-22T03 2026-11-10T03 2026-11-01T03" },
	{ "and goes when it is", "UTC", { .monthly = 1 }, "2026-11-22T03",
		"2026-11-22T03 2026-11-10T03 2026-11-01T03" },
	{ "hours", "UTC", { .hourly = 2 }, "2026-11-22T03 2026-11-22T02",
		"2026-11-22T03 2026-11-22T02 2026-11-22T01" },
	{ "years", "UTC", { .yearly = 2 }, "2026-11-22T03 2025-12-31T23",
		"2026-11-22T03 2025-12-31T23 2025-01-01T00 2024-12-31T00" },
	{ "rules add up", "UTC", { .last = 1, .daily = 2, .monthly = 2 },
		"2026-11-22T23 2026-11-21T03 2026-10-31T03",
		"2026-11-22T23 2026-11-22T03 2026-11-21T03 2026-10-31T03 2026-10-30T03 2026-09-01T03" },
	{ "within counts from the newest", "UTC", { .within_s = 2 * DAY }, "2026-11-22T03 2026-11-20T04",
		"2026-11-22T03 2026-11-20T04 2026-11-20T03" },
	{ "a day is one of local time", CENTRAL_EUROPE, { .daily = 2 }, "2026-11-22T03 2026-11-21T22",
		"2026-11-22T03 2026-11-21T23 2026-11-21T22 2026-11-21T03" },
	{ "and another one to the west", "EST5", { .daily = 2 }, "2026-11-22T04 2026-11-21T04",
		"2026-11-22T04 2026-11-21T23 2026-11-21T04 2026-11-20T12" },
	{ "the day on which clocks go back has 25 hours", CENTRAL_EUROPE, { .daily = 2 },
		"2026-10-25T22 2026-10-24T21", "2026-10-25T22 2026-10-24T22 2026-10-24T21 2026-10-23T22" },
	{ "the hour that comes twice is one", CENTRAL_EUROPE, { .hourly = 2 }, "2026-10-25T02 2026-10-25T01",
		"2026-10-25T02 2026-10-25T01 2026-10-25T00 2026-10-24T23" },
	{ "days back are days of the calendar", CENTRAL_EUROPE, { .within_s = 1 * DAY },
		"2026-10-25T12 2026-10-24T12", "2026-10-25T12 2026-10-24T12 2026-10-24T11" },
};

static int64_t
hour_at(const char *text)
{
	char full[32];
	int64_t at = 0;

	snprintf(full, sizeof(full), "%.13s:00:00Z", text);
	assert_int_equal(clock_parse_rfc3339(full, &at), 0);
	return at;
}

static void
check_row(const struct row *row)
{
	struct history history = { .count = 0 };
	struct buf found = BUF_EMPTY;
	char text[CLOCK_RFC3339_SIZE];

	use_zone(row->zone);
	for (const char *at = row->history; at != NULL; at = strchr(at, ' '))
		add(&history, hour_at(*at == ' ' ? ++at : at));
	assert_int_equal(decide(&history, &row->policy, history.backups[0].created), 0);
	for (size_t i = 0; i < history.count; i++)
		if (history.verdicts[i].keep)
			buf_append_format(&found, "%s%.13s", found.len > 0 ? " " : "",
				clock_format_utc(text, history.backups[i].created));
	if (strcmp(buf_text(&found), row->kept) != 0)
		fail_msg("%s: kept %s, not %s", row->name, buf_text(&found), row->kept);
	buf_clear(&found);
	use_zone("UTC");
}

static void
what_is_kept_stands_in_a_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check_row(&rows[i]);
}

/* What stands above every policy ----------------------------------------------------------------------------
 */

/* So many days, one backup each at three in the morning. */
static void
fill_days(struct history *history, size_t days)
{
	*history = (struct history){ .count = 0 };
	for (size_t i = 0; i < days; i++)
		add(history, NOW - (int64_t)i * DAY);
}

static void
reasons_are_in_words(void **state)
{
	const struct retention_policy policy = { .last = 1, .daily = 2, .monthly = 1 };
	struct history history;

	(void)state;
	fill_days(&history, 4);
	history.backups[2].pinned = true;
	history.backups[2].pinned_until = NOW + DAY;
	assert_int_equal(decide(&history, &policy, NOW), 0);
	assert_string_equal(history.verdicts[0].reason,
		"last 1 of 1, daily 2026-11-22, monthly 2026-11, the newest good one");
	assert_string_equal(history.verdicts[1].reason, "daily 2026-11-21");
	assert_string_equal(history.verdicts[2].reason, "pinned until 2026-11-23");
	assert_false(history.verdicts[3].keep);
	assert_string_equal(history.verdicts[3].reason, "no rule keeps it: last 1, daily 2, monthly 1");
}

static void
of_a_day_the_proven_one_stays(void **state)
{
	const struct retention_policy policy = { .last = 1, .daily = 2 };
	struct history history = { .count = 0 };

	(void)state;
	add(&history, NOW);
	add(&history, NOW - DAY);
	add(&history, NOW - DAY - 3600);
	add(&history, NOW - DAY - 7200);
	history.backups[2].proven = true;
	history.backups[3].proven = true;
	assert_int_equal(decide(&history, &policy, NOW), 0);
	assert_true(history.verdicts[0].keep);
	assert_false(history.verdicts[1].keep);
	assert_string_equal(history.verdicts[2].reason, "daily 2026-11-21, the newest proven one");
	assert_false(history.verdicts[3].keep);
}

static void
the_newest_proven_one_is_never_dropped(void **state)
{
	const struct retention_policy policy = { .last = 1 };
	struct history history;

	(void)state;
	fill_days(&history, 40);
	history.backups[33].proven = true;
	history.backups[35].proven = true;
	assert_int_equal(decide(&history, &policy, NOW), 0);
	assert_int_equal(kept(&history), 2);
	assert_string_equal(history.verdicts[33].reason, "the newest proven one");
	/* A proof that failed later is none. */
	history.backups[33].doubt = "one whose proof failed";
	assert_int_equal(decide(&history, &policy, NOW), 0);
	assert_true(history.verdicts[35].keep);
	assert_false(history.verdicts[33].keep);
}

static void
pinned_ones_stay(void **state)
{
	const struct retention_policy policy = { .last = 1 };
	struct history history;

	(void)state;
	fill_days(&history, 10);
	history.backups[5].pinned = true;
	assert_int_equal(decide(&history, &policy, NOW), 0);
	assert_int_equal(kept(&history), 2);
	assert_string_equal(history.verdicts[5].reason, "pinned for ever");
}

static void
ten_nights_in_doubt_replace_nothing(void **state)
{
	const struct retention_policy policy = { .last = 3, .daily = 7, .weekly = 5, .monthly = 12 };
	struct history before, history;
	size_t bad = 10;

	(void)state;
	fill_days(&history, 40);
	for (size_t i = 0; i < bad; i++)
		history.backups[i].doubt = "suspect";
	assert_int_equal(decide(&history, &policy, NOW), 0);

	before = (struct history){ .count = 0 };
	for (size_t i = bad; i < 40; i++)
		add(&before, NOW - (int64_t)i * DAY);
	assert_int_equal(decide(&before, &policy, NOW), 0);
	for (size_t i = 0; i < before.count; i++)
		assert_int_equal(before.verdicts[i].keep, history.verdicts[bad + i].keep);
	assert_string_equal(
		history.verdicts[bad + 5].reason, "held back, because 20261122T030000Z is suspect");
	/* They are rotated among themselves: they do not fill the disk for ever. */
	assert_int_equal(kept(&history) - kept(&before), 9);
}

static void
once_a_newer_one_is_good_those_in_doubt_go_by_age_and_take_no_place(void **state)
{
	const struct retention_policy policy = { .last = 2, .daily = 2 };
	struct history history;

	(void)state;
	fill_days(&history, 6);
	history.backups[1].doubt = history.backups[2].doubt = "suspect";
	assert_int_equal(decide(&history, &policy, NOW), 0);
	assert_int_equal(kept(&history), 3);
	assert_true(history.verdicts[0].keep && history.verdicts[1].keep && history.verdicts[3].keep);
	assert_string_equal(history.verdicts[2].reason, "no rule keeps it: last 2, daily 2");
}

static void
damaged_ones_count_for_nothing_and_stay(void **state)
{
	const struct retention_policy policy = { .last = 2 };
	struct history history;

	(void)state;
	fill_days(&history, 5);
	history.backups[1].damaged = true;
	assert_int_equal(decide(&history, &policy, NOW), 0);
	assert_true(history.verdicts[0].keep && history.verdicts[1].keep && history.verdicts[2].keep);
	assert_non_null(strstr(history.verdicts[1].reason, "cannot be read"));
	assert_int_equal(kept(&history), 3);
}

static void
assert_refused(struct history *history, const struct retention_policy *policy, const char *why)
{
	assert_int_equal(decide(history, policy, NOW), RETENTION_REFUSED);
	assert_int_equal(kept(history), history->count);
	assert_non_null(strstr(history->refusal, why));
	for (size_t i = 0; i < history->count; i++)
		assert_non_null(strstr(history->verdicts[i].reason, "nothing is removed: "));
}

static void
nothing_is_dropped_when_something_is_wrong_with_all(void **state)
{
	const struct retention_policy policy = { .last = 1 }, none = { .last = 0 };
	struct history history;

	(void)state;
	fill_days(&history, 5);
	assert_refused(&history, &none, "no rule");
	history.backups[0].damaged = true;
	assert_refused(&history, &policy, "the newest backup, 20261122T030000Z, cannot be read");
	fill_days(&history, 5);
	history.backups[0].created = NOW + RETENTION_CLOCK_SLACK_S + 1;
	assert_refused(&history, &policy, "is from the future (2026-11-22T03:15:01Z)");
	history.backups[0].created--;
	assert_int_equal(decide(&history, &policy, NOW), 0);
	for (size_t i = 0; i < 5; i++)
		history.backups[i].doubt = "suspect";
	assert_refused(&history, &policy, "none of the backups is a good one");
	fill_days(&history, 0);
	assert_int_equal(decide(&history, &policy, NOW), 0);
}

/* By property
 * ------------------------------------------------------------------------------------------------ */

static unsigned long long random_state = 1;

static unsigned
random_below(unsigned limit)
{
	random_state = random_state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (unsigned)(random_state >> 33) % limit;
}

static void
random_policy(struct retention_policy *policy)
{
	unsigned *const rules[] = { &policy->last, &policy->hourly, &policy->daily, &policy->weekly,
		&policy->monthly, &policy->yearly };

	*policy = (struct retention_policy){ .last = 0 };
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		if (random_below(2) == 0)
			*rules[i] = random_below(8);
	if (random_below(4) == 0)
		policy->within_s = random_below(40) * DAY / 2;
}

/* Backups up to about four hundred days back, in steps from minutes to weeks. */
static void
random_history(struct history *history, bool plain)
{
	static const unsigned steps[] = { 3600, 7200, DAY, DAY, DAY, 9 * DAY };
	int64_t at = NOW + 7 * DAY - random_below(14 * DAY);
	size_t count = random_below(MANY);

	*history = (struct history){ .count = 0 };
	for (size_t i = 0; i < count; i++) {
		at -= 1 + random_below(steps[random_below(6)]);
		add(history, at);
		struct retention_backup *backup = &history->backups[i];
		if (plain)
			continue;
		backup->proven = random_below(6) == 0;
		backup->doubt = random_below(i < 10 ? 3 : 9) == 0 ? "suspect" : NULL;
		backup->pinned = random_below(12) == 0;
		backup->damaged = random_below(15) == 0;
	}
}

static void
check_floor(const struct history *history)
{
	bool good = false, proven = false;

	for (size_t i = 0; i < history->count; i++) {
		const struct retention_backup *backup = &history->backups[i];
		bool sound = !backup->damaged && backup->doubt == NULL;

		assert_true(history->verdicts[i].reason[0] != '\0');
		if (backup->pinned || backup->damaged)
			assert_true(history->verdicts[i].keep);
		if (sound && !good)
			assert_true(history->verdicts[i].keep);
		if (sound && backup->proven && !proven)
			assert_true(history->verdicts[i].keep);
		good = good || sound;
		proven = proven || (sound && backup->proven);
	}
}

/* Over what the first decision has left a second one holds to the same. */
static void
check_again(const struct history *history, const struct retention_policy *policy)
{
	struct history left = { .count = 0 };

	for (size_t i = 0; i < history->count; i++)
		if (history->verdicts[i].keep) {
			add(&left, history->backups[i].created);
			left.backups[left.count - 1] = history->backups[i];
		}
	assert_int_equal(decide(&left, policy, NOW + 7 * DAY), 0);
	check_floor(&left);
}

static void
whatever_the_history_the_floor_the_proven_one_and_pins_survive(void **state)
{
	struct retention_policy policy;
	struct history history;
	size_t refused = 0, dropped = 0;

	(void)state;
	for (int round = 0; round < 10000; round++) {
		random_policy(&policy);
		random_history(&history, false);
		int rc = decide(&history, &policy, NOW + 7 * DAY);
		if (rc == RETENTION_REFUSED) {
			assert_int_equal(kept(&history), history.count);
			refused++;
			continue;
		}
		assert_int_equal(rc, 0);
		check_again(&history, &policy);
		dropped += history.count - kept(&history);
	}
	assert_true(refused > 100 && dropped > 10000);
}

/* A number that differs from period to period, for the rules in restic's order. */
static long long
period_of(size_t rule, size_t place, int64_t created)
{
	time_t at = (time_t)created;
	struct tm fields;
	char week[16];

	localtime_r(&at, &fields);
	strftime(week, sizeof(week), "%G%V", &fields);
	const long long month = (long long)(fields.tm_year + 1900) * 100 + fields.tm_mon;
	const long long day = month * 100 + fields.tm_mday;
	const long long values[] = { (long long)place, day * 100 + fields.tm_hour, day, atoll(week), month,
		fields.tm_year };
	return values[rule];
}

/* restic's algorithm as its source states it, over backups that are neither proven nor in doubt: for each
 * one, newest first, each rule asks whether its period differs from the last that it kept. */
static void
second_reading(const struct history *history, const struct retention_policy *policy, bool *keeps)
{
	unsigned left[] = { policy->last, policy->hourly, policy->daily, policy->weekly, policy->monthly,
		policy->yearly };
	long long last[] = { -1, -1, -1, -1, -1, -1 };

	for (size_t i = 0; i < history->count; i++) {
		int64_t created = history->backups[i].created;

		keeps[i] = policy->within_s > 0 &&
			   created > history->backups[0].created - (int64_t)policy->within_s;
		for (size_t rule = 0; rule < 6; rule++) {
			long long value = period_of(rule, i, created);

			if (left[rule] == 0 || (value == last[rule] && i + 1 < history->count))
				continue;
			keeps[i] = true;
			left[rule]--;
			last[rule] = value;
		}
	}
}

static void
where_nothing_is_proven_or_in_doubt_it_is_what_restic_keeps(void **state)
{
	struct retention_policy policy;
	struct history history;
	bool keeps[MANY];

	(void)state;
	for (int round = 0; round < 10000; round++) {
		random_policy(&policy);
		random_history(&history, true);
		if (retention_policy_is_empty(&policy) || history.count == 0)
			continue;
		assert_int_equal(decide(&history, &policy, NOW + 7 * DAY), 0);
		second_reading(&history, &policy, keeps);
		keeps[0] = true; /* the floor, which restic does not have */
		for (size_t i = 0; i < history.count; i++)
			if (history.verdicts[i].keep != keeps[i])
				fail_msg("round %d, backup %zu of %zu: %s", round, i, history.count,
					history.verdicts[i].reason);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_kept_stands_in_a_table),
		cmocka_unit_test(reasons_are_in_words),
		cmocka_unit_test(of_a_day_the_proven_one_stays),
		cmocka_unit_test(the_newest_proven_one_is_never_dropped),
		cmocka_unit_test(pinned_ones_stay),
		cmocka_unit_test(ten_nights_in_doubt_replace_nothing),
		cmocka_unit_test(once_a_newer_one_is_good_those_in_doubt_go_by_age_and_take_no_place),
		cmocka_unit_test(damaged_ones_count_for_nothing_and_stay),
		cmocka_unit_test(nothing_is_dropped_when_something_is_wrong_with_all),
		cmocka_unit_test(whatever_the_history_the_floor_the_proven_one_and_pins_survive),
		cmocka_unit_test(where_nothing_is_proven_or_in_doubt_it_is_what_restic_keeps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
