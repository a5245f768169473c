#!/bin/bash
# Goal: the first store itself can be encrypted, and copies go between stores of every kind
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_age.sh"

server_start source
load_small source
key one
key two
mkdir "$folder/data"
printf 'hello\n' >"$folder/data/file"
settings_write source
sed -i "s#^path = $folder/store#&\nencrypt-to = $(recipient one)#" "$folder/settings"
cat >>"$folder/settings" <<-END
	[files data]
	path = $folder/data
	[store same]
	kind = directory
	path = $folder/same
	encrypt-to = $(recipient one)
	[store other]
	kind = directory
	path = $folder/other
	encrypt-to = $(recipient two)
	[store plain]
	kind = directory
	path = $folder/plain
END

# Without an identity: encrypted from the first byte on, and copied where that needs no key.
incant --json --quiet backup
expect_exit 5
expect_json '.backup.stores == ["local", "same"]' '.backup.rows == 1002' \
    '[.stores[] | .ok] == [true, true, false, false]' 'all(.stores[2:][]; .error.message | test("is encrypted"))'
id=$(jq -r .backup.id "$folder/out")
diff -r "$folder/store/test/$id" "$folder/same/test/$id" || fail 'the copy for the same recipients differs'
! grep -qraE 'orders|animals|hello' "$folder/store" "$folder/same" || fail 'something lies in the open'
expect_clean_store

# With it the others catch up: encrypted to somebody else, and decrypted.
with_identity "$folder/one.key"
incant --quiet push --all
expect_exit 0
"$program" --config "$folder/settings" cat --store local >"$folder/dump"
zstd -qdc "$folder/plain/test/$id/cluster.sql.zst" | cmp - "$folder/dump" || fail 'the plain store has another dump'
(cd "$folder/plain/test/$id" && sha256sum --quiet --strict -c SHA256SUMS) || fail 'SHA256SUMS of the plain store'
incant --json --quiet list --store plain
expect_json '.backups[0].rows == 1002 and .backups[0].tables == 2'
incant --quiet cat --files data --store local
expect_exit 0
tar -xOf "$folder/out" | grep -qx hello || fail 'the files are not in it'
incant --json --quiet verify --all
expect_error 13 keys 'no identity at hand is for it'
expect_json '[.backups[] | select(.closed) | .store] == ["other"]' 'all(.backups[]; .ok)'
with_identity "$folder/two.key"
incant --quiet cat --store other
expect_exit 0
same_files "$folder/dump" "$folder/out" 'the dump from the store for the other recipient'
