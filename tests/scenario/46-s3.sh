#!/bin/bash
# Goal: a bucket of a real Ceph gateway keeps backups whole and readable by other programs, beside a directory and alone
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_s3.sh"

gateway_start
server_start source
load_small source
load_bulk source 20
settings_write source
settings_s3 spaces
other=$folder/other

# The copy is the first store's, to the byte, for other people's programs too.
backup
expect_json '.backup.stores == ["local", "spaces"]' '.stores == [{"name": "local", "ok": true, "error": null},
    {"name": "spaces", "ok": true, "error": null}]' '.backup.stored_bytes > 6000000'
mkdir "$other"
s3 get --recursive "s3://$bucket/some/where/test/$backup_id/" "$other/" >/dev/null
diff -r "$backup_folder" "$other" || fail 'the copy differs'
(cd "$other" && sha256sum --check --strict --quiet SHA256SUMS) || fail 'SHA256SUMS does not hold'
zstd --quiet --test "$other/cluster.sql.zst" || fail 'zstd cannot read the archive'
expect_whole_bucket

# Everything that reads, reads from the bucket; a part costs its part.
incant --json --quiet list --store spaces
expect_json '.backups | length == 1' '.backups[0].stores == ["spaces"]'
incant --json --quiet verify --all
expect_exit 0
expect_json '[.backups[] | .store, .ok] == ["local", true, "spaces", true]'
incant --quiet cat --store local && mv "$folder/out" "$folder/dump.local"
incant --quiet cat --store spaces
same_files "$folder/dump.local" "$folder/out" 'the dump from the bucket'
incant --verbose cat --store spaces --database zoo --table public.animals
expect_exit 0
grep -qx gnu "$folder/out" || fail 'the table is not there'
fetched=$(sed -n 's/.*status 206, \([0-9]*\) bytes/\1/p' "$folder/err" | awk '{ sum += $1 } END { print sum }')
whole=$(stat -c %s "$backup_folder/cluster.sql.zst")
[ "$fetched" -lt $((whole / 2)) ] || fail "a small table cost $fetched of $whole bytes"
server_start target
incant --json --quiet restore --store spaces --to "$(conninfo target)"
expect_exit 0
[ "$(sql target shop 'SELECT count(*), sum(id) FROM orders')" = '1000|500500' ] || fail 'rows are missing'

# Hosts share a bucket: each sees its own backups, or all of them.
sed -i 's/^name = test/name = neighbour/' "$folder/settings"
backup
sed -i 's/^name = neighbour/name = test/' "$folder/settings"
incant --json --quiet list --store spaces
expect_json '[.backups[].source] == ["test"]'
incant --json --quiet list --all-sources --store spaces
expect_json '[.backups[].source] | sort == ["neighbour", "test"]'

# push: what was left out, once, and into the store that lacks it.
incant --json --quiet backup --no-push
late=$(jq -r .backup.id "$folder/out")
incant --json --quiet push
expect_exit 0
expect_json '.copies | length == 1 and .[0].ok and .[0].store == "spaces"' ".copies[0].id == \"$late\""
incant --json --quiet push --all
expect_json '.copies == []'
rm -r "$folder/store/test/$late"
incant --json --quiet push --all
expect_exit 0
expect_json ".copies | length == 1 and .[0].store == \"local\" and .[0].id == \"$late\""
incant --json --quiet verify --all
expect_exit 0
expect_whole_bucket

# prune removes what no rule keeps, its manifest first, and what uploads have left that nobody goes on with. It
# leaves what a copy can go on with, and whatever is another host's.
oldest=$(s3_names | sed -n 's,^test/\([^/]*\)/manifest.json$,\1,p' | head -n 1)
incant --json --quiet backup --no-push --no-prune
awaited=$(jq -r .backup.id "$folder/out")
echo rubbish >"$folder/rubbish"
for source in test neighbour; do
    s3 put "$folder/rubbish" "s3://$bucket/some/where/$source/20200101T000000Z/cluster.sql.zst" >/dev/null
done
python3 - "$gateway_port" "$gateway_access_key" "$gateway_secret_key" "$bucket" "$awaited" <<'END'
import sys
import botocore.session
port, access_key, secret_key, bucket, awaited = sys.argv[1:]
client = botocore.session.get_session().create_client("s3", "us-east-1", endpoint_url="http://127.0.0.1:" + port,
    aws_access_key_id=access_key, aws_secret_access_key=secret_key)
for folder in "test/20200102T000000Z", "test/" + awaited, "neighbour/20200102T000000Z":
    client.create_multipart_upload(Bucket=bucket, Key="some/where/%s/cluster.sql.zst" % folder)
client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
END
s3_names | grep '^neighbour/' >"$folder/neighbour"
proxy_start
sed -i "s,^endpoint = .*,endpoint = http://127.0.0.1:$proxy_port," "$folder/settings"
printf '%s\n' '[keep]' 'last = 1' 'daily = 0' 'weekly = 0' 'monthly = 0' >>"$folder/settings"
rules "0 GET.*prefix=some%2Fwhere%2Ftest%2F$oldest%2F status 403:AccessDenied"
incant --json --quiet prune --store spaces
expect_error 5 store "cannot remove $oldest from store spaces"
s3_names >"$folder/names"
grep -q "^test/$oldest/cluster.sql.zst$" "$folder/names" || fail 'the archive went before the manifest'
! grep -q "^test/$oldest/manifest.json$" "$folder/names" || fail 'the manifest is still there'
rules
incant --json --quiet prune --store spaces
expect_exit 0
expect_json '.warnings | map(select(test("keeps old versions"))) | length == 1'
[ "$(grep -c 'POST.*delete= ' "$folder/proxy.log")" -le 3 ] || fail 'objects are removed one by one'
s3_names | grep -v "^neighbour/" | cut -d / -f 2 | sort -u >"$folder/left"
[ "$(cat "$folder/left")" = "$late" ] || fail "not what was to be left: $(cat "$folder/left")"
s3_names | grep '^neighbour/' | diff - "$folder/neighbour" || fail "another host's objects were touched"
s3_unfinished | sort >"$folder/left"
printf 'some/where/%s/cluster.sql.zst\n' neighbour/20200102T000000Z "test/$awaited" | diff - "$folder/left" ||
    fail 'not the uploads that were to be left'
incant --json --quiet list --all-sources --store spaces
expect_json '[.backups[].source] | sort == ["neighbour", "test"]'

# doctor says what the bucket should do by itself, and sees that it does.
judged() {
    jq -e --arg name "$1" --argjson ok "$2" '.checks[] | select(.name == "store spaces " + $name) | .ok == $ok' \
        "$folder/out" >/dev/null || fail "doctor on $1: not $2"
}
incant --json --quiet doctor
judged uploads false
judged versions false
judged expiry true
sed -n '/^<LifecycleConfiguration>/,/^<.Rule>/p' "$tree/man/incant-backup.conf.5" >"$folder/rules.xml"
s3 setlifecycle "$folder/rules.xml" "s3://$bucket" >/dev/null || fail "the manual's rules are refused"
incant --json --quiet doctor
judged uploads true
judged versions true
judged expiry true
