/*
 * The log. Lines are rendered first and written in one call under one mutex, which also guards the warnings
 * kept and the bar. Nothing else is locked while it is held, and nothing here touches the current error.
 */
#include "config.h"

#include "incant/log.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "incant/buf.h"
#include "incant/mem.h"
#include "incant/text.h"
#include "log_bar.h"

#define TAIL_BYTES 8192

static enum log_level level = LOG_NORMAL;

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static unsigned bar_lines; /* 0 = no bar is shown */
static char **warnings;
static size_t warnings_count;
static size_t warnings_capacity;
static struct buf tail; /* up to twice what log_tail() gives */

void
log_set_level(enum log_level new_level)
{
	level = new_level;
}

enum log_level
log_get_level(void)
{
	return level;
}

/* Appends what leads to the beginning of the bar. Under the mutex. */
static void
go_to_bar(struct buf *drawn)
{
	if (bar_lines > 1)
		buf_append_format(drawn, "\033[%uA", bar_lines - 1);
	buf_append_char(drawn, '\r');
}

/* All of it in one write: a bar does not flicker. */
static void
write_bar(struct buf *drawn)
{
	fputs(buf_text(drawn), stderr);
	buf_clear(drawn);
}

/* Under the mutex. */
static void
clear_bar(void)
{
	struct buf drawn = BUF_EMPTY;

	if (bar_lines == 0)
		return;
	go_to_bar(&drawn);
	buf_append_text(&drawn, bar_lines > 1 ? "\033[J" : "\033[K");
	write_bar(&drawn);
	bar_lines = 0;
}

/* Under the mutex. A bar that has fewer lines than the one before leaves none of that behind. */
static void
draw_bar(const char *text)
{
	struct buf drawn = BUF_EMPTY;
	unsigned lines = 1;

	go_to_bar(&drawn);
	for (const char *c = text; *c != '\0'; c++) {
		if (*c == '\n') {
			buf_append_text(&drawn, "\033[K");
			lines++;
		}
		buf_append_char(&drawn, *c);
	}
	buf_append_text(&drawn, lines < bar_lines ? "\033[J" : "\033[K");
	write_bar(&drawn);
	bar_lines = lines;
}

void
log_bar(const char *text)
{
	pthread_mutex_lock(&mutex);
	if (text == NULL)
		clear_bar();
	else
		draw_bar(text);
	pthread_mutex_unlock(&mutex);
}

void
log_line(const char *text)
{
	pthread_mutex_lock(&mutex);
	clear_bar();
	fprintf(stderr, "%s\n", text);
	pthread_mutex_unlock(&mutex);
}

/* The text made printable; the caller frees it. */
static char *render(const char *format, va_list arguments) __attribute__((format(printf, 1, 0)));

static char *
render(const char *format, va_list arguments)
{
	struct buf text = BUF_EMPTY;

	buf_append_format_v(&text, format, arguments);
	char *printable = text_printable(buf_text(&text), text.len);
	buf_clear(&text);
	return printable;
}

/* Where the last TAIL_BYTES begin, at the beginning of a line. */
static size_t
tail_begin(void)
{
	size_t at = tail.len > TAIL_BYTES ? tail.len - TAIL_BYTES : 0;
	const char *line_end = at > 0 ? memchr(tail.bytes + at - 1, '\n', tail.len - at + 1) : NULL;

	return line_end != NULL ? (size_t)(line_end - tail.bytes) + 1 : at;
}

static void
keep_line(const char *line)
{
	pthread_mutex_lock(&mutex);
	buf_append_text(&tail, line);
	buf_append_char(&tail, '\n');
	if (tail.len > 2 * TAIL_BYTES) {
		size_t at = tail_begin();
		tail.len -= at;
		memmove(tail.bytes, tail.bytes + at, tail.len + 1);
	}
	pthread_mutex_unlock(&mutex);
}

char *
log_tail(void)
{
	pthread_mutex_lock(&mutex);
	char *text = mem_text(buf_text(&tail) + tail_begin());
	pthread_mutex_unlock(&mutex);
	return text;
}

static void
print(const char *prefix, const char *text)
{
	char *line = mem_format("incant-backup: %s%s", prefix, text);

	keep_line(line);
	log_line(line);
	free(line);
}

void
log_warning(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	char *text = render(format, arguments);
	va_end(arguments);
	print("warning: ", text);

	pthread_mutex_lock(&mutex);
	MEM_GROW(warnings, warnings_count, warnings_capacity);
	warnings[warnings_count++] = text;
	pthread_mutex_unlock(&mutex);
}

void
log_info(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	char *text = render(format, arguments);
	va_end(arguments);
	if (level >= LOG_NORMAL) {
		print("", text);
	} else {
		char *line = mem_format("incant-backup: %s", text);
		keep_line(line);
		free(line);
	}
	free(text);
}

void
log_verbose(const char *format, ...)
{
	va_list arguments;

	if (level < LOG_VERBOSE)
		return;
	va_start(arguments, format);
	char *text = render(format, arguments);
	va_end(arguments);
	print("", text);
	free(text);
}

const char *const *
log_warnings(size_t *count)
{
	pthread_mutex_lock(&mutex);
	*count = warnings_count;
	const char *const *borrowed = (const char *const *)warnings;
	pthread_mutex_unlock(&mutex);
	return borrowed;
}

void
log_reset(void)
{
	pthread_mutex_lock(&mutex);
	for (size_t i = 0; i < warnings_count; i++)
		free(warnings[i]);
	free(warnings);
	warnings = NULL;
	warnings_count = 0;
	warnings_capacity = 0;
	buf_clear(&tail);
	pthread_mutex_unlock(&mutex);
}
