#!/bin/bash
# Goal: application files of every kind come back as they were, by this program and by tar, beside the dump
. "$(dirname "$0")/lib.sh"

need_root 'owners, ACLs and security attributes'
server_start source
load_small source

# A tree with everything in it.
tree_from=$folder/app/uploads
mkdir -p "$tree_from"/{a/b/c,empty,cache,private}
cd "$tree_from"
printf 'plain\n' >a/plain
printf 'secret\n' >private/secret
chmod 0700 private
chmod 0640 private/secret
chown 4711:815 a/plain a/b
: >a/nothing
printf 'x' >'a/with blanks and "quotes"'
printf 'x' >$'a/new\nline'
printf 'x' >$'a/not-utf8-\xff\xfe'
printf 'composed' >$'a/caf\xc3\xa9'
printf 'decomposed' >$'a/cafe\xcc\x81'
long=$(printf 'n%.0s' {1..250})
mkdir -p "a/$long/$long"
printf 'deep' >"a/$long/$long/$long"
ln -s plain a/link
ln -s /etc/passwd a/absolute-link
ln -s nowhere/at/all a/dangling
ln a/plain a/b/hard
ln a/plain a/b/c/hard-too
mkfifo a/pipe
truncate --size=64M a/hole
printf 'in the middle' | dd of=a/hole bs=1 seek=33554432 conv=notrunc status=none
dd if=/dev/urandom of=a/large bs=1M count=9 status=none
cp "$(command -v ls)" a/setuid
chmod 4755 a/setuid
chmod 1777 empty
setfacl -m u:4712:rw,g:816:r a/plain
setfacl -d -m u:4712:rwx a/b
setfattr -n user.note -v 'a note' a/plain
setfattr -n user.bytes -v 0x00ff00 a/plain
setfattr -n user.folder -v yes a/b
setfattr -n trusted.note -v root a/plain
touch --date='1999-12-31 23:59:59.123456789 UTC' a/plain
touch --date='1969-07-20 20:17:40 UTC' a/nothing
touch --date='2026-01-02 03:04:05.678901234 UTC' a empty a/link --no-dereference
printf 'x' >cache/left-out
printf 'x' >a/left-out.tmp
python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("socket")'
mknod device c 1 3
cd "$OLDPWD"

settings_write source 'frame-size = 256KiB'
cat >>"$folder/settings" <<-END
	[files uploads]
	path = $tree_from
	exclude = *.tmp cache/
	[files compose]
	path = $folder/app/docker-compose.yml
	secret = no
END
printf 'services: {}\n' >"$folder/app/docker-compose.yml"
backup
expect_json '.backup.files | length == 2' '.backup.files[0].name == "uploads" and .backup.files[0].missing == null' \
    '.backup.files[0].notes == 2 and .backup.files[0].unread == 0' '.warnings == []' \
    '[.backup.objects[].name] == ["cluster.sql.zst", "files-uploads.tar.zst", "files-uploads.json.zst",
        "files-compose.tar.zst", "files-compose.json.zst", "contents.json.zst", "SHA256SUMS"]'
(cd "$backup_folder" && sha256sum --quiet -c SHA256SUMS)

# same_tree EXPECTED FOUND: what rsync would have to do, which is nothing.
same_tree() {
    rsync -aHAXS --checksum --itemize-changes --delete --dry-run --exclude=cache --exclude='*.tmp' \
        --exclude=socket --exclude=device "$1/" "$2/" >"$folder/changes" 2>&1 || fail "rsync: $(cat "$folder/changes")"
    [ ! -s "$folder/changes" ] || fail "$2 differs: $(head -n 20 "$folder/changes")"
}
incant --json --quiet restore --files uploads --into "$folder/back"
expect_exit 0
expect_json '.entries > 25 and .passed == 0 and .read_bytes > 9000000'
same_tree "$tree_from" "$folder/back"
[ ! -e "$folder/back/cache" ] && [ ! -e "$folder/back/a/left-out.tmp" ] || fail 'what was excluded came back'
[ "$(stat -c '%.Y %n' "$folder/back/a/plain" | cut -d ' ' -f 1)" = "$(stat -c %.Y "$tree_from/a/plain")" ] ||
    fail 'nanoseconds are lost'
[ "$(getfattr --only-values -n trusted.note "$folder/back/a/plain")" = root ] || fail 'trusted attributes are lost'
# Holes stay holes, in the store as well.
[ "$(stat -c %b "$folder/back/a/hole")" -lt 200 ] || fail 'holes were filled'
[ "$(stat -c %s "$backup_folder/files-uploads.tar.zst")" -lt 12000000 ] || fail 'holes were stored'

# Other programs read the tar.
for tar in tar bsdtar; do
    mkdir "$folder/$tar"
    incant cat --files uploads
    expect_exit 0
    options=(--xattrs --xattrs-include='*' --acls)
    [ $tar = tar ] || options=()
    "$tar" -xpf "$folder/out" "${options[@]}" --numeric-owner -C "$folder/$tar" 2>"$folder/$tar.errors" ||
        fail "$tar: $(cat "$folder/$tar.errors")"
    grep -vE 'hdrcharset|implausibly old' "$folder/$tar.errors" >&2 && fail "$tar complains"
    # bsdtar composes names; that one is compared without its file.
    [ $tar = tar ] || mv "$folder/$tar"/a/caf* "$folder/" 2>/dev/null || true
