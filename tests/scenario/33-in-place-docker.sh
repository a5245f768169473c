#!/bin/bash
# Goal: a cluster in a container is restored beside and in place over the container's own network, with the password of
# the env file, which nobody else gets to see.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_docker.sh"

engine_start
docker network create shop >/dev/null
password='pa$$ "word; #1'
container_network=shop container_start shop-postgres-1 --env POSTGRES_USER='in cant' --env POSTGRES_PASSWORD="$password" \
    --env POSTGRES_DB=shop --label com.docker.compose.project=shop --label com.docker.compose.service=postgres \
    --label com.docker.compose.oneoff=False
container_sql shop-postgres-1 shop "CREATE TABLE spells (id int PRIMARY KEY, words text)" \
    "INSERT INTO spells SELECT i, md5(i::text) FROM generate_series(1, 3000) AS i"
(umask 077 && printf 'POSTGRES_USER='\''in cant'\''\nPOSTGRES_PASSWORD='\''%s'\''\n' "$password" >"$folder/env")
settings_write_docker 'compose-project = shop' 'compose-service = postgres' "env-file = $folder/env"
backup
first=$backup_id

incant --verbose restore
expect_exit 0
grep -q "look at it:  psql '.*host=[0-9.]* .*dbname=shop_incant_$first'" "$folder/out" || fail 'there is no line for psql'
cat "$folder/out" "$folder/err" >"$folder/said"
[ "$(container_sql shop-postgres-1 "shop_incant_$first" 'SELECT count(*) FROM spells')" = 3000 ] || fail 'it is not beside'

container_sql shop-postgres-1 shop 'DELETE FROM spells'
incant --json --verbose restore --in-place --database shop --yes-i-mean test
expect_exit 0
expect_json '.swapped' '.safety_backup | length > 0'
cat "$folder/out" "$folder/err" >>"$folder/said"
[ "$(container_sql shop-postgres-1 shop 'SELECT count(*) FROM spells')" = 3000 ] || fail 'it is not in place'
[ "$(container_sql shop-postgres-1 "shop_before_$first" 'SELECT count(*) FROM spells')" = 0 ] || fail 'the old one is not kept'
incant --json --verbose restore --undo --yes-i-mean test
expect_exit 0
cat "$folder/out" "$folder/err" >>"$folder/said"
[ "$(container_sql shop-postgres-1 shop 'SELECT count(*) FROM spells')" = 0 ] || fail 'it was not undone'
! grep -qrF "$password" "$folder/store" "$folder/said" || fail 'the password was written somewhere'

# A wrong password is an error that says where it belongs, and changes nothing.
(umask 077 && printf 'POSTGRES_USER='\''in cant'\''\nPOSTGRES_PASSWORD=wrong\n' >"$folder/env")
incant --json --quiet restore "$first"
expect_error 9 restore 'password authentication failed'

# A container without a network asks for conninfo.
container_start lonely --env POSTGRES_PASSWORD=x
settings_write_docker 'container = lonely'
sed -i 's/^name = test/name = lonely/' "$folder/settings"
backup
incant --json --quiet restore "$backup_id"
expect_error 4 source "container 'lonely' has no address on a network"
