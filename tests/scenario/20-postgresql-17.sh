#!/bin/bash
# Goal: version 17 as well: its new kinds of things survive backup and restore, an upgrade works, and a downgrade where nothing stands against it
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_postgresql_17.sh"

postgresql_17_unpack
postgresql_17_use source source.tablespace target boss upgraded old old.tablespace small new new.tablespace
server_start source
sql_file source "$tree/tests/data/postgresql_17.sql" --set=large_objects=1500 2>"$folder/err" ||
    fail 'tests/data/postgresql_17.sql does not load'
load_nasty source
settings_write source
backup
newer=$backup_id

# Byte for byte its dump, and every statement of it is of a kind that is known.
dump source >"$folder/dumped"
incant cat
expect_exit 0
same_keys <"$folder/out" >"$folder/found"
same_files "$folder/dumped" "$folder/found" 'what cat writes'
zstd --quiet --decompress --stdout "$backup_folder/contents.json.zst" >"$folder/out"
expect_json '[.contents.sections[].statements[][0]] | length > 500 and all(. != "OTHER")' \
    '[.contents.sections[] | select(.database == "modern").large_objects | length] == [1500]'
incant --json --quiet show
expect_json '.backup.server_version | startswith("17.")'
incant --json --quiet verify
expect_exit 0
server_stop source

# Both clusters have their tablespace at the same place.
empty_tablespace() {
    rm -rf "$folder/$1.tablespace"/*
}

empty_tablespace source
server_start target
incant --json --quiet restore --to "$(conninfo target)"
expect_exit 0
dump target >"$folder/found"
same_files "$folder/dumped" "$folder/found" 'the dump of the restored cluster'
server_stop target

# The target's first superuser has another name. Since version 16 nobody else may grant just like that; so he
# becomes the grantor, which is said, and nothing else differs.
empty_tablespace source
server_start boss --username=boss
incant --json --quiet restore --to "host=$folder/boss user=boss"
expect_exit 0
grep -q 'role postgres may not grant memberships on the target: boss grants them there' "$folder/err" ||
    fail 'nothing is said of another grantor'
LC_ALL=C sed 's/GRANTED BY postgres;$/GRANTED BY boss;/' "$folder/dumped" | LC_ALL=C sort >"$folder/expected"
PGHOST=$folder/boss PGUSER=boss "$pg_bindir/pg_dumpall" | same_keys |
    LC_ALL=C sed '/^\(CREATE\|ALTER\) ROLE boss\b/d' | LC_ALL=C sort >"$folder/found"
same_files "$folder/expected" "$folder/found" 'the dump of the cluster of another superuser'
server_stop boss

# From this machine's own version to 17: the same databases, tables and rows.
rows_of() {
    incant --json --quiet show "$1" --tables
    expect_exit 0
    jq -cS '.contents[] | .database as $d | .tables[] | [$d, .schema, .name, .rows, .digest]' "$folder/out" | sort
}

postgresql_own_use
server_start old
load_nasty old
# Before version 16 a role that may create roles grants what it was never given.
sql old postgres 'CREATE ROLE maker CREATEROLE' 'CREATE ROLE made'
own=$(($(sql old postgres 'SHOW server_version_num') / 10000))
[ "$own" -ge 16 ] || sql old postgres 'SET ROLE maker' 'GRANT plain TO made'
settings_write old
backup_suspect # it has no database modern
older=$backup_id
rows_of "$older" >"$folder/expected"
server_stop old
empty_tablespace old
postgresql_17_use
server_start upgraded
incant --json --quiet restore "$older" --to "$(conninfo upgraded)"
expect_exit 0
settings_write upgraded
backup_suspect # it has no database modern
rows_of "$backup_id" >"$folder/found"
[ "$(wc -l <"$folder/found")" -gt 50 ] || fail 'fewer tables than there are'
same_files "$folder/expected" "$folder/found" 'the list of tables and rows after the upgrade'
[ "$own" -ge 16 ] || [ "$(sql upgraded postgres "SELECT grantor::regrole FROM pg_auth_members
    WHERE roleid = 'plain'::regrole AND member = 'made'::regrole")" = postgres ] ||
    fail 'a membership is missing after the upgrade'

# The other way what cannot work is named, before anything is done.
postgresql_own_use
empty_tablespace source
server_start lower
dump lower >"$folder/expected"
incant --json --quiet restore "$newer" --to "$(conninfo lower)" --dry-run
if [ "$own" -lt 17 ]; then
    expect_error 9 restore 'need version 17'
    expect_json '[.databases[].obstacle | select(. != null)] | any(test("the locale provider builtin need version 17"))
        and any(test("event triggers at login need version 17")) and any(test("JSON_TABLE need version 17"))
        and any(test("does not know the setting transaction_timeout"))'
    incant --json --quiet restore "$newer" --to "$(conninfo lower)"
    expect_error 9 restore 'need version 17'
    dump lower >"$folder/found"
    same_files "$folder/expected" "$folder/found" 'the target, after a refused restore'
else
    expect_exit 0
fi

# And where nothing stands against it, it goes: what only sets up a session, or says what an older server takes for
# granted, is left out.
postgresql_17_use
server_start new
load_nasty new
settings_write new
backup_suspect # it has no database modern
rows_of "$backup_id" >"$folder/expected"
incant cat
grep -q '^SET transaction_timeout = 0;$' "$folder/out" || fail 'the dump is not one of version 17'
server_stop new
empty_tablespace new
postgresql_own_use
incant --json --quiet restore "$backup_id" --to "$(conninfo lower)"
expect_exit 0
settings_write lower
backup_suspect # it has no database modern
rows_of "$backup_id" >"$folder/found"
same_files "$folder/expected" "$folder/found" 'the list of tables and rows after the downgrade'
[ "$(sql lower postgres "SELECT admin_option FROM pg_auth_members
    WHERE roleid = 'plain'::regrole AND member = '\"quote\"\"d\"'::regrole")" = t ] ||
    fail 'a membership has lost its option'
server_stop lower

# But a server of this machine's version that was dumped by the pg_dumpall of 17 goes back into one like it, though
# the dump sets a timeout that it may not know.
server_start small
sql small postgres 'CREATE FUNCTION one() RETURNS int LANGUAGE sql AS $$SELECT 1$$'
postgresql_17_use
settings_write small
backup_suspect
incant cat
grep -q '^SET transaction_timeout = 0;$' "$folder/out" || fail 'the dump is not one of version 17'
postgresql_own_use
server_start second
incant --json --quiet restore --to "$(conninfo second)"
expect_exit 0
[ "$(sql second postgres 'SELECT one()')" = 1 ] || fail 'the function is missing'
