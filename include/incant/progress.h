/*
 * Progress of one long piece of work, for a person: bytes, rate, and time left where the end is known.
 *
 * On a terminal it is a bar that is redrawn at most five times a second; elsewhere a line a minute. With
 * LOG_QUIET nothing. One progress at a time. progress_begin(), then progress_advance() as often as one likes
 * (it costs an addition and a clock look at most every 64 KiB), then progress_end(). log_*() clears the bar
 * before it prints.
 */
#ifndef INCANT_PROGRESS_H
#define INCANT_PROGRESS_H

#include <stddef.h>
#include <stdint.h>

/* label: "dump", "verify", … (copied). expected_bytes: the end, or an estimate of it from an earlier run; 0 =
 * not known. */
void progress_begin(const char *label, uint64_t expected_bytes);
void progress_advance(uint64_t bytes); /* any thread; does nothing when none has begun */

/*
 * What one of several workers is at, for a line of its own under the bar (copied, made printable and cut);
 * NULL = nothing. On a terminal only. Any thread. lane: from 0; PROGRESS_LANES of them are shown.
 */
#define PROGRESS_LANES 16
void progress_lane(unsigned lane, const char *text);

/* Removes the bar. Does nothing when none has begun. */
void progress_end(void);

/* Formats one progress line into text: pure, for tests. elapsed_ms is since the beginning. Returns text. */
char *progress_format(char *text, size_t capacity, const char *label, uint64_t done_bytes,
	uint64_t expected_bytes, uint64_t elapsed_ms);

#endif
