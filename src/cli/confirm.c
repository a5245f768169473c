/* The source's name, typed on a terminal or said as an option: so nobody changes the wrong server in a hurry.
 */
#include "config.h"

#include "confirm.h"

#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "incant/buf.h"
#include "incant/error.h"
#include "incant/interrupt.h"
#include "incant/log.h"
#include "incant/mem.h"
#include "incant/text.h"

#define LINE_BYTES 256

/* A line from the terminal, without its end. 0 or -1. */
static int
read_line(struct buf *line)
{
	char byte = '\0';

	while (byte != '\n' && line->len < LINE_BYTES) {
		struct pollfd fds[2] = {
			{ .fd = STDIN_FILENO, .events = POLLIN },
			{ .fd = interrupt_fd(), .events = POLLIN },
		};
		(void)poll(fds, 2, -1);
		if (interrupt_check() != 0)
			return -1;
		if (fds[0].revents == 0)
			continue;
		if (read(STDIN_FILENO, &byte, 1) != 1)
			break;
		if (byte != '\n')
			buf_append_char(line, byte);
	}
	return 0;
}

static int
ask(const char *name, const char *what)
{
	struct buf line = BUF_EMPTY;
	char *question = mem_format("%s Type the source's name to go on:", what);
	int rc;

	log_line(question);
	free(question);
	rc = read_line(&line);
	if (rc == 0 && !text_equal(buf_text(&line), name))
		rc = error_set(ERR_USAGE, "that is not the source's name: nothing was done");
	buf_clear(&line);
	return rc;
}

int
confirm_source(const struct words *words, const char *name, const char *what)
{
	if (words->yes_i_mean != NULL && text_equal(words->yes_i_mean, name))
		return 0;
	if (words->yes_i_mean != NULL)
		return error_set(ERR_USAGE,
			"--yes-i-mean says '%s', and the source is '%s': nothing was done", words->yes_i_mean,
			name);
	if (isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1)
		return ask(name, what);
	error_set(
		ERR_USAGE, "this changes what is live, and there is no terminal to ask at: nothing was done");
	return error_hint("Say --yes-i-mean %s.", name);
}
