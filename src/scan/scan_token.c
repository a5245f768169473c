/*
 * Tokens: runs to the end of what the lexer is inside. States that only wait for a byte (quotes, comments)
 * look for it with memchr(3), words run over a table.
 *
 * It follows psql's lexer with one difference: psql counts any word BEGIN of a function's definition, so that
 * it runs past the end of one that is merely named "begin". Here BEGIN must be followed by ATOMIC.
 */
#include "config.h"

#include "scan_token.h"

#include <string.h>

#define LETTERS_16 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17

/* clang-format off */
const unsigned char scan_token_class[256] = {
	 0,  0,  0,  0,  0,  0,  0,  0,  0, 24, 24, 24, 24, 24,  0,  0, /* \t \n \v \f \r */
	 0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,
	24, 16,  0, 16,  4, 16, 16,  0,  0,  0, 16, 16, 16,  0, 16,  0, /* space ! # $ % & * + , . */
	18, 18, 18, 18, 18, 18, 18, 18, 18, 18, 16,  0, 16, 16, 16, 16, /* 0-9 : < = > ? */
	16, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, /* @ A-O */
	17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 16,  0, 16, 16, 17, /* P-Z [ ] ^ _ */
	16, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, /* ` a-o */
	17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 16, 16, 16, 16,  0, /* p-z { | } ~ */
	LETTERS_16, LETTERS_16, LETTERS_16, LETTERS_16, LETTERS_16, LETTERS_16, LETTERS_16, LETTERS_16,
};
/* clang-format on */

/* How far CREATE [OR REPLACE] FUNCTION|PROCEDURE has come in the words of a statement. */
enum { CREATE_NONE, CREATE_SEEN, CREATE_OR, CREATE_OR_REPLACE, CREATE_ROUTINE, CREATE_OTHER };

/* What followed the closing quote of an E'…', for the next quote to know whether it continues that. */
enum { ESCAPE_NONE, ESCAPE_CLOSED, ESCAPE_SPACE, ESCAPE_NEWLINE };

uint64_t
scan_token_offset(const struct scan_lex *lex, const char *p)
{
	return lex->at + (uint64_t)(p - lex->bytes);
}

const char *
scan_token_find(const char *p, const char *end, int c, bool *nul)
{
	const char *found = memchr(p, c, (size_t)(end - p));
	const char *zero;

	if (found == NULL)
		found = end;
	zero = memchr(p, '\0', (size_t)(found - p));
	*nul = zero != NULL;
	return zero != NULL ? zero : found;
}

static bool
word_is(const struct scan_lex *lex, const char *word)
{
	size_t len = strlen(word);

	return lex->word_len == len && memcmp(lex->word, word, len) == 0;
}

static int
create_words_after(const struct scan_lex *lex)
{
	switch (lex->create_words) {
	case CREATE_NONE:
		return word_is(lex, "create") ? CREATE_SEEN : CREATE_OTHER;
	case CREATE_SEEN:
		if (word_is(lex, "or"))
			return CREATE_OR;
		break;
	case CREATE_OR:
		return word_is(lex, "replace") ? CREATE_OR_REPLACE : CREATE_OTHER;
	default:
		break;
	}
	return word_is(lex, "function") || word_is(lex, "procedure") ? CREATE_ROUTINE : CREATE_OTHER;
}

/* A word of a statement is complete: follow the bodies BEGIN ATOMIC … END, in which a ';' ends nothing. */
static void
word_end(struct scan_lex *lex)
{
	lex->state = SCAN_LEX_PLAIN;
	if (lex->create_words == CREATE_OTHER)
		return;
	if (lex->create_words != CREATE_ROUTINE) {
		lex->create_words = create_words_after(lex);
		return;
	}
	if (lex->paren_depth > 0)
		return;
	if (lex->begin_depth == 0)
		lex->begin_depth = lex->after_begin && word_is(lex, "atomic") ? 1 : 0;
	else if (word_is(lex, "case"))
		lex->begin_depth++;
	else if (word_is(lex, "end"))
		lex->begin_depth--;
	lex->after_begin = word_is(lex, "begin");
}

