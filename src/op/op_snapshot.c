/*
 * snapshot: which droplet this is, what its snapshots are called, and which of them may go.
 *
 * A name is "incant-SOURCE-20261122T030000Z-3fa9". It is all that says whose a snapshot is, so it is compared
 * whole: the source "app" does not take those of "app-2" for its own. Droplet and source both have to fit
 * before anything is deleted.
 */
#include "config.h"

#include "incant/op_snapshot.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "incant/catalog.h"
#include "incant/clock.h"
#include "incant/error.h"
#include "incant/log.h"
#include "incant/mem.h"
#include "incant/source.h"
#include "incant/text.h"

#define NAME_BEGIN "incant-"

enum { STAMP_LEN = sizeof("20261122T030000Z") - 1, MARK_BYTES = 2 };

bool
op_snapshot_is_ours(const char *name, const char *source)
{
	char stamp[STAMP_LEN + 1] = "";
	unsigned char mark[MARK_BYTES];
	size_t source_len = strlen(source);
	const char *at = name + strlen(NAME_BEGIN);

	if (!text_starts(name, NAME_BEGIN) || !text_starts(at, source) || at[source_len] != '-')
		return false;
	at += source_len + 1;
	memcpy(stamp, at, strnlen(at, STAMP_LEN));
	return catalog_is_id(stamp) && at[STAMP_LEN] == '-' &&
	       text_unhex(mark, sizeof(mark), at + STAMP_LEN + 1) == 0;
}

/* A name that no snapshot has: two made within one second differ in the mark. The caller frees it. */
static char *
make_name(const char *source)
{
	char stamp[CLOCK_ID_SIZE], hex[2 * MARK_BYTES + 1];
	unsigned char mark[MARK_BYTES];

	if (getrandom(mark, sizeof(mark), 0) != (ssize_t)sizeof(mark))
		memcpy(mark, (const uint16_t[]){ (uint16_t)clock_monotonic_ms() }, sizeof(mark));
	return mem_format(NAME_BEGIN "%s-%s-%s", source, clock_format_id(stamp, clock_now()),
		text_hex(hex, mark, sizeof(mark)));
}

/* Opens the account and looks at the droplet. NULL with the error. */
static struct cloud *
open_cloud(const struct settings *settings, struct op_snapshot_report *report)
{
	struct cloud *cloud = cloud_new(settings->droplet.api, settings->droplet.token_file);
	uint64_t id = 0;
	int rc = -1;

	if (cloud == NULL)
		return NULL;
	if (settings->droplet.id != NULL)
		rc = text_parse_u64(settings->droplet.id, &id);
	else
		rc = cloud_find_droplet(&id);
	if (rc == 0 && cloud_get_droplet(cloud, id, &report->droplet) == 0)
		return cloud;
	cloud_free(cloud);
	return NULL;
}

static struct op_snapshot *
add_snapshot(struct op_snapshot_report *report, const struct cloud_snapshot *snapshot, const char *source)
{
	MEM_GROW(report->snapshots, report->count, report->capacity);
	struct op_snapshot *added = &report->snapshots[report->count++];
	*added = (struct op_snapshot){
		.snapshot = *snapshot,
		.ours = op_snapshot_is_ours(snapshot->name, source),
		.keep = true,
	};
	return added;
}

/* Fills the report with the droplet's snapshots. */
static int
load_snapshots(struct cloud *cloud, const char *source, struct op_snapshot_report *report)
{
	struct cloud_snapshots list;
	int rc = cloud_list_snapshots(cloud, report->droplet.id, &list);

	for (size_t i = 0; rc == 0 && i < list.count; i++) {
		add_snapshot(report, &list.items[i], source);
		list.items[i] = (struct cloud_snapshot){ .id = NULL };
	}
	cloud_snapshots_clear(&list);
	return rc;
}

/*
 * Brings what is in memory to the disk, so that the server has little to replay. The snapshot is good without
 * it, too: a source that does not answer is no reason to have none.
 */
