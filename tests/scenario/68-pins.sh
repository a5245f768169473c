#!/bin/bash
# Goal: a pin stands in every store that has the backup, is shown everywhere, and goes by unpin alone
. "$(dirname "$0")/lib.sh"

server_start source
load_small source
settings_write source
cat >>"$folder/settings" <<-END
	[store other]
	kind = directory
	path = $folder/other
END

# From the start: for ever, until a date, and in the first store only.
backup --pin
first=$backup_id
expect_json '.backup.pinned == {"until": null, "reason": null}' '.backup.stores == ["local", "other"]'
backup --pin=30d --label 'before the move'
second=$backup_id
expect_json '.backup.pinned.reason == "before the move"' '.backup.pinned.until | fromdate > now + 29 * 86400'
backup --no-push
third=$backup_id
expect_json '.backup.pinned == null' '.backup.stores == ["local"]'
for store in store other; do
    jq -e '.format == 1 and .until == null' "$folder/$store/test/$first/pin.json" >/dev/null ||
        fail "no pin in $store"
    [ -e "$folder/$store/test/$second/pin.json" ] || fail "no pin in $store"
done
[ "$(stat -c %a "$folder/store/test/$first/pin.json")" = 600 ] || fail 'others can read the pin'

# By hand: where the backup is; a later pin takes the place of the first.
incant --json --quiet pin "$third" --until 2h --reason 'a look'
expect_exit 0
expect_json '.command == "pin"' '.backup.pinned.reason == "a look"'
[ ! -e "$folder/other/test/$third" ] || fail 'a pin was put where the backup is not'
incant pin latest
expect_exit 0
grep -q 'pinned for ever' "$folder/out" || fail 'the pin is not told'
incant --json --quiet list
expect_json '[.backups[].pinned.until] | map(. == null) == [true, false, true]'
incant list
grep -q "^$first .*pinned " "$folder/out" || fail 'list does not show the pin'
grep -q "^$second .*pinned until 2" "$folder/out" || fail 'list does not show until when'
incant show "$second"
grep -q '^pin  *pinned until .*: before the move$' "$folder/out" || fail 'show does not tell of the pin'

incant --json --quiet unpin "$first"
expect_exit 0
expect_json '.command == "unpin"' '.backup.pinned == null'
[ ! -e "$folder/store/test/$first/pin.json" ] && [ ! -e "$folder/other/test/$first/pin.json" ] ||
    fail 'the pin is still there'
incant --quiet unpin "$first"
expect_exit 0

# One that cannot be read counts for ever, and is told of; unpin takes it away.
echo '{"format": 1, "unt' >"$folder/store/test/$first/pin.json"
incant --json --quiet list
expect_json '.backups[2].pinned.until == null and (.backups[2].pinned.reason | length > 0)' '.warnings | length == 1'
incant --quiet unpin "$first"
expect_exit 0
incant --json --quiet list
expect_json '.backups[2].pinned == null' '.warnings == []'

# Words.
incant --json --quiet pin
expect_error 2 usage 'which backup'
incant --json --quiet pin "$first" --until yesterday
expect_error 2 usage 'not in the future'
incant --json --quiet pin 19990101T000000Z
expect_error 6 not-found 'there is no backup'
incant --json --quiet backup --pin=soon
expect_error 2 usage 'soon'

# A store that does not answer: pinned in the others, and said.
rm -rf "$folder/other"
touch "$folder/other"
incant --json --quiet pin "$first"
expect_error 5 store 'store other did not answer'
[ -e "$folder/store/test/$first/pin.json" ] || fail 'the pin is in no store'
incant --json --quiet unpin "$first"
expect_error 5 store 'store other did not answer'
expect_json '.error.message | contains("still pinned there")'
# Whether a backup is there that only the lost store could have, nobody knows.
incant --json --quiet pin 19990101T000000Z
expect_error 5 store "store other did not answer, and elsewhere there is no backup '19990101T000000Z'"
rm "$folder/other"
expect_backups 3
