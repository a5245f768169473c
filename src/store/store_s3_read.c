/*
 * An object as an input. It is opened by asking for its beginning, which tells its size, and gives a small
 * object whole in that one request.
 *
 * Reads that follow one another are taken for a stream: what comes next is fetched ahead by workers, while
 * the caller works on what it has, but never more than has been read in one go already. Any other read
 * fetches what it needs. A piece that is cut short is asked for again from where it was cut.
 *
 * Who: the caller's thread submits pieces and drains them in order; a worker (workpool.h) fetches one and
 * touches nothing but its piece. Place, key and size do not change; given_up alone crosses while workers run.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "incant/error.h"
#include "incant/http_retry.h"
#include "incant/input.h"
#include "incant/mem.h"
#include "incant/workpool.h"
#include "store_s3.h"

#define FIRST_BYTES ((size_t)64 << 10)
#define LEAST_BYTES ((size_t)32 << 10)  /* of a request: fewer would not be quicker */
#define AHEAD_BYTES ((size_t)256 << 10) /* likewise, of what is fetched ahead */
#define PIECE_BYTES ((size_t)4 << 20)
#define PIECES      3

struct reader;

/* A stretch of the object: in memory, or on its way. */
struct piece {
	struct work work;
	struct reader *reader;
	uint64_t off;
	size_t len; /* wanted */
	size_t got; /* so far */
	char *bytes;
	size_t capacity;
};

struct reader {
	struct input base;
	struct store_s3_place *place;
	char *key;
	struct piece window;        /* what reads are served from */
	struct workpool *pool;      /* NULL until something is fetched ahead */
	struct piece ahead[PIECES]; /* a ring: in_flight of them from `first` on */
	size_t first, in_flight;
	uint64_t expected_off;         /* where a stream would go on */
	uint64_t run_bytes, run_reads; /* read in one go up to there */
	atomic_bool given_up;
};

/* The sink of a ranged GET: more than was asked for is refused. */
static int
piece_take(void *context, const void *bytes, size_t len)
{
	struct piece *piece = context;

	if (len > piece->len - piece->got)
		return error_set(ERR_STORE, "%s: the store gives more than it was asked for",
			piece->reader->base.name);
	memcpy(piece->bytes + piece->got, bytes, len);
	piece->got += len;
	return 0;
}

/* The part of a piece that lies in the object, once the size of that is known. */
static void
piece_bound(struct piece *piece, const struct store_s3_head *head)
{
	if (head->bytes <= piece->off)
		piece->len = piece->got;
	else if (piece->len > head->bytes - piece->off)
		piece->len = (size_t)(head->bytes - piece->off);
}

/* Asks for what is missing of a piece, once. As store_s3_send(). */
static int
ask_for_rest(
	struct piece *piece, const char *what_to_do, struct http_answer *answer, struct store_s3_head *head)
{
	struct reader *reader = piece->reader;
	char *range = mem_format("bytes=%llu-%llu", (unsigned long long)(piece->off + piece->got),
		(unsigned long long)(piece->off + piece->len - 1));
	const struct store_s3_request request = {
		.method = "GET",
		.key = reader->key,
		.headers = { { "range", range } },
		.once = true, /* what came is kept: another try asks for less */
		.given_up = &reader->given_up,
		.sink = piece_take,
		.context = piece,
	};
	int rc = store_s3_send(reader->place, &request, what_to_do, answer);

	if (answer->status == 206) {
		store_s3_read_head(answer, head);
		piece_bound(piece, head);
	} else if (rc == 0) {
		rc = error_set(ERR_STORE, "cannot %s in store %s: it does not give parts of objects",
			what_to_do, reader->place->name);
	}
	free(range);
	return rc;
}

/* Waits before another try, keeping the error of the last one when there is none. 0 or -1. */
static int
wait_to_ask(struct http_retry *retry, const struct http_answer *answer)
{
	struct error cause = *error_get();

	if (http_retry_wait(retry, answer) == 0)
		return 0;
	return error_get()->class == ERR_INTERRUPTED ? -1 : error_put(&cause);
}