/* Adds the run [p, end) to the word, in lower case, as far as it is kept. */
static void
word_add(struct scan_lex *lex, const char *p, const char *end)
{
	for (; p < end && lex->word_len < SCAN_LEX_WORD_KEPT; p++) {
		char c = *p;

		lex->word[lex->word_len++] = c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
	}
}

static const char *
skip_class(const char *p, const char *end, int classes)
{
	while (p < end && (scan_token_class[(unsigned char)*p] & classes) != 0)
		p++;
	return p;
}

/*
 * A quote begins at p. It is an E'…' behind the word E, and where it continues one: '' inside it, or a
 * further quote behind white space with a newline.
 */
static const char *
quote_begin(struct scan_lex *lex, const char *p, bool escape)
{
	if (lex->after_escape == ESCAPE_CLOSED || lex->after_escape == ESCAPE_NEWLINE)
		escape = true;
	lex->after_escape = ESCAPE_NONE;
	lex->state = escape ? SCAN_LEX_ESCAPE_QUOTE : SCAN_LEX_QUOTE;
	lex->opened_at = scan_token_offset(lex, p);
	return p + 1;
}

/* In a word: runs to its end. */
static const char *
step_word(struct scan_lex *lex, const char *p, const char *end)
{
	const char *stop = skip_class(p, end, CLASS_WORD);

	word_add(lex, p, stop);
	if (stop == end)
		return stop;
	if (*stop == '\'' && word_is(lex, "e")) {
		word_end(lex);
		return quote_begin(lex, stop, true);
	}
	word_end(lex);
	return stop;
}

/* Behind a '$': a tag and a second '$' begin a dollar quote; otherwise the tag is a word, or nothing. */
static const char *
step_dollar_tag(struct scan_lex *lex, const char *p, const char *end)
{
	const char *stop;

	if (lex->tag.len == 1 && p < end && (scan_token_class[(unsigned char)*p] & CLASS_DIGIT) != 0) {
		lex->state = SCAN_LEX_NUMBER;
		return p;
	}
	stop = skip_class(p, end, CLASS_TAG);
	buf_append(&lex->tag, p, (size_t)(stop - p));
	if (stop == end)
		return stop;
	if (*stop == '$') {
		buf_append_char(&lex->tag, '$');
		lex->tag_matched = 0;
		lex->state = SCAN_LEX_DOLLAR;
		return stop + 1;
	}
	lex->state = SCAN_LEX_PLAIN;
	if (lex->tag.len > 1) {
		lex->state = SCAN_LEX_WORD;
		lex->word_len = 0;
		word_add(lex, lex->tag.bytes + 1, lex->tag.bytes + lex->tag.len);
	}
	return stop;
}

/* In a dollar quote: to the next '$', then on while the tag is matched. A tag has no '$' inside. */
static const char *
step_dollar(struct scan_lex *lex, const char *p, const char *end, bool *nul)
{
	if (lex->tag_matched == 0) {
		p = scan_token_find(p, end, '$', nul);
		if (p == end || *nul)
			return p;
	}
	while (p < end && *p == lex->tag.bytes[lex->tag_matched]) {
		p++;
		lex->tag_matched++;
		if (lex->tag_matched == lex->tag.len) {
			lex->state = SCAN_LEX_PLAIN;
			return p;
		}
	}
	/* A '$' that does not go on with the tag may be the first one of the end: look at it again. */
	if (p < end)
		lex->tag_matched = 0;
	return p;
}

