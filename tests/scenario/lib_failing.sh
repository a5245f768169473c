# shellcheck shell=bash
# Runs whose calls go wrong (tests/fake/failing_calls.c), and a dumper that has its dump ready. Sourced behind lib.sh.

gcc -std=c11 -O1 -shared -fPIC -o "$folder/failing.so" "$tree/tests/fake/failing_calls.c"
mkdir "$folder/morgue"

# failing UNDER HOW N ARGUMENT…: as incant, with the Nth call below UNDER going wrong so. What the shim wrote is in
# $folder/log.
failing() {
    local under=$1 how=$2 at=$3
    shift 3
    : >"$folder/log"
    status=0
    # What the shell says of a killed child is of no interest.
    { FAIL_UNDER=$under FAIL_HOW=$how FAIL_AT=$at FAIL_LOG=$folder/log FAIL_MORGUE=$folder/morgue \
        LD_PRELOAD=$folder/failing.so "$program" --config "$folder/settings" "$@" \
        >"$folder/out" 2>"$folder/err" </dev/null || status=$?; } 2>/dev/null
}

# dumper NAME COMMAND: for pg-bindir, the folder $folder/NAME, whose pg_dumpall runs the command.
dumper() {
    mkdir -p "$folder/$1"
    # shellcheck disable=SC2016 # the script's own
    printf '#!/bin/sh\n[ "$1" != --version ] || exec %s/pg_dumpall --version\n%s\n' "$pg_bindir" "$2" \
        >"$folder/$1/pg_dumpall"
    ln -sf "$pg_bindir/pg_dump" "$folder/$1/pg_dump"
    chmod 755 "$folder/$1/pg_dumpall"
}

# settings_two_stores NAME: server NAME, the dumper $folder/bin, the stores local and other below $folder/stores.
settings_two_stores() {
    mkdir -m 700 "$folder/stores"
    cat >"$folder/settings" <<-EOF
		[source]
		name = test
		kind = postgres
		conninfo = $(conninfo "$1")
		pg-bindir = $folder/bin
		[store local]
		kind = directory
		path = $folder/stores/local
		[store other]
		kind = directory
		path = $folder/stores/other
	EOF
}
