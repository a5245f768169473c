#!/bin/bash
# Goal: the package has all that a host needs, its units are sound and hardened, and backups survive its removal
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_docker.sh"

need_root 'dpkg installs into a folder'
"$tree/scripts/build-deb" "$folder/build" >"$folder/out" 2>"$folder/err" || fail 'the package cannot be built, or lintian finds errors'
package=$(tail -n 1 "$folder/out")
[ -s "$package" ] || fail 'there is no package'

# Into a system of its own, the one that the containers of these tests are made of; its libraries are not all there.
root=$folder/root
mkdir "$root"
tar --extract --file "$(image_tar)" --directory "$root"
dpkg --root="$root" --force-depends --install "$package" >"$folder/out" 2>&1 || fail 'the package cannot be installed'

# has MODE PATH: a file or folder of that mode.
has() {
    [ "$(stat --format %a "$root$2" 2>/dev/null)" = "$1" ] || fail "$2 is not there with mode $1"
}
has 755 /usr/bin/incant-backup
has 700 /var/backups/incant
has 640 /etc/incant-backup/incant-backup.conf.sample
for page in incant-backup.1 incant-backup.conf.5 incant-backup-format.7 incant-backup-recovery.7; do
    has 644 "/usr/share/man/man${page##*.}/$page.gz"
done
has 644 /usr/share/bash-completion/completions/incant-backup
has 644 /usr/share/zsh/vendor-completions/_incant-backup
has 644 /usr/share/fish/vendor_completions.d/incant-backup.fish
bash -n "$root/usr/share/bash-completion/completions/incant-backup" || fail 'the completion for bash is no script'
[ -z "$(find "$root/etc/systemd/system" -name 'incant-backup*')" ] || fail 'a timer is switched on without settings'

# The sample is what the program reads.
cp "$root/etc/incant-backup/incant-backup.conf.sample" "$folder/settings"
sed -i "s|/var/backups/incant|$folder/store|" "$folder/settings"
incant list
expect_exit 0

# systemd takes the units as they are, and rates the nightly one below 3.
units=("$root"/lib/systemd/system/incant-backup*)
[ ${#units[@]} -eq 6 ] || fail 'not all units are there'
mkdir "$folder/units"
for unit in "${units[@]}"; do
    # The program is looked for in this system, where it is not installed.
    sed "s|^ExecStart=incant-backup|ExecStart=$program|" "$unit" >"$folder/units/${unit##*/}"
done
systemd-analyze verify --man=no "$folder"/units/* >"$folder/out" 2>&1 || fail 'a unit is not sound'
[ ! -s "$folder/out" ] || fail 'systemd has something to say about a unit'
for unit in "$folder"/units/*.service; do
    systemd-analyze security --offline=true --no-pager "$unit" | tail -n 1 >"$folder/out"
    exposure=$(sed -n 's/.*: \([0-9.]*\) .*/\1/p' "$folder/out")
    limit=30
    [ "${unit##*/}" != incant-backup.service ] || limit=29
    [ -n "$exposure" ] && [ "${exposure/./}" -le "$limit" ] || fail "${unit##*/} is too exposed"
done

# Backups stay when the package goes; nothing else of it does.
echo kept >"$root/var/backups/incant/kept"
dpkg --root="$root" --force-depends --purge incant-backup >"$folder/out" 2>&1 || fail 'the package cannot be removed'
[ "$(cat "$root/var/backups/incant/kept")" = kept ] || fail 'the backups went with the package'
left=$(find "$root" -name '*incant-backup*' ! -path "$root/proc/*" ! -path "$root/var/log/*")
[ -z "$left" ] || fail "the package left something: $left"
