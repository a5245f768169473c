/*
 * The compressing stage. Plain bytes are collected in the buffer of a job; a full one is submitted to the
 * pool, where it is compressed, hashed, and, with verify, decoded and compared; finished ones are drained in
 * order and written to the next stage.
 *
 * Who: the thread that writes to this stage also submits, drains and calls the next stage. Workers run
 * job_run(), which touches nothing but its own job. There is no lock here; the pool's hand-over is all.
 *
 * Jobs are used in turn, frame N by job N modulo their number. There is one more of them than there are
 * workers, so that one is filled while all the others are compressed; the next to be filled is always the one
 * that was submitted longest ago, and is drained first when it is still under way.
 */
#include "config.h"

#include "incant/frame.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "frame_codec.h"
#include "incant/digest.h"
#include "incant/error.h"
#include "incant/mem.h"
#include "incant/workpool.h"

struct frame_job {
	struct work work;
	const struct frame_codec_ops *codec;
	void *compressor;
	void *decompressor; /* NULL without verify */
	struct frame_block plain, framed, decoded;
	uint64_t number, plain_off;
	uint64_t check;
};

struct frame_write {
	struct stage base;
	const struct frame_codec_ops *codec;
	struct frame_index *index;
	size_t frame_bytes;
	struct workpool *pool;
	struct frame_job *jobs;
	size_t job_count;
	uint64_t submitted, drained; /* frames */
	uint32_t *last_words;        /* the last four bytes of each drained frame */
	size_t last_word_count, last_word_capacity;
};

/* Decodes what was made and compares it with what went in. 0 or -1. */
static int
job_verify(struct frame_job *job)
{
	struct frame_fault fault;

	if (job->codec->decompress(
		    job->decompressor, job->framed.bytes, job->framed.len, &job->decoded, &fault) == 0 &&
		job->decoded.len == job->plain.len &&
		memcmp(job->decoded.bytes, job->plain.bytes, job->plain.len) == 0)
		return 0;
	return error_set(ERR_INTERNAL,
		"frame %" PRIu64 " at byte %" PRIu64
		" did not survive compression; the memory or the processor "
		"of this machine may be faulty",
		job->number, job->plain_off);
}

static int
job_run(struct work *work)
{
	struct frame_job *job = (struct frame_job *)work;

	if (job->codec->compress(job->compressor, job->plain.bytes, job->plain.len, &job->framed) != 0)
		return -1;
	job->check = digest_xxh64(job->framed.bytes, job->framed.len);
	return job->decompressor != NULL ? job_verify(job) : 0;
}

static struct frame_block
block_of(size_t capacity)
{
	return (struct frame_block){ .bytes = mem_alloc(capacity), .capacity = capacity };
}

static int
job_init(
	struct frame_job *job, const struct frame_codec_ops *codec, const struct frame_write_options *options)
{
	job->work.run = job_run;
	job->codec = codec;
	job->plain = block_of(options->frame_bytes);
	job->framed = block_of(codec->bound(options->frame_bytes));
	job->compressor = codec->compressor_new(options->level);
	if (job->compressor == NULL)
		return -1;
	if (!options->verify)
		return 0;
	job->decoded = block_of(options->frame_bytes);
	job->decompressor = codec->decompressor_new();
	return job->decompressor != NULL ? 0 : -1;
}

static void
job_clear(struct frame_job *job)
{
	if (job->codec != NULL) {
		job->codec->compressor_free(job->compressor);
		job->codec->decompressor_free(job->decompressor);
	}
	free(job->plain.bytes);
	free(job->framed.bytes);
	free(job->decoded.bytes);
}

/* Passes a finished frame on and enters it into the index. */
static int
pass_on(struct frame_write *self, const struct frame_job *job)
{
	const struct frame_block *framed = &job->framed;

	if (job->work.result != 0)
		return error_put(&job->work.error);
	if (frame_index_add(self->index, job->plain.len, framed->len, job->check) != 0)
		return -1;
	MEM_GROW(self->last_words, self->last_word_count, self->last_word_capacity);
	assert(framed->len >= 4);
	self->last_words[self->last_word_count++] = frame_get_u32(framed->bytes + framed->len - 4);
	return stage_write(self->base.next, framed->bytes, framed->len);
}

