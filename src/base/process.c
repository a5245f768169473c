/*
 * A child process under watch. Our ends of its pipes do not block: every function first tries, and only when
 * there is nothing to do sleeps in one poll(2) over the pipe that it wants, standard error, the interrupt
 * descriptor and the deadline. So nothing that the child does, or leaves undone, holds us longer than that.
 */
#include "config.h"

#include "incant/process.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "incant/buf.h"
#include "incant/clock.h"
#include "incant/error.h"
#include "incant/interrupt.h"
#include "incant/log.h"
#include "incant/mem.h"
#include "incant/text.h"
#include "process_spawn.h"

enum {
	ERRORS_KEPT_BYTES = 16 * 1024,
	ERRORS_IN_MESSAGE_BYTES = 1024,
	LARGE_PIPE_BYTES = 1024 * 1024,
	GATHER_MS = 1,
	GRACE_MS = 2000,
	LOOK_AGAIN_MS = 50, /* between looks at a child that has no pidfd */
};

struct process {
	char *name;                 /* for messages: argv[0] without its directories */
	struct process_child child; /* pid 0 once reaped; descriptors -1 once closed */
	int pidfd;                  /* readable when the child has ended; -1 on a kernel without */
	int status;                 /* of the reaped child, as waitpid(2) gave it */
	bool has_large_pipe;        /* for standard output */
	uint64_t deadline_ms;
	struct buf raw_errors; /* the end of its standard error: up to twice what is kept */
	char *shown_errors;    /* what process_errors() gave */
};

static void
close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void
log_start(const struct process_request *request)
{
	struct buf line = BUF_EMPTY;

	for (size_t i = 0; request->argv[i] != NULL; i++)
		buf_append_format(&line, " %s", request->argv[i]);
	log_verbose("running%s", buf_text(&line));
	buf_clear(&line);
}

struct process *
process_start(const struct process_request *request)
{
	struct process_child child;

	log_start(request);
	if (process_spawn(request, &child) != 0)
		return NULL;

	struct process *process = mem_zero(sizeof(*process));
	const char *slash = strrchr(request->argv[0], '/');
	process->name = mem_text(slash != NULL ? slash + 1 : request->argv[0]);
	process->child = child;
	/* By number, since glibc has a wrapper only from 2.36 on. Descriptors of this kind close on exec. */
	process->pidfd = (int)syscall(SYS_pidfd_open, child.pid, 0);
	process->has_large_pipe = fcntl(child.output, F_GETPIPE_SZ) >= LARGE_PIPE_BYTES;
	process->deadline_ms = request->deadline_ms;
	return process;
}

/* Forgets all but the last bytes that are kept, from the beginning of a line where there is one. */
static void
trim_errors(struct buf *errors)
{
	const char *from = errors->bytes + errors->len - ERRORS_KEPT_BYTES;
	const char *line_end = memchr(from, '\n', ERRORS_KEPT_BYTES - 1);

	if (line_end != NULL)
		from = line_end + 1;
	errors->len -= (size_t)(from - errors->bytes);
	memmove(errors->bytes, from, errors->len);
	errors->bytes[errors->len] = '\0';
}

/* Takes what standard error has at the moment. Closes it at its end. */
static void
drain_errors(struct process *process)
{
	char bytes[4096];

	while (process->child.errors >= 0) {
		ssize_t got = read(process->child.errors, bytes, sizeof(bytes));
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0 && errno == EAGAIN)
			return;
		if (got <= 0) {
			close_fd(&process->child.errors);
			return;
		}
		buf_append(&process->raw_errors, bytes, (size_t)got);
		if (process->raw_errors.len > 2 * ERRORS_KEPT_BYTES)
			trim_errors(&process->raw_errors);
	}
}

/* 0 while the process may go on; -1 with the error when a signal is pending or its time is over. */
static int
check_limits(const struct process *process)
{
	if (interrupt_check() != 0)
		return -1;
	if (process->deadline_ms != 0 && clock_monotonic_ms() >= process->deadline_ms)
		return error_set(ERR_SOURCE, "%s took longer than its time limit", process->name);
	return 0;
}

