/*
 * The files' half of verify.
 *
 *     object ▶ digest(stored) ▶ (age⁻¹) ▶ unframe ▶ digest(plain) ▶ untar ▶ digest of each file
 *
 * The untarring asks for bytes, frame by frame. A damaged frame ends it, and names the files that lie in it;
 * the frames behind it are still looked at.
 */
#include "config.h"

#include "op_verify_inside.h"

#include <stdlib.h>
#include <string.h>

#include "incant/error.h"
#include "incant/files.h"
#include "incant/interrupt.h"
#include "incant/mem.h"
#include "incant/stage.h"
#include "incant/text.h"

#include "op_files_record.h"
#include "op_hashed.h"

enum { DIFFERENCES_MAX = 10, NAMES_MAX = 3 };

struct verify_files {
	struct op_verify *verify;
	const struct manifest_files *about;
	const struct manifest_object *object; /* the tar */
	struct op_files_record record;
	bool has_record;
	struct input *input;
	size_t frame; /* the next */
	bool sound;   /* all frames so far */
	struct buf piece;
	struct stage *head; /* progress ▶ digest(plain) ▶ piece */
	struct digest128 plain;
	unsigned differences;
};

/* The names of the files that lie in a stretch of the tar, for a finding. */
static void
name_files(const struct verify_files *files, const struct frame_entry *frame, struct buf *names)
{
	struct files_cursor rows = op_files_record_rows(&files->record);
	struct files_entry row;
	unsigned count = 0;

	while (files->has_record && files_list_next(&rows, "record", &row) == FILES_GOT) {
		if (row.plain_off < frame->plain_off + frame->plain_bytes &&
			frame->plain_off < row.plain_off + row.plain_bytes && count++ < NAMES_MAX) {
			char *path = text_printable(row.path, strlen(row.path));
			buf_append_format(names, "%s%s", count == 1 ? "; in it lies " : ", ", path);
			free(path);
		}
		files_entry_clear(&row);
	}
	if (count > NAMES_MAX)
		buf_append_format(names, " and %u more", count - NAMES_MAX);
	error_clear();
}

/* The next frame into the piece. 0 (an empty piece: there are no more), 1 when it is not sound, -1. */
static int
next_frame(struct verify_files *files)
{
	const struct frame_index *index = &files->record.index;
	char problem[512];
	int rc;

	buf_reset(&files->piece);
	if (interrupt_check() != 0)
		return -1;
	if (files->frame >= index->count)
		return 0;
	const struct frame_entry *entry = &index->entries[files->frame++];
	if (entry->framed_off + entry->framed_bytes > files->input->size_bytes) {
		files->frame = index->count; /* cut short: found by its size already */
		return 1;
	}
	rc = frame_examine(files->input, index, files->frame - 1, files->head, problem, sizeof(problem));
	if (rc < 0 && error_get()->class != ERR_DAMAGED)
		return -1;
	if (rc != 0) {
		struct buf names = BUF_EMPTY;
		name_files(files, entry, &names);
		op_verify_find(files->verify->result, files->object->name,
			op_verify_stored_off(files->object, files->input, entry->framed_off), "%s%s",
			rc == FRAME_BAD ? problem : error_get()->message, buf_text(&names));
		buf_clear(&names);
		error_clear();
	}
	return rc != 0 ? 1 : 0;
}

/* What the untarring is fed with. Damage ends it without an error of its own. */
static int
feed(void *context, const void **bytes, size_t *len)
{
	struct verify_files *files = context;
	int rc = next_frame(files);

	*bytes = files->piece.bytes;
	*len = files->piece.len;
	if (rc > 0) {
		files->sound = false;
		error_set(ERR_DAMAGED, "a frame is not sound");
	}
	return rc == 0 ? 0 : -1;
}

/* What is different between an entry and its row, in a word; NULL for nothing. */
static const char *
differs(const struct files_entry *found, const struct files_entry *row)
{
	if (found->type != row->type)
		return "type";
	if (found->mode != row->mode)
		return "mode";
	if (found->size != row->size)
		return "size";
	if (found->mtime != row->mtime)
		return "time";
	if (found->plain_off != row->plain_off)
		return "place";
	if (!text_equal(found->link, row->link))
		return "link";
	return digest128_equal(found->digest, row->digest) ? NULL : "digest";
}

