#!/bin/bash
# Goal: a backup of a nasty cluster is its dump byte for byte, its record is true, and other programs read it
. "$(dirname "$0")/lib.sh"

server_start source
load_nasty source 100000000
settings_write source
backup --label 'nasty ★ "label"'

# Byte for byte what the server's own pg_dumpall says.
dump source >"$folder/expected"
incant cat
expect_exit 0
same_keys <"$folder/out" >"$folder/found"
same_files "$folder/expected" "$folder/found" 'what cat writes'

# Other programs read the archive.
zstd --quiet --decompress --stdout "$backup_folder/cluster.sql.zst" >"$folder/found"
same_files "$folder/out" "$folder/found" 'what zstd -dc writes'
(cd "$backup_folder" && sha256sum --quiet --strict --check SHA256SUMS) || fail 'sha256sum -c finds fault'
zstd --quiet --test "$backup_folder/contents.json.zst" || fail 'zstd -t finds fault in the contents'
jq -e . "$backup_folder/manifest.json" >/dev/null || fail 'the manifest is not JSON'

# The totals are those of the cluster.
incant --json --quiet list
expect_json '.backups | length == 1' '.backups[0].label == "nasty ★ \"label\""' \
    ".backups[0].id == \"$backup_id\"" ".backups[0].plain_bytes == $(stat -c %s "$folder/found")"

# Every table of every database, with its rows, is what the server itself counts. (Names in a database that is
# not in UTF-8 cannot be compared as text.)
count_rows="SELECT json_build_object('database', current_database(), 'schema', nspname, 'name', relname, 'rows',
    (xpath('/row/n/text()', query_to_xml(format('SELECT count(*) AS n FROM ONLY %I.%I', nspname, relname),
        false, true, '')))[1]::text::bigint)
    FROM pg_class JOIN pg_namespace AS n ON n.oid = relnamespace
    WHERE relkind = 'r' AND nspname NOT IN ('pg_catalog', 'information_schema')"
sql source postgres "SELECT datname FROM pg_database WHERE datallowconn AND NOT datistemplate
    AND pg_encoding_to_char(encoding) IN ('UTF8', 'SQL_ASCII')" |
    while read -r database; do
        sql source "dbname='$(printf %s "$database" | sed "s/[\\\\']/\\\\&/g")'" "$count_rows"
    done | jq -cS . | sort >"$folder/expected"
[ "$(wc -l <"$folder/expected")" -gt 50 ] || fail 'the server counts fewer tables than it has'
incant --json --quiet show --tables
expect_exit 0
expect_json '.backup.databases == (.contents | length)' '.backup.tables == ([.contents[].tables[]] | length)' \
    '.backup.rows == ([.contents[].tables[].rows] | add)' \
    '[.contents[].tables[].digest | test("^[0-9a-f]{32}$")] | all'
jq -cS '.contents[] | .database as $d | select($d | IN("template1", "a template", "latin1", "eucjp") | not) | .tables[]
    | {database: $d, schema, name, rows}' "$folder/out" | sort >"$folder/found"
same_files "$folder/expected" "$folder/found" 'the list of tables and rows'

# For people: the same, and nobody's control characters on the terminal.
incant show --tables
expect_exit 0
grep -q 'Tabelle 資料' "$folder/out" || fail 'show --tables does not name a table'
! LC_ALL=C grep -q "$(printf '[\001-\010\013-\037]')" "$folder/out" || fail 'control characters in the output'

# On a terminal a bar tells how far the dump is, how fast, and how long it will take: the last one was as large.
script --quiet --return --log-out "$folder/screen" \
    --command "'$program' --config '$folder/settings' backup" >/dev/null </dev/null || fail 'no backup on a terminal'
grep -qaE 'dump: .+ of .+ \([0-9]+%\), .+/s, .+ left' "$folder/screen" || fail 'no progress on a terminal'
incant backup
expect_exit 0
! grep -qaE 'dump: .+ of .+ \([0-9]+%\)' "$folder/err" || fail 'a bar where there is no terminal'
