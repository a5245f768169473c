#!/bin/bash
# Goal: one connection or eight give the same cluster, and the server is used while they work
. "$(dirname "$0")/lib.sh"

server_start source
load_nasty source 9000000
load_bulk source 12
# shellcheck disable=SC2016 # the dollars are PostgreSQL's
sql source bulk 'ALTER TABLE noise ADD PRIMARY KEY (id)' 'CREATE INDEX noise_a ON noise (a)' \
    "COMMENT ON INDEX noise_a IS 'after its index'" 'ALTER TABLE noise CLUSTER ON noise_a' \
    'CREATE TABLE more AS SELECT * FROM noise' 'CREATE UNIQUE INDEX more_id ON more (id)' \
    'ALTER TABLE more ALTER COLUMN id SET NOT NULL' 'ALTER TABLE more REPLICA IDENTITY USING INDEX more_id' \
    'ALTER TABLE more ADD CONSTRAINT more_noise FOREIGN KEY (id) REFERENCES noise' \
    'CREATE TABLE hashed (id int PRIMARY KEY, a text) PARTITION BY HASH (id)' \
    'CREATE TABLE hashed_0 PARTITION OF hashed FOR VALUES WITH (MODULUS 2, REMAINDER 0)' \
    'CREATE TABLE hashed_1 PARTITION OF hashed FOR VALUES WITH (MODULUS 2, REMAINDER 1)' \
    'INSERT INTO hashed SELECT id, a FROM noise' 'CREATE INDEX ON hashed (a)' \
    'ALTER TABLE noise ADD CONSTRAINT noise_hashed FOREIGN KEY (id) REFERENCES hashed' \
    'ALTER TABLE hashed ADD CONSTRAINT hashed_noise FOREIGN KEY (id) REFERENCES noise' \
    'CREATE FUNCTION known(int) RETURNS bool LANGUAGE sql AS $$SELECT EXISTS (SELECT FROM public.noise WHERE id = $1)$$' \
    'CREATE TABLE checked (id int CHECK (public.known(id)))' 'INSERT INTO checked SELECT id FROM noise LIMIT 100' \
    'CREATE MATERIALIZED VIEW counted AS SELECT count(*) FROM noise' 'CREATE UNIQUE INDEX ON counted (count)'
# A table is read in the order of its rows, and `checked` would come before `noise` in the order of the dump: such a
# dump does not restore with psql, but what looks at other tables comes after them here.
settings_write source
backup
dump source >"$folder/expected"
server_stop source

for jobs in ${INCANT_RESTORE_JOBS:-1 8}; do
    rm -rf "$folder/source.tablespace"/*
    server_start "target$jobs"
    incant --json --quiet restore --to "$(conninfo "target$jobs")" --jobs "$jobs"
    expect_exit 0
    expect_json '[.databases[] | select(.name == "bulk")][0].restored_as == "bulk"' '.failures == []'
    dump "target$jobs" >"$folder/found"
    same_files "$folder/expected" "$folder/found" "the dump of the cluster restored with --jobs $jobs"
    # Rows are loaded frozen: nothing has to write their pages a second time.
    sql "target$jobs" bulk 'CREATE EXTENSION pg_visibility'
    [ "$(sql "target$jobs" bulk "SELECT all_frozen > 100 FROM pg_visibility_map_summary('noise')")" = t ] ||
        [ "$(sql "target$jobs" bulk 'SHOW server_version_num')" -lt 140000 ] || fail 'the rows are not frozen'
    server_stop "target$jobs"
    rm -rf "$folder/target$jobs"
done

# A number that is none.
incant --json --quiet restore --to "$(conninfo target1)" --jobs 0
expect_error 2 usage '--jobs is a number from 1 to 64'
