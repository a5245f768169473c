/*
 * Items: where statements, meta-commands and comments begin and end. Each step runs over the bytes in one
 * loop; what is inside a quote, a comment or a word is left to scan_token.c. An item that is cut by the end
 * of the bytes leaves its state behind and goes on with the next ones, so that the cutting cannot matter.
 */
#include "config.h"

#include "scan_lex.h"

#include <assert.h>
#include <string.h>

#include "scan_token.h"

void
scan_lex_init(struct scan_lex *lex, uint64_t at)
{
	memset(lex, 0, sizeof(*lex));
	buf_init(&lex->tag);
	lex->at = at;
	lex->gap_at = at;
}

void
scan_lex_clear(struct scan_lex *lex)
{
	buf_clear(&lex->tag);
}

void
scan_lex_skip(struct scan_lex *lex, uint64_t bytes)
{
	assert(lex->item == SCAN_LEX_GAP && lex->state == SCAN_LEX_PLAIN);
	lex->at += bytes;
	lex->gap_at = lex->at;
	lex->line_open = false;
}

static enum scan_lex_event
fault(struct scan_lex *lex, const char *text, uint64_t at)
{
	lex->fault = text;
	lex->fault_at = at;
	return SCAN_LEX_FAULT;
}

static enum scan_lex_event
item_end(struct scan_lex *lex, const char *p)
{
	lex->item = SCAN_LEX_GAP;
	lex->gap_at = scan_token_offset(lex, p);
	lex->line_open = true;
	return SCAN_LEX_END;
}

/* Whether ';' ends the statement here. */
static bool
at_top(const struct scan_lex *lex)
{
	return lex->paren_depth == 0 && lex->begin_depth == 0;
}

static enum scan_lex_event
step_statement(struct scan_lex *lex, const char **p, const char *end)
{
	bool nul = false;

	while (*p < end) {
		if (lex->state != SCAN_LEX_PLAIN) {
			*p = scan_token_continue(lex, *p, end, &nul);
			if (nul)
				return fault(lex, "NUL byte in SQL text", scan_token_offset(lex, *p));
			if (lex->tag.len > SCAN_LEX_TAG_LIMIT)
				return fault(lex, "endless tag of a dollar quote", lex->opened_at);
			if (lex->state == SCAN_LEX_PLAIN)
				*p = scan_token_skip_dull(lex, *p, end);
		} else if (**p == ';' && at_top(lex)) {
			return item_end(lex, ++*p);
		} else if (**p == '\\') {
			return fault(lex, "backslash inside a statement", scan_token_offset(lex, *p));
		} else if (**p == '\0') {
			return fault(lex, "NUL byte in SQL text", scan_token_offset(lex, *p));
		} else {
			*p = scan_token_begin(lex, *p);
		}
	}
	return SCAN_LEX_MORE;
}

static enum scan_lex_event
item_begin(struct scan_lex *lex, const char *p, enum scan_lex_item item)
{
	lex->item = item;
	lex->item_at = scan_token_offset(lex, p);
	if (lex->line_open)
		lex->gap_at = lex->item_at;
	lex->line_open = false;
	scan_token_reset(lex);
	return SCAN_LEX_BEGIN;
}

/* A gap's byte outside comments: white space, or the first byte of a comment. */
static const char *
step_gap_token(struct scan_lex *lex, const char *p)
{
	if (*p == '\n' && lex->line_open) {
		lex->line_open = false;
		lex->gap_at = scan_token_offset(lex, p) + 1;
	} else if (*p == '-') {
		lex->state = SCAN_LEX_DASH;
		lex->comment_at = scan_token_offset(lex, p);
		memcpy(lex->comment, "--", 3);
		lex->comment_len = 2;
	} else if (*p == '/') {
		lex->state = SCAN_LEX_SLASH;
		lex->opened_at = scan_token_offset(lex, p);
	}
	return p + 1;
}

static enum scan_lex_event
step_gap(struct scan_lex *lex, const char **p, const char *end)
{
	bool nul = false;

	while (*p < end) {
		enum scan_lex_state before = lex->state;

		if (before != SCAN_LEX_PLAIN) {
			*p = scan_token_continue(lex, *p, end, &nul);
			if (nul)
				return fault(lex, "NUL byte in SQL text", scan_token_offset(lex, *p));
			if (lex->state != SCAN_LEX_PLAIN)
				continue;
			if (before == SCAN_LEX_LINE_COMMENT)
				return SCAN_LEX_COMMENT;
			if (before == SCAN_LEX_DASH || before == SCAN_LEX_SLASH)
				return fault(lex, "something that is neither statement nor comment",
					scan_token_offset(lex, *p) - 1);
		} else if ((scan_token_class[(unsigned char)**p] & CLASS_SPACE) != 0 || **p == '-' ||
			   **p == '/') {
			*p = step_gap_token(lex, *p);
		} else if (**p == '\0') {
			return fault(lex, "NUL byte in SQL text", scan_token_offset(lex, *p));
		} else {
			return item_begin(lex, *p, **p == '\\' ? SCAN_LEX_META : SCAN_LEX_STATEMENT);
		}
	}
	return SCAN_LEX_MORE;
}

static enum scan_lex_event
step_meta(struct scan_lex *lex, const char **p, const char *end)
{
	bool nul = false;

	*p = scan_token_find(*p, end, '\n', &nul);
	if (nul)
		return fault(lex, "NUL byte in SQL text", scan_token_offset(lex, *p));
	return *p < end ? item_end(lex, *p) : SCAN_LEX_MORE;
}

enum scan_lex_event
scan_lex_step(struct scan_lex *lex, const char *bytes, size_t len, size_t *used)
{
	enum scan_lex_event event = SCAN_LEX_MORE;
	const char *p = bytes;

	lex->bytes = bytes;
	switch (lex->item) {
	case SCAN_LEX_GAP:
		event = step_gap(lex, &p, bytes + len);
		break;
	case SCAN_LEX_STATEMENT:
		event = step_statement(lex, &p, bytes + len);
		break;
	case SCAN_LEX_META:
		event = step_meta(lex, &p, bytes + len);
		break;
	}
	*used = (size_t)(p - bytes);
	lex->at += *used;
	lex->bytes = NULL;
	return event;
}

const char *
scan_lex_unfinished(const struct scan_lex *lex, uint64_t *at)
{
	*at = lex->opened_at;
	switch (lex->state) {
	case SCAN_LEX_QUOTE:
	case SCAN_LEX_ESCAPE_QUOTE:
	case SCAN_LEX_ESCAPE_BACKSLASH:
		return "a quoted string";
	case SCAN_LEX_DOUBLE_QUOTE:
		return "a quoted name";
	case SCAN_LEX_DOLLAR:
		return "a dollar-quoted string";
	case SCAN_LEX_BLOCK:
	case SCAN_LEX_BLOCK_STAR:
	case SCAN_LEX_BLOCK_SLASH:
		return "a comment";
	default:
		break;
	}
	if (lex->item == SCAN_LEX_GAP) {
		*at = lex->state == SCAN_LEX_DASH ? lex->comment_at : lex->opened_at;
		return lex->state == SCAN_LEX_DASH || lex->state == SCAN_LEX_SLASH ? "a comment" : NULL;
	}
	*at = lex->item_at;
	if (lex->item == SCAN_LEX_META)
		return "a meta-command";
	if (lex->paren_depth > 0) {
		*at = lex->paren_at;
		return "parentheses";
	}
	return "a statement";
}
