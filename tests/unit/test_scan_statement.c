/* What a complete statement is: kinds and names as pg_dump writes them, and the forms with values in them. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "incant/buf.h"

#include "../../src/scan/scan_kind.h"
#include "../../src/scan/scan_parse.h"
#include "../../src/scan/scan_statement.h"

/* One statement, looked up. */
struct subject {
	struct scan_parse parse;
	struct scan_kind kind;
	struct buf name;
};

static void
look_up(struct subject *subject, const char *text)
{
	scan_parse_init(&subject->parse);
	buf_init(&subject->name);
	scan_parse_begin(&subject->parse, text, strlen(text));
	subject->kind = scan_kind_of(&subject->parse, &subject->name);
}

static void
clear(struct subject *subject)
{
	scan_parse_clear(&subject->parse);
	buf_clear(&subject->name);
}

static const struct {
	const char *text, *kind, *name;
} known[] = {
	{ "CREATE ROLE \"Rol 'e\"\";$=\";", "CREATE ROLE", "\"Rol 'e\"\";$=\"" },
	{ "ALTER ROLE app WITH NOSUPERUSER PASSWORD 'x';", "ALTER ROLE WITH", "app" },
	{ "ALTER ROLE app SET work_mem TO '8MB';", "ALTER ROLE SET", "app" },
	{ "ALTER ROLE app IN DATABASE \"d b\" SET work_mem TO '8MB';", "ALTER ROLE IN DATABASE SET",
		"app \"d b\"" },
	{ "GRANT reader TO app WITH ADMIN OPTION GRANTED BY postgres;", "GRANT ROLE", "reader TO app" },
	{ "GRANT reader TO app;", "GRANT ROLE", "reader TO app" },
	{ "GRANT SET ON PARAMETER work_mem TO app;", "GRANT", "PARAMETER work_mem" },
	{ "GRANT UPDATE(b, \"on\") ON TABLE public.t TO reader WITH GRANT OPTION;", "GRANT",
		"TABLE public.t" },
	{ "REVOKE ALL ON FUNCTION public.f(a integer, b text) FROM PUBLIC;", "REVOKE",
		"FUNCTION public.f(a integer, b text)" },
	{ "CREATE TABLESPACE ts1 OWNER postgres LOCATION '/x';", "CREATE TABLESPACE", "ts1" },
	{ "ALTER TABLESPACE ts1 SET (random_page_cost=1.5);", "ALTER TABLESPACE", "ts1" },
	{ "DROP ROLE IF EXISTS app;", "DROP ROLE", "app" },
	{ "DROP DATABASE IF EXISTS \"a b\";", "DROP DATABASE", "\"a b\"" },
	{ "DROP TABLE public.t;", "DROP", "TABLE public.t" },
	{ "CREATE DATABASE \"Upper.x\" WITH TEMPLATE = template0;", "CREATE DATABASE", "\"Upper.x\"" },
	{ "ALTER DATABASE app OWNER TO app;", "ALTER DATABASE OWNER", "app" },
	{ "ALTER DATABASE app SET work_mem TO '9MB';", "ALTER DATABASE SET", "app" },
	{ "ALTER DATABASE tmpl IS_TEMPLATE = true;", "ALTER DATABASE", "tmpl" },
	{ "UPDATE pg_catalog.pg_database SET datistemplate = false WHERE datname = 'x';", "UPDATE DATABASE",
		"" },
	{ "COMMENT ON ROLE app IS 'x';", "COMMENT", "ROLE app" },
	{ "COMMENT ON TABLE public.\"is\" IS ' IS ';", "COMMENT", "TABLE public.\"is\"" },
	{ "COMMENT ON OPERATOR public.=== (integer, integer) IS 'o';", "COMMENT",
		"OPERATOR public.=== (integer, integer)" },
	{ "SECURITY LABEL FOR \"on\" ON ROLE app IS 'x';", "SECURITY LABEL", "ROLE app" },
	{ "CREATE SCHEMA \"S x\";", "CREATE SCHEMA", "\"S x\"" },
	{ "CREATE EXTENSION IF NOT EXISTS hstore WITH SCHEMA public;", "CREATE EXTENSION", "hstore" },
	{ "CREATE TYPE public.e AS ENUM (\n    'a'\n);", "CREATE TYPE", "public.e" },
	{ "CREATE TYPE public.shell;", "CREATE TYPE", "public.shell" },
	{ "CREATE DOMAIN public.d AS integer;", "CREATE DOMAIN", "public.d" },
	{ "ALTER DOMAIN public.d\n    ADD CONSTRAINT nv CHECK ((VALUE < 100)) NOT VALID;",
		"ALTER DOMAIN ADD CONSTRAINT", "public.d nv" },
	{ "CREATE FUNCTION public.f(a integer, b text DEFAULT 'x);'::text) RETURNS integer AS $$;$$;",
		"CREATE FUNCTION", "public.f(a integer, b text DEFAULT 'x);'::text)" },
	{ "CREATE OR REPLACE FUNCTION public.f() RETURNS integer AS 'x';", "CREATE FUNCTION", "public.f()" },
	{ "CREATE PROCEDURE public.pr(IN a integer)\n    AS $$SELECT 1$$;", "CREATE PROCEDURE",
		"public.pr(IN a integer)" },
	{ "ALTER FUNCTION public.f(a integer, b text) DEPENDS ON EXTENSION hstore;", "ALTER FUNCTION",
		"public.f(a integer, b text)" },
	{ "ALTER FUNCTION public.f() OWNER TO postgres;", "ALTER FUNCTION OWNER", "public.f()" },
	{ "CREATE AGGREGATE public.agg(integer) (\n    SFUNC = x\n);", "CREATE AGGREGATE",
		"public.agg(integer)" },
	{ "CREATE OPERATOR public.=== (\n    FUNCTION = x\n);", "CREATE OPERATOR", "public.===" },
	{ "ALTER OPERATOR public.=== (integer, integer) OWNER TO postgres;", "ALTER OPERATOR OWNER",
		"public.=== (integer, integer)" },
	{ "CREATE OPERATOR FAMILY public.of1 USING btree;", "CREATE OPERATOR FAMILY", "public.of1 btree" },
	{ "CREATE OPERATOR CLASS public.oc\n    DEFAULT FOR TYPE x USING btree AS OPERATOR 1 <;",
		"CREATE OPERATOR CLASS", "public.oc" },
	{ "CREATE CAST (public.comp AS public.e) WITH INOUT;", "CREATE CAST", "(public.comp AS public.e)" },
	{ "CREATE TRANSFORM FOR public.e LANGUAGE sql (FROM SQL WITH FUNCTION x(internal));",
		"CREATE TRANSFORM", "public.e LANGUAGE sql" },
	{ "CREATE OR REPLACE TRUSTED PROCEDURAL LANGUAGE plx;", "CREATE LANGUAGE", "plx" },
	{ "ALTER PROCEDURAL LANGUAGE plx OWNER TO postgres;", "ALTER LANGUAGE OWNER", "plx" },
	{ "CREATE DEFAULT CONVERSION public.c FOR 'LATIN1' TO 'UTF8' FROM x;", "CREATE CONVERSION",
		"public.c" },
	{ "CREATE TEXT SEARCH CONFIGURATION public.c (\n    PARSER = x );",
		"CREATE TEXT SEARCH CONFIGURATION", "public.c" },
	{ "ALTER TEXT SEARCH CONFIGURATION public.c\n    ADD MAPPING FOR \"float\" WITH simple;",
		"ALTER TEXT SEARCH CONFIGURATION ADD MAPPING", "public.c \"float\"" },
	{ "CREATE USER MAPPING FOR app SERVER srv OPTIONS (\n    \"user\" 'a;b'\n);", "CREATE USER MAPPING",
		"app SERVER srv" },
	{ "CREATE USER MAPPING FOR app SERVER srv;", "CREATE USER MAPPING", "app SERVER srv" },
	{ "CREATE TABLE public.\"T ;\"\"q$\" (\n    a integer\n);", "CREATE TABLE", "public.\"T ;\"\"q$\"" },
	{ "CREATE UNLOGGED TABLE public.ul ();", "CREATE TABLE", "public.ul" },
	{ "CREATE FOREIGN TABLE public.ft (\n) SERVER s;", "CREATE FOREIGN TABLE", "public.ft" },
	{ "create view public.v as select 1;", "CREATE VIEW", "public.v" },
	{ "CREATE OR REPLACE VIEW public.v AS SELECT 1;", "CREATE VIEW", "public.v" },
	{ "CREATE MATERIALIZED VIEW public.mv AS SELECT 1 WITH NO DATA;", "CREATE MATERIALIZED VIEW",
		"public.mv" },
	{ "ALTER TABLE public.t OWNER TO app;", "ALTER TABLE OWNER", "public.t" },
	{ "ALTER TABLE ONLY public.t\n    ADD CONSTRAINT \"t p\" PRIMARY KEY (a);",
		"ALTER TABLE ADD CONSTRAINT", "public.t \"t p\"" },
	{ "ALTER TABLE ONLY public.t\n    ADD CONSTRAINT fk FOREIGN KEY (a) REFERENCES public.u(a);",
		"ALTER TABLE ADD FOREIGN KEY", "public.t fk" },
	{ "ALTER TABLE public.t ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (\n);",
		"ALTER TABLE ADD GENERATED", "public.t id" },
	{ "ALTER TABLE ONLY public.t ALTER COLUMN a SET DEFAULT 5;", "ALTER TABLE SET DEFAULT",
		"public.t a" },
	{ "ALTER TABLE ONLY public.t ALTER COLUMN a SET STATISTICS 5;", "ALTER TABLE ALTER COLUMN",
		"public.t a" },
	{ "ALTER TABLE ONLY public.p ATTACH PARTITION public.c FOR VALUES FROM (1) TO (2);",
		"ALTER TABLE ATTACH PARTITION", "public.p public.c" },
	{ "ALTER TABLE public.t CLUSTER ON i;", "ALTER TABLE CLUSTER", "public.t i" },
	{ "ALTER TABLE ONLY public.t REPLICA IDENTITY FULL;", "ALTER TABLE REPLICA IDENTITY", "public.t" },
	{ "ALTER TABLE public.t ENABLE ROW LEVEL SECURITY;", "ALTER TABLE ROW SECURITY", "public.t" },
	{ "ALTER TABLE ONLY public.t FORCE ROW LEVEL SECURITY;", "ALTER TABLE ROW SECURITY", "public.t" },
	{ "ALTER TABLE public.t DISABLE TRIGGER tr;", "ALTER TABLE TRIGGER", "public.t tr" },
	{ "ALTER TABLE public.t ENABLE ALWAYS TRIGGER tr;", "ALTER TABLE TRIGGER", "public.t tr" },
	{ "ALTER TABLE public.t ENABLE REPLICA RULE r;", "ALTER TABLE RULE", "public.t r" },
	{ "ALTER TABLE public.t SET (fillfactor=1);", "ALTER TABLE", "public.t" },
	{ "ALTER INDEX public.i ATTACH PARTITION public.j;", "ALTER INDEX ATTACH PARTITION",
		"public.i public.j" },
	{ "ALTER INDEX public.i ALTER COLUMN 1 SET STATISTICS 77;", "ALTER INDEX", "public.i" },
	{ "CREATE UNIQUE INDEX \"i x\" ON public.t USING btree (a);", "CREATE INDEX", "public.t \"i x\"" },
	{ "CREATE INDEX pi ON ONLY public.part USING btree (a);", "CREATE INDEX", "public.part pi" },
	{ "CREATE STATISTICS public.st ON a, b FROM public.t;", "CREATE STATISTICS", "public.st" },
	{ "CREATE RULE ru AS\n    ON INSERT TO public.t DO (a; b);", "CREATE RULE", "public.t ru" },
	{ "CREATE CONSTRAINT TRIGGER ct AFTER INSERT ON public.t FOR EACH ROW EXECUTE FUNCTION x();",
		"CREATE TRIGGER", "public.t ct" },
	{ "CREATE TRIGGER \"t ON\" BEFORE UPDATE OF b ON public.t EXECUTE FUNCTION x();", "CREATE TRIGGER",
		"public.t \"t ON\"" },
	{ "CREATE EVENT TRIGGER et ON ddl_command_start EXECUTE FUNCTION x();", "CREATE EVENT TRIGGER",
		"et" },
	{ "CREATE POLICY \"p o\" ON public.t FOR SELECT TO reader USING (true);", "CREATE POLICY",
		"public.t \"p o\"" },
	{ "CREATE SEQUENCE public.s\n    START WITH 1;", "CREATE SEQUENCE", "public.s" },
	{ "ALTER SEQUENCE public.s OWNED BY public.t.a;", "ALTER SEQUENCE OWNED BY", "public.s" },
	{ "CREATE PUBLICATION p FOR ALL TABLES;", "CREATE PUBLICATION", "p" },
	{ "ALTER PUBLICATION p ADD TABLE ONLY public.t (a) WHERE ((a > 1));", "ALTER PUBLICATION ADD TABLE",
		"p public.t" },
	{ "ALTER PUBLICATION p ADD TABLES IN SCHEMA \"S x\";", "ALTER PUBLICATION ADD SCHEMA", "p \"S x\"" },
	{ "CREATE SUBSCRIPTION s CONNECTION 'x' PUBLICATION p;", "CREATE SUBSCRIPTION", "s" },
	{ "ALTER DEFAULT PRIVILEGES FOR ROLE app IN SCHEMA public GRANT SELECT ON TABLES  TO reader;",
		"ALTER DEFAULT PRIVILEGES", "FOR ROLE app IN SCHEMA public" },
	{ "REFRESH MATERIALIZED VIEW public.mv;", "REFRESH MATERIALIZED VIEW", "public.mv" },
	{ "SELECT * FROM pg_catalog.pg_restore_relation_stats('relname', 't');", "RESTORE STATISTICS", "" },
	{ "SELECT pg_catalog.set_config('search_path', '', false);", "SET_CONFIG", "" },
	{ "SET row_security = off;", "SET", "" },
	{ "ALTER LARGE OBJECT 100 OWNER TO app;", "ALTER LARGE OBJECT", "100" },
	{ "COMMENT ON LARGE OBJECT 100 IS 'x';", "COMMENT ON LARGE OBJECT", "100" },
	{ "GRANT SELECT ON LARGE OBJECT 100 TO app;", "GRANT ON LARGE OBJECT", "100" },
	{ "REVOKE ALL ON LARGE OBJECT 100 FROM app;", "REVOKE ON LARGE OBJECT", "100" },
	{ "SECURITY LABEL FOR x ON LARGE OBJECT 100 IS 'x';", "SECURITY LABEL ON LARGE OBJECT", "100" },
	{ "VACUUM;", "OTHER", "" },
	{ ";", "OTHER", "" },
	{ "\"CREATE\" TABLE x;", "OTHER", "" },
	{ "CREATE FUNCTION public.f(a int", "CREATE", "FUNCTION public.f(a int" },
	{ "CREATE /* TABLE */ -- VIEW\n TABLE public . t ();", "CREATE TABLE", "public . t" },
};

