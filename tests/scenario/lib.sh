# shellcheck shell=bash
# The words that scenarios are written in. A scenario is a bash script that sources this file:
#
#     # Goal: one sentence.
#     . "$(dirname "$0")/lib.sh"
#     server_start source
#     settings_write source
#     incant backup --json
#     expect_exit 0
#     expect_json '.backup.tables > 3'
#
# Globals: $folder  the scenario's own folder; removed at the end, whatever the end is
#          $status  exit status of the last `incant`; its output is in $folder/out and $folder/err
#          $program the program under test, from $INCANT_BACKUP or build/incant-backup
#          $tree    the source tree
#
# Everything that is started is ended when the script ends, however it ends: background processes, servers,
# mounts, and what only a command can end, by adding it to $at_end. A scenario that cannot do its work fails; only
# what no package brings makes one pass_over its work, which is shown, and which CI does not allow.

set -eu -o pipefail
export LC_ALL=C.UTF-8
umask 022
unset "${!PG@}" "${!INCANT_BACKUP_@}" "${!POSTGRES_@}"

tree=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
program=${INCANT_BACKUP:-$tree/build/incant-backup}
folder=$(mktemp -d /tmp/incant-scenario.XXXXXX)
chmod 755 "$folder"
status=0
at_end=()
pg_bindir=$(find /usr/lib/postgresql -path '*/bin/initdb' | sort -V | tail -n 1 | xargs -r dirname)

# What a failed scenario leaves on the screen.
fail() {
    {
        echo "FAILED: $*"
        echo "  at ${BASH_SOURCE[-1]##*/}, line ${BASH_LINENO[-2]}"
        for name in out err; do
            [ -s "$folder/$name" ] || continue
            echo "  --- std$name of the last command, exit status $status ---"
            tail -c 2500 "$folder/$name" | sed 's/^/  /'
        done
    } >&2
    exit 1
}
# pass_over WHY: ends the scenario, neither passed nor failed.
pass_over() {
    echo "$*"
    exit 77
}
trap 'fail "unexpected exit status $? of: $BASH_COMMAND"' ERR
set -E

