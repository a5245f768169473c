/*
 * Both catalogs are merged into one, rotation's rules are asked about that, and what they keep and the target
 * lacks is awaited. What is not would be removed again at once if it came.
 */
#include "config.h"

#include "op_awaited.h"

#include <stdlib.h>
#include <string.h>

#include "incant/clock.h"
#include "incant/log.h"
#include "incant/mem.h"
#include "incant/text.h"

#include "op_rotate.h"

/* The next whole backup of a catalog; NULL at its end. */
static const struct catalog_entry *
next_whole(const struct catalog *catalog, size_t *at)
{
	while (*at < catalog->count && catalog->entries[*at].damaged)
		++*at;
	return *at < catalog->count ? &catalog->entries[*at] : NULL;
}

/* Every whole backup of either, once, newest first. Returns how many; the caller frees them. */
static size_t
merge(const struct catalog *from, const struct catalog *to, const struct catalog_entry ***entries)
{
	size_t from_at = 0, to_at = 0, count = 0;

	*entries = mem_alloc((from->count + to->count + 1) * sizeof(const struct catalog_entry *));
	for (;;) {
		const struct catalog_entry *a = next_whole(from, &from_at), *b = next_whole(to, &to_at);
		int order = a == NULL ? -1 : b == NULL ? 1 : catalog_compare_ids(a->id, b->id);

		if (a == NULL && b == NULL)
			return count;
		(*entries)[count++] = order >= 0 ? a : b;
		from_at += order >= 0;
		to_at += order <= 0;
	}
}

/* Whether a catalog has that id, be it damaged: then it is in the way. */
static bool
has_id(const struct catalog *catalog, const char *id)
{
	for (size_t i = 0; i < catalog->count; i++)
		if (strcmp(catalog->entries[i].id, id) == 0)
			return true;
	return false;
}

static bool
is_awaited(const void *context, const char *name)
{
	const struct op_awaited *awaited = context;
	bool is = false;

	for (size_t i = 0; i < awaited->count && !is; i++) {
		char *prefix = catalog_object_name(awaited->entries[i]->source, awaited->entries[i]->id, "");

		is = text_starts(name, prefix);
		free(prefix);
	}
	return is;
}

/* What the rules say of all of them. */
static int
decide(const struct op_shelf *shelf, const struct catalog_entry *const *entries, size_t count,
	const struct retention_policy *keep, struct retention_verdict *verdicts)
{
	struct retention_backup *backups = mem_alloc((count + 1) * sizeof(*backups));
	char refusal[RETENTION_REASON_SIZE];
	int64_t now = clock_now();

	/* Which clock is wrong is for rotation to find. */
	if (count > 0 && entries[0]->manifest.created > now)
		now = entries[0]->manifest.created;
	for (size_t i = 0; i < count; i++)
		backups[i] = op_rotate_describe(shelf, entries[i], now);
	int rc = retention_decide(backups, count, keep, now, verdicts, refusal);
	if (rc != 0)
		log_verbose("no earlier copies are awaited: %s", refusal);
	free(backups);
	return rc;
}

int
op_awaited_find(const struct op_shelf *shelf, const struct op_place *from, const struct op_place *to,
	const struct retention_policy *keep, struct op_awaited *awaited)
{
	const struct catalog_entry **entries = NULL;
	size_t count = merge(&from->catalog, &to->catalog, &entries);
	struct retention_verdict *verdicts = mem_alloc((count + 1) * sizeof(*verdicts));
	int rc = decide(shelf, entries, count, keep, verdicts);

	*awaited = (struct op_awaited){ .entries = entries, .objects = { is_awaited, awaited } };
	for (size_t i = 0; i < count && rc == 0; i++)
		if (verdicts[i].keep && !has_id(&to->catalog, entries[i]->id))
			entries[awaited->count++] = entries[i];
	free(verdicts);
	return rc;
}

void
op_awaited_clear(struct op_awaited *awaited)
{
	free(awaited->entries);
	*awaited = (struct op_awaited){ .entries = NULL };
}