/* In a block comment, behind a '*' or '/' or neither. */
static const char *
step_block(struct scan_lex *lex, const char *p, const char *end, bool *nul)
{
	for (; p < end; p++) {
		if (*p == '\0') {
			*nul = true;
			return p;
		}
		if (*p == '/' && lex->state == SCAN_LEX_BLOCK_STAR) {
			lex->block_depth--;
			lex->state = lex->block_depth > 0 ? SCAN_LEX_BLOCK : SCAN_LEX_PLAIN;
			if (lex->block_depth == 0)
				return p + 1;
		} else if (*p == '*' && lex->state == SCAN_LEX_BLOCK_SLASH) {
			lex->block_depth++;
			lex->state = SCAN_LEX_BLOCK;
		} else if (*p == '*') {
			lex->state = SCAN_LEX_BLOCK_STAR;
		} else {
			lex->state = *p == '/' ? SCAN_LEX_BLOCK_SLASH : SCAN_LEX_BLOCK;
		}
	}
	return p;
}

/* In a line comment: to the newline, which it leaves. psql takes a carriage return for one as well. */
static const char *
step_line_comment(struct scan_lex *lex, const char *p, const char *end, bool *nul)
{
	const char *stop = scan_token_find(p, end, '\n', nul);
	const char *early = memchr(p, '\r', (size_t)(stop - p));
	size_t kept;

	if (early != NULL) {
		stop = early;
		*nul = false;
	}
	if (lex->item == SCAN_LEX_GAP) {
		if (lex->comment_len < SCAN_LEX_COMMENT_KEPT) {
			kept = SCAN_LEX_COMMENT_KEPT - lex->comment_len;
			if (kept > (size_t)(stop - p))
				kept = (size_t)(stop - p);
			memcpy(lex->comment + lex->comment_len, p, kept);
			lex->comment[lex->comment_len + kept] = '\0';
		}
		lex->comment_len += (size_t)(stop - p);
	}
	if (stop < end && !*nul)
		lex->state = SCAN_LEX_PLAIN;
	return stop;
}

/* In an E'…': to the quote, over what a backslash protects. */
static const char *
step_escape_quote(struct scan_lex *lex, const char *p, const char *end, bool *nul)
{
	for (; p < end; p++) {
		if (*p == '\0') {
			*nul = true;
			return p;
		}
		if (lex->state == SCAN_LEX_ESCAPE_BACKSLASH) {
			lex->state = SCAN_LEX_ESCAPE_QUOTE;
		} else if (*p == '\\') {
			lex->state = SCAN_LEX_ESCAPE_BACKSLASH;
		} else if (*p == '\'') {
			lex->state = SCAN_LEX_PLAIN;
			lex->after_escape = ESCAPE_CLOSED;
			return p + 1;
		}
	}
	return p;
}

/* In a '…' or "…". A doubled quote ends it and begins it again: all the same here. */
static const char *
step_quote(struct scan_lex *lex, const char *p, const char *end, bool *nul)
{
	p = scan_token_find(p, end, lex->state == SCAN_LEX_QUOTE ? '\'' : '"', nul);
	if (p == end || *nul)
		return p;
	lex->state = SCAN_LEX_PLAIN;
	return p + 1;
}

/* Behind a '-' or '/' of a statement: a comment, or a mere operator whose next byte is looked at afresh. */
static const char *
step_operator(struct scan_lex *lex, const char *p)
{
	if (lex->state == SCAN_LEX_DASH && *p == '-') {
		lex->state = SCAN_LEX_LINE_COMMENT;
		return p + 1;
	}
	if (lex->state == SCAN_LEX_SLASH && *p == '*') {
		lex->state = SCAN_LEX_BLOCK;
		lex->block_depth = 1;
		lex->after_escape = ESCAPE_NONE;
		return p + 1;
	}
	lex->state = SCAN_LEX_PLAIN;
	lex->after_escape = ESCAPE_NONE;
	return p;
}

