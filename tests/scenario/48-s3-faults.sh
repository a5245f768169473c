#!/bin/bash
# Goal: whatever goes wrong on the way to a bucket, a copy is whole or not there, and the run gets over it or says what it was
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_s3.sh"

gateway_start
proxy_start
server_start source
load_small source
load_bulk source 20
settings_write source
settings_s3 spaces "$proxy_port" 'patience = 8s'
incant --json --quiet backup --no-push
expect_exit 0
id=$(jq -r .backup.id "$folder/out")

# push_well: the copy comes about, and is whole.
push_well() {
    incant --json --quiet push
    expect_exit 0
    expect_json '.copies | length == 1 and .[0].ok'
    expect_whole_bucket
    incant --json --quiet verify --store spaces
    expect_exit 0
}
# push_badly CODE CLASS TEXT: it does not, the run says why, and nothing of it can be seen but whole objects.
push_badly() {
    sed -i 's/^patience = .*/patience = 1s/' "$folder/settings"
    incant --json --quiet push
    expect_error "$@"
    sed -i 's/^patience = .*/patience = 8s/' "$folder/settings"
    ! s3_names | grep -q manifest.json || fail 'there is a manifest'
    rules
}
forget_copy() {
    s3 del --recursive --force "s3://$bucket/some/where/" >/dev/null
}

# What passes is got over.
rules '1 PUT.*partNumber status 500:InternalError' '1 PUT.*partNumber status 503:SlowDown' \
    '1 GET.*list-type status 503:SlowDown' '1 POST.*uploads= status 500:InternalError' \
    '1 partNumber=2 cut 3000000' '1 partNumber=1 stall 5' '1 SHA256SUMS reset'
push_well
happened 'PUT .* 500$'
happened 'PUT .* 503$'
happened 'partNumber=2.* cut$'
wait_until 30 grep -q 'partNumber=1.* stall$' "$folder/proxy.log" || fail 'nothing has stalled'
happened 'SHA256SUMS.* reset$'
forget_copy

# A lost answer is settled by asking.
rules '1 POST.*[?]uploadId= lose' '1 PUT.*manifest.json lose' '1 PUT.*contents.json lose'
push_well
happened 'POST .* lost 200$'
happened 'PUT .*manifest.json .* lost 200$'
forget_copy
rules '1 POST.*[?]uploadId= status 200:InternalError'
push_well
forget_copy

# What does not pass is said in words, and the next run goes on from what is there.
rules '0 partNumber=[2-9] status 403:AccessDenied'
push_badly 5 store 'the keys may not do that (AccessDenied)'
[ -n "$(s3_unfinished)" ] || fail 'the parts were thrown away'
rules
push_well
! grep -q 'partNumber=1&' "$folder/proxy.log" || fail 'a part was sent again'
forget_copy
rules '0 POST.*[?]uploadId= status 500:InternalError'
push_badly 5 store 'it had a fault of its own (InternalError)'
rules
push_well
! grep -q 'partNumber=' "$folder/proxy.log" || fail 'a part was sent again'
forget_copy
rules '0 PUT.*partNumber status 507'
push_badly 5 store 'there is no room left'
rules '0 [A-Z] status 403:RequestTimeTooSkewed'
push_badly 5 store "its clock and this machine's differ too much (there: Sun, 22 Nov 2020"
rules '0 PUT.*manifest.json status 503:SlowDown'
push_badly 5 store 'it asks for fewer requests (SlowDown)'
rules
push_well
forget_copy

# Keys that were changed, a bucket that is not there: of the real gateway.
write_keys "$folder/keys" wrong
push_badly 5 store 'SignatureDoesNotMatch'
sed -i 's/^access-key = .*/access-key = NOBODY/' "$folder/keys"
push_badly 5 store 'the access key is not known there (InvalidAccessKeyId)'
write_keys "$folder/keys"
sed -i 's/^bucket = .*/bucket = elsewhere/' "$folder/settings"
push_badly 5 store 'there is no such bucket (NoSuchBucket)'
sed -i "s/^bucket = .*/bucket = $bucket/" "$folder/settings"
chmod 644 "$folder/keys"
push_badly 3 settings 'holds a secret and others may read it'
chmod 600 "$folder/keys"

# A store that is full, of the real gateway: the backup stands, the copy does not, and goes on when there is room.
gateway_quota 7000000
incant --json --quiet backup
expect_error 5 store 'the quota is used up (QuotaExceeded)'
expect_json '.backup.stores == ["local"]'
! s3_names | grep -q manifest.json || fail 'there is a manifest'
gateway_quota -1
incant --json --quiet push --all
expect_exit 0
expect_json '.copies | length == 2'
expect_whole_bucket

# Reading goes on in the middle of an object.
rules '3 GET.*cluster.sql.zst short 30000' '1 GET.*contents status 500:InternalError'
incant --json --quiet verify --store spaces
expect_exit 0
happened 'GET .* short 206$' 2

# A store that does not answer hides no other one.
proxy_stop
incant --json --quiet list
expect_exit 0
expect_json '.backups | length == 2' '.warnings | length == 1' '.warnings[0] | test("spaces")'
incant --json --quiet push
expect_exit 5
expect_json '.copies == [{"id": null, "store": "spaces", "bytes": 0, "ok": false, "error": .error}]'
