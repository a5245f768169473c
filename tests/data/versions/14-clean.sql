--
-- PostgreSQL database cluster dump
--

SET default_transaction_read_only = off;

SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;

--
-- Drop databases (except postgres and template1)
--

DROP DATABASE app;




--
-- Drop roles
--

DROP ROLE app;
DROP ROLE postgres;


--
-- Roles
--

CREATE ROLE app;
ALTER ROLE app WITH NOSUPERUSER INHERIT NOCREATEROLE NOCREATEDB LOGIN NOREPLICATION NOBYPASSRLS PASSWORD 'SCRAM-SHA-256$4096:c2FsdA==$c3RvcmVk:c2VydmVy';
CREATE ROLE postgres;
ALTER ROLE postgres WITH SUPERUSER INHERIT CREATEROLE CREATEDB LOGIN REPLICATION BYPASSRLS;






--
-- Databases
--

--
-- Database "template1" dump
--

--
-- PostgreSQL database dump
--

-- Dumped from database version 14.5
-- Dumped by pg_dump version 14.5

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

UPDATE pg_catalog.pg_database SET datistemplate = false WHERE datname = 'template1';
DROP DATABASE template1;
--
-- Name: template1; Type: DATABASE; Schema: -; Owner: postgres
--

CREATE DATABASE template1 WITH TEMPLATE = template0 ENCODING = 'UTF8' LC_COLLATE = 'de_DE.UTF-8' LC_CTYPE = 'C';


ALTER DATABASE template1 OWNER TO postgres;

\connect template1

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

--
-- Name: DATABASE template1; Type: COMMENT; Schema: -; Owner: postgres
--

COMMENT ON DATABASE template1 IS 'default template for new databases';


--
-- Name: template1; Type: DATABASE PROPERTIES; Schema: -; Owner: postgres
--

ALTER DATABASE template1 IS_TEMPLATE = true;


\connect template1

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

--
-- Name: DATABASE template1; Type: ACL; Schema: -; Owner: postgres
--

REVOKE CONNECT,TEMPORARY ON DATABASE template1 FROM PUBLIC;
GRANT CONNECT ON DATABASE template1 TO PUBLIC;


--
-- PostgreSQL database dump complete
--

--
-- Database "app" dump
--

--
-- PostgreSQL database dump
--

-- Dumped from database version 14.5
-- Dumped by pg_dump version 14.5

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

--
-- Name: app; Type: DATABASE; Schema: -; Owner: app
--

CREATE DATABASE app WITH TEMPLATE = template0 ENCODING = 'UTF8' LC_COLLATE = 'de_DE.UTF-8' LC_CTYPE = 'C';


ALTER DATABASE app OWNER TO app;

\connect app

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

--
-- Name: spans; Type: TYPE; Schema: public; Owner: app
--

CREATE TYPE public.span AS RANGE (
    subtype = double precision,
    multirange_type_name = public.spans,
    subtype_diff = float8mi
);


ALTER TYPE public.span OWNER TO app;

--
-- Name: atomic(integer); Type: FUNCTION; Schema: public; Owner: app
--

CREATE FUNCTION public.atomic(n integer) RETURNS text
    LANGUAGE sql
    BEGIN ATOMIC
 SELECT
         CASE
             WHEN (atomic.n > 0) THEN 'END;'::text
             ELSE ';'::text
         END AS "case";
 SELECT 'x'::text AS text;
END;


ALTER FUNCTION public.atomic(n integer) OWNER TO app;

--
-- Name: out_only(integer); Type: PROCEDURE; Schema: public; Owner: app
--

CREATE PROCEDURE public.out_only(IN a integer, OUT b integer)
    LANGUAGE sql
    AS $$ SELECT a; $$;


ALTER PROCEDURE public.out_only(IN a integer, OUT b integer) OWNER TO app;

SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: part; Type: TABLE; Schema: public; Owner: app
--

CREATE TABLE public.part (
    id integer NOT NULL,
    note text
)
PARTITION BY RANGE (id);
ALTER TABLE ONLY public.part ALTER COLUMN note SET COMPRESSION lz4;


ALTER TABLE public.part OWNER TO app;

--
-- Name: part_id_seq; Type: SEQUENCE; Schema: public; Owner: app
--

ALTER TABLE public.part ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.part_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: part_1; Type: TABLE; Schema: public; Owner: app
--

CREATE TABLE public.part_1 (
    id integer NOT NULL,
    note text
);


ALTER TABLE public.part_1 OWNER TO app;

--
-- Name: part_1; Type: TABLE ATTACH; Schema: public; Owner: app
--

ALTER TABLE ONLY public.part ATTACH PARTITION public.part_1 FOR VALUES FROM (1) TO (100);


--
-- Data for Name: part_1; Type: TABLE DATA; Schema: public; Owner: app
--

-- load via partition root public.part
COPY public.part (id, note) FROM stdin;
1	one
2	two
\.


--
-- Name: part_id_seq; Type: SEQUENCE SET; Schema: public; Owner: app
--

SELECT pg_catalog.setval('public.part_id_seq', 1, false);


--
-- Name: part_note; Type: INDEX; Schema: public; Owner: app
--

CREATE INDEX part_note ON ONLY public.part USING btree (note);


--
-- Name: part_1_note_idx; Type: INDEX; Schema: public; Owner: app
--

CREATE INDEX part_1_note_idx ON public.part_1 USING btree (note);


--
-- Name: part_1_note_idx; Type: INDEX ATTACH; Schema: public; Owner: app
--

ALTER INDEX public.part_note ATTACH PARTITION public.part_1_note_idx;


--
-- Name: expressions; Type: STATISTICS; Schema: public; Owner: app
--

CREATE STATISTICS public.expressions (mcv) ON lower(note), (id % 10) FROM public.part_1;


ALTER STATISTICS public.expressions OWNER TO app;

--
-- Name: s; Type: SUBSCRIPTION; Schema: -; Owner: postgres
--

CREATE SUBSCRIPTION s CONNECTION 'host=/nowhere password=''x;y''' PUBLICATION p WITH (connect = false, slot_name = 's', binary = true, streaming = on);


ALTER SUBSCRIPTION s OWNER TO postgres;

--
-- PostgreSQL database dump complete
--

--
-- Database "postgres" dump
--

--
-- PostgreSQL database dump
--

-- Dumped from database version 14.5
-- Dumped by pg_dump version 14.5

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

DROP DATABASE postgres;
--
-- Name: postgres; Type: DATABASE; Schema: -; Owner: postgres
--

CREATE DATABASE postgres WITH TEMPLATE = template0 ENCODING = 'UTF8' LC_COLLATE = 'de_DE.UTF-8' LC_CTYPE = 'C';


ALTER DATABASE postgres OWNER TO postgres;

\connect postgres

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

--
-- Name: DATABASE postgres; Type: COMMENT; Schema: -; Owner: postgres
--

COMMENT ON DATABASE postgres IS 'default administrative connection database';


--
-- PostgreSQL database dump complete
--

--
-- PostgreSQL database cluster dump complete
--

