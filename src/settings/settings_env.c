/*
 * Env files, as Docker Compose reads them
 * (https://docs.docker.com/compose/how-tos/environment-variables/variable-interpolation/): KEY=value, also
 * KEY: value, and "export " in front; '#' begins a comment, behind an unquoted value only after white space;
 * single quotes hold a value as it is, double quotes one with escapes, both over several lines. The last of
 * several values counts.
 *
 * Compose also puts other variables into a value: $NAME, ${NAME}. What comes of it depends on Compose's own
 * environment and version, so such a value is refused rather than a wrong password taken from it.
 *
 * The file holds secrets: no value of it is in an error.
 */
#include "config.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "incant/buf.h"
#include "incant/error.h"
#include "incant/file.h"
#include "incant/settings.h"

#define FILE_LIMIT_BYTES (1u << 20)

struct env_reader {
	const char *file;
	const char *at, *end;
	int line;         /* where a statement began */
	bool substitutes; /* the value just read names other variables */
};

static int
refuse(const struct env_reader *reader, const char *why)
{
	return error_set(ERR_SETTINGS, "%s:%d: %s", reader->file, reader->line, why);
}

/* The byte some places ahead, '\0' past the end. */
static char
peek(const struct env_reader *reader, size_t ahead)
{
	return (size_t)(reader->end - reader->at) > ahead ? reader->at[ahead] : '\0';
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static void
skip_blanks(struct env_reader *reader)
{
	while (is_blank(peek(reader, 0)))
		reader->at++;
}

static void
skip_to_line_end(struct env_reader *reader)
{
	const char *newline = memchr(reader->at, '\n', (size_t)(reader->end - reader->at));

	reader->at = newline != NULL ? newline : reader->end;
}

/* Past empty lines and comments, to the next statement. false at the end. */
static bool
skip_to_statement(struct env_reader *reader)
{
	for (;;) {
		skip_blanks(reader);
		if (peek(reader, 0) == '#')
			skip_to_line_end(reader);
		if (reader->at == reader->end)
			return false;
		if (*reader->at != '\n')
			return true;
		reader->at++;
		reader->line++;
	}
}

/* Whether the '$' here is one that Compose would look at. */
static bool
is_substitution(const struct env_reader *reader)
{
	char next = peek(reader, 1);

	return peek(reader, 0) == '$' &&
	       (isalpha((unsigned char)next) || next == '_' || next == '{' || next == '$');
}

static char
unescape(char c)
{
	return c == 'n' ? '\n' : c == 'r' ? '\r' : c == 't' ? '\t' : c;
}

/* A value in quotes, from the opening one to behind the closing one. Single quotes know the escape \' alone.
 */
static int
read_quoted(struct env_reader *reader, struct buf *value)
{
	char quote = *reader->at++;
	int lines = 0;

	for (; reader->at < reader->end && *reader->at != quote; reader->at++) {
		if (*reader->at == '\\' && (quote == '"' || peek(reader, 1) == quote) &&
			peek(reader, 1) != '\0') {
			reader->at++;
			buf_append_char(value, quote == '"' ? unescape(*reader->at) : *reader->at);
		} else {
			reader->substitutes =
				reader->substitutes || (quote == '"' && is_substitution(reader));
			buf_append_char(value, *reader->at);
		}
		lines += *reader->at == '\n';
	}
	if (reader->at == reader->end)
		return refuse(reader, "a quote is opened here and never closed");
	reader->at++;
	reader->line += lines;
	return 0;
}

/* A value without quotes: to the end of the line, or a comment. */
static void
read_unquoted(struct env_reader *reader, struct buf *value)
{
	const char *begin = reader->at;
	const char *end = begin;

	for (; reader->at < reader->end && *reader->at != '\n'; reader->at++) {
		if (*reader->at == '#' && is_blank(reader->at[-1]))
			break;
		reader->substitutes = reader->substitutes || is_substitution(reader);
		if (!is_blank(*reader->at))
			end = reader->at + 1;
	}
	buf_append(value, begin, (size_t)(end - begin));
}

/* The name of a statement, "export " taken off; *has_value unless it stands alone. */
static void
read_key(struct env_reader *reader, struct buf *key, bool *has_value)
{
	if (reader->end - reader->at > 6 && memcmp(reader->at, "export", 6) == 0 && is_blank(reader->at[6])) {
		reader->at += 6;
		skip_blanks(reader);
	}
	while (reader->at < reader->end && strchr("=: \t\r\n", *reader->at) == NULL)
		buf_append_char(key, *reader->at++);
	skip_blanks(reader);
	*has_value = peek(reader, 0) == '=' || peek(reader, 0) == ':';
	if (*has_value)
		reader->at++;
}

/* One statement. *has_value is false for a name without one. */
static int
read_statement(struct env_reader *reader, struct buf *key, struct buf *value, bool *has_value)
{
	int rc = 0;

	reader->substitutes = false;
	read_key(reader, key, has_value);
	if (!*has_value && peek(reader, 0) != '\n' && reader->at != reader->end)
		return refuse(reader, "this line is not KEY=value");
	if (*has_value) {
		skip_blanks(reader);
		if (peek(reader, 0) == '"' || peek(reader, 0) == '\'')
			rc = read_quoted(reader, value);
		else
			read_unquoted(reader, value);
	}
	if (rc == 0)
		skip_to_line_end(reader);
	return rc;
}

/* Goes through the whole text, because the last value counts. *found is NULL when there is none. */
static int
find_value(struct env_reader *reader, const char *wanted, char **found)
{
	int rc = 0;

	while (rc == 0 && skip_to_statement(reader)) {
		struct buf key = BUF_EMPTY, value = BUF_EMPTY;
		bool has_value = false;
		int line = reader->line;

		rc = read_statement(reader, &key, &value, &has_value);
		if (rc == 0 && has_value && strcmp(buf_text(&key), wanted) == 0) {
			free(*found);
			*found = NULL;
			reader->line = reader->substitutes ? line : reader->line;
			if (reader->substitutes)
				rc = refuse(reader,
					"the value puts in other variables ($), which is not done here");
			else
				*found = buf_take(&value);
		}
		buf_clear(&key);
		buf_clear(&value);
	}
	return rc;
}

int
settings_env_value(const char *env_file, const char *key, char **value)
{
	struct buf text = BUF_EMPTY;
	char *found = NULL;
	int rc = file_check_private(env_file);

	if (rc == 0)
		rc = file_read(env_file, FILE_LIMIT_BYTES, ERR_SETTINGS, &text);
	if (rc == FILE_MISSING)
		rc = error_set(ERR_SETTINGS, "there is no env file '%s'", env_file);
	if (rc == 0) {
		struct env_reader reader = {
			.file = env_file, .at = buf_text(&text), .end = buf_text(&text) + text.len, .line = 1
		};
		rc = find_value(&reader, key, &found);
		if (rc != 0)
			error_hint("Write a value with '$', '#' or quotes in single quotes: %s='…'", key);
	}
	buf_clear(&text);
	if (rc == 0 && (found == NULL || found[0] == '\0'))
		rc = SETTINGS_NO_VALUE;
	if (rc == 0)
		*value = found;
	else
		free(found);
	return rc;
}
