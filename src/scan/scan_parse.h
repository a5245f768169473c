/*
 * Reading one complete statement: its tokens, and the values of names and strings in it. The statement's text
 * stays where it is; tokens point into it.
 */
#ifndef SCAN_PARSE_H
#define SCAN_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum scan_parse_type {
	SCAN_PARSE_END,    /* of the text, or an unfinished token */
	SCAN_PARSE_WORD,   /* a keyword or a name without quotes */
	SCAN_PARSE_QUOTED, /* "…" */
	SCAN_PARSE_STRING, /* '…', E'…' or $tag$…$tag$ */
	SCAN_PARSE_NUMBER,
	SCAN_PARSE_SYMBOL /* one other byte */
};

struct scan_parse_token {
	enum scan_parse_type type;
	const char *text;
	size_t len;
};

/* A statement as tokens, read as far as somebody looked. */
struct scan_parse {
	const char *at, *end; /* not read yet */
	struct scan_parse_token *tokens;
	size_t count, capacity;
};

void scan_parse_init(struct scan_parse *parse);
void scan_parse_clear(struct scan_parse *parse);

/* Begins with another statement. text is borrowed; the memory of the one before is used again. */
void scan_parse_begin(struct scan_parse *parse, const char *text, size_t len);

/* The token with that number; at and past the end always one of type SCAN_PARSE_END. Borrowed until the next
 * call. */
const struct scan_parse_token *scan_parse_at(struct scan_parse *parse, size_t index);

/* Whether token index is that word, given in upper case, or that symbol. */
bool scan_parse_is(struct scan_parse *parse, size_t index, const char *word, size_t len);

/* How many tokens from index on form a name: one to four parts with dots between. 0 = none. */
size_t scan_parse_name_length(struct scan_parse *parse, size_t index);

/* The value of a name or a string as the server reads it. NULL when it is neither. The caller frees it. */
char *scan_parse_value(const struct scan_parse_token *token);

#endif
