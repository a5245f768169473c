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

--
-- User Configurations
--







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

-- Dumped from database version 18.1
-- Dumped by pg_dump version 18.1

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET transaction_timeout = 0;
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

-- Dumped from database version 18.1
-- Dumped by pg_dump version 18.1

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET transaction_timeout = 0;
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

CREATE DATABASE app WITH TEMPLATE = template0 ENCODING = 'UTF8' LOCALE_PROVIDER = builtin LOCALE = 'C' BUILTIN_LOCALE = 'PG_UNICODE_FAST';


ALTER DATABASE app OWNER TO app;

\unrestrict aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
\connect app
\restrict aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET transaction_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: rooms; Type: TABLE; Schema: public; Owner: app
--

CREATE TABLE public.rooms (
    id integer CONSTRAINT "always; there" NOT NULL,
    valid daterange NOT NULL,
    twice integer GENERATED ALWAYS AS ((id * 2)),
    note text
);


ALTER TABLE public.rooms OWNER TO app;

--
-- Name: child; Type: TABLE; Schema: public; Owner: app
--

CREATE TABLE public.child (
    extra integer,
    CONSTRAINT inherited NOT NULL note NO INHERIT
)
INHERITS (public.rooms);


ALTER TABLE public.child OWNER TO app;

--
-- Name: 16400..16402; Type: BLOB METADATA; Schema: -; Owner: app
--

SELECT pg_catalog.lo_create('16400');
SELECT pg_catalog.lo_create('16402');


ALTER LARGE OBJECT 16400 OWNER TO app;
ALTER LARGE OBJECT 16402 OWNER TO app;

--
-- Data for Name: rooms; Type: TABLE DATA; Schema: public; Owner: app
--

COPY public.rooms (id, valid, note) FROM stdin;
1	[2026-01-01,2026-02-01)	x
2	empty	\N
\.


--
-- Data for Name: child; Type: TABLE DATA; Schema: public; Owner: app
--

COPY public.child (id, valid, note, extra) FROM stdin;
\.


--
-- Data for Name: 16400..16402; Type: BLOBS; Schema: -; Owner: app
--

BEGIN;

SELECT pg_catalog.lo_open('16400', 131072);
SELECT pg_catalog.lowrite(0, '\x6162');
SELECT pg_catalog.lo_close(0);

SELECT pg_catalog.lo_open('16402', 131072);
SELECT pg_catalog.lo_close(0);

COMMIT;


--
-- Statistics for Name: rooms; Type: STATISTICS DATA; Schema: public; Owner: -
--

SELECT * FROM pg_catalog.pg_restore_relation_stats(
	'version', '180001'::integer,
	'schemaname', 'public',
	'relname', 'rooms',
	'relpages', '1'::integer,
	'reltuples', '2'::real,
	'relallvisible', '0'::integer,
	'relallfrozen', '0'::integer
);
SELECT * FROM pg_catalog.pg_restore_attribute_stats(
	'version', '180001'::integer,
	'schemaname', 'public',
	'relname', 'rooms',
	'attname', 'note',
	'inherited', 'f'::boolean,
	'null_frac', '0.5'::real,
	'avg_width', '2'::integer,
	'n_distinct', '-0.5'::real,
	'most_common_vals', '{";","it''s"}'::text,
	'most_common_freqs', '{0.5}'::real[]
);


--
-- Name: rooms rooms_pkey; Type: CONSTRAINT; Schema: public; Owner: app
--

ALTER TABLE ONLY public.rooms
    ADD CONSTRAINT rooms_pkey PRIMARY KEY (id, valid WITHOUT OVERLAPS);


--
-- Name: child later; Type: CONSTRAINT; Schema: public; Owner: app
--

ALTER TABLE public.child
    ADD CONSTRAINT later NOT NULL extra NOT VALID;


--
-- Name: child child_extra_check; Type: CHECK CONSTRAINT; Schema: public; Owner: app
--

ALTER TABLE public.child
    ADD CONSTRAINT child_extra_check CHECK ((extra > 0)) NOT ENFORCED;


--
-- Name: child child_room; Type: FK CONSTRAINT; Schema: public; Owner: app
--

ALTER TABLE ONLY public.child
    ADD CONSTRAINT child_room FOREIGN KEY (id, PERIOD valid) REFERENCES public.rooms(id, PERIOD valid) NOT ENFORCED;


--
-- Name: p; Type: PUBLICATION; Schema: -; Owner: app
--

CREATE PUBLICATION p FOR ALL TABLES WITH (publish = 'insert', publish_generated_columns = stored);


ALTER PUBLICATION p OWNER TO app;

--
-- Name: LARGE OBJECT 16400..16402; Type: ACL; Schema: -; Owner: app
--

GRANT SELECT ON LARGE OBJECT 16400 TO PUBLIC;
GRANT SELECT ON LARGE OBJECT 16402 TO PUBLIC;


--
-- Name: DEFAULT PRIVILEGES FOR LARGE OBJECTS; Type: DEFAULT ACL; Schema: -; Owner: app
--

ALTER DEFAULT PRIVILEGES FOR ROLE app GRANT SELECT ON LARGE OBJECTS TO PUBLIC;


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

-- Dumped from database version 18.1
-- Dumped by pg_dump version 18.1

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET transaction_timeout = 0;
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

