/*
 * cat --files: the tar byte for byte; or the data of one file, for which only the frames are read that hold
 * it.
 */
#include "config.h"

#include "op_cat_files.h"

#include <stdlib.h>
#include <string.h>

#include "incant/error.h"
#include "incant/mem.h"
#include "incant/stage.h"
#include "incant/text.h"

#include "op_files_opened.h"

/* A file's row; for a hard link that of the file that it is. */
static int
find_file(const struct op_files_opened *files, const char *path, struct files_entry *entry)
{
	if (op_files_opened_row(files, path, entry) != 0)
		return -1;
	if (entry->type == FILES_HARDLINK) {
		char *first = mem_text(entry->link);
		files_entry_clear(entry);
		int rc = op_files_opened_row(files, first, entry);
		free(first);
		if (rc != 0)
			return -1;
	}
	if (entry->type == FILES_FILE)
		return 0;
	error_set(ERR_NOT_FOUND, "'%s' is no file, it is a %s", path, files_type_name(entry->type));
	files_entry_clear(entry);
	return -1;
}

static int
write_file(struct op_files_opened *files, const char *path, struct stage *out)
{
	struct op_files_feed feed;
	struct files_entry row = { .path = NULL }, entry = { .path = NULL };
	struct files_unpack *unpack = NULL;
	int rc = -1;

	if (op_files_opened_need_record(files) != 0 || find_file(files, path, &row) != 0)
		return -1;
	op_files_feed_begin(&feed, files, row.plain_off, row.plain_bytes);
	unpack = files_unpack_new(&feed.feed, files->input->name);
	if (unpack != NULL) {
		int got = files_unpack_next(unpack, &entry);
		if (got == FILES_GOT && strcmp(entry.path, row.path) == 0)
			rc = files_unpack_data(unpack, out);
		else if (got >= 0)
			error_set(ERR_DAMAGED, "%s does not have '%s' where its record says",
				files->input->name, row.path);
	}
	files_unpack_free(unpack);
	op_files_feed_clear(&feed);
	files_entry_clear(&entry);
	files_entry_clear(&row);
	return rc;
}

int
op_cat_files(
	const struct settings *settings, const struct op_cat_request *request, struct op_cat_report *report)
{
	struct op_files_opened files;
	struct stage *out = stage_fd_new(request->fd, ERR_INTERNAL, "standard output");
	int rc = op_files_opened_open(&files, settings, &request->which, request->files);

	if (rc == 0)
		rc = op_files_opened_tar(&files);
	if (rc == 0 && request->file != NULL)
		rc = write_file(&files, request->file, out);
	else if (rc == 0)
		rc = frame_read(files.input, &files.record.index, 0, files.record.index.plain_bytes, out);
	if (rc == 0)
		rc = stage_finish(out);
	report->plain_bytes = out->in_bytes;
	report->read_bytes = op_files_opened_read_bytes(&files);
	stage_free(out);
	op_files_opened_clear(&files);
	return rc;
}
