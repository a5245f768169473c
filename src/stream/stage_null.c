/* The end of a chain that is run for what its stages learn: it takes everything and keeps nothing. */
#include "config.h"

#include "incant/stage.h"

#include <stdlib.h>

#include "incant/mem.h"

static int
null_write(struct stage *stage, const void *bytes, size_t len)
{
	(void)stage;
	(void)bytes;
	(void)len;
	return 0;
}

static void
null_free(struct stage *stage)
{
	free(stage);
}

static const struct stage_ops null_ops = {
	.name = "null",
	.write = null_write,
	.free = null_free,
};

struct stage *
stage_null_new(void)
{
	struct stage *self = mem_zero(sizeof(*self));

	stage_init(self, &null_ops, NULL);
	return self;
}
