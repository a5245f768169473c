#!/bin/bash
# Goal: a copy never slows the dump, costs the backup nothing when it fails, and goes on from where it stopped
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_s3.sh"

gateway_start
proxy_start
server_start source
load_small source
load_bulk source 20
settings_write source
settings_s3 spaces "$proxy_port" 'patience = 3s' '[keep]' 'last = 1000' # all are counted

committed() {
    [ -n "$(find "$folder/store" -name manifest.json)" ]
}
completed() {
    s3_names | grep -q manifest.json
}
parts_done() {
    [ "$(grep -cE 'partNumber=.* 200$' "$folder/proxy.log")" -ge "$1" ]
}

# The order of things: with a slow remote the backup stands while the copy is still under way, and the copy had
# begun before the backup stood.
rules '0 PUT.*partNumber=[12]& rate 2000000'
incant_begin --json --quiet backup
wait_until 60 committed || fail 'there is no backup'
! completed || fail 'the copy was there before the backup'
! grep -q 'POST.*[?]uploadId=' "$folder/proxy.log" || fail 'the copy was not slow'
incant_end
expect_exit 0
expect_json '.backup.stores == ["local", "spaces"]'
completed || fail 'there is no copy'
expect_whole_bucket

# A remote that is down costs the backup nothing but the exit status, and the next run catches up.
proxy_stop
SECONDS=0
incant --json --quiet backup
[ "$SECONDS" -lt 30 ] || fail "a remote that is down cost $SECONDS s"
expect_exit 5
expect_json '.backup.stores == ["local"]' '.stores[0].ok and (.stores[1].ok | not)' \
    '.stores[1].error.message | length > 0'
proxy_start
rules
incant --json --quiet backup
expect_exit 0
incant --json --quiet list --store spaces
expect_json '.backups | length == 3'
expect_whole_bucket

# Killed in the middle of the upload: the next run completes the copy, with the parts that are there.
rules '0 PUT.*partNumber=2& stall 60'
incant_begin --json --quiet backup
wait_until 60 parts_done 1 || fail 'no part has come'
wait_until 60 test -e "$folder/store/test/$(ls "$folder/store/test" | tail -n 1)/manifest.json"
kill -KILL "$incant_pid"
wait "$incant_pid" 2>/dev/null || true
[ -n "$(s3_unfinished)" ] || fail 'there is no unfinished upload'
rules
incant --json --quiet backup
expect_exit 0
incant --json --quiet list --store spaces
expect_json '.backups | length == 5'
incant --json --quiet verify --all --store spaces
expect_exit 0
expect_whole_bucket

# A dump that fails gives its copy up: no part is left.
lock_table source shop orders
incant_begin --json --quiet backup
wait_until 60 dump_waits source
server_kill source
incant_end
expect_exit 4
expect_whole_bucket

# Cut in the middle of a large upload (INCANT_TEST_CUTS='10 50 90' for three of them): what is sent in all is
# hardly more than the object.
settings_s3 large "$proxy_port" 'patience = 3s'
sed -i "s,^kind = directory,&,; s,^path = .*,path = $folder/large," "$folder/settings"
megabytes=${INCANT_TEST_UPLOAD_MB:-160}
made_by_hand "$folder/store/test/$(ls "$folder/store/test" | head -n 1)" "$folder/large/test/20260101T000000Z" "$megabytes"
sed -i '/^\[store spaces\]/,/^patience/d; s,^prefix = .*,prefix = large,' "$folder/settings"
bytes=$(stat -c %s "$folder/large/test/20260101T000000Z/cluster.sql.zst")
for percent in ${INCANT_TEST_CUTS:-50}; do
    rules "sever $((bytes / 100 * percent))"
    incant --json --quiet push
    expect_exit 5
    wait "$proxy_pid" 2>/dev/null || true
    sent=$(sent_bytes)
    proxy_start
    rules
    incant --json --quiet push
    expect_exit 0
    sent=$((sent + $(sent_bytes)))
    [ $((sent * 10)) -le $((bytes * 11)) ] || fail "cut at $percent: $sent bytes were sent for $bytes"
    s3 get "s3://$bucket/large/test/20260101T000000Z/cluster.sql.zst" "$folder/back" >/dev/null
    cmp "$folder/back" "$folder/large/test/20260101T000000Z/cluster.sql.zst" || fail 'the copy differs'
    s3 del --recursive --force "s3://$bucket/large/" >/dev/null
    rm "$folder/back"
done
