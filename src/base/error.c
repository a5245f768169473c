/*
 * The current error of each thread, in thread-local storage of fixed size: setting an error allocates
 * nothing and cannot fail. Text is rendered aside and copied in, so that arguments may point into the
 * current error itself.
 */
#include "config.h"

#include "incant/error.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static _Thread_local struct error current;

/* Ends a text that was cut at the capacity: whole UTF-8 characters, then three dots. */
static void
mark_as_cut(char *text, size_t capacity)
{
	size_t end = capacity - sizeof("...");
	while (end > 0 && ((unsigned char)text[end] & 0xc0U) == 0x80U)
		end--;
	memcpy(text + end, "...", sizeof("..."));
}

static void
replace_controls(char *text)
{
	for (char *c = text; *c != '\0'; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			*c = '?';
}

static void render(char *to, size_t capacity, const char *format, va_list arguments)
	__attribute__((format(printf, 3, 0)));

static void
render(char *to, size_t capacity, const char *format, va_list arguments)
{
	int len = vsnprintf(to, capacity, format, arguments);
	if (len < 0)
		to[0] = '\0';
	else if ((size_t)len >= capacity)
		mark_as_cut(to, capacity);
	replace_controls(to);
}

static void
set(enum error_class class, const char *message)
{
	assert(class != ERR_NONE);
	current.class = class;
	memcpy(current.message, message, strlen(message) + 1);
	current.hint[0] = '\0';
}

/* Makes the message "front: back". */
static void
join(const char *front, const char *back)
{
	char text[sizeof(current.message)];

	int len = snprintf(text, sizeof(text), "%s: %s", front, back);
	if (len >= (int)sizeof(text))
		mark_as_cut(text, sizeof(text));
	memcpy(current.message, text, sizeof(text));
}

int
error_set(enum error_class class, const char *format, ...)
{
	char text[sizeof(current.message)];
	va_list arguments;

	va_start(arguments, format);
	render(text, sizeof(text), format, arguments);
	va_end(arguments);
	set(class, text);
	return -1;
}

int
error_set_errno(enum error_class class, int errno_value, const char *format, ...)
{
	char text[sizeof(current.message)];
	char cause[128];
	va_list arguments;

	va_start(arguments, format);
	render(text, sizeof(text), format, arguments);
	va_end(arguments);
	set(class, text);
	join(text, strerror_r(errno_value, cause, sizeof(cause)));
	return -1;
}

int
error_add(const char *format, ...)
{
	char text[sizeof(current.message)];
	char back[sizeof(current.message)];
	va_list arguments;

	va_start(arguments, format);
	render(text, sizeof(text), format, arguments);
	va_end(arguments);
	if (current.class == ERR_NONE) {
		set(ERR_INTERNAL, text);
		return -1;
	}
	memcpy(back, current.message, sizeof(back));
	join(text, back);
	return -1;
}

int
error_hint(const char *format, ...)
{
	char text[sizeof(current.hint)];
	va_list arguments;

	if (current.class == ERR_NONE || current.hint[0] != '\0')
		return -1;
	va_start(arguments, format);
	render(text, sizeof(text), format, arguments);
	va_end(arguments);
	memcpy(current.hint, text, sizeof(text));
	return -1;
}

int error_reclass(enum error_class class)
{
	assert(class != ERR_NONE);
	if (current.class != ERR_NONE)
		current.class = class;
	return -1;
}

const struct error *
error_get(void)
{
	return &current;
}

void
error_clear(void)
{
	current = (struct error){ .class = ERR_NONE };
}

void
error_take(struct error *to)
{
	*to = current;
	error_clear();
}

int
error_put(const struct error *from)
{
	current = *from;
	return -1;
}

const char *error_class_name(enum error_class class)
{
	switch (class) {
	case ERR_NONE:
		return "none";
	case ERR_INTERNAL:
		return "internal";
	case ERR_USAGE:
		return "usage";
	case ERR_SETTINGS:
		return "settings";
	case ERR_SOURCE:
		return "source";
	case ERR_STORE:
		return "store";
	case ERR_NOT_FOUND:
		return "not-found";
	case ERR_DAMAGED:
		return "damaged";
	case ERR_PROOF:
		return "proof";
	case ERR_RESTORE:
		return "restore";
	case ERR_BUSY:
		return "busy";
	case ERR_CHECK:
		return "check";
	case ERR_CLOUD:
		return "cloud";
	case ERR_KEYS:
		return "keys";
	case ERR_GUARD:
		return "guard";
	case ERR_INTERRUPTED:
		return "interrupted";
	}
	return "internal";
}
