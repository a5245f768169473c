/* The stage that moves the progress bar. It shows what the next stage has taken, not what was offered. */
#include "config.h"

#include "incant/stage.h"

#include <stdlib.h>

#include "incant/mem.h"
#include "incant/progress.h"

static int
progress_write(struct stage *stage, const void *bytes, size_t len)
{
	if (stage_write(stage->next, bytes, len) != 0)
		return -1;
	progress_advance(len);
	return 0;
}

static void
progress_free(struct stage *stage)
{
	free(stage);
}

static const struct stage_ops progress_ops = {
	.name = "progress",
	.write = progress_write,
	.free = progress_free,
};

struct stage *
stage_progress_new(struct stage *next)
{
	struct stage *self;

	if (next == NULL)
		return NULL;
	self = mem_zero(sizeof(*self));
	stage_init(self, &progress_ops, next);
	return self;
}
