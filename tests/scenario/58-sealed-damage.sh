#!/bin/bash
# Goal: any damage to an encrypted archive is found, with the identity and without: flipped, cut, chunks that moved or are gone
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_age.sh"

server_start source
load_small source
load_bulk source 3
key owner
sealed_write source "$(recipient owner)"
backup
object=$folder/sealed/test/$backup_id/cluster.sql.zst.age
chmod u+w "$object"
cp "$object" "$folder/whole"
size=$(stat -c %s "$object")
header=168 # of one recipient; then the nonce, then chunks of 65552
[ "$size" -gt $((header + 16 + 3 * 65552)) ] || fail 'the archive has too few chunks to change their places'

# found WHAT: verify finds it in that object, from outside and from inside; the rest of the backup is sound.
found() {
    local way
    for way in closed open; do
        [ "$way" = closed ] && without_identity || with_identity "$folder/owner.key"
        incant --json --quiet verify --store sealed
        expect_error 7 damaged '1 of 1 backups damaged'
        expect_json '[.backups[0].findings[].object] | unique == ["cluster.sql.zst.age"]' ||
            fail "$1, $way: not in that object alone"
    done
    cp "$folder/whole" "$object"
}

# chunk N [FILE]: that chunk of the whole file.
chunk() {
    dd if="$folder/whole" bs=4096 iflag=skip_bytes,count_bytes skip=$((header + 16 + $1 * 65552)) count=65552 status=none
}

for at in 100 $((header + 3)) $((header + 16 + 65551)) $((size - 1)); do
    byte=$(od -An -tu1 -j "$at" -N 1 "$object")
    # shellcheck disable=SC2059 # the format is the byte
    printf "\\x$(printf %02x $((byte ^ 8)))" | dd of="$object" bs=1 seek="$at" conv=notrunc status=none
    cmp -s "$object" "$folder/whole" && fail 'nothing was changed'
    found "byte $at flipped"
done
for len in 10 $((header + 16 + 2 * 65552)); do
    truncate --size="$len" "$object"
    found "cut at $len"
done
{ head -c $((header + 16)) "$folder/whole"; chunk 1; chunk 0; tail -c +$((header + 17 + 2 * 65552)) "$folder/whole"; } \
    >"$object"
[ "$(stat -c %s "$object")" -eq "$size" ] || fail 'the test has made another size'
found 'two chunks swapped'
{ head -c $((header + 16)) "$folder/whole"; tail -c +$((header + 17 + 65552)) "$folder/whole"; } >"$object"
found 'the first chunk dropped'
{ cat "$folder/whole"; chunk 0; } >"$object"
found 'a chunk behind the end'

# A file that was cut at a chunk's end is never taken for a whole one: not by cat, not by a restore.
with_identity "$folder/owner.key"
truncate --size=$((header + 16 + 2 * 65552)) "$object"
incant --quiet cat --store sealed
expect_exit 7
expect_error_line 'the chunk that ends there is not the last one'
[ ! -s "$folder/out" ] || fail 'something was written'
cp "$folder/whole" "$object"
incant --json --quiet verify --all
expect_exit 0
