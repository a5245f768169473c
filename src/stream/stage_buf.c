/* The end of a chain in memory: for small documents, and for tests. */
#include "config.h"

#include "incant/stage.h"

#include <stdlib.h>

#include "incant/buf.h"
#include "incant/mem.h"

struct stage_buf {
	struct stage base;
	struct buf *buf;
};

static int
buf_write(struct stage *stage, const void *bytes, size_t len)
{
	struct stage_buf *self = (struct stage_buf *)stage;

	buf_append(self->buf, bytes, len);
	return 0;
}

static void
buf_free(struct stage *stage)
{
	free(stage);
}

static const struct stage_ops buf_ops = {
	.name = "buf",
	.write = buf_write,
	.free = buf_free,
};

struct stage *
stage_buf_new(struct buf *buf)
{
	struct stage_buf *self = mem_zero(sizeof(*self));

	stage_init(&self->base, &buf_ops, NULL);
	self->buf = buf;
	return &self->base;
}