static void
statements_of_pg_dump_have_their_kind_and_name(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		struct subject subject;

		look_up(&subject, known[i].text);
		assert_string_equal(subject.kind.kind, known[i].kind);
		assert_string_equal(buf_text(&subject.name), known[i].name);
		clear(&subject);
	}
}

static void
every_kind_is_found_again_by_its_text(void **state)
{
	char copy[64];

	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		strcpy(copy, known[i].kind);
		assert_string_equal(scan_kind_intern(copy), known[i].kind);
		assert_ptr_not_equal(scan_kind_intern(copy), copy);
	}
	assert_string_equal(scan_kind_intern("CREATE MIRACLE"), "OTHER");
}

static void
assert_copy(const char *text, const char *schema, const char *name, const char *columns)
{
	struct contents_table table = { 0 };
	struct subject subject;

	look_up(&subject, text);
	assert_int_equal(subject.kind.class, SCAN_CLASS_COPY);
	assert_true(scan_statement_copy(&subject.parse, subject.kind.next, &table));
	assert_string_equal(table.schema, schema);
	assert_string_equal(table.name, name);
	assert_string_equal(table.columns, columns);
	free(table.schema);
	free(table.name);
	free(table.columns);
	clear(&subject);
}

static void
copy_names_a_table_and_its_columns(void **state)
{
	(void)state;
	assert_copy("COPY public.t (a, b) FROM stdin;", "public", "t", "a, b");
	assert_copy("COPY public.t  FROM stdin;", "public", "t", "");
	assert_copy("COPY t (a) FROM stdin;", "", "t", "a");
	assert_copy("COPY \"S \"\"x\".\"T ;(\" (\"c ) FROM stdin;\", \"a\"\"b\") FROM stdin;", "S \"x",
		"T ;(", "\"c ) FROM stdin;\", \"a\"\"b\"");
	assert_copy("COPY \"n\xe9\".\"FROM\" (\"\xfc\") FROM STDIN;", "n\xe9", "FROM", "\"\xfc\"");
}

