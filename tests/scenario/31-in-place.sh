#!/bin/bash
# Goal: a restore in place swaps the restored database with the live one in one moment, whoever is connected; it can be
# undone with all rows that were written up to the swap, done again, and brought to its end; and nobody does it by
# accident.
. "$(dirname "$0")/lib.sh"

databases() {
    sql source postgres "SELECT string_agg(datname, ' ' ORDER BY datname) FROM pg_database WHERE NOT datistemplate"
}

# An application: each transaction writes the same number into two tables, and what was committed is noted. It comes
# back at once whenever its connection is ended.
application() {
    local number
    for ((number = $1; ; number++)); do
        ! PGOPTIONS='-c statement_timeout=20s' sql source shop "INSERT INTO one VALUES ($number); INSERT INTO two VALUES ($number)" \
            >/dev/null 2>&1 || echo "$number" >>"$folder/committed"
    done
}

# A reader: both tables, as one statement sees them.
reader() {
    while :; do
        sql source shop "SELECT (SELECT count(*) FROM one) || ' ' || (SELECT count(*) FROM two)" >>"$folder/read" 2>>"$folder/refused" || true
    done
}

# A pooler: keeps connections in the database, and opens them anew at once.
pooler() {
    while :; do
        sql source shop "SELECT pg_sleep(60)" >/dev/null 2>&1 || true
    done
}

server_start source
load_small source
sql source shop 'CREATE TABLE one (n int)' 'CREATE TABLE two (n int)' \
    'INSERT INTO one VALUES (-1), (-2)' 'INSERT INTO two VALUES (-1), (-2)' \
    "COMMENT ON DATABASE shop IS 'the shop'" "ALTER DATABASE shop SET work_mem = '5MB'" \
    'ALTER DATABASE shop CONNECTION LIMIT 40' 'CREATE ROLE clerk LOGIN' 'REVOKE CONNECT ON DATABASE shop FROM PUBLIC' \
    'GRANT CONNECT ON DATABASE shop TO clerk'
settings_write source
backup
first=$backup_id
dump source >"$folder/dump.first"
before=$(databases)

# Nobody is asked, so nothing is done.
for words in '' '--yes-i-mean other'; do
    for what in --in-place --undo --finalize --swap; do
        # shellcheck disable=SC2086
        incant --json --quiet restore "$what" $words
        expect_error 2 usage 'nothing was done'
    done
done
[ "$(databases)" = "$before" ] || fail 'something was made'
expect_backups 1
incant --json --quiet restore --in-place --undo
expect_error 2 usage 'exclude one another'
incant --json --quiet restore --undo --yes-i-mean test
expect_error 9 restore 'there is nothing to undo'

# On a terminal the name is asked for.
answer() {
    status=0
    printf '%s\n' "$1" | script --quiet --return --command "'$program' --config '$folder/settings' restore --finalize" \
        /dev/null >"$folder/out" 2>&1 || status=$?
}
answer wrong
expect_exit 2
answer test
expect_exit 0
grep -q 'Type the source' "$folder/out" || fail 'nothing was asked'

# In place, while everybody is at work.
application 1 &
application_pid=$!
reader &
reader_pid=$!
pooler &
pooler &
wait_until 20 test -s "$folder/committed"
wait_until 20 test -s "$folder/read"
incant --json --quiet restore --in-place --database shop --yes-i-mean test
expect_exit 0
expect_json '.swapped and (.safety_backup | length > 0)' \
    ".databases == [.databases[0]] and .databases[0].restored_as == \"shop\" and .databases[0].kept_as == \"shop_before_$first\""
safety=$(jq -r .safety_backup "$folder/out")
written=$(wc -l <"$folder/committed")
wait_until 20 eval '[ "$(wc -l <"$folder/committed")" -gt $((written + 3)) ]'
kill "$application_pid" "$reader_pid" && wait "$application_pid" "$reader_pid" 2>/dev/null || true
jobs -p | xargs -r kill 2>/dev/null || true
sql source postgres "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname ~ '^shop'" >/dev/null

# No reader saw a mixture, and every committed row is in the old database or in the new one.
awk '$1 != $2 { bad = 1 } END { exit bad || NR == 0 }' "$folder/read" || fail 'a mixture was seen'
! grep -vE 'does not exist|terminating connection|closed the connection|dropped or renamed|before or while|SSL|^DETAIL|^psql|^$|^connection to|server (closed|terminated)' \
    "$folder/refused" >"$folder/err" || fail 'readers were told something else'
