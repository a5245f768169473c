#!/bin/bash
# Goal: ended by a signal at any time, kill -9 included, a backup is whole or not there, and the next run cleans up
. "$(dirname "$0")/lib.sh"

server_start source
load_small source
load_bulk source 5
# All are counted, so none is rotated away.
settings_write source 'lock-timeout = 300s' 'compression = zstd:9' '[keep]' 'last = 1000'
backup
good=1

# In the middle of a dump: cleaned up at once, the dumper and its connection ended too.
for signal in TERM INT HUP; do
    lock_table source zoo animals
    incant_begin --json --quiet backup
    wait_until 20 dump_waits source || fail 'the dump does not wait for the lock'
    kill -"$signal" "$incant_pid"
    incant_end
    expect_error $((128 + $(kill -l "$signal"))) interrupted "SIG$signal"
    expect_backups "$good"
    expect_no_rubbish
    unlock_table source
    wait_until 10 test "$(dump_backends source)" = 0 || fail "SIG$signal leaves connections behind"
done

# kill -9: nothing can be cleaned up then. No backup is seen, and the next run finds what is left.
lock_table source zoo animals
incant_begin --json --quiet backup
wait_until 20 dump_waits source || fail 'the dump does not wait for the lock'
kill -9 "$incant_pid"
incant_end
expect_backups "$good"
incant_begin --json --quiet backup
sleep 0.5
unlock_table source
incant_end
expect_exit 0
good=$((good + 1))
expect_backups "$good"
expect_clean_store
wait_until 10 test "$(dump_backends source)" = 0 || fail 'connections of a killed run are still there'

# At random times.
began=$(date +%s%N)
backup
took_ms=$((($(date +%s%N) - began) / 1000000))
good=$((good + 1))
RANDOM=${SEED:=$$}
for ((i = 0; i < ${INCANT_KILLS:-6}; i++)); do
    signals=(KILL TERM KILL INT)
    signal=${signals[i % 4]}
    incant_begin --json --quiet backup
    delay_ms=$((RANDOM % (took_ms + 50)))
    sleep "$(printf '%d.%03d' $((delay_ms / 1000)) $((delay_ms % 1000)))"
    kill -"$signal" "$incant_pid" 2>/dev/null || true
    incant_end
    case $status in
    0) good=$((good + 1)) ;;
    130 | 137 | 143) ;;
    *) fail "exit status $status after SIG$signal at $delay_ms ms (SEED=$SEED)" ;;
    esac
    incant --json --quiet list
    # Killed between the manifest and the exit, a run has made its backup all the same.
    listed=$(jq '.backups | length' "$folder/out")
    if [ "$listed" -ne "$good" ] && [ "$status" -ne 0 ] && [ "$listed" -eq $((good + 1)) ]; then
        good=$listed
    fi
    [ "$listed" -eq "$good" ] || fail "$listed backups, not $good, after SIG$signal at $delay_ms ms (SEED=$SEED)"
done
backup
expect_backups $((good + 1))
expect_clean_store
wait_until 10 test "$(dump_backends source)" = 0 || fail 'connections of killed runs are still there'
