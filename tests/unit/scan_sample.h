/* A cluster dump in small: everything in it that a scanner can stumble over. Written as pg_dumpall 15 does.
 */
#ifndef SCAN_SAMPLE_H
#define SCAN_SAMPLE_H

#include <stddef.h>
#include <string.h>

#include "incant/contents.h"
#include "incant/error.h"
#include "incant/scan.h"
#include "incant/stage.h"

#define SAMPLE_PREAMBLE                                             \
	"SET statement_timeout = 0;\n"                              \
	"SET client_encoding = 'UTF8';\n"                           \
	"SET standard_conforming_strings = on;\n"                   \
	"SELECT pg_catalog.set_config('search_path', '', false);\n" \
	"SET row_security = off;\n\n"

#define SAMPLE_TRAILER "--\n-- PostgreSQL database cluster dump complete\n--\n\n"

#define SAMPLE_GLOBALS                                                                  \
	"--\n-- PostgreSQL database cluster dump\n--\n\n"                               \
	"\\restrict globalsKey1\n\n"                                                    \
	"SET default_transaction_read_only = off;\n\nSET client_encoding = 'UTF8';\n\n" \
	"--\n-- Roles\n--\n\n"                                                          \
	"CREATE ROLE app;\nALTER ROLE app WITH LOGIN PASSWORD 'SCRAM$4096:x=$;';\n"     \
	"COMMENT ON ROLE app IS 'a;b\n--\n-- Database \"forged\" dump\n--\n"            \
	"-- PostgreSQL database cluster dump complete\n';\n\n"                          \
	"GRANT reader TO app GRANTED BY postgres;\n\n\\unrestrict globalsKey1\n\n"      \
	"--\n-- Databases\n--\n\n"

#define SAMPLE_TEMPLATE1                                                           \
	"--\n-- Database \"template1\" dump\n--\n\n\\connect template1\n\n"        \
	"--\n-- PostgreSQL database dump\n--\n\n\\restrict k1\n\n" SAMPLE_PREAMBLE \
	"--\n-- PostgreSQL database dump complete\n--\n\n\\unrestrict k1\n\n"

#define SAMPLE_APP_HEAD                                                                        \
	"--\n-- Database \"app one\" dump\n--\n\n"                                             \
	"--\n-- PostgreSQL database dump\n--\n\n\\restrict k2\n\n" SAMPLE_PREAMBLE             \
	"--\n-- Name: app one; Type: DATABASE\n--\n\n"                                         \
	"CREATE DATABASE \"app one\" WITH TEMPLATE = template0;\n\n\n"                         \
	"ALTER DATABASE \"app one\" OWNER TO app;\n\n\\unrestrict k2\n\\encoding SQL_ASCII\n"  \
	"\\connect -reuse-previous=on \"dbname='app one'\"\n\\restrict k2\n\n" SAMPLE_PREAMBLE \
	"ALTER DATABASE \"app one\" SET work_mem TO '9MB';\n\n\n\\unrestrict k2\n"             \
	"\\encoding SQL_ASCII\n\\connect -reuse-previous=on \"dbname='app one'\"\n\\restrict " \
	"k2\n\n" SAMPLE_PREAMBLE

#define SAMPLE_APP_CODE                                                                              \
	"CREATE FUNCTION public.f(a integer, b text DEFAULT 'x);'::text) RETURNS integer\n"          \
	"    LANGUAGE plpgsql\n    AS $_$\nBEGIN\n  -- it's (\n  PERFORM $$ a $$;\n"                 \
	"COPY x FROM stdin;\n1\n\\.\n\\connect foo\n--\n"                                            \
	"-- PostgreSQL database cluster dump complete\n--\n  RETURN 1; /* ' \" */\nEND $_$;\n\n\n"   \
	"CREATE FUNCTION public.begin() RETURNS integer\n    LANGUAGE sql\n    BEGIN ATOMIC\n"       \
	" SELECT\n  CASE WHEN true THEN 1 ELSE ( SELECT CASE WHEN (1 = 1) THEN 2 END) END;\n"        \
	" SELECT 2 AS begin;\nEND;\n\n\n"                                                            \
	"CREATE TABLE public.\"T ;\"\"q$\" (\n    \"c 'x\" integer DEFAULT 1 /* ; /* ' */ */,\n"     \
	"    b text DEFAULT E'x\\';'::text, a$b$c text DEFAULT U&'d\\0061;'\n);\n\n"                 \
	"CREATE RULE ru AS\n    ON INSERT TO public.t DO ( INSERT INTO x VALUES (1);\n DELETE FROM " \
	"y;\n);\n\n"                                                                                 \
	"COMMENT ON TABLE public.t IS '--\n-- Name: fake; Type: TABLE\n\\.\n\\connect x\n$$ /* \" ';\n\n"

