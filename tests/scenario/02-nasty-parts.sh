#!/bin/bash
# Goal: cat gives the globals, one database or one table, and reads only the frames that hold it
. "$(dirname "$0")/lib.sh"

server_start source
load_nasty source
load_bulk source 10
settings_write source 'frame-size = 64KiB'
backup
incant cat
mv "$folder/out" "$folder/whole"

# The parts, one behind another, are the whole.
incant --json --quiet show --tables
expect_exit 0
mv "$folder/out" "$folder/contents"
incant cat --globals
expect_exit 0
grep -q '^CREATE ROLE "with space";$' "$folder/out" || fail 'the globals have no roles'
mv "$folder/out" "$folder/parts"
jq -r '.contents[].database' "$folder/contents" >"$folder/databases"
while read -r database; do
    incant cat --database "$database"
    expect_exit 0
    cat "$folder/out" >>"$folder/parts"
done <"$folder/databases"
same_files "$folder/whole" "$folder/parts" 'the parts together'

# A table by its quoted name is its COPY block: as many rows as recorded, and they stand in the dump so.
jq -r '.contents[] | .database as $d | select($d | IN("latin1", "eucjp") | not) | .tables[]
    | [$d, (.schema | gsub("\""; "\"\"")), (.name | gsub("\""; "\"\"")), .rows] | @json' \
    "$folder/contents" >"$folder/tables"
while read -r line; do
    database=$(jq -r '.[0]' <<<"$line")
    table=$(jq -r '"\"\(.[1])\".\"\(.[2])\""' <<<"$line")
    incant cat --database "$database" --table "$table"
    [ "$status" -eq 0 ] || fail "cat of table $table in $database: $(cat "$folder/err")"
    head -c 5 "$folder/out" | grep -q '^COPY ' || fail "table $table in $database: not a COPY block"
    [ "$(tail -n 1 "$folder/out")" = '\.' ] || fail "table $table in $database: no end of the COPY block"
    # Names may contain newlines, so the statement's end is looked for, not its line.
    rows=$(jq '.[3]' <<<"$line")
    found=$(LC_ALL=C sed '0,/ FROM stdin;$/d' "$folder/out" | wc -l)
    [ "$((found - 1))" -eq "$rows" ] || [ "$(jq -r '.[2]' <<<"$line" | wc -l)" -gt 1 ] ||
        [ "$(jq -r '.[2]' <<<"$line")" = 'COPY x FROM stdin;' ] ||
        fail "table $table in $database: $((found - 1)) rows, $rows are recorded"
done <"$folder/tables"

# The rows are those of the server.
incant cat --database nasty --table public.rows
sql source nasty 'COPY public.rows TO stdout' >"$folder/expected"
sed '1d; $d' "$folder/out" >"$folder/found"
same_files "$folder/expected" "$folder/found" 'the rows of public.rows'

# Names in another encoding are given as the bytes that they are in the dump.
incant cat --database latin1 --table "$(printf '"sch\366n"."gr\366\337e"')"
expect_exit 0
[ "$(LC_ALL=C sed '1d; $d' "$folder/out" | iconv -f latin1 -t utf8 | head -n 1)" = "$(printf 'Ärger\t1')" ] ||
    fail 'not the rows of a table in LATIN1'

# In one word, without schema, and what cannot be found.
incant cat --table nasty.public.rows
expect_exit 0
incant cat --database nasty --table hen
expect_exit 0
incant --quiet cat --database nasty --table public.absent
expect_exit 6
expect_error_line public.absent
incant --quiet cat --database absent
expect_exit 6
expect_error_line absent

# Only the frames that hold the table are read: the bulk of the archive may be destroyed.
archive=$backup_folder/cluster.sql.zst
incant cat --database nasty --table public.hen
mv "$folder/out" "$folder/expected"
chmod u+w "$archive"
size=$(stat -c %s "$archive")
dd if=/dev/zero of="$archive" bs=4096 seek=$((size / 4 / 4096)) count=64 conv=notrunc status=none
incant cat --database nasty --table public.hen
expect_exit 0
same_files "$folder/expected" "$folder/out" 'the table, read from a damaged archive'
incant --quiet cat --database bulk --table public.noise
expect_exit 7
expect_error_line cluster.sql.zst
