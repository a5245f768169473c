/* The forms of COPY, setval, SET client_encoding and the calls about large objects. */
#include "config.h"

#include "scan_statement.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "incant/mem.h"

static bool
is_word(struct scan_parse *parse, size_t index, const char *word)
{
	return scan_parse_is(parse, index, word, strlen(word));
}

static bool
is_end(struct scan_parse *parse, size_t index)
{
	return is_word(parse, index, ";") && scan_parse_at(parse, index + 1)->type == SCAN_PARSE_END;
}

/* The value of token index; NULL when it is not of that type. */
static char *
value_of(struct scan_parse *parse, size_t index, enum scan_parse_type type)
{
	const struct scan_parse_token *token = scan_parse_at(parse, index);

	return token->type == type ? scan_parse_value(token) : NULL;
}

/* The columns between the parentheses at *index, as written; "" where there are none. NULL for a fault. */
static char *
take_columns(struct scan_parse *parse, size_t *index)
{
	const char *from;
	size_t at = *index;

	if (!is_word(parse, at, "("))
		return mem_text("");
	from = scan_parse_at(parse, at)->text + 1;
	do {
		if (scan_parse_name_length(parse, ++at) != 1)
			return NULL;
	} while (is_word(parse, ++at, ","));
	if (!is_word(parse, at, ")"))
		return NULL;
	*index = at + 1;
	return mem_text_n(from, (size_t)(scan_parse_at(parse, at)->text - from));
}

bool
scan_statement_copy(struct scan_parse *parse, size_t next, struct contents_table *table)
{
	size_t parts = next - 1; /* tokens of the name: 1, or 3 with a schema */

	table->schema = parts == 3 ? scan_parse_value(scan_parse_at(parse, 1)) : mem_text("");
	table->name = scan_parse_value(scan_parse_at(parse, next - 1));
	table->columns = take_columns(parse, &next);
	return (parts == 1 || parts == 3) && table->columns != NULL && is_word(parse, next, "FROM") &&
	       is_word(parse, next + 1, "STDIN") && is_end(parse, next + 2);
}

/* A number with an optional minus in front, at *index. */
static bool
take_integer(struct scan_parse *parse, size_t *index, int64_t *value)
{
	char text[24];
	char *end;
	size_t len = 0;

	if (is_word(parse, *index, "-")) {
		text[len++] = '-';
		++*index;
	}
	const struct scan_parse_token *token = scan_parse_at(parse, *index);
	if (token->type != SCAN_PARSE_NUMBER || token->len >= sizeof(text) - 1)
		return false;
	memcpy(text + len, token->text, token->len);
	text[len + token->len] = '\0';
	errno = 0;
	*value = strtoll(text, &end, 10);
	++*index;
	return errno == 0 && *end == '\0';
}

bool
scan_statement_setval(struct scan_parse *parse, size_t next, struct contents_sequence *sequence)
{
	sequence->name = value_of(parse, next, SCAN_PARSE_STRING);
	if (sequence->name == NULL || !is_word(parse, ++next, ","))
		return false;
	next++;
	if (!take_integer(parse, &next, &sequence->value) || !is_word(parse, next, ","))
		return false;
	sequence->called = is_word(parse, next + 1, "TRUE");
	return (sequence->called || is_word(parse, next + 1, "FALSE")) && is_word(parse, next + 2, ")") &&
	       is_end(parse, next + 3);
}

char *
scan_statement_encoding(struct scan_parse *parse)
{
	if (!is_word(parse, 1, "CLIENT_ENCODING") || !(is_word(parse, 2, "=") || is_word(parse, 2, "TO")))
		return NULL;
	return value_of(parse, 3, SCAN_PARSE_STRING);
}

char *
scan_statement_database(struct scan_parse *parse, size_t next)
{
	return scan_parse_value(scan_parse_at(parse, next - 1));
}

/* A decimal number of at most 32 bits, all of text. */
static bool
parse_oid(const char *text, size_t len, uint64_t *oid)
{
	*oid = 0;
	if (len == 0 || len > 10)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		*oid = 10 * *oid + (uint64_t)(text[i] - '0');
	}
	return *oid <= UINT32_MAX;
}

bool
scan_statement_oid(struct scan_parse *parse, size_t next, uint64_t *oid)
{
	const struct scan_parse_token *token = scan_parse_at(parse, next);

	if (token->type == SCAN_PARSE_NUMBER)
		return parse_oid(token->text, token->len, oid);
	return token->type == SCAN_PARSE_STRING && parse_oid(token->text + 1, token->len - 2, oid);
}

bool
scan_statement_next_create(struct scan_parse *parse, size_t *next)
{
	size_t index = *next + 1;

	if (!is_word(parse, index, ")") || !is_word(parse, index + 1, ",") ||
		!is_word(parse, index + 2, "PG_CATALOG") || !is_word(parse, index + 3, ".") ||
		!is_word(parse, index + 4, "LO_CREATE") || !is_word(parse, index + 5, "("))
		return false;
	*next = index + 6;
	return true;
}

bool
scan_statement_next_oid(const char **name, uint64_t *oid)
{
	const char *from = *name + strspn(*name, ", \n\t");
	size_t len = strspn(from, "0123456789");

	*name = from + len;
	return parse_oid(from, len, oid);
}

bool
scan_statement_lowrite(struct scan_parse *parse, size_t next, const char **hex, size_t *len)
{
	const struct scan_parse_token *token;
	size_t prefix;

	if (scan_parse_at(parse, next)->type != SCAN_PARSE_NUMBER || !is_word(parse, next + 1, ","))
		return false;
	if (!is_word(parse, next + 3, ")") || !is_end(parse, next + 4))
		return false;
	token = scan_parse_at(parse, next + 2);
	/* With standard_conforming_strings off the backslash is written twice. */
	prefix = token->len > 3 && token->text[1] == '\\' && token->text[2] == '\\' ? 4 : 3;
	if (token->type != SCAN_PARSE_STRING || token->len < prefix + 1 || token->text[prefix - 2] != '\\' ||
		token->text[prefix - 1] != 'x')
		return false;
	*hex = token->text + prefix;
	*len = token->len - prefix - 1;
	return *len % 2 == 0;
}
