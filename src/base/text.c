/*
 * Words and numbers. Numbers are parsed by hand, because strtoull(3) takes signs, leading blanks and bases
 * that nobody meant; sizes are formatted in integers, because a double rounds 1023.96 KiB to "1024.0 KiB".
 */
#include "config.h"

#include "incant/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "incant/buf.h"
#include "incant/mem.h"

struct unit {
	const char *word;
	uint64_t factor;
};

bool
text_equal(const char *a, const char *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	return strcmp(a, b) == 0;
}

bool
text_starts(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

bool
text_ends(const char *text, const char *suffix)
{
	size_t text_len = strlen(text);
	size_t suffix_len = strlen(suffix);

	return text_len >= suffix_len && strcmp(text + text_len - suffix_len, suffix) == 0;
}

/* The digits at *text, which is moved behind them. At least one; -1 where there is none or too many. */
static int
parse_digits(const char **text, uint64_t *value)
{
	const char *c = *text;
	uint64_t number = 0;

	for (; *c >= '0' && *c <= '9'; c++)
		if (__builtin_mul_overflow(number, 10U, &number) ||
			__builtin_add_overflow(number, (uint64_t)(*c - '0'), &number))
			return -1;
	if (c == *text)
		return -1;
	*text = c;
	*value = number;
	return 0;
}

int
text_parse_u64(const char *text, uint64_t *value)
{
	uint64_t number = 0;

	if (parse_digits(&text, &number) != 0 || *text != '\0')
		return -1;
	*value = number;
	return 0;
}

/* A number, blanks, and one of the units (of either case). */
static int
parse_with_unit(const char *text, const struct unit *units, uint64_t *value)
{
	uint64_t number = 0;

	if (parse_digits(&text, &number) != 0)
		return -1;
	text += strspn(text, " \t");
	for (const struct unit *unit = units; unit->word != NULL; unit++)
		if (strcasecmp(text, unit->word) == 0)
			return __builtin_mul_overflow(number, unit->factor, value) ? -1 : 0;
	return -1;
}

#define KIB ((uint64_t)1 << 10)
#define KB  ((uint64_t)1000)

int
text_parse_bytes(const char *text, uint64_t *bytes)
{
	static const struct unit units[] = {
		{ "", 1 },
		{ "B", 1 },
		{ "K", KIB },
		{ "KiB", KIB },
		{ "KB", KB },
		{ "M", KIB * KIB },
		{ "MiB", KIB * KIB },
		{ "MB", KB * KB },
		{ "G", KIB * KIB * KIB },
		{ "GiB", KIB * KIB * KIB },
		{ "GB", KB * KB * KB },
		{ "T", KIB * KIB * KIB * KIB },
		{ "TiB", KIB * KIB * KIB * KIB },
		{ "TB", KB * KB * KB * KB },
		{ NULL, 0 },
	};
	uint64_t value = 0;

	if (parse_with_unit(text, units, &value) != 0)
		return -1;
	*bytes = value;
	return 0;
}

int
text_parse_duration_ms(const char *text, uint64_t *ms)
{
	static const struct unit units[] = {
		{ "", 1000 },
		{ "ms", 1 },
		{ "s", 1000 },
		{ "m", 60 * 1000 },
		{ "h", 60 * 60 * 1000 },
		{ "d", 24 * 60 * 60 * 1000 },
		{ "w", 7 * 24 * 60 * 60 * 1000 },
		{ NULL, 0 },
	};
	uint64_t value = 0;

	if (parse_with_unit(text, units, &value) != 0)
		return -1;
	*ms = value;
	return 0;
}

int
text_parse_bool(const char *text, bool *value)
{
	static const char *const yes[] = { "yes", "true", "on", "1" };
	static const char *const no[] = { "no", "false", "off", "0" };

	for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++) {
		bool is_yes = strcasecmp(text, yes[i]) == 0;
		if (is_yes || strcasecmp(text, no[i]) == 0) {
			*value = is_yes;
			return 0;
		}
	}
	return -1;
}

/* bytes in parts (1 or 10) of 1024^power, rounded. Splitting off the rest keeps the product within 64 bits.
 */
static uint64_t
rounded(uint64_t bytes, unsigned int power, unsigned int parts)
{
	uint64_t one = (uint64_t)1 << (10 * power);
	uint64_t rest = bytes % one;

	return bytes / one * parts + (rest * parts + one / 2) / one;
}

char *
text_format_bytes(char *text, size_t capacity, uint64_t bytes)
{
	static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
	unsigned int power = 0;

	while (rounded(bytes, power, 1) >= 1024)
		power++;
	unsigned int tenths = (unsigned int)rounded(bytes, power, 10);
	if (power > 0 && tenths < 1000)
		snprintf(text, capacity, "%u.%u %s", tenths / 10, tenths % 10, units[power]);
	else
		snprintf(text, capacity, "%u %s", (unsigned int)rounded(bytes, power, 1), units[power]);
	return text;
}

char *
text_format_duration(char *text, size_t capacity, uint64_t ms)
{
	uint64_t seconds = ms / 1000;
	unsigned int in_minute = (unsigned int)(seconds % 60);
	unsigned int in_hour = (unsigned int)(seconds / 60 % 60);

	if (seconds < 60)
		snprintf(text, capacity, "%u.%us", in_minute, (unsigned int)(ms % 1000 / 100));
	else if (seconds < 60 * 60)
		snprintf(text, capacity, "%um %02us", in_hour, in_minute);
	else
		snprintf(text, capacity, "%lluh %02um", (unsigned long long)(seconds / (60 * 60)), in_hour);
	return text;
}

