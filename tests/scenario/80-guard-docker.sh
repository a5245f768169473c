#!/bin/bash
# Goal: a migration of a cluster in a container fails half way, and its databases are back, row by row
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_docker.sh"

# The dump goes through the engine; the way back by libpq, to the container's socket, which lies in a shared folder.
engine_start
mkdir "$folder/socket"
container_start shop-postgres-1 --env POSTGRES_USER=incant --env POSTGRES_PASSWORD=x --env POSTGRES_DB=shop \
    --volume "$folder/socket:/run/postgresql" \
    --label com.docker.compose.project=shop --label com.docker.compose.service=postgres
container_sql shop-postgres-1 shop "CREATE TABLE spells (id int PRIMARY KEY, words text)" \
    "INSERT INTO spells SELECT i, md5(i::text) FROM generate_series(1, 3000) AS i" \
    "CREATE VIEW short AS SELECT left(words, 3) FROM spells"
container_sql shop-postgres-1 postgres 'CREATE DATABASE wiki'
container_sql shop-postgres-1 wiki 'CREATE TABLE pages (title text)' "INSERT INTO pages VALUES ('a'), ('b')"
settings_write_docker 'compose-project = shop' 'compose-service = postgres' 'user = incant' \
    "conninfo = host=$folder/socket user=incant"

rows() {
    container_sql shop-postgres-1 shop 'SELECT * FROM spells ORDER BY id'
    container_sql shop-postgres-1 shop 'SELECT count(*) FROM short'
    container_sql shop-postgres-1 wiki 'SELECT * FROM pages ORDER BY 1'
}
rows >"$folder/before"

# It changes one database, drops the other, and is killed.
cat >"$folder/migrate" <<-'END'
	#!/bin/sh
	psql() { docker exec shop-postgres-1 psql -qX --username=incant --dbname="$1" -c "$2"; }
	psql shop 'DELETE FROM spells WHERE id % 2 = 0; ALTER TABLE spells ADD COLUMN power int'
	psql postgres 'DROP DATABASE wiki'
	kill -9 $$
END
chmod +x "$folder/migrate"
incant --json --quiet guard --on-failure restore -- "$folder/migrate"
expect_error 14 guard 'the command was ended by signal 9'
expect_json '.command.exit_code == 137' '.restored | sort == ["shop", "wiki"]' \
    'any(.changes[]; .database == "shop" and .what == "rows" and .rows_before == 3000 and .rows_after == 1500)' \
    'any(.changes[]; .database == "wiki" and .what == "database" and .how == "removed")'
rows >"$folder/after"
same_files "$folder/before" "$folder/after" 'what was restored in the container'

# The failed state is beside, and comes back when it is asked for.
incant --json --quiet restore --undo --yes-i-mean test
expect_exit 0
[ "$(container_sql shop-postgres-1 shop 'SELECT count(*) FROM spells')" = 1500 ] || fail 'the failed state is not there'
