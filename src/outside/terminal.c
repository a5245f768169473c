/*
 * Asks on /dev/tty with its echo off. A signal that comes meanwhile is looked at between reads, and the
 * terminal gets back its settings before anything else happens.
 */
#include "config.h"

#include "incant/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "incant/error.h"
#include "incant/file.h"
#include "incant/interrupt.h"

/* Waits until there is something to read, or a signal. 0 or -1 with ERR_INTERRUPTED. */
static int
wait_for_input(int fd)
{
	struct pollfd waited[] = {
		{ .fd = fd, .events = POLLIN },
		{ .fd = interrupt_fd(), .events = POLLIN },
	};

	if (poll(waited, 2, -1) < 0 && errno != EINTR)
		return error_set_errno(ERR_KEYS, errno, "cannot read from the terminal");
	return interrupt_check();
}

/* Reads to the end of the line, byte by byte: what stands behind it is not ours. */
static int
read_line(int fd, size_t limit, struct buf *line)
{
	for (size_t len = 0; len <= limit; len++) {
		char c = '\n';
		ssize_t got;

		if (wait_for_input(fd) != 0)
			return -1;
		got = read(fd, &c, 1);
		if (got < 0 && errno != EINTR)
			return error_set_errno(ERR_KEYS, errno, "cannot read from the terminal");
		if (got == 0 || (got > 0 && c == '\n'))
			return 0;
		if (got > 0)
			buf_append_char(line, c);
	}
	return error_set(ERR_KEYS, "what was typed is longer than %zu bytes", limit);
}

int
terminal_ask_line(const char *prompt, size_t limit, struct buf *line)
{
	int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	int rc = -1;

	if (fd < 0)
		return TERMINAL_NONE;
	if (file_write_all(fd, prompt, strlen(prompt), ERR_INTERNAL, "the terminal") == 0)
		rc = read_line(fd, limit, line);
	close(fd);
	return rc;
}

int
terminal_ask_secret(const char *prompt, size_t limit, struct buf *secret)
{
	struct termios before, quiet;
	int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	int rc = -1;

	if (fd < 0)
		return TERMINAL_NONE;
	if (tcgetattr(fd, &before) != 0) {
		close(fd);
		return TERMINAL_NONE;
	}
	quiet = before;
	quiet.c_lflag &= ~(tcflag_t)ECHO;
	quiet.c_lflag |= ECHONL;
	/* Echo off before the prompt: an answer that comes at once is neither shown nor flushed away. */
	if (tcsetattr(fd, TCSAFLUSH, &quiet) != 0)
		error_set_errno(ERR_KEYS, errno, "cannot set up the terminal");
	else if (file_write_all(fd, prompt, strlen(prompt), ERR_KEYS, "the terminal") == 0)
		rc = read_line(fd, limit, secret);
	(void)tcsetattr(fd, TCSAFLUSH, &before);
	close(fd);
	return rc;
}
