#!/bin/bash
# Goal: for the same backups and the same rules prune keeps what restic's forget keeps, in a zone whose clocks change
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_rotation.sh"
export TZ=Europe/Berlin

command -v restic >/dev/null || fail 'there is no restic'
server_start source
load_small source
settings_write source
backup --no-prune
made=$backup_id
export RESTIC_REPOSITORY=$folder/restic RESTIC_PASSWORD=oracle XDG_CACHE_HOME=$folder/cache
restic init --quiet

# snapshot TIME: one of restic's, as of then.
snapshot() {
    restic backup --quiet --stdin --stdin-filename x --host oracle --time "$(date -d "$1" '+%Y-%m-%d %H:%M:%S')" <<<x
}

# Hours ago: some of one day, gaps of days, weeks and months, over more than two years.
snapshot "$(jq -r .backup.created "$folder/out")" &
for hours in 2 5 26 30 49 75 98 170 172 300 410 505 703 1100 1111 2203 3001 4504 6002 9007 13000 18005; do
    time=$(date -u -d "$hours hours ago" +%Y-%m-%dT%H:%M:%SZ)
    plant "$folder/store" "$made" "$time"
    snapshot "$time" &
    [ $((hours % 2)) -eq 0 ] || wait
done
wait
[ "$(restic snapshots --json | jq length)" -eq 23 ] || fail 'restic did not take all'

# as_restic RULE NUMBER…: both keep the same.
as_restic() {
    local rules=() options=() rule
    declare -A number=([last]=0 [hourly]=0 [daily]=0 [weekly]=0 [monthly]=0 [yearly]=0 [within]=0d)
    while [ $# -gt 0 ]; do
        number[$1]=$2
        options+=("--keep-$1" "$2")
        shift 2
    done
    for rule in "${!number[@]}"; do
        rules+=("$rule = ${number[$rule]}")
    done
    keep_rules "${rules[@]}"
    incant --json --quiet prune --dry-run
    expect_exit 0
    jq -r '.verdicts[] | select(.keep) | .id' "$folder/out" | sort >"$folder/ours"
    restic forget --dry-run --json --group-by '' "${options[@]}" |
        jq -r '.[0].keep[].time | sub("\\.[0-9]+"; "")' | while read -r time; do
            date -u -d "$time" +%Y%m%dT%H%M%SZ
        done | sort >"$folder/theirs"
    same_files "$folder/theirs" "$folder/ours" "what is kept by ${options[*]}"
}
as_restic last 3 daily 7 weekly 5 monthly 12
as_restic last 1
as_restic hourly 4 daily 2
as_restic daily 5 yearly 10
as_restic weekly 60
as_restic monthly 3 last 2
as_restic within 21d
as_restic within 8d yearly 2
