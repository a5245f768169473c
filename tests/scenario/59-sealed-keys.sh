#!/bin/bash
# Goal: several recipients, a passphrase, new recipients; and no secret in an argument, the log, the JSON or a file that others read
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_age.sh"

need_age
server_start source
load_small source
key one
key two
key three

# Two recipients, one of them from a file: each opens it alone.
printf '# the second\n%s\n' "$(recipient two)" >"$folder/recipients"
sealed_write source "$(recipient one)" "$folder/recipients"
backup
first=$backup_id
"$program" --config "$folder/settings" cat --store local >"$folder/dump"
for name in one two; do
    with_identity "$folder/$name.key"
    incant --quiet cat --store sealed
    expect_exit 0
    same_files "$folder/dump" "$folder/out" "the dump by identity $name"
done
with_identity "$folder/three.key"
incant --quiet cat --store sealed
expect_exit 13
expect_error_line 'is encrypted to 2 recipients (X25519, X25519), and no identity at hand is for any of them'

# Other recipients from now on: what is old stays with the old key, what is new needs the new one; an identity
# file with both reads all.
without_identity
sed -i "s#^encrypt-to = .*##; s#^path = $folder/sealed#&\nencrypt-to = $(recipient three)#" "$folder/settings"
backup
(umask 077 && cat "$folder/one.key" "$folder/three.key" >"$folder/both.key")
for pair in "one $first 0" "one $backup_id 13" "three $first 13" "three $backup_id 0" "both $first 0" "both $backup_id 0"; do
    # shellcheck disable=SC2086 # words
    set -- $pair
    with_identity "$folder/$1.key"
    incant --quiet cat "$2" --store sealed
    [ "$status" -eq "$3" ] || fail "identity $1 on $2: exit status $status"
done

# A passphrase: from a file, the environment, systemd's credential; a wrong one; none.
secret="correct horse $RANDOM"
"$(dirname "$0")/with_passphrase" "$secret" age -p -o "$folder/protected.key" "$folder/three.key" ||
    fail 'age -p does not make a protected file'
chmod 600 "$folder/protected.key"
(umask 077 && printf '%s\n' "$secret" >"$folder/passphrase")
with_identity "$folder/protected.key"
printf 'passphrase-file = %s\n' "$folder/passphrase" >>"$folder/settings"
incant --verbose cat --store sealed
expect_exit 0
! grep -qF -- "$secret" "$folder/err" || fail 'the passphrase is in the log'
with_identity "$folder/protected.key"
INCANT_BACKUP_PASSPHRASE=$secret incant --quiet cat --store sealed
expect_exit 0
mkdir -m 700 "$folder/credentials"
cp "$folder/passphrase" "$folder/credentials/incant-backup.passphrase"
CREDENTIALS_DIRECTORY=$folder/credentials incant --quiet cat --store sealed
expect_exit 0
INCANT_BACKUP_PASSPHRASE=wrong incant --quiet cat --store sealed
expect_exit 13
expect_error_line 'the passphrase given does not open'
status=0
setsid "$program" --config "$folder/settings" --quiet cat --store sealed >"$folder/out" 2>"$folder/err" </dev/null || status=$?
expect_exit 13
expect_error_line 'there is no terminal to ask on'
"$(dirname "$0")/with_passphrase" "$secret" "$program" --config "$folder/settings" --quiet verify --store sealed ||
    fail 'the passphrase that was typed does not open it'

# Files that others can read, and keys that are none.
chmod 644 "$folder/one.key"
with_identity "$folder/one.key"
incant --quiet show --tables --store sealed
expect_exit 13
expect_error_line 'others may read it'
chmod 600 "$folder/one.key"
secret_key=$(grep ^AGE-SECRET "$folder/one.key")
without_identity
for bad in 'age1pq1abc post-quantum' 'age1yubikey1qwerty yubikey' 'ssh-ed25519 ssh' "$(recipient one)x whole" "$secret_key secret"; do
    sed -i "s#^encrypt-to = .*#encrypt-to = ${bad% *}#" "$folder/settings"
    incant --json --quiet backup --dry-run
    expect_error 13 keys "${bad##* }"
    ! grep -qF -- "$secret_key" "$folder/out" "$folder/err" || fail 'a secret key is repeated'
done

# No key, no passphrase in anything that was printed or stored, or in the arguments of a process.
! grep -rqaF -- "$secret_key" "$folder/store" "$folder/sealed" "$folder/out" "$folder/err" || fail 'a secret key was written'
sed -i "s#^encrypt-to = .*#encrypt-to = $(recipient one)#" "$folder/settings"
with_identity "$folder/one.key"
sql source shop "INSERT INTO orders SELECT i, 'order ' || i FROM generate_series(1001, 20000) AS i" # more than a pipe holds
lock_table source zoo animals
incant_begin --verbose backup
wait_until 20 dump_waits source || fail 'the dump does not wait for the lock'
cat /proc/[0-9]*/cmdline >"$folder/arguments" 2>/dev/null || true
! grep -qaF -- AGE-SECRET-KEY "$folder/arguments" || fail 'a key is in an argument'
unlock_table source
incant_end
expect_exit 0
[ -z "$(find "$folder/sealed" -type f ! -perm 600 ! -perm 400)" ] || fail 'others can read what is stored'

# No core dump while an identity is held: a reader that nobody takes bytes from is killed so that it would leave
# one; one of a store without encryption shows whether this kernel writes one here at all.
mkdir "$folder/core"
mkfifo "$folder/pipe"
cores() { find "$folder/core" -name 'core*' -type f; }
dump_core() { # STORE
    (cd "$folder/core" && ulimit -c unlimited && exec "$program" --config "$folder/settings" --quiet cat --store "$1") \
        >"$folder/pipe" 2>"$folder/err" &
    local reader=$!
    exec 8<"$folder/pipe"
    head -c 1 <&8 >/dev/null
    core_limit=$(awk '/^Max core file size/ { print $5 }' "/proc/$reader/limits")
    kill -ABRT "$reader"
    wait "$reader" 2>/dev/null || true
    exec 8<&-
}
with_identity "$folder/one.key"
dump_core sealed
[ "$core_limit" = 0 ] || fail "with an identity in memory a core may have $core_limit bytes"
[ -z "$(cores)" ] || fail 'a core was dumped with an identity in memory'
dump_core local
[ "$core_limit" != 0 ] || fail 'the test allows no core either'
case $(cat /proc/sys/kernel/core_pattern) in
core*) [ -n "$(cores)" ] || fail 'this way no core is dumped at all, so the test shows nothing' ;;
esac
