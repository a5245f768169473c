#!/bin/bash
# Goal: a backup that holds less looks suspect: it stands, the run says so by its exit code, and replaces no good one
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_rotation.sh"
export TZ=UTC

server_start source
load_small source
settings_write source
keep_rules 'last = 3' 'daily = 2' 'weekly = 0' 'monthly = 0'
backup
good=$backup_id
plant "$folder/store" "$good" "$(days_ago 1)"
yesterday=$planted
plant "$folder/store" "$good" "$(days_ago 1 2)"

# A table is emptied, and a database vanishes.
sql source shop 'TRUNCATE orders'
sql source postgres 'DROP DATABASE zoo'
incant --json --quiet backup
expect_error 11 check "is suspect: it holds less than $good"
expect_json '.backup.rows == 0' '.backup.suspect.than == "'"$good"'"' '.pruned == []' \
    '.backup.suspect.reasons | any(contains("database zoo is gone")) and any(contains("table shop.public.orders is empty"))' \
    '.warnings | any(contains("looks like a loss"))' '.error.hint | contains("prune --accept")'
bad=$(jq -r .backup.id "$folder/out")
[ -e "$folder/store/test/$bad/suspect.json" ] || fail 'the suspicion is not recorded'

# Three more nights: none of the good ones goes, whatever the rules say; the bad ones rotate among themselves.
for _ in 1 2 3; do
    incant --json --quiet backup
    expect_exit 11
done
incant --json --quiet prune --dry-run
expect_exit 0
expect_json '[.verdicts[] | select(.id == "'"$good"'" or .id == "'"$yesterday"'")] | length == 2 and all(.keep)' \
    '[.verdicts[] | select(.reason | contains("held back, because"))] | map(.id) == ["'"$yesterday"'"]'
[ "$(ids | wc -l)" -eq 7 ] || fail 'not all are there'
for _ in 1 2; do
    incant --json --quiet backup
    expect_exit 11
done
[ "$(ids | wc -l)" -eq 7 ] || fail 'bad ones pile up'
incant list
grep -q "^$good  .*local$" "$folder/out" && [ "$(grep -c ' suspect ' "$folder/out")" -eq 4 ] || fail 'list does not tell'
incant show latest
grep -q '^suspect  *.*database zoo is gone' "$folder/out" || fail 'show does not tell'

# It is meant: accepted with one command, and the next backup is as any other.
incant --json --quiet prune --accept latest
expect_exit 0
expect_json '.accepted | length > 0'
backup
expect_json '.backup.suspect == null'

# It recovers by itself: the data is back, so nothing is suspect, and what follows is rotated as ever.
sql source shop "INSERT INTO orders SELECT i, 'order ' || i FROM generate_series(1, 2000) AS i"
for _ in 1 2 3; do # what was empty in one of the last three good ones may be empty again
    backup --no-prune
done
sql source shop 'DELETE FROM orders WHERE id > 1000'
incant --json --quiet backup --no-prune
expect_exit 11
expect_json '.backup.suspect.reasons | any(contains("1,000 rows (2,000 before)"))'
sql source shop "INSERT INTO orders SELECT i, 'order ' || i FROM generate_series(1001, 2000) AS i"
backup
expect_json '.backup.suspect == null'
incant --json --quiet prune --dry-run
expect_json 'all(.verdicts[]; .reason | contains("held back") | not)'

# A pin by hand accepts as well; what may shrink is said in the settings.
sql source shop 'TRUNCATE orders'
incant --json --quiet backup
expect_exit 11
incant pin latest
expect_exit 0
backup
sql source shop 'INSERT INTO orders SELECT i FROM generate_series(1, 10) AS i'
for _ in 1 2 3; do
    backup
done
sed -i 's/^\[dump\]$/&\nmay-shrink = shop.public.ord*/' "$folder/settings"
sql source shop 'TRUNCATE orders'
backup
expect_json '.backup.suspect == null'