static void
assert_no_copy(const char *text)
{
	struct contents_table table = { 0 };
	struct subject subject;

	look_up(&subject, text);
	assert_int_equal(subject.kind.class, SCAN_CLASS_COPY);
	assert_false(scan_statement_copy(&subject.parse, subject.kind.next, &table));
	free(table.schema);
	free(table.name);
	free(table.columns);
	clear(&subject);
}

static void
other_forms_of_copy_are_refused(void **state)
{
	(void)state;
	assert_no_copy("COPY public.t (a) TO stdout;");
	assert_no_copy("COPY public.t FROM '/etc/passwd';");
	assert_no_copy("COPY public.t FROM stdin WITH (FORMAT csv);");
	assert_no_copy("COPY public.t (a FROM stdin;");
	assert_no_copy("COPY public.t (a,) FROM stdin;");
	assert_no_copy("COPY a.public.t (a) FROM stdin;");
	assert_no_copy("COPY public.t FROM PROGRAM 'rm';");
}

static void
assert_setval(const char *text, const char *name, int64_t value, bool called)
{
	struct contents_sequence sequence = { 0 };
	struct subject subject;

	look_up(&subject, text);
	assert_int_equal(subject.kind.class, SCAN_CLASS_SETVAL);
	assert_true(scan_statement_setval(&subject.parse, subject.kind.next, &sequence));
	assert_string_equal(sequence.name, name);
	assert_true(sequence.value == value);
	assert_true(sequence.called == called);
	free(sequence.name);
	clear(&subject);
}

