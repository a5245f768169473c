/*
 * Signals, as a flag and a descriptor. The handler does what is async-signal-safe and no more: it sets a
 * lock-free atomic, and writes to an eventfd that then stays readable for everybody who polls it.
 */
#include "config.h"

#include "incant/interrupt.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "incant/clock.h"
#include "incant/error.h"

static atomic_int pending;
static atomic_int event_fd = -1;

static void
wake(void)
{
	static const uint64_t one = 1;
	int fd = atomic_load(&event_fd);

	if (fd >= 0) {
		/* Cannot block, and fails only when the descriptor is readable already. */
		ssize_t ignored = write(fd, &one, sizeof(one));
		(void)ignored;
	}
}

static void
on_signal(int signal_number)
{
	int saved_errno = errno;
	int none = 0;

	if (!atomic_compare_exchange_strong(&pending, &none, signal_number))
		_exit(128 + signal_number);
	wake();
	errno = saved_errno;
}

static int
handle(int signal_number)
{
	/* No SA_RESTART: a call that blocks must come back, so that its caller looks at the flag. */
	struct sigaction action = { .sa_handler = on_signal };

	sigemptyset(&action.sa_mask);
	sigaddset(&action.sa_mask, SIGINT);
	sigaddset(&action.sa_mask, SIGTERM);
	sigaddset(&action.sa_mask, SIGHUP);
	if (sigaction(signal_number, &action, NULL) != 0)
		return error_set_errno(ERR_INTERNAL, errno, "cannot handle signal %d", signal_number);
	return 0;
}

static int
dispose(int signal_number, void (*disposition)(int))
{
	if (signal(signal_number, disposition) == SIG_ERR)
		return error_set_errno(ERR_INTERNAL, errno, "cannot handle signal %d", signal_number);
	return 0;
}

/* nohup(1) ignores SIGHUP for its command, which has to stay so. */
static int
handle_hangup(void)
{
	struct sigaction before;

	if (sigaction(SIGHUP, NULL, &before) == 0 && before.sa_handler == SIG_IGN)
		return 0;
	return handle(SIGHUP);
}

int
interrupt_install(void)
{
	if (atomic_load(&event_fd) < 0) {
		int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
		if (fd < 0)
			return error_set_errno(ERR_INTERNAL, errno, "cannot create an eventfd");
		atomic_store(&event_fd, fd);
	}
	/* A parent may have left SIGCHLD ignored, and then no child could be waited for. */
	if (dispose(SIGPIPE, SIG_IGN) != 0 || dispose(SIGCHLD, SIG_DFL) != 0)
		return -1;
	if (handle(SIGINT) != 0 || handle(SIGTERM) != 0)
		return -1;
	return handle_hangup();
}

int
interrupt_pending(void)
{
	return atomic_load(&pending);
}

int
interrupt_fd(void)
{
	return atomic_load(&event_fd);
}

static const char *
signal_name(int signal_number)
{
	switch (signal_number) {
	case SIGINT:
		return "SIGINT";
	case SIGTERM:
		return "SIGTERM";
	case SIGHUP:
		return "SIGHUP";
	default:
		return "a signal";
	}
}

int
interrupt_check(void)
{
	int signal_number = interrupt_pending();

	if (signal_number == 0)
		return 0;
	return error_set(ERR_INTERRUPTED, "interrupted by %s", signal_name(signal_number));
}

int
interrupt_wait(uint64_t ms)
{
	struct pollfd wait_for_signal = { .fd = interrupt_fd(), .events = POLLIN };
	uint64_t end_ms = clock_monotonic_ms() + ms;

	for (;;) {
		uint64_t now_ms = clock_monotonic_ms();

		if (interrupt_check() != 0)
			return -1;
		if (now_ms >= end_ms)
			return 0;
		/* A negative descriptor is passed over; a signal ends the wait by EINTR as well. */
		uint64_t left_ms = end_ms - now_ms;
		(void)poll(&wait_for_signal, 1, left_ms < INT_MAX ? (int)left_ms : INT_MAX);
	}
}

int
interrupt_hold(void)
{
	int held = interrupt_pending();

	if (held != 0)
		interrupt_simulate(0);
	return held;
}

void
interrupt_resume(int held)
{
	if (held != 0)
		interrupt_simulate(held);
}

void
interrupt_simulate(int signal_number)
{
	uint64_t count = 0;

	atomic_store(&pending, signal_number);
	if (signal_number != 0) {
		wake();
	} else if (atomic_load(&event_fd) >= 0) {
		/* Empties the eventfd; fails with EAGAIN when it is empty. */
		ssize_t ignored = read(atomic_load(&event_fd), &count, sizeof(count));
		(void)ignored;
	}
}
