#!/bin/bash
# Goal: a store is made where it is missing; one that cannot be written, or that others can write to, is refused
. "$(dirname "$0")/lib.sh"

server_start source
load_small source
settings_write source

# Missing: reading finds nothing, a backup makes it.
incant --json --quiet list
expect_exit 0
expect_json '.backups == []'
[ ! -e "$folder/store" ] || fail 'reading makes a store'
sed -i "s#^path = .*#path = $folder/a/b/store#" "$folder/settings"
incant --quiet backup
expect_exit 0
[ "$(stat -c %a "$folder/a/b/store")" = 700 ] || fail 'the store is not for its owner alone'
incant --quiet backup --dry-run
expect_exit 0

# Not a directory, and one that others can write to.
settings_write source
touch "$folder/store"
incant --json --quiet backup
expect_error 5 store "$folder/store"
rm "$folder/store"
mkdir "$folder/store"
for mode in 777 1777 770 702; do
    chmod "$mode" "$folder/store"
    incant --json --quiet backup
    expect_error 5 store "$folder/store"
    expect_json '.backup == null' '.error.hint | length > 0'
done
chmod 755 "$folder/store"
backup
[ "$(stat -c %a "$backup_folder")" = 700 ] || fail 'a backup can be seen by others'

# Not writable, for somebody who is not root.
cp "$program" "$folder/program"
chmod 755 "$folder/program"
chmod 755 "$folder/store"
sed -i "s#^path = .*#path = $folder/closed/store#" "$folder/settings"
chmod 644 "$folder/settings"
mkdir -m 555 "$folder/closed"
[ "$(id -u)" -eq 0 ] || fail 'this scenario needs root, to become somebody else'
program_of_another() {
    status=0
    as_server_user "$folder/program" --config "$folder/settings" --json --quiet "$@" \
        >"$folder/out" 2>"$folder/err" </dev/null || status=$?
}
program_of_another backup
expect_error 5 store "$folder/closed/store"
sed -i "s#^path = .*#path = $folder/theirs/store#" "$folder/settings"
install -d -o postgres -m 700 "$folder/theirs"
program_of_another backup
expect_exit 0
program_of_another verify --all
expect_exit 0
[ "$(stat -c %U "$folder/theirs/store")" = postgres ] || fail 'the store is not its maker'"'"'s'

# Foreign things beside the backups are left alone.
settings_write source
mkdir -p "$folder/store/test/not-a-backup" "$folder/store/lost+found"
echo keep >"$folder/store/readme"
backup
expect_backups 2
[ "$(cat "$folder/store/readme")" = keep ] || fail 'a file of somebody else is gone'
