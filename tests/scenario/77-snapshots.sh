#!/bin/bash
# Goal: droplet snapshots are made, listed and pruned, whatever the provider does; nobody else's is touched
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_digitalocean.sh"

server_start source
load_small source
settings_write source
cloud_start 600
cloud_settings 'keep = 2'
before=$(cloud_snapshots .id | sort | md5sum)

# ours: the snapshots of the account that this program made of this source and droplet, by name.
ours() {
    cloud_snapshots 'select(.resource_id == "3164444" and (.name | test("^incant-test-[0-9TZ]{16}-[0-9a-f]{4}$"))) | .name'
}

# The 450 droplet snapshots among them are three pages; none is ours, those of the droplet are listed all the same.
incant --json --quiet snapshot list
expect_exit 0
expect_json '.command == "snapshot" and .action == "list"' '.droplet.name == "web-0"' '.snapshots | length == 150' \
    'all(.snapshots[]; .ours == false)' '.monthly_usd > 20'
[ "$(cloud_requests '^GET /v2/snapshots\?.*page=3 200$')" -eq 1 ] || fail 'the pages were not all read'

# Made while the droplet is busy with another event; the list lags behind; the server was told to write its pages.
sql source postgres "ALTER SYSTEM SET log_checkpoints = on" "ALTER SYSTEM SET log_min_messages = log" \
    'SELECT pg_reload_conf()' >/dev/null
cloud_knobs '{"pending": 1, "lag": 2, "volumes": 1}'
incant --json snapshot create
expect_exit 0
expect_json '.snapshot.name | test("^incant-test-[0-9TZ]{16}-[0-9a-f]{4}$")' '.snapshot.droplet == 3164444' \
    '.snapshot.ours' '.snapshot.gigabytes == 2.34' '.warnings | length == 1 and (.[0] | test("1 attached volume"))'
grep -q 'checkpoint starting: immediate force wait' "$folder/source/log" || fail 'there was no CHECKPOINT'
[ "$(ours | wc -l)" -eq 1 ] || fail 'there is not one snapshot of ours'

# A request that was done and whose answer got lost is not made twice.
cloud_knobs '{"faults": [{"match": "POST /v2/droplets/3164444/actions", "drop": "after"}]}'
incant --json --quiet snapshot create
expect_exit 0
[ "$(ours | wc -l)" -eq 2 ] || fail 'a lost answer made another snapshot, or none'

# What fails for a while is asked again: 5xx, a closed connection, a rate limit.
cloud_knobs '{"faults": [{"match": "GET /v2/actions", "times": 2, "status": 503},
    {"match": "GET /v2/snapshots", "drop": "before"},
    {"match": "POST /v2/droplets", "status": 429, "headers": {"retry-after": "1"}}]}'
incant --json snapshot create
expect_exit 0
grep -q 'too many requests; going on in 1.0s' "$folder/err" || fail 'a rate limit was not told'

# Pruned to the newest two, and nothing else; what is deleted is looked at first.
incant --json --quiet snapshot prune --dry-run
expect_exit 0
expect_json '[.verdicts[] | select(.keep | not)] | length == 1 and all(.[]; .ours and (.deleted | not))'
[ "$(ours | wc -l)" -eq 3 ] || fail 'a dry run deleted something'
oldest=$(ours | head -n 1)
incant --json --quiet snapshot prune
expect_exit 0
expect_json "[.verdicts[] | select(.deleted)] | length == 1 and .[0].name == \"$oldest\"" \
    '[.verdicts[] | select(.keep)] | length == 152'
[ "$(ours | wc -l)" -eq 2 ] || fail 'not the newest two are left'
cloud_settings 'keep = 1'
incant --quiet snapshot prune
expect_exit 0
incant --quiet snapshot prune
expect_exit 0
[ "$(ours | wc -l)" -eq 1 ] || fail 'the newest one did not stay'

# Another source's, and the same source's of another droplet, were never asked for one by one.
[ "$(cloud_snapshots 'select(.name | test("^incant-test-2026.*T") and (test("20260101T000000Z") | not) | not) | .id' |
    sort | md5sum)" = "$before" ] || fail 'a snapshot of somebody else is gone'
