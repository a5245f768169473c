/*
 * Tokens of a complete statement. Simpler than the lexer: everything is at hand. Tokens are read when
 * somebody asks for them, so that of a long statement only the beginning is looked at.
 */
#include "config.h"

#include "scan_parse.h"

#include <stdlib.h>
#include <string.h>

#include "incant/mem.h"

#include "scan_token.h"

void
scan_parse_init(struct scan_parse *parse)
{
	memset(parse, 0, sizeof(*parse));
}

void
scan_parse_clear(struct scan_parse *parse)
{
	free(parse->tokens);
	scan_parse_init(parse);
}

void
scan_parse_begin(struct scan_parse *parse, const char *text, size_t len)
{
	parse->at = text;
	parse->end = text + len;
	parse->count = 0;
}

static int
class_at(const char *p)
{
	return scan_token_class[(unsigned char)*p];
}

/* Behind a block comment, which may hold others; end when it does not end. */
static const char *
skip_block_comment(const char *p, const char *end)
{
	size_t depth = 0;

	while (end - p >= 2) {
		if (p[0] == '/' && p[1] == '*') {
			depth++;
			p += 2;
		} else if (p[0] == '*' && p[1] == '/') {
			depth--;
			p += 2;
			if (depth == 0)
				return p;
		} else {
			p++;
		}
	}
	return end;
}

static const char *
skip_gap(const char *p, const char *end)
{
	while (p < end) {
		if ((class_at(p) & CLASS_SPACE) != 0) {
			p++;
		} else if (end - p >= 2 && p[0] == '-' && p[1] == '-') {
			while (p < end && *p != '\n' && *p != '\r')
				p++;
		} else if (end - p >= 2 && p[0] == '/' && p[1] == '*') {
			p = skip_block_comment(p, end);
		} else {
			break;
		}
	}
	return p;
}

static const char *
skip_class(const char *p, const char *end, int classes)
{
	while (p < end && (class_at(p) & classes) != 0)
		p++;
	return p;
}

/* Behind the quote that ends what begins at p; NULL when there is none. */
static const char *
skip_quote(const char *p, const char *end)
{
	char quote = *p++;

	while (p < end) {
		p = memchr(p, quote, (size_t)(end - p));
		if (p == NULL || end - p < 2 || p[1] != quote)
			break;
		p += 2;
	}
	return p != NULL && p < end ? p + 1 : NULL;
}

/* The same for the quote of an E'…'. */
static const char *
skip_escape_quote(const char *p, const char *end)
{
	for (p++; p < end; p++) {
		if (*p == '\\' || (*p == '\'' && end - p >= 2 && p[1] == '\''))
			p++;
		else if (*p == '\'')
			return p + 1;
	}
	return NULL;
}

/* Behind a dollar quote that begins at p; p + 1 when none does; NULL when it does not end. */
static const char *
skip_dollar(const char *p, const char *end)
{
	const char *tag = skip_class(p + 1, end, CLASS_TAG);
	const char *found;

	if (tag == end || *tag != '$' || (tag > p + 1 && (class_at(p + 1) & CLASS_DIGIT) != 0))
		return p + 1;
	found = memmem(tag + 1, (size_t)(end - tag - 1), p, (size_t)(tag + 1 - p));
	return found != NULL ? found + (tag + 1 - p) : NULL;
}

static struct scan_parse_token
read_token(struct scan_parse *parse)
{
	const char *p = skip_gap(parse->at, parse->end);
	const char *stop = p + 1;
	struct scan_parse_token token = { SCAN_PARSE_SYMBOL, p, 0 };

	if (p == parse->end) {
		token.type = SCAN_PARSE_END;
		stop = p;
	} else if ((class_at(p) & CLASS_LETTER) != 0) {
		token.type = SCAN_PARSE_WORD;
		stop = skip_class(p, parse->end, CLASS_WORD);
		if (stop == p + 1 && stop < parse->end && *stop == '\'' && (*p == 'E' || *p == 'e')) {
			token.type = SCAN_PARSE_STRING;
			stop = skip_escape_quote(stop, parse->end);
		}
	} else if ((class_at(p) & CLASS_DIGIT) != 0) {
		token.type = SCAN_PARSE_NUMBER;
		stop = skip_class(p, parse->end, CLASS_TAG);
	} else if (*p == '"' || *p == '\'') {
		token.type = *p == '"' ? SCAN_PARSE_QUOTED : SCAN_PARSE_STRING;
		stop = skip_quote(p, parse->end);
	} else if (*p == '$') {
		stop = skip_dollar(p, parse->end);
		token.type = stop == p + 1 ? SCAN_PARSE_SYMBOL : SCAN_PARSE_STRING;
	}
	if (stop == NULL) {
		token.type = SCAN_PARSE_END;
		stop = parse->end;
	}
	token.len = (size_t)(stop - p);
	parse->at = stop;
	return token;
}

const struct scan_parse_token *
scan_parse_at(struct scan_parse *parse, size_t index)
{
	while (parse->count <= index) {
		if (parse->count > 0 && parse->tokens[parse->count - 1].type == SCAN_PARSE_END)
			return &parse->tokens[parse->count - 1];
		MEM_GROW(parse->tokens, parse->count, parse->capacity);
		parse->tokens[parse->count] = read_token(parse);
		parse->count++;
	}
	return &parse->tokens[index];
}

bool
scan_parse_is(struct scan_parse *parse, size_t index, const char *word, size_t len)
{
	const struct scan_parse_token *token =
		index < parse->count ? &parse->tokens[index] : scan_parse_at(parse, index);

	if (token->len != len)
		return false;
	if (token->type == SCAN_PARSE_SYMBOL)
		return token->text[0] == word[0];
	if (token->type != SCAN_PARSE_WORD)
		return false;
	for (size_t i = 0; i < len; i++) {
		char c = token->text[i];

		if ((c >= 'a' && c <= 'z' ? c - ('a' - 'A') : c) != word[i])
			return false;
	}
	return true;
}

static bool
is_name_part(struct scan_parse *parse, size_t index)
{
	enum scan_parse_type type = scan_parse_at(parse, index)->type;

	return type == SCAN_PARSE_WORD || type == SCAN_PARSE_QUOTED;
}

size_t
scan_parse_name_length(struct scan_parse *parse, size_t index)
{
	size_t count = 1;

	if (!is_name_part(parse, index))
		return 0;
	while (count < 7 && scan_parse_is(parse, index + count, ".", 1) &&
		is_name_part(parse, index + count + 1))
		count += 2;
	return count;
}

/* The inside of a quoted token, doubled quotes made one. */
static char *
unquote(const char *text, size_t len)
{
	char *value = mem_alloc(len);
	size_t count = 0;

	for (size_t i = 1; i + 1 < len; i++) {
		value[count++] = text[i];
		if (text[i] == text[0] && i + 2 < len)
			i++;
	}
	value[count] = '\0';
	return value;
}

char *
scan_parse_value(const struct scan_parse_token *token)
{
	char *value;

	if (token->type == SCAN_PARSE_QUOTED || (token->type == SCAN_PARSE_STRING && token->text[0] == '\''))
		return unquote(token->text, token->len);
	if (token->type != SCAN_PARSE_WORD)
		return NULL;
	value = mem_text_n(token->text, token->len);
	for (char *p = value; *p != '\0'; p++)
		*p = *p >= 'A' && *p <= 'Z' ? (char)(*p + ('a' - 'A')) : *p;
	return value;
}