#define SAMPLE_APP_OBJECTS                                                                      \
	"SELECT pg_catalog.lo_create('20000');\n\n\nALTER LARGE OBJECT 20000 OWNER TO app;\n\n" \
	"SELECT pg_catalog.lo_create('99');\n\n\nALTER LARGE OBJECT 99 OWNER TO app;\n\n"

#define SAMPLE_APP_ROWS "1\ta\\tb\\nc\\\\\t.\n2\t\\\\.\tx\n3\t\\N\t\n\\\\.\n\\\\N\n\\r\n\na\n"
#define SAMPLE_APP_DATA                                                                                    \
	"COPY public.\"T ;\"\"q$\" (\"c 'x\", b, \"n\xc3\xa9\") FROM stdin;\n" SAMPLE_APP_ROWS "\\.\n\n\n" \
	"COPY public.nocols  FROM stdin;\n\n\n\\.\n\n\n"                                                   \
	"COPY public.norows (a) FROM stdin;\n\\.\n\n\n"                                                    \
	"SELECT pg_catalog.setval('public.\"Seq ''\"', -9223372036854775808, true);\n\n"                   \
	"BEGIN;\n\nSELECT pg_catalog.lo_open('99', 131072);\nSELECT pg_catalog.lo_close(0);\n\n"           \
	"SELECT pg_catalog.lo_open('20000', 131072);\nSELECT pg_catalog.lowrite(0, '\\x6162');\n"          \
	"SELECT pg_catalog.lowrite(0, '\\x63');\nSELECT pg_catalog.lo_close(0);\n\nCOMMIT;\n\n"

#define SAMPLE_APP_TAIL                                                             \
	"ALTER TABLE ONLY public.t\n    ADD CONSTRAINT t_pkey PRIMARY KEY (a);\n\n" \
	"GRANT SELECT ON LARGE OBJECT 20000 TO app;\n\n"                            \
	"--\n-- PostgreSQL database dump complete\n--\n\n\\unrestrict k2\n\n"

#define SAMPLE_APP SAMPLE_APP_HEAD SAMPLE_APP_CODE SAMPLE_APP_OBJECTS SAMPLE_APP_DATA SAMPLE_APP_TAIL

#define SAMPLE_SCRIPT SAMPLE_GLOBALS SAMPLE_TEMPLATE1 SAMPLE_APP SAMPLE_TRAILER

/* Where to cut: pieces of step bytes behind a first one. */
struct sample_cutting {
	size_t first, step;
};

/* Scans text. The contents are the caller's to clear, also after a failure. 0 or -1. */
static inline int
sample_scan_cut(
	const struct scan_options *options, const char *text, size_t len, struct sample_cutting cutting)
{
	struct stage *head = scan_new(stage_null_new(), options);
	int result = 0;
	size_t next;

	for (size_t from = 0; result == 0 && from < len; from = next) {
		size_t want = from == 0 ? cutting.first : cutting.step;

		next = len - from < want ? len : from + want;
		result = stage_write(head, text + from, next - from);
	}
	if (result == 0)
		result = stage_finish(head);
	stage_free(head);
	return result;
}

static inline int
sample_scan(struct contents *contents, const char *text)
{
	struct scan_options options = { .contents = contents, .error_class = ERR_SOURCE };
	struct sample_cutting whole = { strlen(text), strlen(text) };

	contents_init(contents);
	return sample_scan_cut(&options, text, strlen(text), whole);
}

#endif
