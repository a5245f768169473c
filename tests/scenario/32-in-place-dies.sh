#!/bin/bash
# Goal: whenever a restore in place dies, or the server under it, the live database is the old or the new one, whole and
# open to everybody, and the next run finds what is half done. INCANT_SWAP_DEATHS says how often (default 6).
. "$(dirname "$0")/lib.sh"

deaths=${INCANT_SWAP_DEATHS:-6}

# whole: what shop holds, "old" or "new"; anything else is a failure.
whole() {
    local found
    found=$(sql source shop "SELECT count(*), min(what), max(what) FROM orders" 2>&1) || fail "shop cannot be used: $found"
    case $found in
    '1000|backed up|backed up') echo new ;;
    '2000|backed up|later') echo old ;;
    *) fail "half a database: $found" ;;
    esac
}

# clean: what stands beside, whole, is dropped as a person would; what is half, and what was kept, by the program.
clean() {
    local left
    incant --quiet restore --finalize --yes-i-mean test
    expect_exit 0
    left=$(sql source postgres "SELECT datname FROM pg_database WHERE datname ~ '_incant_'")
    [ -z "$left" ] || sql source postgres "DROP DATABASE \"$left\""
    [ "$(sql source postgres "SELECT count(*) FROM pg_database WHERE datname ~ '_(incant|before)_'")" = 0 ] || fail 'something was left'
}

# renew: shop is the old one again.
renew() {
    sql source shop 'TRUNCATE orders' "INSERT INTO orders SELECT i, CASE WHEN i <= 1000 THEN 'backed up' ELSE 'later' END
        FROM generate_series(1, 2000) i"
}

in_place() {
    incant_begin --quiet --json restore "$backup_id" --in-place --database shop --yes-i-mean test --no-safety-backup
}

server_start source
load_small source
sql source shop "UPDATE orders SET what = 'backed up'" 'CREATE TABLE more AS SELECT md5(i::text) FROM generate_series(1, 20000) i'
settings_write source
backup
renew

# How long one takes.
began=$(date +%s%N)
in_place
incant_end
expect_exit 0
took_ms=$((($(date +%s%N) - began) / 1000000))
[ "$(whole)" = new ] || fail 'it was not restored'
clean

old=0
new=0
for ((death = 1; death <= deaths; death++)); do
    renew
    in_place
    sleep "$(awk -v most="$took_ms" -v seed="$RANDOM" 'BEGIN { srand(seed); print rand() * most / 1000 }')"
    if ((death % 3 == 0)); then
        server_kill source
        server_run source
        incant_end
        state=$(whole)
        [ "$status" -ne 0 ] || [ "$state" = new ] || fail 'it was said to be done and was not'
        [ "$status" -eq 0 ] || [ "$status" -eq 9 ] || fail "exit status $status"
    else
        kill -9 "$incant_pid" 2>/dev/null || true
        wait "$incant_pid" 2>/dev/null || true
        state=$(whole)
    fi
    if [ "$state" = old ]; then
        old=$((old + 1))
        # The next run goes on: it names and mends what it finds, once the server has noticed that nobody is there.
        wait_until 60 eval '! has_rows source "SELECT 1 FROM pg_stat_activity WHERE application_name ~ '"'^incant-backup restore'"'"' ||
            fail 'the server still works for a run that is dead'
        in_place
        incant_end
        expect_exit 0
        [ "$(whole)" = new ] || fail 'the next run did not restore'
    else
        new=$((new + 1))
        incant --quiet restore --undo --yes-i-mean test
        expect_exit 0
        [ "$(whole)" = old ] || fail 'what was swapped cannot be undone'
    fi
    clean
done
echo "$deaths deaths: the old one lived $old times, the new one $new times" >&2

# An interrupt in the middle: cleaned up, and said so.
renew
lock_table source shop more
incant_begin --quiet restore "$backup_id" --in-place --database shop --yes-i-mean test
wait_until 20 dump_waits source
kill -INT "$incant_pid"
incant_end
expect_exit 130
unlock_table source
[ "$(whole)" = old ] || fail 'an interrupt changed what is live'
clean

# A half that a dead run has left is found and named.
in_place
marked="SELECT 1 FROM pg_db_role_setting WHERE setconfig::text ~ 'incant_backup.state=begun'"
wait_until 20 has_rows source "$marked" || true
kill -9 "$incant_pid" 2>/dev/null || true
wait "$incant_pid" 2>/dev/null || true
if has_rows source "$marked" && [ "$(whole)" = old ]; then
    wait_until 20 eval '! has_rows source "SELECT 1 FROM pg_stat_activity WHERE datname ~ '"'_incant_'"'"'
    incant restore --finalize --dry-run
    expect_exit 0
    grep -q "shop_incant_$backup_id" "$folder/out" || fail 'the half is not named'
fi
clean
