#!/bin/bash
# Goal: a backup of a container is proven in another container of its own image, of which nothing is left
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_docker.sh"
. "$(dirname "$0")/lib_scratch.sh"

engine_start
container_start shop-db --env POSTGRES_USER=in-cant --env POSTGRES_PASSWORD=x --env POSTGRES_DB=shop
container_sql shop-db shop "CREATE TABLE spells (id int PRIMARY KEY, words text)" \
    "INSERT INTO spells SELECT i, repeat(md5(i::text), 20) FROM generate_series(1, 3000) AS i" \
    "CREATE ROLE reader LOGIN PASSWORD 'y'" "GRANT SELECT ON spells TO reader" \
    "CREATE TABLE parent (a int, b int)" "CREATE TABLE child (z int) INHERITS (parent)" \
    "ALTER TABLE parent ADD COLUMN late int" "INSERT INTO child VALUES (1, 2, 3, 4), (5, 6, 7, 8)" \
    "SELECT lo_from_bytea(4711, 'large')" >/dev/null
settings_write_docker 'container = shop-db' 'user = in-cant'
settings_scratch
backup
others=$(docker ps --all --quiet | wc -l)
volumes=$(docker volume ls --quiet | wc -l)

# expect_no_container: neither a container nor a volume is left of a scratch server.
expect_no_container() {
    expect_no_scratch
    [ "$(docker ps --all --quiet | wc -l)" -eq "$others" ] || fail "a container is left: $(docker ps --all)"
    [ "$(docker volume ls --quiet | wc -l)" -eq "$volumes" ] || fail 'a volume is left'
}

incant --json --quiet verify --restore
expect_exit 0
expect_json '.proof.ok and .proof.scratch == "docker" and .proof.rows == 3002' \
    ".proof.image == \"$(docker inspect --format '{{.Image}}' shop-db)\""
expect_no_container

# Kept: it can be looked at, it is as confined as it should be, and it is ended by a word.
incant --json --quiet verify --restore --keep
expect_exit 0
conninfo=$(jq -r .conninfo "$folder/out")
[ "$(psql --no-psqlrc -At "$conninfo dbname=shop" -c 'SELECT count(*) FROM spells')" = 3000 ] ||
    fail 'the kept server does not have the rows'
kept=$(docker ps --filter label=incant-backup.scratch --format '{{.ID}}')
docker inspect "$kept" >"$folder/kept.json"
jq -e '.[0] | .HostConfig.NetworkMode == "none" and (.HostConfig.PortBindings // {}) == {} and .HostConfig.Memory == 268435456
    and .HostConfig.MemorySwap == 268435456 and .HostConfig.PidsLimit > 0 and .HostConfig.CapDrop == ["ALL"]
    and .HostConfig.SecurityOpt == ["no-new-privileges"] and .Config.User == "postgres"' "$folder/kept.json" >/dev/null ||
    fail 'the scratch container is not as confined as it should be'
[ "$(psql --no-psqlrc -At "$conninfo" -c 'SHOW fsync' -c 'SHOW listen_addresses')" = off ] ||
    fail 'the scratch server is not set up for speed, or listens'
incant verify --restore # a kept one is nobody's rubbish
expect_exit 0
docker inspect "$kept" >/dev/null
incant --json --quiet scratch list
expect_json '.servers | length == 1' ".servers[0].conninfo == \"$conninfo\""
incant --json --quiet scratch end
expect_exit 0
expect_json '.ended == 1'
expect_no_container

# Another image, which the engine does not have.
sed -i '/^directory = .*scratch/a image = absent:latest' "$folder/settings"
incant --json --quiet verify --restore
expect_error 8 proof "the Docker engine has no image 'absent:latest'"
expect_no_container
sed -i '/^image = /d' "$folder/settings"

# Not enough memory, not enough room: refused before anything begins.
sed -i 's/^memory = .*/memory = 900GiB/' "$folder/settings"
incant --json --quiet verify --restore
expect_error 8 proof 'no memory for a scratch server'
expect_json '.proof == null'
expect_no_container
