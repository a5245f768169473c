#!/bin/bash
# Goal: chosen tables come back with all definitions and nothing else is read; the globals come back alone
. "$(dirname "$0")/lib.sh"

server_start source
load_bulk source 24
# shellcheck disable=SC2016 # the dollars are PostgreSQL's
sql source bulk 'CREATE TABLE customers (id int PRIMARY KEY, name text)' \
    "INSERT INTO customers SELECT i, 'customer ' || i FROM generate_series(1, 500) AS i" \
    'CREATE TABLE orders (id serial PRIMARY KEY, customer int REFERENCES customers)' \
    'INSERT INTO orders (customer) SELECT i % 500 + 1 FROM generate_series(1, 1000) AS i' \
    'CREATE TABLE days (day date, n int) PARTITION BY RANGE (day)' \
    "CREATE TABLE days_1 PARTITION OF days FOR VALUES FROM ('2026-01-01') TO ('2026-02-01')" \
    "CREATE TABLE days_2 PARTITION OF days FOR VALUES FROM ('2026-02-01') TO ('2026-03-01') PARTITION BY LIST (n)" \
    'CREATE TABLE days_2_all PARTITION OF days_2 DEFAULT' \
    "INSERT INTO days SELECT '2026-01-01'::date + i, i FROM generate_series(0, 50) AS i" \
    'CREATE VIEW late AS SELECT * FROM orders WHERE id > 900' \
    'CREATE SCHEMA "odd.one"' 'CREATE TABLE "odd.one"."ta.ble" (a int)' 'INSERT INTO "odd.one"."ta.ble" VALUES (1)' \
    "SELECT lo_from_bytea(4711, '\\x0102')" >/dev/null
sql source postgres 'CREATE DATABASE other' 'CREATE ROLE app LOGIN' 'CREATE ROLE team' 'GRANT team TO app' \
    "ALTER ROLE app SET work_mem = '7MB'"
sql source other 'CREATE TABLE customers (id int)' 'INSERT INTO customers VALUES (1)'
settings_write source
backup
server_start target

rows() {
    sql target "$1" "SELECT count(*) FROM $2"
}

# One table: its rows, and every definition of the database.
incant --json --quiet restore --to "$(conninfo target)" --table bulk.public.orders
expect_exit 0
expect_json '.databases | length == 1' '.databases[0].name == "bulk"' '.databases[0].rows == 1000' \
    ".read_bytes * 2 < $(stat -c %s "$backup_folder/cluster.sql.zst")"
[ "$(rows bulk orders) $(rows bulk noise) $(rows bulk customers) $(rows bulk days)" = '1000 0 0 0' ] ||
    fail 'other rows than those of orders'
[ "$(rows bulk late)" = 100 ] || fail 'the view is missing'
[ "$(sql target bulk "SELECT nextval('orders_id_seq')")" = 1001 ] || fail 'the sequence does not go on'
[ "$(sql target bulk "SELECT count(*) FROM pg_constraint WHERE conname LIKE 'orders%' OR conname LIKE 'customers%'")" \
    = 3 ] || fail 'a constraint is missing'
[ "$(sql target bulk "SELECT convalidated FROM pg_constraint WHERE contype = 'f'")" = f ] ||
    fail 'a foreign key to rows that are not there is said to be valid'
grep -q 'a foreign key refers to' "$folder/err" || fail 'nothing is said of the foreign key'
[ "$(sql target bulk 'SELECT length(lo_get(4711))')" = 0 ] || fail 'the large object is not there, or not empty'
sql target postgres 'DROP DATABASE bulk'

# Several, of several databases; both ends of a foreign key; a partitioned table; a name with dots.
incant --json --quiet restore --to "$(conninfo target)" --table bulk.orders --table bulk.public.customers \
    --table bulk.days --table 'bulk."odd.one"."ta.ble"' --table other.customers
expect_exit 0
expect_json '[.databases[].name] == ["bulk", "other"]' '[.databases[].rows] == [1552, 1]' '.warnings == []'
[ "$(rows bulk orders) $(rows bulk noise) $(rows bulk customers) $(rows bulk days) $(rows other customers)" = \
    '1000 0 500 51 1' ] || fail 'other rows than those of the chosen tables'
[ "$(sql target bulk "SELECT convalidated FROM pg_constraint WHERE contype = 'f'")" = t ] ||
    fail 'a foreign key whose rows are there is not valid'
sql target postgres 'DROP DATABASE bulk' 'DROP DATABASE other' 'DROP ROLE app' 'DROP ROLE team'

# Short where one database is meant; refused where there is none, or more than one.
incant --json --quiet restore --to "$(conninfo target)" --database bulk --table days_2 --dry-run
expect_exit 0
expect_json '.databases[0].rows == 20' '.databases[0].tables == 1'
incant --json --quiet restore --to "$(conninfo target)" --table bulk.nowhere
expect_error 6 not-found "the backup has no table 'bulk.nowhere'"
incant --json --quiet restore --to "$(conninfo target)" --table customers
expect_error 6 not-found "the backup has no table 'customers'"
incant --json --quiet restore --to "$(conninfo target)" --table bulk.orders --globals
expect_error 2 usage '--globals excludes --table'

# The globals alone. A second time they are there, and what differs is said.
incant --json --quiet restore --to "$(conninfo target)" --globals
expect_exit 0
expect_json '.databases == []' '.roles_created == 2' '.warnings == []'
[ "$(sql target postgres "SELECT count(*) FROM pg_database WHERE datname IN ('bulk', 'other')")" = 0 ] ||
    fail 'a database was restored with the globals'
[ "$(sql target postgres "SELECT setconfig FROM pg_db_role_setting WHERE setrole = 'app'::regrole")" = \
    '{work_mem=7MB}' ] || fail 'the setting of a role is missing'
incant --json --quiet restore --to "$(conninfo target)" --globals
expect_exit 0
expect_json '.roles_created == 0' '.warnings == []'
sql target postgres 'ALTER ROLE app CREATEDB NOLOGIN CONNECTION LIMIT 3' 'REVOKE team FROM app'
incant --json --quiet restore --to "$(conninfo target)" --globals
expect_exit 0
expect_json '.roles_created == 0' '[.warnings[] | select(startswith("role app is left"))] | length == 2' \
    '.warnings | any(endswith("NOCREATEDB, LOGIN, no connection limit"))' \
    '.warnings | any(endswith("it is a member of team"))'
[ "$(sql target postgres "SELECT rolcreatedb FROM pg_roles WHERE rolname = 'app'")" = t ] ||
    fail 'a role that exists was changed'
