#!/bin/bash
# Goal: runs at the same time do not hurt one another: one writer a source, and what is being read is not removed
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_rotation.sh"
. "$(dirname "$0")/lib_failing.sh"
export TZ=UTC

server_start source
load_small source
dump source >"$folder/dump"
dumper bin "cat $folder/dump"
settings_two_stores source
printf '[scratch]\npg-bindir = %s\n' "$pg_bindir" >>"$folder/settings"
keep_rules 'last = 1' 'daily = 0' 'weekly = 0' 'monthly = 0'
backup --no-prune --no-push
plant "$folder/stores/local" "$backup_id" "$(days_ago 2)"
old=$planted
cp -a "$folder/stores" "$folder/as-it-was"
server_create target
server_run target

process_stopped() {
    [ "$(ps -o stat= -p "$1" | cut -c 1)" = T ]
}

# as_it_was: the stores, and a server without databases.
as_it_was() {
    rm -rf "$folder/stores"
    cp -a "$folder/as-it-was" "$folder/stores"
    sql target postgres 'DROP DATABASE IF EXISTS shop' 'DROP DATABASE IF EXISTS zoo' 2>/dev/null
}

# reading COMMAND…: reads the old backup, and is stopped in the middle of it, when rotation comes by.
reading() {
    as_it_was
    FAIL_UNDER=$under FAIL_HOW=stop FAIL_AT=$((calls - 1)) FAIL_LOG=$folder/log LD_PRELOAD=$folder/failing.so \
        "$program" --config "$folder/settings" --quiet "$@" >"$folder/read" 2>&1 </dev/null &
    incant_pid=$!
    wait_until 60 process_stopped "$incant_pid" || fail "$* is not stopped"
    incant --json --quiet prune --store local
    if [ "$status" -ne 10 ]; then # that of a run which holds the source's lock
        expect_exit 0
        expect_json '.verdicts[] | select(.id == "'"$old"'") | .keep and (.reason | contains("being read"))'
    fi
    kill -CONT "$incant_pid"
    incant_end
    rm -f "$under/proof.json" # the newest proven one would stay
    [ "$status" -eq 0 ] || fail "$*: exit status $status, $(cat "$folder/read")"
    incant --json --quiet prune --store local
    expect_exit 0
    [ ! -e "$under" ] || fail "$* holds the backup for ever"
}
under=$folder/stores/local/test/$old
failing "$under" stop 0 --quiet cat "$old"
expect_exit 0
# All of them list the store and then read; what any other reads is no less than what this does.
calls=$(cut -d ' ' -f 2 "$folder/log")
reading verify --all
reading cat "$old"
reading push "$old"
reading restore "$old" --to "$(conninfo target)"
reading verify --restore "$old"

# Two backups at once: one is made, or both, when the second may wait. A prune waits likewise.
as_it_was
keep_rules 'last = 9' 'daily = 0' 'weekly = 0' 'monthly = 0'
dumper bin "[ ! -e $folder/gate ] || cat $folder/gate >/dev/null; cat $folder/dump"
mkfifo "$folder/gate"
"$program" --config "$folder/settings" --quiet backup >"$folder/one" 2>&1 &
one=$!
exec 7>"$folder/gate" # opens when the first run's dumper reads it
for command in backup prune push; do
    incant --json --quiet $command
    expect_error 10 busy 'backup, pid'
done
incant --quiet unpin "$old" # needs no lock
expect_exit 0
"$program" --config "$folder/settings" --quiet prune --wait 60s >"$folder/two" 2>&1 7>&- &
two=$!
rm "$folder/gate"
exec 7>&-
wait "$one" || fail "the first backup: $(cat "$folder/one")"
wait "$two" || fail "the prune that waited: $(cat "$folder/two")"
incant --json --quiet verify --all
expect_exit 0
expect_json '[.backups[] | select(.store == "local")] | length == 3'
