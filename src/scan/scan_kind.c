/*
 * The table covers what pg_dumpall and pg_dump 13 to 18 write. A pattern says what follows the first word, as
 * a row of elements:
 *
 *     WORD  (  .  this keyword or symbol
 *     [OR-REPLACE]  these keywords, if they are there
 *     @1  @2   a name, which becomes that part of the statement's name
 *     @1()     a name with its argument list
 *     >IS|AS   everything as written up to one of these (outside parentheses), which becomes part 1
 *     ~ON      everything up to this keyword and the keyword itself, left out
 *
 * A pattern has fitted when it has come to its end; what follows in the statement does not matter.
 */
#include "config.h"

#include "scan_kind.h"

#include <string.h>

struct row {
	enum scan_class class;
	const char *kind;
	const char *verb;    /* the first word */
	const char *pattern; /* of what follows */
};

#define OBJECT  SCAN_CLASS_OBJECT
#define CLUSTER SCAN_CLASS_CLUSTER
#define SESSION SCAN_CLASS_SESSION
#define ABOUT   SCAN_CLASS_LO_ABOUT

/* Of two rows that fit the narrower one stands first; otherwise the more frequent one. */
static const struct row rows[] = {
	{ SCAN_CLASS_COPY, "COPY", "COPY", "@1" },
	{ SESSION, "SET", "SET", "" },
	{ SESSION, "RESET", "RESET", "" },
	{ SCAN_CLASS_TRANSACTION, "BEGIN", "BEGIN", "" },
	{ SCAN_CLASS_TRANSACTION, "COMMIT", "COMMIT", "" },
	{ SESSION, "SET_CONFIG", "SELECT", "PG_CATALOG . SET_CONFIG (" },
	{ SCAN_CLASS_LO_WRITE, "LOWRITE", "SELECT", "PG_CATALOG . LOWRITE (" },
	{ SCAN_CLASS_LO_OPEN, "LO_OPEN", "SELECT", "PG_CATALOG . LO_OPEN (" },
	{ SCAN_CLASS_LO_CLOSE, "LO_CLOSE", "SELECT", "PG_CATALOG . LO_CLOSE (" },
	{ SCAN_CLASS_LO_CREATE, "LO_CREATE", "SELECT", "PG_CATALOG . LO_CREATE (" },
	{ SCAN_CLASS_SETVAL, "SETVAL", "SELECT", "PG_CATALOG . SETVAL (" },
	{ OBJECT, "RESTORE STATISTICS", "SELECT", "* FROM PG_CATALOG . PG_RESTORE_RELATION_STATS" },
	{ OBJECT, "RESTORE STATISTICS", "SELECT", "* FROM PG_CATALOG . PG_RESTORE_ATTRIBUTE_STATS" },
	{ OBJECT, "RESTORE STATISTICS", "SELECT", "* FROM PG_CATALOG . PG_RESTORE_EXTENDED_STATS" },
	{ OBJECT, "SELECT", "SELECT", "" },
	{ OBJECT, "INSERT", "INSERT", "INTO @1" },

	{ ABOUT, "COMMENT ON LARGE OBJECT", "COMMENT", "ON LARGE OBJECT >IS" },
	{ OBJECT, "COMMENT", "COMMENT", "ON >IS" },
	{ ABOUT, "SECURITY LABEL ON LARGE OBJECT", "SECURITY", "LABEL ~ON LARGE OBJECT >IS" },
	{ OBJECT, "SECURITY LABEL", "SECURITY", "LABEL ~ON >IS" },
	{ ABOUT, "GRANT ON LARGE OBJECT", "GRANT", "~ON LARGE OBJECT >TO" },
	{ OBJECT, "GRANT", "GRANT", "~ON >TO" },
	{ CLUSTER, "GRANT ROLE", "GRANT", ">WITH|GRANTED" },
	{ ABOUT, "REVOKE ON LARGE OBJECT", "REVOKE", "~ON LARGE OBJECT >FROM" },
	{ OBJECT, "REVOKE", "REVOKE", "~ON >FROM" },
	{ CLUSTER, "REVOKE ROLE", "REVOKE", ">GRANTED" },

	{ OBJECT, "CREATE TABLE", "CREATE", "[UNLOGGED] TABLE @1" },
	{ OBJECT, "CREATE INDEX", "CREATE", "[UNIQUE] INDEX @2 ON [ONLY] @1" },
	{ OBJECT, "CREATE SEQUENCE", "CREATE", "[UNLOGGED] SEQUENCE @1" },
	{ OBJECT, "CREATE FUNCTION", "CREATE", "[OR-REPLACE] FUNCTION @1()" },
	{ OBJECT, "CREATE PROCEDURE", "CREATE", "[OR-REPLACE] PROCEDURE @1()" },
	{ OBJECT, "CREATE VIEW", "CREATE", "[OR-REPLACE] VIEW @1" },
	{ OBJECT, "CREATE MATERIALIZED VIEW", "CREATE", "MATERIALIZED VIEW @1" },
	{ OBJECT, "CREATE TRIGGER", "CREATE", "[CONSTRAINT] TRIGGER @2 ~ON @1" },
	{ OBJECT, "CREATE POLICY", "CREATE", "POLICY @2 ON @1" },
	{ OBJECT, "CREATE RULE", "CREATE", "[OR-REPLACE] RULE @2 ~TO @1" },
	{ OBJECT, "CREATE TYPE", "CREATE", "TYPE @1" },
	{ OBJECT, "CREATE DOMAIN", "CREATE", "DOMAIN @1" },
	{ OBJECT, "CREATE SCHEMA", "CREATE", "SCHEMA @1" },
	{ OBJECT, "CREATE EXTENSION", "CREATE", "EXTENSION [IF-NOT-EXISTS] @1" },
	{ OBJECT, "CREATE STATISTICS", "CREATE", "STATISTICS @1" },
	{ OBJECT, "CREATE FOREIGN TABLE", "CREATE", "FOREIGN TABLE @1" },
	{ OBJECT, "CREATE FOREIGN DATA WRAPPER", "CREATE", "FOREIGN DATA WRAPPER @1" },
	{ OBJECT, "CREATE SERVER", "CREATE", "SERVER @1" },
	{ OBJECT, "CREATE USER MAPPING", "CREATE", "USER MAPPING FOR >OPTIONS" },
	{ OBJECT, "CREATE AGGREGATE", "CREATE", "AGGREGATE @1()" },
	{ OBJECT, "CREATE OPERATOR CLASS", "CREATE", "OPERATOR CLASS @1" },
	{ OBJECT, "CREATE OPERATOR FAMILY", "CREATE", "OPERATOR FAMILY @1 USING @2" },
	{ OBJECT, "CREATE OPERATOR", "CREATE", "OPERATOR >(" },
	{ OBJECT, "CREATE CAST", "CREATE", "CAST >WITH|WITHOUT" },
	{ OBJECT, "CREATE TRANSFORM", "CREATE", "TRANSFORM FOR >(" },
	{ OBJECT, "CREATE COLLATION", "CREATE", "COLLATION @1" },
	{ OBJECT, "CREATE CONVERSION", "CREATE", "[DEFAULT] CONVERSION @1" },
	{ OBJECT, "CREATE LANGUAGE", "CREATE", "[OR-REPLACE] [TRUSTED] [PROCEDURAL] LANGUAGE @1" },
	{ OBJECT, "CREATE ACCESS METHOD", "CREATE", "ACCESS METHOD @1" },
	{ OBJECT, "CREATE TEXT SEARCH CONFIGURATION", "CREATE", "TEXT SEARCH CONFIGURATION @1" },
	{ OBJECT, "CREATE TEXT SEARCH DICTIONARY", "CREATE", "TEXT SEARCH DICTIONARY @1" },
	{ OBJECT, "CREATE TEXT SEARCH PARSER", "CREATE", "TEXT SEARCH PARSER @1" },
	{ OBJECT, "CREATE TEXT SEARCH TEMPLATE", "CREATE", "TEXT SEARCH TEMPLATE @1" },
	{ OBJECT, "CREATE EVENT TRIGGER", "CREATE", "EVENT TRIGGER @1" },
	{ OBJECT, "CREATE PUBLICATION", "CREATE", "PUBLICATION @1" },
	{ OBJECT, "CREATE SUBSCRIPTION", "CREATE", "SUBSCRIPTION @1" },
	{ CLUSTER, "CREATE ROLE", "CREATE", "ROLE @1" },
	{ CLUSTER, "CREATE TABLESPACE", "CREATE", "TABLESPACE @1" },
	{ SCAN_CLASS_CREATE_DATABASE, "CREATE DATABASE", "CREATE", "DATABASE @1" },
	{ OBJECT, "CREATE", "CREATE", ">WITH|AS|FOR|USING" },

	{ OBJECT, "ALTER TABLE OWNER", "ALTER", "TABLE [ONLY] @1 OWNER TO" },
	{ OBJECT, "ALTER TABLE ADD FOREIGN KEY", "ALTER", "TABLE [ONLY] @1 ADD CONSTRAINT @2 FOREIGN KEY" },
	{ OBJECT, "ALTER TABLE ADD CONSTRAINT", "ALTER", "TABLE [ONLY] @1 ADD CONSTRAINT @2" },
	{ OBJECT, "ALTER TABLE ADD GENERATED", "ALTER",
		"TABLE [ONLY] @1 ALTER COLUMN @2 ADD GENERATED ~IDENTITY" },
	{ OBJECT, "ALTER TABLE SET DEFAULT", "ALTER", "TABLE [ONLY] @1 ALTER COLUMN @2 SET DEFAULT" },
	{ OBJECT, "ALTER TABLE ALTER COLUMN", "ALTER", "TABLE [ONLY] @1 ALTER COLUMN @2" },
	{ OBJECT, "ALTER TABLE ATTACH PARTITION", "ALTER", "TABLE [ONLY] @1 ATTACH PARTITION @2" },
	{ OBJECT, "ALTER TABLE CLUSTER", "ALTER", "TABLE [ONLY] @1 CLUSTER ON @2" },
	{ OBJECT, "ALTER TABLE REPLICA IDENTITY", "ALTER", "TABLE [ONLY] @1 REPLICA IDENTITY" },
	{ OBJECT, "ALTER TABLE ROW SECURITY", "ALTER", "TABLE [ONLY] @1 ENABLE ROW LEVEL SECURITY" },
	{ OBJECT, "ALTER TABLE ROW SECURITY", "ALTER", "TABLE [ONLY] @1 FORCE ROW LEVEL SECURITY" },
	{ OBJECT, "ALTER TABLE TRIGGER", "ALTER", "TABLE [ONLY] @1 DISABLE TRIGGER @2" },
	{ OBJECT, "ALTER TABLE TRIGGER", "ALTER", "TABLE [ONLY] @1 ENABLE [ALWAYS] [REPLICA] TRIGGER @2" },
	{ OBJECT, "ALTER TABLE RULE", "ALTER", "TABLE [ONLY] @1 DISABLE RULE @2" },
	{ OBJECT, "ALTER TABLE RULE", "ALTER", "TABLE [ONLY] @1 ENABLE [ALWAYS] [REPLICA] RULE @2" },
	{ OBJECT, "ALTER TABLE INHERIT", "ALTER", "TABLE [ONLY] @1 INHERIT @2" },
	{ OBJECT, "ALTER TABLE", "ALTER", "TABLE [ONLY] @1" },
	{ OBJECT, "ALTER INDEX ATTACH PARTITION", "ALTER", "INDEX @1 ATTACH PARTITION @2" },
	{ OBJECT, "ALTER INDEX", "ALTER", "INDEX @1" },
	{ OBJECT, "ALTER SEQUENCE OWNED BY", "ALTER", "SEQUENCE @1 OWNED BY" },
	{ OBJECT, "ALTER SEQUENCE OWNER", "ALTER", "SEQUENCE @1 OWNER TO" },
	{ OBJECT, "ALTER SEQUENCE", "ALTER", "SEQUENCE @1" },
	{ OBJECT, "ALTER FUNCTION OWNER", "ALTER", "FUNCTION @1() OWNER TO" },
	{ OBJECT, "ALTER FUNCTION", "ALTER", "FUNCTION @1()" },
	{ OBJECT, "ALTER PROCEDURE OWNER", "ALTER", "PROCEDURE @1() OWNER TO" },
	{ OBJECT, "ALTER PROCEDURE", "ALTER", "PROCEDURE @1()" },
	{ OBJECT, "ALTER AGGREGATE OWNER", "ALTER", "AGGREGATE @1() OWNER TO" },
	{ OBJECT, "ALTER VIEW OWNER", "ALTER", "VIEW @1 OWNER TO" },
	{ OBJECT, "ALTER VIEW", "ALTER", "VIEW @1" },
	{ OBJECT, "ALTER MATERIALIZED VIEW OWNER", "ALTER", "MATERIALIZED VIEW @1 OWNER TO" },
	{ OBJECT, "ALTER MATERIALIZED VIEW", "ALTER", "MATERIALIZED VIEW [ONLY] @1" },
	{ OBJECT, "ALTER TYPE OWNER", "ALTER", "TYPE @1 OWNER TO" },
	{ OBJECT, "ALTER DOMAIN OWNER", "ALTER", "DOMAIN @1 OWNER TO" },
	{ OBJECT, "ALTER DOMAIN ADD CONSTRAINT", "ALTER", "DOMAIN @1 ADD CONSTRAINT @2" },
	{ OBJECT, "ALTER SCHEMA OWNER", "ALTER", "SCHEMA @1 OWNER TO" },
	{ OBJECT, "ALTER STATISTICS OWNER", "ALTER", "STATISTICS @1 OWNER TO" },
	{ OBJECT, "ALTER STATISTICS", "ALTER", "STATISTICS @1" },
	{ OBJECT, "ALTER FOREIGN TABLE OWNER", "ALTER", "FOREIGN TABLE [ONLY] @1 OWNER TO" },
	{ OBJECT, "ALTER FOREIGN TABLE ALTER COLUMN", "ALTER", "FOREIGN TABLE [ONLY] @1 ALTER COLUMN @2" },
	{ OBJECT, "ALTER FOREIGN TABLE", "ALTER", "FOREIGN TABLE [ONLY] @1" },
	{ OBJECT, "ALTER FOREIGN DATA WRAPPER OWNER", "ALTER", "FOREIGN DATA WRAPPER @1 OWNER TO" },
	{ OBJECT, "ALTER SERVER OWNER", "ALTER", "SERVER @1 OWNER TO" },
	{ OBJECT, "ALTER OPERATOR CLASS OWNER", "ALTER", "OPERATOR CLASS @1 USING @2 OWNER TO" },
	{ OBJECT, "ALTER OPERATOR FAMILY OWNER", "ALTER", "OPERATOR FAMILY @1 USING @2 OWNER TO" },
	{ OBJECT, "ALTER OPERATOR FAMILY ADD", "ALTER", "OPERATOR FAMILY @1 USING @2 ADD" },
	{ OBJECT, "ALTER OPERATOR OWNER", "ALTER", "OPERATOR >OWNER" },
	{ OBJECT, "ALTER COLLATION OWNER", "ALTER", "COLLATION @1 OWNER TO" },
	{ OBJECT, "ALTER CONVERSION OWNER", "ALTER", "CONVERSION @1 OWNER TO" },
	{ OBJECT, "ALTER LANGUAGE OWNER", "ALTER", "[PROCEDURAL] LANGUAGE @1 OWNER TO" },
	{ OBJECT, "ALTER TEXT SEARCH CONFIGURATION OWNER", "ALTER", "TEXT SEARCH CONFIGURATION @1 OWNER TO" },
	{ OBJECT, "ALTER TEXT SEARCH CONFIGURATION ADD MAPPING", "ALTER",
		"TEXT SEARCH CONFIGURATION @1 ADD MAPPING FOR @2" },
	{ OBJECT, "ALTER TEXT SEARCH DICTIONARY OWNER", "ALTER", "TEXT SEARCH DICTIONARY @1 OWNER TO" },
	{ OBJECT, "ALTER EVENT TRIGGER OWNER", "ALTER", "EVENT TRIGGER @1 OWNER TO" },
	{ OBJECT, "ALTER EVENT TRIGGER", "ALTER", "EVENT TRIGGER @1" },
	{ OBJECT, "ALTER TRIGGER", "ALTER", "TRIGGER @2 ON @1" },
	{ OBJECT, "ALTER PUBLICATION OWNER", "ALTER", "PUBLICATION @1 OWNER TO" },
	{ OBJECT, "ALTER PUBLICATION ADD TABLE", "ALTER", "PUBLICATION @1 ADD TABLE [ONLY] @2" },
	{ OBJECT, "ALTER PUBLICATION ADD SCHEMA", "ALTER", "PUBLICATION @1 ADD TABLES IN SCHEMA @2" },
	{ OBJECT, "ALTER SUBSCRIPTION OWNER", "ALTER", "SUBSCRIPTION @1 OWNER TO" },
	{ OBJECT, "ALTER SUBSCRIPTION", "ALTER", "SUBSCRIPTION @1" },
	{ ABOUT, "ALTER LARGE OBJECT", "ALTER", "LARGE OBJECT >OWNER" },
	{ OBJECT, "ALTER DEFAULT PRIVILEGES", "ALTER", "DEFAULT PRIVILEGES >GRANT|REVOKE" },
	{ OBJECT, "ALTER DATABASE OWNER", "ALTER", "DATABASE @1 OWNER TO" },
	{ OBJECT, "ALTER DATABASE SET", "ALTER", "DATABASE @1 SET" },
	{ OBJECT, "ALTER DATABASE", "ALTER", "DATABASE @1" },
	{ OBJECT, "ALTER ROLE IN DATABASE SET", "ALTER", "ROLE @1 IN DATABASE @2 SET" },
	{ OBJECT, "ALTER ROLE SET", "ALTER", "ROLE @1 SET" },
	{ CLUSTER, "ALTER ROLE WITH", "ALTER", "ROLE @1 WITH" },
	{ CLUSTER, "ALTER TABLESPACE", "ALTER", "TABLESPACE @1" },
	{ OBJECT, "ALTER", "ALTER", ">SET|OWNER|ADD" },

	{ OBJECT, "REFRESH MATERIALIZED VIEW", "REFRESH", "MATERIALIZED VIEW @1" },
	{ SCAN_CLASS_DROP_DATABASE, "DROP DATABASE", "DROP", "DATABASE [IF-EXISTS] @1" },
	{ CLUSTER, "DROP ROLE", "DROP", "ROLE [IF-EXISTS] @1" },
	{ CLUSTER, "DROP TABLESPACE", "DROP", "TABLESPACE [IF-EXISTS] @1" },
	{ OBJECT, "DROP", "DROP", ">CASCADE" },
	{ SCAN_CLASS_DROP_DATABASE, "UPDATE DATABASE", "UPDATE", "PG_CATALOG . PG_DATABASE SET" },
	{ OBJECT, "UPDATE", "UPDATE", "@1" },
};