! grep -E '/v2/droplets/' "$cloud/requests" | grep -v '/v2/droplets/3164444' || fail 'another droplet was asked for'
! grep -E ' /v2/volumes' "$cloud/requests" || fail 'a volume was asked for'
[ "$(cloud_requests '^DELETE ')" -eq 2 ] || fail 'there were other deletions'

# Each refusal in words, with exit code 12.
refused() {
    local status=$1 text=$2
    cloud_knobs "{\"faults\": [{\"match\": \"GET /v2/droplets\", \"times\": 9, \"status\": $status,
        \"headers\": {\"retry-after\": \"7200\"}}]}"
    incant --json --quiet snapshot list
    expect_error 12 cloud "$text"
}
refused 401 'DigitalOcean does not accept the token (401): Unable to authenticate you'
expect_json ".error.hint | test(\"$folder/token\")"
refused 403 'the token may not do that (403)'
refused 404 'there is no droplet 3164444 for this token (404)'
refused 429 'too many requests with this token (429)'
expect_json '.error.hint | test("Try again after 20")'
refused 500 'DigitalOcean failed (500)'
cloud_knobs '{"result": "errored"}'
incant --json --quiet snapshot create
expect_error 12 cloud 'DigitalOcean could not make the snapshot'
cloud_knobs '{"ticks": 999}'
cloud_settings 'time-limit = 3s'
incant --json --quiet snapshot create
expect_error 12 cloud 'within the time that it was given'
expect_json '.error.hint | test("may still be going on")'

# Interrupted while it waits: the exit code of the signal, and what becomes of the snapshot.
cloud_stop
cloud_start
cloud_settings
cloud_knobs '{"ticks": 999}'
incant_begin snapshot create
wait_until 60 grep -q '^GET /v2/actions' "$cloud/requests" || fail 'the snapshot is not waited for'
kill -TERM "$incant_pid"
incant_end
expect_exit 143
grep -q 'the snapshot goes on at DigitalOcean' "$folder/err" || fail 'nobody is told that it goes on'

# By the metadata service, past any proxy; a source that does not answer is a warning. The token comes from the
# environment.
cloud_stop
cloud_start
cloud_settings
sed -i -e '/^id = 3164444/d' -e '/^token-file/d' "$folder/settings"
server_stop source
http_proxy=http://127.0.0.1:1 https_proxy=http://127.0.0.1:1 INCANT_BACKUP_METADATA=$cloud_url \
    DIGITALOCEAN_TOKEN=$token incant --json --verbose snapshot create
expect_exit 0
expect_json '.droplet.id == 3164444' '.warnings[0] | test("^no CHECKPOINT before the snapshot: ")'
[ "$(cloud_requests '^GET /metadata/v1/id 200')" -eq 1 ] || fail 'the metadata service was not asked'
! grep -F -- "$token" "$folder/out" "$folder/err" || fail 'the token was shown'
cloud_knobs '{"faults": [{"match": "GET /v2/droplets", "echo": true, "status": 400}]}'
DIGITALOCEAN_TOKEN=$token INCANT_BACKUP_METADATA=$cloud_url incant --json --verbose snapshot list
expect_exit 12
! grep -F -- "$token" "$folder/out" "$folder/err" || fail 'the token was shown when it was sent back'
incant --json --quiet snapshot list
expect_error 3 settings 'there is no DigitalOcean token'

# The token file is private. Plain http goes nowhere else, and TLS is checked.
cloud_settings
chmod 640 "$folder/token"
incant --json --quiet snapshot list
expect_error 3 settings "$folder/token"
chmod 600 "$folder/token"
cloud_url=http://api.digitalocean.com cloud_settings
incant --json --quiet snapshot list
expect_error 3 settings "is not a value for 'api'"
cloud_stop
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -keyout "$folder/key" -out "$folder/certificate" \
    2>/dev/null
cat "$folder/certificate" >>"$folder/key"
cloud_start 0 --tls "$folder/key"
cloud_url=https://localhost:${cloud_url##*:}
cloud_settings
incant --json --quiet snapshot list
expect_error 12 cloud 'certificate'
[ ! -e "$cloud/requests" ] || fail 'a request went to a server that nobody vouches for'
