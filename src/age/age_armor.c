/*
 * Armor: an age file as text, in the strict PEM of the specification. Base64 with padding in lines of 64
 * columns, only the last of which may be shorter; white space around the whole is allowed.
 */
#include "config.h"

#include <string.h>

#include "age_inside.h"

#define COLUMNS ((size_t)64)

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* What is left to decode, without the white space around it. */
struct armor {
	const char *at, *end;
	const char *name;
};

static struct armor
armor_trim(const char *text, size_t len, const char *name)
{
	struct armor armor = { .at = text, .end = text + len, .name = name };

	while (armor.at < armor.end && is_space(armor.at[0]))
		armor.at++;
	while (armor.at < armor.end && is_space(armor.end[-1]))
		armor.end--;
	return armor;
}

bool
age_armor_is(const char *text, size_t len)
{
	struct armor armor = armor_trim(text, len, "");
	size_t front = strlen(AGE_ARMOR_BEGIN);

	return (size_t)(armor.end - armor.at) >= front && memcmp(armor.at, AGE_ARMOR_BEGIN, front) == 0;
}

static int
bad_armor(const struct armor *armor, const char *problem)
{
	return error_set(ERR_DAMAGED, "%s: the armor is damaged: %s", armor->name, problem);
}

/* Takes a line, without its LF or CRLF. false at the end. */
static bool
take_line(struct armor *armor, const char **line, size_t *len)
{
	const char *newline;

	if (armor->at >= armor->end)
		return false;
	newline = memchr(armor->at, '\n', (size_t)(armor->end - armor->at));
	*line = armor->at;
	*len = (size_t)((newline != NULL ? newline : armor->end) - armor->at);
	armor->at = newline != NULL ? newline + 1 : armor->end;
	if (newline != NULL && *len > 0 && (*line)[*len - 1] == '\r')
		(*len)--;
	return true;
}

static bool
line_is(const char *line, size_t len, const char *text)
{
	return len == strlen(text) && memcmp(line, text, len) == 0;
}

/* Decodes a line of digits: a multiple of four, with '=' in place of the last one or two. */
static int
decode_line(struct armor *armor, const char *line, size_t len, struct buf *out)
{
	unsigned char bytes[COLUMNS];
	size_t digits = len, count = 0;

	if (len == 0 || len > COLUMNS || len % 4 != 0)
		return bad_armor(armor, "a line is not of 64 columns");
	while (digits > len - 2 && line[digits - 1] == '=')
		digits--;
	if (age_base64_decode(line, digits, bytes, &count) != 0)
		return bad_armor(armor, "a line is not base64");
	buf_append(out, bytes, count);
	return digits == len ? 0 : 1;
}

int
age_armor_decode(const char *text, size_t len, const char *name, struct buf *out)
{
	struct armor armor = armor_trim(text, len, name);
	const char *line = NULL;
	bool last = false;
	size_t line_len = 0;

	if (!take_line(&armor, &line, &line_len) || !line_is(line, line_len, AGE_ARMOR_BEGIN))
		return bad_armor(&armor, "it does not begin with '" AGE_ARMOR_BEGIN "'");
	while (take_line(&armor, &line, &line_len)) {
		int padded;

		if (line_is(line, line_len, AGE_ARMOR_END))
			return armor.at == armor.end ? 0 : bad_armor(&armor, "something follows its end");
		if (last)
			return bad_armor(&armor, "a line before the last is short");
		padded = decode_line(&armor, line, line_len, out);
		if (padded < 0)
			return -1;
		last = padded == 1 || line_len < COLUMNS;
	}
	return bad_armor(&armor, "it does not end with '" AGE_ARMOR_END "'");
}
