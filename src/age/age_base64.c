/* Base64 without padding (RFC 4648, section 4), read strictly: bits that no byte takes must be zero. */
#include "config.h"

#include <string.h>

#include "age_inside.h"

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void
age_base64_append(struct buf *to, const void *bytes, size_t len)
{
	const unsigned char *from = bytes;
	unsigned bits = 0, held = 0;

	for (size_t i = 0; i < len; i++) {
		bits = (bits << 8 | from[i]) & 0xffff;
		for (held += 8; held >= 6; held -= 6)
			buf_append_char(to, digits[bits >> (held - 6) & 63]);
	}
	if (held > 0)
		buf_append_char(to, digits[bits << (6 - held) & 63]);
}

static int
value_of(char c)
{
	const char *at = c != '\0' ? strchr(digits, c) : NULL;

	return at != NULL ? (int)(at - digits) : -1;
}

int
age_base64_decode(const char *text, size_t len, unsigned char *out, size_t *out_len)
{
	unsigned bits = 0, held = 0;
	size_t count = 0;

	for (size_t i = 0; i < len; i++) {
		int value = value_of(text[i]);
		if (value < 0)
			return -1;
		bits = (bits << 6 | (unsigned)value) & 0xffff;
		held += 6;
		if (held >= 8) {
			held -= 8;
			out[count++] = (unsigned char)(bits >> held & 0xff);
		}
	}
	/* Six bits left are a character too many; fewer must be zero. */
	if (held == 6 || (bits & ((1U << held) - 1)) != 0)
		return -1;
	*out_len = count;
	return 0;
}
