#!/bin/bash
# Goal: what goes wrong with a container is named, ends with exit code 4, and leaves nothing behind
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_docker.sh"

engine_start
container_start db --env POSTGRES_PASSWORD=x --label com.docker.compose.project=shop \
    --label com.docker.compose.service=postgres
container_sql db postgres 'CREATE DATABASE zoo'
container_sql db zoo "CREATE TABLE animals AS SELECT i, md5(i::text) AS name FROM generate_series(1, 100000) AS i" \
    'CREATE TABLE zebras (id int)'
settings_write_docker 'container = db'
backup

# must_fail TEXT: the backup fails because of the source, and says so.
must_fail() {
    incant --json --quiet backup
    expect_error 4 source "$1"
    expect_json '.backup == null'
    expect_backups 1
    expect_no_rubbish
}

settings_write_docker 'container = absent'
must_fail absent
settings_write_docker 'compose-project = shop' 'compose-service = absent'
must_fail absent
settings_write_docker 'container = db' 'user = nobody'
must_fail nobody
settings_write_docker 'container = db' 'docker-socket = /nowhere/docker.sock'
sed -i "/^docker-socket = ${engine_socket//\//\\/}$/d" "$folder/settings"
must_fail /nowhere/docker.sock
docker create --name never-run postgres:scenario true >/dev/null
settings_write_docker 'container = never-run'
must_fail never-run
docker run --detach --name no-postgres --network none --entrypoint sleep postgres:scenario 600 >/dev/null
settings_write_docker 'container = no-postgres'
must_fail no-postgres
# Two containers of one service: nobody can say which is meant.
docker run --detach --name db2 --network none --entrypoint sleep --label com.docker.compose.project=shop \
    --label com.docker.compose.service=postgres postgres:scenario 600 >/dev/null
settings_write_docker 'compose-project = shop' 'compose-service = postgres'
must_fail db2

# In the middle of a dump, which waits for a locked table.
settings_write_docker 'container = db'
begin_in_the_middle() {
    docker exec --detach db psql --username=postgres --dbname=zoo \
        --command='BEGIN' --command='LOCK TABLE zebras' --command='SELECT pg_sleep(600)' >/dev/null
    wait_until 20 container_has_rows "SELECT 1 FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND granted
        AND relation IS NOT NULL"
    incant_begin --json --quiet backup
    wait_until 20 container_has_rows 'SELECT 1 FROM pg_locks WHERE NOT granted' ||
        fail 'the dump does not wait for the lock'
}
container_has_rows() {
    [ -n "$(container_sql db postgres "$1" 2>/dev/null)" ]
}
end_the_middle() {
    container_sql db postgres "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
        WHERE query LIKE 'SELECT pg_sleep%'" >/dev/null
}
no_dump_inside() {
    ! docker exec db sh -c 'grep -lz "^pg_dump" /proc/[0-9]*/cmdline' 2>/dev/null | grep -q .
}

# A signal ends ours, and the dump inside the container with it.
begin_in_the_middle
kill -TERM "$incant_pid"
incant_end
expect_error 143 interrupted SIGTERM
wait_until 20 no_dump_inside || fail 'the dump goes on inside the container'
end_the_middle
expect_backups 1
expect_no_rubbish

# Killed for good: the dump inside goes on, and the next run ends it.
begin_in_the_middle
kill -9 "$incant_pid"
incant_end
end_the_middle
backup
wait_until 20 no_dump_inside || fail 'the dump of a killed run is still there after the next one'
expect_backups 2
expect_clean_store

# The dumper killed inside the container.
begin_in_the_middle
docker exec db sh -c 'for f in /proc/[0-9]*; do
    tr "\0" "\n" <"$f/cmdline" | head -n 1 | grep -q "pg_dumpall$" && kill -9 "${f#/proc/}"; done; true'
incant_end
expect_error 4 source pg_dumpall
end_the_middle
expect_backups 2
expect_no_rubbish

# The container stopped, and killed.
begin_in_the_middle
docker stop --time 20 db >/dev/null
incant_end
expect_error 4 source ''
expect_backups 2
expect_no_rubbish
docker start db >/dev/null
container_ready db
begin_in_the_middle
docker kill db >/dev/null
incant_end
expect_error 4 source ''
expect_backups 2
expect_no_rubbish
incant --json --quiet backup
expect_error 4 source db

# And when it runs again, all is well.
docker start db >/dev/null
container_ready db
backup
expect_backups 3
expect_clean_store
