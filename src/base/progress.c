/*
 * Progress. The count is an atomic, so that any thread may advance it at the cost of an addition; only when
 * another 64 KiB have come is the mutex taken, the clock looked at, and what is due shown. The log's own lock
 * is taken under this mutex, never the other way round.
 */
#include "config.h"

#include "incant/progress.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "incant/buf.h"
#include "incant/clock.h"
#include "incant/log.h"
#include "incant/text.h"
#include "log_bar.h"

enum {
	LOOK_EVERY_BYTES = 64 * 1024,
	DRAW_EVERY_MS = 200,
	LINE_EVERY_MS = 60 * 1000,
	BAR_CELLS = 24,
	LINE_SIZE = 256,
	LANE_SIZE = 80,
};

static atomic_uint_fast64_t done_bytes;
static atomic_uint_fast64_t look_at_bytes = UINT64_MAX; /* while none has begun: never */

/* What there is to show, guarded by the mutex. */
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct {
	char label[32];
	uint64_t expected_bytes;
	uint64_t begun_ms;
	uint64_t shown_ms;
	bool on_terminal;
	char lanes[PROGRESS_LANES][LANE_SIZE]; /* "" = nothing to show */
} shown;

/* An estimate that has been passed says nothing about the end. */
static bool
end_is_known(uint64_t done, uint64_t expected)
{
	return expected != 0 && done <= expected;
}

static double
share_done(uint64_t done, uint64_t expected)
{
	return (double)done / (double)expected;
}

char *
progress_format(char *text, size_t capacity, const char *label, uint64_t done_so_far, uint64_t expected,
	uint64_t elapsed_ms)
{
	char size[16], end[16], rate[16], left[24];
	uint64_t bytes_a_second =
		elapsed_ms != 0 ? (uint64_t)((double)done_so_far * 1000 / (double)elapsed_ms) : 0;

	text_format_bytes(size, sizeof(size), done_so_far);
	text_format_bytes(rate, sizeof(rate), bytes_a_second);
	if (!end_is_known(done_so_far, expected) || bytes_a_second == 0) {
		snprintf(text, capacity, "%s: %s, %s/s", label, size, rate);
		return text;
	}
	text_format_bytes(end, sizeof(end), expected);
	text_format_duration(left, sizeof(left), (expected - done_so_far) / bytes_a_second * 1000);
	snprintf(text, capacity, "%s: %s of %s (%d%%), %s/s, %s left", label, size, end,
		(int)(share_done(done_so_far, expected) * 100), rate, left);
	return text;
}

/* "[=====>-----] " into text, which holds at least BAR_CELLS + 4 bytes; "" where the end is not known. */
static void
format_bar(char *text, uint64_t done, uint64_t expected)
{
	char *at = text;

	if (end_is_known(done, expected)) {
		int full = (int)(share_done(done, expected) * BAR_CELLS);
		*at++ = '[';
		for (int cell = 0; cell < BAR_CELLS; cell++)
			*at++ = cell < full ? '=' : cell == full ? '>' : '-';
		*at++ = ']';
		*at++ = ' ';
	}
	*at = '\0';
}

/* Cuts a line to what the terminal shows without a break: a bar that wraps could not be cleared. */
static void
cut_to_terminal(char *line)
{
	struct winsize size;

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && strlen(line) >= size.ws_col)
		line[size.ws_col - 1] = '\0';
}

/* The bar's own line, and one a lane that is at work. Under the mutex. */
static void
draw(char *line)
{
	struct buf lines = BUF_EMPTY;

	cut_to_terminal(line);
	buf_append_text(&lines, line);
	for (unsigned i = 0; i < PROGRESS_LANES; i++) {
		if (shown.lanes[i][0] == '\0')
			continue;
		snprintf(line, LINE_SIZE, "  %2u  %s", i + 1, shown.lanes[i]);
		cut_to_terminal(line);
		buf_append_format(&lines, "\n%s", line);
	}
	log_bar(buf_text(&lines));
	buf_clear(&lines);
}

/* Shows what is due. Under the mutex. */
static void
show(uint64_t done)
{
	char bar[BAR_CELLS + 4];
	char text[LINE_SIZE];
	char line[BAR_CELLS + LINE_SIZE + 4];
	uint64_t now_ms = clock_monotonic_ms();

	if (now_ms - shown.shown_ms < (shown.on_terminal ? DRAW_EVERY_MS : LINE_EVERY_MS))
		return;
	shown.shown_ms = now_ms;
	progress_format(text, sizeof(text), shown.label, done, shown.expected_bytes, now_ms - shown.begun_ms);
	if (!shown.on_terminal) {
		log_info("%s", text);
		return;
	}
	format_bar(bar, done, shown.expected_bytes);
	snprintf(line, sizeof(line), "%s%s", bar, text);
	draw(line);
}

/* A terminal that understands "clear to the end of the line". */
static bool
bar_is_possible(void)
{
	const char *kind = getenv("TERM");

	return isatty(STDERR_FILENO) && kind != NULL && strcmp(kind, "dumb") != 0;
}

void
progress_begin(const char *label, uint64_t expected_bytes)
{
	if (log_get_level() == LOG_QUIET)
		return;
	pthread_mutex_lock(&mutex);
	snprintf(shown.label, sizeof(shown.label), "%s", label);
	shown.expected_bytes = expected_bytes;
	shown.begun_ms = clock_monotonic_ms();
	shown.shown_ms = shown.begun_ms;
	shown.on_terminal = bar_is_possible();
	memset(shown.lanes, 0, sizeof(shown.lanes));
	atomic_store(&done_bytes, 0);
	atomic_store(&look_at_bytes, LOOK_EVERY_BYTES);
	pthread_mutex_unlock(&mutex);
}

void
progress_advance(uint64_t bytes)
{
	uint64_t done = atomic_fetch_add(&done_bytes, bytes) + bytes;

	if (done < atomic_load(&look_at_bytes))
		return;
	pthread_mutex_lock(&mutex);
	/* Asked again: another thread may have looked, or the end have come, while this one waited. */
	if (done >= atomic_load(&look_at_bytes)) {
		atomic_store(&look_at_bytes, done + LOOK_EVERY_BYTES);
		show(done);
	}
	pthread_mutex_unlock(&mutex);
}

void
progress_lane(unsigned lane, const char *text)
{
	char *printable = text != NULL ? text_printable(text, strlen(text)) : NULL;

	pthread_mutex_lock(&mutex);
	if (lane < PROGRESS_LANES)
		snprintf(shown.lanes[lane], LANE_SIZE, "%s", printable != NULL ? printable : "");
	pthread_mutex_unlock(&mutex);
	free(printable);
}

void
progress_end(void)
{
	pthread_mutex_lock(&mutex);
	atomic_store(&look_at_bytes, UINT64_MAX);
	log_bar(NULL);
	pthread_mutex_unlock(&mutex);
}
