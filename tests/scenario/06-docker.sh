#!/bin/bash
# Goal: a cluster in a container is backed up through the Engine API, found by Compose labels or by name
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_docker.sh"

engine_start
password='pa$$ "w'\''ord; #1'
container_start shop-postgres-1 --env POSTGRES_USER=incant --env POSTGRES_PASSWORD="$password" --env POSTGRES_DB=shop \
    --label com.docker.compose.project=shop --label com.docker.compose.service=postgres \
    --label com.docker.compose.oneoff=False
# Beside it one of another project, and a one-off of the same service: neither is meant.
container_start other-postgres-1 --env POSTGRES_PASSWORD=x \
    --label com.docker.compose.project=other --label com.docker.compose.service=postgres \
    --label com.docker.compose.oneoff=False
container_start shop-postgres-run-1 --env POSTGRES_PASSWORD=x \
    --label com.docker.compose.project=shop --label com.docker.compose.service=postgres \
    --label com.docker.compose.oneoff=True
container_sql shop-postgres-1 shop "CREATE TABLE spells (id int PRIMARY KEY, words text)" \
    "INSERT INTO spells SELECT i, repeat(md5(i::text), 20) FROM generate_series(1, 30000) AS i" \
    "CREATE ROLE reader" "GRANT SELECT ON spells TO reader"

# By Compose labels; the role is read from the env file.
(umask 077 && printf 'OTHER=1\nPOSTGRES_USER=incant\nPOSTGRES_PASSWORD='\''%s'\''\n' "$password" >"$folder/env")
settings_write_docker 'compose-project = shop' 'compose-service = postgres' "env-file = $folder/env"
incant --json --quiet backup --dry-run
expect_exit 0
backup
container_dump shop-postgres-1 >"$folder/expected"
incant cat
same_keys <"$folder/out" >"$folder/found"
same_files "$folder/expected" "$folder/found" 'what cat writes'
expect_backups 1
incant --json --quiet show --tables
expect_json '.contents[] | select(.database == "shop") | .tables[0] | .name == "spells" and .rows == 30000'

# By name, and by id.
settings_write_docker 'container = shop-postgres-1' 'user = incant'
backup
settings_write_docker "container = $(docker inspect --format '{{.Id}}' shop-postgres-1)" 'user = incant'
backup
expect_backups 3

# Into a server of this machine, and dumped again.
server_start target
incant --json --quiet restore --to "$(conninfo target)" --database shop
expect_exit 0
[ "$(sql target shop 'SELECT count(*), md5(string_agg(words, id::text ORDER BY id)) FROM spells')" = \
    "$(container_sql shop-postgres-1 shop 'SELECT count(*), md5(string_agg(words, id::text ORDER BY id)) FROM spells')" ] ||
    fail 'the restored rows are not the ones in the container'

# The password is nowhere: not in the store, not in what the program says.
incant --verbose backup
expect_exit 0
! grep -qrF "$password" "$folder/store" "$folder/out" "$folder/err" || fail 'the password was written somewhere'
