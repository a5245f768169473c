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

# Hosts share a bucket: none touches what is another's, finished or not.
truncate --size=6M "$folder/rubbish"
for source in test neighbour; do
    s3 put "$folder/rubbish" "s3://$bucket/some/where/$source/20200101T000000Z/cluster.sql.zst" >/dev/null
done
python3 - "$gateway_port" "$gateway_access_key" "$gateway_secret_key" "$bucket" <<'END'
import sys
import botocore.session
port, access_key, secret_key, bucket = sys.argv[1:]
client = botocore.session.get_session().create_client("s3", "us-east-1", endpoint_url="http://127.0.0.1:" + port,
    aws_access_key_id=access_key, aws_secret_access_key=secret_key)
for source in "test", "neighbour":
    client.create_multipart_upload(Bucket=bucket, Key="some/where/%s/20200102T000000Z/cluster.sql.zst" % source)
END
backup
s3_names >"$folder/names"
! grep -q '^test/20200101' "$folder/names" || fail 'what a run left was not removed'
grep -q '^neighbour/20200101' "$folder/names" || fail "another source's object was removed"
[ "$(s3_unfinished | grep -c "where/test/")" -eq 0 ] || fail 'an unfinished upload was not removed'
[ "$(s3_unfinished | grep -c "where/neighbour/")" -eq 1 ] || fail "another source's upload was removed"
sed -i 's/^name = test/name = neighbour/' "$folder/settings"
backup
incant --json --quiet list --all-sources --store spaces
expect_json '[.backups[].source] | sort == ["neighbour", "test", "test"]'
sed -i 's/^name = neighbour/name = test/' "$folder/settings"
expect_whole_bucket

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
