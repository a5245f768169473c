# shellcheck shell=bash disable=SC2154 # the names that lib.sh sets
# Scratch servers: a place of the scenario's own for them, and a look at what they leave.

# settings_scratch [LINE…]: the section [scratch]; each LINE goes into it.
settings_scratch() {
    mkdir -p "$folder/scratch"
    at_end+=(scratch_end)
    cat >>"$folder/settings" <<-END
		[scratch]
		directory = $folder/scratch
		memory = 256MiB
	END
    [ $# -eq 0 ] || printf '%s\n' "$@" >>"$folder/settings"
}

# Whatever a scenario that failed has left running.
scratch_end() {
    "$program" --config "$folder/settings" scratch end >/dev/null 2>&1
}

# scratch_processes: those of all scratch servers in this scenario's place.
scratch_processes() {
    find /proc -maxdepth 2 -name cwd -lname "$folder/scratch/*" 2>/dev/null || true
}

# expect_no_scratch: no folder, no process.
expect_no_scratch() {
    local left
    left=$(ls -A "$folder/scratch")
    [ -z "$left" ] || fail "a scratch server's folder is left: $left"
    left=$(scratch_processes)
    [ -z "$left" ] || fail "a scratch server's processes are left: $left"
}

# wrap_dumper SQL: makes $folder/bin, for pg-bindir in [scratch]: PostgreSQL's programs, but a pg_dumpall that
# first runs the script $folder/sabotage.sql in the server that it is to dump.
wrap_dumper() {
    local program
    mkdir -p "$folder/bin"
    for program in initdb pg_ctl postgres; do
        ln -sf "$pg_bindir/$program" "$folder/bin/$program"
    done
    cat >"$folder/bin/pg_dumpall" <<-END
		#!/bin/sh
		if [ "\$1" != --version ]; then
		    psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --file=$folder/sabotage.sql "\$3" >/dev/null || exit 1
		fi
		exec $pg_bindir/pg_dumpall "\$@"
	END
    chmod 755 "$folder/bin/pg_dumpall"
}
