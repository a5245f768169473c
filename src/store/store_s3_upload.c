/*
 * Writing an object into S3: the last stage of a chain.
 *
 * What is no longer than the first part is put in one request when the stage finishes. Anything longer
 * becomes a multipart upload: bytes are gathered into parts, and each full part is sent by a worker while the
 * next one is gathered. The upload is completed when the stage finishes, that is, when the source is known to
 * be good; until then nobody sees it.
 *
 * Parts grow, so that the ten thousand that an upload may have always suffice: the first thousand have 5 MiB,
 * the next 10, and so on, which comes to 5 TB. Fewer are sent at once as they grow, so that what is held in
 * memory stays about the same up to a hundred gigabytes. The first ones are as small as S3 lets them be, and
 * few are in flight: what a broken connection loses is no more than that. The sizes depend on nothing else:
 * an upload that was left by a run that stopped has its parts at the same places. It is found by its key and
 * taken up; a part that is there already, with this size and MD5, is not sent again.
 *
 * A stage freed without a finish gives up its upload, unless the network or a signal was what ended it: then
 * the source may still be good, and the parts wait for the next try, or for a sweep.
 *
 * Who: the owner's thread gathers parts, submits them and drains them in order; a worker (workpool.h) hashes
 * and sends one, and touches nothing but its part. Place, key and upload are written before the first
 * part is submitted and read only from then on; given_up is the one thing that crosses while they run.
 */
#include "config.h"

#include "store_s3_multipart.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "incant/digest.h"
#include "incant/error.h"
#include "incant/interrupt.h"
#include "incant/log.h"
#include "incant/mem.h"
#include "incant/text.h"
#include "incant/workpool.h"

#define PART_FIRST_BYTES ((size_t)5 << 20) /* the least that S3 takes */
#define PARTS_OF_A_SIZE  1000
#define HELD_BYTES       ((size_t)32 << 20) /* in flight, as far as one part at a time allows */
#define SLOTS            (STORE_S3_FLIGHT + 1)

struct upload;

struct part {
	struct work work;
	const struct upload *upload;
	unsigned number;
	struct buf bytes;
	const struct store_s3_part *known; /* the part of this number that is there already, or NULL */
	unsigned char md5[DIGEST_MD5_BYTES];
	char tag[80];
};

struct upload {
	struct stage stage;
	struct store_s3_place *place;
	char *key;
	char *upload_id;             /* NULL = not begun */
	struct store_s3_parts known; /* of an upload that was taken up */
	struct workpool *pool;
	atomic_bool given_up;

	struct part slots[SLOTS]; /* a ring: those in flight, and the one that is filled */
	size_t filling, in_flight, flight;
	unsigned number; /* of the part that is filled */

	struct store_s3_parts parts; /* sent, in order */
	struct buf md5s;             /* theirs, one behind another */
	uint64_t bytes;
	bool failed; /* by the store, or on the way to it */
	bool completed;
};

size_t
store_s3_part_bytes(unsigned number)
{
	return PART_FIRST_BYTES << (number - 1) / PARTS_OF_A_SIZE;
}

/* How many parts of that size may be in flight. */
static size_t
flight_of(const struct upload *upload, size_t bytes)
{
	size_t flight = HELD_BYTES / bytes;

	return flight < 1 ? 1 : flight < upload->flight ? flight : upload->flight;
}

/* On a worker. */
static int
part_run(struct work *work)
{
	struct part *part = (struct part *)work;
	const struct upload *upload = part->upload;
	char hex[2 * DIGEST_MD5_BYTES + 1];

	if (atomic_load(&upload->given_up))
		return error_set(ERR_STORE, "the upload of '%s' was given up", upload->key);
	if (digest_md5(part->bytes.bytes, part->bytes.len, part->md5) != 0)
		return -1;
	text_hex(hex, part->md5, sizeof(part->md5));
	if (part->known != NULL && part->known->bytes == part->bytes.len &&
		strcmp(part->known->tag, hex) == 0) {
		memcpy(part->tag, part->known->tag, sizeof(part->tag));
		return 0;
	}
	return store_s3_put_part(upload->place, upload->key, upload->upload_id, part->number, &part->bytes,
		part->md5, &upload->given_up, part->tag);
}