/* Fetches a piece, cut short to what there is. *head tells of the object. 0, a named result, or -1. */
static int
piece_fetch(struct piece *piece, struct store_s3_head *head)
{
	char *what_to_do = mem_format("read '%s'", piece->reader->key);
	struct http_retry retry;
	int rc = 1;

	http_retry_begin(&retry, store_s3_patience_ms(piece->reader->place));
	while (rc == 1) {
		size_t before = piece->got;
		struct http_answer answer;

		rc = ask_for_rest(piece, what_to_do, &answer, head);
		if (rc == STORE_S3_MISSING)
			rc = -2;
		else if (rc == STORE_S3_RANGE || rc == STORE_S3_EXISTS)
			rc = -3;
		else if (piece->got == piece->len && answer.status == 206)
			rc = 0;
		else if (rc == 0)
			rc = piece->got > before
				     ? 1
				     : error_set(ERR_STORE, "cannot %s in store %s: it ends early",
					       what_to_do, piece->reader->place->name);
		else if (answer.transient && !atomic_load(&piece->reader->given_up)) {
			if (piece->got > before)
				http_retry_begin(&retry, store_s3_patience_ms(piece->reader->place));
			rc = wait_to_ask(&retry, &answer) == 0 ? 1 : -1;
		}
		http_answer_clear(&answer);
	}
	free(what_to_do);
	return rc == -2 ? STORE_S3_MISSING : rc == -3 ? STORE_S3_RANGE : rc;
}

/* Gives a piece its place. */
static void
piece_set(struct piece *piece, struct reader *reader, uint64_t off, size_t len)
{
	piece->reader = reader;
	piece->off = off;
	piece->len = len;
	piece->got = 0;
	if (piece->capacity >= len)
		return;
	free(piece->bytes);
	piece->bytes = mem_alloc(len);
	piece->capacity = len;
}

/* Of an object that is open: it must be there still, and of the same size. 0 or -1. */
static int
piece_fetch_again(struct piece *piece)
{
	const struct reader *reader = piece->reader;
	struct store_s3_head head = { .bytes = reader->base.size_bytes };
	size_t wanted = piece->len;
	int rc = piece_fetch(piece, &head);

	if (rc == STORE_S3_MISSING)
		return error_set(ERR_DAMAGED, "%s is no longer there", reader->base.name);
	if (rc < 0)
		return -1;
	if (rc > 0 || piece->got != wanted || head.bytes != reader->base.size_bytes)
		return error_set(ERR_DAMAGED, "%s has changed while it was read", reader->base.name);
	return 0;
}

/* On a worker. */
static int
piece_run(struct work *work)
{
	return piece_fetch_again((struct piece *)work);
}

/* Waits for what is on its way and forgets it. */
static void
drop_ahead(struct reader *reader)
{
	while (reader->in_flight > 0) {
		(void)workpool_drain(reader->pool);
		reader->first = (reader->first + 1) % PIECES;
		reader->in_flight--;
	}
}

/* Makes the oldest piece that is on its way the window. 0 or -1. */
static int
take_ahead(struct reader *reader)
{
	struct piece *piece = (struct piece *)workpool_drain(reader->pool);
	struct piece old = reader->window;

	reader->first = (reader->first + 1) % PIECES;
	reader->in_flight--;
	if (piece->work.result != 0) {
		struct error cause = piece->work.error;

		drop_ahead(reader);
		return error_put(&cause);
	}
	reader->window = *piece;
	*piece = old;
	return 0;
}

static int
submit_ahead(struct reader *reader, uint64_t off, size_t len)
{
	struct piece *piece = &reader->ahead[(reader->first + reader->in_flight) % PIECES];

	if (reader->pool == NULL)
		reader->pool = workpool_new(PIECES);
	if (reader->pool == NULL)
		return -1;
	piece_set(piece, reader, off, len);
	piece->work.run = piece_run;
	workpool_submit(reader->pool, &piece->work);
	reader->in_flight++;
	return 0;
}

