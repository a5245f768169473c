# shellcheck shell=bash
# Backups of any age, for scenarios about rotation: they are copies of one that was made, with another id and
# time in the manifest. Sourced behind lib.sh.

# manifest_write FILE: reads the manifest's text, without its digest and closing brace, and adds those two lines.
manifest_write() {
    local file=$1
    cat >"$file.body"
    { cat "$file.body" && printf '  "sha256": "%s"\n}\n' "$(sha256sum <"$file.body" | cut -d ' ' -f 1)"; } >"$file"
    rm "$file.body"
}

# plant STORE FROM-ID TIME [SOURCE]: a backup of that time (as 2026-11-22T03:00:00Z) in the folder STORE, from one
# that is there. $planted is its id.
plant() {
    local store=$1/${4:-test} from=$2 time=$3
    planted=$(tr -d ':-' <<<"$time")
    cp -r "$store/$from" "$store/$planted"
    rm -f "$store/$planted"/{pin,proof,suspect}.json "$store/$planted/manifest.json"
    head -n -2 "$store/$from/manifest.json" | sed -e "s/^  \"id\": .*/  \"id\": \"$planted\",/" \
        -e "s/^  \"created\": .*/  \"created\": \"$time\",/" | manifest_write "$store/$planted/manifest.json"
}

# days_ago N [HOURS]: the time of three in the morning, UTC, so many days ago, and so many hours later.
days_ago() {
    date -u -d "$(date -u -d "$1 days ago" +%Y-%m-%d) 03:00 UTC + ${2:-0} hours" +%Y-%m-%dT%H:%M:%SZ
}

# keep_rules LINE…: the [keep] section of the settings, in the place of an earlier one.
keep_rules() {
    sed -i '/^\[keep\]$/,/^$/d' "$folder/settings"
    printf '%s\n' '' '[keep]' "$@" '' >>"$folder/settings"
}

# ids [STORE]: what is there, oldest first.
ids() {
    find "${1:-$folder/store}/test" -mindepth 1 -maxdepth 1 -type d -printf '%f\n' | sort
}
