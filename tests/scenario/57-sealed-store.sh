#!/bin/bash
# Goal: a store with encrypt-to holds age files that age opens, and gives everything back to who has the identity
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_age.sh"

need_age
server_start source
load_small source
key owner
sealed_write source "$(recipient owner)"
backup
expect_json '.backup.stores == ["local", "sealed"]' 'all(.stores[]; .ok)'
sealed=$folder/sealed/test/$backup_id

# What lies there: sums and manifest in the open, the rest as age files, which say nothing of what is in them.
[ "$(ls "$sealed" | tr '\n' ' ')" = 'SHA256SUMS cluster.sql.zst.age contents.json.zst.age manifest.json ' ] ||
    fail "other objects than expected: $(ls "$sealed")"
(cd "$sealed" && sha256sum --quiet --strict -c SHA256SUMS) || fail 'SHA256SUMS is not of what is stored'
for name in cluster.sql.zst contents.json.zst; do
    [ "$(head -c 21 "$sealed/$name.age")" = age-encryption.org/v1 ] || fail "$name.age is no age file"
    age -d -i "$folder/owner.key" "$sealed/$name.age" >"$folder/plain" || fail "age does not open $name.age"
    same_files "$backup_folder/$name" "$folder/plain" "what age finds in $name.age"
done
! grep -qraE 'orders|animals|shop|zoo' "$folder/sealed" || fail 'names of tables or databases are in the open'
jq -e '(has("databases") or has("tables") or has("rows")) | not' "$sealed/manifest.json" >/dev/null ||
    fail 'the manifest counts what is in the backup'

# Without an identity: what other stores tell is told, and this one is checked from outside.
incant --json --quiet list
expect_json '.backups | length == 1' '.backups[0].tables == 2 and .backups[0].rows == 1002'
incant --json --quiet list --store sealed
expect_json '.backups[0].tables == null and .backups[0].rows == null'
incant --json --quiet show --tables
expect_json '[.contents[].tables[].name] | sort == ["animals", "orders"]'
incant --json --quiet show --store sealed
expect_exit 0
expect_json '.backup.rows == null'
for command in cat 'show --tables' "restore --to host=$folder/source --dry-run"; do
    # shellcheck disable=SC2086 # several words
    incant --quiet $command --store sealed
    expect_exit 13
    expect_error_line 'is encrypted: there is no identity in the settings'
done
incant --json --quiet verify --all
expect_exit 0
expect_json '[.backups[] | [.store, .ok, .closed]] | sort == [["local", true, false], ["sealed", true, true]]' \
    '.warnings | any(test("could not look inside 1 of 2 backups"))'

# With it: everything, from the sealed store alone.
with_identity "$folder/owner.key"
"$program" --config "$folder/settings" cat --store local >"$folder/dump"
incant --quiet cat --store sealed
expect_exit 0
same_files "$folder/dump" "$folder/out" 'the dump from the sealed store'
rm -r "$folder/store/test/$backup_id"
incant --quiet cat --database shop --table orders
expect_exit 0
[ "$(grep -c '^[0-9]' "$folder/out")" -eq 1000 ] || fail 'not all rows of one table'
incant --json --quiet show --tables
expect_json '.backup.stores == ["sealed"]' '.backup.rows == 1002' '[.contents[].tables[].rows] | add == 1002'
incant --json --quiet verify --all
expect_exit 0
expect_json '.backups | length == 1' '.backups[0].ok and (.backups[0].closed | not)' '.warnings == []'
server_start target
incant --quiet restore --to "$(conninfo target)"
expect_exit 0
dump source >"$folder/expected"
dump target >"$folder/found"
same_files "$folder/expected" "$folder/found" 'the restored cluster'

# The wrong identity.
key stranger
with_identity "$folder/stranger.key"
incant --json --quiet verify
expect_error 13 keys 'no identity at hand is for it'
expect_json '.backups[0].ok and .backups[0].closed'
incant --quiet cat
expect_exit 13
expect_error_line 'cluster.sql.zst.age'