static const char other[] = "OTHER";

#define ROW_COUNT  (sizeof(rows) / sizeof(rows[0]))
#define NAME_PARTS 2

/* A pattern that is being tried on a statement. */
struct match {
	struct scan_parse *parse;
	size_t index; /* of the next token */
	const char *part[NAME_PARTS];
	size_t part_len[NAME_PARTS];
};

/* Sets part number of the name to the text of the tokens [from, to). */
static bool
set_part(struct match *match, size_t number, size_t from, size_t to)
{
	const char *begin = scan_parse_at(match->parse, from)->text;
	const struct scan_parse_token *last;

	if (to == from)
		return false;
	last = scan_parse_at(match->parse, to - 1);
	match->part[number] = begin;
	match->part_len[number] = (size_t)(last->text + last->len - begin);
	match->index = to;
	return true;
}

/* Whether token index is one of the '|'-separated words. */
static bool
is_one_of(struct scan_parse *parse, size_t index, const char *words, size_t len)
{
	const char *end = words + len;

	while (words < end) {
		const char *stop = memchr(words, '|', (size_t)(end - words));

		if (stop == NULL)
			stop = end;
		if (scan_parse_is(parse, index, words, (size_t)(stop - words)))
			return true;
		words = stop + 1;
	}
	return false;
}

