#!/bin/bash
# Goal: what the target lacks is named before anything is done; --keep-going lists every statement that fails
. "$(dirname "$0")/lib.sh"

mkdir "$folder/space" "$folder/away"
[ "$(id -u)" -ne 0 ] || chown postgres: "$folder/space" "$folder/away"
server_start source
sql source postgres "CREATE TABLESPACE here LOCATION '$folder/space'" 'CREATE DATABASE shop TABLESPACE here' \
    'CREATE DATABASE zoo' 'CREATE ROLE app' "CREATE ROLE clerk VALID UNTIL '2040-01-01 02:00+02'" \
    "ALTER ROLE clerk SET work_mem = '8MB'" "ALTER ROLE clerk SET search_path = shop, public" \
    "CREATE ROLE guest VALID UNTIL '2040-01-01'"
# The library behind these functions goes away later, and with it three statements of the dump.
sql source shop "CREATE FUNCTION gone() RETURNS int LANGUAGE C AS '\$libdir/incant_gone', 'gone'" 2>/dev/null || true
sql source shop 'CREATE TABLE a (id int)' 'INSERT INTO a SELECT generate_series(1, 10)' 'CREATE INDEX a_id ON a (id)' \
    'CREATE FUNCTION wrong(int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$BEGIN RETURN $1; END$$' \
    'CREATE TABLE b (id int CONSTRAINT fine CHECK (wrong(id) > 0))' 'INSERT INTO b SELECT generate_series(1, 10)' \
    'CREATE TABLE c (id int)' 'INSERT INTO c SELECT generate_series(1, 10)' \
    'CREATE INDEX c_wrong ON c (wrong(id))' 'CREATE INDEX c_right ON c (id)'
# A dump of functions whose meaning changes between the dump and the restore: their bodies are looked at when
# they run.
sql source shop 'CREATE OR REPLACE FUNCTION wrong(int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS
    $$BEGIN RETURN CASE WHEN $1 > 5 THEN 1 / ($1 - $1) ELSE 1 END; END$$'
sql source zoo 'CREATE TABLE animals (name text)' "INSERT INTO animals VALUES ('gnu')"
settings_write source
backup
server_stop source
server_start target
sql target postgres "SET timezone = 'Asia/Tokyo'" "CREATE ROLE clerk VALID UNTIL '2040-01-01 09:00'" \
    "ALTER ROLE clerk SET work_mem = '4MB'" "ALTER ROLE clerk SET search_path = shop, public" 'CREATE ROLE guest'

# Roles that are there already are left, and what differs is said: what is the same at another clock does not.
incant --json --quiet restore --to "$(conninfo target)" --dry-run
expect_json '[.warnings[] | select(contains("role clerk"))] ==
    ["role clerk is left as it is on the target; in the backup it has another work_mem"]' \
    'any(.warnings[]; contains("role guest") and contains("it is valid until '"'"'2040-01-01"))'
sql target postgres 'DROP ROLE clerk' 'DROP ROLE guest'

# The tablespace's directory: in use, missing, there.
incant --json --quiet restore --to "$(conninfo target)" --dry-run
expect_error 9 restore 'is a tablespace of a server already'
mv "$folder/space" "$folder/away/space"
incant --json --quiet restore --to "$(conninfo target)"
expect_error 9 restore "tablespace here: directory '$folder/space' does not exist"
incant --json --quiet restore --to "$(conninfo target)" --database shop
expect_error 9 restore 'the target has no tablespace here'
[ "$(sql target postgres "SELECT count(*) FROM pg_roles WHERE rolname = 'app'")" = 0 ] ||
    fail 'something was done in spite of an obstacle'
mkdir "$folder/space"
[ "$(id -u)" -ne 0 ] || chown postgres: "$folder/space"
incant --json --quiet restore --to "$(conninfo target)" --dry-run
expect_exit 0

# A statement that fails stops its database, which goes; with --keep-going all of them are told, and what could be
# restored stays.
incant --json --quiet restore --to "$(conninfo target)"
expect_error 9 restore 'division by zero (SQLSTATE 22012)'
expect_json '.dropped == "shop"' '.failures == []'
sql target postgres 'DROP TABLESPACE here'
incant --json --quiet restore --to "$(conninfo target)" --keep-going --jobs 2
expect_error 9 restore '2 statements failed, the first'
expect_json '.failures | length == 2' 'all(.failures[]; .database == "shop" and .sqlstate == "22012" and .offset > 0)' \
    '[.failures[].message | select(test("COPY public.b"))] | length == 1' \
    '[.failures[].message | select(test("CREATE INDEX c_wrong"))] | length == 1' \
    '[.databases[] | select(.restored_as == "shop" or .restored_as == "zoo")] | length == 2'
[ "$(sql target shop 'SELECT count(*) FROM a') $(sql target shop 'SELECT count(*) FROM b')" = '10 0' ] ||
    fail 'the wrong rows are there'
[ "$(sql target shop "SELECT count(*) FROM pg_class WHERE relname IN ('a_id', 'c_right', 'c_wrong')")" = 2 ] ||
    fail 'an index is missing that could be built'
[ "$(sql target zoo 'SELECT count(*) FROM animals')" = 1 ] || fail 'the other database is missing'
incant --quiet restore --to "$(conninfo target)" --keep-going
expect_exit 9

