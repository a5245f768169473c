#!/bin/bash
# Goal: a backup is found by id, by a unique prefix, as the latest, or by a date
. "$(dirname "$0")/lib.sh"

server_start source
load_small source
settings_write source
for label in first second third; do
    backup --label "$label"
    ids+=("$backup_id")
    sleep 1.1
done
created() {
    jq -r --arg id "$1" '.backups[] | select(.id == $id) | .created' "$folder/list"
}
incant --json --quiet list
cp "$folder/out" "$folder/list"
expect_json '[.backups[].label] == ["third", "second", "first"]'

# shows LABEL ARGUMENT…
shows() {
    local label=$1
    shift
    incant --json --quiet show "$@"
    [ "$status" -eq 0 ] || fail "show $*: $(cat "$folder/err")"
    [ "$(jq -r .backup.label "$folder/out")" = "$label" ] ||
        fail "show $*: $(jq -r .backup.label "$folder/out"), not $label"
}
shows third
shows third latest
shows first "${ids[0]}"
shows second "${ids[1]%Z}"
shows first --at "$(created "${ids[0]}")"
shows second --at "$(created "${ids[1]}")"
shows second --at "$(date --date="@$(($(date --date="$(created "${ids[2]}")" +%s) - 1))" '+%Y-%m-%d %H:%M:%S')"
shows second --at "$(date --date="@$(($(date --date="$(created "${ids[2]}")" +%s) - 1))" '+%Y-%m-%dT%H:%M:%S%:z')"
TZ=Pacific/Chatham shows second --at \
    "$(TZ=Pacific/Chatham date --date="@$(($(date --date="$(created "${ids[2]}")" +%s) - 1))" '+%Y-%m-%d %H:%M:%S')"
shows third --at "$(date '+%Y-%m-%d %H:%M:%S')"
shows third --at "$(date --date=tomorrow +%Y-%m-%d)"
shows third --at '0 days ago'

incant --json --quiet show --at yesterday
expect_error 6 not-found ''
incant --json --quiet show --at '3 weeks ago'
expect_error 6 not-found ''
incant --json --quiet show --at 'the day before'
expect_error 2 usage 'the day before'
incant --json --quiet show 19990101T000000Z
expect_error 6 not-found 19990101T000000Z
incant --json --quiet show 20
expect_error 6 not-found "${ids[0]}"
incant --json --quiet show "${ids[0]}" --at yesterday
expect_exit 2

# The same words in every command that takes WHICH.
incant --json --quiet verify --at "$(created "${ids[0]}")"
expect_json ".backups[0].id == \"${ids[0]}\""
incant cat --at "$(created "${ids[1]}")" --database zoo --table animals
expect_exit 0
server_start target
incant --json --quiet restore --at "$(created "${ids[0]}")" --to "$(conninfo target)" --dry-run
expect_json ".backup.id == \"${ids[0]}\""
