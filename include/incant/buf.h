/*
 * A growing run of bytes. Always NUL-terminated behind its length, so that text in it can be used as such.
 * buf_init() or BUF_EMPTY, any number of appends, buf_clear(). Functions here do not fail (see mem.h).
 */
#ifndef INCANT_BUF_H
#define INCANT_BUF_H

#include <stdarg.h>
#include <stddef.h>

struct buf {
	char *bytes; /* NULL only while nothing was ever appended: use buf_text() for text */
	size_t len;
	size_t capacity;
};

#define BUF_EMPTY          \
	{                  \
		NULL, 0, 0 \
	}

void buf_init(struct buf *buf);
void buf_clear(struct buf *buf);                /* frees the bytes; the buf can be used again */
void buf_reset(struct buf *buf);                /* length 0, keeps the memory */
void buf_reserve(struct buf *buf, size_t more); /* room for that many further bytes, and the NUL */
void buf_append(struct buf *buf, const void *bytes, size_t len);
void buf_append_text(struct buf *buf, const char *text);
void buf_append_char(struct buf *buf, char c);
void buf_append_format(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buf_append_format_v(struct buf *buf, const char *format, va_list arguments)
	__attribute__((format(printf, 2, 0)));
const char *buf_text(const struct buf *buf); /* "" while empty; valid until the next change */
char *buf_take(struct buf *buf); /* the bytes, never NULL, now the caller's to free; the buf is empty after */

#endif
