/*
 * What stands in the statements that the scanner has to understand. Each function is given the statement and
 * `next`, the number of its first token behind what its pattern took (scan_kind.h), and returns false when
 * the rest is not in the form that pg_dump writes.
 */
#ifndef SCAN_STATEMENT_H
#define SCAN_STATEMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "incant/contents.h"

#include "scan_parse.h"

/* COPY name [(columns)] FROM stdin; fills in schema, name and columns of *table, which the caller frees. */
bool scan_statement_copy(struct scan_parse *parse, size_t next, struct contents_table *table);

/* SELECT pg_catalog.setval('name', value, called); fills in *sequence, which the caller frees. */
bool scan_statement_setval(struct scan_parse *parse, size_t next, struct contents_sequence *sequence);

/* SET client_encoding = '…'. The name of the encoding, which the caller frees; NULL for any other SET. */
char *scan_statement_encoding(struct scan_parse *parse);

/* The name in CREATE DATABASE and DROP DATABASE. The caller frees it. */
char *scan_statement_database(struct scan_parse *parse, size_t next);

/* The object of lo_create('…'), lo_open('…', …). */
bool scan_statement_oid(struct scan_parse *parse, size_t next, uint64_t *oid);

/* Further lo_create('…') of the same SELECT: true while there is one; *next moves to its argument. */
bool scan_statement_next_create(struct scan_parse *parse, size_t *next);

/* The objects of a statement about large objects, by its name: "100, 101". True while there is one. */
bool scan_statement_next_oid(const char **name, uint64_t *oid);

/* The hex digits in lowrite(0, '\x…'). Borrowed from the statement's text. */
bool scan_statement_lowrite(struct scan_parse *parse, size_t next, const char **hex, size_t *len);

#endif
