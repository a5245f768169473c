/*
 * An input that remembers the last stretch that was read through it. Neighbouring parts of a dump share a
 * frame at their border, and small databases lie many to a frame: without this each of them would fetch it
 * again.
 */
#include "config.h"

#include "incant/input.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "incant/mem.h"

struct input_recent {
	struct input base;
	struct input *under;
	size_t keep_bytes;
	char *kept;
	size_t capacity;
	uint64_t kept_off;
	size_t kept_len;
};

/* Reads a stretch into the memory. What was there is gone, also when the reading fails. */
static int
recent_fetch(struct input_recent *recent, uint64_t off, size_t len)
{
	if (len > recent->capacity) {
		recent->kept = mem_resize(recent->kept, len, 1);
		recent->capacity = len;
	}
	recent->kept_len = 0;
	if (input_read(recent->under, off, recent->kept, len) != 0)
		return -1;
	recent->kept_off = off;
	recent->kept_len = len;
	return 0;
}

static int
recent_read(struct input *input, uint64_t off, void *bytes, size_t len)
{
	struct input_recent *recent = (struct input_recent *)input;
	bool known = off >= recent->kept_off && off - recent->kept_off <= recent->kept_len &&
		     len <= recent->kept_len - (size_t)(off - recent->kept_off);

	if (len > recent->keep_bytes)
		return input_read(recent->under, off, bytes, len);
	if (!known && recent_fetch(recent, off, len) != 0)
		return -1;
	memcpy(bytes, recent->kept + (off - recent->kept_off), len);
	return 0;
}

static void
recent_free(struct input *input)
{
	struct input_recent *recent = (struct input_recent *)input;

	input_free(recent->under);
	free(recent->kept);
	free(recent);
}

static const struct input_ops recent_ops = { .read = recent_read, .free = recent_free };

struct input *
input_recent_new(struct input *under, size_t keep_bytes)
{
	struct input_recent *recent = mem_zero(sizeof(*recent));

	input_init(&recent->base, &recent_ops, under->name, under->size_bytes);
	recent->under = under;
	recent->keep_bytes = keep_bytes;
	return &recent->base;
}
