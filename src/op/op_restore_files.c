/*
 * restore --files: first every entry of the record is held against the folder, then the tar is unpacked into
 * it, entry by entry, each compared with its row. Of a part only the frames that hold it are read.
 */
#include "config.h"

#include "incant/op_restore_files.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "incant/clock.h"
#include "incant/error.h"
#include "incant/file.h"
#include "incant/mem.h"
#include "incant/progress.h"
#include "incant/text.h"

#include "op_files_opened.h"

struct restoring {
	const struct op_restore_files_request *request;
	struct op_restore_files_report *report;
	struct op_files_opened files;
	struct files_extract *extract; /* NULL: a dry run into a folder that is not there */
	bool *found;                   /* of each path that was asked for */
};

/* Whether `below` is `above` or lies beneath it. */
static bool
is_beneath(const char *below, const char *above)
{
	size_t len = strlen(above);

	while (len > 1 && above[len - 1] == '/')
		len--;
	return strncmp(below, above, len) == 0 && (below[len] == '\0' || below[len] == '/');
}

/* Whether a path is asked for: named, or beneath a named one. */
static bool
is_asked_for(const struct restoring *restoring, const char *path)
{
	const struct op_restore_files_request *request = restoring->request;

	for (size_t i = 0; i < request->path_count; i++)
		if (is_beneath(path, request->paths[i])) {
			restoring->found[i] = true;
			return true;
		}
	return request->path_count == 0;
}

/* So are the folders on the way to it, for their owners and modes. */
static bool
is_wanted(const struct restoring *restoring, const struct files_entry *row)
{
	const struct op_restore_files_request *request = restoring->request;

	if (is_asked_for(restoring, row->path))
		return true;
	for (size_t i = 0; i < request->path_count; i++)
		if (row->type == FILES_DIRECTORY && is_beneath(request->paths[i], row->path))
			return true;
	return false;
}

/* The next wanted row. As files_list_next(). */
static int
next_row(const struct restoring *restoring, struct files_cursor *rows, struct files_entry *row)
{
	int rc;

	for (rc = files_list_next(rows, "the record", row); rc == FILES_GOT;
		rc = files_list_next(rows, "the record", row)) {
		if (is_wanted(restoring, row))
			return rc;
		files_entry_clear(row);
	}
	return rc;
}

/* Looks at every place that will be written to, and adds up what there is. */
static int
look_ahead(struct restoring *restoring)
{
	struct op_restore_files_report *report = restoring->report;
	struct files_cursor rows = op_files_record_rows(&restoring->files.record);
	struct files_entry row;
	int rc;

	for (rc = next_row(restoring, &rows, &row); rc == FILES_GOT; rc = next_row(restoring, &rows, &row)) {
		bool free_place =
			restoring->extract == NULL || files_extract_check(restoring->extract, &row) == 0;

		report->entries++;
		report->files += row.type == FILES_FILE ? 1 : 0;
		report->bytes += row.size;
		files_entry_clear(&row);
		if (!free_place)
			return error_hint(
				"Nothing was written. Choose an empty folder, or move away what is there.");
	}
	for (size_t i = 0; rc == FILES_END && i < restoring->request->path_count; i++)
		if (!restoring->found[i]) /* named as op_files_opened_row() does */
			return op_files_opened_row(&restoring->files, restoring->request->paths[i], &row);
	return rc == FILES_END ? 0 : -1;
}

/* Refuses what cannot end. A tar is as large as its data, holes left out. */
static int
check_space(const struct restoring *restoring)
{
	char needed[16], there[16];
	uint64_t bytes = restoring->report->bytes, free_bytes;

	if (bytes > restoring->files.record.index.plain_bytes)
		bytes = restoring->files.record.index.plain_bytes;
	if (file_free_bytes(restoring->request->into, &free_bytes) != 0)
		return errno == ENOENT ? 0
				       : error_set_errno(ERR_RESTORE, errno, "cannot look at '%s'",
						 restoring->request->into);
	if (free_bytes >= bytes)
		return 0;
	return error_set(ERR_RESTORE, "'%s' has %s free, %s are needed", restoring->request->into,
		text_format_bytes(there, sizeof(there), free_bytes),
		text_format_bytes(needed, sizeof(needed), bytes));
}

/* One entry, as it came out of the tar; row may be NULL when there is no record. */
static int
put_entry(struct restoring *restoring, struct files_unpack *unpack, const struct files_entry *entry,
	const struct files_entry *row)
{
	struct digest128 digest = { 0, 0 };
	int rc;

	rc = files_extract_entry(restoring->extract, unpack, entry, &digest);
	if (rc == FILES_PASSED)
		restoring->report->passed++;
	if (rc == 0 && row != NULL && entry->type == FILES_FILE && !digest128_equal(digest, row->digest))
		return error_set(ERR_DAMAGED, "'%s' did not come back as it was recorded", row->path);
	if (rc == 0) {
		restoring->report->entries++;
		restoring->report->files += entry->type == FILES_FILE ? 1 : 0;
		restoring->report->bytes += entry->size;
	}
	return rc < 0 ? -1 : 0;
}

