/*
 * Two records, compared. The texts of definitions that changed are read from the archives, by their extents:
 * the first ones of them, so that a cluster that became another one does not take for ever.
 */
#include "config.h"

#include "incant/op_diff.h"

#include <stdlib.h>
#include <string.h>

#include "incant/buf.h"
#include "incant/error.h"
#include "incant/mem.h"
#include "incant/scan_proof.h"

#include "op_diff_files.h"
#include "op_opened.h"
#include "op_scratch_inside.h"

enum { TEXTS_READ = 500 };

/* The backup before the newest one; NULL with ERR_NOT_FOUND. The caller frees it. */
static char *
newest_but_one(const struct settings *settings, const char *store)
{
	struct op_shelf shelf;
	const char *newest = NULL, *next = NULL;
	char *id = NULL;

	if (op_shelf_open(settings, store, settings->source.name, &shelf) == 0) {
		for (size_t i = 0; i < shelf.count; i++)
			for (size_t k = 0; k < shelf.places[i].catalog.count; k++) {
				const struct catalog_entry *entry = &shelf.places[i].catalog.entries[k];
				int order = newest != NULL ? catalog_compare_ids(entry->id, newest) : 1;

				if (entry->damaged || order == 0)
					continue;
				if (order > 0) {
					next = newest;
					newest = entry->id;
				} else if (next == NULL || catalog_compare_ids(entry->id, next) > 0) {
					next = entry->id;
				}
			}
		id = mem_text(next);
		if (id == NULL)
			error_set(ERR_NOT_FOUND, "there are no two backups to compare");
	}
	op_shelf_clear(&shelf);
	return id;
}

static int
open_one(struct op_opened *opened, const struct settings *settings, const struct op_which *which,
	struct op_backup *backup)
{
	if (op_opened_open(opened, settings, which) != 0)
		return -1;
	op_shelf_describe(&opened->shelf, opened->entry, backup);
	return op_opened_read_record(opened);
}

/* The text of a definition on one side; NULL where it is not there, or is too long. The caller frees it. */
static int
read_definition(struct op_opened *opened, const struct contents_statement *statement, char **text)
{
	struct buf buf = BUF_EMPTY;

	*text = NULL;
	if (statement == NULL || statement->at.bytes > SCAN_PROOF_KEEP)
		return 0;
	int rc = op_scratch_read_text(opened, statement->at, &buf);
	if (rc == 0)
		*text = buf_take(&buf);
	buf_clear(&buf);
	return rc;
}

static char *
side_of(const struct scan_difference *difference, bool after)
{
	struct buf text = BUF_EMPTY;

	scan_difference_write_side(difference, after, &text);
	return buf_take(&text);
}

/* How it was and is, with the texts of definitions. 0 or -1. */
static int
show_sides(struct op_opened *before, struct op_opened *after, const struct scan_difference *difference,
	bool with_texts, struct op_change *change)
{
	char *was = NULL, *is = NULL;
	int rc = 0;

	if (difference->what != SCAN_DIFF_STATEMENT || !with_texts) {
		change->before = side_of(difference, false);
		change->after = side_of(difference, true);
		return 0;
	}
	rc = read_definition(before, difference->statement.was, &was);
	if (rc == 0)
		rc = read_definition(after, difference->statement.is, &is);
	if (rc == 0)
		scan_proof_show(was, is, &change->before, &change->after);
	free(was);
	free(is);
	return rc;
}

static int
add_change(struct op_opened *before, struct op_opened *after, const struct scan_difference *difference,
	struct op_diff_report *report)
{
	struct buf name = BUF_EMPTY;

	MEM_GROW(report->changes, report->count, report->capacity);
	struct op_change *change = &report->changes[report->count];
	*change = (struct op_change){ .what = difference->what, .how = scan_difference_how(difference) };
	if (show_sides(before, after, difference, report->count < TEXTS_READ, change) != 0)
		return -1;
	report->count++;
	scan_difference_write_name(difference, &name);
	buf_append_text(&name, "");
	change->name = buf_take(&name);
	change->database = mem_text(scan_difference_database(difference));
	if (difference->what == SCAN_DIFF_TABLE) {
		change->rows_before = difference->table.was != NULL ? difference->table.was->rows : 0;
		change->rows_after = difference->table.is != NULL ? difference->table.is->rows : 0;
	}
	return 0;
}

static int
compare(struct op_opened *before, struct op_opened *after, struct op_diff_report *report)
{
	struct scan_diff diff;
	int rc = 0;

	scan_diff_init(&diff);
	scan_diff_compare(&diff, &before->contents, &after->contents);
	for (size_t i = 0; rc == 0 && i < diff.count; i++)
		rc = add_change(before, after, &diff.list[i], report);
	scan_diff_clear(&diff);
	return rc;
}

int
op_diff_run(
	const struct settings *settings, const struct op_diff_request *request, struct op_diff_report *report)
{
	struct op_which first = request->before;
	struct op_opened before, after;
	char *id = NULL;
	int rc = -1;

	*report = (struct op_diff_report){ .changes = NULL };
	manifest_init(&report->before.manifest);
	manifest_init(&report->after.manifest);
	if (first.which == NULL && !first.has_at) {
		id = newest_but_one(settings, first.store);
		if (id == NULL)
			return -1;
		first.which = id;
	}
	memset(&after, 0, sizeof(after));
	if (open_one(&before, settings, &first, &report->before) == 0 &&
		open_one(&after, settings, &request->after, &report->after) == 0)
		rc = compare(&before, &after, report);
	if (rc == 0)
		rc = op_diff_files(settings, first.store, request->after.store, report);
	report->read_bytes += op_opened_read_bytes(&before) + op_opened_read_bytes(&after);
	op_opened_clear(&before);
	op_opened_clear(&after);
	free(id);
	return rc;
}

void
op_diff_report_clear(struct op_diff_report *report)
{
	op_backup_clear(&report->before);
	op_backup_clear(&report->after);
	for (size_t i = 0; i < report->count; i++) {
		free(report->changes[i].database);
		free(report->changes[i].name);
		free(report->changes[i].before);
		free(report->changes[i].after);
	}
	for (size_t i = 0; i < report->files_count; i++) {
		free(report->files[i].section);
		free(report->files[i].path);
		free(report->files[i].before);
		free(report->files[i].after);
	}
	free(report->files);
	free(report->changes);
	*report = (struct op_diff_report){ .changes = NULL };
}
