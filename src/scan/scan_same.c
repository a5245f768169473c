/* Statements are taken apart into tokens, so a comma or a word inside a string or a name misleads nobody. */
#include "config.h"

#include "scan_same.h"

#include <stdlib.h>
#include <string.h>

#include "incant/buf.h"
#include "incant/mem.h"
#include "incant/text.h"

#include "scan_parse.h"

enum {
	SHOWN_BYTES = 200,
	SHOWN_BEFORE = 60, /* of what both texts have in front of where they part */
};

static void
begin(struct scan_parse *parse, const char *text)
{
	scan_parse_init(parse);
	scan_parse_begin(parse, text, strlen(text));
}

static bool
is_word(struct scan_parse *parse, size_t index, const char *word)
{
	return scan_parse_is(parse, index, word, strlen(word));
}

static bool
is_end(struct scan_parse *parse, size_t index)
{
	return scan_parse_at(parse, index)->type == SCAN_PARSE_END;
}

/* Tables that inherit. */

/* The columns and constraints of a CREATE TABLE, as stretches of its text. */
struct parts {
	const char *text;
	char **items; /* owned copies, sorted */
	size_t count, capacity;
	size_t open_at;   /* of the text, behind the parenthesis */
	const char *tail; /* from the closing one on */
};

static int
compare_texts(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Adds what stands between two tokens, the second excluded. */
static void
add_item(struct parts *parts, struct scan_parse *parse, size_t from, size_t to)
{
	const char *begins = scan_parse_at(parse, from)->text;

	if (to == from)
		return;
	const struct scan_parse_token *last = scan_parse_at(parse, to - 1);
	MEM_GROW(parts->items, parts->count, parts->capacity);
	parts->items[parts->count++] = mem_text_n(begins, (size_t)(last->text + last->len - begins));
}

/* Reads the list behind the first parenthesis. False when there is none, or no end of it. */
static bool
split_list(struct parts *parts, struct scan_parse *parse)
{
	size_t at = 0, depth = 1;

	while (!is_end(parse, at) && !is_word(parse, at, "("))
		at++;
	if (is_end(parse, at))
		return false;
	parts->open_at = (size_t)(scan_parse_at(parse, at)->text + 1 - parts->text);
	size_t from = ++at;
	for (; depth > 0 && !is_end(parse, at); at++) {
		if (is_word(parse, at, "("))
			depth++;
		else if (is_word(parse, at, ")"))
			depth--;
		if (depth == 0 || (depth == 1 && is_word(parse, at, ","))) {
			add_item(parts, parse, from, at);
			from = at + 1;
		}
	}
	if (depth > 0 || !is_word(parse, at, "INHERITS"))
		return false;
	parts->tail = scan_parse_at(parse, at - 1)->text;
	return true;
}

/* Takes CREATE [UNLOGGED|FOREIGN] TABLE … ( … ) INHERITS … apart. False for anything else. */
static bool
split_child(struct parts *parts, const char *text)
{
	struct scan_parse parse;

	*parts = (struct parts){ .text = text };
	begin(&parse, text);
	bool child = is_word(&parse, 0, "CREATE") &&
		     (is_word(&parse, 1, "TABLE") || is_word(&parse, 2, "TABLE")) &&
		     split_list(parts, &parse);
	scan_parse_clear(&parse);
	if (child && parts->count > 1)
		qsort(parts->items, parts->count, sizeof(*parts->items), compare_texts);
	return child;
}

static void
parts_clear(struct parts *parts)
{
	for (size_t i = 0; i < parts->count; i++)
		free(parts->items[i]);
	free(parts->items);
}

static bool
same_child(const char *was, const char *is)
{
	struct parts a, b;
	bool a_child = split_child(&a, was), b_child = split_child(&b, is);
	bool same = a_child && b_child && a.count == b.count && a.open_at == b.open_at &&
		    strncmp(was, is, a.open_at) == 0 && strcmp(a.tail, b.tail) == 0;

	for (size_t i = 0; same && i < a.count; i++)
		same = strcmp(a.items[i], b.items[i]) == 0;
	parts_clear(&a);
	parts_clear(&b);
	return same;
}

/* Tablespaces. */

/* Everything but the string behind LOCATION is the same. */
static bool
same_tablespace(const char *was, const char *is)
{
	struct scan_parse a, b;
	bool location = false;
	size_t i = 0;

	begin(&a, was);
	begin(&b, is);
	bool same = is_word(&a, 0, "CREATE") && is_word(&a, 1, "TABLESPACE");
	for (; same && !is_end(&a, i); i++) {
		const struct scan_parse_token left = *scan_parse_at(&a, i);
		const struct scan_parse_token right = *scan_parse_at(&b, i);
		bool place = location && left.type == SCAN_PARSE_STRING && right.type == SCAN_PARSE_STRING;

		same = place || (left.type == right.type && left.len == right.len &&
					memcmp(left.text, right.text, left.len) == 0);
		location = i > 2 && is_word(&a, i, "LOCATION");
	}
	same = same && is_end(&b, i);
	scan_parse_clear(&a);
	scan_parse_clear(&b);
	return same;
}

bool
scan_same_statement(const char *was, const char *is)
{
	return strcmp(was, is) == 0 || same_child(was, is) || same_tablespace(was, is);
}

/* Showing. */

/* Whether a statement may have a password in one of its strings: PASSWORD, or OPTIONS and CONNECTION of
 * somebody else's server. */
static bool
may_hold_password(struct scan_parse *parse)
{
	static const char *const words[] = { "PASSWORD", "OPTIONS", "CONNECTION" };

	for (size_t i = 0; !is_end(parse, i); i++)
		for (size_t k = 0; k < sizeof(words) / sizeof(words[0]); k++)
			if (is_word(parse, i, words[k]))
				return true;
	return false;
}

/* A statement on one line, strings that may be passwords left out. The caller frees it. */
static char *
on_one_line(const char *text)
{
	struct scan_parse parse;
	struct buf line = BUF_EMPTY;

	begin(&parse, text);
	if (may_hold_password(&parse)) {
		const char *at = text;
		for (size_t i = 0; !is_end(&parse, i); i++) {
			const struct scan_parse_token *token = scan_parse_at(&parse, i);
			if (token->type != SCAN_PARSE_STRING)
				continue;
			buf_append(&line, at, (size_t)(token->text - at));
			buf_append_text(&line, "'***'");
			at = token->text + token->len;
		}
		buf_append_text(&line, at);
	} else {
		buf_append_text(&line, text);
	}
	scan_parse_clear(&parse);
	char *shown = buf_take(&line);
	size_t len = 0;
	for (const char *c = shown; *c != '\0'; c++) {
		bool space = *c == ' ' || *c == '\n' || *c == '\t' || *c == '\r';
		if (space && len > 0 && shown[len - 1] == ' ')
			continue;
		shown[len++] = space ? ' ' : *c;
	}
	shown[len] = '\0';
	return shown;
}

/* Back to where a character begins. */
static size_t
at_character(const char *text, size_t at)
{
	while (at > 0 && ((unsigned char)text[at] & 0xC0U) == 0x80U)
		at--;
	return at;
}

/* The window of a line that begins at `from`. The caller frees it. */
static char *
window(const char *line, size_t from)
{
	size_t len = strlen(line);

	from = at_character(line, from < len ? from : len);
	size_t end = len - from > SHOWN_BYTES ? at_character(line, from + SHOWN_BYTES) : len;
	return mem_format(
		"%s%.*s%s", from > 0 ? "… " : "", (int)(end - from), line + from, end < len ? " …" : "");
}

/* Where a window must begin so that the place where the two part is in it. */
static size_t
window_begin(const char *a, const char *b)
{
	size_t parts = 0;

	while (a[parts] != '\0' && a[parts] == b[parts])
		parts++;
	size_t longer = strlen(a) > strlen(b) ? strlen(a) : strlen(b);
	return longer > SHOWN_BYTES && parts > SHOWN_BEFORE ? parts - SHOWN_BEFORE : 0;
}

void
scan_same_show(const char *was, const char *is, char **shown_was, char **shown_is)
{
	char *a = was != NULL ? on_one_line(was) : NULL;
	char *b = is != NULL ? on_one_line(is) : NULL;
	size_t from = a != NULL && b != NULL ? window_begin(a, b) : 0;

	*shown_was = a != NULL ? window(a, from) : mem_text("missing");
	*shown_is = b != NULL ? window(b, from) : mem_text("missing");
	if (a != NULL && b != NULL && strcmp(a, b) == 0) {
		char *told = mem_format("%s, with another text in it that is not shown", *shown_is);
		free(*shown_is);
		*shown_is = told;
	}
	free(a);
	free(b);
}
