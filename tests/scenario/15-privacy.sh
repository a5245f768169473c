#!/bin/bash
# Goal: what is stored belongs to its owner alone, and no secret is ever in an argument, a file or the log
. "$(dirname "$0")/lib.sh"

server_start source
load_small source
load_bulk source 10
secret=s3cr3t-$$-$RANDOM$RANDOM
sql source postgres "CREATE ROLE keeper SUPERUSER LOGIN PASSWORD '$secret'"
printf '%s\n' 'local all keeper scram-sha-256' "$(cat "$folder/source/data/pg_hba.conf")" \
    >"$folder/source/data/pg_hba.conf.new"
cat "$folder/source/data/pg_hba.conf.new" >"$folder/source/data/pg_hba.conf"
sql source postgres 'SELECT pg_reload_conf()' >/dev/null
settings_write source 'lock-timeout = 300s'
sed -i 's#^\(conninfo = .*\) user=postgres#\1 user=keeper#' "$folder/settings"
(umask 077 && printf '*:*:*:*:%s\n' "$secret" >"$folder/pass")

# The arguments of all processes, while a backup waits in the middle.
umask 000
lock_table source zoo animals
PGPASSFILE=$folder/pass incant_begin --verbose backup
wait_until 20 dump_waits source || fail 'the dump does not wait for the lock'
cat /proc/[0-9]*/cmdline >"$folder/arguments" 2>/dev/null || true
! grep -qaF -- "$secret" "$folder/arguments" || fail 'the password is in an argument'
grep -qaF -- pg_dumpall "$folder/arguments" || fail 'no arguments were looked at'
unlock_table source
incant_end
expect_exit 0
! grep -qrF -- "$secret" "$folder/store" "$folder/out" "$folder/err" || fail 'the password was written somewhere'
zstd --quiet --decompress --stdout "$folder"/store/test/*/contents.json.zst >"$folder/contents"
! grep -qF -- "$secret" "$folder/contents" || fail 'the password is in the contents'
! zstd --quiet --decompress --stdout "$folder"/store/test/*/cluster.sql.zst | grep -qF -- "$secret" ||
    fail 'the password is in the archive'

# By the environment as well.
PGPASSWORD=$secret incant --verbose backup
expect_exit 0
! grep -qrF -- "$secret" "$folder/store" "$folder/out" "$folder/err" || fail 'the password was written somewhere'

# Nobody else reads what is stored, whatever the umask is.
umask 022
found=$(find "$folder/store" -type d ! -perm 700 -o -type f ! -perm 600 ! -perm 400)
[ -z "$found" ] || fail "others have rights: $(stat -c '%A %n' $found)"
[ "$(find "$folder/store" -type f -name manifest.json | wc -l)" -eq 2 ] || fail 'there are not two backups'

# An env file that others can read is refused.
cat >>"$folder/settings" <<-END
	[source]
	env-file = $folder/env
END
printf 'POSTGRES_USER=keeper\n' >"$folder/env"
chmod 644 "$folder/env"
sed -i -e '/^\[source\]$/,/^pg-bindir/d' -e 's#^\[source\]$##' "$folder/settings"
cat >"$folder/settings" <<-END
	[source]
	name = test
	kind = docker
	container = x
	docker-socket = $folder/docker.sock
	env-file = $folder/env
	[store local]
	kind = directory
	path = $folder/store
END
incant --json --quiet backup
expect_error 3 settings "$folder/env"
expect_json '.error.hint | test("chmod")'
