#!/bin/bash
# Goal: of two runs for one source the second ends at once with exit code 10; reading goes on beside a run
. "$(dirname "$0")/lib.sh"

server_start source
load_small source
settings_write source 'lock-timeout = 300s'
backup
lock_table source zoo animals
incant_begin --json --quiet backup
wait_until 20 dump_waits source || fail 'the dump does not wait for the lock'
mv "$folder/out" "$folder/out-of-the-first"
mv "$folder/err" "$folder/err-of-the-first"

incant --json --quiet backup
expect_error 10 busy "$incant_pid"
expect_json '.backup == null'
expect_backups 1
incant cat --database shop --table orders
expect_exit 0

# Another source in the same store is no obstacle.
server_start second
sed -e 's/^name = .*/name = second/' -e "s#^conninfo = .*#conninfo = $(conninfo second)#" "$folder/settings" \
    >"$folder/settings-of-the-second"
"$program" --config "$folder/settings-of-the-second" --quiet backup || fail 'another source has to wait'

unlock_table source
incant_end
expect_exit 0
jq -e '.backup.rows == 1002' "$folder/out-of-the-first" >/dev/null || fail 'the first run made no whole backup'
expect_backups 2
expect_clean_store
incant --json --quiet list --all-sources
expect_json '[.backups[].source] | unique == ["second", "test"]' '.backups | length == 3'
incant --json --quiet list --source second
expect_json '.backups | length == 1'

# The lock goes with the process, however it ends.
lock_table source zoo animals
incant_begin --json --quiet backup
wait_until 20 dump_waits source || fail 'the dump does not wait for the lock'
kill -9 "$incant_pid"
incant_end
unlock_table source
backup