/* Milliseconds for poll(2) to a time on the monotonic clock; 0 is never, and too far is INT_MAX. */
static int
timeout_until(uint64_t at_ms)
{
	uint64_t now_ms = clock_monotonic_ms();

	if (at_ms == 0)
		return -1;
	if (at_ms <= now_ms)
		return 0;
	return at_ms - now_ms < INT_MAX ? (int)(at_ms - now_ms) : INT_MAX;
}

/*
 * Sleeps until fd is ready, standard error has text (which is drained), the child has ended where fd is to be
 * read, a signal comes, or the deadline. A child without a pidfd has to be looked at: then it sleeps but
 * shortly.
 */
static int
pause_for(struct process *process, int fd, short events)
{
	struct pollfd fds[] = {
		{ .fd = fd, .events = events },
		{ .fd = process->child.errors, .events = POLLIN },
		{ .fd = interrupt_fd(), .events = POLLIN },
		{ .fd = events == POLLIN ? process->pidfd : -1, .events = POLLIN },
	};
	int timeout = timeout_until(process->deadline_ms);

	if (process->pidfd < 0 && (timeout < 0 || timeout > LOOK_AGAIN_MS))
		timeout = LOOK_AGAIN_MS;
	if (poll(fds, sizeof(fds) / sizeof(fds[0]), timeout) < 0) {
		if (errno != EINTR)
			return error_set_errno(ERR_INTERNAL, errno, "cannot wait for %s", process->name);
	} else if (fds[1].revents != 0) {
		drain_errors(process);
	}
	return 0;
}

/*
 * Sleeps until there is output, and a moment longer. pg_dump writes 4 KiB at a time, and being woken for each
 * of them doubles the processor time that reading takes. The pipe must have room for what comes meanwhile.
 */
static int
await_output(struct process *process)
{
	if (pause_for(process, process->child.output, POLLIN) != 0)
		return -1;
	if (process->has_large_pipe)
		poll(NULL, 0, GATHER_MS);
	return 0;
}

/* Reaps the child when it has ended. */
static bool
has_ended(struct process *process)
{
	if (process->child.pid == 0)
		return true;
	if (waitpid(process->child.pid, &process->status, WNOHANG) != process->child.pid)
		return false;
	process->child.pid = 0;
	return true;
}

/*
 * There is no output at the moment. Sleeps until there may be, unless the child has ended: what still holds
 * the pipe open then are orphans of it, who may wait for ever. Returns 1 when there is more to read, 0 at the
 * end, or -1.
 */
static int
more_output(struct process *process, bool *ended)
{
	if (!*ended) {
		*ended = has_ended(process);
		if (*ended)
			return 1; /* it may have written just before */
		return await_output(process) == 0 ? 1 : -1;
	}
	close_fd(&process->child.output);
	return 0;
}

ssize_t
process_read(struct process *process, void *bytes, size_t capacity)
{
	bool ended = false;

	assert(capacity > 0);
	while (process->child.output >= 0) {
		if (check_limits(process) != 0)
			return -1;
		ssize_t got = read(process->child.output, bytes, capacity);
		if (got > 0)
			return got;
		if (got == 0) {
			close_fd(&process->child.output);
		} else if (errno == EAGAIN) {
			if (more_output(process, &ended) < 0)
				return -1;
		} else if (errno != EINTR) {
			return error_set_errno(ERR_SOURCE, errno, "cannot read from %s", process->name);
		}
	}
	return 0;
}

int
process_write(struct process *process, const void *bytes, size_t len)
{
	const char *at = bytes;

	while (len > 0) {
		if (check_limits(process) != 0)
			return -1;
		ssize_t written = write(process->child.input, at, len);
		if (written >= 0) {
			at += written;
			len -= (size_t)written;
		} else if (errno == EAGAIN) {
			if (pause_for(process, process->child.input, POLLOUT) != 0)
				return -1;
		} else if (errno != EINTR) {
			return error_set_errno(ERR_SOURCE, errno, "cannot write to %s", process->name);
		}
	}
	return 0;
}

int
process_close_input(struct process *process)
{
	close_fd(&process->child.input);
	return 0;
}

