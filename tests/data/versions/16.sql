--
-- PostgreSQL database cluster dump
--

\restrict GGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGG

SET default_transaction_read_only = off;

SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;

--
-- Roles
--

CREATE ROLE app;
ALTER ROLE app WITH NOSUPERUSER INHERIT NOCREATEROLE NOCREATEDB LOGIN NOREPLICATION NOBYPASSRLS;
CREATE ROLE postgres;
ALTER ROLE postgres WITH SUPERUSER INHERIT CREATEROLE CREATEDB LOGIN REPLICATION BYPASSRLS;
CREATE ROLE reader;
ALTER ROLE reader WITH NOSUPERUSER INHERIT NOCREATEROLE NOCREATEDB NOLOGIN NOREPLICATION NOBYPASSRLS;

--
-- User Configurations
--

--
-- User Config "app"
--

ALTER ROLE app SET work_mem TO '8MB';


--
-- Role memberships
--

GRANT pg_read_all_data TO reader WITH ADMIN OPTION, INHERIT FALSE, SET FALSE GRANTED BY postgres;
GRANT reader TO app WITH INHERIT TRUE GRANTED BY postgres;


--
-- Role privileges on configuration parameters
--

GRANT SET,ALTER SYSTEM ON PARAMETER log_min_duration_statement TO app WITH GRANT OPTION;
SET SESSION AUTHORIZATION app;
GRANT SET ON PARAMETER log_min_duration_statement TO reader;
RESET SESSION AUTHORIZATION;


\unrestrict GGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGGG

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

\restrict TTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTT

-- Dumped from database version 16.10 (Debian 16.10-1.pgdg12+1)
-- Dumped by pg_dump version 16.10 (Debian 16.10-1.pgdg12+1)

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
-- PostgreSQL database dump complete
--

\unrestrict TTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTT

--
-- Database "app" dump
--

--
-- PostgreSQL database dump
--

\restrict aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa

-- Dumped from database version 16.10 (Debian 16.10-1.pgdg12+1)
-- Dumped by pg_dump version 16.10 (Debian 16.10-1.pgdg12+1)

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

CREATE DATABASE app WITH TEMPLATE = template0 ENCODING = 'UTF8' LOCALE_PROVIDER = icu LOCALE = 'en_US.UTF-8' ICU_LOCALE = 'en-US' ICU_RULES = '&a < b';


ALTER DATABASE app OWNER TO app;

\unrestrict aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
\connect app
\restrict aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa

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
-- Name: order; Type: COLLATION; Schema: public; Owner: app
--

CREATE COLLATION public."order" (provider = icu, deterministic = false, locale = 'und', rules = '&a < b');


ALTER COLLATION public."order" OWNER TO app;

SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: documents; Type: TABLE; Schema: public; Owner: app
--

CREATE TABLE public.documents (
    id integer NOT NULL,
    doc text,
    CONSTRAINT documents_doc_check CHECK ((doc IS JSON OBJECT WITH UNIQUE KEYS))
);


ALTER TABLE public.documents OWNER TO app;

--
-- Name: uniques; Type: TABLE; Schema: public; Owner: app
--

CREATE UNLOGGED TABLE public.uniques (
    a integer
);


ALTER TABLE public.uniques OWNER TO app;

--
-- Name: v; Type: VIEW; Schema: public; Owner: app
--

CREATE VIEW public.v WITH (security_invoker='true') AS
 SELECT id
   FROM public.documents;


ALTER VIEW public.v OWNER TO app;

--
-- Data for Name: documents; Type: TABLE DATA; Schema: public; Owner: app
--

COPY public.documents (id, doc) FROM stdin;
1	{"a;": "\\\\n"}
\.


--
-- Data for Name: uniques; Type: TABLE DATA; Schema: public; Owner: app
--

COPY public.uniques (a) FROM stdin;
\.


--
-- Name: uniques uniques_a_key; Type: CONSTRAINT; Schema: public; Owner: app
--

ALTER TABLE ONLY public.uniques
    ADD CONSTRAINT uniques_a_key UNIQUE NULLS NOT DISTINCT (a);


--
-- Name: filtered; Type: PUBLICATION; Schema: -; Owner: app
--

CREATE PUBLICATION filtered WITH (publish = 'insert, update, delete, truncate');


ALTER PUBLICATION filtered OWNER TO app;

--
-- Name: filtered documents; Type: PUBLICATION TABLE; Schema: public; Owner: app
--

ALTER PUBLICATION filtered ADD TABLE ONLY public.documents (id, doc) WHERE ((doc <> ';'::text));


--
-- Name: filtered public; Type: PUBLICATION TABLES IN SCHEMA; Schema: public; Owner: app
--

ALTER PUBLICATION filtered ADD TABLES IN SCHEMA public;


--
-- Name: TABLE documents; Type: ACL; Schema: public; Owner: app
--

GRANT SELECT ON TABLE public.documents TO reader WITH GRANT OPTION;


--
-- PostgreSQL database dump complete
--

\unrestrict aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa

--
-- Database "postgres" dump
--

\connect postgres

--
-- PostgreSQL database dump
--

\restrict PPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPP

-- Dumped from database version 16.10 (Debian 16.10-1.pgdg12+1)
-- Dumped by pg_dump version 16.10 (Debian 16.10-1.pgdg12+1)

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
-- PostgreSQL database dump complete
--

\unrestrict PPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPP

--
-- PostgreSQL database cluster dump complete
--

