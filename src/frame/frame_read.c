/*
 * Reading by frames. The thread that calls frame_read() reads the framed bytes and writes the plain ones to
 * the stage; two workers decode in between, each on its own job, so that a long read goes as fast as both
 * cores decode. Frames come out in order, since the pool drains so.
 *
 * The index and the frames may both be damaged or forged. Frame sizes were bounded when the index was made;
 * that a frame lies inside the file is looked at before memory is taken for it, and nothing of a frame is
 * passed on before all of it has been checked.
 */
#include "config.h"

#include "incant/frame.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "frame_codec.h"
#include "incant/digest.h"
#include "incant/error.h"
#include "incant/interrupt.h"
#include "incant/mem.h"
#include "incant/workpool.h"

enum { WORKERS = 2, JOBS = WORKERS + 1, PROBLEM_BYTES = 256 };

/* Frames larger than this are decoded one at a time: memory counts for more than speed then. */
#define AHEAD_MAX_BYTES (16u << 20)

struct read_job {
	struct work work;
	const struct frame_codec_ops *codec;
	void *decompressor;
	struct frame_entry entry;
	struct frame_block framed, plain;
	int verdict;                 /* 0 or FRAME_BAD */
	char problem[PROBLEM_BYTES]; /* when it is FRAME_BAD */
};

int
frame_fetch(struct input *input, uint64_t off, void *bytes, size_t len, char *problem, size_t capacity)
{
	if (off > input->size_bytes || len > input->size_bytes - off) {
		snprintf(problem, capacity, "the file ends at byte %" PRIu64, input->size_bytes);
		return FRAME_BAD;
	}
	if (input_read(input, off, bytes, len) == 0)
		return 0;
	if (error_get()->class != ERR_DAMAGED)
		return -1;
	/* An error may be longer than a problem, which goes into one. */
	snprintf(problem, capacity, "%.*s", PROBLEM_BYTES - 1, error_get()->message);
	error_clear();
	return FRAME_BAD;
}

static int
job_init(struct read_job *job, enum frame_codec codec, uint64_t framed_bytes, uint64_t plain_bytes)
{
	job->codec = frame_codec_ops(codec);
	job->framed.bytes = mem_alloc(framed_bytes);
	job->plain.bytes = mem_alloc(plain_bytes);
	job->decompressor = job->codec->decompressor_new();
	return job->decompressor != NULL ? 0 : -1;
}

static void
job_clear(struct read_job *job)
{
	if (job->codec != NULL)
		job->codec->decompressor_free(job->decompressor);
	free(job->framed.bytes);
	free(job->plain.bytes);
}

/* Reads the framed bytes of an entry. 0, FRAME_BAD or -1. */
static int
job_load(struct read_job *job, struct input *input, const struct frame_entry *entry)
{
	job->entry = *entry;
	job->framed.len = entry->framed_bytes;
	return frame_fetch(input, entry->framed_off, job->framed.bytes, entry->framed_bytes, job->problem,
		sizeof(job->problem));
}

static int
job_decode(struct read_job *job)
{
	const struct frame_entry *entry = &job->entry;
	struct frame_fault fault;

	if (entry->check != 0 && digest_xxh64(job->framed.bytes, job->framed.len) != entry->check) {
		snprintf(job->problem, sizeof(job->problem), "its bytes do not match their check");
		return FRAME_BAD;
	}
	job->plain.capacity = entry->plain_bytes;
	if (job->codec->decompress(
		    job->decompressor, job->framed.bytes, job->framed.len, &job->plain, &fault) != 0) {
		snprintf(job->problem, sizeof(job->problem), "it cannot be decoded: %s, %zu bytes into it",
			fault.cause, fault.at);
		return FRAME_BAD;
	}
	if (job->plain.len != entry->plain_bytes) {
		snprintf(job->problem, sizeof(job->problem),
			"it holds %zu plain bytes, %" PRIu32 " were recorded", job->plain.len,
			entry->plain_bytes);
		return FRAME_BAD;
	}
	return 0;
}

/* Damage that was found while loading stays; it is reported in its turn like any other. */
static int
job_run(struct work *work)
{
	struct read_job *job = (struct read_job *)work;

	if (job->verdict == 0)
		job->verdict = job_decode(job);
	return 0;
}

/* One frame_read(). */
struct reader {
	struct input *input;
	const struct frame_index *index;
	struct stage *to;
	uint64_t plain_off, plain_end;
	size_t first, last; /* frames */
	struct workpool *pool;
	struct read_job jobs[JOBS];
	size_t job_count;
};