static void
setval_holds_a_sequence_at_any_end(void **state)
{
	(void)state;
	assert_setval("SELECT pg_catalog.setval('public.s', 42, true);", "public.s", 42, true);
	assert_setval(
		"SELECT pg_catalog.setval('\"S x\".\"Seq ''\"', 1, false);", "\"S x\".\"Seq '\"", 1, false);
	assert_setval("SELECT pg_catalog.setval('public.s', -9223372036854775808, true);", "public.s",
		INT64_MIN, true);
	assert_setval("SELECT pg_catalog.setval('public.s', 9223372036854775807, true);", "public.s",
		INT64_MAX, true);
}

static void
a_setval_in_another_form_is_refused(void **state)
{
	const char *const texts[] = {
		"SELECT pg_catalog.setval(s, 42, true);",
		"SELECT pg_catalog.setval('s', 9223372036854775808, true);",
		"SELECT pg_catalog.setval('s', 1, maybe);",
		"SELECT pg_catalog.setval('s', 1);",
		"SELECT pg_catalog.setval('s', 1, true), pg_catalog.setval('t', 1, true);",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct contents_sequence sequence = { 0 };
		struct subject subject;

		look_up(&subject, texts[i]);
		assert_int_equal(subject.kind.class, SCAN_CLASS_SETVAL);
		assert_false(scan_statement_setval(&subject.parse, subject.kind.next, &sequence));
		free(sequence.name);
		clear(&subject);
	}
}

