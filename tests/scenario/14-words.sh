#!/bin/bash
# Goal: a word in the command line or the settings that is not known is refused, with the line and the nearest word
. "$(dirname "$0")/lib.sh"

server_start source
settings_write source

# refuses CODE CLASS TEXT HINT ARGUMENT…
refuses() {
    local code=$1 class=$2 text=$3 hint=$4
    shift 4
    incant --json --quiet "$@"
    expect_error "$code" "$class" "$text"
    [ -z "$hint" ] || tail -n 1 "$folder/err" | grep '^hint: ' | grep -qF -- "$hint" || fail "no hint says: $hint"
}
refuses 2 usage lst list lst
refuses 2 usage --databse --database cat --databse x
refuses 2 usage --label '' backup --label
refuses 2 usage --dry-run '' backup --dry-run=yes
refuses 2 usage extra '' list extra
refuses 2 usage --to '' restore --to
refuses 2 usage '' '' show one two
incant
expect_exit 2
for words in '--help' 'help' 'help backup' 'backup --help' 'list --help' '--version'; do
    # shellcheck disable=SC2086
    incant $words
    expect_exit 0
    [ -s "$folder/out" ] || fail "$words prints nothing"
    [ ! -s "$folder/err" ] || fail "$words prints to standard error"
done
for command in backup list show cat verify restore; do
    incant --help
    grep -q "$command" "$folder/out" || fail "the help does not name $command"
done

# bad SETTING-LINE SECTION TEXT HINT: that line, in that section, is refused with file and line number.
bad() {
    settings_write source
    sed -i "/^\\[$2\\]$/a $1" "$folder/settings"
    local line
    line=$(grep -nxF -- "${1//\\/}" "$folder/settings" | head -n 1 | cut -d : -f 1)
    refuses 3 settings "$3" "$4" list
    grep -qF "$folder/settings" "$folder/err" || fail "the error for '$1' does not name the file"
    grep -qE "(line |:)$line\\b" "$folder/err" || fail "the error for '$1' does not name line $line"
}
bad 'lock-timout = 3s' dump lock-timout lock-timeout
bad 'compression = lzma' dump compression ''
bad 'compression = zstd:99' dump compression ''
bad 'frame-size = 1' dump frame-size ''
bad 'workers = 0' dump workers ''
bad 'time-limit = soon' dump time-limit ''
bad 'pth = \/x' 'store local' pth path
bad 'conninfo = host=\/x password=hunter2' source conninfo ''
! grep -qF hunter2 "$folder/out" "$folder/err" || fail 'a password in the settings is printed'
bad 'just words' dump '' ''
settings_write source
echo '[dumps]' >>"$folder/settings"
refuses 3 settings dumps dump list
settings_write source
sed -i '/^conninfo/d' "$folder/settings"
refuses 3 settings conninfo '' list
settings_write source
sed -i '/^name/d' "$folder/settings"
refuses 3 settings name '' list
settings_write source
sed -i '/^\[store local\]/,/^path/d' "$folder/settings"
refuses 3 settings store '' list
settings_write source
sed -i 's#^path = /#path = #' "$folder/settings"
refuses 3 settings path '' list
settings_write source
sed -i 's/^kind = postgres/kind = mysql/' "$folder/settings"
refuses 3 settings kind '' list
settings_write source
refuses 3 settings elsewhere '' list --store elsewhere

# The file: --config, then the environment; missing is an error that names it.
rm -f "$folder/absent"
status=0
"$program" --json --quiet --config "$folder/absent" list >"$folder/out" 2>"$folder/err" || status=$?
expect_error 3 settings "$folder/absent"
status=0
INCANT_BACKUP_CONFIG=$folder/settings "$program" --json --quiet list >"$folder/out" 2>"$folder/err" || status=$?
expect_exit 0
status=0
INCANT_BACKUP_CONFIG=$folder/absent "$program" --json --quiet list >"$folder/out" 2>"$folder/err" || status=$?
expect_error 3 settings "$folder/absent"

# Comments, spaces and quotes as people write them.
settings_write source
{
    echo '; a comment'
    echo '   # another one'
    echo 'lock-timeout=5s   ; behind a value'
} >>"$folder/settings"
incant list
expect_exit 0
