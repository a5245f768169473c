/*
 * The lexer: cuts a script into items without knowing what they mean, as psql does (src/fe_utils/psqlscan.l).
 * An item is a statement, a meta-command line, or a comment line between them; all else is gap. Bytes are
 * handed in as they come; the lexer keeps its place and never needs more than one byte at a time.
 *
 * Order of calls: scan_lex_init(); scan_lex_step() as long as there are bytes; at the end of the script
 * scan_lex_unfinished(); scan_lex_clear(). Bytes that are no SQL (COPY data) go past the lexer:
 * scan_lex_skip().
 */
#ifndef SCAN_LEX_H
#define SCAN_LEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "incant/buf.h"

/* What the next byte belongs to. */
enum scan_lex_item {
	SCAN_LEX_GAP,       /* white space and comments between items */
	SCAN_LEX_STATEMENT, /* from its first token to its ';' */
	SCAN_LEX_META       /* from the backslash to the end of the line */
};

enum scan_lex_event {
	SCAN_LEX_MORE,  /* all bytes are used */
	SCAN_LEX_BEGIN, /* an item begins with the next byte, which is not used yet: see `item`, `item_at` */
	SCAN_LEX_END,   /* the item ends with the last byte used: a ';', or what is in front of a newline */
	SCAN_LEX_COMMENT, /* a line comment of the gap ended: see `comment`, `comment_at` */
	SCAN_LEX_FAULT    /* the script cannot go on so: see `fault`; no further step may follow */
};

/* Where the lexer is within the tokens. */
enum scan_lex_state {
	SCAN_LEX_PLAIN,
	SCAN_LEX_WORD,
	SCAN_LEX_NUMBER,
	SCAN_LEX_DASH,  /* behind a '-' that may begin a comment */
	SCAN_LEX_SLASH, /* behind a '/' that may begin a comment */
	SCAN_LEX_LINE_COMMENT,
	SCAN_LEX_BLOCK,
	SCAN_LEX_BLOCK_STAR,
	SCAN_LEX_BLOCK_SLASH,
	SCAN_LEX_QUOTE,        /* '…', also U&'…', B'…', X'…' */
	SCAN_LEX_ESCAPE_QUOTE, /* E'…' */
	SCAN_LEX_ESCAPE_BACKSLASH,
	SCAN_LEX_DOUBLE_QUOTE,
	SCAN_LEX_DOLLAR_TAG, /* behind a '$' that may begin a dollar quote */
	SCAN_LEX_DOLLAR
};

#define SCAN_LEX_COMMENT_KEPT 64
#define SCAN_LEX_WORD_KEPT    12
#define SCAN_LEX_TAG_LIMIT    (64u << 10)

struct scan_lex {
	uint64_t at; /* offset of the next byte */
	enum scan_lex_item item;
	uint64_t item_at;
	/* Where the gap in front of the next item begins: behind the newline that ends the last item's line,
	 * or at the next item when that stands on the same line. */
	uint64_t gap_at;
	char comment[SCAN_LEX_COMMENT_KEPT + 1]; /* the line from its "--", cut, without the newline */
	size_t comment_len;                      /* its whole length */
	uint64_t comment_at;
	const char *fault; /* what is wrong, for "%s at byte %fault_at" */
	uint64_t fault_at;

	/* Inside. */
	const char *bytes; /* of the step that runs; they begin at offset `at` until it ends */
	enum scan_lex_state state;
	uint64_t opened_at; /* of the quote or block comment */
	uint64_t paren_at;  /* of the outermost parenthesis */
	size_t paren_depth;
	size_t block_depth;
	bool line_open;   /* the gap has not seen the newline that ends the last item's line */
	int create_words; /* how far CREATE [OR REPLACE] FUNCTION|PROCEDURE has come; see scan_token.c */
	bool after_begin; /* the last word was BEGIN */
	size_t begin_depth;
	int after_escape; /* what followed the end of an E'…': see scan_token.c */
	char word[SCAN_LEX_WORD_KEPT];
	size_t word_len;
	struct buf tag; /* "$tag$" */
	size_t tag_matched;
};

/* at: the offset of the first byte. */
void scan_lex_init(struct scan_lex *lex, uint64_t at);
void scan_lex_clear(struct scan_lex *lex);

/*
 * Takes bytes until something happens. *used of them were taken; they all belong to the item that `item`
 * named before the call.
 */
enum scan_lex_event scan_lex_step(struct scan_lex *lex, const char *bytes, size_t len, size_t *used);

/* Tells the lexer, which must be in a gap, of bytes that were not SQL; the gap begins behind them. */
void scan_lex_skip(struct scan_lex *lex, uint64_t bytes);

/*
 * What the script would end inside if it ended here: "a quoted string", and in *at where that began. NULL in
 * a gap.
 */
const char *scan_lex_unfinished(const struct scan_lex *lex, uint64_t *at);

#endif
