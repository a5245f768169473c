#!/bin/bash
# Goal: a command that may go wrong stands between a backup and a look at what it did, and the way back is there
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_digitalocean.sh"

server_start source
load_small source
settings_write source
export PGHOST=$folder/source PGUSER=postgres

# state NAME-OF-FILE: every row of every table of the two databases.
state() {
    {
        for database in shop zoo; do
            "$pg_bindir/pg_dump" --inserts "$database" 2>/dev/null | same_keys || echo "no $database"
        done
    } >"$folder/$1"
}

# forget_kept: what swaps have kept is dropped, so that dumps stay small.
forget_kept() {
    incant --quiet restore --finalize --yes-i-mean test
    expect_exit 0
}

# A migration that succeeds: what it changed is told, its output and exit code are its own.
cat >"$folder/good" <<-'END'
	#!/bin/sh
	echo migrating; echo grumbling >&2
	psql -qX -d shop -c 'ALTER TABLE orders ADD COLUMN paid boolean' -c 'CREATE INDEX orders_what ON orders (what)' \
	    -c "INSERT INTO orders VALUES (1001, 'late', true)" -c 'CREATE TABLE customers (id int)'
	psql -qX -d zoo -c 'DROP TABLE animals'
END
chmod +x "$folder/good"
incant --json guard -- "$folder/good" --fast
expect_exit 0
expect_json '.command.exit_code == 0' ".command.argv == [\"$folder/good\", \"--fast\"]" '.backup.pinned.reason | startswith("guard: ")' \
    ".backup.label == \"$folder/good --fast\"" '.restored == null' '.snapshot == null' \
    'any(.changes[]; .database == "shop" and .what == "rows" and .how == "changed" and .rows_before == 1000 and .rows_after == 1001)' \
    'any(.changes[]; .how == "added" and .name == "CREATE INDEX orders_what" or (.name | test("orders_what")))' \
    'any(.changes[]; .database == "shop" and .how == "added" and (.name | test("customers")))' \
    'any(.changes[]; .database == "zoo" and .how == "removed" and (.name | test("animals")))' \
    'any(.changes[]; .what == "definition" and .how == "changed" and (.name | test("orders")))'
grep -q '^migrating$' "$folder/err" || fail "with --json the command's output is not on standard error"
grep -q '^grumbling$' "$folder/err" || fail "the command's standard error is gone"
grep -q 'there is no earlier backup to tell how long it takes' "$folder/err" || fail 'nothing was said of the time'
incant guard -- sh -c 'echo untouched; cat' </dev/null
expect_exit 0
[ "$(head -n 1 "$folder/out")" = untouched ] || fail "the command's output is not the first"
grep -q 'nothing was changed' "$folder/out" || fail 'a command that changed nothing is not told as such'
grep -q 'backing up before the command; the last backup took ' "$folder/err" || fail 'the expected time is not told'

# Options behind '--' are the command's; without it nothing is run; a program that is not there costs no backup.
incant --json --quiet guard ls --all
expect_error 2 usage "'ls' stands before '--'"
incant --json --quiet guard --snapshot
expect_error 2 usage "guard needs a command behind '--'"
incant --json --quiet guard -- "$folder/no-such-program"
expect_error 2 usage 'no-such-program'
expect_backups 2

# A backup that fails: the command is not run at all. Neither is it when the snapshot fails, or another run is on.
sed -i "s#^pg-bindir = .*#pg-bindir = $folder#" "$folder/settings"
incant --json --quiet guard -- touch "$folder/was-run"
expect_error 4 source 'the command was not run'
expect_json '.command.exit_code == null' '.backup == null'
sed -i "s#^pg-bindir = .*#pg-bindir = $pg_bindir#" "$folder/settings"
cloud_start
cloud_settings
cloud_knobs '{"result": "errored"}'
incant --json --quiet guard --snapshot -- touch "$folder/was-run"
expect_error 12 cloud 'the command was not run'
incant_begin --quiet guard -- sleep 600
wait_until 60 pgrep -f -x 'sleep 600' --parent "$incant_pid" >/dev/null || fail 'the command does not begin'
kill_sleeper=$(pgrep -f -x 'sleep 600' --parent "$incant_pid")
out=$folder/out2
"$program" --config "$folder/settings" --json --quiet backup >"$out" 2>/dev/null && fail 'a backup was made meanwhile'
jq -e '.exit_code == 10' "$out" >/dev/null || fail 'a backup meanwhile is not refused as busy'
kill -9 "$kill_sleeper"
incant_end
expect_exit 14
[ ! -e "$folder/was-run" ] || fail 'the command was run all the same'

