#!/bin/bash
# Goal: diff tells what changed between two backups: rows, definitions, sequences, roles, databases
. "$(dirname "$0")/lib.sh"

server_start source
load_small source
sql source shop 'CREATE SEQUENCE numbers' "SELECT setval('numbers', 1)" \
    "CREATE FUNCTION price() RETURNS int LANGUAGE sql AS 'SELECT 1'" 'CREATE TABLE same (a int)' >/dev/null
settings_write source

# One backup has nothing to be compared with, and itself has no difference.
backup
first=$backup_id
incant --json --quiet diff
expect_error 6 not-found 'no two backups'
incant --json --quiet diff "$first"
expect_exit 0
expect_json '.changes == []' ".before.id == \"$first\" and .after.id == \"$first\""

sql source shop "UPDATE orders SET what = 'another' WHERE id = 1" 'DELETE FROM orders WHERE id > 990' \
    'CREATE INDEX by_what ON orders (what)' "SELECT setval('numbers', 7)" 'DROP TABLE same' \
    "CREATE OR REPLACE FUNCTION price() RETURNS int LANGUAGE sql AS 'SELECT 2'" >/dev/null
sql source postgres 'DROP DATABASE zoo' 'CREATE DATABASE park' "CREATE ROLE keeper PASSWORD 'secret'"
backup_suspect
second=$backup_id

incant --json --quiet diff "$first" "$second"
expect_exit 0
expect_json ".before.id == \"$first\" and .after.id == \"$second\""
# expect_change WHAT HOW DATABASE NAME [FILTER]: exactly one such change, of which FILTER is true.
expect_change() {
    jq -e --arg what "$1" --arg how "$2" --arg database "$3" --arg name "$4" '[.changes[] | select(.what == $what and
        .how == $how and (.database // "") == $database and .name == $name)] | length == 1 and (.[0] | '"${5:-true}"')' \
        "$folder/out" >/dev/null || fail "no such change: $*"
}
expect_change rows changed shop 'table public.orders' '.rows_before == 1000 and .rows_after == 990'
expect_change rows removed shop 'table public.same' '.rows_before == 0'
expect_change definition added shop 'CREATE INDEX public.orders by_what' '.before == "missing" and (.after | test("btree"))'
expect_change definition removed shop 'CREATE TABLE public.same'
expect_change definition removed shop 'ALTER TABLE OWNER public.same'
expect_change definition changed shop 'CREATE FUNCTION public.price()' '(.before | test("SELECT 1")) and (.after | test("SELECT 2"))'
expect_change sequence changed shop 'sequence public.numbers' '.before == "1" and .after == "7"'
expect_change database removed zoo ''
expect_change database added park ''
expect_change definition added '' 'CREATE ROLE keeper'
expect_change definition added '' 'ALTER ROLE WITH keeper'
expect_json '.changes | length == 11'
! grep -q SCRAM "$folder/out" || fail 'a password is shown'
# Little is read for it.
expect_json '.read_bytes > 0'

# Backwards, by default, and for people.
incant --json --quiet diff "$second" "$first"
expect_change database added zoo ''
incant --json --quiet diff
expect_json ".before.id == \"$first\" and .after.id == \"$second\""
incant diff "$first"
expect_exit 0
grep -qx 'database shop' "$folder/out" || fail 'the database is not named'
grep -qx '  + CREATE INDEX public.orders by_what' "$folder/out" || fail 'the index is not told of'
grep -qx '  ~ table public.orders' "$folder/out" || fail 'the rows are not told of'
incant --json --quiet diff "$first" 19990101T000000Z
expect_exit 6
incant --json --quiet diff a b c
expect_exit 2
