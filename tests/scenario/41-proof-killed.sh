#!/bin/bash
# Goal: of a proof that was killed nothing is left after the next run: no process, folder, container or volume
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_docker.sh"
. "$(dirname "$0")/lib_scratch.sh"

# kill -9 comes $KILLS times (default 3) for each kind of scratch server, later and later.
kills=${KILLS:-3}

engine_start
container_start db --env POSTGRES_PASSWORD=x
container_sql db postgres 'CREATE TABLE numbers AS SELECT generate_series(1, 1000) AS i'
settings_write_docker 'container = db'
settings_scratch
backup
others=$(docker ps --all --quiet | wc -l)
volumes=$(docker volume ls --quiet | wc -l)

# What is there of scratch servers: folders, processes, containers.
traces() {
    ls -A "$folder/scratch"
    scratch_processes
    docker ps --all --quiet --filter label=incant-backup.scratch
}

# Its private folder is there, and not that of the one before: it has begun.
before=
scratch_begun() {
    local now
    now=$(ls -A "$folder/scratch")
    [ -n "$now" ] && [ "$now" != "$before" ]
}

for kind in cluster docker; do
    begun=0
    for ((i = 1; i <= kills; i++)); do
        before=$(ls -A "$folder/scratch")
        incant_begin --quiet verify --restore --scratch "$kind"
        # Not by the clock alone: a slow machine would kill them all before anything is there.
        wait_until 60 scratch_begun
        sleep "0.$((i * 9 / kills))"
        kill -9 "$incant_pid" 2>/dev/null || true
        incant_end
        [ -z "$(traces)" ] || begun=$((begun + 1))
    done
    [ "$begun" -gt 0 ] || fail 'no proof was killed in time'
    incant --json --quiet verify --restore --scratch "$kind"
    expect_exit 0
    expect_json ".proof.ok and .proof.scratch == \"$kind\""
    expect_no_scratch
    [ "$(docker ps --all --quiet | wc -l)" -eq "$others" ] || fail 'a container is left'
    [ "$(docker volume ls --quiet | wc -l)" -eq "$volumes" ] || fail 'a volume is left'
done

# Ended by a signal it cleans up at once, and says nothing about the backup.
rm "$backup_folder/proof.json"
before=
incant_begin --json --quiet verify --restore --scratch cluster
wait_until 60 scratch_begun
kill -TERM "$incant_pid"
incant_end
expect_exit 143
expect_no_scratch
[ ! -e "$backup_folder/proof.json" ] || fail 'a proof that was interrupted is recorded'
