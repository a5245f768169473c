#!/bin/bash
# Goal: on the source's own server every database of a backup comes back beside the live one, under any name, with all
# that belongs to it, and nothing that lives is touched.
. "$(dirname "$0")/lib.sh"

# What a dump says of all but the databases that a restore made.
live() {
    PGHOST=$folder/source PGUSER=postgres "$pg_bindir/pg_dumpall" --exclude-database='*_incant_*' | same_keys
}

# beside NAME: what it is called.
beside() {
    jq -r --arg name "$1" '.databases[] | select(.name == $name) | .restored_as' "$folder/restored"
}

# settings_of DATABASE: what is kept about a database itself, but for the mark.
settings_of() {
    sql source postgres "SELECT pg_encoding_to_char(encoding), datcollate, datctype, datdba, datistemplate,
        datconnlimit, dattablespace, datacl, shobj_description(oid, 'pg_database'),
        (SELECT array_agg(setrole || ' ' || c ORDER BY setrole, c) FROM pg_db_role_setting, unnest(setconfig) c
            WHERE setdatabase = d.oid AND c !~ '^incant_backup')
        FROM pg_database d WHERE datname = \$name\$$1\$name\$"
}

server_start source
load_nasty source 1000
long=$(printf 'x%.0s' {1..60})
sql source postgres "CREATE DATABASE \"${long}one\"" "CREATE DATABASE \"${long}two\""
sql source "${long}one" 'CREATE TABLE one (a int)' 'INSERT INTO one VALUES (1)'
sql source "${long}two" 'CREATE TABLE two (a int)' 'INSERT INTO two VALUES (2), (3)'
settings_write source
backup
first=$backup_id
live >"$folder/before"

# The plan names what would be made, and makes nothing.
incant --json --quiet restore --dry-run
expect_exit 0
expect_json 'all(.databases[]; .obstacle == null)' \
    "any(.databases[]; .name == \"nasty\" and .restored_as == \"nasty_incant_$backup_id\")"
live >"$folder/after"
same_files "$folder/before" "$folder/after" 'the server after a dry run'

incant --json --quiet restore
expect_exit 0
cp "$folder/out" "$folder/restored"
expect_json '.dropped == null' "any(.databases[]; .name == \"postgres\" and .restored_as == \"postgres_incant_$backup_id\")" \
    'all(.databases[]; .restored_as | utf8bytelength <= 63)' '[.databases[].restored_as] | unique | length == length'
[ "$(sql source "$(beside "${long}two")" 'SELECT sum(a) FROM two')" = 5 ] || fail 'the long names were mixed up'

# Nothing live was touched.
live >"$folder/after"
same_files "$folder/before" "$folder/after" 'the server after a restore beside it'

# Each is what it is a copy of: its rows, and what is kept about it in the cluster; some to the last definition.
backup
incant --json --quiet show --tables
expect_exit 0
jq -c --slurpfile restored "$folder/restored" '.contents | map({key: .database, value: .tables}) | from_entries as $of |
    $restored[0].databases[] | [.name, $of[.name] == $of[.restored_as]]' "$folder/out" >"$folder/same"
grep -q true "$folder/same" || fail 'no database was compared'
! grep -v ',true]$' "$folder/same" || fail 'a copy has not the rows of the original'
jq -r '.databases[].name | select(. != "postgres" and . != "template1")' "$folder/restored" |
    while read -r name; do # a dump says nothing of those two themselves
        settings_of "$name" >"$folder/of.live" </dev/null
        settings_of "$(beside "$name")" >"$folder/of.copy" </dev/null
        same_files "$folder/of.live" "$folder/of.copy" "what is kept about the copy of $name"
    done
for name in nasty latin1 eucjp postgres; do
    for database in "$name" "$(beside "$name")"; do
        "$pg_bindir/pg_dump" "$(conninfo source) dbname='$database'" | same_keys |
            "$tree/tests/scenario/normalise_dump" >"$folder/dump.$([ "$database" = "$name" ] && echo live || echo copy)"
    done
    same_files "$folder/dump.live" "$folder/dump.copy" "the dump of the copy of $name"
done

# One by name; a second time it is in the way; and what people are told.
incant restore "$backup_id" --database 'with space'
expect_exit 0
grep -qF "dbname='\\''with space_incant_$backup_id'\\'''" "$folder/out" || fail 'there is no line for psql'
bash -c "$(sed -n 's/^  look at it:  //p' "$folder/out") --no-psqlrc --command='SELECT 1' >/dev/null" || fail 'the line for psql does not run'
incant --json --quiet restore "$backup_id" --database 'with space'
expect_error 9 restore "database with space_incant_$backup_id exists already"
incant restore "$backup_id" --database nasty --to source --dry-run
expect_exit 0

# The source named as another server is refused.
incant --json --quiet restore --to "$(conninfo source)"
expect_error 9 restore 'the server that the backup was taken from'
