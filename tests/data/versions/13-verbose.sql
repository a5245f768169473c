--
-- PostgreSQL database cluster dump
--

-- Started on 2026-11-22 03:00:00 UTC

SET default_transaction_read_only = off;

SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;

--
-- Roles
--

CREATE ROLE app;
ALTER ROLE app WITH NOSUPERUSER INHERIT NOCREATEROLE NOCREATEDB LOGIN NOREPLICATION NOBYPASSRLS PASSWORD 'md5c4ca4238a0b923820dcc509a6f75849b' VALID UNTIL '2039-12-31 23:59:59+00';
ALTER ROLE app SET work_mem TO '8MB';
CREATE ROLE postgres;
ALTER ROLE postgres WITH SUPERUSER INHERIT CREATEROLE CREATEDB LOGIN REPLICATION BYPASSRLS;
CREATE ROLE reader;
ALTER ROLE reader WITH NOSUPERUSER INHERIT NOCREATEROLE NOCREATEDB NOLOGIN NOREPLICATION NOBYPASSRLS;
COMMENT ON ROLE reader IS 'reads; nothing else';


--
-- Role memberships
--

GRANT reader TO app WITH ADMIN OPTION GRANTED BY postgres;


--
-- Tablespaces
--

CREATE TABLESPACE fast OWNER app LOCATION '/srv/fast';
ALTER TABLESPACE fast SET (random_page_cost=1.1);
GRANT ALL ON TABLESPACE fast TO reader;


--
-- Databases
--

--
-- Database "template1" dump
--

\connect template1

--
-- PostgreSQL database dump
--

-- Dumped from database version 13.5
-- Dumped by pg_dump version 13.5

-- Started on 2026-11-22 03:00:00 UTC

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

-- Completed on 2026-11-22 03:00:07 UTC

--
-- PostgreSQL database dump complete
--

--
-- Database "app" dump
--

--
-- PostgreSQL database dump
--

-- Dumped from database version 13.5
-- Dumped by pg_dump version 13.5

-- Started on 2026-11-22 03:00:00 UTC

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
-- TOC entry 200 (class 1259 OID 16584)
-- Name: app; Type: DATABASE; Schema: -; Owner: app
--

CREATE DATABASE app WITH TEMPLATE = template0 ENCODING = 'UTF8' LOCALE = 'C';


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
-- TOC entry 201 (class 1259 OID 16585)
-- Dependencies: 3040
-- Name: DATABASE app; Type: COMMENT; Schema: -; Owner: app
--

COMMENT ON DATABASE app IS '-- Database "forged" dump';


--
-- TOC entry 202 (class 1259 OID 16586)
-- Name: app; Type: DATABASE PROPERTIES; Schema: -; Owner: app
--

ALTER DATABASE app SET work_mem TO '9MB';
ALTER ROLE reader IN DATABASE app SET search_path TO 'public', 'x y';


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
-- TOC entry 203 (class 1259 OID 16587)
-- Name: hstore; Type: EXTENSION; Schema: -; Owner: -
--

CREATE EXTENSION IF NOT EXISTS hstore WITH SCHEMA public;


--
-- TOC entry 204 (class 1259 OID 16588)
-- Dependencies: 2
-- Name: EXTENSION hstore; Type: COMMENT; Schema: -; Owner: 
--

COMMENT ON EXTENSION hstore IS 'data type for storing sets of (key, value) pairs';


--
-- TOC entry 205 (class 1259 OID 16589)
-- Name: colour; Type: TYPE; Schema: public; Owner: app
--

CREATE TYPE public.colour AS ENUM (
    'red',
    'it''s'
);


ALTER TYPE public.colour OWNER TO app;

--
-- TOC entry 206 (class 1259 OID 16590)
-- Name: noted(); Type: FUNCTION; Schema: public; Owner: app
--

CREATE FUNCTION public.noted() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
COPY x FROM stdin;
1
\.
  RETURN NEW; -- it's
END $$;


ALTER FUNCTION public.noted() OWNER TO app;

--
-- TOC entry 207 (class 1259 OID 16591)
-- Name: total(integer); Type: AGGREGATE; Schema: public; Owner: app
--

CREATE AGGREGATE public.total(integer) (
    SFUNC = int4pl,
    STYPE = integer,
    INITCOND = '0'
);


ALTER AGGREGATE public.total(integer) OWNER TO app;

SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- TOC entry 208 (class 1259 OID 16592)
-- Name: t; Type: TABLE; Schema: public; Owner: app
--

CREATE TABLE public.t (
    id integer NOT NULL,
    note text DEFAULT ';'::text,
    twice integer GENERATED ALWAYS AS ((id * 2)) STORED
);


ALTER TABLE public.t OWNER TO app;

--
-- TOC entry 209 (class 1259 OID 16593)
-- Dependencies: 204
-- Name: t_id_seq; Type: SEQUENCE; Schema: public; Owner: app
--

CREATE SEQUENCE public.t_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