static int
settle(const struct settings *settings)
{
	char run[CLOCK_ID_SIZE];
	struct source *source = source_open(settings, clock_format_id(run, clock_now()));
	int rc = source != NULL ? source_checkpoint(source) : -1;

	source_free(source);
	if (rc != 0) {
		if (error_get()->class == ERR_INTERRUPTED)
			return -1;
		log_warning("no CHECKPOINT before the snapshot: %s", error_get()->message);
		error_clear();
	}
	sync();
	return 0;
}

static void
warn_of_volumes(const struct cloud_droplet *droplet)
{
	if (droplet->volume_count > 0)
		log_warning("the droplet has %zu attached volume%s, which %s not in its snapshots",
			droplet->volume_count, droplet->volume_count == 1 ? "" : "s",
			droplet->volume_count == 1 ? "is" : "are");
}

int
op_snapshot_create(const struct settings *settings, const struct op_snapshot_request *request,
	struct op_snapshot_report *report)
{
	uint64_t began_ms = clock_monotonic_ms();
	struct cloud_snapshot snapshot = { .id = NULL };
	struct cloud *cloud;
	char *name = NULL;
	int rc = -1;

	(void)request;
	*report = (struct op_snapshot_report){ .made = false };
	cloud = open_cloud(settings, report);
	if (cloud == NULL)
		return -1;
	warn_of_volumes(&report->droplet);
	if (settle(settings) == 0) {
		name = make_name(settings->source.name);
		log_info("making snapshot %s of droplet %s; it takes one to three minutes for each GB in use",
			name, report->droplet.name != NULL ? report->droplet.name : "");
		cloud_set_deadline(cloud, clock_monotonic_ms() + settings->droplet.time_limit_ms);
		rc = cloud_make_snapshot(cloud, report->droplet.id, name, &snapshot);
	}
	if (rc == 0)
		add_snapshot(report, &snapshot, settings->source.name)->reason = "new";
	else
		cloud_snapshot_clear(&snapshot);
	report->made = rc == 0;
	report->total_ms = clock_monotonic_ms() - began_ms;
	free(name);
	cloud_free(cloud);
	return rc;
}

int
op_snapshot_list(const struct settings *settings, const struct op_snapshot_request *request,
	struct op_snapshot_report *report)
{
	struct cloud *cloud;
	int rc = -1;

	(void)request;
	*report = (struct op_snapshot_report){ .made = false };
	cloud = open_cloud(settings, report);
	if (cloud != NULL)
		rc = load_snapshots(cloud, settings->source.name, report);
	cloud_free(cloud);
	return rc;
}

/* The verdicts. The list is newest first. */
static void
judge_snapshots(struct op_snapshot_report *report, unsigned keep)
{
	size_t ours = 0;

	for (size_t i = 0; i < report->count; i++) {
		struct op_snapshot *snapshot = &report->snapshots[i];

		if (!snapshot->ours) {
			snapshot->reason = "not made by this program for this source";
			continue;
		}
		snapshot->keep = ours == 0 || ours < keep;
		snapshot->reason = ours == 0        ? "the newest"
				   : snapshot->keep ? "one of the newest"
						    : "older than those to keep";
		ours++;
	}
}

int
op_snapshot_prune(const struct settings *settings, const struct op_snapshot_request *request,
	struct op_snapshot_report *report)
{
	struct cloud *cloud;
	int rc = -1;

	*report = (struct op_snapshot_report){ .made = false };
	cloud = open_cloud(settings, report);
	if (cloud != NULL)
		rc = load_snapshots(cloud, settings->source.name, report);
	judge_snapshots(report, settings->droplet.keep);
	for (size_t i = 0; rc == 0 && !request->dry_run && i < report->count; i++) {
		struct op_snapshot *snapshot = &report->snapshots[i];

		if (snapshot->keep)
			continue;
		rc = cloud_delete_snapshot(cloud, &snapshot->snapshot);
		snapshot->deleted = rc == 0;
	}
	cloud_free(cloud);
	return rc;
}

void
op_snapshot_report_clear(struct op_snapshot_report *report)
{
	for (size_t i = 0; i < report->count; i++)
		cloud_snapshot_clear(&report->snapshots[i].snapshot);
	free(report->snapshots);
	cloud_droplet_clear(&report->droplet);
	*report = (struct op_snapshot_report){ .made = false };
}
