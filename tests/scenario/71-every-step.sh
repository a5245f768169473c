#!/bin/bash
# Goal: whichever call of a run fails or is its last, power loss included, whole backups stay and the next run cleans up
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_rotation.sh"
. "$(dirname "$0")/lib_failing.sh"
export TZ=UTC
# How many calls of each command go wrong in each way; they are spread over its run. The more, the longer.
wanted=${INCANT_FAULT_RUNS:-1}

server_start source
load_small source
dump source >"$folder/dump"
dumper bin "cat $folder/dump"
settings_two_stores source
keep_rules 'last = 2' 'daily = 0' 'weekly = 0' 'monthly = 0'

# What each run begins with: a pinned old backup, one that rotation may take, one or two that it may not; the
# newest is in the first store only.
backup --no-prune --no-push
made=$backup_id
for days in 1 2 3; do
    plant "$folder/stores/local" "$made" "$(days_ago "$days")"
done
pinned=$planted
mkdir -p "$folder/stores/other/test"
chmod 700 "$folder/stores/other"
cp -rp "$folder/stores/local/test/." "$folder/stores/other/test/"
rm -r "$folder/stores/other/test/$made"
incant --quiet pin "$pinned"
expect_exit 0
cp -a "$folder/stores" "$folder/as-it-was"
must_stay=$(printf '%s\n' "local/$made" "local/$pinned" "other/$pinned")
all=$(cd "$folder/stores" && printf '%s\n' */test/* | sed 's,/test/,/,')

as_it_was() {
    rm -rf "$folder/stores" "$folder"/morgue/*
    cp -a "$folder/as-it-was" "$folder/stores"
}

# whole: all that is listed is whole, and $stays is among it.
whole() {
    local lost
    incant --json --quiet verify --all
    [ "$status" -eq 0 ] || fail "$now: what is listed is not whole"
    lost=$(jq -r '.backups[] | .store + "/" + .id' "$folder/out" | sort | comm -13 - <(sort <<<"$stays"))
    [ -z "$lost" ] || fail "$now: lost: $lost"
}

# clean: there is nothing but backups with a manifest, and the lock.
clean() {
    (cd "$folder/stores" && find . -mindepth 3 ! -name .lock) | awk -F/ -v now="$now" '
        { path[NR] = $0; at[NR] = $2 "/" $4 }
        $5 == "manifest.json" { good[$2 "/" $4] = 1 }
        /\/\.[a-z]/ { print now ": left behind: " $0; bad = 1 }
        END { for (i in at) if (!(at[i] in good)) { print now ": left behind: " path[i]; bad = 1 }; exit bad }' ||
        fail "$now: rubbish is left"
}

# wrong HOW N COMMAND…: the command with its Nth call going wrong so; what the shim wrote is in $told.
wrong() {
    local how=$1 at=$2
    shift 2
    as_it_was
    failing "$folder/stores" "$how" "$at" --json --quiet "$@"
    told=$(sed "s,$folder/stores/,," "$folder/log")
    now="$* with $how at call $at ($told)"
}

# The next run makes up for a copy that was begun, and takes away what nothing can go on with.
next_run() {
    local command
    for command in 'push --all' prune; do
        # shellcheck disable=SC2086 # words
        incant --json --quiet $command
        [ "$status" -eq 0 ] || fail "$now: the next run fails"
    done
    clean
}

done_is_there() {
    case $1 in
    backup) [ -e "$folder/stores/local/test/$(jq -r .backup.id "$folder/out")/manifest.json" ] || fail "$now: no backup" ;;
    pin) [ -e "$folder/stores/local/test/$made/pin.json" ] || fail "$now: no pin" ;;
    push) [ -e "$folder/stores/other/test/$made/manifest.json" ] || fail "$now: no copy" ;;
    esac
}

# judge HOW COMMAND: the exit status is one of those that there can be, and what was said to be done is done.
judge() {
    case $1:$status in
    kill:137 | power:137 | half:0) ;;
    half:* | kill:* | power:*) fail "$now: exit status $status" ;;
    *:0) ;;
    *:5) grep -q '"message": "..' "$folder/out" || fail "$now: no word" ;;
    *) fail "$now: exit status $status" ;;
    esac
    [ "$status" -ne 0 ] || done_is_there "$2"
}

# every_step COMMAND…: with each kind of fault; $stays is what has to be there afterwards.
every_step() {
    local how kind=0 calls i at
    for how in EIO ESTALE short half ENOSPC EROFS kill power; do
        case $how in EIO | short | ENOSPC) # those behind them count the same calls
            wrong "$how" 0 "$@"
            calls=$(cut -d ' ' -f 2 <<<"${told:-none 0}")
            ;;
        esac
        for ((i = 0; i < wanted && i < calls; i++)); do
            # In even steps, each kind a little later than the one before.
            at=$((1 + (calls * (8 * i + kind)) / (8 * (wanted < calls ? wanted : calls))))
            wrong "$how" "$at" "$@"
            [ -n "$told" ] || continue # copies run beside the rest: there are not always as many calls
            judge "$how" "$1"
            whole
            next_run
        done
        kind=$((kind + 1))
        echo "$*, $how: $i of $calls calls"
    done
}

stays=$all
every_step pin "$made"
every_step push --all
stays=$must_stay
every_step prune
every_step backup

# What a run has said to be done is there after a power loss right behind it.
now='power loss behind the run'
stays=$must_stay
for command in "pin $made" 'push --all' prune backup; do
    as_it_was
    # shellcheck disable=SC2086 # words
    FAIL_UNDER=$folder/stores FAIL_HOW=power FAIL_MORGUE=$folder/morgue LD_PRELOAD=$folder/failing.so incant --json --quiet $command
    expect_exit 0
    # shellcheck disable=SC2086 # words
    done_is_there $command
    whole
done