const char *
scan_token_continue(struct scan_lex *lex, const char *p, const char *end, bool *nul)
{
	switch (lex->state) {
	case SCAN_LEX_WORD:
		return step_word(lex, p, end);
	case SCAN_LEX_NUMBER:
		p = skip_class(p, end, CLASS_TAG);
		if (p < end)
			lex->state = SCAN_LEX_PLAIN;
		return p;
	case SCAN_LEX_DASH:
	case SCAN_LEX_SLASH:
		return step_operator(lex, p);
	case SCAN_LEX_LINE_COMMENT:
		return step_line_comment(lex, p, end, nul);
	case SCAN_LEX_BLOCK:
	case SCAN_LEX_BLOCK_STAR:
	case SCAN_LEX_BLOCK_SLASH:
		return step_block(lex, p, end, nul);
	case SCAN_LEX_ESCAPE_QUOTE:
	case SCAN_LEX_ESCAPE_BACKSLASH:
		return step_escape_quote(lex, p, end, nul);
	case SCAN_LEX_DOLLAR_TAG:
		return step_dollar_tag(lex, p, end);
	case SCAN_LEX_DOLLAR:
		return step_dollar(lex, p, end, nul);
	default:
		return step_quote(lex, p, end, nul);
	}
}

const char *
scan_token_skip_dull(const struct scan_lex *lex, const char *p, const char *end)
{
	const char *stop;

	if (lex->create_words != CREATE_OTHER || lex->after_escape != ESCAPE_NONE)
		return p;
	stop = skip_class(p, end, CLASS_DULL);
	while (stop > p && (scan_token_class[(unsigned char)stop[-1]] & CLASS_WORD) != 0)
		stop--;
	return stop;
}

void
scan_token_reset(struct scan_lex *lex)
{
	lex->create_words = CREATE_NONE;
	lex->after_begin = false;
	lex->begin_depth = 0;
	lex->paren_depth = 0;
	lex->after_escape = ESCAPE_NONE;
}

const char *
scan_token_begin(struct scan_lex *lex, const char *p)
{
	int class = scan_token_class[(unsigned char)*p];

	if ((class & CLASS_SPACE) != 0) {
		if (*p == '\n' || *p == '\r')
			lex->after_escape = lex->after_escape != ESCAPE_NONE ? ESCAPE_NEWLINE : ESCAPE_NONE;
		else if (lex->after_escape == ESCAPE_CLOSED)
			lex->after_escape = ESCAPE_SPACE;
		return p + 1;
	}
	if (*p == '\'')
		return quote_begin(lex, p, false);
	if (*p == '-') { /* may be a comment, behind which an E'…' can go on */
		lex->state = SCAN_LEX_DASH;
		lex->after_escape = lex->after_escape == ESCAPE_CLOSED ? ESCAPE_SPACE : lex->after_escape;
		return p + 1;
	}
	if (*p == '/') {
		lex->state = SCAN_LEX_SLASH;
		lex->opened_at = scan_token_offset(lex, p);
		return p + 1;
	}
	lex->after_escape = ESCAPE_NONE;
	if ((class & CLASS_LETTER) != 0) {
		lex->state = SCAN_LEX_WORD;
		lex->word_len = 0;
		return p;
	}
	lex->after_begin = false; /* begin.atomic is a name */
	if ((class & CLASS_DIGIT) != 0) {
		lex->state = SCAN_LEX_NUMBER;
	} else if (*p == '$') {
		lex->state = SCAN_LEX_DOLLAR_TAG;
		lex->opened_at = scan_token_offset(lex, p);
		buf_reset(&lex->tag);
		buf_append_char(&lex->tag, '$');
	} else if (*p == '"') {
		lex->state = SCAN_LEX_DOUBLE_QUOTE;
		lex->opened_at = scan_token_offset(lex, p);
	} else if (*p == '(') {
		if (lex->paren_depth++ == 0)
			lex->paren_at = scan_token_offset(lex, p);
	} else if (*p == ')' && lex->paren_depth > 0) {
		lex->paren_depth--;
	}
	return p + 1;
}
