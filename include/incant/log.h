/*
 * The log: what the program tells a person on standard error while it works.
 *
 * A line is "incant-backup: text", a warning "incant-backup: warning: text"; what is not printable in text is
 * replaced (text_printable()). Warnings are also kept, for the JSON and the notification.
 * Safe to call from any thread. Never hand it a secret.
 */
#ifndef INCANT_LOG_H
#define INCANT_LOG_H

#include <stddef.h>

enum log_level {
	LOG_QUIET,  /* warnings and errors only */
	LOG_NORMAL, /* and what a run did */
	LOG_VERBOSE /* and every process, request and file */
};

/* Sets the level. Call once, before other threads start. The level at first is LOG_NORMAL. */
void log_set_level(enum log_level level);
enum log_level log_get_level(void);

/* Something that a person should know and that did not stop the run. Printed at every level, and kept. */
void log_warning(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* What a run did. */
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Every process, request and file. */
void log_verbose(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Prints text and a newline as they are, ahead of which a progress bar is cleared. For main's final error. */
void log_line(const char *text);

/* The warnings so far, oldest first; *count says how many. Borrowed until the next log_warning() or
 * log_reset(). */
const char *const *log_warnings(size_t *count);

/* The end of what was logged, whole lines as LOG_NORMAL prints them, up to 8 KiB. The caller frees it. */
char *log_tail(void);

/* Forgets the warnings and the lines kept. For tests, and for main before it ends. */
void log_reset(void);

#endif
