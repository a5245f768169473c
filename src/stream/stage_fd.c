/* The end of a chain in an open descriptor: a pipe, a terminal, a file that somebody else opened. */
#include "config.h"

#include "incant/stage.h"

#include <stdlib.h>

#include "incant/file.h"
#include "incant/mem.h"

struct stage_fd {
	struct stage base;
	int fd;
	enum error_class class;
	char *what;
};

static int
fd_write(struct stage *stage, const void *bytes, size_t len)
{
	struct stage_fd *self = (struct stage_fd *)stage;

	return file_write_all(self->fd, bytes, len, self->class, self->what);
}

static void
fd_free(struct stage *stage)
{
	struct stage_fd *self = (struct stage_fd *)stage;

	free(self->what);
	free(self);
}

static const struct stage_ops fd_ops = {
	.name = "fd",
	.write = fd_write,
	.free = fd_free,
};

struct stage *
stage_fd_new(int fd, int error_class, const char *what)
{
	struct stage_fd *self = mem_zero(sizeof(*self));

	stage_init(&self->base, &fd_ops, NULL);
	self->fd = fd;
	self->class = (enum error_class)error_class;
	self->what = mem_text(what);
	return &self->base;
}