/* Fetches ahead, as far as the run so far is worth it. 0 or -1. */
static int
top_up(struct reader *reader)
{
	const struct piece *last = &reader->window;
	uint64_t ahead = 0;

	for (size_t i = 0; i < reader->in_flight; i++) {
		last = &reader->ahead[(reader->first + i) % PIECES];
		ahead += last->len;
	}
	while (reader->in_flight < PIECES && reader->run_reads > 1) {
		uint64_t off = last->off + last->len;
		uint64_t left = reader->base.size_bytes - off, len = reader->run_bytes / PIECES;

		len = len < AHEAD_BYTES ? AHEAD_BYTES : len > PIECE_BYTES ? PIECE_BYTES : len;
		len = len < left ? len : left;
		if (len == 0 || ahead + len > reader->run_bytes)
			return 0;
		if (submit_ahead(reader, off, (size_t)len) != 0)
			return -1;
		last = &reader->ahead[(reader->first + reader->in_flight - 1) % PIECES];
		ahead += len;
	}
	return 0;
}

/* Sees to it that the window holds the byte at off; want more are asked for from there on. 0 or -1. */
static int
load_window(struct reader *reader, uint64_t off, size_t want)
{
	uint64_t left = reader->base.size_bytes - off;
	size_t len = want < LEAST_BYTES ? LEAST_BYTES : want > PIECE_BYTES ? PIECE_BYTES : want;

	if (reader->in_flight > 0 && reader->ahead[reader->first].off == off)
		return take_ahead(reader);
	drop_ahead(reader);
	piece_set(&reader->window, reader, off, len < left ? len : (size_t)left);
	if (piece_fetch_again(&reader->window) == 0)
		return 0;
	reader->window.got = 0;
	return -1;
}

static int
reader_read(struct input *input, uint64_t off, void *bytes, size_t len)
{
	struct reader *reader = (struct reader *)input;
	const struct piece *window = &reader->window;
	char *to = bytes;

	if (off != reader->expected_off)
		reader->run_bytes = reader->run_reads = 0;
	reader->run_bytes += len;
	reader->run_reads++;
	while (len > 0) {
		if (off < window->off || off >= window->off + window->got) {
			if (load_window(reader, off, len) != 0)
				return -1;
			continue;
		}
		size_t skip = (size_t)(off - window->off), there = window->got - skip;
		size_t piece = len < there ? len : there;

		memcpy(to, window->bytes + skip, piece);
		to += piece;
		off += piece;
		len -= piece;
	}
	reader->expected_off = off;
	return top_up(reader);
}

static void
reader_free(struct input *input)
{
	struct reader *reader = (struct reader *)input;

	atomic_store(&reader->given_up, true);
	workpool_free(reader->pool);
	for (size_t i = 0; i < PIECES; i++)
		free(reader->ahead[i].bytes);
	free(reader->window.bytes);
	free(reader->key);
	store_s3_place_release(reader->place);
	free(reader);
}

static const struct input_ops reader_ops = { .read = reader_read, .free = reader_free };

/* The beginning, and with it the size. There is no beginning of an empty object: it is asked for in another
 * way. 0, STORE_S3_MISSING or -1. */
static int
reader_open(struct reader *reader)
{
	struct store_s3_head head = { .bytes = 0 };

	piece_set(&reader->window, reader, 0, FIRST_BYTES);
	int rc = piece_fetch(&reader->window, &head);
	if (rc == STORE_S3_RANGE) {
		rc = store_s3_ask(reader->place, reader->key, false, &head);
		if (rc == 0 && head.bytes != 0)
			rc = error_set(ERR_STORE, "cannot read '%s' in store %s: it refuses the range",
				reader->key, reader->place->name);
	}
	reader->base.size_bytes = head.bytes;
	return rc;
}

int
store_s3_read(struct store_driver *driver, const char *name, const char *label, struct input **input)
{
	struct store_s3_place *place = ((struct store_s3 *)driver)->place;
	struct reader *reader = mem_zero(sizeof(*reader));

	input_init(&reader->base, &reader_ops, label, 0);
	reader->place = store_s3_place_hold(place);
	reader->key = store_s3_key(place, name);
	int rc = reader_open(reader);
	if (rc == 0) {
		*input = &reader->base;
		return 0;
	}
	input_free(&reader->base);
	return rc == STORE_S3_MISSING ? STORE_MISSING : -1;
}
