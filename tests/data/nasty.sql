-- A cluster that is hard to dump, to read and to restore: everything that has misled a reader of dumps, in
-- one place. Run by psql in a new, empty PostgreSQL cluster (13 or newer) as superuser, beginning in database
-- postgres, with variables
--     tablespace   an empty folder that belongs to the server's user
--     huge_bytes   size of the one huge value
-- A dump of it, restored into an empty cluster and dumped again, is the same to the last byte.

\set VERBOSITY terse
SET client_min_messages = warning;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;

-- Roles, memberships, settings ---------------------------------------------------------------------------------
CREATE ROLE "plain";
CREATE ROLE "with space" LOGIN PASSWORD 'pass word '' " \ $$ ;';
CREATE ROLE "quote""d" LOGIN CONNECTION LIMIT 3 VALID UNTIL '2039-12-31 23:59:59+00';
CREATE ROLE "semi;colon" CREATEDB;
CREATE ROLE "eq=ual" CREATEROLE;
CREATE ROLE "dollar$$role$x$";
CREATE ROLE "back\slash" NOINHERIT;
CREATE ROLE "apos'trophe" BYPASSRLS;
CREATE ROLE "Ünïcode ★ 役割" LOGIN REPLICATION PASSWORD 'ünïcode ★';
CREATE ROLE "-- Databases";
CREATE ROLE "\connect evil";
CREATE ROLE "role ""postgres""; DROP ROLE plain; --";
CREATE ROLE "md5 password" LOGIN PASSWORD 'md5c4ca4238a0b923820dcc509a6f75849b';
GRANT "plain" TO "with space";
GRANT "plain" TO "quote""d" WITH ADMIN OPTION;
GRANT "semi;colon" TO "eq=ual" WITH ADMIN OPTION;
GRANT "eq=ual" TO "Ünïcode ★ 役割" GRANTED BY postgres;
GRANT pg_read_all_data TO "back\slash";
COMMENT ON ROLE "plain" IS E'two\nlines\n--\n-- PostgreSQL database cluster dump complete\n--\n';
COMMENT ON ROLE "with space" IS E'it''s a "role" with \\ and ; and $$ and \t tab';
ALTER ROLE "plain" SET work_mem = '7MB';
ALTER ROLE "with space" SET search_path = "$user", public, "with space", "semi;colon";
ALTER ROLE "quote""d" SET "my.custom" = E'it''s; a \\ "value" $$ of -- many /* kinds */';
ALTER ROLE "Ünïcode ★ 役割" SET application_name = '★';
SELECT current_setting('server_version_num')::int >= 150000 AS has_parameter_rights \gset
\if :has_parameter_rights
GRANT SET, ALTER SYSTEM ON PARAMETER log_min_duration_statement TO "plain" WITH GRANT OPTION;
GRANT SET ON PARAMETER "my.custom" TO "semi;colon";
\endif

-- Tablespaces ----------------------------------------------------------------------------------------------------
CREATE TABLESPACE "space ""d'out\;=$$" OWNER "plain" LOCATION :'tablespace';
ALTER TABLESPACE "space ""d'out\;=$$" SET (random_page_cost = 1.1, seq_page_cost = 0.9);
GRANT CREATE ON TABLESPACE "space ""d'out\;=$$" TO "with space" WITH GRANT OPTION;
COMMENT ON TABLESPACE "space ""d'out\;=$$" IS '\connect postgres';