static uint64_t
larger(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static uint64_t
smaller(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* Memory for the largest of the frames; a frame that is larger than the file is never read. */
static int
reader_init(struct reader *self)
{
	uint64_t framed_bytes = 0, plain_bytes = 0;
	size_t frames = self->last - self->first + 1;

	for (size_t i = self->first; i <= self->last; i++) {
		framed_bytes = larger(framed_bytes, self->index->entries[i].framed_bytes);
		plain_bytes = larger(plain_bytes, self->index->entries[i].plain_bytes);
	}
	framed_bytes = smaller(framed_bytes, self->input->size_bytes);
	self->job_count = plain_bytes > AHEAD_MAX_BYTES ? 1 : (size_t)smaller(frames, JOBS);
	for (size_t i = 0; i < self->job_count; i++) {
		self->jobs[i].work.run = job_run;
		if (job_init(&self->jobs[i], self->index->codec, framed_bytes, plain_bytes) != 0)
			return -1;
	}
	self->pool = workpool_new((unsigned)smaller(self->job_count, WORKERS));
	return self->pool != NULL ? 0 : -1;
}

static void
reader_clear(struct reader *self)
{
	workpool_free(self->pool);
	for (size_t i = 0; i < self->job_count; i++)
		job_clear(&self->jobs[i]);
}

/* Writes the wanted part of the oldest frame under way. */
static int
pass_on(struct reader *self)
{
	const struct read_job *job = (const struct read_job *)workpool_drain(self->pool);
	const struct frame_entry *entry = &job->entry;
	uint64_t begin, end;

	if (job->verdict != 0)
		return error_set(ERR_DAMAGED, "%s: the frame at byte %" PRIu64 " is damaged: %s",
			self->input->name, entry->framed_off, job->problem);
	begin = larger(self->plain_off, entry->plain_off) - entry->plain_off;
	end = smaller(self->plain_end - entry->plain_off, entry->plain_bytes);
	return stage_write(self->to, job->plain.bytes + begin, (size_t)(end - begin));
}

static int
reader_run(struct reader *self)
{
	size_t frames = self->last - self->first + 1;
	size_t passed = 0;

	for (size_t i = 0; i < frames; i++) {
		struct read_job *job = &self->jobs[i % self->job_count];

		if (i - passed == self->job_count) {
			if (pass_on(self) != 0)
				return -1;
			passed++;
		}
		if (interrupt_check() != 0)
			return -1;
		job->verdict = job_load(job, self->input, &self->index->entries[self->first + i]);
		if (job->verdict < 0)
			return -1;
		workpool_submit(self->pool, &job->work);
	}
	for (; passed < frames; passed++)
		if (pass_on(self) != 0)
			return -1;
	return 0;
}

int
frame_read(struct input *input, const struct frame_index *index, uint64_t plain_off, uint64_t plain_len,
	struct stage *to)
{
	struct reader reader = { .input = input, .index = index, .to = to };
	int rc;

	if (plain_off > index->plain_bytes || plain_len > index->plain_bytes - plain_off)
		return error_set(ERR_DAMAGED,
			"%s holds %" PRIu64 " plain bytes, but %" PRIu64 " from %" PRIu64 " on are wanted",
			input->name, index->plain_bytes, plain_len, plain_off);
	if (plain_len == 0)
		return 0;
	reader.plain_off = plain_off;
	reader.plain_end = plain_off + plain_len;
	reader.first = frame_index_find(index, plain_off);
	reader.last = frame_index_find(index, reader.plain_end - 1);
	rc = reader_init(&reader);
	if (rc == 0)
		rc = reader_run(&reader);
	reader_clear(&reader);
	return rc;
}

int
frame_examine(struct input *input, const struct frame_index *index, size_t frame, struct stage *to,
	char *problem, size_t capacity)
{
	const struct frame_entry *entry = &index->entries[frame];
	struct read_job job = { 0 };
	int rc = job_init(
		&job, index->codec, smaller(entry->framed_bytes, input->size_bytes), entry->plain_bytes);

	if (rc == 0)
		rc = job_load(&job, input, entry);
	if (rc == 0)
		rc = job_decode(&job);
	if (rc == 0)
		rc = stage_write(to, job.plain.bytes, job.plain.len);
	else if (rc == FRAME_BAD)
		snprintf(problem, capacity, "%s", job.problem);
	job_clear(&job);
	return rc;
}
