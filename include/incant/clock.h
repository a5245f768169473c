/* Time: now, as text, and dates as people write them. Seconds are seconds since 1970-01-01 UTC. */
#ifndef INCANT_CLOCK_H
#define INCANT_CLOCK_H

#include <stddef.h>
#include <stdint.h>

int64_t clock_now(void);           /* wall clock, seconds */
uint64_t clock_monotonic_ms(void); /* never goes back; for durations and deadlines */

#define CLOCK_RFC3339_SIZE 32
#define CLOCK_ID_SIZE      20

/* The formats show times outside the years 1000 to 9999 as the nearest end of those. */

/* "2026-11-22T03:00:00Z". Returns text. */
char *clock_format_utc(char text[CLOCK_RFC3339_SIZE], int64_t at);

/* "2026-11-22 04:00:00 +0100", local time. Returns text. */
char *clock_format_local(char text[CLOCK_RFC3339_SIZE], int64_t at);

/* "20261122T030000Z": a backup's id. Returns text. */
char *clock_format_id(char text[CLOCK_ID_SIZE], int64_t at);

/* RFC 3339 with zone; a fraction of a second is dropped. 0 or -1 (no error set). */
int clock_parse_rfc3339(const char *text, int64_t *at);

/*
 * A date as people write it: "2026-11-22" (that day's end, local time), "2026-11-22 14:30[:15]" (local), RFC
 * 3339 with zone, "now", "today", "yesterday" (those days' ends), "3 days ago", "2h ago" (s, m, h, d, w or
 * the words, singular or plural). now is the present. 0, or -1 with ERR_USAGE naming the text and the forms
 * that are understood.
 */
int clock_parse_date(const char *text, int64_t now, int64_t *at);

#endif