# With a snapshot that stands.
cloud_knobs '{}'
incant --json --quiet guard --snapshot -- true
expect_exit 0
expect_json '.snapshot.name | startswith("incant-test-")'
[ "$(cloud_snapshots .name | wc -l)" -eq 1 ] || fail 'there is no snapshot'

# Half way through, with --on-failure keep: what is there stays, and the way back is told.
cat >"$folder/half" <<-'END'
	#!/bin/sh
	psql -qX -d shop -c 'DELETE FROM orders WHERE id > 500' -c 'CREATE TABLE half (id int)'
	exit 3
END
chmod +x "$folder/half"
state before
incant --json --quiet guard --on-failure keep -- "$folder/half"
expect_error 14 guard 'the command exited with status 3'
id=$(jq -r .backup.id "$folder/out")
expect_json '.command.exit_code == 3' '.restored == null' ".error.hint | test(\"restore $id --in-place\")" \
    'any(.changes[]; .what == "rows" and .rows_after == 500)'
[ "$(sql source shop 'SELECT count(*) FROM orders')" = 500 ] || fail 'keep did not keep'
incant --quiet restore "$id" --in-place --yes-i-mean test --database shop
expect_exit 0
state after
same_files "$folder/before" "$folder/after" 'what was restored by hand'
forget_kept

# Asked without a terminal: kept. On one: y goes back, n does not.
incant --json --quiet guard --on-failure ask -- "$folder/half"
expect_exit 14
expect_json '.restored == null'
[ "$(sql source shop 'SELECT count(*) FROM orders')" = 500 ] || fail 'something was restored though nobody said so'
incant --quiet restore "$id" --in-place --yes-i-mean test --database shop
status=0
"$tree/tests/scenario/on_terminal" 'Go back to' 'n\n' -- "$program" --config "$folder/settings" guard -- "$folder/half" \
    >"$folder/out" || status=$?
expect_exit 14
[ "$(sql source shop 'SELECT count(*) FROM orders')" = 500 ] || fail 'something was restored though the answer was n'
incant --quiet restore "$id" --in-place --yes-i-mean test --database shop
status=0
"$tree/tests/scenario/on_terminal" 'Go back to' 'y\n' -- "$program" --config "$folder/settings" guard -- "$folder/half" \
    >"$folder/out" || status=$?
expect_exit 14
grep -q 'back to before it: database shop' "$folder/out" || fail 'it is not told that shop is back'
state after
same_files "$folder/before" "$folder/after" 'what was restored at a y'
forget_kept

# It drops roles, and nothing else: they are back with what they had; a role that it changed, and one that it made,
# are left and named.
sql source postgres "CREATE ROLE crew" "CREATE ROLE mate LOGIN PASSWORD 'x' CONNECTION LIMIT 3" 'GRANT crew TO mate' \
    "ALTER ROLE mate SET work_mem = '7MB'" 'CREATE ROLE steady'
roles() {
    sql source postgres "SELECT rolname, rolcanlogin, rolconnlimit, rolpassword, setconfig FROM pg_authid LEFT JOIN
        pg_db_role_setting ON setrole = pg_authid.oid WHERE rolname IN ('crew', 'mate') ORDER BY 1" \
        "SELECT pg_has_role('mate', 'crew', 'MEMBER')"
}
roles >"$folder/roles-before"
cat >"$folder/roles" <<-'END'
	#!/bin/sh
	psql -qX -d postgres -c 'DROP ROLE mate' -c 'ALTER ROLE steady LOGIN' -c 'CREATE ROLE fresh'
	exit 3
