/* The stage that counts what passes. A byte counts once the next stage has taken it. */
#include "config.h"

#include "incant/stage.h"

#include <stdlib.h>

#include "incant/mem.h"

struct stage_count {
	struct stage base;
	uint64_t *bytes;
};

static int
count_write(struct stage *stage, const void *bytes, size_t len)
{
	struct stage_count *self = (struct stage_count *)stage;

	if (stage_write(stage->next, bytes, len) != 0)
		return -1;
	*self->bytes += len;
	return 0;
}

static void
count_free(struct stage *stage)
{
	free(stage);
}

static const struct stage_ops count_ops = {
	.name = "count",
	.write = count_write,
	.free = count_free,
};

struct stage *
stage_count_new(struct stage *next, uint64_t *bytes)
{
	struct stage_count *self;

	if (next == NULL)
		return NULL;
	self = mem_zero(sizeof(*self));
	stage_init(&self->base, &count_ops, next);
	self->bytes = bytes;
	return &self->base;
}