/* Takes up what a run that stopped has left under this key; what it left besides is given up. */
static int
find_unfinished(struct upload *upload)
{
	struct store_s3_unfinished_list list;
	int rc = store_s3_list_unfinished(upload->place, upload->key, &list);

	for (size_t i = 0; rc == 0 && i < list.count; i++) {
		const struct store_s3_unfinished *found = &list.items[i];

		if (strcmp(found->key, upload->key) != 0)
			continue;
		if (upload->upload_id != NULL)
			rc = store_s3_abort_upload(upload->place, found->key, found->upload_id, false);
		else
			rc = store_s3_list_parts(upload->place, found->key, found->upload_id, &upload->known);
		if (rc == 0 && upload->upload_id == NULL)
			upload->upload_id = mem_text(found->upload_id);
		else if (rc == STORE_S3_MISSING)
			rc = 0; /* completed or aborted since the listing */
	}
	if (upload->upload_id != NULL && upload->known.count > 0)
		log_verbose("store %s: going on with '%s', %zu parts are there", upload->place->name,
			upload->key, upload->known.count);
	store_s3_unfinished_clear(&list);
	return rc;
}

/* Better told now than after hours. */
static int
check_vacant(struct upload *upload)
{
	struct store_s3_head head;
	int rc = store_s3_ask(upload->place, upload->key, false, &head);

	if (rc == STORE_S3_MISSING)
		return 0;
	return rc < 0 ? -1
		      : error_set(ERR_STORE, "'%s' exists already in store %s", upload->key,
				upload->place->name);
}

static int
begin_multipart(struct upload *upload)
{
	upload->flight = upload->place->bytes_per_second > 0 ? STORE_S3_FLIGHT_SLOW : STORE_S3_FLIGHT;
	if (check_vacant(upload) != 0 || find_unfinished(upload) != 0)
		return -1;
	if (upload->upload_id == NULL &&
		store_s3_begin_upload(upload->place, upload->key, &upload->upload_id) != 0)
		return -1;
	upload->pool = workpool_new((unsigned)upload->flight);
	return upload->pool != NULL ? 0 : -1;
}

/* Enters the oldest part into the list, once it has been sent. 0 or -1. */
static int
drain_one(struct upload *upload)
{
	struct part *part = (struct part *)workpool_drain(upload->pool);

	upload->in_flight--;
	if (part->work.result != 0)
		return error_put(&part->work.error);
	MEM_GROW(upload->parts.items, upload->parts.count, upload->parts.capacity);
	struct store_s3_part *sent = &upload->parts.items[upload->parts.count++];
	*sent = (struct store_s3_part){ .number = part->number, .bytes = part->bytes.len };
	memcpy(sent->tag, part->tag, sizeof(sent->tag));
	buf_append(&upload->md5s, part->md5, sizeof(part->md5));
	if (part->bytes.len == PART_FIRST_BYTES)
		buf_reset(&part->bytes);
	else
		buf_clear(&part->bytes);
	return 0;
}

static const struct store_s3_part *
find_known(const struct upload *upload, unsigned number)
{
	for (size_t i = 0; i < upload->known.count; i++)
		if (upload->known.items[i].number == number)
			return &upload->known.items[i];
	return NULL;
}

/* Submits the part that is full, and sees to a free one to fill. */
static int
send_part(struct upload *upload)
{
	struct part *part = &upload->slots[upload->filling];
	size_t bytes = part->bytes.len;

	if (upload->number > STORE_S3_PARTS_MAX)
		return error_set(ERR_STORE, "'%s' is too large for S3", upload->key);
	if (upload->upload_id == NULL && begin_multipart(upload) != 0)
		return -1;
	part->work.run = part_run;
	part->upload = upload;
	part->number = upload->number++;
	part->known = find_known(upload, part->number);
	workpool_submit(upload->pool, &part->work);
	upload->in_flight++;
	upload->filling = (upload->filling + 1) % SLOTS;
	while (upload->in_flight > flight_of(upload, bytes))
		if (drain_one(upload) != 0)
			return -1;
	return 0;
}

static int
take_bytes(struct upload *upload, const char *bytes, size_t len)
{
	while (len > 0) {
		size_t size = store_s3_part_bytes(upload->number);

		if (upload->slots[upload->filling].bytes.len == size) {
			if (send_part(upload) != 0)
				return -1;
			continue;
		}
		struct buf *into = &upload->slots[upload->filling].bytes;
		size_t room = size - into->len;
		size_t piece = len < room ? len : room;

		if (upload->upload_id != NULL && into->len == 0)
			buf_reserve(into, size);
		buf_append(into, bytes, piece);
		bytes += piece;
		len -= piece;
		upload->bytes += piece;
	}
	return 0;
}

