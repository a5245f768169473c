#!/bin/bash
# Goal: PostgreSQL's own regression database and security labels survive backup, restore and another dump
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_regression.sh"
. "$(dirname "$0")/lib_scratch.sh"

server_start source
load_regression source
server_stop source
server_create target
use_labels source target
server_run source
server_run target
load_labels source

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
expect_json '.proof.ok and .proof.tables > 400 and .proof.differences == []'

incant --json --quiet restore --to "$(conninfo target)"
expect_exit 0
"$tree/tests/scenario/normalise_dump" <"$folder/dumped" >"$folder/expected"
dump target | "$tree/tests/scenario/normalise_dump" >"$folder/found"
same_files "$folder/expected" "$folder/found" 'the dump of the restored cluster'
