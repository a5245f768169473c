/* Opens a files section of a backup, and feeds its tar to whoever unpacks it. */
#include "config.h"

#include "op_files_opened.h"

#include <stdlib.h>
#include <string.h>

#include "incant/error.h"
#include "incant/log.h"
#include "incant/mem.h"
#include "incant/stage.h"

#define RECORD_LIMIT_STORED ((size_t)1 << 30)

/* The section's entry in the manifest. NULL with ERR_NOT_FOUND. */
static const struct manifest_files *
find_section(const struct manifest *manifest, const char *section)
{
	const struct manifest_files *about = manifest_find_files(manifest, section);
	struct buf names = BUF_EMPTY;

	if (about != NULL && about->missing == NULL)
		return about;
	if (about != NULL) {
		error_set(ERR_NOT_FOUND, "backup %s does not have files '%s': %s", manifest->id, section,
			about->missing);
		return NULL;
	}
	for (size_t i = 0; i < manifest->files_count; i++)
		buf_append_format(&names, "%s%s", i > 0 ? ", " : "", manifest->files[i].name);
	error_set(ERR_NOT_FOUND, "backup %s has no files '%s'", manifest->id, section);
	if (names.len > 0)
		error_hint("It has: %s.", buf_text(&names));
	buf_clear(&names);
	return NULL;
}

/* The object of the section whose name ends with .tar or .json, and the codec's suffix. NULL with
 * ERR_DAMAGED. */
static const struct manifest_object *
find_object(const struct manifest *manifest, const char *section, const char *kind)
{
	char *stem = mem_format(MANIFEST_FILES_PREFIX "%s%s", section, kind);
	const struct manifest_object *object = manifest_find_stem(manifest, stem);

	if (object == NULL)
		error_set(ERR_DAMAGED, "the manifest of %s names no %s", manifest->id, stem);
	free(stem);
	return object;
}

static int
read_record(struct op_files_opened *files)
{
	const struct manifest_object *object =
		find_object(&files->opened.entry->manifest, files->about->name, ".json");
	struct input *input = NULL;
	const struct input *stored = NULL;
	struct buf packed = BUF_EMPTY;
	struct stage *to = stage_buf_new(&packed);
	int rc = -1;

	if (object != NULL && op_opened_object(&files->opened, object, &input, &stored) == 0) {
		if (input->size_bytes > RECORD_LIMIT_STORED)
			error_set(ERR_DAMAGED, "%s is too large with %llu bytes", input->name,
				(unsigned long long)input->size_bytes);
		else if (input_copy(input, 0, input->size_bytes, to) == 0)
			rc = op_files_record_unpack(
				packed.bytes, packed.len, object->name, input->name, &files->record);
		files->record_bytes += stored->read_bytes;
	}
	stage_free(to);
	input_free(input);
	buf_clear(&packed);
	return rc;
}

int
op_files_opened_tar(struct op_files_opened *files)
{
	const struct manifest_object *object =
		find_object(&files->opened.entry->manifest, files->about->name, ".tar");
	struct input *input = NULL;

	if (files->input != NULL)
		return 0;
	if (object == NULL || op_opened_object(&files->opened, object, &input, &files->opened.object) != 0)
		return -1;
	files->input = input_recent_new(input, FRAME_MAX_BYTES);
	return 0;
}

/* A zstd archive has an index of its own. */
static int
recover_index(struct op_files_opened *files)
{
	struct error lost;

	error_take(&lost);
	op_files_record_clear(&files->record);
	if (op_files_opened_tar(files) != 0 ||
		frame_index_recover(files->input, false, &files->record.index) != 0)
		return error_put(&lost);
	log_warning("%s; reading the tar by its own seek table", lost.message);
	return 0;
}

int
op_files_opened_open(struct op_files_opened *files, const struct settings *settings,
	const struct op_which *which, const char *section)
{
	*files = (struct op_files_opened){ .input = NULL };
	op_files_record_init(&files->record);
	if (op_opened_find(&files->opened, settings, which) != 0)
		return -1;
	files->about = find_section(&files->opened.entry->manifest, section);
	if (files->about == NULL)
		return -1;
	files->has_record = read_record(files) == 0;
	if (files->has_record)
		return 0;
	return error_get()->class == ERR_DAMAGED ? recover_index(files) : -1;
}

int
op_files_opened_need_record(const struct op_files_opened *files)
{
	if (files->has_record)
		return 0;
	return error_set(ERR_DAMAGED, "the record of files '%s' in backup %s is lost", files->about->name,
		files->opened.entry->id);
}

int
op_files_opened_row(const struct op_files_opened *files, const char *path, struct files_entry *entry)
{
	struct files_cursor rows = op_files_record_rows(&files->record);
	int rc;

	for (rc = files_list_next(&rows, "the record", entry); rc == FILES_GOT;
		rc = files_list_next(&rows, "the record", entry)) {
		if (strcmp(entry->path, path) == 0)
			return 0;
		files_entry_clear(entry);
	}
	if (rc < 0)
		return -1;
	error_set(ERR_NOT_FOUND, "files '%s' of backup %s have no '%s'", files->about->name,
		files->opened.entry->id, path);
	return error_hint("`incant-backup show %s --files %s` lists them.", files->opened.entry->id,
		files->about->name);
}

uint64_t
op_files_opened_read_bytes(const struct op_files_opened *files)
{
	return files->record_bytes + op_opened_read_bytes(&files->opened);
}

void
op_files_opened_clear(struct op_files_opened *files)
{
	input_free(files->input);
	op_files_record_clear(&files->record);
	op_opened_clear(&files->opened);
	files->input = NULL;
}

/* The bytes up to the end of the frame that holds the next one. */
static int
feed_next(void *context, const void **bytes, size_t *len)
{
	struct op_files_feed *feed = context;
	const struct frame_index *index = &feed->files->record.index;
	size_t frame = frame_index_find(index, feed->at);
	struct stage *to;
	uint64_t end;
	int rc;

	buf_reset(&feed->piece);
	*bytes = NULL;
	*len = 0;
	if (feed->at >= feed->end || frame >= index->count)
		return 0;
	end = index->entries[frame].plain_off + index->entries[frame].plain_bytes;
	if (end > feed->end)
		end = feed->end;
	to = stage_buf_new(&feed->piece);
	rc = frame_read(feed->files->input, index, feed->at, end - feed->at, to);
	stage_free(to);
	feed->at = end;
	*bytes = feed->piece.bytes;
	*len = feed->piece.len;
	return rc;
}

void
op_files_feed_begin(
	struct op_files_feed *feed, struct op_files_opened *files, uint64_t plain_off, uint64_t plain_bytes)
{
	*feed = (struct op_files_feed){
		.feed = { .next = feed_next, .context = feed },
		.files = files,
		.at = plain_off,
		.end = plain_off + plain_bytes,
	};
}

void
op_files_feed_clear(struct op_files_feed *feed)
{
	buf_clear(&feed->piece);
}
