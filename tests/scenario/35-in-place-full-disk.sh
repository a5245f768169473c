#!/bin/bash
# Goal: a restore that has no room is refused; a disk that is full in the middle of one leaves what is live, and nothing half
. "$(dirname "$0")/lib.sh"

need_root 'mounting small disks'
mkdir -p "$folder/source" "$folder/source.wal" "$folder/space"
mount -t tmpfs -o size=300m,mode=755 tmpfs "$folder/source"
mount -t tmpfs -o size=200m,mode=755 tmpfs "$folder/space"
chown postgres: "$folder/source" "$folder/source.wal" "$folder/space"
server_start source --waldir="$folder/source.wal/wal"
load_bulk source 20
sql source postgres "CREATE TABLESPACE space LOCATION '$folder/space'" 'ALTER DATABASE bulk SET TABLESPACE space'
settings_write source
backup
sql source bulk 'UPDATE noise SET id = -id WHERE id < 1000'
before=$(sql source bulk 'SELECT count(*), sum(id) FROM noise')

# fill PLACE: ten megabytes are left; the table alone takes more.
fill() {
    local left_kb
    left_kb=$(df --output=avail -k "$1" | tail -n 1)
    head -c $((left_kb * 1024 - 10 * 1024 * 1024)) /dev/zero >"$1/filler"
}

# Where the server keeps its data there is no room: that is said before anything is done.
fill "$folder/source"
incant --json --quiet restore --dry-run
expect_error 9 restore "no room: the restore would take about"
expect_json '.forecast.needed_bytes > .forecast.free_bytes' ".forecast.folder | startswith(\"$folder/source\")"
incant --json --quiet restore --in-place --yes-i-mean test
expect_error 9 restore 'no room'
expect_json '.safety_backup == null' '.swapped | not'
expect_backups 1
rm "$folder/source/filler"

# A tablespace of its own fills up in the middle.
fill "$folder/space"
incant --json --quiet restore --in-place --yes-i-mean test
expect_error 9 restore 'No space left on device'
expect_json '.swapped | not' '.safety_backup | length > 0' '.error.hint | contains("disk")'

# The server itself may have gone down over it, and then a half may be left, which was said. What is live is whole.
rm "$folder/space/filler"
wait_until 60 has_rows source 'SELECT 1' || server_run source
[ "$(sql source bulk 'SELECT count(*), sum(id) FROM noise')" = "$before" ] || fail 'what is live was changed'
left=$(sql source postgres "SELECT datname FROM pg_database WHERE datname LIKE 'bulk_incant%'")
[ -z "$left" ] || grep -qF "database $left on the target is not complete" "$folder/err" || fail 'a half was left and not named'
expect_backups 2

# With room it works, and no half stays.
incant --json --quiet restore "$backup_id" --in-place --yes-i-mean test --no-safety-backup
expect_exit 0
expect_json '.swapped'
[ -z "$left" ] || expect_json "any(.warnings[]; contains(\"database $left was left half restored\"))"
[ "$(sql source postgres "SELECT count(*) FROM pg_database WHERE datname LIKE 'bulk_incant%'")" = 0 ] || fail 'a half is still there'
