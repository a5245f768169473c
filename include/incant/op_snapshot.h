/*
 * snapshot create, list, prune: snapshots of the droplet that this machine is. A snapshot is the whole disk
 * as it would be after a power loss; it stands beside the dumps and replaces none.
 */
#ifndef INCANT_OP_SNAPSHOT_H
#define INCANT_OP_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "incant/cloud_digitalocean.h"
#include "incant/op.h"

/* A snapshot, and what prune thinks of it. */
struct op_snapshot {
	struct cloud_snapshot snapshot;
	bool ours;          /* made by this program, of this source */
	bool keep;          /* prune's verdict */
	bool deleted;       /* by prune, now */
	const char *reason; /* for keep; static */
};

struct op_snapshot_request {
	bool dry_run; /* prune: delete nothing */
};

struct op_snapshot_report {
	struct cloud_droplet droplet;  /* id 0 = not known yet */
	bool made;                     /* create: a snapshot was made, it is snapshots[0] */
	struct op_snapshot *snapshots; /* newest first */
	size_t count, capacity;
	uint64_t total_ms;
};

/* CHECKPOINT on the source where that can be done, sync(2), and a snapshot. */
int op_snapshot_create(const struct settings *settings, const struct op_snapshot_request *request,
	struct op_snapshot_report *report);

/* The droplet's snapshots, whoever made them. */
int op_snapshot_list(const struct settings *settings, const struct op_snapshot_request *request,
	struct op_snapshot_report *report);

/*
 * Deletes what this program made of this source and droplet, but for the newest `keep` of the settings. What
 * somebody else made is listed with its verdict and never touched.
 */
int op_snapshot_prune(const struct settings *settings, const struct op_snapshot_request *request,
	struct op_snapshot_report *report);

void op_snapshot_report_clear(struct op_snapshot_report *report);

/* Whether a snapshot has a name that this program gives to those of that source. */
bool op_snapshot_is_ours(const char *name, const char *source);

#endif
