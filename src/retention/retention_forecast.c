/* Plays the policy on into the future. */
#include "config.h"

#include "incant/retention_forecast.h"

#include <stdlib.h>
#include <string.h>

#include "incant/mem.h"

#define DAY_S        86400
#define STEPS_MAX    400
#define HORIZON_DAYS 365
#define BACKUPS_MAX  300
#define LOOK_BACK    30 /* backups, for the trend */
#define GAP_SHORTEST 3600
#define GAP_LONGEST  (7 * (int64_t)DAY_S)

struct play {
	struct retention_backup *backups; /* newest first */
	uint64_t *bytes;
	struct retention_verdict *verdicts;
	size_t count;
	uint64_t taken, given; /* by new backups, by dropped ones */
};

/* Seconds between two backups, and bytes that one is larger than the one before. */
struct trend {
	int64_t gap_s;
	double growth_bytes;
};

static struct trend
find_trend(const struct retention_sized *kept, size_t count)
{
	struct trend trend = { .gap_s = DAY_S, .growth_bytes = 0 };
	size_t last = count > LOOK_BACK ? LOOK_BACK - 1 : count - 1;
	int64_t age_s = kept[0].backup.created - kept[last].backup.created;

	/* The newest two, for older ones have gaps that rotation made. */
	if (count > 1)
		trend.gap_s = kept[0].backup.created - kept[1].backup.created;
	if (trend.gap_s < GAP_SHORTEST)
		trend.gap_s = GAP_SHORTEST;
	if (trend.gap_s > GAP_LONGEST)
		trend.gap_s = GAP_LONGEST;
	/* What grew within hours (a first import, a migration) says nothing of the days to come. */
	if (age_s >= DAY_S && kept[0].bytes > kept[last].bytes)
		trend.growth_bytes =
			(double)(kept[0].bytes - kept[last].bytes) / (double)age_s * (double)trend.gap_s;
	return trend;
}

/* A new backup in front of the others. */
static void
play_add(struct play *play, int64_t created, uint64_t bytes)
{
	memmove(play->backups + 1, play->backups, play->count * sizeof(*play->backups));
	memmove(play->bytes + 1, play->bytes, play->count * sizeof(*play->bytes));
	play->backups[0] = (struct retention_backup){ .id = "to come", .created = created };
	play->bytes[0] = bytes;
	play->count++;
	play->taken += bytes;
}

static void
play_rotate(struct play *play, const struct retention_policy *policy, int64_t now)
{
	char refusal[RETENTION_REASON_SIZE];
	size_t left = 0;

	for (size_t i = 0; i < play->count; i++)
		if (play->backups[i].pinned && play->backups[i].pinned_until != 0)
			play->backups[i].pinned = play->backups[i].pinned_until >= now;
	(void)retention_decide(play->backups, play->count, policy, now, play->verdicts, refusal);
	for (size_t i = 0; i < play->count; i++) {
		if (!play->verdicts[i].keep) {
			play->given += play->bytes[i];
			continue;
		}
		play->backups[left] = play->backups[i];
		play->bytes[left++] = play->bytes[i];
	}
	play->count = left;
}

static int
play_through(struct play *play, const struct trend *trend, const struct retention_policy *policy,
	uint64_t free_bytes)
{
	int64_t began = play->backups[0].created, at = began;
	double bytes = (double)play->bytes[0];

	for (int step = 0; step < STEPS_MAX && play->count < 2 * BACKUPS_MAX; step++) {
		at += trend->gap_s;
		bytes += trend->growth_bytes;
		if (at - began > (int64_t)HORIZON_DAYS * DAY_S)
			break;
		play_add(play, at, (uint64_t)bytes);
		if (play->taken > free_bytes && play->taken - free_bytes > play->given)
			return (int)((at - began) / DAY_S);
		play_rotate(play, policy, at);
	}
	return -1;
}

int
retention_forecast_days(const struct retention_sized *kept, size_t count,
	const struct retention_policy *policy, uint64_t free_bytes)
{
	size_t room = 2 * BACKUPS_MAX + 1;
	struct play play = { .count = count };

	if (count == 0 || count > BACKUPS_MAX || free_bytes == UINT64_MAX)
		return -1;
	play.backups = mem_alloc(room * sizeof(*play.backups));
	play.bytes = mem_alloc(room * sizeof(*play.bytes));
	play.verdicts = mem_alloc(room * sizeof(*play.verdicts));
	for (size_t i = 0; i < count; i++) {
		play.backups[i] = kept[i].backup;
		play.bytes[i] = kept[i].bytes;
	}
	const struct trend trend = find_trend(kept, count);
	int days = play_through(&play, &trend, policy, free_bytes);
	free(play.backups);
	free(play.bytes);
	free(play.verdicts);
	return days;
}
