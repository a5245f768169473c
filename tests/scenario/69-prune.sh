#!/bin/bash
# Goal: prune shows each verdict with its reason, removes what no rule keeps, and never the newest good or a pinned one
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_rotation.sh"
export TZ=UTC

server_start source
load_small source
settings_write source
cat >>"$folder/settings" <<-END
	[store other]
	kind = directory
	path = $folder/other
END
backup --no-prune
made=$backup_id
for days in $(seq 1 20); do
    plant "$folder/store" "$made" "$(days_ago "$days")"
    [ "$days" -ne 4 ] || fourth=$planted
    [ "$days" -ne 20 ] || oldest=$planted
done
cp -r "$folder/store/test/." "$folder/other/test/"
keep_rules 'last = 2' 'daily = 3' 'weekly = 0' 'monthly = 0'
incant --quiet pin "$oldest" --reason 'kept for its age'
expect_exit 0

# A dry run changes nothing.
incant --json --quiet prune --dry-run
expect_exit 0
expect_json '.dry_run' '.verdicts | length == 42' '[.verdicts[] | select(.removed)] == []' \
    '[.verdicts[] | select(.keep and .store == "local")] | length == 4' \
    '[.verdicts[] | select(.keep and .store == "local")][0].reason | contains("last 1 of 2") and contains("daily")' \
    '[.verdicts[] | select(.id == "'"$oldest"'")] | length == 2 and all(.keep and .reason == "pinned for ever")' \
    '[.verdicts[] | select(.keep | not)][0].reason == "no rule keeps it: last 2, daily 3"' \
    '.stores | length == 2 and all(.ok and .kept == 4 and .dropped == 17 and .dropped_bytes > 17000 and .free_bytes > 0)'
[ "$(ids | wc -l)" -eq 21 ] || fail 'a dry run removed something'
incant prune --dry-run --store other
expect_exit 0
grep -q "^$made  *other  *keep .*last 1 of 2" "$folder/out" || fail 'no table'
grep -q '^store other: 4 backups stay (.*), would drop 17 backups (.*); .* free' "$folder/out" || fail 'no sum'
grep -q local "$folder/out" && fail 'another store is shown'

# A backup that is read is left alone; the rest goes, in that store only. What is left is whole.
exec 8<"$folder/store/test/$fourth"
flock --shared 8
incant --json --quiet prune --store local
expect_exit 0
expect_json '[.verdicts[] | select(.removed)] | length == 16' \
    '.verdicts[] | select(.id == "'"$fourth"'") | .keep and (.reason | contains("being read"))'
exec 8<&-
[ "$(ids | wc -l)" -eq 5 ] && [ "$(ids "$folder/other" | wc -l)" -eq 21 ] || fail 'not what was to be removed'
incant prune
expect_exit 0
grep -q "^$fourth  *local  *removed " "$folder/out" || fail 'what was removed is not told'
[ "$(ids)" = "$(ids "$folder/other")" ] && [ "$(ids | wc -l)" -eq 4 ] || fail 'the stores differ'
expect_clean_store
incant --json --quiet verify --all
expect_exit 0
expect_json '.backups | length == 8'

# A pin goes by unpin alone; then rotation, as the last step of a backup, decides.
incant --quiet unpin "$oldest"
incant --json --quiet backup
expect_exit 0
expect_json '.pruned == ["'"$oldest"'"]'
second=$(jq -r .backup.id "$folder/out")
backup --no-prune
expect_json '.pruned == []'

# What a dead run left goes too; but what a copy can go on with stays.
mkdir -p "$folder/other/test/20200101T000000Z" "$folder/store/test/20200101T000000Z"
echo rubbish >"$folder/other/test/20200101T000000Z/cluster.sql.zst"
echo rubbish >"$folder/store/test/20200101T000000Z/cluster.sql.zst"
echo rubbish >"$folder/other/test/$second/.pin.json.partial-1-1"
rm -r "$folder/other/test/$backup_id/manifest.json"
incant --quiet prune
expect_exit 0
[ ! -e "$folder/other/test/20200101T000000Z" ] && [ ! -e "$folder/store/test/20200101T000000Z" ] ||
    fail 'rubbish is still there'
[ ! -e "$folder/other/test/$second/.pin.json.partial-1-1" ] || fail 'a partial file is still there'
[ -e "$folder/other/test/$backup_id/cluster.sql.zst" ] || fail 'the beginning of a copy was taken away'

# Nothing is removed when something is wrong with the whole: the clock, the newest manifest.
plant "$folder/store" "$backup_id" 2099-01-01T03:00:00Z
before=$(ids)
incant --json --quiet prune --store local
expect_error 5 store 'is from the future (2099-01-01T03:00:00Z)'
expect_json 'all(.verdicts[]; .keep)'
echo '{' >"$folder/store/test/$planted/manifest.json"
incant --json --quiet prune --store local
expect_error 5 store "the manifest of the newest backup, $planted, cannot be read"
[ "$(ids)" = "$before" ] || fail 'something was removed'
# The backup is made all the same.
incant --json --quiet backup
expect_error 5 store 'the backup stands, but rotation failed'
expect_json '.backup.rows == 1002'
rm -r "$folder/store/test/$planted"

# A store that does not answer does not keep the others from it.
mv "$folder/other" "$folder/away"
touch "$folder/other"
incant --json --quiet prune
expect_error 5 store other
expect_json '[.stores[] | select(.ok)] | length == 1'
rm "$folder/other"

# Words.
incant --json --quiet prune --store nowhere
expect_error 3 settings 'no store'
incant --json --quiet prune --dry-run --accept latest
expect_error 2 usage exclude
keep_rules 'last = 0' 'daily = 0' 'weekly = 0' 'monthly = 0'
incant --json --quiet prune
expect_error 3 settings 'no rule is left'