-- Databases ------------------------------------------------------------------------------------------------------
CREATE DATABASE nasty OWNER "plain";
CREATE DATABASE "with space";
CREATE DATABASE "quote""d'both";
CREATE DATABASE "eq=ual";
CREATE DATABASE "semi;colon" CONNECTION LIMIT 7;
CREATE DATABASE "back\slash";
CREATE DATABASE "dollar$$db$x$";
CREATE DATABASE "dbname=postgres host=/nowhere";
CREATE DATABASE "Datenbank ★ Ünïcode 資料";
CREATE DATABASE "UPPER";
CREATE DATABASE "template1 dump";
CREATE DATABASE "-- Database ""nasty"" dump";
CREATE DATABASE empty TABLESPACE "space ""d'out\;=$$";
CREATE DATABASE latin1 TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C';
CREATE DATABASE ascii TEMPLATE template0 ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C';
CREATE DATABASE eucjp TEMPLATE template0 ENCODING 'EUC_JP' LC_COLLATE 'C' LC_CTYPE 'C';
CREATE DATABASE "a template" IS_TEMPLATE true;
CREATE DATABASE "not connectable" ALLOW_CONNECTIONS false;
COMMENT ON DATABASE nasty IS E'first line\n\\connect postgres\n-- Database "ghost" dump\nCREATE DATABASE ghost;\n';
COMMENT ON DATABASE "with space" IS 'it''s; $$ -- /* " \';
ALTER DATABASE nasty SET default_statistics_target = 77;
ALTER DATABASE nasty SET "my.note" = E'; \\ '' " $$';
ALTER DATABASE "eq=ual" SET timezone = 'Pacific/Chatham';
ALTER ROLE "with space" IN DATABASE "quote""d'both" SET statement_timeout = '123s';
ALTER ROLE "quote""d" IN DATABASE nasty SET search_path = 'a "b" c', "d;e";
GRANT CONNECT, TEMPORARY ON DATABASE "semi;colon" TO "eq=ual" WITH GRANT OPTION;
REVOKE ALL ON DATABASE "back\slash" FROM PUBLIC;

-- What is in the databases that come with every cluster is dumped too.
CREATE TABLE in_postgres (id int, note text);
INSERT INTO in_postgres VALUES (1, 'one'), (2, E'two\n\\.\n');
\connect template1
CREATE TABLE in_template1 (id int);
INSERT INTO in_template1 VALUES (1);
\connect -reuse-previous=on "dbname='with space'"
CREATE TABLE "same name" (id int);
INSERT INTO "same name" SELECT generate_series(1, 3);
\connect -reuse-previous=on "dbname='quote""d\'both'"
CREATE TABLE "same name" (id int);
INSERT INTO "same name" SELECT generate_series(1, 4);
\connect -reuse-previous=on "dbname='eq=ual'"
CREATE TABLE "same name" (id int);
INSERT INTO "same name" SELECT generate_series(1, 5);
\connect -reuse-previous=on "dbname='dbname=postgres host=/nowhere'"
CREATE TABLE "same name" (id int);
INSERT INTO "same name" SELECT generate_series(1, 6);
\connect -reuse-previous=on "dbname='back\\slash'"
CREATE TABLE "back\slash" ("back\slash" text);
INSERT INTO "back\slash" VALUES (E'back\\slash'), (E'\\');
\connect -reuse-previous=on "dbname='Datenbank ★ Ünïcode 資料'"
CREATE SCHEMA "Schéma ★";
CREATE TABLE "Schéma ★"."Tabelle 資料" ("Spalte ü" text, "★" int);
INSERT INTO "Schéma ★"."Tabelle 資料" VALUES ('Zeile ★', 1), (NULL, 2), ('', 3);

-- The main one ---------------------------------------------------------------------------------------------------
\connect nasty
SET client_min_messages = warning;
SET check_function_bodies = off;
CREATE EXTENSION pg_trgm;
CREATE EXTENSION citext;
CREATE SCHEMA ext;
CREATE EXTENSION hstore WITH SCHEMA ext;