done
same_tree "$tree_from" "$folder/tar"
zstd -dc "$backup_folder/files-uploads.tar.zst" | cmp - <("$program" --config "$folder/settings" cat --files uploads)
zstd -dc "$backup_folder/files-uploads.json.zst" | jq -es '.[0].name == "uploads" and .[0].entries > 25' >/dev/null ||
    fail 'the record is not lines of JSON'
incant cat --files compose
tar -tf "$folder/out" | grep -qx docker-compose.yml || fail 'a single file has no entry of its own'

# One file, and one folder, by reading only what holds them.
incant cat --files uploads --file a/b/c/hard-too
expect_exit 0
[ "$(cat "$folder/out")" = plain ] || fail 'cat --file of a hard link'
incant cat --files uploads --file a/large
cmp "$folder/out" "$tree_from/a/large"
incant --json --quiet restore --files uploads --into "$folder/part" --file a/b/c --file a/link
expect_exit 0
expect_json '.read_bytes < 2000000' '.file_count == 1'
[ "$(cd "$folder/part" && find . | sort | xargs)" = '. ./a ./a/b ./a/b/c ./a/b/c/hard-too ./a/link' ] ||
    fail "another part: $(find "$folder/part")"
[ "$(stat -c '%u:%g' "$folder/part/a/b")" = 4711:815 ] || fail 'the folders on the way lost their owner'
[ "$(cat "$folder/part/a/b/c/hard-too")" = plain ] || fail 'a hard link alone is not a file'
incant --json --quiet restore --files uploads --into "$folder/part2" --file no/such
expect_error 6 not-found 'no/such'

# What is in it.
incant --json --quiet show --files uploads
expect_json '.path | endswith("/app/uploads")' '.entries[0].path == "." and .entries[0].type == "directory"' \
    'any(.entries[]; .path == "a/b/c/hard-too" and .mode == "0644" and .size == 6 and .mtime == "1999-12-31T23:59:59Z")' \
    'any(.entries[]; .path == "a/link" and .type == "symlink" and .link == "plain")' \
    'any(.entries[]; .path == "a/plain" and .type == "hardlink" and .link == "a/b/c/hard-too")' \
    'any(.entries[]; (.path | type) == "object")' \
    '[.notes[] | [.path, .kind]] | sort == [["device", "skipped"], ["socket", "skipped"]]'
incant show --files uploads
grep -q 'absolute-link -> /etc/passwd' "$folder/out" || fail 'the text does not show a link'
incant show
grep -q '^files uploads: ' "$folder/out" || fail 'show does not name the section'
incant --json --quiet show --files nothing
expect_error 6 not-found nothing

# Nothing is ever written over.
incant --json --quiet restore --files uploads --into "$folder/back"
expect_error 9 restore 'exists already'
same_tree "$tree_from" "$folder/back"
incant --json --quiet restore --files uploads --into "$folder/new" --dry-run
expect_exit 0
expect_json '.dry_run == true and .entries > 25'
[ ! -e "$folder/new" ] || fail 'a dry run made the folder'
mkdir -p "$folder/merge/a"
chmod 0711 "$folder/merge"
incant --json --quiet restore --files uploads --into "$folder/merge"
expect_exit 0
[ "$(stat -c %a "$folder/merge")" = 711 ] || fail 'the mode of a folder that was in use changed'
(cd "$folder" && incant --quiet restore --files compose --into relative/folder)
cmp "$folder/relative/folder/docker-compose.yml" "$folder/app/docker-compose.yml"

# What changed, came and went between two backups; a file that was only touched is the same.
first=$backup_id
printf 'other\n' >"$tree_from/a/plain"
printf 'new' >"$tree_from"/$'a/new-\xff'
chmod 0600 "$tree_from/a/nothing"
rm "$tree_from/a/dangling"
touch "$tree_from/private/secret"
sed -i '/^\[files compose\]/,$d' "$folder/settings"
backup
incant --json --quiet diff "$first" "$backup_id"
expect_exit 0
expect_json '.changes == []' '[.files[] | select(.section == "uploads") | [.path, .how]] | sort == ([["a/b/c/hard-too", "changed"],
    ["a/dangling", "removed"], ["a/nothing", "changed"], [{"hex": "612f6e65772dff"}, "added"]] | sort)' \
    '[.files[] | select(.section == "compose") | [.path, .how]] == [["docker-compose.yml", "removed"]]' \
    'any(.files[]; .path == "a/nothing" and (.before | contains("mode 0644")) and (.after | contains("mode 0600")))'
incant diff "$first"
grep -qx 'files uploads' "$folder/out" && grep -qx '  ~ a/nothing' "$folder/out" || fail 'the files are not told of'

expect_backups 2
expect_clean_store