static void
assert_encoding(const char *text, const char *expected)
{
	struct subject subject;
	char *encoding;

	look_up(&subject, text);
	encoding = scan_statement_encoding(&subject.parse);
	if (expected == NULL)
		assert_null(encoding);
	else
		assert_string_equal(encoding, expected);
	free(encoding);
	clear(&subject);
}

static void
client_encoding_is_read_from_set(void **state)
{
	(void)state;
	assert_encoding("SET client_encoding = 'UTF8';", "UTF8");
	assert_encoding("set client_encoding to 'LATIN1';", "LATIN1");
	assert_encoding("SET standard_conforming_strings = on;", NULL);
	assert_encoding("SET client_encoding;", NULL);
}

static void
database_names_are_decoded(void **state)
{
	const struct {
		const char *text, *name;
	} cases[] = {
		{ "CREATE DATABASE app WITH TEMPLATE = template0;", "app" },
		{ "CREATE DATABASE App;", "app" },
		{ "CREATE DATABASE \"db ; \"\"d\"\" \\ \xc3\xa9\" WITH X;", "db ; \"d\" \\ \xc3\xa9" },
		{ "DROP DATABASE IF EXISTS \"a'b\";", "a'b" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct subject subject;
		char *name;

		look_up(&subject, cases[i].text);
		name = scan_statement_database(&subject.parse, subject.kind.next);
		assert_string_equal(name, cases[i].name);
		free(name);
		clear(&subject);
	}
}

static void
one_statement_can_create_several_large_objects(void **state)
{
	struct subject subject;
	uint64_t oid;
	size_t next;

	(void)state;
	look_up(&subject, "SELECT pg_catalog.lo_create('100'), pg_catalog.lo_create('4294967295');");
	next = subject.kind.next;
	assert_true(scan_statement_oid(&subject.parse, next, &oid));
	assert_int_equal(oid, 100);
	assert_true(scan_statement_next_create(&subject.parse, &next));
	assert_true(scan_statement_oid(&subject.parse, next, &oid));
	assert_int_equal(oid, UINT32_MAX);
	assert_false(scan_statement_next_create(&subject.parse, &next));
	clear(&subject);
}

static void
an_oid_has_32_bits(void **state)
{
	struct subject subject;
	uint64_t oid;

	(void)state;
	look_up(&subject, "SELECT pg_catalog.lo_open('4294967296', 131072);");
	assert_false(scan_statement_oid(&subject.parse, subject.kind.next, &oid));
	clear(&subject);
	look_up(&subject, "SELECT pg_catalog.lo_open('', 131072);");
	assert_false(scan_statement_oid(&subject.parse, subject.kind.next, &oid));
	clear(&subject);
}

static void
a_list_of_oids_is_taken_apart(void **state)
{
	const char *name = "100, 101";
	uint64_t oid;

	(void)state;
	assert_true(scan_statement_next_oid(&name, &oid));
	assert_int_equal(oid, 100);
	assert_true(scan_statement_next_oid(&name, &oid));
	assert_int_equal(oid, 101);
	assert_string_equal(name, "");
	name = "100 x";
	assert_true(scan_statement_next_oid(&name, &oid));
	assert_false(scan_statement_next_oid(&name, &oid));
}

static void
lowrite_holds_hex_digits(void **state)
{
	const struct {
		const char *text, *hex;
	} cases[] = {
		{ "SELECT pg_catalog.lowrite(0, '\\x616263');", "616263" },
		{ "SELECT pg_catalog.lowrite(0, '\\\\x6162');", "6162" },
		{ "SELECT pg_catalog.lowrite(0, '\\x');", "" },
		{ "SELECT pg_catalog.lowrite(0, '\\x616');", NULL },
		{ "SELECT pg_catalog.lowrite(0, 'abcd');", NULL },
		{ "SELECT pg_catalog.lowrite(0, x);", NULL },
		{ "SELECT pg_catalog.lowrite(0, '\\x61') ", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct subject subject;
		const char *hex;
		size_t len;

		look_up(&subject, cases[i].text);
		assert_int_equal(subject.kind.class, SCAN_CLASS_LO_WRITE);
		if (cases[i].hex == NULL) {
			assert_false(scan_statement_lowrite(&subject.parse, subject.kind.next, &hex, &len));
		} else {
			assert_true(scan_statement_lowrite(&subject.parse, subject.kind.next, &hex, &len));
			assert_int_equal(len, strlen(cases[i].hex));
			assert_memory_equal(hex, cases[i].hex, len);
		}
		clear(&subject);
	}
}

static void
unfinished_tokens_end_the_statement(void **state)
{
	const char *const texts[] = { "'a", "'a''", "E'a\\'", "\"a", "$x$ $x", "/* a", "'", "\"", "E'" };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct scan_parse parse;

		scan_parse_init(&parse);
		scan_parse_begin(&parse, texts[i], strlen(texts[i]));
		assert_int_equal(scan_parse_at(&parse, 0)->type, SCAN_PARSE_END);
		assert_int_equal(scan_parse_at(&parse, 7)->type, SCAN_PARSE_END);
		scan_parse_clear(&parse);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(statements_of_pg_dump_have_their_kind_and_name),
		cmocka_unit_test(every_kind_is_found_again_by_its_text),
		cmocka_unit_test(copy_names_a_table_and_its_columns),
		cmocka_unit_test(other_forms_of_copy_are_refused),
		cmocka_unit_test(setval_holds_a_sequence_at_any_end),
		cmocka_unit_test(a_setval_in_another_form_is_refused),
		cmocka_unit_test(client_encoding_is_read_from_set),
		cmocka_unit_test(database_names_are_decoded),
		cmocka_unit_test(one_statement_can_create_several_large_objects),
		cmocka_unit_test(an_oid_has_32_bits),
		cmocka_unit_test(a_list_of_oids_is_taken_apart),
		cmocka_unit_test(lowrite_holds_hex_digits),
		cmocka_unit_test(unfinished_tokens_end_the_statement),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