/* The first token from index on, outside parentheses, that is one of the words or ends the statement. */
static size_t
find_one_of(struct scan_parse *parse, size_t index, const char *words, size_t len)
{
	size_t depth = 0;

	for (;; index++) {
		if (scan_parse_at(parse, index)->type == SCAN_PARSE_END)
			return index;
		if (depth == 0 &&
			(scan_parse_is(parse, index, ";", 1) || is_one_of(parse, index, words, len)))
			return index;
		if (scan_parse_is(parse, index, "(", 1))
			depth++;
		else if (scan_parse_is(parse, index, ")", 1) && depth > 0)
			depth--;
	}
}

/* "@1" or "@1()". */
static bool
match_name(struct match *match, const char *element, size_t len)
{
	size_t count = scan_parse_name_length(match->parse, match->index);
	size_t to = match->index + count;

	if (count == 0)
		return false;
	if (len > 2) {
		if (!scan_parse_is(match->parse, to, "(", 1))
			return false;
		to = find_one_of(match->parse, to + 1, ")", 1);
		if (!scan_parse_is(match->parse, to++, ")", 1))
			return false;
	}
	return set_part(match, (size_t)(element[1] - '1'), match->index, to);
}

/* "[OR-REPLACE]": all of its words or none. */
static void
match_optional(struct match *match, const char *element, size_t len)
{
	const char *word = element + 1;
	const char *end = element + len - 1;
	size_t index = match->index;

	while (word < end) {
		const char *stop = memchr(word, '-', (size_t)(end - word));

		if (stop == NULL)
			stop = end;
		if (!scan_parse_is(match->parse, index++, word, (size_t)(stop - word)))
			return;
		word = stop + 1;
	}
	match->index = index;
}

