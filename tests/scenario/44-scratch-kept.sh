#!/bin/bash
# Goal: restore --to scratch leaves a server that can be looked at and ended; backup --verify proves at once
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_scratch.sh"

server_start source
load_small source
settings_write source
settings_scratch
incant --json --quiet backup --verify
expect_exit 0
expect_json '.proof.ok and .proof.rows == 1002' '.backup.proof.ok and .backup.proof.scratch == "cluster"'
expect_no_scratch
sed -i 's/^memory = .*/&\nafter-backup = yes/' "$folder/settings"
incant backup
expect_exit 0
grep -q 'proven: .*1,002 rows' "$folder/out" || fail 'the proof is not told of'
incant --json --quiet list
expect_json '.backups | length == 2 and all(.[]; .proof.ok)'

incant --json --quiet restore --to scratch
expect_exit 0
expect_json '[.databases[] | select(.restored_as != null)] | length >= 2'
conninfo=$(jq -r .conninfo "$folder/out")
kept() {
    psql --no-psqlrc -At "$conninfo dbname=$1" -c "$2"
}
[ "$(kept shop 'SELECT count(*) FROM orders')" = 1000 ] || fail 'the rows are not there'
[ "$(kept shop 'SHOW port')" = 5432 ] && [ -z "$(kept shop 'SHOW listen_addresses')" ] || fail 'the server listens'
# What a dump makes the server do finds neither files of others nor a network.
[ "$(kept shop "CREATE TABLE who (w text); COPY who FROM PROGRAM 'id -un; cat /proc/net/dev | wc -l'; SELECT w FROM who" |
    tail -n 2 | tr '\n' ' ')" = 'nobody 3 ' ] || fail 'the server may more than it should'
! setpriv --reuid=nobody --regid=nogroup --clear-groups ls "$folder/scratch"/*/data >/dev/null 2>&1 ||
    fail 'another process of nobody sees the data'
incant --json --quiet verify --restore # goes on beside it, and leaves it alone
expect_exit 0
incant scratch list
grep -q 'psql "host=' "$folder/out" || fail 'it is not listed'
incant --json --quiet scratch list
expect_json '.servers | length == 1' '.servers[0].server | test("^cluster in ")'
kept shop 'SELECT 1' >/dev/null
incant --json --quiet scratch end
expect_exit 0
expect_json '.ended == 1'
expect_no_scratch
incant --json --quiet scratch list
expect_json '.servers == []'

# A restore that fails leaves none, and what makes no sense is refused.
incant --json --quiet restore --to scratch --database absent
expect_exit 6
expect_no_scratch
incant --json --quiet restore --to scratch --dry-run
expect_exit 2
incant --json --quiet restore --scratch cluster
expect_error 2 usage '--to scratch'
