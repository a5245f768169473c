/*
 * Snapshots as they are listed, and their end. Ids go into paths, so nothing but digits is let through; and
 * of a listing's next page only that there is one is believed, so that no answer can send the token
 * elsewhere.
 */
#include "config.h"

#include "cloud_digitalocean_inside.h"

#include <stdlib.h>
#include <string.h>

#include "incant/clock.h"
#include "incant/error.h"
#include "incant/mem.h"
#include "incant/text.h"

enum {
	PAGE = 200,      /* the most that DigitalOcean gives at once */
	PAGES_MAX = 1000 /* a server that always has a next page must not keep us */
};

void
cloud_snapshot_clear(struct cloud_snapshot *snapshot)
{
	free(snapshot->id);
	free(snapshot->name);
	free(snapshot->regions);
	*snapshot = (struct cloud_snapshot){ .id = NULL };
}

void
cloud_snapshots_clear(struct cloud_snapshots *snapshots)
{
	for (size_t i = 0; i < snapshots->count; i++)
		cloud_snapshot_clear(&snapshots->items[i]);
	free(snapshots->items);
	*snapshots = (struct cloud_snapshots){ .items = NULL };
}

static char *
join_regions(const struct json *regions)
{
	struct buf text = BUF_EMPTY;

	for (size_t i = 0; i < json_count(regions); i++) {
		const char *region = json_text(json_at(regions, i));
		if (region != NULL)
			buf_append_format(&text, "%s%s", text.len > 0 ? ", " : "", region);
	}
	return buf_take(&text);
}

/* An id is a number in one of DigitalOcean's listings and a text in the other. NULL when it is neither; the
 * caller frees it. It goes into paths, so nothing but digits is let through. */
static char *
take_id(const struct json *from, const char *key)
{
	const char *text = json_get_text(from, key);
	int64_t number = json_get_int(from, key, -1);
	uint64_t ignored;

	if (text != NULL && strspn(text, "0123456789") == strlen(text) && text_parse_u64(text, &ignored) == 0)
		return mem_text(text);
	return number >= 0 ? mem_format("%lld", (long long)number) : NULL;
}

/* Reads one. False when it is not a droplet's snapshot, or tells too little to be one. */
static bool
read_snapshot(const struct json *from, struct cloud_snapshot *snapshot)
{
	char *droplet = take_id(from, "resource_id");
	const char *created = json_get_text(from, "created_at");
	bool good;

	*snapshot = (struct cloud_snapshot){ .id = take_id(from, "id") };
	snapshot->name = mem_text(json_get_text(from, "name"));
	snapshot->gigabytes = json_get_real(from, "size_gigabytes", 0);
	snapshot->regions = join_regions(json_get(from, "regions"));
	good = text_equal(json_get_text(from, "resource_type"), "droplet") && snapshot->id != NULL &&
	       snapshot->name != NULL && droplet != NULL &&
	       text_parse_u64(droplet, &snapshot->droplet) == 0 && created != NULL &&
	       clock_parse_rfc3339(created, &snapshot->created) == 0;
	free(droplet);
	if (!good)
		cloud_snapshot_clear(snapshot);
	return good;
}

/* One page's snapshots of the droplet. */
static void
add_page(const struct json *page, uint64_t droplet, struct cloud_snapshots *snapshots)
{
	for (size_t i = 0; i < json_count(page); i++) {
		struct cloud_snapshot snapshot;

		if (!read_snapshot(json_at(page, i), &snapshot))
			continue;
		if (snapshot.droplet != droplet) {
			cloud_snapshot_clear(&snapshot);
			continue;
		}
		MEM_GROW(snapshots->items, snapshots->count, snapshots->capacity);
		snapshots->items[snapshots->count++] = snapshot;
	}
}

static int
compare_newest_first(const void *left, const void *right)
{
	const struct cloud_snapshot *a = left;
	const struct cloud_snapshot *b = right;

	if (a->created != b->created)
		return a->created > b->created ? -1 : 1;
	return strcmp(b->name, a->name);
}

/* The listing of the whole account, because it alone says whose each snapshot is. */
int
cloud_list_snapshots(struct cloud *cloud, uint64_t droplet, struct cloud_snapshots *snapshots)
{
	bool more = true;
	int rc = 0;

	*snapshots = (struct cloud_snapshots){ .items = NULL };
	for (unsigned number = 1; rc == 0 && more && number <= PAGES_MAX; number++) {
		char *path =
			mem_format("/v2/snapshots?resource_type=droplet&per_page=%d&page=%u", PAGE, number);
		const struct cloud_call call = {
			.method = "GET", .path = path, .what = "list the snapshots", .of = "list of snapshots"
		};
		struct json *answer = NULL;

		rc = cloud_send(cloud, &call, &answer);
		if (rc == 0 && json_get(answer, "snapshots") == NULL)
			rc = error_set(
				ERR_CLOUD, "cannot list the snapshots: DigitalOcean's answer has none");
		add_page(json_get(answer, "snapshots"), droplet, snapshots);
		more = json_has(json_get(json_get(answer, "links"), "pages"), "next");
		json_free(answer);
		free(path);
	}
	if (snapshots->count > 1)
		qsort(snapshots->items, snapshots->count, sizeof(*snapshots->items), compare_newest_first);
	return rc;
}

/* Asks what stands under the id now. 0 = the same snapshot, CLOUD_MISSING, or -1. */
static int
check_identity(struct cloud *cloud, const char *path, const struct cloud_snapshot *snapshot)
{
	const struct cloud_call call = { .method = "GET", .path = path, .what = "look at the snapshot" };
	struct json *answer = NULL;
	struct cloud_snapshot now;
	int rc = cloud_send(cloud, &call, &answer);

	if (rc == 0) {
		bool same = read_snapshot(json_get(answer, "snapshot"), &now) &&
			    strcmp(now.id, snapshot->id) == 0 && strcmp(now.name, snapshot->name) == 0 &&
			    now.droplet == snapshot->droplet;
		if (!same)
			rc = error_set(ERR_CLOUD,
				"what DigitalOcean has as snapshot %s is not '%s' of droplet %llu any more; "
				"it is "
				"left alone",
				snapshot->id, snapshot->name, (unsigned long long)snapshot->droplet);
		cloud_snapshot_clear(&now);
	}
	json_free(answer);
	return rc;
}

int
cloud_delete_snapshot(struct cloud *cloud, const struct cloud_snapshot *snapshot)
{
	char *path = mem_format("/v2/snapshots/%s", snapshot->id);
	const struct cloud_call call = { .method = "DELETE", .path = path, .what = "delete a snapshot" };
	struct json *answer = NULL;
	int rc = check_identity(cloud, path, snapshot);

	if (rc == 0)
		rc = cloud_send(cloud, &call, &answer);
	json_free(answer);
	free(path);
	return rc == CLOUD_MISSING ? 0 : rc;
}