static bool
match_element(struct match *match, const char *element, size_t len)
{
	size_t found;

	switch (element[0]) {
	case '@':
		return match_name(match, element, len);
	case '[':
		match_optional(match, element, len);
		return true;
	case '>':
		found = find_one_of(match->parse, match->index, element + 1, len - 1);
		return set_part(match, 0, match->index, found);
	case '~':
		match->index = find_one_of(match->parse, match->index, element + 1, len - 1);
		break;
	default:
		return scan_parse_is(match->parse, match->index++, element, len);
	}
	return scan_parse_is(match->parse, match->index++, element + 1, len - 1);
}

static bool
match_pattern(struct match *match, const char *pattern)
{
	while (*pattern != '\0') {
		size_t len = 1;

		while (pattern[len] != ' ' && pattern[len] != '\0')
			len++;
		if (!match_element(match, pattern, len))
			return false;
		pattern += len;
		pattern += *pattern == ' ';
	}
	return true;
}

static void
write_name(const struct match *match, struct buf *name)
{
	buf_reset(name);
	for (size_t i = 0; i < NAME_PARTS; i++) {
		if (match->part[i] == NULL)
			continue;
		if (name->len > 0)
			buf_append_char(name, ' ');
		buf_append(name, match->part[i], match->part_len[i]);
	}
}

