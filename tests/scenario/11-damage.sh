#!/bin/bash
# Goal: any byte flipped, cut off, added or missing in any object is found by verify, which names object and offset
. "$(dirname "$0")/lib.sh"

server_start source
load_small source
sql source shop 'CREATE TABLE noise AS SELECT md5(i::text) AS a, i FROM generate_series(1, 12000) AS i'
settings_write source 'frame-size = 64KiB'
backup
other_id=$backup_id
backup
chmod u+w "$backup_folder"/*
cp -r "$backup_folder" "$folder/sound"

# found OBJECT WHAT [LAST-OFFSET]: verify finds fault with that object, at an offset not behind LAST-OFFSET.
found() {
    incant --json --quiet verify "$backup_id"
    [ "$status" -eq 7 ] || fail "$2: exit status $status"
    expect_json '.error.class == "damaged"' '.backups[0].ok == false'
    jq -e --arg object "$1" --argjson last "${3:-9e15}" '.backups[0].findings
        | any(.object == $object and .offset <= $last and (.problem | length) > 0)' "$folder/out" >/dev/null ||
        fail "$2: no finding for $1 up to offset ${3:-}"
}
mend() {
    cp "$folder/sound/$1" "$backup_folder/$1"
}
# flip FILE OFFSET: another value for one byte.
flip() {
    local byte
    byte=$(od --address-radix=n --format=u1 --skip-bytes="$2" --read-bytes=1 "$1")
    # shellcheck disable=SC2059
    printf "\\$(printf %03o $((byte ^ (1 << ($2 % 8)))))" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

for object in cluster.sql.zst contents.json.zst SHA256SUMS manifest.json; do
    path=$backup_folder/$object
    size=$(stat -c %s "$path")
    step=$((size / 25 + 1))
    for ((offset = 0; offset < size; offset += step)); do
        flip "$path" "$offset"
        found "$object" "$object flipped at $offset" "$offset"
        mend "$object"
    done
    flip "$path" $((size - 1))
    found "$object" "$object flipped at its last byte"
    mend "$object"
    for left in 0 1 $((size / 3)) $((size / 2)) $((size - 1)); do
        truncate --size="$left" "$path"
        found "$object" "$object cut to $left bytes" "$left"
        mend "$object"
    done
    printf x >>"$path"
    found "$object" "$object with a byte too many"
    mend "$object"
done

# An object that is not there. Without a manifest there is no backup at all.
for object in cluster.sql.zst contents.json.zst SHA256SUMS; do
    rm "$backup_folder/$object"
    found "$object" "$object removed"
    mend "$object"
done
rm "$backup_folder/manifest.json"
incant --json --quiet verify "$backup_id"
expect_error 6 not-found "$backup_id"
mend manifest.json

# Damage in several places: all of it is found, in one run.
size=$(stat -c %s "$backup_folder/cluster.sql.zst")
flip "$backup_folder/cluster.sql.zst" 100
flip "$backup_folder/cluster.sql.zst" $((size / 2))
flip "$backup_folder/cluster.sql.zst" $((size - 20))
flip "$backup_folder/SHA256SUMS" 3
found SHA256SUMS 'damage in two objects'
expect_json '[.backups[0].findings[] | select(.object == "cluster.sql.zst") | .offset] | unique | length >= 3'

# And all backups are looked at, whatever one of them is like.
incant --json --quiet verify --all
expect_exit 7
expect_json '.backups | length == 2' \
    ".backups[] | select(.id == \"$other_id\") | .ok == true and .findings == []" \
    ".backups[] | select(.id == \"$backup_id\") | .ok == false"
incant --quiet verify --all
expect_exit 7
expect_error_line '1 of 2'
grep -q 'cluster.sql.zst' "$folder/out" || fail 'the text does not name the object'
grep -q "$backup_id" "$folder/out" || fail 'the text does not name the backup'

# A damaged backup gives back what is sound and says no to the rest; it never gives wrong bytes.
cp "$folder/sound"/* "$backup_folder/"
incant cat
mv "$folder/out" "$folder/expected"
flip "$backup_folder/cluster.sql.zst" $((size / 2))
incant --quiet cat
expect_exit 7
expect_error_line cluster.sql.zst
cmp --silent --bytes="$(stat -c %s "$folder/out")" "$folder/expected" "$folder/out" ||
    fail 'cat wrote bytes that were never in the dump'
server_start target
incant --json --quiet restore --to "$(conninfo target)"
expect_exit 7
[ "$(sql target postgres "SELECT count(*) FROM pg_database WHERE datname = 'shop'")" = 0 ] ||
    fail 'half a database was left in the target'
mend cluster.sql.zst
rm "$backup_folder/contents.json.zst"
incant cat
expect_exit 0
same_files "$folder/expected" "$folder/out" 'the whole dump, without contents'
mend contents.json.zst

# A damaged manifest is listed as what it is, beside the sound one.
flip "$backup_folder/manifest.json" 40
incant --json --quiet list
expect_json ".backups[] | select(.id == \"$other_id\")" '.warnings | length > 0'
incant --json --quiet show latest
expect_json ".backup.id == \"$other_id\""