clean_up() {
    local pid pid_file place i
    trap - ERR
    set +e
    for ((i = ${#at_end[@]} - 1; i >= 0; i--)); do
        ${at_end[i]}
    done
    # `jobs` knows the children that are still there; no pid is trusted for longer.
    for pid in $(jobs -p); do
        kill "$pid" 2>/dev/null
    done
    for pid_file in "$folder"/*/data/postmaster.pid; do
        [ -e "$pid_file" ] && kill -QUIT "$(head -n 1 "$pid_file")" 2>/dev/null
    done
    for pid in $(jobs -p); do
        wait_until 20 process_ended "$pid" || kill -9 "$pid" 2>/dev/null
    done
    # What a scenario or an engine has mounted, the innermost first: nothing is removed through a mount.
    tac /proc/self/mounts | while read -r _ place _; do
        [[ $place != "$folder"/* ]] || umount "$place" || umount -l "$place"
    done
    rm -rf --one-file-system "$folder"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

[ -x "$program" ] || fail "there is no program at $program"
[ -n "$pg_bindir" ] || fail "there is no PostgreSQL server in /usr/lib/postgresql"

# Waiting -----------------------------------------------------------------------------------------------------

# wait_until SECONDS COMMAND…: until the command succeeds. Fails when it does not in that time.
wait_until() {
    local deadline=$((SECONDS + $1))
    shift
    until "$@"; do
        [ "$SECONDS" -lt "$deadline" ] || return 1
        sleep 0.05
    done
}

process_gone() {
    ! kill -0 "$1" 2>/dev/null
}

# process_ended PID: as process_gone, also of a child that nobody has waited for yet.
process_ended() {
    [ "$(ps -o stat= -p "$1" | cut -c 1)" != Z ] && ! process_gone "$1" && return 1
    return 0
}

need_root() {
    [ "$(id -u)" -eq 0 ] || fail "this scenario needs root: $1"
}

# PostgreSQL servers ------------------------------------------------------------------------------------------
# A server is a name: its data is $folder/NAME/data, its socket lies in $folder/NAME. It has no TCP port.

# PostgreSQL refuses to run as root.
as_server_user() {
    if [ "$(id -u)" -eq 0 ]; then
        (cd / && exec setpriv --reuid=postgres --regid=postgres --init-groups -- "$@")
    else
        "$@"
    fi
}

# server_create NAME [INITDB-OPTION…]: an empty cluster whose superuser is postgres, not running.
server_create() {
    local name=$1
    shift
    mkdir -p "$folder/$name"
    [ "$(id -u)" -ne 0 ] || chown postgres: "$folder/$name"
    as_server_user "$pg_bindir/initdb" --pgdata="$folder/$name/data" --username=postgres --auth=trust \
        --encoding=UTF8 --locale=C.UTF-8 --no-sync "$@" >"$folder/$name.initdb" 2>&1 ||
        fail "initdb: $(tail -n 3 "$folder/$name.initdb")"
    as_server_user tee -a "$folder/$name/data/postgresql.conf" >/dev/null <<-END
		listen_addresses = ''
		unix_socket_directories = '$folder/$name'
		fsync = off
		full_page_writes = off
		max_connections = 60
		max_wal_size = 4GB
		autovacuum = off
		log_min_messages = fatal
	END
}

# server_run NAME: starts a cluster that exists, and waits until it answers.
server_run() {
    as_server_user "$pg_bindir/pg_ctl" --pgdata="$folder/$1/data" --log="$folder/$1/log" --silent --wait \
        start >/dev/null 2>&1 || fail "server $1 does not start: $(tail -n 5 "$folder/$1/log")"
}

# server_start NAME [INITDB-OPTION…]
server_start() {
    server_create "$@"
    server_run "$1"
}

server_pid() {
    head -n 1 "$folder/$1/data/postmaster.pid"
}

# server_stop NAME: ends it as an orderly shutdown does.
server_stop() {
    as_server_user "$pg_bindir/pg_ctl" --pgdata="$folder/$1/data" --silent --mode=fast stop >/dev/null
}

# server_kill NAME: ends it as a crash does.
server_kill() {
    local pid
    pid=$(server_pid "$1")
    as_server_user "$pg_bindir/pg_ctl" --pgdata="$folder/$1/data" --silent --mode=immediate stop >/dev/null
    wait_until 20 process_gone "$pid"
}

# conninfo NAME: libpq's words for it.
conninfo() {
    printf 'host=%s user=postgres' "$folder/$1"
}

# sql NAME DATABASE STATEMENT…: runs statements, prints bare values.
sql() {
    local name=$1 database=$2 statement words=()
    shift 2
    for statement in "$@"; do
        words+=(--command="$statement")
    done
    PGHOST=$folder/$name PGUSER=postgres psql --no-psqlrc --quiet --tuples-only --no-align \
        --set=ON_ERROR_STOP=1 --dbname="$database" "${words[@]}"
}

# sql_file NAME FILE [PSQL-OPTION…]: runs a script, beginning in database postgres.
sql_file() {
    local name=$1 file=$2
    shift 2
    PGHOST=$folder/$name PGUSER=postgres psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --dbname=postgres \
        --output=/dev/null --file="$file" "$@"
}

# dump NAME: what the server's own pg_dumpall says, with the random keys of \restrict made alike.
dump() {
    PGHOST=$folder/$1 PGUSER=postgres "$pg_bindir/pg_dumpall" | same_keys
}

# same_keys: pg_dump draws a new key for each run; two dumps are compared without it.
same_keys() {
    LC_ALL=C sed -E 's/^(\\(un)?restrict) [A-Za-z0-9]+$/\1 KEY/'
}

# load_nasty NAME [BYTES]: the cluster of tests/data/nasty.sql; BYTES is the size of its one huge value.
load_nasty() {
    local tablespace=$folder/$1.tablespace
    mkdir -p "$tablespace"
    [ "$(id -u)" -ne 0 ] || chown postgres: "$tablespace"
    sql_file "$1" "$tree/tests/data/nasty.sql" --set=huge_bytes="${2:-1000000}" \
        --set=tablespace="$tablespace" 2>"$folder/err" || fail "tests/data/nasty.sql does not load"
}

# load_small NAME: two databases with a few rows each, for scenarios about something else.
load_small() {
    sql "$1" postgres 'CREATE DATABASE shop' 'CREATE DATABASE zoo'
    sql "$1" shop 'CREATE TABLE orders (id int PRIMARY KEY, what text)' \
        "INSERT INTO orders SELECT i, 'order ' || i FROM generate_series(1, 1000) AS i"
    sql "$1" zoo 'CREATE TABLE animals (name text)' "INSERT INTO animals VALUES ('gnu'), ('elk')"
}

# load_bulk NAME MEGABYTES: a database `bulk` whose dump has about that size and does not shrink much.
load_bulk() {
    sql "$1" postgres 'CREATE DATABASE bulk'
    sql "$1" bulk 'CREATE TABLE noise (id int, a text, b text)' \
        "INSERT INTO noise SELECT i, md5(i::text), md5((i * 7)::text) FROM generate_series(1, $2 * 13700) AS i"
}

# lock_table NAME DATABASE TABLE: holds it in ACCESS EXCLUSIVE mode until unlock_table, so that a dump stops
# there: what happens "in the middle of a dump" then needs no luck.
lock_table() {
    PGAPPNAME=holder sql "$1" "$2" "BEGIN; LOCK TABLE $3; SELECT pg_sleep(600)" >/dev/null 2>&1 &
    holder=$!
    wait_until 20 has_rows "$1" "SELECT 1 FROM pg_locks JOIN pg_stat_activity USING (pid)
        WHERE application_name = 'holder' AND mode = 'AccessExclusiveLock' AND granted"
}

unlock_table() {
    kill "$holder"
    wait "$holder" 2>/dev/null || true
    sql "$1" postgres "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
        WHERE application_name = 'holder'" >/dev/null
}

has_rows() {
    [ -n "$(sql "$1" postgres "$2" 2>/dev/null)" ]
}

# dump_waits NAME: true while a dump waits for a lock.
dump_waits() {
    has_rows "$1" "SELECT 1 FROM pg_locks WHERE NOT granted"
}

# dump_backends NAME: how many connections of this program or of its dumps the server still has.
dump_backends() {
    sql "$1" postgres "SELECT count(*) FROM pg_stat_activity WHERE pid <> pg_backend_pid()
        AND backend_type = 'client backend' AND application_name <> 'holder'"
}

# The program -------------------------------------------------------------------------------------------------

# settings_write NAME [LINE…]: settings for server NAME with a store at $folder/store. Each LINE goes into
# [dump]. More is appended to $folder/settings by the scenario itself.
settings_write() {
    local name=$1
    shift
    cat >"$folder/settings" <<-END
		[source]
		name = test
		kind = postgres
		conninfo = $(conninfo "$name")
		pg-bindir = $pg_bindir
		[store local]
		kind = directory
		path = $folder/store
		[dump]
	END
    printf '%s\n' "$@" >>"$folder/settings"
}

# incant ARGUMENT…: runs the program with the scenario's settings. Leaves $status, $folder/out, $folder/err.
incant() {
    status=0
    "$program" --config "$folder/settings" "$@" >"$folder/out" 2>"$folder/err" </dev/null || status=$?
}

# incant_begin ARGUMENT…: the same in the background; $incant_pid is the program's. incant_end waits for it.
incant_begin() {
    "$program" --config "$folder/settings" "$@" >"$folder/out" 2>"$folder/err" </dev/null &
    incant_pid=$!
}

# A program that should end and does not is a failure, not a reason to wait for ever.
incant_end() {
    status=0
    wait_until 60 process_ended "$incant_pid" || fail 'the program does not end'
    wait "$incant_pid" || status=$?
}

# backup [ARGUMENT…]: a backup that must succeed. $backup_id is its id, $backup_folder where it lies.
backup() {
    incant --quiet --json backup "$@"
    expect_exit 0
    backup_made
}

# backup_suspect: one that holds less than those before it, which its exit status says.
backup_suspect() {
    incant --quiet --json backup "$@"
    expect_exit 11
    expect_json '.backup.suspect != null'
    backup_made
}

backup_made() {
    backup_id=$(jq -r .backup.id "$folder/out")
    # shellcheck disable=SC2034 # for the scenario
    backup_folder=$folder/store/test/$backup_id
}

expect_exit() {
    [ "$status" -eq "$1" ] || fail "exit status $status, $1 was expected"
}

# expect_json FILTER…: every jq filter is true of the last output, which is one JSON object.
expect_json() {
    local filter
    [ "$(jq -s length "$folder/out" 2>/dev/null)" = 1 ] || fail "the output is not one JSON object"
    for filter in "$@"; do
        jq -e "$filter" "$folder/out" >/dev/null || fail "not true of the output: $filter"
    done
}

# expect_error CODE CLASS TEXT: the last command was given --json --quiet and failed with that exit code and
# class; its one error line, and the JSON, contain TEXT (a fixed string).
expect_error() {
    expect_exit "$1"
    expect_json ".ok == false and .exit_code == $1" ".error.class == \"$2\"" '.error.message | length > 0'
    jq -r .error.message "$folder/out" | grep -qF -- "$3" || fail "the JSON's message does not say: $3"
    expect_error_line "$3"
}

# expect_error_line TEXT: standard error has exactly one error line, with TEXT in it, and at most one hint
# behind it; warnings may stand before.
expect_error_line() {
    grep -v '^incant-backup: warning: ' "$folder/err" >"$folder/lines" || true
    sed -n 1p "$folder/lines" | grep -F -- "$1" | grep -q '^incant-backup: ' ||
        fail "the error line does not say: $1"
    sed 1d "$folder/lines" | grep -v '^hint: ' && fail "more than an error and its hint on standard error"
    [ "$(wc -l <"$folder/lines")" -le 2 ] || fail "more than one hint"
}

# expect_no_rubbish: after a failure the store has no object but those of whole backups; an empty folder may
# stay until the next run.
expect_no_rubbish() {
    local found
    found=$(find "$folder/store" -mindepth 3 \( -name '.*' -o ! -type d ! -exec sh -c \
        'test -e "$(dirname "$1")/manifest.json"' sh '{}' ';' \))
    [ -z "$found" ] || fail "left behind: $found"
}

# expect_clean_store: after a run that succeeded there is nothing else at all.
expect_clean_store() {
    local found
    expect_no_rubbish
    found=$(find "$folder/store/test" -mindepth 1 -type d ! -exec test -e '{}/manifest.json' ';' -print)
    [ -z "$found" ] || fail "a folder without a backup was left behind: $found"
}

# expect_backups NUMBER: that many are listed, and all of them verify.
expect_backups() {
    incant --json --quiet list
    expect_exit 0
    expect_json ".backups | length == $1"
    [ "$1" -gt 0 ] || return 0
    incant --json --quiet verify --all
    expect_exit 0
    expect_json "(.backups | length == $1) and all(.backups[]; .ok)"
}

# same_files EXPECTED FOUND WHAT
same_files() {
    cmp -s "$1" "$2" || fail "$3 differs: $(diff --text "$1" "$2" | head -n 20 | cut -c 1-200)"
}
