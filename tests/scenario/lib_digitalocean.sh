# shellcheck shell=bash disable=SC2154 # the names that lib.sh sets
# A stand-in for DigitalOcean (tests/fake/fake_digitalocean), with the droplet 3164444 of source `test`, and
# settings that name it.
#
#     cloud_start [FOREIGN]
#     cloud_knobs '{"pending": 2}'
#     cloud_snapshots '.name'

# cloud_start [FOREIGN [OPTION…]]: with so many snapshots that are not ours. $cloud_url is its address, $cloud
# its folder.
cloud_start() {
    local foreign=${1:-0}
    shift || true
    cloud=$folder/cloud
    token=dop_v1_$RANDOM$RANDOM$RANDOM
    mkdir -p "$cloud"
    rm -f "$cloud/port" "$cloud/knobs" "$cloud/requests"
    (umask 077 && echo "$token" >"$folder/token")
    "$tree/tests/fake/fake_digitalocean" --folder "$cloud" --droplet 3164444 --token-file "$folder/token" \
        --foreign "$foreign" "$@" >"$cloud/log" 2>&1 &
    cloud_pid=$!
    wait_until 30 test -e "$cloud/port" || fail "the stand-in does not start: $(tail -n 3 "$cloud/log")"
    cloud_url=http://127.0.0.1:$(<"$cloud/port")
}

cloud_stop() {
    kill "$cloud_pid"
    wait "$cloud_pid" 2>/dev/null || true
}

# cloud_settings [LINE…]: the section for it; each LINE goes into it.
cloud_settings() {
    sed -i '/^\[droplet\]$/,$d' "$folder/settings"
    cat >>"$folder/settings" <<-END
		[droplet]
		id = 3164444
		token-file = $folder/token
		api = $cloud_url
	END
    printf '%s\n' "$@" >>"$folder/settings"
}

# cloud_knobs JSON: how it behaves from now on. The counts in it begin anew.
cloud_knobs() {
    printf '%s\n' "$1" | jq --arg turn "$((++cloud_turn))" '. + {turn: $turn}' >"$cloud/knobs.new"
    mv "$cloud/knobs.new" "$cloud/knobs"
}
cloud_turn=0

# cloud_snapshots FILTER: of every snapshot that the account has, the oldest first.
cloud_snapshots() {
    jq -r ".snapshots[] | $1" "$cloud/state.json"
}

# cloud_requests PATTERN: how many requests there were that fit.
cloud_requests() {
    grep -cE "$1" "$cloud/requests" || true
}
