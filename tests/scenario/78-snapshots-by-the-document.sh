#!/bin/bash
# Goal: every request and answer is as DigitalOcean's own description of its API has them, for another client too
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_digitalocean.sh"

# The description is DigitalOcean's, and lies beside the tree where somebody has put it.
beside=$(git -C "$tree" rev-parse --path-format=absolute --git-common-dir 2>/dev/null)/../../shared # of the clone, for a work tree
[ -e "$tree/../shared" ] && beside=$tree/../shared
document=${INCANT_DIGITALOCEAN_OPENAPI:-$beside/digitalocean-openapi.json}
[ -e "$document" ] || pass_over 'there is no ../shared/digitalocean-openapi.json, nor $INCANT_DIGITALOCEAN_OPENAPI'
[ "$(node --version | sed 's/^v\([0-9]*\).*/\1/')" -ge 18 ] || pass_over "node $(node --version) is too old for the proxy"

# The proxy that holds both sides to it comes from the npm registry, and is kept.
cache=${XDG_CACHE_HOME:-$HOME/.cache}/incant-backup-tests
prism=$cache/prism-5/node_modules/.bin/prism
mkdir -p "$cache"
exec 9>"$cache/lock.prism"
flock 9
if [ ! -x "$prism" ]; then
    command -v npm >/dev/null || fail 'there is no npm'
    rm -rf "$cache/prism-5.new"
    mkdir "$cache/prism-5.new"
    (cd "$cache/prism-5.new" && npm install --no-audit --no-fund --no-save --ignore-scripts @stoplight/prism-cli@5.16.0) \
        >"$folder/out" 2>"$folder/err" || fail 'npm does not install the proxy'
    rm -rf "$cache/prism-5"
    mv "$cache/prism-5.new" "$cache/prism-5"
fi
exec 9>&-

server_start source
settings_write source
cloud_start 450
direct_url=$cloud_url

# Prism says on which port it listens; 0 is not one that it takes.
proxy_port=$(/usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
"$prism" proxy "$document" "$direct_url" --errors --host 127.0.0.1 --port "$proxy_port" >"$folder/prism.log" 2>&1 &
wait_until 120 grep -q "Prism is listening" "$folder/prism.log" || fail "the proxy does not start: $(tail -n 3 "$folder/prism.log")"
cloud_url=http://127.0.0.1:$proxy_port

# The proxy does find one, or it would prove nothing: a page too large, an action without a type.
curl_status() {
    /usr/bin/python3 - "$@" <<-'END'
		import sys, urllib.request, urllib.error
		method, url, token, body = sys.argv[1:5]
		request = urllib.request.Request(url, method=method, data=body.encode() or None, headers={
		    "Authorization": "Bearer " + token, "Content-Type": "application/json"})
		try:
		    print(urllib.request.urlopen(request).status)
		except urllib.error.HTTPError as error:
		    print(error.code, error.read().decode())
	END
}
curl_status GET "$cloud_url/v2/snapshots?per_page=201" "$token" '' >"$folder/out"
grep -q '^[45].. .*prism/errors#' "$folder/out" || fail 'the proxy lets a page of 201 pass'
curl_status POST "$cloud_url/v2/droplets/3164444/actions" "$token" '{"name": "x"}' >"$folder/out"
grep -q '^[45].. .*prism/errors#' "$folder/out" || fail 'the proxy lets an action without a type pass'
before=$(wc -l <"$folder/prism.log")

# Ours, through it.
cloud_settings 'keep = 1'
cloud_knobs '{"pending": 1, "policy": {"plan": "weekly", "weekday": "SUN", "hour": 20, "window_length_hours": 4,
    "retention_period_days": 28}}'
for _ in 1 2; do
    incant --json --quiet snapshot create
    expect_exit 0
done
incant --json --quiet snapshot list
expect_exit 0
expect_json '[.snapshots[] | select(.ours)] | length == 2'
incant --json --quiet snapshot prune
expect_exit 0
expect_json '[.verdicts[] | select(.deleted)] | length == 1'
cloud_knobs '{"faults": [{"match": "GET /v2/droplets", "status": 403}]}'
incant --json --quiet snapshot list
expect_error 12 cloud 'the token may not do that (403)'
sed "1,${before}d" "$folder/prism.log" >"$folder/prism.ours"
[ "$(grep -cE 'Request received|Forwarding' "$folder/prism.ours")" -ge 10 ] || fail 'the requests did not pass the proxy'
! grep -iE 'violation' "$folder/prism.ours" || fail 'one of our requests, or an answer of the stand-in, is not as described'

# And another client of the stand-in, past the proxy, which knows none of the slashes that it puts behind paths.
cloud_knobs '{}'
DIGITALOCEAN_END_POINT=$direct_url/v2/ /usr/bin/python3 - "$token" <<'END' || fail 'the other client is not content'
import sys
import digitalocean

token = sys.argv[1]
manager = digitalocean.Manager(token=token)
droplet = manager.get_droplet(3164444)
assert droplet.name == "web-0" and droplet.status == "active", droplet
action = droplet.take_snapshot("by-the-other-client", return_dict=False)
assert action.status == "in-progress", action
try:
    droplet.take_snapshot("too-soon")
except digitalocean.DataReadError as error:
    assert "pending event" in str(error), error
else:
    raise AssertionError("two snapshots at once")
assert action.wait(update_every_seconds=0), action
made = [one for one in manager.get_droplet_snapshots() if one.name == "by-the-other-client"]
assert len(made) == 1 and made[0].resource_id == "3164444" and made[0].created_at == action.started_at, made
assert len(manager.get_volume_snapshots()) == 113, len(manager.get_volume_snapshots())
assert made[0].destroy() is True
try:
    digitalocean.Snapshot.get_object(token, made[0].id)
except digitalocean.NotFoundError:
    pass
else:
    raise AssertionError("deleted, and still there")
try:
    digitalocean.Manager(token="wrong").get_droplet(3164444)
except digitalocean.DataReadError:
    pass
else:
    raise AssertionError("a wrong token is taken")
END
