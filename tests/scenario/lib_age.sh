# shellcheck shell=bash
# Encrypted stores, in the words of scenarios. Sourced behind lib.sh.

# key NAME: an identity at $folder/NAME.key, and its recipient in $folder/NAME.recipient.
key() {
    incant --quiet keygen --output "$folder/$1.key"
    expect_exit 0
    cp "$folder/out" "$folder/$1.recipient"
    grep -qx 'age1[a-z0-9]*' "$folder/$1.recipient" || fail "keygen does not print a recipient"
}

# recipient NAME
recipient() {
    cat "$folder/$1.recipient"
}

# sealed_write SERVER RECIPIENT…: settings with a plain store at $folder/store and a sealed one at $folder/sealed.
sealed_write() {
    settings_write "$1"
    shift
    cat >>"$folder/settings" <<-END
		[store sealed]
		kind = directory
		path = $folder/sealed
		$(printf 'encrypt-to = %s\n' "$@")
	END
}

# with_identity FILE: the settings as they are, and that identity. without_identity takes it out again.
with_identity() {
    without_identity
    printf '[identity]\nfile = %s\n' "$1" >>"$folder/settings"
}

without_identity() {
    sed -i '/^\[identity\]$/,$d' "$folder/settings"
}

# need_age: fails where there is no age program.
need_age() {
    command -v age >/dev/null || fail "there is no age program (scripts/packages)"
}

# vectors_install: the age project's test vectors, an npm package that is kept in a cache folder. $vectors is its
# module.
vectors_install() {
    local version=0.2.0 cache=${XDG_CACHE_HOME:-$HOME/.cache}/incant-backup-tests
    vectors=$cache/cctv-age-$version/node_modules/cctv-age/index.js
    [ ! -s "$vectors" ] || return 0
    mkdir -p "$cache"
    npm install --silent --no-save --no-package-lock --prefix "$folder/npm" "cctv-age@$version" >"$folder/npm.log" 2>&1 ||
        fail "npm: $(tail -n 3 "$folder/npm.log")"
    rm -rf "$cache/cctv-age-$version"
    mv "$folder/npm" "$cache/cctv-age-$version"
    [ -s "$vectors" ] || fail 'the package cctv-age has no index.js'
}
