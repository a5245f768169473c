#!/bin/bash
# Goal: whatever a test restore lacks, has too much of or has changed is found and named, with exit code 8
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_scratch.sh"

server_start source
sql source postgres 'CREATE DATABASE shop' "CREATE ROLE bob LOGIN" "CREATE ROLE eve LOGIN PASSWORD 'secret'" \
    'ALTER DATABASE shop SET work_mem = 8192' 'ALTER ROLE bob SET lock_timeout = 5000'
for table in changed dropped doubled swapped_a swapped_b defaults; do
    sql source shop "CREATE TABLE $table (id int, note text DEFAULT 'none')" \
        "INSERT INTO $table SELECT i, '$table ' || i FROM generate_series(1, 100) AS i"
done
sql source shop "CREATE INDEX notes ON changed (note)" \
    "ALTER TABLE changed ADD CONSTRAINT positive CHECK (id > 0)" \
    "CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'" \
    "CREATE TRIGGER touched BEFORE UPDATE ON dropped FOR EACH ROW EXECUTE FUNCTION touch()" \
    "GRANT SELECT ON changed TO bob" "COMMENT ON TABLE changed IS 'as it was'" \
    "CREATE SEQUENCE numbers" "SELECT setval('numbers', 42)" \
    "SELECT lo_from_bytea(4711, 'large')" "CREATE VIEW seen AS SELECT id FROM doubled" >/dev/null
settings_write source
wrap_dumper
settings_scratch "pg-bindir = $folder/bin"
backup

# A sabotage a line: what the proof must name, the database, the statement.
cat >"$folder/sabotages" <<'END'
shop: table public.changed|shop|UPDATE changed SET note = 'another' WHERE id = 7
shop: table public.dropped|shop|DELETE FROM dropped WHERE id = 100
shop: table public.doubled|shop|INSERT INTO doubled SELECT * FROM doubled WHERE id = 1
shop: table public.swapped_a|shop|WITH a AS (DELETE FROM swapped_a WHERE id = 3 RETURNING *), b AS (DELETE FROM swapped_b WHERE id = 3 RETURNING *), c AS (INSERT INTO swapped_a SELECT * FROM b) INSERT INTO swapped_b SELECT * FROM a
shop: CREATE INDEX public.changed notes|shop|DROP INDEX notes
shop: CREATE TABLE public.changed|shop|ALTER TABLE changed DROP CONSTRAINT positive
shop: CREATE TRIGGER public.dropped touched|shop|DROP TRIGGER touched ON dropped
shop: GRANT TABLE public.changed|shop|REVOKE SELECT ON changed FROM bob
shop: COMMENT TABLE public.changed|shop|COMMENT ON TABLE changed IS 'as it is'
shop: sequence public.numbers|shop|SELECT setval('numbers', 43)
globals: ALTER ROLE WITH bob|shop|ALTER ROLE bob CREATEDB
globals: ALTER ROLE WITH eve|shop|ALTER ROLE eve PASSWORD NULL
shop: CREATE TABLE public.defaults|shop|ALTER TABLE defaults ALTER note SET DEFAULT 'some'
shop: large object 4711|shop|SELECT lo_put(4711, 0, 'LARGE')
shop: ALTER DATABASE SET shop|shop|ALTER DATABASE shop SET work_mem = 4096
globals: ALTER ROLE SET bob|shop|ALTER ROLE bob RESET lock_timeout
shop: CREATE VIEW public.seen|shop|CREATE OR REPLACE VIEW seen AS SELECT id + 0 AS id FROM doubled
database left_over|shop|CREATE DATABASE left_over
END

# expect_named NAME: among the differences.
expect_named() {
    jq -e --arg name "$1" 'any(.proof.differences[]; .where | contains($name))' "$folder/out" >/dev/null ||
        fail "not named: $1"
}

# expect_disproof NUMBER: the proof failed with that many differences, and is recorded so.
expect_disproof() {
    expect_error 8 proof 'what was restored is not what was backed up'
    expect_json '.proof.ok == false' ".proof.differences | length == $1" \
        'all(.proof.differences[]; .expected != .found and (.expected | length > 0) and (.found | length > 0))'
    jq -e ".ok == false and .difference_count == $1" "$backup_folder/proof.json" >/dev/null ||
        fail 'the failed proof is not recorded as one'
    expect_no_scratch
}

# All of them together, which names each; and alone, which takes a proof each: every third of them, or
# with SABOTAGE_SINGLY=every all.
case ${SABOTAGE_SINGLY:-third} in
every) chosen='1~1p' ;;
*) chosen='1~3p' ;;
esac
while IFS='|' read -r name database statement; do
    printf '\\connect %s\n%s;\n' "$database" "$statement" >"$folder/sabotage.sql"
    incant --json --quiet verify --restore </dev/null
    case $name in *swapped_a) expect_disproof 2 ;; *) expect_disproof 1 ;; esac
    expect_named "$name"
done < <(sed -n "$chosen" "$folder/sabotages")

awk -F '|' '{ print "\\connect " $2 "\n" $3 ";" }' "$folder/sabotages" >"$folder/sabotage.sql"
incant --json --quiet verify --restore
expect_disproof $(($(wc -l <"$folder/sabotages") + 1))
while IFS='|' read -r name _; do
    expect_named "$name"
done <"$folder/sabotages"
expect_named 'shop: table public.swapped_b'

# What was expected and what was found stand side by side; a password stands nowhere.
expect_json '.proof.differences[] | select(.where | contains("CREATE INDEX")) |
    .found == "missing" and (.expected | test("^CREATE INDEX notes ON public.changed"))'
expect_json '.proof.differences[] | select(.where | contains("dropped")) | select(.where | contains("table")) |
    (.expected | startswith("100 rows")) and (.found | startswith("99 rows"))'
expect_json '.proof.differences[] | select(.where | contains("bob")) | select(.where | contains("WITH")) |
    (.expected | test("NOCREATEDB")) and (.found | test(" CREATEDB"))'
expect_json '.proof.differences[] | select(.where | contains("eve")) |
    (.expected | test("PASSWORD .\\*\\*\\*")) and (.found | test("PASSWORD") | not)'
! grep -qF SCRAM "$folder/out" "$folder/err" || fail 'a password is shown'
incant verify --restore
expect_exit 8
grep -q '^    expected: .*CHECK' "$folder/out" || fail 'a person is not told of the check'
incant list
grep -q FAILED "$folder/out" || fail 'list does not tell of the failed proof'

# Nothing of it is left in the backup: without sabotage it is proven again.
: >"$folder/sabotage.sql"
incant --json --quiet verify --restore
expect_exit 0
expect_json '.proof.ok'
