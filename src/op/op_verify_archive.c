/*
 * The archive's half of verify.
 *
 *     object ▶ digest(stored) ▶ (age⁻¹) ▶ unframe ▶ digest(plain) ▶ scan ▶ null
 *
 * Frames are examined one by one, so that a damaged one is named by its place and the rest is still looked
 * at. The digests of the whole, and the contents, only mean something when every frame was sound.
 */
#include "config.h"

#include "op_verify_inside.h"

#include <string.h>

#include "incant/error.h"
#include "incant/interrupt.h"
#include "incant/scan.h"
#include "incant/stage.h"

#include "op_hashed.h"

/* What the frames hold, read once more: the chain behind them, given up at the first gap. */
struct verify_plain {
	struct stage *head;
	struct digest128 digest;
	struct contents contents;
};

static void
plain_begin(struct verify_plain *plain)
{
	const struct scan_options scan = { .contents = &plain->contents, .error_class = ERR_DAMAGED };

	contents_init(&plain->contents);
	plain->head = scan_new(stage_null_new(), &scan);
	plain->head = stage_xxh128_new(plain->head, &plain->digest);
	plain->head = stage_progress_new(plain->head);
}

/* From here on what comes is thrown away: there is a gap, or the scanner could not make sense of it. */
static void
plain_give_up(struct verify_plain *plain)
{
	stage_free(plain->head);
	plain->head = stage_progress_new(stage_null_new());
}

/*
 * All frames in order. 0 when each was sound and the scanner took it all, 1 when not, -1 when
 * the store failed.
 */
static int
archive_frames(struct op_verify *verify, const struct manifest_object *object, struct input *input,
	struct verify_plain *plain)
{
	bool sound = verify->index.count > 0; /* a gzip archive without a record cannot be taken apart */
	char problem[512];

	for (size_t i = 0; i < verify->index.count; i++) {
		const struct frame_entry *entry = &verify->index.entries[i];
		int rc;

		if (interrupt_check() != 0)
			return -1;
		if (entry->framed_off + entry->framed_bytes > input->size_bytes)
			return 1; /* cut short: found by its size already */
		rc = frame_examine(input, &verify->index, i, plain->head, problem, sizeof(problem));
		if (rc < 0 && error_get()->class != ERR_DAMAGED)
			return -1;
		if (rc == 0)
			continue;
		op_verify_find(verify->result, object->name,
			op_verify_stored_off(object, input, entry->framed_off), "%s",
			rc == FRAME_BAD ? problem : error_get()->message);
		error_clear();
		sound = false;
		plain_give_up(plain);
	}
	return sound ? 0 : 1;
}

/* The whole, after every frame was sound: the scanner's end, the dump's digest, the contents. */
static void
plain_compare(struct op_verify *verify, const char *object, struct verify_plain *plain)
{
	char difference[512];

	if (stage_finish(plain->head) != 0) {
		op_verify_find(verify->result, object, 0, "%s", error_get()->message);
		error_clear();
		return;
	}
	if (!digest128_equal(plain->digest, verify->manifest->plain_xxh128))
		op_verify_find(verify->result, object, 0,
			"the dump in it does not have the digest that was recorded");
	if (verify->has_record && contents_compare_exact(&verify->contents, &plain->contents, difference,
					  sizeof(difference)) != 0)
		op_verify_find(
			verify->result, object, 0, "its contents differ from the record: %s", difference);
}

/* What lies behind the last frame, once all of the file is there. */
static int
archive_tail(struct op_verify *verify, const struct manifest_object *object, struct input *framed)
{
	char problem[512];
	uint64_t bad_off = 0;
	int rc;

	if (framed->size_bytes != verify->index.framed_bytes)
		return 0;
	rc = frame_examine_tail(framed, &verify->index, &bad_off, problem, sizeof(problem));
	if (rc == FRAME_BAD)
		op_verify_find(verify->result, object->name, op_verify_stored_off(object, framed, bad_off),
			"%s", problem);
	return rc < 0 ? -1 : 0;
}

/* Reads the archive by its index. Without a record there is none; a zstd archive has its own. */
static int
archive_read(struct op_verify *verify, const struct manifest_object *object, struct input *framed)
{
	struct verify_plain plain = { .head = NULL };
	int rc;

	if (!verify->has_record && frame_index_recover(framed, false, &verify->index) != 0) {
		frame_index_clear(&verify->index);
		error_clear();
	}
	plain_begin(&plain);
	rc = plain.head != NULL ? archive_frames(verify, object, framed, &plain) : -1;
	if (rc == 0)
		plain_compare(verify, object->name, &plain);
	if (rc >= 0)
		rc = archive_tail(verify, object, framed);
	stage_free(plain.head);
	contents_clear(&plain.contents);
	return rc;
}

/* All that can be read, through a digest of the stored bytes, which is checked in any case. */
static int
archive_hashed(struct op_verify *verify, const struct manifest_object *object, struct op_hashed *hashed)
{
	struct input *stored = op_hashed_input(hashed), *framed = NULL;
	char sha256[DIGEST_SHA256_HEX];
	size_t before = verify->result->finding_count;
	int rc = op_verify_unseal(verify, object, stored, &framed);

	if (rc == 0)
		rc = archive_read(verify, object, framed);
	input_free(framed);
	if (rc >= 0)
		rc = op_hashed_finish(hashed, sha256);
	if (rc == 0 && strcmp(sha256, object->sha256) != 0 && before == verify->result->finding_count &&
		stored->size_bytes == object->bytes)
		op_verify_find(verify->result, object->name, 0, "SHA-256 is not the manifest's");
	return rc;
}

int
op_verify_archive(struct op_verify *verify, const struct manifest_object *object)
{
	struct input *input = NULL;
	struct op_hashed *hashed = NULL;
	int rc = op_verify_open(verify, object, &input);

	if (rc != 0)
		return rc < 0 ? -1 : 0;
	hashed = op_hashed_new(input);
	rc = hashed != NULL ? archive_hashed(verify, object, hashed) : -1;
	verify->result->read_bytes += input->read_bytes;
	op_hashed_free(hashed);
	input_free(input);
	return rc;
}
