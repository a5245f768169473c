#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "incant/buf.h"
#include "incant/mem.h"
#include "incant/text.h"
#include "restore_inside.h"

/*
 * The statements whose meaning matters to a restore are few, and pg_dumpall writes them without comments and
 * in one form each: a small tokenizer is enough. It also serves to show a statement in an error without the
 * passwords that may stand in it.
 */

#define EXCERPT_BYTES 200

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* As in scan.l of PostgreSQL: letters, '_', and every byte that is not ASCII. */
static bool
is_word_start(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (unsigned char)c >= 0x80;
}

static bool
is_word_part(char c)
{
	return is_word_start(c) || is_digit(c) || c == '$';
}

/* Steps over a quoted run that begins at text; a doubled mark stands for itself. Returns what is behind it.
 */
static const char *
skip_quoted(const char *text, bool backslashes)
{
	char mark = *text++;
	while (*text != '\0') {
		if (backslashes && *text == '\\' && text[1] != '\0')
			text += 2;
		else if (*text != mark)
			text++;
		else if (text[1] == mark)
			text += 2;
		else
			return text + 1;
	}
	return text;
}

static char *
decode_quoted(const char *text, size_t len)
{
	struct buf name = BUF_EMPTY;
	buf_reserve(&name, len);
	for (size_t i = 1; i + 1 < len; i++) {
		buf_append_char(&name, text[i]);
		if (text[i] == '"')
			i++;
	}
	return name.bytes != NULL ? buf_take(&name) : mem_text("");
}

static char *
decode_word(const char *text, size_t len)
{
	char *name = mem_text_n(text, len);
	for (char *c = name; *c != '\0'; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c - 'A' + 'a');
	return name;
}

void
restore_token_next(const char **at, struct restore_token *token)
{
	const char *text = *at;
	while (is_space(*text))
		text++;
	const char *end = text;
	bool escapes = (*text == 'E' || *text == 'e') && text[1] == '\'';
	*token = (struct restore_token){ .kind = RESTORE_END, .at = text };
	if (*text == '"') {
		token->kind = RESTORE_QUOTED;
		end = skip_quoted(text, false);
		token->name = decode_quoted(text, (size_t)(end - text));
	} else if (*text == '\'' || escapes) {
		token->kind = RESTORE_TEXT;
		end = skip_quoted(text + (escapes ? 1 : 0), escapes);
	} else if (is_word_start(*text)) {
		token->kind = RESTORE_WORD;
		while (is_word_part(*end))
			end++;
		token->name = decode_word(text, (size_t)(end - text));
	} else if (*text != '\0') {
		token->kind = RESTORE_OTHER;
		end = text + 1;
	}
	token->len = (size_t)(end - text);
	*at = end;
}

void
restore_token_clear(struct restore_token *token)
{
	free(token->name);
	token->name = NULL;
}

bool
restore_token_is(const struct restore_token *token, const char *word)
{
	return token->kind == RESTORE_WORD && text_equal(token->name, word);
}

/* Statements in which a quoted text may be, or hold, a password. */
static bool
may_hold_password(const char *statement)
{
	static const char *const keepers[] = { "role", "user", "subscription", "server" };
	bool found = false;
	for (int words = 0; words < 3 && !found; words++) {
		struct restore_token token;
		restore_token_next(&statement, &token);
		for (size_t i = 0; i < sizeof(keepers) / sizeof(keepers[0]); i++)
			found = found || restore_token_is(&token, keepers[i]);
		restore_token_clear(&token);
	}
	return found;
}

/* The statement with its quoted texts left out, as far as it is going to be shown. */
static char *
mask_texts(const char *statement)
{
	struct buf masked = BUF_EMPTY;
	struct restore_token token = { .kind = RESTORE_OTHER };
	while (token.kind != RESTORE_END && masked.len <= EXCERPT_BYTES) {
		const char *before = statement;
		restore_token_next(&statement, &token);
		buf_append(&masked, before, (size_t)(token.at - before));
		if (token.kind == RESTORE_TEXT)
			buf_append_text(&masked, "'***'");
		else
			buf_append(&masked, token.at, token.len);
		restore_token_clear(&token);
	}
	return masked.bytes != NULL ? buf_take(&masked) : mem_text("");
}

char *
restore_excerpt(const char *statement)
{
	char *text = may_hold_password(statement)
			     ? mask_texts(statement)
			     : mem_text_n(statement, strnlen(statement, EXCERPT_BYTES + 1));
	size_t len = strlen(text);
	bool cut = len > EXCERPT_BYTES;
	if (cut) {
		len = EXCERPT_BYTES;
		while (len > 0 &&
			((unsigned char)text[len] & 0xC0) == 0x80) /* not inside a UTF-8 character */
			len--;
	}
	for (size_t i = 0; i < len; i++)
		if (is_space(text[i]))
			text[i] = ' ';
	char *shown = text_printable(text, len);
	char *excerpt = mem_format("%s%s", shown, cut ? " …" : "");
	free(shown);
	free(text);
	return excerpt;
}

/* The first row that fits is the advice; a NULL fits everything. */
static const struct advice {
	const char *sqlstate;
	const char *contains;
	const char *advice;
} advices[] = {
	{ "58P01", "extension", "Install the extension's package on the target server." },
	{ "0A000", "extension", "Install the extension's package on the target server." },
	{ "58P01", "could not access file",
		"Install on the target server the package that this file belongs to (an extension's "
		"library)." },
	{ "58P01", "directory", "Create the directory on the target server; the server's user must own it." },
	{ "42704", "unrecognized configuration parameter",
		"The target server does not know this setting: it is older, or a library that defines it is "
		"not "
		"loaded there." },
	{ "42704", "role", "Create the role on the target server first." },
	{ "42704", "tablespace", "Create the tablespace on the target server first." },
	{ NULL, "locale", "Install the locale on the target server and restart it." },
	{ "42501", NULL, "Connect to the target server as a superuser." },
	{ "53100", NULL, "Make room on the target server's disk." },
	{ "42P04", NULL, "Somebody else created it meanwhile; nothing of it was changed." },
};

const char *
restore_advice(const char *sqlstate, const char *message)
{
	for (size_t i = 0; i < sizeof(advices) / sizeof(advices[0]); i++) {
		const struct advice *row = &advices[i];
		if ((row->sqlstate == NULL || text_equal(row->sqlstate, sqlstate)) &&
			(row->contains == NULL || strstr(message, row->contains) != NULL))
			return row->advice;
	}
	return NULL;
}