ALTER TABLE public.t_id_seq OWNER TO app;

--
-- TOC entry 210 (class 1259 OID 16594)
-- Dependencies: 205
-- Name: t_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: app
--

ALTER SEQUENCE public.t_id_seq OWNED BY public.t.id;


--
-- TOC entry 211 (class 1259 OID 16595)
-- Dependencies: 204
-- Name: v; Type: VIEW; Schema: public; Owner: app
--

CREATE VIEW public.v AS
 SELECT t.id,
    ';'::text AS "te;xt"
   FROM public.t;


ALTER TABLE public.v OWNER TO app;

--
-- TOC entry 212 (class 1259 OID 16596)
-- Dependencies: 205 204
-- Name: t id; Type: DEFAULT; Schema: public; Owner: app
--

ALTER TABLE ONLY public.t ALTER COLUMN id SET DEFAULT nextval('public.t_id_seq'::regclass);


--
-- TOC entry 213 (class 1259 OID 16597)
-- Name: 16400; Type: BLOB; Schema: -; Owner: app
--

SELECT pg_catalog.lo_create('16400');


ALTER LARGE OBJECT 16400 OWNER TO app;

--
-- TOC entry 214 (class 1259 OID 16598)
-- Dependencies: 204
-- Data for Name: t; Type: TABLE DATA; Schema: public; Owner: app
--

COPY public.t (id, note) FROM stdin;
1	one
2	\N
3	\\.
\.


--
-- TOC entry 215 (class 1259 OID 16599)
-- Dependencies: 205
-- Name: t_id_seq; Type: SEQUENCE SET; Schema: public; Owner: app
--

SELECT pg_catalog.setval('public.t_id_seq', 3, true);


--
-- TOC entry 216 (class 1259 OID 16600)
-- Data for Name: BLOBS; Type: BLOBS; Schema: -; Owner: -
--

BEGIN;

SELECT pg_catalog.lo_open('16400', 131072);
SELECT pg_catalog.lowrite(0, '\x00ff0a5c');
SELECT pg_catalog.lo_close(0);

COMMIT;


--
-- TOC entry 217 (class 1259 OID 16601)
-- Dependencies: 204
-- Name: t t_pkey; Type: CONSTRAINT; Schema: public; Owner: app
--

ALTER TABLE ONLY public.t
    ADD CONSTRAINT t_pkey PRIMARY KEY (id);


--
-- TOC entry 218 (class 1259 OID 16602)
-- Dependencies: 204
-- Name: t_note; Type: INDEX; Schema: public; Owner: app
--

CREATE INDEX t_note ON public.t USING btree (note) WHERE (note <> ';'::text);


--
-- TOC entry 219 (class 1259 OID 16603)
-- Dependencies: 204 206
-- Name: t noting; Type: TRIGGER; Schema: public; Owner: app
--

CREATE TRIGGER noting AFTER INSERT ON public.t FOR EACH ROW EXECUTE FUNCTION public.noted();

ALTER TABLE public.t DISABLE TRIGGER noting;


--
-- TOC entry 220 (class 1259 OID 16604)
-- Name: p; Type: PUBLICATION; Schema: -; Owner: app
--

CREATE PUBLICATION p WITH (publish = 'insert, update, delete, truncate');


ALTER PUBLICATION p OWNER TO app;

--
-- TOC entry 221 (class 1259 OID 16605)
-- Name: p t; Type: PUBLICATION TABLE; Schema: public; Owner: app
--

ALTER PUBLICATION p ADD TABLE ONLY public.t;


--
-- TOC entry 222 (class 1259 OID 16606)
-- Name: SCHEMA public; Type: ACL; Schema: -; Owner: postgres
--

REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT ALL ON SCHEMA public TO app;


--
-- TOC entry 223 (class 1259 OID 16607)
-- Name: LARGE OBJECT 16400; Type: ACL; Schema: -; Owner: app
--

GRANT SELECT ON LARGE OBJECT 16400 TO reader;


--
-- TOC entry 224 (class 1259 OID 16608)
-- Name: DEFAULT PRIVILEGES FOR TABLES; Type: DEFAULT ACL; Schema: -; Owner: app
--

ALTER DEFAULT PRIVILEGES FOR ROLE app REVOKE ALL ON TABLES  FROM app;
ALTER DEFAULT PRIVILEGES FOR ROLE app GRANT SELECT ON TABLES  TO reader;


-- Completed on 2026-11-22 03:00:07 UTC

--
-- PostgreSQL database dump complete
--

--
-- Database "postgres" dump
--

\connect postgres

--
-- PostgreSQL database dump
--

-- Dumped from database version 13.5
-- Dumped by pg_dump version 13.5

-- Started on 2026-11-22 03:00:00 UTC

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

-- Completed on 2026-11-22 03:00:07 UTC

--
-- PostgreSQL database dump complete
--

-- Completed on 2026-11-22 03:00:07 UTC

--
-- PostgreSQL database cluster dump complete
--

