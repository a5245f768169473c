/*
 * Words and numbers: parsing and formatting of text that people write and read.
 * The parse functions return 0, or -1 without setting an error: the caller knows what the text was for and
 * names it.
 */
#ifndef INCANT_TEXT_H
#define INCANT_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool text_equal(const char *a, const char *b); /* NULL equals only NULL */
bool text_starts(const char *text, const char *prefix);
bool text_ends(const char *text, const char *suffix);

/* A decimal number without sign; the whole text. */
int text_parse_u64(const char *text, uint64_t *value);

/* "4MiB", "512 KiB", "20MB", "100" (bytes): K/M/G/T with "iB" = 1024s, with "B" = 1000s, alone = 1024s. */
int text_parse_bytes(const char *text, uint64_t *bytes);

/* "60s", "6h", "8d", "90" (seconds), "5m", "2w", "500ms". */
int text_parse_duration_ms(const char *text, uint64_t *ms);

/* "yes", "true", "on", "1" and their opposites. */
int text_parse_bool(const char *text, bool *value);

/* "1.2 GiB", "640 KiB", "17 B". Returns text. 16 bytes of capacity are enough. */
char *text_format_bytes(char *text, size_t capacity, uint64_t bytes);

/* "1h 05m", "2m 03s", "4.2s". Returns text. 24 bytes of capacity are enough. */
char *text_format_duration(char *text, size_t capacity, uint64_t ms);

/* "1,234,567". Returns text. 32 bytes of capacity are enough. */
char *text_format_count(char *text, size_t capacity, uint64_t count);

/* The word of a NULL-ended list nearest to text (edit distance at most 3 and under half its length), or NULL.
 */
const char *text_nearest(const char *text, const char *const *words);

/* How many bytes from the start of text are valid UTF-8. */
size_t text_utf8_valid(const char *text, size_t len);

/* A copy safe to show: invalid UTF-8 becomes U+FFFD, control characters become '?'. The caller frees it. */
char *text_printable(const char *text, size_t len);

/*
 * The last lines of what a program said, for an error message: whole lines from the last limit bytes,
 * printable, "; " between them, empty ones left out, a tab as a space. The caller frees it.
 */
char *text_last_lines(const char *text, size_t len, size_t limit);

/* Lower-case hex. hex must hold 2 * len + 1 bytes. Returns hex. */
char *text_hex(char *hex, const void *bytes, size_t len);
/* Exactly len bytes; hex is 2 * len digits of either case and nothing else. */
int text_unhex(void *bytes, size_t len, const char *hex);

#endif
