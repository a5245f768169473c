#!/bin/bash
# Goal: one table out of an encrypted archive, in a folder or a bucket, costs its frames, their chunks and the index
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_age.sh"
. "$(dirname "$0")/lib_s3.sh"

gateway_start
server_start source
load_small source
load_bulk source 60
key owner
sealed_write source "$(recipient owner)"
settings_s3 bucket '' "encrypt-to = $(recipient owner)"
sed -i 's#^\[dump\]#&\nframe-size = 256KiB#' "$folder/settings"
backup
with_identity "$folder/owner.key"
sealed=$folder/sealed/test/$backup_id
archive_bytes=$(stat -c %s "$sealed/cluster.sql.zst.age")
record_bytes=$(stat -c %s "$sealed/contents.json.zst.age")

# read_bytes STORE ARGUMENT…: what cat says that it read.
read_bytes() {
    local store=$1
    shift
    incant --verbose cat --store "$store" "$@"
    expect_exit 0
    sed -n 's/.*wrote [0-9]* bytes, read \([0-9]*\) bytes from the store/\1/p' "$folder/err"
}

# The record; header and last chunk, to prove the archive; two frames at most, which touch at most a chunk more
# than they fill.
for store in sealed bucket; do
    small=$(read_bytes $store --database zoo --table animals)
    grep -q '^gnu$' "$folder/out" || fail 'the table is not what was asked for'
    limit=$((record_bytes + 2048 + 16 + 65552 + 4 * 2 * 65552))
    [ "$small" -le "$limit" ] || fail "a small table in $store costs $small bytes, more than $limit"
    [ "$small" -lt $((archive_bytes / 10)) ] || fail "a small table in $store costs $small of $archive_bytes bytes"
    [ $store = sealed ] || fetched=$(sed -n 's/.*status 206, \([0-9]*\) bytes/\1/p' "$folder/err" | awk '{ sum += $1 } END { print sum }')
    whole=$(read_bytes $store)
    [ "$whole" -le $((archive_bytes + record_bytes + 2048 + 16 + 65552 * 3)) ] ||
        fail "the whole in $store costs $whole bytes, the archive has $archive_bytes"
done
# What really came over the line.
[ "$fetched" -gt 0 ] && [ "$fetched" -lt $((archive_bytes / 2)) ] || fail "a small table fetched $fetched of $archive_bytes bytes"
