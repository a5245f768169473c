/*
 * The contents of a dump: what the scanner learned while it passed. Complete: two clusters whose contents are
 * equal hold the same databases, definitions, rows, sequences, large objects, roles and settings.
 *
 * A dump is a row of sections that tile it: first the globals, then each database in the order of the dump. A
 * section holds its statements in order, and the tables whose data it carries. Names are as decoded from SQL
 * (quotes removed) and in the encoding of the dump's own section; they contain no NUL.
 */
#ifndef INCANT_CONTENTS_H
#define INCANT_CONTENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "incant/digest.h"

struct json;

/* A stretch of the plain dump. */
struct extent {
	uint64_t plain_off;
	uint64_t bytes;
};

/*
 * One statement other than COPY … FROM stdin and other than what belongs to one large object. SET, SELECT
 * set_config and meta-commands are left out: they set up a session, not the cluster.
 */
struct contents_statement {
	const char *kind; /* leading keywords, never freed: "CREATE TABLE", "ALTER TABLE ADD CONSTRAINT",
			     "GRANT", … ("OTHER" if not known; src/scan/scan_kind.c has them all) */
	char *name; /* what it is about, as written: `public.t`, `TABLE public.t`, `public.t t_pkey`; "" where
		       it has none */
	struct extent at;
	struct digest128 digest; /* XXH3-128 of its text from first token to ';' */
};

/* The data of one table: a COPY block. */
struct contents_table {
	char *schema;
	char *name;
	char *columns;      /* the column list as written, without parentheses; "" for none */
	struct extent at;   /* from the C of COPY to the newline behind \. */
	struct extent data; /* the rows alone */
	uint64_t rows;
	struct digest128 digest; /* sum modulo 2^128 of XXH3-128 of each row without its newline: the order of
				    rows does not matter */
};

struct contents_sequence {
	char *name; /* as written in setval: `public.t_a_seq` */
	int64_t value;
	bool called;
};

/* One large object: its data as bytes of SQL text (hex digits of all lowrite calls), its definition and owner
 * and ACL by digest. */
struct contents_large_object {
	uint64_t oid;
	uint64_t bytes;         /* of data, decoded */
	struct digest128 data;  /* XXH3-128 of the hex digits in order, `\x` left out: does not depend on how
				   it was cut into lowrite calls */
	struct digest128 about; /* sum of XXH3-128 of the statements about it: ALTER LARGE OBJECT, GRANT,
				   COMMENT, SECURITY LABEL */
};

struct contents_section {
	char *database; /* NULL for the globals */
	char *encoding; /* from SET client_encoding: "UTF8"; "" where none was seen */
	bool creates;   /* has CREATE DATABASE (false for template1, postgres in a dump without --clean) */
	struct extent at;
	struct contents_statement *statements;
	size_t statement_count, statement_capacity;
	struct contents_table *tables;
	size_t table_count, table_capacity;
	struct contents_sequence *sequences;
	size_t sequence_count, sequence_capacity;
	struct contents_large_object *large_objects; /* by oid, ascending */
	size_t large_object_count, large_object_capacity;
};

struct contents {
	struct contents_section *sections; /* [0] is the globals */
	size_t section_count, section_capacity;
	uint64_t plain_bytes;
};

void contents_init(struct contents *contents);
void contents_clear(struct contents *contents);

/* Totals over all sections. Databases are sections with a name. */
struct contents_totals {
	uint64_t databases, tables, rows, data_bytes, large_objects;
};
struct contents_totals contents_totals(const struct contents *contents);

/* A database's section by its exact name; NULL when there is none. */
const struct contents_section *contents_find_database(const struct contents *contents, const char *database);

/*
 * A table by a name as a person writes it: schema.name with or without double quotes, or name alone when it
 * is in public or unique. Returns NULL when none or more than one fits: *matches says how many (NULL is
 * allowed).
 */
const struct contents_table *contents_find_table(
	const struct contents_section *section, const char *name, size_t *matches);

/*
 * As JSON (incant-backup-format(7) has the form) and back. The value belongs to the caller. what names the
 * document in errors. Reading returns 0, or -1 with ERR_DAMAGED.
 */
struct json *contents_to_json(const struct contents *contents);
int contents_from_json(const struct json *from, const char *what, struct contents *contents);

/*
 * Whether two contents are the same to the last field (extents included): for verify, which reads the very
 * bytes again. 0 = same; CONTENTS_DIFFER with the first difference in words in *text (capacity bytes).
 */
enum { CONTENTS_DIFFER = 1 };
int contents_compare_exact(
	const struct contents *recorded, const struct contents *found, char *text, size_t capacity);

#endif