-- Schemas, tables and columns with names that break what is not quoted.
CREATE SCHEMA "with space" AUTHORIZATION "with space";
CREATE SCHEMA "quote""d";
CREATE SCHEMA "semi;colon";
CREATE SCHEMA "do.t";
CREATE SCHEMA "back\slash";
CREATE SCHEMA "dollar$$s$x$";
CREATE SCHEMA "-- Name: x; Type: TABLE; Schema: public; Owner: postgres";
CREATE TABLE "with space"."with space" ("with space" int, "tab	tab" text, "new
line" text);
INSERT INTO "with space"."with space" VALUES (1, E'a\tb', E'c\nd');
CREATE TABLE "quote""d"."qu""ote" ("co""l" int, "it's" text);
INSERT INTO "quote""d"."qu""ote" VALUES (1, '"'), (2, '''');
CREATE TABLE "semi;colon"."t;able" ("c;ol" int, "--" int, "/*" int);
INSERT INTO "semi;colon"."t;able" VALUES (1, 2, 3);
CREATE TABLE "do.t"."ta.ble" ("c.ol" int);
INSERT INTO "do.t"."ta.ble" VALUES (1), (2);
CREATE TABLE "back\slash"."ta\ble\" ("co\l" text);
INSERT INTO "back\slash"."ta\ble\" VALUES (E'\\N'), (NULL), (E'\\.');
CREATE TABLE "dollar$$s$x$"."$$" ("$1" int, "$a$" int);
INSERT INTO "dollar$$s$x$"."$$" VALUES (1, 2);
CREATE TABLE "-- Name: x; Type: TABLE; Schema: public; Owner: postgres"."COPY x FROM stdin;" ("FROM stdin;" int);
INSERT INTO "-- Name: x; Type: TABLE; Schema: public; Owner: postgres"."COPY x FROM stdin;" VALUES (42);
CREATE TABLE public."(" (")" int, "(" int, "," int);
INSERT INTO public."(" VALUES (1, 2, 3);
CREATE TABLE public."a
\.
COPY public.forged (id) FROM stdin;
1
\.
" ("x
\.
y" int);
INSERT INTO public."a
\.
COPY public.forged (id) FROM stdin;
1
\.
" VALUES (7);
COMMENT ON TABLE public."(" IS E'\n--\n-- Data for Name: forged; Type: TABLE DATA; Schema: public; Owner: postgres\n--\n\nCOPY public.forged (id) FROM stdin;\n1\n\\.\n';

-- Tables of every kind.
CREATE TABLE public.no_columns ();
INSERT INTO public.no_columns SELECT FROM generate_series(1, 5);
CREATE TABLE public.no_columns_no_rows ();
CREATE TABLE public.no_rows (id int, note text);
CREATE TABLE public.one_empty_text (note text);
INSERT INTO public.one_empty_text VALUES (''), (NULL), (''), (' ');
CREATE TABLE public.generated (
    a int, b int GENERATED ALWAYS AS (a * 2) STORED, c text GENERATED ALWAYS AS ('x;' || a::text) STORED, d int);
INSERT INTO public.generated (a, d) VALUES (1, 10), (2, 20);
CREATE TABLE public.only_generated (b int GENERATED ALWAYS AS (42) STORED);
INSERT INTO public.only_generated DEFAULT VALUES;
INSERT INTO public.only_generated DEFAULT VALUES;
CREATE TABLE public.identity (
    id bigint GENERATED ALWAYS AS IDENTITY (START 100 INCREMENT 7), id2 int GENERATED BY DEFAULT AS IDENTITY, note text);
INSERT INTO public.identity (note) VALUES ('first'), ('second');
CREATE TABLE public.dropped (a int, b int, c int);
ALTER TABLE public.dropped DROP COLUMN b;
INSERT INTO public.dropped VALUES (1, 3);
CREATE UNLOGGED TABLE public.unlogged (id serial PRIMARY KEY, note text);
INSERT INTO public.unlogged (note) VALUES ('kept in a dump');
CREATE TABLE public.in_space (id int) TABLESPACE "space ""d'out\;=$$";
INSERT INTO public.in_space VALUES (1);
CREATE TABLE public.defaults (
    a text DEFAULT E'; \\ '' " $$ -- /*', b text DEFAULT $d$ $$ it's ; $d$, c timestamptz DEFAULT '2026-11-22 03:00+00',
    CONSTRAINT "che;ck" CHECK (a <> ';' AND b <> '--' AND a <> E'\n\\.\n'));
INSERT INTO public.defaults DEFAULT VALUES;

-- Partitions, inheritance.
CREATE TABLE public.part (id int, at date, note text) PARTITION BY RANGE (at);
CREATE TABLE public.part_2025 PARTITION OF public.part FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE public.part_2026 PARTITION OF public.part FOR VALUES FROM ('2026-01-01') TO ('2027-01-01') PARTITION BY LIST (id);
CREATE TABLE public."part 2026;odd" PARTITION OF public.part_2026 FOR VALUES IN (1, 3, 5);
CREATE TABLE public.part_2026_rest PARTITION OF public.part_2026 DEFAULT;
CREATE TABLE public.part_rest PARTITION OF public.part DEFAULT;
INSERT INTO public.part SELECT i, '2024-06-01'::date + i * 100, 'row ' || i FROM generate_series(1, 12) AS i;
CREATE INDEX "part;at" ON public.part (at);
CREATE TABLE public.hashed (id int, kind text) PARTITION BY HASH (id);
CREATE TABLE public.hashed_0 PARTITION OF public.hashed FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE public.hashed_1 PARTITION OF public.hashed FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO public.hashed SELECT i, 'k' FROM generate_series(1, 20) AS i;
CREATE TYPE public.colour AS ENUM ('red', 'it''s "green"; $$', 'blü', E'tab\there', '');
CREATE TABLE public.by_colour (c public.colour, n int) PARTITION BY LIST (c);
CREATE TABLE public.by_colour_red PARTITION OF public.by_colour FOR VALUES IN ('red');
CREATE TABLE public.by_colour_rest PARTITION OF public.by_colour DEFAULT;
INSERT INTO public.by_colour VALUES ('red', 1), ('blü', 2), ('', 3), (E'tab\there', 4);
CREATE TABLE public.parent (id int PRIMARY KEY, note text);
CREATE TABLE public.child (extra int) INHERITS (public.parent);
CREATE TABLE public.grandchild (more text DEFAULT 'x;y') INHERITS (public.child);
INSERT INTO public.parent VALUES (1, 'parent');
INSERT INTO public.child VALUES (2, 'child', 3);
INSERT INTO public.grandchild VALUES (3, 'grandchild', 4);

-- Circular and self-referencing foreign keys.
CREATE TABLE public.hen (id int PRIMARY KEY, egg int);
CREATE TABLE public.egg (id int PRIMARY KEY, hen int REFERENCES public.hen DEFERRABLE INITIALLY DEFERRED);
ALTER TABLE public.hen ADD CONSTRAINT "hen's egg" FOREIGN KEY (egg) REFERENCES public.egg DEFERRABLE;
INSERT INTO public.hen VALUES (1, NULL);
INSERT INTO public.egg VALUES (1, 1), (2, 1);
UPDATE public.hen SET egg = 2;
CREATE TABLE public.tree (id int PRIMARY KEY, up int REFERENCES public.tree);
INSERT INTO public.tree VALUES (3, NULL), (2, 3), (1, 2);
CREATE TABLE public.doubtful (id int);
INSERT INTO public.doubtful VALUES (99);
ALTER TABLE public.doubtful ADD CONSTRAINT not_yet FOREIGN KEY (id) REFERENCES public.tree NOT VALID;

-- Types.
CREATE DOMAIN public.positive AS int DEFAULT 1 CHECK (VALUE > 0);
CREATE DOMAIN public."dom;ain" AS text CONSTRAINT "semi;" CHECK (VALUE !~ ';\s*--');
CREATE TYPE public.pair AS (a int, "b;" text);
CREATE TYPE public.span AS RANGE (subtype = float8, subtype_diff = float8mi);
CREATE TABLE public.types (
    id serial PRIMARY KEY, p public.positive, d public."dom;ain", r public.pair, s public.span, i int4range,
    m nummultirange, e public.colour, es public.colour[], h ext.hstore, ci citext, js jsonb, j json, x xml,
    by bytea, u uuid, n numeric, f float8, iv interval, ip inet, bits bit varying, pt point, ts tstzrange,
    tv tsvector, mo money, ar text[]);
INSERT INTO public.types (p, d, r, s, i, m, e, es, h, ci, js, j, x, by, u, n, f, iv, ip, bits, pt, ts, tv, mo, ar) VALUES
    (1, 'x', ROW(1, E'a,"b"\\\n'), '[1.5,2.5)', '[1,10)', '{[1,2),[3,4)}', 'red', ARRAY['red', '']::public.colour[],
     '"k;"=>"v\\"', 'CaSe', E'{"a": "\\n\\t\\\\", "ü": [1, null]}', E'{"a" :\n 1}', '<a b="c">&amp;;</a>', '\x00ff5c2e0a', gen_random_uuid(),
     'NaN', 'Infinity', '1 year -3 days', '::1', B'10101', '(1.5,-2)', '[2026-01-01,)', 'a:1 b:2', 12.34, ARRAY[NULL, '', 'NULL', '{', '"', E'\\', E'\n']),
    (2, NULL, NULL, 'empty', 'empty', '{}', NULL, '{}', '', '', 'null', 'null', NULL, '', NULL,
     -0.000000000000000000000000000000000001, '-0', NULL, '10.0.0.0/8', B'', NULL, NULL, '', -1, '{}');

-- Rows that look like something else.
CREATE TABLE public.rows (id int PRIMARY KEY, note text);
INSERT INTO public.rows VALUES
    (1, E'tab\there'), (2, E'new\nline'), (3, E'back\\slash'), (4, E'\\.'), (5, E'\\N'), (6, NULL), (7, ''),
    (8, E'\n\\.\n'), (9, E'carriage\rreturn'), (10, E'\r\n'), (11, E'\b\f\v\x01\x7f'), (12, 'COPY public.rows (id, note) FROM stdin;'),
    (13, E'\\connect postgres'), (14, E'\\unrestrict KEY'), (15, '-- PostgreSQL database dump complete'),
    (16, '-- PostgreSQL database cluster dump complete'), (17, $$'"`;$1$$), (18, '/* /* */'), (19, E'\u00e9\u2605\U0001F418'),
    (20, E'\\\\.'), (21, E'x\\'), (22, repeat(E'\\', 4097)), (23, repeat(E'\n', 70000)), (24, repeat('ü', 65537)),
    (25, 'DROP DATABASE nasty;'), (26, E'\ufeff'), (27, E'\\.\\.'), (28, E'\u202e');
CREATE TABLE public.one_column (line text);
INSERT INTO public.one_column VALUES (E'\\.'), ('.'), (E'\\'), (E'\\N'), (NULL), (''), (E'\n'), (E'\t'), (E'\\.x');
CREATE TABLE public.bytes (id int, data bytea);
INSERT INTO public.bytes SELECT i, decode(repeat(lpad(to_hex(i), 2, '0'), i), 'hex') FROM generate_series(0, 255) AS i;
INSERT INTO public.bytes SELECT 256, decode(string_agg(lpad(to_hex(i), 2, '0'), ''), 'hex') FROM generate_series(0, 255) AS i;
CREATE TABLE public.huge (id int, value text);
INSERT INTO public.huge SELECT 1, left(repeat(string_agg(md5(i::text), E'\t;\\\n'), (:huge_bytes / 36000)::int + 1), :huge_bytes)
    FROM generate_series(1, 1000) AS i;
INSERT INTO public.huge VALUES (2, 'small');
CREATE TABLE public.many (id int PRIMARY KEY, t text, f float8, j jsonb);
INSERT INTO public.many SELECT i, 'row ' || md5(i::text), i / 7.0, jsonb_build_object('n', i, 'half', i / 2.0)
    FROM generate_series(1, 20000) AS i;

-- Functions whose bodies look like a dump.
CREATE FUNCTION public.copy_in_body() RETURNS void LANGUAGE plpgsql AS $function$
BEGIN
COPY x FROM stdin;
1	2
\.
\connect postgres
-- Database "ghost" dump
/* unfinished comment
'unfinished string
"unfinished name
$$ a dollar quote inside
$other$ and another
END;
CREATE DATABASE ghost;
$function$;
CREATE FUNCTION public.quotes(text, "in;" int DEFAULT 1, OUT a text, OUT "b;" text) LANGUAGE sql AS $f$
    SELECT E'it''s \\ ; "', $body$ ; $$ || $1 || $$ ; $body$ -- '
    /* nested /* twice */ " */
$f$;
CREATE FUNCTION public.tags() RETURNS text LANGUAGE sql AS $_$ SELECT $$a$$ || $x$ $_x $x$ || '$__$' || 'é$é$' $_$;
CREATE FUNCTION public."dollar in name$1"() RETURNS int LANGUAGE sql AS 'SELECT 1 /* ; */ -- ''';
CREATE FUNCTION public.crlf() RETURNS text LANGUAGE sql AS E'SELECT 1;\r\n-- ;\r\nSELECT ''x''\r\n';
CREATE FUNCTION public.atomic(n int) RETURNS text LANGUAGE sql BEGIN ATOMIC
    SELECT CASE WHEN n > 0 THEN 'END;' ELSE ';' END;
    SELECT CASE n WHEN 1 THEN CASE WHEN true THEN 'begin;' END END || $$ END $$;
END;
CREATE PROCEDURE public.atomic_procedure(INOUT "end" int, "case" int DEFAULT 2) LANGUAGE sql BEGIN ATOMIC
    INSERT INTO public.rows (id, note) VALUES ("end" + 1000, 'begin; end;');
    SELECT CASE "end" WHEN 1 THEN 2 ELSE "case" END;
END;
CREATE FUNCTION public.expression(n int) RETURNS int LANGUAGE sql IMMUTABLE RETURN CASE WHEN n > 1 THEN n ELSE 1 END;
CREATE AGGREGATE public.total(int) (SFUNC = int4pl, STYPE = int, INITCOND = '0');
CREATE OPERATOR public.=== (LEFTARG = text, RIGHTARG = text, FUNCTION = texteq);
CREATE COLLATION public."coll;ation" (LOCALE = 'C');
CREATE TEXT SEARCH CONFIGURATION public."search;" (COPY = simple);
COMMENT ON FUNCTION public.copy_in_body() IS E'-- Name: ghost; Type: TABLE\n\\connect ghost\n$function$;';
COMMENT ON FUNCTION public.quotes(text, int) IS 'it''s';

-- Views, rules, triggers, row security.
CREATE VIEW public."view;" AS SELECT id, 'semi; '' "colon"'::text AS "te;xt", $$ -- $$::text AS b FROM public.rows;
CREATE VIEW public.checked AS SELECT * FROM public.tree WHERE id > 0 WITH CASCADED CHECK OPTION;
CREATE MATERIALIZED VIEW public.filled AS SELECT count(*) AS n, 'x;y'::text AS note FROM public.many;
CREATE MATERIALIZED VIEW public.on_filled AS SELECT n + 1 AS n FROM public.filled;
CREATE MATERIALIZED VIEW public.unfilled AS SELECT 1 AS one WITH NO DATA;
CREATE INDEX "on filled" ON public.filled (n);
CREATE TABLE public.ruled (id int, note text);
CREATE TABLE public.log (id serial, what text);
CREATE RULE "two; actions" AS ON INSERT TO public.ruled DO ALSO
    (INSERT INTO public.log (what) VALUES ('a;b'); INSERT INTO public.log (what) VALUES ('c)d'); NOTIFY "rule;");
CREATE RULE quiet AS ON DELETE TO public.ruled DO INSTEAD NOTHING;
INSERT INTO public.ruled VALUES (1, 'one');
CREATE FUNCTION public.noted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE TRIGGER "trig;ger" BEFORE INSERT ON public.many FOR EACH ROW WHEN (NEW.t <> ';') EXECUTE FUNCTION public.noted('a;''b', E'\\');
CREATE TRIGGER disabled AFTER UPDATE ON public.many FOR EACH ROW EXECUTE FUNCTION public.noted();
CREATE TRIGGER replica AFTER UPDATE ON public.many FOR EACH ROW EXECUTE FUNCTION public.noted();
CREATE TRIGGER always AFTER UPDATE ON public.many FOR EACH ROW EXECUTE FUNCTION public.noted();
ALTER TABLE public.many DISABLE TRIGGER disabled;
ALTER TABLE public.many ENABLE REPLICA TRIGGER replica;
ALTER TABLE public.many ENABLE ALWAYS TRIGGER always;
CREATE TABLE public.secret (owner name, what text);
INSERT INTO public.secret VALUES ('plain', 'a'), ('with space', 'b');
ALTER TABLE public.secret OWNER TO "plain";
ALTER TABLE public.secret ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.secret FORCE ROW LEVEL SECURITY;
CREATE POLICY "own; rows" ON public.secret FOR SELECT TO "with space", "Ünïcode ★ 役割" USING (owner = CURRENT_USER OR what = ';');
CREATE POLICY writing ON public.secret AS RESTRICTIVE FOR INSERT WITH CHECK (what <> E'\n\\.\n');
CREATE FUNCTION public.on_command() RETURNS event_trigger LANGUAGE plpgsql AS
    $$ BEGIN IF current_setting('my.strict', true) = 'on' THEN RAISE EXCEPTION 'no; "%"', tg_tag; END IF; END $$;
CREATE EVENT TRIGGER "event;trigger" ON ddl_command_end WHEN TAG IN ('CREATE TABLE', 'DROP TABLE') EXECUTE FUNCTION public.on_command();
CREATE EVENT TRIGGER sleeping ON sql_drop EXECUTE FUNCTION public.on_command();
ALTER EVENT TRIGGER sleeping DISABLE;

-- Indexes, statistics, publications.
CREATE INDEX "trigrams;" ON public.rows USING gin (note gin_trgm_ops) WHERE note <> ';';
CREATE UNIQUE INDEX lowered ON public.many (t, id) INCLUDE (f);
CREATE STATISTICS public."sta;ts" ON id, t FROM public.many;
ALTER TABLE public.many CLUSTER ON lowered;
ALTER TABLE public.many REPLICA IDENTITY FULL;
ALTER TABLE public.many ALTER COLUMN t SET STATISTICS 500, ALTER COLUMN j SET STORAGE EXTERNAL;
CREATE PUBLICATION "pub;" FOR TABLE public.hen, public.egg;
CREATE SUBSCRIPTION "sub;" CONNECTION 'host=/nowhere dbname=''x y''' PUBLICATION "pub;" WITH (connect = false, slot_name = NONE);

-- Foreign data.
CREATE FOREIGN DATA WRAPPER "wrap;per" OPTIONS (debug 'it''s; "true"');
CREATE SERVER "ser;ver" FOREIGN DATA WRAPPER "wrap;per" OPTIONS (host 'h;ost', "odd ;key" E'\\ $$');
CREATE USER MAPPING FOR "plain" SERVER "ser;ver" OPTIONS (password 'pass;''word');
CREATE FOREIGN TABLE public."fo;reign" (id int OPTIONS ("column;" 'x'), note text) SERVER "ser;ver" OPTIONS ("table" 'y;');

-- Sequences at their ends, and unused.
CREATE SEQUENCE public.unused START 5;
CREATE SEQUENCE public.at_end AS smallint;
SELECT setval('public.at_end', 32767);
CREATE SEQUENCE public.downwards INCREMENT -1 MINVALUE -9223372036854775808 START -1;
SELECT setval('public.downwards', -9223372036854775808);
CREATE SEQUENCE public.biggest CYCLE;
SELECT setval('public.biggest', 9223372036854775807);
CREATE SEQUENCE public."seq; ""q'uence" OWNED BY public.many.id;
SELECT setval('public."seq; ""q''uence"', 42, false);

-- Large objects, with owners, rights and comments.
SELECT lo_from_bytea(100001, '\x00ff0a5c2e');
SELECT lo_from_bytea(100002, decode(repeat('00ff0a5c2e27223b', 50000), 'hex'));
SELECT lo_create(100003);
SELECT lo_from_bytea(4294967295, 'the last one');
ALTER LARGE OBJECT 100001 OWNER TO "with space";
GRANT SELECT ON LARGE OBJECT 100001 TO "plain";
GRANT SELECT, UPDATE ON LARGE OBJECT 100002 TO PUBLIC;
COMMENT ON LARGE OBJECT 100003 IS E'empty; ''quoted''\n\\.\n';

-- Rights.
GRANT SELECT ON public.rows TO "with space", "quote""d" WITH GRANT OPTION;
GRANT SELECT (id), UPDATE ("te;xt") ON public."view;" TO "semi;colon";
GRANT USAGE ON SCHEMA "semi;colon" TO "dollar$$role$x$";
GRANT USAGE ON TYPE public.colour TO "plain";
REVOKE ALL ON FUNCTION public.quotes(text, int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION public.quotes(text, int) TO "role ""postgres""; DROP ROLE plain; --";
GRANT ALL ON SEQUENCE public.at_end TO "back\slash";
ALTER DEFAULT PRIVILEGES FOR ROLE "plain" IN SCHEMA "with space" GRANT SELECT ON TABLES TO "eq=ual";
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
SET ROLE "with space";
CREATE TABLE "with space".owned (id int);
GRANT SELECT ON "with space".owned TO "plain" WITH GRANT OPTION;
RESET ROLE;
COMMENT ON SCHEMA "semi;colon" IS E'; -- \n;';
COMMENT ON COLUMN "quote""d"."qu""ote"."co""l" IS 'col;umn';
COMMENT ON CONSTRAINT "hen's egg" ON public.hen IS '; \ '' "';

-- Other encodings. The bytes in the dump are not UTF-8 there.
\connect latin1
SET client_encoding = 'UTF8';
CREATE SCHEMA "schön";
CREATE TABLE "schön"."größe" ("maß" text, n int);
INSERT INTO "schön"."größe" VALUES ('Ärger', 1), ('þÿ', 2), (E'¤\t\\', 3);
COMMENT ON TABLE "schön"."größe" IS 'Maße; in ''Größe''';
CREATE FUNCTION "schön"."prüfe"() RETURNS text LANGUAGE sql AS $f$ SELECT 'é$é$;'::text $f$;
\connect ascii
SET client_encoding = 'SQL_ASCII';
CREATE TABLE bytes (id int, what text);
INSERT INTO bytes VALUES (1, E'\xff\xfe'), (2, E'\xc3'), (3, E'\xe2\x98'), (4, E'\x80\x5c\x2e'), (5, 'plain');
CREATE TABLE "größe" (id int);
INSERT INTO "größe" VALUES (1);
\connect eucjp
SET client_encoding = 'UTF8';
CREATE TABLE "資料" ("名" text);
INSERT INTO "資料" VALUES ('日本語'), ('表;予''ソ"');