/* The whole tar, from front to end. */
static int
put_all(struct restoring *restoring, struct files_cursor *rows)
{
	struct op_files_opened *files = &restoring->files;
	struct files_entry entry, row = { .path = NULL };
	struct op_files_feed feed;
	struct files_unpack *unpack;
	int rc = -1;

	op_files_feed_begin(&feed, files, 0, files->record.index.plain_bytes);
	unpack = files_unpack_new(&feed.feed, files->input->name);
	while (unpack != NULL) {
		rc = files_unpack_next(unpack, &entry);
		if (rc != FILES_GOT)
			break;
		if (files->has_record)
			rc = files_list_next(rows, "the record", &row);
		if (rc == FILES_END)
			rc = error_set(ERR_DAMAGED, "%s has more than its record says", files->input->name);
		else if (rc == FILES_GOT && files->has_record && strcmp(row.path, entry.path) != 0)
			rc = error_set(ERR_DAMAGED, "%s does not have '%s' where its record says",
				files->input->name, row.path);
		if (rc == FILES_GOT)
			rc = put_entry(restoring, unpack, &entry, files->has_record ? &row : NULL);
		progress_advance(entry.size);
		files_entry_clear(&entry);
		files_entry_clear(&row);
		if (rc != 0)
			break;
	}
	files_unpack_free(unpack);
	op_files_feed_clear(&feed);
	return rc;
}

/* One entry out of the middle: what `source` says lies in the tar, under the name that `row` says. */
static int
put_one(struct restoring *restoring, const struct files_entry *source, const struct files_entry *row)
{
	struct files_entry entry = { .path = NULL };
	struct op_files_feed feed;
	struct files_unpack *unpack;
	int rc = -1;

	op_files_feed_begin(&feed, &restoring->files, source->plain_off, source->plain_bytes);
	unpack = files_unpack_new(&feed.feed, restoring->files.input->name);
	if (unpack != NULL)
		rc = files_unpack_next(unpack, &entry);
	if (rc == FILES_END || (rc == FILES_GOT && strcmp(entry.path, source->path) != 0))
		rc = error_set(ERR_DAMAGED, "%s does not have '%s' where its record says",
			restoring->files.input->name, source->path);
	if (rc == FILES_GOT) {
		free(entry.path);
		entry.path = mem_text(row->path);
		rc = put_entry(restoring, unpack, &entry, source);
	}
	files_entry_clear(&entry);
	files_unpack_free(unpack);
	op_files_feed_clear(&feed);
	return rc;
}

/* A row; a hard link to a file that was not asked for becomes a file of its own. */
static int
put_row(struct restoring *restoring, const struct files_entry *row)
{
	struct files_entry first = { .path = NULL };
	int rc;

	if (row->type != FILES_HARDLINK || is_asked_for(restoring, row->link))
		return put_one(restoring, row, row);
	rc = op_files_opened_row(&restoring->files, row->link, &first);
	if (rc == 0)
		rc = put_one(restoring, &first, row);
	files_entry_clear(&first);
	return rc;
}

static int
put_wanted(struct restoring *restoring, struct files_cursor *rows)
{
	struct files_entry row;
	int rc;

	for (rc = next_row(restoring, rows, &row); rc == FILES_GOT; rc = next_row(restoring, rows, &row)) {
		rc = put_row(restoring, &row);
		progress_advance(row.size);
		files_entry_clear(&row);
		if (rc != 0)
			return -1;
	}
	return rc == FILES_END ? 0 : -1;
}

static int
put(struct restoring *restoring)
{
	struct files_cursor rows = op_files_record_rows(&restoring->files.record);
	uint64_t expected_bytes = restoring->report->bytes;
	int rc = op_files_opened_tar(&restoring->files);

	restoring->report->entries = restoring->report->files = restoring->report->bytes = 0;
	if (rc != 0)
		return -1;
	progress_begin("files", expected_bytes);
	rc = restoring->request->path_count == 0 ? put_all(restoring, &rows) : put_wanted(restoring, &rows);
	if (rc == 0)
		rc = files_extract_finish(restoring->extract);
	progress_end();
	if (rc != 0)
		error_hint("%llu entries have been written to '%s', and are left there.",
			(unsigned long long)restoring->report->entries, restoring->request->into);
	return rc;
}

/* Plans, refuses, and unless it is a dry run does it. */
static int
restore_opened(struct restoring *restoring)
{
	const struct op_restore_files_request *request = restoring->request;

	if (!restoring->files.has_record && request->path_count > 0)
		return op_files_opened_need_record(&restoring->files);
	if (!request->dry_run || file_exists(request->into)) {
		restoring->extract = files_extract_new(request->into);
		if (restoring->extract == NULL)
			return -1;
	}
	if (restoring->files.has_record && look_ahead(restoring) != 0)
		return -1;
	if (!restoring->files.has_record && restoring->extract != NULL &&
		!files_extract_was_empty(restoring->extract))
		return error_set(ERR_RESTORE,
			"'%s' is not empty, and there is no record of what would go there", request->into);
	if (check_space(restoring) != 0)
		return -1;
	return request->dry_run ? 0 : put(restoring);
}

int
op_restore_files_run(const struct settings *settings, const struct op_restore_files_request *request,
	struct op_restore_files_report *report)
{
	struct restoring restoring = {
		.request = request, .report = report, .found = mem_zero(request->path_count + 1)
	};
	uint64_t began_ms = clock_monotonic_ms();
	int rc;

	*report = (struct op_restore_files_report){ .section = mem_text(request->section) };
	manifest_init(&report->backup.manifest);
	rc = op_files_opened_open(&restoring.files, settings, &request->which, request->section);
	if (restoring.files.opened.entry != NULL)
		op_shelf_describe(
			&restoring.files.opened.shelf, restoring.files.opened.entry, &report->backup);
	if (rc == 0)
		rc = restore_opened(&restoring);
	report->read_bytes = op_files_opened_read_bytes(&restoring.files);
	report->total_ms = clock_monotonic_ms() - began_ms;
	files_extract_free(restoring.extract);
	free(restoring.found);
	op_files_opened_clear(&restoring.files);
	return rc;
}

void
op_restore_files_report_clear(struct op_restore_files_report *report)
{
	op_backup_clear(&report->backup);
	free(report->section);
	*report = (struct op_restore_files_report){ .section = NULL };
}
