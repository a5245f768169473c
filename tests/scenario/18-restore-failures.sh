#!/bin/bash
# Goal: a restore that cannot go on says why with exit code 9, and half a database is never left
. "$(dirname "$0")/lib.sh"

server_start source
load_small source
load_bulk source 12
for copy in 1 2 3; do
    sql source bulk "CREATE TABLE noise_$copy AS SELECT * FROM noise"
done
mkdir "$folder/space"
[ "$(id -u)" -ne 0 ] || chown postgres: "$folder/space"
settings_write source
backup
plain_id=$backup_id
server_start target

databases_of_target() {
    sql target postgres "SELECT string_agg(datname, ' ' ORDER BY datname) FROM pg_database
        WHERE datname NOT IN ('postgres', 'template0', 'template1')"
}

# No server there; a database in the way; one that has something in postgres.
incant --json --quiet restore --to "host=$folder/nowhere user=postgres"
expect_error 9 restore "$folder/nowhere"
sql target postgres 'CREATE DATABASE zoo'
incant --json --quiet restore --to "$(conninfo target)"
expect_error 9 restore zoo
[ "$(databases_of_target)" = zoo ] || fail 'something was restored beside an obstacle'
incant --json --quiet restore --database shop --to "$(conninfo target)"
expect_exit 0
[ "$(databases_of_target)" = 'shop zoo' ] || fail 'shop alone was not restored'
sql target postgres 'DROP DATABASE zoo' 'DROP DATABASE shop'
incant --json --quiet restore --to "$(conninfo target) password=hunter2"
[ "$status" -eq 2 ] || [ "$status" -eq 3 ] || fail "a password in an argument is taken: exit status $status"
! grep -q hunter2 "$folder/out" "$folder/err" || fail 'the password was printed'

# A statement that the target refuses: its text, place and SQLSTATE are told.
sql source postgres "CREATE TABLESPACE here LOCATION '$folder/space'" 'CREATE DATABASE spaced TABLESPACE here'
backup
server_stop source
mv "$folder/space" "$folder/away"
incant --json --quiet restore --to "$(conninfo target)"
expect_error 9 restore "$folder/space"
expect_json '.error.message | test("tablespace"; "i")'
[ -z "$(databases_of_target)" ] || fail 'databases were left behind'

# A signal in the middle, kill -9, and a target that dies, with several connections at work.
begin_in_the_middle() {
    incant_begin --json --quiet restore "$plain_id" --to "$(conninfo target)" --jobs 4
    wait_until 30 has_rows target "SELECT 1 FROM pg_stat_activity
        WHERE state = 'active' AND query LIKE 'COPY public.noise%' HAVING count(*) >= 2" ||
        fail 'the restore does not get to its rows'
}
sql target postgres "ALTER SYSTEM SET shared_buffers = '16MB'"
begin_in_the_middle
kill -TERM "$incant_pid"
incant_end
expect_error 143 interrupted SIGTERM
[ "$(databases_of_target | tr ' ' '\n' | grep -cx bulk)" = 0 ] || fail 'half of bulk was left behind'
wait_until 10 test "$(dump_backends target)" = 0 || fail 'a connection was left behind'
drop_all() {
    local database
    for database in $(databases_of_target); do
        sql target postgres "DROP DATABASE $database"
    done
}
drop_all
begin_in_the_middle
kill -KILL "$incant_pid"
incant_end
wait_until 30 test "$(dump_backends target)" = 0 || fail 'a connection of a killed run was left behind'
incant --json --quiet restore "$plain_id" --to "$(conninfo target)"
expect_error 9 restore 'database bulk exists already'
drop_all
begin_in_the_middle
server_kill target
incant_end
expect_exit 9
expect_json '.error.class == "restore"'
server_run target
drop_all

# And then it goes.
incant --json --quiet restore "$plain_id" --to "$(conninfo target)"
expect_exit 0
[ "$(databases_of_target)" = 'bulk shop zoo' ] || fail 'not all databases are there'
