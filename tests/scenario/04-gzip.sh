#!/bin/bash
# Goal: with gzip all is the same: gunzip and psql read the archive, parts are found, a restore is whole
. "$(dirname "$0")/lib.sh"

server_start source
load_nasty source
settings_write source 'compression = gzip:6' 'frame-size = 256KiB' 'workers = 3'
backup
dump source >"$folder/expected"
gunzip --stdout "$backup_folder/cluster.sql.gz" >"$folder/plain"
same_keys <"$folder/plain" >"$folder/found"
same_files "$folder/expected" "$folder/found" 'what gunzip -c writes'
(cd "$backup_folder" && sha256sum --quiet --strict --check SHA256SUMS) || fail 'sha256sum -c finds fault'
incant cat
expect_exit 0
same_files "$folder/plain" "$folder/out" 'what cat writes'
incant cat --database nasty --table public.egg
expect_exit 0
printf 'COPY public.egg (id, hen) FROM stdin;\n1\t1\n2\t1\n\\.\n' >"$folder/found"
same_files "$folder/found" "$folder/out" 'a table of a gzip archive'
expect_backups 1

server_stop source
fresh_tablespace() {
    rm -rf "$folder/source.tablespace"
    mkdir "$folder/source.tablespace"
    [ "$(id -u)" -ne 0 ] || chown postgres: "$folder/source.tablespace"
}

# By psql, without this program. It meets two errors that are its own: the superuser is there, and it says
# EUC_JP to the connection that still belongs to the database before.
fresh_tablespace
server_start reader
PGHOST=$folder/reader PGUSER=postgres psql --no-psqlrc --quiet --dbname=postgres --output=/dev/null \
    --file="$folder/plain" 2>"$folder/err" || fail 'psql fails'
[ "$(grep -c 'ERROR: ' "$folder/err")" -le 2 ] || fail 'psql meets errors'
dump reader >"$folder/found"
same_files "$folder/expected" "$folder/found" 'the dump of the cluster that psql restored'
server_stop reader

fresh_tablespace
server_start target
incant --json --quiet restore --to "$(conninfo target)"
expect_exit 0
dump target >"$folder/found"
same_files "$folder/expected" "$folder/found" 'the dump of the restored cluster'
