# shellcheck shell=bash
# What the benchmarks of a restore and of a proof share: a server, a cluster that is worth a measurement, the settings
# of a backup of it, and the lines of the result. Needs a build: `make -C build incant-backup`, or $INCANT_BACKUP.

set -eu -o pipefail
export LC_ALL=C.UTF-8

tree=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
program=${INCANT_BACKUP:-$tree/build/incant-backup}
folder=$(mktemp -d /tmp/incant-bench.XXXXXX)
chmod 755 "$folder"
bindir=$(find /usr/lib/postgresql -path '*/bin/initdb' | sort -V | tail -n 1 | xargs dirname)
export PGUSER=postgres PGOPTIONS='-c client_min_messages=warning'
databases='text json numbers pgbench'

as_server_user() {
    if [ "$(id -u)" -eq 0 ]; then
        (cd / && exec setpriv --reuid=postgres --regid=postgres --init-groups -- "$@")
    else
        "$@"
    fi
}

clean_up() {
    local data
    for data in "$folder"/*/data; do
        as_server_user "$bindir/pg_ctl" --pgdata="$data" --mode=immediate --silent stop 2>/dev/null || true
    done
    rm -rf "$folder"
}
trap clean_up EXIT

# server NAME: an empty cluster with a server's usual settings; data is written through to the disk as always.
server() {
    mkdir "$folder/$1"
    [ "$(id -u)" -ne 0 ] || chown postgres: "$folder/$1"
    as_server_user "$bindir/initdb" --pgdata="$folder/$1/data" --username=postgres --auth=trust --encoding=UTF8 \
        --locale=C.UTF-8 --no-sync >/dev/null
    as_server_user tee -a "$folder/$1/data/postgresql.conf" >/dev/null <<-END
		listen_addresses = ''
		unix_socket_directories = '$folder/$1'
		max_wal_size = 4GB
		shared_buffers = 256MB
		autovacuum = off
	END
    as_server_user "$bindir/pg_ctl" --pgdata="$folder/$1/data" --log="$folder/$1/log" --silent --wait start
}

sql() {
    psql --no-psqlrc --quiet --host="$folder/$1" --dbname="$2" --set=ON_ERROR_STOP=1 --output=/dev/null --command="$3"
}

# fill MEGABYTES: databases text, json, numbers and pgbench, a quarter of the dump each.
fill() {
    local rows=$(($1 * 1000000 / 4)) database
    for database in $databases; do
        sql source postgres "CREATE DATABASE $database"
    done
    sql source text "CREATE TABLE small (id int PRIMARY KEY, note text);
        INSERT INTO small SELECT i, repeat('note ', 10) FROM generate_series(1, 18000) AS i;
        CREATE TABLE articles AS SELECT i AS id, now() - i * interval '1 minute' AS written,
            repeat(md5(i::text) || ' words and words ', 10) AS body FROM generate_series(1, $((rows / 530))) AS i;
        ALTER TABLE articles ADD PRIMARY KEY (id); CREATE INDEX ON articles (written)"
    sql source json "CREATE TABLE events AS SELECT i AS id, jsonb_build_object('user', i % 10000,
            'action', (ARRAY['view', 'buy', 'leave', 'search'])[1 + i % 4], 'price', i % 977 / 100.0,
            'session', md5((i / 20)::text), 'flags', jsonb_build_array(i % 2 = 0, i % 3 = 0, NULL)) AS data
        FROM generate_series(1, $((rows / 150))) AS i;
        ALTER TABLE events ADD PRIMARY KEY (id); CREATE INDEX ON events ((data->>'session'))"
    sql source numbers "CREATE TABLE sensors AS SELECT i::smallint AS id FROM generate_series(0, 499) AS i;
        ALTER TABLE sensors ADD PRIMARY KEY (id);
        CREATE TABLE samples AS SELECT i AS id, (i % 500)::smallint AS sensor,
            timestamptz '2026-01-01' + i * interval '7 seconds' AS at, round((20 + 15 * sin(i / 5000.0))::numeric, 2)
            AS value, (i * 7919::bigint % 1000000)::int AS raw, i / 7.0::float8 AS share
        FROM generate_series(1, $((rows / 75))) AS i;
        ALTER TABLE samples ADD PRIMARY KEY (id); CREATE INDEX ON samples (sensor, at); CREATE INDEX ON samples (raw);
        ALTER TABLE samples ADD FOREIGN KEY (sensor) REFERENCES sensors"
    PGHOST=$folder/source "$bindir/pgbench" --initialize --quiet --foreign-keys --scale=$((rows / 9600000 + 1)) pgbench \
        >/dev/null 2>&1
}

# settings: for backups of the server `source`.
settings() {
    cat >"$folder/settings" <<-END
	[source]
	name = bench
	kind = postgres
	conninfo = host=$folder/source user=postgres
	pg-bindir = $bindir
	[store local]
	kind = directory
	path = $folder/store
END
}

# dump: what the source holds, as zstd makes it, and its size.
dump() {
    "$bindir/pg_dumpall" --host="$folder/source" | tee >(wc -c >"$folder/bytes") | zstd -q -3 -T0 >"$folder/dump.sql.zst"
    echo "the dump has $(($(cat "$folder/bytes") / 1000000)) MB; $(nproc) processors"
}

# row WHAT VALUE BASE AIM UNIT
row() {
    awk -v what="$1" -v value="$2" -v base="$3" -v aim="$4" -v unit="$5" 'BEGIN {
        ratio = value / base
        printf "%-58s %8.2f  %8s  %-6s %.4g / %.4g %s\n", what, ratio, aim == "" ? "" : "<= " aim,
            aim == "" ? "" : ratio <= aim ? "met" : "MISSED", value, base, unit
    }'
}