END
chmod +x "$folder/roles"
incant --json guard --on-failure restore -- "$folder/roles"
expect_exit 14
expect_json '.restored == []'
roles >"$folder/roles-after"
same_files "$folder/roles-before" "$folder/roles-after" 'the roles'
grep -q 'changed by the command: ALTER ROLE.* steady' "$folder/err" || fail 'a changed role is not named'
grep -q 'cat .* --globals' "$folder/err" || fail 'it is not told how the roles were'

# It drops a database, and another one fails half way: both are back, row by row; the failed state is there again
# after --undo.
cat >"$folder/drop" <<-'END'
	#!/bin/sh
	psql -qX -d shop -c 'TRUNCATE orders'
	psql -qX -d postgres -c 'DROP DATABASE zoo'
	psql -qX -d postgres -c 'CREATE DATABASE extra'
	kill -SEGV $$
END
chmod +x "$folder/drop"
incant --json --quiet guard --on-failure restore -- "$folder/drop"
expect_error 14 guard 'the command was ended by signal 11'
expect_json '.command.exit_code == 139' '.restored | sort == ["shop", "zoo"]'
state after
same_files "$folder/before" "$folder/after" 'what was restored after a drop'
[ "$(sql source postgres "SELECT count(*) FROM pg_database WHERE datname = 'extra'")" = 1 ] || fail 'extra is gone'
incant --quiet restore --undo --yes-i-mean test
expect_exit 0
[ "$(sql source shop 'SELECT count(*) FROM orders')" = 0 ] || fail 'undo did not bring the failed state back'
incant --quiet restore --swap --yes-i-mean test
expect_exit 0

# One that hangs, and is interrupted with ^C by its user: the command and its children end, guard goes on.
cat >"$folder/hang" <<-'END'
	#!/bin/sh
	psql -qX -d shop -c 'DELETE FROM orders WHERE id > 10'
	echo hanging
	sleep 1000
END
chmod +x "$folder/hang"
state before
status=0
"$tree/tests/scenario/on_terminal" hanging '\x03' -- \
    "$program" --config "$folder/settings" guard --on-failure restore -- "$folder/hang" >"$folder/out" || status=$?
expect_exit 14
grep -q 'the command was ended by signal 2' "$folder/out" || fail 'it is not told that ^C ended it'
state after
same_files "$folder/before" "$folder/after" 'what was restored after ^C'
forget_kept

# A signal to guard alone is passed on.
incant_begin --json --quiet guard --on-failure keep -- sh -c 'trap "exit 7" TERM; touch "$0"; while :; do sleep 0.1; done' \
    "$folder/waits"
wait_until 60 test -e "$folder/waits" || fail 'the command does not begin'
kill -TERM "$incant_pid"
incant_end
expect_error 14 guard 'the command exited with status 7'

# Killed itself, with the command: the lock is free, and the backup stands pinned.
rm "$folder/waits"
incant_begin --quiet guard -- sh -c 'touch "$0"; exec sleep 1000' "$folder/waits"
wait_until 60 test -e "$folder/waits" || fail 'the command does not begin'
sleeper=$(pgrep --parent "$incant_pid")
kill -9 "$incant_pid"
incant_end
kill "$sleeper"
incant --json --quiet list
expect_json '.backups[0].pinned.reason | startswith("guard: ")'

# The pins of guard are bounded; those of people are not touched.
incant --quiet backup --pin --label by-hand
incant --quiet guard -- true
expect_exit 0
incant --json --quiet list
expect_json '[.backups[] | select(.pinned != null and (.pinned.reason // "" | startswith("guard: ")))] | length == 5' \
    '[.backups[] | select(.pinned != null and .label == "by-hand")] | length == 1'
expect_json '.backups[0].pinned.reason == "guard: true"'

# A password on the command line is in no label, pin or log.
incant --verbose guard -- sh -c : postgres://app:s3cr3t@db/app PGPASSWORD=s3cr3t
expect_exit 0
! grep -rqF s3cr3t "$folder/store" "$folder/out" "$folder/err" || fail 'a password was kept'
