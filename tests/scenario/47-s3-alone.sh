#!/bin/bash
# Goal: with a bucket as the only store the dump goes there directly, over TLS too, one run at a time, however many backups
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_s3.sh"

gateway_tls=yes
gateway_start
server_start source
load_small source
load_bulk source 20
settings_write source
sed -i '/^\[store local\]/,/^path/d' "$folder/settings"
sed -i '/^\[dump\]/d' "$folder/settings"
settings_s3 spaces '' '[keep]' 'last = 1000' # all are counted
sed -i "s,^endpoint = .*,endpoint = https://localhost:$gateway_tls_port\nca-file = $ceph/tls.pem," "$folder/settings"

incant --json --quiet backup
expect_exit 0
expect_json '.backup.stores == ["spaces"]' '.stores | length == 1'
id=$(jq -r .backup.id "$folder/out")
incant --json --quiet verify
expect_exit 0
expect_whole_bucket
s3 get "s3://$bucket/some/where/test/$id/cluster.sql.zst" "$folder/archive.zst" >/dev/null
zstd --quiet --decompress "$folder/archive.zst" -o "$folder/archive.sql"
tail -n 5 "$folder/archive.sql" | grep -q 'cluster dump complete' || fail 'the archive is not whole'

# Without the certificate there is no trust, and no trying again.
sed -i '/^ca-file/d' "$folder/settings"
incant --json --quiet list
expect_error 5 store 'certificate'
sed -i "s,^kind = s3,kind = s3\nca-file = $ceph/tls.pem," "$folder/settings"

# Through a proxy of the environment, and with the bucket as a part of the host.
proxy_start
rules
https_proxy=http://127.0.0.1:$proxy_port incant --json --quiet list
expect_exit 0
expect_json '.backups | length == 1'
happened "^CONNECT localhost:$gateway_tls_port .* 200$"
https_proxy=http://127.0.0.1:$proxy_port no_proxy=localhost incant --json --quiet list
expect_exit 0
proxy_stop
sed -i 's/^kind = s3/&\naddress-style = host/' "$folder/settings"
incant --verbose --json list
expect_exit 0
expect_json '.backups | length == 1'
grep -q " https://$bucket.localhost:$gateway_tls_port/" "$folder/err" || fail 'the bucket is not a part of the host'
sed -i '/^address-style/d' "$folder/settings"

# A dump that fails leaves nothing there; so does one that is interrupted.
lock_table source bulk noise
incant_begin --json --quiet backup
wait_until 30 dump_waits source
incant --json --quiet backup
expect_error 10 busy 'another run holds the lock of source test (backup, pid'
kill -TERM "$incant_pid"
incant_end
expect_exit 143
expect_whole_bucket

# One that is killed leaves its lock, which the next run on this machine sees through.
incant_begin --json --quiet backup
wait_until 30 dump_waits source
kill -KILL "$incant_pid"
wait "$incant_pid" 2>/dev/null || true
[ "$(s3_names | grep -c '^test/lock$')" -eq 1 ] || fail 'there is no lock'
unlock_table source
incant --json --quiet backup
expect_exit 0
expect_json '.warnings | map(select(test("took over a lock"))) | length == 1'
expect_whole_bucket
! s3_names | grep -q '^test/lock$' || fail 'the lock was not removed'

# Many backups of several hosts: a listing costs few requests, however many there are.
template=$folder/template
s3 get "s3://$bucket/some/where/test/$id/manifest.json" "$template" >/dev/null
manifests_like "$template" "$folder/many" 40 test web1 web2
s3_copy "$folder/many" "some/where"
incant --json --quiet backup
expect_exit 0
incant --verbose --json list
expect_json '.backups | length == 43'
[ "$(grep -c ' GET ' "$folder/err")" -le 5 ] || fail "the list took $(grep -c ' GET ' "$folder/err") requests"
incant --verbose --json list --all-sources
expect_json '.backups | length == 123'

# A pack that is not what the bucket shows is not believed.
s3 get "s3://$bucket/some/where/test/catalog.json" "$folder/pack" >/dev/null
sed 's/vm/xx/; s/"tag": *"[0-9a-f]/&0/g' "$folder/pack" >"$folder/pack.other"
s3 put "$folder/pack.other" "s3://$bucket/some/where/test/catalog.json" >/dev/null
incant --json --quiet list
expect_json '.backups | length == 43' 'all(.backups[]; .source == "test")' '.warnings == []'
echo rubbish >"$folder/pack.other"
s3 put "$folder/pack.other" "s3://$bucket/some/where/test/catalog.json" >/dev/null
incant --json --quiet list
expect_json '.backups | length == 43' '.warnings == []'
