/*
 * Inside the lexer: the tokens of SQL as far as they hide a ';', and the classes of bytes. Used by scan_lex.c
 * alone, with bytes that scan_lex.bytes begins.
 */
#ifndef SCAN_TOKEN_H
#define SCAN_TOKEN_H

#include <stdbool.h>
#include <stdint.h>

#include "scan_lex.h"

/*
 * Classes of bytes. Letters, '_' and all bytes of non-ASCII characters begin an identifier. Dull bytes begin
 * nothing that hides a ';'.
 */
enum { CLASS_LETTER = 1, CLASS_DIGIT = 2, CLASS_DOLLAR = 4, CLASS_SPACE = 8, CLASS_DULL = 16 };
enum { CLASS_WORD = CLASS_LETTER | CLASS_DIGIT | CLASS_DOLLAR, CLASS_TAG = CLASS_LETTER | CLASS_DIGIT };
extern const unsigned char scan_token_class[256];

/* The offset in the script of a byte of the running step. */
uint64_t scan_token_offset(const struct scan_lex *lex, const char *p);

/* Finds c in [p, end), or end. A NUL in front of it is found instead: *nul becomes true. */
const char *scan_token_find(const char *p, const char *end, int c, bool *nul);

/*
 * Skips the dull bytes of a statement in which no word matters, but not the word at their end: what follows
 * tells whether that is the E of an E'…'. Returns where to go on. For speed alone.
 */
const char *scan_token_skip_dull(const struct scan_lex *lex, const char *p, const char *end);

/* Forgets the statement before. */
void scan_token_reset(struct scan_lex *lex);

/* A statement's byte outside all quotes, comments and words. Returns what follows it. p < end. */
const char *scan_token_begin(struct scan_lex *lex, const char *p);

/*
 * Goes on in whatever the state is inside of: takes at least one byte, or changes the state. Returns what
 * follows; a NUL byte stops it there, with *nul true. p < end.
 */
const char *scan_token_continue(struct scan_lex *lex, const char *p, const char *end, bool *nul);

#endif