/* Passes a drained job on and empties it; does nothing without one. 1, 0 or -1. */
static int
drained(struct frame_write *self, struct work *work)
{
	struct frame_job *job = (struct frame_job *)work;

	if (job == NULL)
		return 0;
	self->drained++;
	if (pass_on(self, job) != 0)
		return -1;
	job->plain.len = 0;
	return 1;
}

/* The job to fill. NULL when it had to be drained first and that failed. */
static struct frame_job *
filling(struct frame_write *self)
{
	if (self->submitted - self->drained == self->job_count &&
		drained(self, workpool_drain(self->pool)) < 0)
		return NULL;
	return &self->jobs[self->submitted % self->job_count];
}

static int
submit(struct frame_write *self, struct frame_job *job)
{
	int rc;

	job->number = self->submitted++;
	job->plain_off = job->number * self->frame_bytes;
	workpool_submit(self->pool, &job->work);
	do
		rc = drained(self, workpool_drain_ready(self->pool));
	while (rc > 0);
	return rc;
}

static int
frame_write_write(struct stage *stage, const void *bytes, size_t len)
{
	struct frame_write *self = (struct frame_write *)stage;
	const unsigned char *from = bytes;

	while (len > 0) {
		struct frame_job *job = filling(self);
		if (job == NULL)
			return -1;
		size_t room = self->frame_bytes - job->plain.len;
		size_t part = len < room ? len : room;

		memcpy(job->plain.bytes + job->plain.len, from, part);
		job->plain.len += part;
		from += part;
		len -= part;
		if (part == room && submit(self, job) != 0)
			return -1;
	}
	return 0;
}

static int
write_tail(struct frame_write *self)
{
	struct buf tail = BUF_EMPTY;
	int rc;

	if (self->codec->tail_write != NULL)
		self->codec->tail_write(self->index, self->last_words, &tail);
	self->index->framed_bytes += tail.len;
	self->index->tail_check = digest_xxh64(buf_text(&tail), tail.len);
	rc = stage_write(self->base.next, tail.bytes, tail.len);
	buf_clear(&tail);
	return rc;
}

static int
frame_write_finish(struct stage *stage)
{
	struct frame_write *self = (struct frame_write *)stage;
	struct frame_job *job = filling(self);
	int rc;

	if (job == NULL)
		return -1;
	if ((job->plain.len > 0 || self->submitted == 0) && submit(self, job) != 0)
		return -1;
	do
		rc = drained(self, workpool_drain(self->pool));
	while (rc > 0);
	return rc == 0 ? write_tail(self) : -1;
}

static void
frame_write_free(struct stage *stage)
{
	struct frame_write *self = (struct frame_write *)stage;

	workpool_free(self->pool);
	for (size_t i = 0; i < self->job_count; i++)
		job_clear(&self->jobs[i]);
	free(self->jobs);
	free(self->last_words);
	free(self);
}

static const struct stage_ops frame_write_ops = {
	.name = "frame",
	.write = frame_write_write,
	.finish = frame_write_finish,
	.free = frame_write_free,
};

static int
set_up(struct frame_write *self, const struct frame_write_options *options)
{
	self->job_count = (size_t)options->workers + 1;
	self->jobs = mem_zero(self->job_count * sizeof(*self->jobs));
	for (size_t i = 0; i < self->job_count; i++)
		if (job_init(&self->jobs[i], self->codec, options) != 0)
			return -1;
	self->pool = workpool_new(options->workers);
	return self->pool != NULL ? 0 : -1;
}

struct stage *
frame_write_with(struct stage *next, const struct frame_write_options *options, struct frame_index *index,
	const struct frame_codec_ops *codec)
{
	struct frame_write *self;

	assert(options->frame_bytes > 0 && options->frame_bytes <= FRAME_MAX_BYTES);
	assert(options->level >= codec->level_min && options->level <= codec->level_max);
	if (next == NULL)
		return NULL;
	self = mem_zero(sizeof(*self));
	stage_init(&self->base, &frame_write_ops, next);
	self->codec = codec;
	self->index = index;
	self->index->codec = options->codec;
	self->frame_bytes = options->frame_bytes;
	if (set_up(self, options) != 0) {
		stage_free(&self->base);
		return NULL;
	}
	return &self->base;
}

struct stage *
frame_write_new(struct stage *next, const struct frame_write_options *options, struct frame_index *index)
{
	return frame_write_with(next, options, index, frame_codec_ops(options->codec));
}
