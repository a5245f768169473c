/* Growing bytes: the capacity doubles, and one byte of it is always kept for the NUL behind the length. */
#include "config.h"

#include "incant/buf.h"

#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "incant/mem.h"

enum { FIRST_CAPACITY = 64 };

void
buf_init(struct buf *buf)
{
	*buf = (struct buf)BUF_EMPTY;
}

void
buf_clear(struct buf *buf)
{
	free(buf->bytes);
	buf_init(buf);
}

void
buf_reset(struct buf *buf)
{
	buf->len = 0;
	if (buf->bytes != NULL)
		buf->bytes[0] = '\0';
}

void
buf_reserve(struct buf *buf, size_t more)
{
	/* A sum that overflows becomes a size that mem_resize() cannot serve. */
	size_t needed = 0;
	if (__builtin_add_overflow(buf->len, more, &needed) || __builtin_add_overflow(needed, 1, &needed))
		needed = SIZE_MAX;
	if (needed <= buf->capacity)
		return;

	size_t capacity = buf->capacity != 0 ? buf->capacity : FIRST_CAPACITY;
	while (capacity < needed)
		capacity = capacity <= SIZE_MAX / 2 ? capacity * 2 : SIZE_MAX;
	buf->bytes = mem_resize(buf->bytes, capacity, 1);
	buf->capacity = capacity;
	buf->bytes[buf->len] = '\0';
}

void
buf_append(struct buf *buf, const void *bytes, size_t len)
{
	buf_reserve(buf, len);
	if (len != 0)
		memcpy(buf->bytes + buf->len, bytes, len);
	buf->len += len;
	buf->bytes[buf->len] = '\0';
}

void
buf_append_text(struct buf *buf, const char *text)
{
	buf_append(buf, text, strlen(text));
}

void
buf_append_char(struct buf *buf, char c)
{
	buf_append(buf, &c, 1);
}

void
buf_append_format(struct buf *buf, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	buf_append_format_v(buf, format, arguments);
	va_end(arguments);
}

void
buf_append_format_v(struct buf *buf, const char *format, va_list arguments)
{
	va_list again;
	va_copy(again, arguments);
	int len = vsnprintf(NULL, 0, format, arguments);
	assert(len >= 0);
	buf_reserve(buf, (size_t)len);
	vsnprintf(buf->bytes + buf->len, (size_t)len + 1, format, again);
	buf->len += (size_t)len;
	va_end(again);
}

const char *
buf_text(const struct buf *buf)
{
	return buf->bytes != NULL ? buf->bytes : "";
}

char *
buf_take(struct buf *buf)
{
	buf_reserve(buf, 0);
	char *bytes = buf->bytes;
	buf_init(buf);
	return bytes;
}
