#!/bin/bash
# Goal: a store that is full is named with exit code 5, no backup is listed, and the space is given back
. "$(dirname "$0")/lib.sh"

need_root 'a small file system'
server_start source
load_small source
mkdir "$folder/store"
mount -t tmpfs -o size=2m,mode=700 tmpfs "$folder/store"
used() {
    df --output=used "$folder/store" | tail -n 1
}

settings_write source
backup
used_before=$(used)

# Full in the middle of the dump.
load_bulk source 20
incant --json --quiet backup
expect_error 5 store 'No space left on device'
expect_json '.backup == null'
expect_backups 1
expect_no_rubbish
[ "$(used)" -le $((used_before + 4)) ] || fail 'the space was not given back'
sql source postgres 'DROP DATABASE bulk'

# Full at every point of a run, to the page: an error each time, until all fits.
free_kib=0
while :; do
    rm -rf "$folder/store/test"
    dd if=/dev/zero of="$folder/store/ballast" bs=1K status=none 2>/dev/null || true
    truncate --size=-"${free_kib}K" "$folder/store/ballast"
    incant --json --quiet backup
    [ "$status" -ne 0 ] || break
    expect_error 5 store 'No space left on device'
    incant --json --quiet list
    expect_json '.backups == []'
    expect_no_rubbish
    free_kib=$((free_kib + 4))
    [ "$free_kib" -lt 400 ] || fail 'no backup even with 400 KiB'
done
[ "$free_kib" -ge 12 ] || fail 'the file system was not full at all'
rm "$folder/store/ballast"
expect_backups 1
expect_clean_store

# There is less space than the last backup took: refused before anything is dumped.
sql source postgres 'CREATE DATABASE bulk'
sql source bulk 'CREATE TABLE noise AS SELECT md5(i::text) AS a FROM generate_series(1, 40000) AS i'
backup
dd if=/dev/zero of="$folder/store/ballast" bs=1K status=none 2>/dev/null || true
incant --json --quiet backup
expect_error 5 store ' free'
expect_json '.error.hint | length > 0'
rm "$folder/store/ballast"
expect_backups 2
