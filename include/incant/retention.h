/*
 * Retention: which backups of one source in one store are kept. Pure: from the backups, a policy and the
 * present to a verdict each, in words; nothing is read or removed here.
 *
 * The rules of a policy are those of restic's forget, in local time: `last` keeps the newest so many;
 * `hourly`, `daily`, `weekly` (Monday to Sunday, ISO 8601), `monthly` and `yearly` keep one backup of each of
 * the newest so many hours, days … that have any; `within` keeps all that are at most so much older than the
 * newest. A backup is kept when any rule keeps it. Of a period the newest is kept, but a proven one comes
 * before one that is not, and one in doubt comes last. While a period's rule has room left, it keeps the
 * oldest backup of all, which so grows into the periods that are yet to come.
 *
 * What no policy changes: the newest good backup and the newest proven one are kept, and so are pinned ones.
 *
 * Backups in doubt (suspect, or a proof failed) take no place among the good: the rules are applied to the
 * good ones as if those did not exist. To those that are newer than every good one they are applied among
 * themselves; an older one stays as long as the rules would keep it if all were the same. A backup whose
 * manifest cannot be read counts for nothing, and is left for a person to look at.
 *
 * Nothing at all is dropped when the newest backup is from the future (the clock went back), when the newest
 * cannot be read, when none is good, or when the policy has no rule.
 */
#ifndef INCANT_RETENTION_H
#define INCANT_RETENTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;

struct retention_policy {
	unsigned last, hourly, daily, weekly, monthly, yearly; /* 0 = no such rule */
	uint64_t within_s;
};

/* Seconds that clocks of hosts may be apart before a backup counts as one from the future. */
#define RETENTION_CLOCK_SLACK_S 900

struct retention_backup {
	const char *id;
	int64_t created;
	bool damaged;         /* the manifest cannot be read; created is of no meaning */
	bool proven;          /* a test restore of it came out equal */
	const char *doubt;    /* why it may not be good: "suspect"; NULL = it is good */
	bool pinned;          /* by a pin that holds now, */
	int64_t pinned_until; /* which ends then; 0 = never */
};

#define RETENTION_REASON_SIZE 200

struct retention_verdict {
	bool keep;
	char reason[RETENTION_REASON_SIZE];
};

/*
 * Decides. backups are in the order of a catalog, newest id first; verdicts has room for as many. 0; or
 * RETENTION_REFUSED when nothing may be dropped: every verdict is to keep then, and refusal says why.
 */
enum { RETENTION_REFUSED = 1 };
int retention_decide(const struct retention_backup *backups, size_t count,
	const struct retention_policy *policy, int64_t now, struct retention_verdict *verdicts,
	char refusal[RETENTION_REASON_SIZE]);

/* Whether it has no rule at all. */
bool retention_policy_is_empty(const struct retention_policy *policy);

/* Appends "last 3, daily 7, weekly 5". */
void retention_policy_write(const struct retention_policy *policy, struct buf *buf);

#endif
