#!/bin/bash
# Goal: PostgreSQL's own regression database, pgbench's and security labels survive backup, restore over 1, 2 and 8 connections, and another dump
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_regression.sh"
. "$(dirname "$0")/lib_scratch.sh"

server_start source
load_regression source
server_stop source
use_labels source
server_run source
load_labels source
sql source postgres 'CREATE DATABASE bench'
"$pg_bindir/pgbench" --initialize --quiet --foreign-keys --partitions=3 --scale=1 "$(conninfo source) dbname=bench" \
    2>"$folder/pgbench.log" || fail "pgbench: $(tail -n 3 "$folder/pgbench.log")"
sql source bench 'DELETE FROM pgbench_accounts WHERE aid % 20 <> 0' # more rows prove no more

settings_write source
backup
dump source >"$folder/dumped"
incant cat
same_keys <"$folder/out" >"$folder/found"
same_files "$folder/dumped" "$folder/found" 'what cat writes'
incant --json --quiet verify
expect_exit 0

# Proven, too: with columns of children in another order, and a library to be loaded first.
settings_scratch "preload = $folder/modules/dummy_seclabel.so"
incant --json --quiet verify --restore
expect_exit 0
expect_json '.proof.ok and .proof.tables > 400 and .proof.rows > 5000 and .proof.differences == []'

"$tree/tests/scenario/normalise_dump" <"$folder/dumped" >"$folder/expected"
for jobs in 1 2 8; do
    server_create "target$jobs"
    use_labels "target$jobs"
    server_run "target$jobs"
    incant --json --quiet restore --to "$(conninfo "target$jobs")" --jobs "$jobs"
    expect_exit 0
    dump "target$jobs" | "$tree/tests/scenario/normalise_dump" >"$folder/found"
    same_files "$folder/expected" "$folder/found" "the dump of the cluster restored with --jobs $jobs"
    server_stop "target$jobs"
done
