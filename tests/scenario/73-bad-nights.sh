#!/bin/bash
# Goal: ten bad nights in a row, each bad in its own way, and the last good backup is still there, whole, in both stores
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_rotation.sh"
. "$(dirname "$0")/lib_failing.sh"
export TZ=UTC

server_start source
dump source >"$folder/empty"
load_small source
dump source >"$folder/dump"
sql source postgres 'CREATE DATABASE another'
sql source another 'CREATE TABLE things AS SELECT i FROM generate_series(1, 50) AS i'
sql source postgres 'DROP DATABASE shop' 'DROP DATABASE zoo'
dump source >"$folder/another"
dumper bin "cat $folder/dump"
settings_two_stores source
# Two nights bring a backup that is good in itself.
keep_rules 'last = 3' 'daily = 0' 'weekly = 0' 'monthly = 0'
backup --no-prune
first=$backup_id
plant "$folder/stores/local" "$first" "$(days_ago 1)"
cp -rp "$folder/stores/local/test/$planted" "$folder/stores/other/test/"

# night EXIT-STATUS TEXT: a run of cron's, and one of rotation by itself; then the good one is looked at.
night() {
    incant --json --quiet backup
    morning "$@"
}
morning() {
    [ "$status" -eq "$1" ] || fail "night $((nights + 1)): exit status $status"
    [ -z "$2" ] || grep -qF -- "$2" "$folder/out" "$folder/err" || fail "night $((nights + 1)) does not say: $2"
    nights=$((nights + 1))
    incant --json --quiet prune
    mend
    incant --json --quiet verify "$first"
    expect_exit 0
    expect_json '.backups | length == 2 and all(.ok)'
}
mend() {
    :
}
nights=0

dumper bin "cat $folder/dump"
sed -i "s#^conninfo = host=#&$folder/nowhere#" "$folder/settings"
night 4 "$folder/nowhere" # no server
sed -i "s#$folder/nowhere##" "$folder/settings"
dumper bin "head -n 100 $folder/dump; exit 1"
night 4 pg_dumpall # a dump that fails in the middle
dumper bin "cat $folder/empty"
night 11 'database shop is gone' # an empty server
dumper bin "cat $folder/another"
night 11 'database zoo is gone' # the wrong server
dumper bin "sed '/^[0-9]*\torder/d' $folder/dump"
night 11 'table shop.public.orders is empty'
dumper bin "cat $folder/dump"

failing "$folder/stores/local" ENOSPC 20 --json --quiet backup
morning 5 'No space left on device'
failing "$folder/stores" kill 40 --json --quiet backup
morning 137 ''

mend() {
    rm -f "$folder/stores/local"
    mv "$folder/away" "$folder/stores/local"
}
mv "$folder/stores/local" "$folder/away"
touch "$folder/stores/local"
night 5 local # the first store is gone
mend() {
    rm -f "$folder/stores/other"
    mv "$folder/away" "$folder/stores/other"
}
mv "$folder/stores/other" "$folder/away"
touch "$folder/stores/other"
night 5 other # the other one refuses
mend() {
    rm -r "$folder"/stores/*/test/"$planted"
}
plant "$folder/stores/local" "$first" 2099-01-01T03:00:00Z
night 5 'is from the future' # the clock went back
[ "$nights" -eq 10 ] || fail "$nights nights"

# The first good night: as if nothing had been.
backup
expect_json '.backup.suspect == null' '.backup.stores == ["local", "other"]'
incant --json --quiet verify --all
expect_exit 0