static void
find_difference(struct verify_files *files, const char *path, const char *what)
{
	char *shown = text_printable(path, strlen(path));

	if (files->differences++ < DIFFERENCES_MAX)
		op_verify_find(files->verify->result, files->object->name, 0,
			"'%s' differs from the record: %s", shown, what);
	free(shown);
}

/* One entry with its data. 0 or -1. */
static int
read_entry(struct files_unpack *unpack, struct files_entry *entry)
{
	struct stage *hash;
	int rc;

	if (entry->type != FILES_FILE)
		return 0;
	hash = stage_xxh128_new(stage_null_new(), &entry->digest);
	rc = hash != NULL ? files_unpack_data(unpack, hash) : -1;
	if (rc == 0)
		rc = stage_finish(hash);
	stage_free(hash);
	return rc;
}

/* All entries against all rows. 0, or -1 when the tar could not be read to its end. */
static int
compare_entries(struct verify_files *files, struct files_unpack *unpack)
{
	struct files_cursor rows = op_files_record_rows(&files->record);
	struct files_entry entry = { .path = NULL }, row = { .path = NULL };
	int rc, has_row;

	for (rc = files_unpack_next(unpack, &entry); rc == FILES_GOT;
		rc = files_unpack_next(unpack, &entry)) {
		rc = read_entry(unpack, &entry);
		has_row = files->has_record ? files_list_next(&rows, files->object->name, &row) : FILES_END;
		if (rc == 0 && has_row == FILES_GOT && !text_equal(row.path, entry.path))
			find_difference(files, row.path, "another entry is in its place");
		else if (rc == 0 && has_row == FILES_GOT && differs(&entry, &row) != NULL)
			find_difference(files, row.path, differs(&entry, &row));
		else if (rc == 0 && has_row != FILES_GOT && files->has_record)
			find_difference(files, entry.path, "it is not in it");
		files_entry_clear(&entry);
		files_entry_clear(&row);
		if (rc != 0)
			return -1;
	}
	if (rc == FILES_END && files->has_record && files_list_next(&rows, "record", &row) == FILES_GOT) {
		find_difference(files, row.path, "it is not in the tar");
		files_entry_clear(&row);
	}
	return rc;
}

/* The tar from front to end; what the untarring has left is read for its digest. 0 or -1. */
static int
read_tar(struct verify_files *files)
{
	const struct files_feed from = { .next = feed, .context = files };
	struct files_unpack *unpack = files_unpack_new(&from, files->object->name);
	int rc = unpack != NULL ? compare_entries(files, unpack) : -1;

	files_unpack_free(unpack);
	if (rc != 0 && error_get()->class != ERR_DAMAGED)
		return -1;
	if (rc != 0 && files->sound)
		op_verify_find(files->verify->result, files->object->name, 0, "%s", error_get()->message);
	error_clear();
	do {
		rc = next_frame(files);
		files->sound = files->sound && rc == 0;
	} while (rc > 0 || (rc == 0 && files->piece.len > 0));
	return rc;
}

/* The whole, when every frame was sound. */
static int
compare_whole(struct verify_files *files)
{
	if (stage_finish(files->head) != 0)
		return -1;
	if (files->sound && !digest128_equal(files->plain, files->about->plain_xxh128))
		op_verify_find(files->verify->result, files->object->name, 0,
			"the tar in it does not have the digest that was recorded");
	return 0;
}

/* What lies behind the last frame, once all of the file is there. */
static int
read_tail(const struct verify_files *files)
{
	const struct manifest_object *object = files->object;
	char problem[512];
	uint64_t bad_off = 0;
	int rc;

	if (files->input->size_bytes != files->record.index.framed_bytes)
		return 0;
	rc = frame_examine_tail(files->input, &files->record.index, &bad_off, problem, sizeof(problem));
	if (rc == FRAME_BAD)
		op_verify_find(files->verify->result, object->name,
			op_verify_stored_off(object, files->input, bad_off), "%s", problem);
	return rc < 0 ? -1 : 0;
}