static char
first_letter(struct scan_parse *parse, size_t index)
{
	char c = scan_parse_at(parse, index)->text[0];

	return c >= 'a' && c <= 'z' ? (char)(c - ('a' - 'A')) : c;
}

/* Whether the row's pattern fits. Most rows are out by their first letters. */
static bool
match_row(struct match *match, const struct row *row, const char first[2])
{
	bool is_word = row->pattern[0] >= 'A' && row->pattern[0] <= 'Z';

	if (row->verb[0] != first[0] || (is_word && row->pattern[0] != first[1]))
		return false;
	return scan_parse_is(match->parse, 0, row->verb, strlen(row->verb)) &&
	       match_pattern(match, row->pattern);
}

struct scan_kind
scan_kind_of(struct scan_parse *parse, struct buf *name)
{
	const char first[2] = { first_letter(parse, 0), first_letter(parse, 1) };

	for (size_t i = 0; i < ROW_COUNT; i++) {
		struct match match = { .parse = parse, .index = 1 };

		if (match_row(&match, &rows[i], first)) {
			write_name(&match, name);
			return (struct scan_kind){ rows[i].class, rows[i].kind, match.index };
		}
	}
	buf_reset(name);
	return (struct scan_kind){ SCAN_CLASS_OBJECT, other, 0 };
}

const char *
scan_kind_intern(const char *kind)
{
	for (size_t i = 0; i < ROW_COUNT; i++) {
		if (strcmp(rows[i].kind, kind) == 0)
			return rows[i].kind;
	}
	return other;
}
