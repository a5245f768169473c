/*
 * Packs and unpacks the record of a files section. The rows stay text: a reader takes one at a time.
 */
#include "config.h"

#include "op_files_record.h"

#include <stdlib.h>
#include <string.h>

#include "incant/error.h"
#include "incant/json.h"
#include "incant/mem.h"

#include "op_seal.h"

#define RECORD_LEVEL       6
#define RECORD_LIMIT_PLAIN ((size_t)1 << 31)

void
op_files_record_init(struct op_files_record *record)
{
	*record = (struct op_files_record){ .name = NULL };
	frame_index_init(&record->index);
}

void
op_files_record_clear(struct op_files_record *record)
{
	free(record->name);
	free(record->path);
	frame_index_clear(&record->index);
	buf_clear(&record->text);
	op_files_record_init(record);
}

char *
op_files_tar_name(const char *section, enum frame_codec codec)
{
	return mem_format(MANIFEST_FILES_PREFIX "%s.tar%s", section, frame_codec_suffix(codec));
}

char *
op_files_record_name(const char *section, enum frame_codec codec)
{
	return mem_format(MANIFEST_FILES_PREFIX "%s.json%s", section, frame_codec_suffix(codec));
}

int
op_files_record_pack(const struct manifest_files *about, const char *path, const struct files_list *list,
	const struct frame_index *index, struct buf *buf)
{
	struct json *head = json_new_object();
	struct buf text = BUF_EMPTY;
	char digest[DIGEST_XXH128_HEX];
	int rc;

	json_put_u64(head, "format", MANIFEST_FORMAT);
	json_put_text(head, "name", about->name);
	json_put_bytes(head, "path", path);
	json_put_u64(head, "entries", list->entries);
	json_put_u64(head, "notes", list->notes);
	json_put_text(head, "plain_xxh128", digest128_format(digest, about->plain_xxh128));
	json_put(head, "archive", frame_index_to_json(index));
	json_write(head, 0, &text);
	json_free(head);
	buf_append_char(&text, '\n');
	buf_append(&text, buf_text(&list->rows), list->rows.len);
	buf_append(&text, buf_text(&list->note_rows), list->note_rows.len);
	rc = frame_pack(index->codec, RECORD_LEVEL, text.bytes, text.len, buf);
	buf_clear(&text);
	return rc;
}

/* The line about the tar. */
static int
record_read_head(const struct json *head, const char *what, struct op_files_record *record, uint64_t *entries,
	uint64_t *notes)
{
	const struct json *archive = NULL;
	const char *name = NULL;
	uint64_t format = 0;

	if (json_take_u64(head, "format", what, &format) != 0)
		return -1;
	if (format > MANIFEST_FORMAT)
		return error_set(ERR_DAMAGED, "%s has format %llu, this program reads up to %d", what,
			(unsigned long long)format, MANIFEST_FORMAT);
	if (json_take_text(head, "name", what, &name) != 0 ||
		json_take_bytes(head, "path", what, &record->path) != 0 ||
		json_take_u64(head, "entries", what, entries) != 0 ||
		json_take_u64(head, "notes", what, notes) != 0 ||
		json_take_object(head, "archive", what, &archive) != 0)
		return -1;
	record->name = mem_text(name);
	return frame_index_from_json(archive, what, &record->index);
}

/* The length of the next `count` lines from `at` on. 0 with *len, or -1 when there are fewer. */
static int
lines_len(const struct buf *text, size_t at, uint64_t count, size_t *len)
{
	size_t end = at;

	for (uint64_t i = 0; i < count; i++) {
		const char *newline =
			end < text->len ? memchr(text->bytes + end, '\n', text->len - end) : NULL;
		if (newline == NULL)
			return -1;
		end = (size_t)(newline - text->bytes) + 1;
	}
	*len = end - at;
	return 0;
}

static int
record_read(const char *what, struct op_files_record *record)
{
	const struct buf *text = &record->text;
	struct json *head = NULL;
	uint64_t entries = 0, notes = 0;
	int rc = -1;

	if (lines_len(text, 0, 1, &record->rows_at) != 0)
		return error_set(ERR_DAMAGED, "%s has no first line", what);
	head = json_parse(text->bytes, record->rows_at, what);
	if (head != NULL)
		rc = record_read_head(head, what, record, &entries, &notes);
	json_free(head);
	if (rc != 0)
		return -1;
	if (lines_len(text, record->rows_at, entries, &record->rows_len) == 0) {
		record->notes_at = record->rows_at + record->rows_len;
		if (lines_len(text, record->notes_at, notes, &record->notes_len) == 0 &&
			record->notes_at + record->notes_len == text->len)
			return 0;
	}
	return error_set(ERR_DAMAGED, "%s does not have the lines that its first one promises", what);
}

int
op_files_record_unpack(
	const void *bytes, size_t len, const char *object, const char *what, struct op_files_record *record)
{
	enum frame_codec codec = op_seal_codec(object);

	if (frame_unpack(codec, bytes, len, RECORD_LIMIT_PLAIN, what, &record->text) == 0 &&
		record_read(what, record) == 0)
		return 0;
	op_files_record_clear(record);
	return -1;
}

struct files_cursor
op_files_record_rows(const struct op_files_record *record)
{
	return (struct files_cursor){ .text = buf_text(&record->text) + record->rows_at,
		.len = record->rows_len };
}

struct files_cursor
op_files_record_notes(const struct op_files_record *record)
{
	return (struct files_cursor){ .text = buf_text(&record->text) + record->notes_at,
		.len = record->notes_len };
}
