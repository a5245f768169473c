/*
 * Finds one backup by what a person typed, and says what there is where that fits none.
 */
#include "config.h"

#include "incant/catalog.h"

#include <stdlib.h>
#include <string.h>

#include "incant/buf.h"
#include "incant/clock.h"
#include "incant/text.h"

#define NAMED_AT_MOST 5 /* backups in one message */

/* Appends an entry's id, with its source where the catalog has several. */
static void
append_id(const struct catalog *catalog, const struct catalog_entry *entry, struct buf *text)
{
	for (size_t i = 0; i < catalog->count; i++) {
		if (strcmp(catalog->entries[i].source, entry->source) != 0) {
			buf_append_format(text, "%s/", entry->source);
			break;
		}
	}
	buf_append_text(text, entry->id);
}

/* Sets ERR_NOT_FOUND with that text, which is cleared. Returns NULL. */
static const struct catalog_entry *
fail(struct buf *text)
{
	error_set(ERR_NOT_FOUND, "%s", buf_text(text));
	error_hint("See what there is: incant-backup list");
	buf_clear(text);
	return NULL;
}

static const struct catalog_entry *
newest_whole(const struct catalog *catalog, int64_t at)
{
	for (size_t i = 0; i < catalog->count; i++) {
		const struct catalog_entry *entry = &catalog->entries[i];
		if (!entry->damaged && entry->manifest.created <= at)
			return entry;
	}
	return NULL;
}

static const struct catalog_entry *
oldest_whole(const struct catalog *catalog)
{
	for (size_t i = catalog->count; i > 0; i--)
		if (!catalog->entries[i - 1].damaged)
			return &catalog->entries[i - 1];
	return NULL;
}

static const struct catalog_entry *
find_newest(const struct catalog *catalog, int64_t at)
{
	const struct catalog_entry *found = newest_whole(catalog, at);
	if (found != NULL)
		return found;

	struct buf text = BUF_EMPTY;
	const struct catalog_entry *oldest = oldest_whole(catalog);
	if (catalog->count == 0) {
		buf_append_text(&text, "there is no backup yet");
	} else if (oldest == NULL) {
		buf_append_text(&text, "there is no backup that can be used: ");
		buf_append_text(&text, catalog->entries[0].error.message);
	} else {
		char wanted[CLOCK_RFC3339_SIZE], created[CLOCK_RFC3339_SIZE];
		buf_append_format(&text, "there is no backup from %s or before; the oldest is ",
			clock_format_utc(wanted, at));
		append_id(catalog, oldest, &text);
		buf_append_format(&text, " from %s", clock_format_utc(created, oldest->manifest.created));
	}
	return fail(&text);
}

static const struct catalog_entry *
fail_unknown(const struct catalog *catalog, const char *which)
{
	struct buf text = BUF_EMPTY;

	buf_append_format(&text, "there is no backup '%s'", which);
	if (catalog->count > 0) {
		buf_append_text(&text, "; the newest is ");
		append_id(catalog, &catalog->entries[0], &text);
	}
	if (catalog->count > 1) {
		buf_append_text(&text, ", the oldest is ");
		append_id(catalog, &catalog->entries[catalog->count - 1], &text);
	}
	return fail(&text);
}

/* How an entry fits what was typed. */
enum fit { FIT_NOT, FIT_PREFIX, FIT_EXACT };

static enum fit
entry_fits(const struct catalog_entry *entry, const char *which)
{
	if (which[0] == '\0' || !text_starts(entry->id, which))
		return FIT_NOT;
	return entry->id[strlen(which)] == '\0' ? FIT_EXACT : FIT_PREFIX;
}

static const struct catalog_entry *
fail_ambiguous(const struct catalog *catalog, const char *which, enum fit fit, size_t count)
{
	struct buf text = BUF_EMPTY;
	size_t named = 0;

	buf_append_format(&text, "'%s' fits %zu backups: ", which, count);
	for (size_t i = 0; i < catalog->count && named < NAMED_AT_MOST; i++) {
		if (entry_fits(&catalog->entries[i], which) != fit)
			continue;
		if (named++ > 0)
			buf_append_text(&text, ", ");
		append_id(catalog, &catalog->entries[i], &text);
	}
	if (count > named)
		buf_append_format(&text, " and %zu more", count - named);
	return fail(&text);
}

static const struct catalog_entry *
find_id(const struct catalog *catalog, const char *which)
{
	const struct catalog_entry *found = NULL;
	enum fit best = FIT_NOT;
	size_t count = 0;

	for (size_t i = 0; i < catalog->count; i++) {
		enum fit fit = entry_fits(&catalog->entries[i], which);
		if (fit > best) {
			best = fit;
			count = 0;
			found = &catalog->entries[i];
		}
		if (fit == best)
			count++;
	}
	if (best == FIT_NOT)
		return fail_unknown(catalog, which);
	return count == 1 ? found : fail_ambiguous(catalog, which, best, count);
}

const struct catalog_entry *
catalog_find(const struct catalog *catalog, const char *which, int64_t at)
{
	if (which == NULL)
		return find_newest(catalog, at);
	if (strcmp(which, "latest") == 0)
		return find_newest(catalog, CATALOG_ANY_TIME);
	return find_id(catalog, which);
}

/* A backup's name, as catalogs are sorted by it. */
struct find_key {
	const char *source, *id;
};

static int
compare_key(const void *key, const void *element)
{
	const struct find_key *wanted = key;
	const struct catalog_entry *entry = element;
	int order = catalog_compare_ids(entry->id, wanted->id);

	return order != 0 ? order : strcmp(wanted->source, entry->source);
}

const struct catalog_entry *
catalog_find_whole(const struct catalog *catalog, const char *source, const char *id)
{
	const struct find_key key = { .source = source, .id = id };
	const struct catalog_entry *entry = NULL;

	if (catalog->count > 0)
		entry = bsearch(
			&key, catalog->entries, catalog->count, sizeof(*catalog->entries), compare_key);
	return entry != NULL && !entry->damaged ? entry : NULL;
}
