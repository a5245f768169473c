#!/bin/bash
# Goal: whatever cuts a dump short is named, ends with exit code 4, lists no backup and leaves nothing behind
. "$(dirname "$0")/lib.sh"

server_start source
load_small source
settings_write source 'lock-timeout = 300s'
backup
good_id=$backup_id

# failed TEXT: the last backup failed because of the source and says TEXT; the good one is as good as before.
failed() {
    expect_error 4 source "$1"
    expect_json '.backup == null'
    expect_backups 1
    expect_json ".backups[0].id == \"$good_id\""
    expect_no_rubbish
}
no_connection_left() {
    wait_until 10 test "$(dump_backends source)" = 0 || fail "$1 left connections behind"
}
# In the middle: database postgres and shop have gone by, zoo waits for a lock.
begin_in_the_middle() {
    lock_table source zoo animals
    incant_begin --json --quiet backup
    wait_until 20 dump_waits source || fail 'the dump does not wait for the lock'
}
child_of() {
    pgrep --parent "$1" --full "$2"
}

# No server, no such role, a wrong password, no dumper.
settings_write source
sed -i "s#^conninfo = .*#conninfo = host=$folder/nowhere user=postgres#" "$folder/settings"
incant --json --quiet backup
failed "$folder/nowhere"
settings_write source
sed -i 's#^\(conninfo = .*\) user=postgres#\1 user=nobody#' "$folder/settings"
incant --json --quiet backup
failed nobody
sql source postgres "CREATE ROLE keeper SUPERUSER LOGIN PASSWORD 'right'"
cp -p "$folder/source/data/pg_hba.conf" "$folder/hba"
(echo 'local all keeper scram-sha-256' && cat "$folder/hba") >"$folder/source/data/pg_hba.conf"
sql source postgres 'SELECT pg_reload_conf()' >/dev/null
sed -i 's#^\(conninfo = .*\) user=nobody#\1 user=keeper#' "$folder/settings"
(umask 077 && echo '*:*:*:*:wrong-secret' >"$folder/pass")
export PGPASSFILE=$folder/pass
incant --json --quiet backup
failed 'password authentication failed'
! grep -q wrong-secret "$folder/out" "$folder/err" || fail 'the password was printed'
echo '*:*:*:*:right' >"$folder/pass"
incant --json --quiet backup --dry-run
expect_exit 0
unset PGPASSFILE
incant --json --quiet backup
failed password
sql source postgres 'DROP ROLE keeper'
cp -p "$folder/hba" "$folder/source/data/pg_hba.conf"
settings_write source
sed -i "s#^pg-bindir = .*#pg-bindir = $folder/absent#" "$folder/settings"
incant --json --quiet backup
failed "$folder/absent"

# Processes that die in the middle.
settings_write source 'lock-timeout = 300s'
begin_in_the_middle
kill -9 "$(child_of "$incant_pid" pg_dumpall)"
incant_end
failed pg_dumpall
unlock_table source
no_connection_left 'a killed pg_dumpall'

begin_in_the_middle
dumpall=$(child_of "$incant_pid" pg_dumpall)
kill -9 "$(pgrep --pgroup "$dumpall" --exact pg_dump)"
incant_end
failed zoo
unlock_table source
no_connection_left 'a killed pg_dump'
wait_until 10 process_gone "$dumpall" || fail 'pg_dumpall is still there'

begin_in_the_middle
sql source postgres "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE NOT granted" >/dev/null
incant_end
failed terminat
unlock_table source

begin_in_the_middle
server_kill source
incant_end
failed pg_dump
kill "$holder" 2>/dev/null || true
server_run source

# Waiting has an end: for a lock, and for all of it.
settings_write source 'lock-timeout = 1s'
lock_table source zoo animals
incant --json --quiet backup
failed public.animals
settings_write source 'lock-timeout = 300s' 'time-limit = 2s'
incant --json --quiet backup
failed 'took longer'
unlock_table source
no_connection_left 'a dump that took too long'

# A dumper that lies. It is believed only when it ends with 0 and its script is whole.
mkdir "$folder/bin"
liar() {
    printf '#!/bin/sh\n[ "$1" != --version ] || exec %s/pg_dumpall --version\n%s\n' "$pg_bindir" "$1" \
        >"$folder/bin/pg_dumpall"
    chmod 755 "$folder/bin/pg_dumpall"
    incant --json --quiet backup
}
dump source >"$folder/dump"
lines=$(wc -l <"$folder/dump")
ln -s "$pg_bindir/pg_dump" "$folder/bin/pg_dump"
settings_write source
sed -i "s#^pg-bindir = .*#pg-bindir = $folder/bin#" "$folder/settings"
liar 'exit 0'
failed 'wrote nothing'
liar "head -n $((lines / 2)) $folder/dump"
failed 'ends inside the data of table public.orders'
liar "head -n $((lines - 5)) $folder/dump"
failed 'dump complete'
liar "cat $folder/dump; echo 'disk of the dumper broke' >&2; exit 3"
failed 'disk of the dumper broke'
liar "cat $folder/dump; kill -SEGV \$\$"
failed 'signal 11'
liar "sed '/^CREATE DATABASE/i \\\\\\\\! touch $folder/escaped' $folder/dump"
failed '\!'
[ ! -e "$folder/escaped" ] || fail 'a meta-command was obeyed'
liar "cat $folder/dump"
expect_exit 0

# After all that: a backup as ever.
settings_write source
backup
expect_backups 3
expect_clean_store
no_connection_left 'a good backup'
