/*
 * DigitalOcean's API v2, as much of it as snapshots of one droplet need. Blocking; what is busy, limited or
 * failing for the moment is asked again after a pause, until cloud_set_deadline()'s time; a signal ends every
 * call. Errors are ERR_CLOUD, in words, with what to do; ERR_SETTINGS for the token.
 *
 * cloud_new(), cloud_set_deadline(), any calls, cloud_free().
 */
#ifndef INCANT_CLOUD_DIGITALOCEAN_H
#define INCANT_CLOUD_DIGITALOCEAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CLOUD_API               "https://api.digitalocean.com"
#define CLOUD_METADATA          "http://169.254.169.254"
#define CLOUD_TOKEN_ENVIRONMENT "DIGITALOCEAN_TOKEN"

/* Names another metadata service, for tests: http on a loopback address. */
#define CLOUD_METADATA_ENVIRONMENT "INCANT_BACKUP_METADATA"

/* What a snapshot costs: dollars a month for a GB of it (https://docs.digitalocean.com/products/snapshots/).
 */
#define CLOUD_GB_MONTH_USD 0.06

struct cloud;

/* Whether a token may go to that address: https, or http to this machine. */
bool cloud_api_is_valid(const char *url);

/*
 * api: as cloud_api_is_valid() has it, without '/' at the end. token_file: a private file that holds the
 * token alone; NULL = the environment variable has it. Sends nothing. NULL with ERR_SETTINGS.
 */
struct cloud *cloud_new(const char *api, const char *token_file);
void cloud_free(struct cloud *cloud); /* NULL is allowed */

/* On clock_monotonic_ms(): no call of this cloud goes on after it. At first 5 minutes from cloud_new(). */
void cloud_set_deadline(struct cloud *cloud, uint64_t deadline_ms);

/* Asks the metadata service which droplet this machine is. No token is sent. 0 or -1. */
int cloud_find_droplet(uint64_t *droplet);

struct cloud_droplet {
	uint64_t id;
	char *name;
	char *region;        /* slug; NULL = not told */
	size_t volume_count; /* attached ones, which are in no snapshot */
	bool locked;         /* an event is going on */
};
int cloud_get_droplet(struct cloud *cloud, uint64_t id, struct cloud_droplet *droplet);
void cloud_droplet_clear(struct cloud_droplet *droplet);

/* DigitalOcean's own backups of the droplet. Texts are NULL where there is none. */
struct cloud_policy {
	bool enabled;
	char *plan;    /* "weekly", "daily" */
	char *weekday; /* "SUN"; weekly only */
	int64_t hour;  /* UTC, when the window of four hours begins; -1 = not told */
	char *next;    /* the next window's begin, RFC 3339 */
};
int cloud_get_policy(struct cloud *cloud, uint64_t droplet, struct cloud_policy *policy);
void cloud_policy_clear(struct cloud_policy *policy);

struct cloud_snapshot {
	char *id;
	char *name;
	uint64_t droplet;
	int64_t created;
	double gigabytes; /* what is paid for */
	char *regions;    /* "nyc3, fra1" */
};
struct cloud_snapshots {
	struct cloud_snapshot *items; /* newest first */
	size_t count, capacity;
};
void cloud_snapshot_clear(struct cloud_snapshot *snapshot);
void cloud_snapshots_clear(struct cloud_snapshots *snapshots);

/* Those of one droplet, whoever made them; read page by page. The list is initialised here and cleared by the
 * caller in both cases. 0 or -1. */
int cloud_list_snapshots(struct cloud *cloud, uint64_t droplet, struct cloud_snapshots *snapshots);

/*
 * Makes a snapshot, and waits until it is complete. name must be one that no snapshot has: by it the snapshot
 * is found, and a request of which nobody knows whether it arrived is not made twice. The snapshot is
 * initialised here and cleared by the caller in both cases. 0 or -1.
 */
int cloud_make_snapshot(
	struct cloud *cloud, uint64_t droplet, const char *name, struct cloud_snapshot *snapshot);

/*
 * Deletes one, after asking DigitalOcean whether that id still is a droplet snapshot of that name and that
 * droplet: where it is not, nothing is deleted and it is an error. One that is gone already is success.
 */
int cloud_delete_snapshot(struct cloud *cloud, const struct cloud_snapshot *snapshot);

#endif
