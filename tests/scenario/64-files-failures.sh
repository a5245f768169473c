#!/bin/bash
# Goal: whatever happens to application files or the commands around them, the backup is sound or not there, and the command after is run
. "$(dirname "$0")/lib.sh"

need_root 'a small file system, and another user'
server_start source
load_small source
app=$folder/app
mkdir -p "$app/data/sub"
printf 'one\n' >"$app/data/one"
printf 'two\n' >"$app/data/sub/two"
settings_write source
cat >>"$folder/settings" <<-END
	[files data]
	path = $app/data
	before = $app/before "two words" 'and three more'
	after = $app/after
	command-limit = 3s
END
cat >"$app/after" <<-END
	#!/bin/sh
	echo "after \$INCANT_BACKUP_FILES" >>$app/log
END
before_is() {
    printf '#!/bin/sh\nfor word; do echo "before $word" >>%s/log; done\n%s\n' "$app" "$1" >"$app/before"
    chmod +x "$app/before" "$app/after"
    rm -f "$app/log"
}

# Around the dump, with its words and no shell.
before_is ''
backup
expect_json '.backup.files[0].missing == null' '.backup.files[0].entries == 4'
[ "$(cat "$app/log")" = $'before two words\nbefore and three more\nafter data' ] || fail "commands: $(cat "$app/log")"

# A command that fails, or hangs: the backup stands without the files and the run says so; the one after is run.
before_is 'echo no can do >&2; exit 3'
incant --json --quiet backup
expect_error 4 source 'no can do'
expect_json '.backup.id | length > 0' '.backup.files[0].missing | contains("no can do")' \
    '[.backup.objects[].name] | length == 3'
grep -qx 'after data' "$app/log" || fail 'the command after was not run'
incant --quiet cat --files data
expect_exit 6
expect_error_line 'no can do'
before_is 'sleep 60'
incant --json --quiet backup
expect_error 4 source 'took longer'
grep -qx 'after data' "$app/log" || fail 'the command after was not run'
before_is ''
sed -i "s|^after = .*|after = $app/no-such-program|" "$folder/settings"
incant --json --quiet backup
expect_error 4 source 'no-such-program'
expect_json '.backup.files[0].missing == null'
sed -i "s|^after = .*|after = $app/after|" "$folder/settings"

# The dump fails, or a signal comes: nothing stands, and the application goes on.
before_is ''
lock_table source zoo animals
incant_begin --json --quiet backup
wait_until 20 dump_waits source || fail 'the dump does not wait for the lock'
kill -TERM "$incant_pid"
incant_end
expect_error 143 interrupted SIGTERM
grep -qx 'after data' "$app/log" || fail 'the command after was not run after a signal'
expect_no_rubbish
unlock_table source
before_is "kill -TERM \$PPID; sleep 1"
incant --json --quiet backup
expect_exit 143
grep -qx 'after data' "$app/log" || fail 'the command after was not run'
before_is ''

# A folder that is not there is named; the rest of the backup stands, and a dry run knows before.
mv "$app/data" "$app/aside"
incant --json --quiet backup --dry-run
expect_error 4 source "$app/data"
incant --json --quiet backup
expect_error 4 source "$app/data"
expect_json '.backup.id | length > 0' '.backup.files[0].missing | contains("No such file")'
mv "$app/aside" "$app/data"

# A file that may not be read is a warning with the permission in it, the rest is kept.
sed -i '/^before\|^after/d' "$folder/settings"
printf x >"$app/data/closed"
chmod 0000 "$app/data/closed"
mkdir -m 0700 "$app/data/shut"
printf x >"$app/data/shut/x"
chmod 711 "$folder/source"
mkdir -m 0700 "$folder/theirs"
chown postgres: "$folder/theirs"
sed "s|^path = $folder/store|path = $folder/theirs|" "$folder/settings" >"$folder/their-settings"
as_server_user "$program" --config "$folder/their-settings" --json --quiet backup >"$folder/out" 2>"$folder/err" ||
    fail 'a file that cannot be read is a failure'
expect_json '.backup.files[0].unread == 2' '[.warnings[] | select(contains("needs read"))] | length == 2' \
    'any(.warnings[]; contains("closed") and contains("owner 0:0, mode 0000"))' '.backup.files[0].entries == 5'
chmod 0600 "$app/data/closed"

# Files that change all the time: always a sound tar.
for ((i = 0; i < 40; i++)); do head -c 300000 /dev/urandom >"$app/data/busy$i"; done
(
    set +e
    trap - ERR
    while :; do
        for ((i = 0; i < 40; i++)); do
            truncate --size=$((RANDOM * 10)) "$app/data/busy$i"
            [ $((i % 7)) -ne 0 ] || { rm -f "$app/data/busy$i"; echo new >"$app/data/busy$i"; }
        done
    done
) 2>/dev/null &
busy=$!
for ((round = 0; round < 3; round++)); do
    backup
    incant --json --quiet verify "$backup_id"
    expect_exit 0
    rm -rf "$folder/back"
    incant --json --quiet restore --files data --into "$folder/back"
    expect_exit 0
done
kill "$busy"
wait "$busy" 2>/dev/null || true

# Another file system is not entered, unless that is asked for.
mkdir "$app/data/mounted"
mount -t tmpfs tmpfs "$app/data/mounted"
printf x >"$app/data/mounted/x"
backup
expect_json 'any(.warnings[]; contains("another file system"))'
incant --json --quiet show --files data
expect_json 'any(.entries[]; .path == "mounted")' 'all(.entries[]; .path != "mounted/x")'
sed -i '/^command-limit/s/$/\none-file-system = no/' "$folder/settings"
backup
incant --json --quiet show --files data
expect_json 'any(.entries[]; .path == "mounted/x")'
umount "$app/data/mounted"

# Full in the middle of the tar: nothing stands, and the space is given back.
rm -rf "$folder/store"
mkdir "$folder/store"
mount -t tmpfs -o size=4m,mode=700 tmpfs "$folder/store"
head -c 9000000 /dev/urandom >"$app/data/large"
incant --json --quiet backup
expect_error 5 store 'No space left on device'
expect_json '.backup == null'
expect_no_rubbish
[ "$(df --output=used "$folder/store" | tail -n 1)" -lt 64 ] || fail 'the space was not given back'
umount "$folder/store"
rm "$app/data/large"

# Killed at random times: whole or not there.
RANDOM=${SEED:=$$}
good=0
head -c 20000000 /dev/urandom >"$app/data/large"
for ((round = 0; round < ${KILLS:-6}; round++)); do
    incant_begin --json --quiet backup
    sleep "0.$((RANDOM % 90 + 10))"
    kill -9 "$incant_pid" 2>/dev/null || true
    incant_end
    incant --json --quiet list
    listed=$(jq '.backups | length' "$folder/out")
    [ "$listed" -eq "$good" ] || [ "$listed" -eq $((good + 1)) ] || fail "$listed backups after a kill (SEED=$SEED)"
    good=$listed
done
backup
expect_backups $((good + 1))
expect_clean_store
