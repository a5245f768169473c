/*
 * A stage: one step of a stream of bytes. Bytes are pushed into the head of a chain; each stage does its one
 * task and pushes on to the next. Chains are built from the far end:
 *
 *     struct stage *head = store_write(store, name);
 *     head = stage_sha256_new(head, hex);
 *     head = frame_write_new(head, &options, index);
 *
 * A new_ function with a next takes ownership of it, also when it fails (then next is freed and NULL
 * returned). A next that is NULL, from a new_ that failed, gives NULL: a chain is checked once, at its head.
 *
 * Order of calls: stage_write() any number of times, then stage_finish() once, then stage_free().
 * stage_finish() proves completeness: it flushes, finishes the next stage, and the last stage's finish is the
 * commit. A chain freed without a successful finish leaves nothing visible. After a failed call only
 * stage_free() is allowed; the wrappers hold to that.
 */
#ifndef INCANT_STAGE_H
#define INCANT_STAGE_H

#include <stddef.h>
#include <stdint.h>

#include "incant/digest.h"

struct stage;

/* What a kind of stage does. One const table a kind, private to its file. */
struct stage_ops {
	const char *name;                                                 /* for programmers' messages */
	int (*write)(struct stage *stage, const void *bytes, size_t len); /* len > 0; 0 or -1 */
	int (*finish)(struct stage *stage); /* flush what this stage holds back; NOT the next: the wrapper
					       does. NULL = nothing */
	void (*free)(struct stage *stage);  /* this stage, not the next; finished or not */
};

/* First member of every concrete stage. */
struct stage {
	const struct stage_ops *ops;
	struct stage *next; /* owned; NULL for the last stage */
	uint64_t in_bytes;  /* taken so far; kept by stage_write() */
	enum { STAGE_OPEN, STAGE_FINISHED, STAGE_FAILED } state;
};

/* Fills in the base. For implementers. */
void stage_init(struct stage *stage, const struct stage_ops *ops, struct stage *next);

/* Pushes bytes. len 0 does nothing. The bytes are borrowed for the call. 0, or -1: the chain is dead. */
int stage_write(struct stage *stage, const void *bytes, size_t len);

/* Ends the stream, from this stage to the last. 0, or -1: nothing was committed. */
int stage_finish(struct stage *stage);

/* Frees the whole chain. NULL is allowed. */
void stage_free(struct stage *head);

/* Passes bytes on and hashes them: SHA-256 as hex with a NUL, XXH3-128. The result is written at finish;
 * borrowed until then. */
struct stage *stage_sha256_new(struct stage *next, char hex[DIGEST_SHA256_HEX]);
struct stage *stage_xxh128_new(struct stage *next, struct digest128 *digest);

/*
 * Passes bytes on, and at finish refuses (ERR_DAMAGED, naming what) unless their SHA-256 is `expected`: the
 * stages behind it then do not finish, so nothing wrong is ever committed. what is copied; expected is
 * borrowed and looked at when the stream ends, so that it may become known on the way.
 */
struct stage *stage_expect_new(struct stage *next, const char *expected, const char *what);

/* Passes bytes on and counts them into *bytes as they pass (borrowed). */
struct stage *stage_count_new(struct stage *next, uint64_t *bytes);

/* Passes bytes on and calls progress_advance(). */
struct stage *stage_progress_new(struct stage *next);

/* Ends of a chain: nothing; a buffer (borrowed); a file descriptor (borrowed, not closed; class and what for
 * its errors). */
struct stage *stage_null_new(void);
struct buf;
struct stage *stage_buf_new(struct buf *buf);
struct stage *stage_fd_new(int fd, int error_class, const char *what);

/*
 * A relay: the rest of the chain runs on a thread of its own, so that both sides work at once. Bytes are
 * copied into a ring of `buffers` buffers of buffer_bytes each; a full ring makes the writer wait. An error
 * behind the relay is returned by the next write or by finish, with its text. finish returns when the far
 * side has finished.
 */
struct stage *stage_relay_new(struct stage *next, size_t buffers, size_t buffer_bytes);

#endif
