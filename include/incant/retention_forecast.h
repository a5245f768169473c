/*
 * How long a store has room: the days to come are played through with the policy, each with a backup that is
 * larger than the one before by as much as they have grown so far.
 */
#ifndef INCANT_RETENTION_FORECAST_H
#define INCANT_RETENTION_FORECAST_H

#include <stddef.h>
#include <stdint.h>

#include "incant/retention.h"

/* A backup as it stands now, and what it takes. */
struct retention_sized {
	struct retention_backup backup;
	uint64_t bytes;
};

/*
 * Days until the store is full: the first on which a new backup has no room before others are dropped. kept
 * is in a catalog's order, without damaged ones. -1 when it is not within sight: a year, or 400 backups; when
 * there are no backups to tell by, or more than 300.
 */
int retention_forecast_days(const struct retention_sized *kept, size_t count,
	const struct retention_policy *policy, uint64_t free_bytes);

#endif
