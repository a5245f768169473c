/*
 * A child process: argument vector, environment, its output, its end. No shell anywhere.
 *
 * process_start(); process_read() until it gives 0; process_wait(). process_free() at any time ends what
 * still runs (SIGTERM, after two seconds SIGKILL, to its process group) and reaps it. Standard error is
 * drained beside standard output; its last 16 KiB are kept for the error.
 */
#ifndef INCANT_PROCESS_H
#define INCANT_PROCESS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct process;

/*
 * Another user for a child, with less of the world than we have: no other groups, no network (where the
 * kernel lets us take it away), no variables but those it is given, '/' as its directory. Needs root.
 */
struct process_user {
	uid_t uid;
	gid_t gid;
};

struct process_request {
	const char *const *argv; /* NULL-ended; argv[0] is looked up in PATH when it has no slash */
	const char *const *env;  /* NULL-ended "NAME=value" to add or replace; NULL = none */
	uint64_t deadline_ms;    /* on clock_monotonic_ms(); 0 = none */
	enum { PROCESS_STDIN_NULL, PROCESS_STDIN_PIPE } stdin_kind;
	const struct process_user *user; /* NULL = ours */
};

/* NULL when it cannot be started: ERR_SOURCE, with argv[0] and the cause (exec failures are reported here,
 * not as exit 127). */
struct process *process_start(const struct process_request *request);

/*
 * Reads standard output. Returns bytes read, 0 at its end (the pipe's, or the child's when all that it wrote
 * has been read: an orphan of it may hold the pipe for ever), or -1: ERR_INTERRUPTED when a signal is pending
 * (interrupt.h), ERR_SOURCE when the deadline has passed ("… took longer than …").
 */
ssize_t process_read(struct process *process, void *bytes, size_t capacity);

/*
 * Writes to standard input (PROCESS_STDIN_PIPE); process_close_input() ends it. 0 or -1, as process_read(),
 * and ERR_SOURCE when the child reads no more (SIGPIPE must be ignored: interrupt_install()). Standard output
 * is not read meanwhile: a child that answers much before it has read all must be fed in pieces.
 */
int process_write(struct process *process, const void *bytes, size_t len);
int process_close_input(struct process *process);

/*
 * Closes standard input, reads what is left of standard output and drops it, and waits for the end, with the
 * same limits as process_read(). Returns 0 for exit status 0. Otherwise -1 with ERR_SOURCE: "NAME exited with
 * status 1: " or "NAME was ended by signal 9 (Killed): " and the last lines of its standard error.
 */
int process_wait(struct process *process);

/*
 * What it wrote to standard error so far (the last 16 KiB): printable, on one line, "; " between the child's
 * lines; "" for nothing. Borrowed until the next call here or free.
 */
const char *process_errors(struct process *process);

void process_free(struct process *process);

/* Makes this process, and every child from here on, give way to all others: a low CPU priority and the last
 * I/O class. What the system refuses is left as it is. */
void process_give_way(void);

#endif
