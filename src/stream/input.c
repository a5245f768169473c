/*
 * Inputs: the wrapper that holds every read to the bytes that are there, and the two plain kinds, memory and
 * an open file.
 */
#include "config.h"

#include "incant/input.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "incant/error.h"
#include "incant/file.h"
#include "incant/interrupt.h"
#include "incant/mem.h"
#include "incant/stage.h"

#define COPY_BYTES ((size_t)256 << 10)

void
input_init(struct input *input, const struct input_ops *ops, const char *name, uint64_t size_bytes)
{
	input->ops = ops;
	input->name = mem_text(name);
	input->size_bytes = size_bytes;
	input->read_bytes = 0;
}

int
input_read(struct input *input, uint64_t off, void *bytes, size_t len)
{
	if (off > input->size_bytes || len > input->size_bytes - off)
		return error_set(ERR_DAMAGED, "%s ends at byte %" PRIu64 ", %" PRIu64 " were expected",
			input->name, input->size_bytes, off + len);
	if (len == 0)
		return 0;
	if (input->ops->read(input, off, bytes, len) != 0)
		return -1;
	input->read_bytes += len;
	return 0;
}

void
input_free(struct input *input)
{
	char *name;

	if (input == NULL)
		return;
	name = input->name;
	input->ops->free(input);
	free(name);
}

struct input_memory {
	struct input base;
	const char *bytes;
};

static int
memory_read(struct input *input, uint64_t off, void *bytes, size_t len)
{
	struct input_memory *self = (struct input_memory *)input;

	memcpy(bytes, self->bytes + off, len);
	return 0;
}

static void
memory_free(struct input *input)
{
	free(input);
}

static const struct input_ops memory_ops = { .read = memory_read, .free = memory_free };

struct input *
input_memory_new(const char *name, const void *bytes, size_t len)
{
	struct input_memory *self = mem_zero(sizeof(*self));

	input_init(&self->base, &memory_ops, name, len);
	self->bytes = bytes;
	return &self->base;
}

struct input_fd {
	struct input base;
	int fd;
	enum error_class class;
};

/* The file was long enough when it was opened: one that is short by now is damaged, whatever its class. */
static int
fd_read(struct input *input, uint64_t off, void *bytes, size_t len)
{
	struct input_fd *self = (struct input_fd *)input;

	if (file_read_at(self->fd, (off_t)off, bytes, len, input->name) == 0)
		return 0;
	if (error_get()->class != ERR_DAMAGED)
		error_reclass(self->class);
	return -1;
}

static void
fd_free(struct input *input)
{
	struct input_fd *self = (struct input_fd *)input;

	close(self->fd);
	free(self);
}

static const struct input_ops fd_ops = { .read = fd_read, .free = fd_free };

struct input *
input_fd_new(const char *name, int fd, int error_class)
{
	struct input_fd *self;
	struct stat status;

	if (fstat(fd, &status) != 0) {
		error_set_errno((enum error_class)error_class, errno, "cannot read '%s'", name);
		close(fd);
		return NULL;
	}
	self = mem_zero(sizeof(*self));
	input_init(&self->base, &fd_ops, name, (uint64_t)status.st_size);
	self->fd = fd;
	self->class = (enum error_class)error_class;
	return &self->base;
}

struct input_borrow {
	struct input base;
	struct input *under;
};

static int
borrow_read(struct input *input, uint64_t off, void *bytes, size_t len)
{
	return input_read(((struct input_borrow *)input)->under, off, bytes, len);
}

static const struct input_ops borrow_ops = { .read = borrow_read, .free = memory_free };

struct input *
input_borrow_new(struct input *under)
{
	struct input_borrow *self = mem_zero(sizeof(*self));

	input_init(&self->base, &borrow_ops, under->name, under->size_bytes);
	self->under = under;
	return &self->base;
}

int
input_copy(struct input *input, uint64_t off, uint64_t len, struct stage *to)
{
	char *bytes = mem_alloc(COPY_BYTES);
	int rc = 0;

	while (rc == 0 && len > 0) {
		size_t part = len < COPY_BYTES ? (size_t)len : COPY_BYTES;

		if (interrupt_check() != 0 || input_read(input, off, bytes, part) != 0 ||
			stage_write(to, bytes, part) != 0)
			rc = -1;
		off += part;
		len -= part;
	}
	free(bytes);
	return rc;
}
