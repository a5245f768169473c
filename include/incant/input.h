/*
 * An input: bytes that can be read at any offset. The opposite of a stage: an object in a store, later the
 * inside of an age file. Inputs wrap one another (age over an object); input_read() counts what was asked of
 * this one.
 */
#ifndef INCANT_INPUT_H
#define INCANT_INPUT_H

#include <stddef.h>
#include <stdint.h>

struct input;

struct input_ops {
	/* Reads exactly len bytes at off (the wrapper has checked that they lie inside). 0 or -1. */
	int (*read)(struct input *input, uint64_t off, void *bytes, size_t len);
	void (*free)(struct input *input); /* frees this input and what it owns, but not the name */
};

/* First member of every concrete input. */
struct input {
	const struct input_ops *ops;
	char *name; /* for errors: "cluster.sql.zst of 20261122T030000Z in store local" */
	uint64_t size_bytes;
	uint64_t read_bytes; /* read so far, for reports */
};

/* Fills in the base; name is copied. For implementers. */
void input_init(struct input *input, const struct input_ops *ops, const char *name, uint64_t size_bytes);

/* Reads exactly len bytes at off. 0, or -1; past the end is ERR_DAMAGED "NAME ends at byte N, M were
 * expected". */
int input_read(struct input *input, uint64_t off, void *bytes, size_t len);

void input_free(struct input *input); /* NULL is allowed */

/* Bytes in memory (borrowed until input_free()). */
struct input *input_memory_new(const char *name, const void *bytes, size_t len);

/* An open file: takes ownership of fd, also on failure. class: of errors that are not a short file. */
struct input *input_fd_new(const char *name, int fd, int error_class);

/*
 * Over another input (takes ownership) one that remembers the last stretch read, up to keep_bytes: reading it
 * again, or a part of it, asks nothing of the input beneath, whose own read_bytes say what was really read.
 */
struct input *input_recent_new(struct input *under, size_t keep_bytes);

/* Over another input that stays the caller's, who frees it behind this one. */
struct input *input_borrow_new(struct input *under);

/* Pushes the bytes [off, off + len) into a stage, 256 KiB at a time. Looks at interrupt_check(). 0 or -1. */
struct stage;
int input_copy(struct input *input, uint64_t off, uint64_t len, struct stage *to);

#endif