/* All that the framed bytes hold. Without a record a zstd archive has an index of its own. */
static int
read_framed(struct verify_files *files)
{
	int rc;

	if (!files->has_record && frame_index_recover(files->input, false, &files->record.index) != 0) {
		frame_index_clear(&files->record.index);
		error_clear();
	}
	files->sound = files->record.index.count > 0; /* gzip without a record cannot be taken apart */
	files->head = stage_xxh128_new(stage_buf_new(&files->piece), &files->plain);
	files->head = stage_progress_new(files->head);
	rc = files->head != NULL ? 0 : -1;
	if (rc == 0 && files->sound)
		rc = read_tar(files);
	if (rc == 0)
		rc = compare_whole(files);
	return rc == 0 ? read_tail(files) : -1;
}

/* Through a digest of the stored bytes, which is checked in any case. */
static int
read_object(struct verify_files *files, struct op_hashed *hashed)
{
	struct op_verified *result = files->verify->result;
	struct input *stored = op_hashed_input(hashed);
	size_t before = result->finding_count;
	char sha256[DIGEST_SHA256_HEX];
	int rc = op_verify_unseal(files->verify, files->object, stored, &files->input);

	if (rc == 0)
		rc = read_framed(files);
	input_free(files->input);
	if (rc >= 0)
		rc = op_hashed_finish(hashed, sha256);
	if (rc == 0 && strcmp(sha256, files->object->sha256) != 0 && before == result->finding_count &&
		stored->size_bytes == files->object->bytes)
		op_verify_find(result, files->object->name, 0, "SHA-256 is not the manifest's");
	return rc;
}

static int
verify_tar(struct verify_files *files)
{
	struct input *input = NULL;
	struct op_hashed *hashed = NULL;
	int rc = op_verify_open(files->verify, files->object, &input);

	if (rc != 0)
		return rc < 0 ? -1 : 0;
	hashed = op_hashed_new(input);
	rc = hashed != NULL ? read_object(files, hashed) : -1;
	files->verify->result->read_bytes += input->read_bytes;
	stage_free(files->head);
	op_hashed_free(hashed);
	input_free(input);
	return rc;
}

/* The record: kept when it is sound enough to be read. */
static int
verify_record(struct verify_files *files, const struct manifest_object *object)
{
	struct op_verified *result = files->verify->result;
	struct buf packed = BUF_EMPTY;
	int read = op_verify_read_small(files->verify, object, &packed), opened = 1;
	bool whole = packed.len == object->bytes;

	if (read == 0 || read == 2)
		opened = op_verify_unseal_small(files->verify, object, &packed);
	if (opened == 0)
		files->has_record = op_files_record_unpack(packed.bytes, packed.len, object->name,
					    object->name, &files->record) == 0;
	if (read == 2)
		op_verify_find(result, object->name, 0, "SHA-256 is not the manifest's%s%s",
			files->has_record || opened != 0 ? "" : ": ",
			files->has_record || opened != 0 ? "" : error_get()->message);
	else if (read == 0 && opened == 0 && !files->has_record && whole)
		op_verify_find(result, object->name, 0, "%s", error_get()->message);
	if (read >= 0 && opened >= 0)
		error_clear();
	buf_clear(&packed);
	return read < 0 || opened < 0 ? -1 : 0;
}

/* The object of a section, by the stem of its name; a manifest that does not name it is a finding. */
static const struct manifest_object *
find_object(const struct verify_files *files, const char *kind)
{
	char *stem = mem_format(MANIFEST_FILES_PREFIX "%s%s", files->about->name, kind);
	const struct manifest_object *object = manifest_find_stem(files->verify->manifest, stem);

	if (object == NULL)
		op_verify_find(files->verify->result, MANIFEST_NAME, 0, "names no %s", stem);
	free(stem);
	return object;
}

int
op_verify_files(struct op_verify *verify)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < verify->manifest->files_count; i++) {
		struct verify_files files = { .verify = verify, .about = &verify->manifest->files[i] };
		const struct manifest_object *record;

		if (files.about->missing != NULL)
			continue;
		op_files_record_init(&files.record);
		files.object = find_object(&files, ".tar");
		record = find_object(&files, ".json");
		if (record != NULL)
			rc = verify_record(&files, record);
		if (rc == 0 && files.object != NULL)
			rc = verify_tar(&files);
		op_files_record_clear(&files.record);
		buf_clear(&files.piece);
	}
	return rc;
}
