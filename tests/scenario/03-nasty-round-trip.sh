#!/bin/bash
# Goal: a nasty cluster restored into an empty one and dumped again is the same dump
. "$(dirname "$0")/lib.sh"

server_start source
load_nasty source 100000000
settings_write source
backup
dump source >"$folder/expected"

# Into the source itself: refused, it has the same system identifier.
incant --json --quiet restore --to "$(conninfo source)"
expect_exit 9
expect_json '.error.class == "restore"'

# Both clusters are on one machine, and a tablespace is a folder's path: the target gets an empty one.
server_stop source
mv "$folder/source.tablespace" "$folder/kept"
mkdir "$folder/source.tablespace"
[ "$(id -u)" -ne 0 ] || chown postgres: "$folder/source.tablespace"
server_start target

# A plan changes nothing.
dump target >"$folder/empty"
incant --json --quiet restore --to "$(conninfo target)" --dry-run
expect_exit 0
expect_json '[.databases[].name] | (contains(["nasty"]) and contains(["quote\"d'"'"'both"]))'
dump target >"$folder/found"
same_files "$folder/empty" "$folder/found" 'the target, after a dry run'

incant --json --quiet restore --to "$(conninfo target)"
expect_exit 0
expect_json ".backup.id == \"$backup_id\"" '.read_bytes > 0' '.seconds > 0' \
    '[.databases[] | select(.name == "nasty" and .restored_as == "nasty")] | length == 1'
dump target >"$folder/found"
same_files "$folder/expected" "$folder/found" 'the dump of the restored cluster'

# A second time: refused before anything is done, and the obstacle is named.
incant --json --quiet restore --to "$(conninfo target)"
expect_exit 9
expect_json '.error.class == "restore"' '.error.message | test("exists already")'
incant --json --quiet restore --to "$(conninfo target)" --dry-run
dump target >"$folder/found"
same_files "$folder/expected" "$folder/found" 'the target, after a refused restore'

# One database alone, with the roles it needs; the rest stays away.
server_start other
incant --json --quiet restore --database 'quote"d'"'"'both' --database ascii --to "$(conninfo other)"
expect_exit 0
expect_json '[.databases[].name] | sort == ["ascii", "quote\"d'"'"'both"]'
[ "$(sql other postgres "SELECT string_agg(datname, ',' ORDER BY datname) FROM pg_database
    WHERE datname NOT IN ('postgres', 'template0', 'template1')")" = "ascii,quote\"d'both" ] ||
    fail 'other databases than those asked for'
[ "$(sql other ascii 'SELECT count(*) FROM bytes')" = 5 ] || fail 'rows are missing'
incant --json --quiet restore --database absent --to "$(conninfo other)"
expect_error 6 not-found absent