/* Sets the error of a child that did not exit with 0: how it ended, and the last lines that it wrote. */
static int
describe_end(const struct process *process)
{
	const struct buf *raw = &process->raw_errors;
	char *errors = text_last_lines(buf_text(raw), raw->len, ERRORS_IN_MESSAGE_BYTES);
	const char *colon = errors[0] != '\0' ? ": " : "";

	if (WIFSIGNALED(process->status)) {
		const char *signal_name = sigdescr_np(WTERMSIG(process->status));
		error_set(ERR_SOURCE, "%s was ended by signal %d (%s)%s%s", process->name,
			WTERMSIG(process->status), signal_name != NULL ? signal_name : "unknown", colon,
			errors);
	} else {
		error_set(ERR_SOURCE, "%s exited with status %d%s%s", process->name,
			WEXITSTATUS(process->status), colon, errors);
	}
	free(errors);
	return -1;
}

/* Reads standard output to its end and drops it. */
static int
drop_output(struct process *process)
{
	char bytes[4096];
	ssize_t got;

	do
		got = process_read(process, bytes, sizeof(bytes));
	while (got > 0);
	return got < 0 ? -1 : 0;
}

int
process_wait(struct process *process)
{
	close_fd(&process->child.input);
	if (drop_output(process) != 0)
		return -1;
	while (!has_ended(process))
		if (check_limits(process) != 0 || pause_for(process, process->pidfd, POLLIN) != 0)
			return -1;
	drain_errors(process);
	return process->status == 0 ? 0 : describe_end(process);
}

const char *
process_errors(struct process *process)
{
	if (process->raw_errors.len > ERRORS_KEPT_BYTES)
		trim_errors(&process->raw_errors);
	free(process->shown_errors);
	process->shown_errors =
		text_last_lines(buf_text(&process->raw_errors), process->raw_errors.len, ERRORS_KEPT_BYTES);
	return process->shown_errors;
}

/* Whether the child has ended by then, which is on the monotonic clock. Leaves it unreaped. */
static bool
ends_by(const struct process *process, uint64_t at_ms)
{
	for (;;) {
		siginfo_t info = { .si_pid = 0 };
		int result = waitid(P_PID, (id_t)process->child.pid, &info, WEXITED | WNOWAIT | WNOHANG);
		if (result == 0 && info.si_pid != 0)
			return true;
		int timeout = timeout_until(at_ms);
		if (timeout == 0)
			return false;
		struct pollfd ended = { .fd = process->pidfd, .events = POLLIN };
		poll(&ended, 1, process->pidfd < 0 && timeout > LOOK_AGAIN_MS ? LOOK_AGAIN_MS : timeout);
	}
}

/* Ends the process group. The id of the group stays ours until its leader is reaped, which is done last. */
static void
end_group(struct process *process)
{
	kill(-process->child.pid, SIGTERM);
	ends_by(process, clock_monotonic_ms() + GRACE_MS);
	kill(-process->child.pid, SIGKILL);
	while (waitpid(process->child.pid, &process->status, 0) < 0 && errno == EINTR)
		continue;
	process->child.pid = 0;
}

void
process_free(struct process *process)
{
	if (process == NULL)
		return;
	close_fd(&process->child.input);
	close_fd(&process->child.output);
	close_fd(&process->child.errors);
	if (!has_ended(process))
		end_group(process);
	close_fd(&process->pidfd);
	buf_clear(&process->raw_errors);
	free(process->shown_errors);
	free(process->name);
	free(process);
}

/* ioprio_set(2) has no wrapper: the process itself, and the idle class, which gets what nobody else wants. */
enum { IOPRIO_WHO_PROCESS = 1, IOPRIO_CLASS_IDLE = 3, IOPRIO_CLASS_SHIFT = 13 };

void
process_give_way(void)
{
	enum { NICE = 10 };

	if (setpriority(PRIO_PROCESS, 0, NICE) != 0 ||
		syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0, IOPRIO_CLASS_IDLE << IOPRIO_CLASS_SHIFT) != 0)
		log_verbose("cannot give way to other processes: %s", strerror(errno));
}