char *
text_format_count(char *text, size_t capacity, uint64_t count)
{
	char digits[24];
	size_t len = (size_t)snprintf(digits, sizeof(digits), "%llu", (unsigned long long)count);
	size_t at = 0;

	for (size_t i = 0; i < len && at + 2 < capacity; i++) {
		if (i != 0 && (len - i) % 3 == 0)
			text[at++] = ',';
		text[at++] = digits[i];
	}
	text[at] = '\0';
	return text;
}

/* Levenshtein's distance, by one row of its matrix. */
static size_t
edit_distance(const char *a, const char *b)
{
	size_t b_len = strlen(b);
	size_t *row = mem_alloc((b_len + 1) * sizeof(*row));

	for (size_t j = 0; j <= b_len; j++)
		row[j] = j;
	for (size_t i = 0; a[i] != '\0'; i++) {
		size_t diagonal = row[0];
		row[0] = i + 1;
		for (size_t j = 0; j < b_len; j++) {
			size_t best = diagonal + (a[i] != b[j]);
			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j + 1] + 1 < best)
				best = row[j + 1] + 1;
			diagonal = row[j + 1];
			row[j + 1] = best;
		}
	}
	size_t distance = row[b_len];
	free(row);
	return distance;
}

const char *
text_nearest(const char *text, const char *const *words)
{
	const char *nearest = NULL;
	size_t nearest_distance = 4;

	for (; *words != NULL; words++) {
		size_t distance = edit_distance(text, *words);
		if (distance < nearest_distance && 2 * distance < strlen(*words)) {
			nearest = *words;
			nearest_distance = distance;
		}
	}
	return nearest;
}

/*
 * The length of the UTF-8 character that starts a text of len > 0 bytes; 0 where there is none. The bounds of
 * the second byte keep out overlong forms, surrogates and what is above U+10FFFF (RFC 3629, section 4).
 */
static size_t
utf8_char(const unsigned char *text, size_t len)
{
	unsigned char lead = text[0];
	size_t size = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
	unsigned char low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
	unsigned char high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;

	if (size == 1)
		return 1;
	if (lead < 0xc2 || lead > 0xf4 || len < size || text[1] < low || text[1] > high)
		return 0;
	for (size_t i = 2; i < size; i++)
		if ((text[i] & 0xc0U) != 0x80U)
			return 0;
	return size;
}

size_t
text_utf8_valid(const char *text, size_t len)
{
	size_t at = 0;

	while (at < len) {
		size_t size = utf8_char((const unsigned char *)text + at, len - at);
		if (size == 0)
			break;
		at += size;
	}
	return at;
}

/* C0, DEL, and C1, which a terminal obeys also in its UTF-8 form. */
static bool
is_control(const unsigned char *character, size_t size)
{
	if (size == 1)
		return character[0] < 0x20 || character[0] == 0x7f;
	return size == 2 && character[0] == 0xc2 && character[1] < 0xa0;
}

char *
text_printable(const char *text, size_t len)
{
	struct buf printable = BUF_EMPTY;

	for (size_t at = 0; at < len;) {
		const unsigned char *here = (const unsigned char *)text + at;
		size_t size = utf8_char(here, len - at);
		if (size == 0) {
			buf_append_text(&printable, "\xef\xbf\xbd"); /* U+FFFD */
			size = 1;
		} else if (is_control(here, size)) {
			buf_append_char(&printable, '?');
		} else {
			buf_append(&printable, here, size);
		}
		at += size;
	}
	return buf_take(&printable);
}

char *
text_hex(char *hex, const void *bytes, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *from = bytes;

	for (size_t i = 0; i < len; i++) {
		hex[2 * i] = digits[from[i] >> 4];
		hex[2 * i + 1] = digits[from[i] & 0x0fU];
	}
	hex[2 * len] = '\0';
	return hex;
}

/* The value of a hex digit, or -1. */
static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

int
text_unhex(void *bytes, size_t len, const char *hex)
{
	unsigned char *to = bytes;

	for (size_t i = 0; i < len; i++) {
		int high = hex_digit(hex[2 * i]);
		int low = high >= 0 ? hex_digit(hex[2 * i + 1]) : -1;
		if (low < 0)
			return -1;
		to[i] = (unsigned char)(high << 4 | low);
	}
	return hex[2 * len] == '\0' ? 0 : -1;
}

/* Appends one line, printable, behind those that are there. */
static void
append_line(struct buf *to, const char *line, size_t len)
{
	char *copy, *shown;

	while (len > 0 && line[len - 1] == '\r')
		len--;
	if (len == 0)
		return;
	copy = mem_text_n(line, len);
	for (size_t i = 0; i < len; i++)
		if (copy[i] == '\t')
			copy[i] = ' ';
	shown = text_printable(copy, len);
	buf_append_format(to, "%s%s", to->len > 0 ? "; " : "", shown);
	free(shown);
	free(copy);
}

char *
text_last_lines(const char *text, size_t len, size_t limit)
{
	const char *end = text + len;
	struct buf lines = BUF_EMPTY;

	if (len > limit) {
		const char *newline;

		text = end - limit;
		newline = memchr(text, '\n', limit - 1);
		text = newline != NULL ? newline + 1 : text;
	}
	while (text < end) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		const char *line_end = newline != NULL ? newline : end;

		append_line(&lines, text, (size_t)(line_end - text));
		text = newline != NULL ? newline + 1 : end;
	}
	return buf_take(&lines);
}