sql source "shop_before_$first" 'SELECT n FROM one WHERE n > 0' >"$folder/rows"
[ -s "$folder/rows" ] || fail 'nothing was written before the swap'
sql source shop 'SELECT n FROM one WHERE n > 0' >"$folder/rows.new"
[ -s "$folder/rows.new" ] || fail 'nothing was written after the swap'
sort -n "$folder/rows" "$folder/rows.new" >"$folder/rows.all"
[ -z "$(uniq -d "$folder/rows.all")" ] || fail 'a row is in both'
[ -z "$(sort -n "$folder/committed" | comm -23 <(sort "$folder/committed") <(sort "$folder/rows.all"))" ] || fail 'a committed row is lost'

# What is live is what the backup had, with all that belongs to the database; the backups are all there.
sql source shop 'DELETE FROM one WHERE n > 0' 'DELETE FROM two WHERE n > 0'
PGHOST=$folder/source PGUSER=postgres "$pg_bindir/pg_dumpall" --exclude-database='*_before_*' | same_keys >"$folder/dump.now"
same_files "$folder/dump.first" "$folder/dump.now" 'the server after a restore in place'
expect_backups 2
incant --json --quiet list
expect_json "any(.backups[]; .id == \"$safety\" and .pinned != null)" "any(.backups[]; .id == \"$first\")"

# Undone: the old one, with all that was written to it. Done again; undone again; and a second restore in between.
incant --json --quiet restore --undo --dry-run
expect_exit 0
expect_json '.swapped | not'
incant --json --quiet restore --undo --yes-i-mean test
expect_exit 0
expect_json ".databases[0].restored_as == \"shop\" and .databases[0].kept_as == \"shop_incant_$first\""
sql source shop 'SELECT n FROM one WHERE n > 0' >"$folder/rows.back"
same_files "$folder/rows" "$folder/rows.back" 'the rows written before the swap'
incant --json --quiet restore --undo --yes-i-mean test
expect_error 9 restore 'there is nothing to undo'
incant --json --quiet restore --swap --yes-i-mean test --no-safety-backup
expect_exit 0
[ "$(sql source shop 'SELECT count(*) FROM one')" = 2 ] || fail 'the swap was not done again'
incant --json --quiet restore "$first" --in-place --database shop --database zoo --yes-i-mean test --no-safety-backup
expect_exit 0
expect_json '[.databases[].restored_as] == ["shop", "zoo"]' "any(.databases[]; .kept_as == \"shop_before_$first.2\")"
incant restore --undo --yes-i-mean test
expect_exit 0
grep -q '^shop put back; what was live until now is kept as ' "$folder/out" || fail 'people are not told'
grep -q '^zoo put back' "$folder/out" || fail 'zoo was forgotten'
incant --json --quiet restore --undo --yes-i-mean test
expect_exit 0
sql source shop 'SELECT n FROM one WHERE n > 0' >"$folder/rows.back"
same_files "$folder/rows" "$folder/rows.back" 'the rows written before the first swap'

# The end: what was kept goes, and nothing else.
incant restore --finalize --yes-i-mean test
expect_exit 0
grep -q "^dropped: .*shop_incant_$first" "$folder/out" || fail 'what was dropped is not told'
[ "$(databases)" = "$before" ] || fail "there is more: $(databases)"

# A database that is gone comes back; what cannot be replaced is refused by name, or left beside.
sql source postgres 'DROP DATABASE zoo' 'CREATE TABLE mine (a int)'
incant --json --quiet restore "$first" --in-place --database zoo --yes-i-mean test --no-safety-backup
expect_exit 0
expect_json '.databases[0].kept_as == null'
[ "$(sql source zoo 'SELECT count(*) FROM animals')" = 2 ] || fail 'zoo did not come back'
incant --json --quiet restore --in-place --database postgres --yes-i-mean test
expect_error 9 restore 'database postgres cannot be replaced in place'
backup
incant --json --quiet restore --in-place --yes-i-mean test --no-safety-backup
expect_exit 0
expect_json "any(.databases[]; .name == \"postgres\" and .restored_as == \"postgres_incant_$backup_id\")" \
    'any(.warnings[]; contains("database postgres is not replaced"))' \
    'any(.databases[]; .name == "zoo" and .restored_as == "zoo")'
