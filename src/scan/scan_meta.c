/*
 * Only what pg_dumpall writes is understood. psql's arguments can do much more (variables, shell commands in
 * backquotes, several commands in a line): none of that gets through here.
 *
 * A database's name is written by appendPsqlMetaConnect() of PostgreSQL's src/fe_utils/string_utils.c: as an
 * SQL identifier when it has only letters, digits, '_' and '.'; otherwise as a connection string, itself
 * quoted like an SQL identifier. In that, the name is quoted with ' as libpq reads it: \' and \\.
 */
#include "config.h"

#include "scan_meta.h"

#include <stdlib.h>
#include <string.h>

#include "incant/buf.h"
#include "incant/mem.h"

static const char reuse[] = "-reuse-previous=on ";
static const char dbname[] = "dbname=";

static bool
is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
	       c == '.';
}

/* A word of plain characters and those of also, the whole text. NULL when it is not one. */
static char *
take_word(const char *text, size_t len, const char *also)
{
	for (size_t i = 0; i < len; i++) {
		if (!is_plain(text[i]) && strchr(also, text[i]) == NULL)
			return NULL;
	}
	return len > 0 ? mem_text_n(text, len) : NULL;
}

/* An SQL identifier, the whole text, as psql reads it. */
static char *
take_identifier(const char *text, size_t len)
{
	struct buf value = BUF_EMPTY;
	char *word;

	if (len < 3 || text[0] != '"') {
		word = take_word(text, len, "$");
		for (char *p = word; p != NULL && *p != '\0'; p++)
			*p = *p >= 'A' && *p <= 'Z' ? (char)(*p + ('a' - 'A')) : *p;
		return word;
	}
	for (size_t i = 1; i < len; i++) {
		if (text[i] == '"') {
			if (i + 1 == len && value.len > 0)
				return buf_take(&value);
			i++;
			if (i == len || text[i] != '"')
				break;
		}
		buf_append_char(&value, text[i]);
	}
	buf_clear(&value);
	return NULL;
}

/* The name in dbname='…' or dbname=…, the whole text. */
static char *
take_connection_string(const char *text)
{
	struct buf name = BUF_EMPTY;

	if (strncmp(text, dbname, sizeof(dbname) - 1) != 0)
		return NULL;
	text += sizeof(dbname) - 1;
	if (*text != '\'')
		return take_word(text, strlen(text), "");
	for (text++; *text != '\0' && *text != '\''; text++) {
		if (*text == '\\' && text[1] != '\0')
			text++;
		buf_append_char(&name, *text);
	}
	if (name.len > 0 && strcmp(text, "'") == 0)
		return buf_take(&name);
	buf_clear(&name);
	return NULL;
}

static char *
take_database(const char *text, size_t len)
{
	size_t skip = sizeof(reuse) - 1;
	char *outer;
	char *name;

	if (len < skip || memcmp(text, reuse, skip) != 0)
		return take_identifier(text, len);
	outer = take_identifier(text + skip, len - skip);
	name = outer != NULL ? take_connection_string(outer) : NULL;
	free(outer);
	return name;
}

static char *
take_key(const char *text, size_t len)
{
	char *key = take_word(text, len, "");

	if (key != NULL && strpbrk(key, "_.") != NULL) {
		free(key);
		return NULL;
	}
	return key;
}

static bool
is_command(const char *name, size_t len, const char *command)
{
	return len == strlen(command) && memcmp(name, command, len) == 0;
}

bool
scan_meta_parse(struct scan_meta *meta, const char *line, size_t len)
{
	const char *space = memchr(line, ' ', len);
	const char *argument;
	size_t name_len;

	meta->argument = NULL;
	if (space == NULL)
		return false;
	argument = space + 1;
	name_len = (size_t)(space - line);
	len -= name_len + 1;
	if (is_command(line, name_len, "\\connect")) {
		meta->command = SCAN_META_CONNECT;
		meta->argument = take_database(argument, len);
	} else if (is_command(line, name_len, "\\encoding")) {
		meta->command = SCAN_META_ENCODING;
		meta->argument = take_word(argument, len, "-");
	} else if (is_command(line, name_len, "\\restrict")) {
		meta->command = SCAN_META_RESTRICT;
		meta->argument = take_key(argument, len);
	} else if (is_command(line, name_len, "\\unrestrict")) {
		meta->command = SCAN_META_UNRESTRICT;
		meta->argument = take_key(argument, len);
	}
	return meta->argument != NULL;
}
