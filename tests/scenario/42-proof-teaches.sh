#!/bin/bash
# Goal: a backup that will not restore is told why, with the statement and what to do about it, with exit code 8
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_scratch.sh"

server_start source
settings_write source
settings_scratch
sql source postgres 'CREATE DATABASE shop'

# A function in an index that finds its table by search_path alone.
sql source shop "CREATE TABLE rates (name text, rate int)" "INSERT INTO rates VALUES ('a', 1)" \
    "CREATE FUNCTION rate_of(wanted text) RETURNS int LANGUAGE plpgsql IMMUTABLE AS
        'BEGIN RETURN (SELECT rate FROM rates WHERE name = wanted); END'" \
    "CREATE TABLE orders (what text)" "INSERT INTO orders VALUES ('a')" \
    "CREATE INDEX by_rate ON orders (rate_of(what))"
backup
incant --json --quiet verify --restore
expect_error 8 proof 'this backup will not restore because '
expect_json '.error.message | test("relation \"rates\" does not exist") and test("SQLSTATE 42P01")
        and test("CREATE INDEX by_rate")' \
    '.error.hint | test("search_path")' '.proof.ok == false' '.proof.reason | test("rates")'
expect_no_scratch
jq -e '.ok == false and (.reason | test("42P01"))' "$backup_folder/proof.json" >/dev/null ||
    fail 'it is not recorded'
incant show
grep -q '^proof  *FAILED on .*rates' "$folder/out" || fail 'show does not tell why'
sql source shop 'ALTER FUNCTION rate_of(text) SET search_path = public'
backup
incant --json --quiet verify --restore
expect_exit 0

# An extension, a library and a locale that the scratch server does not have. A source that has what nobody else
# has is not to be had here; so the dumper says what such a source would say.
say_dump() {
    mkdir -p "$folder/bin"
    ln -sf "$pg_bindir/initdb" "$pg_bindir/pg_ctl" "$folder/bin/"
    cat >"$folder/bin/pg_dumpall" <<-END
		#!/bin/sh
		[ "\$1" = --version ] && exec $pg_bindir/pg_dumpall --version
		cat $folder/said
	END
    chmod 755 "$folder/bin/pg_dumpall"
    printf '%s\n' '-- x' 'CREATE ROLE postgres;' "CREATE DATABASE odd WITH TEMPLATE = template0 ENCODING = 'UTF8'$1;" \
        '\connect odd' "SET client_encoding = 'UTF8';" "$2" '--' '-- PostgreSQL database cluster dump complete' \
        '--' '' >"$folder/said"
    sed -i "s|^pg-bindir = .*|pg-bindir = $folder/bin|" "$folder/settings"
    backup_suspect
}

say_dump '' 'CREATE EXTENSION IF NOT EXISTS vector9 WITH SCHEMA public;'
incant --json --quiet verify --restore
expect_error 8 proof 'database odd needs the extension vector9'
expect_json '.error.message | test("^this backup will not restore because ")' '.error.hint | test("extension")'
say_dump '' "CREATE FUNCTION f() RETURNS int LANGUAGE c AS '\$libdir/nowhere', 'f';"
incant --json --quiet verify --restore
expect_error 8 proof 'nowhere'
say_dump " LOCALE = 'xx_YY.utf8'" ''
incant --json --quiet verify --restore
expect_error 8 proof 'xx_YY'
expect_json '.error.hint | test("locale")'
expect_no_scratch

# What is wrong with this machine says nothing about the backup: no verdict is recorded.
rm -f "$backup_folder/proof.json"
sed -i "s|^memory = .*|&\npg-bindir = $folder/absent|" "$folder/settings"
incant --json --quiet verify --restore
expect_error 8 proof "cannot start '$folder/absent/initdb'"
[ ! -e "$backup_folder/proof.json" ] || fail 'a verdict is recorded'
expect_no_scratch