static int
upload_write(struct stage *stage, const void *bytes, size_t len)
{
	struct upload *upload = (struct upload *)stage;
	int rc = take_bytes(upload, bytes, len);

	upload->failed = rc != 0;
	return rc;
}

/* The ETag of the whole: the MD5 of the parts' MD5s, and their number. NULL where parts are not called so. */
static char *
whole_tag(const struct upload *upload)
{
	unsigned char md5[DIGEST_MD5_BYTES];
	char hex[2 * DIGEST_MD5_BYTES + 1];

	for (size_t i = 0; i < upload->parts.count; i++) {
		text_hex(hex, upload->md5s.bytes + i * DIGEST_MD5_BYTES, DIGEST_MD5_BYTES);
		if (strcmp(hex, upload->parts.items[i].tag) != 0)
			return NULL;
	}
	if (digest_md5(upload->md5s.bytes, upload->md5s.len, md5) != 0) {
		error_clear();
		return NULL;
	}
	return mem_format("%s-%zu", text_hex(hex, md5, sizeof(md5)), upload->parts.count);
}

/* The answer to a beginning may have been lost, and the upload been begun twice: the other one is given up.
 * What fails here is left to a sweep. */
static void
give_up_others(const struct upload *upload)
{
	struct store_s3_unfinished_list list;

	if (store_s3_list_unfinished(upload->place, upload->key, &list) == 0)
		for (size_t i = 0; i < list.count; i++)
			if (strcmp(list.items[i].key, upload->key) == 0)
				(void)store_s3_abort_upload(
					upload->place, upload->key, list.items[i].upload_id, false);
	store_s3_unfinished_clear(&list);
	error_clear();
}

static int
complete(struct upload *upload)
{
	if (upload->slots[upload->filling].bytes.len > 0 && send_part(upload) != 0)
		return -1;
	while (upload->in_flight > 0)
		if (drain_one(upload) != 0)
			return -1;
	char *tag = whole_tag(upload);
	int rc = store_s3_complete_upload(
		upload->place, upload->key, upload->upload_id, &upload->parts, upload->bytes, tag);
	free(tag);
	upload->completed = rc == 0;
	if (rc == 0)
		give_up_others(upload);
	return rc;
}

static int
upload_finish(struct stage *stage)
{
	struct upload *upload = (struct upload *)stage;
	const struct buf *only = &upload->slots[upload->filling].bytes;
	int rc = upload->upload_id != NULL
			 ? complete(upload)
			 : store_s3_put(upload->place, upload->key, buf_text(only), only->len, true);

	upload->failed = rc != 0;
	return rc;
}

/* Parts that nobody will go on with. What cannot be removed now is swept later. */
static void
give_up(const struct upload *upload)
{
	struct error cause;

	error_take(&cause);
	if (store_s3_abort_upload(upload->place, upload->key, upload->upload_id, true) != 0)
		log_verbose("store %s: %s", upload->place->name, error_get()->message);
	error_clear();
	if (cause.class != ERR_NONE)
		error_put(&cause);
}

static void
upload_free(struct stage *stage)
{
	struct upload *upload = (struct upload *)stage;

	atomic_store(&upload->given_up, true);
	workpool_free(upload->pool);
	if (upload->upload_id != NULL && !upload->completed && !upload->failed && interrupt_pending() == 0)
		give_up(upload);
	for (size_t i = 0; i < SLOTS; i++)
		buf_clear(&upload->slots[i].bytes);
	buf_clear(&upload->md5s);
	free(upload->parts.items);
	free(upload->known.items);
	free(upload->upload_id);
	free(upload->key);
	store_s3_place_release(upload->place);
	free(upload);
}

static const struct stage_ops upload_ops = {
	.name = "store s3",
	.write = upload_write,
	.finish = upload_finish,
	.free = upload_free,
};

struct stage *
store_s3_write(struct store_driver *driver, const char *name)
{
	struct store_s3_place *place = ((struct store_s3 *)driver)->place;
	struct upload *upload = mem_zero(sizeof(*upload));

	stage_init(&upload->stage, &upload_ops, NULL);
	upload->place = store_s3_place_hold(place);
	upload->key = store_s3_key(place, name);
	upload->number = 1;
	return &upload->stage;
}
