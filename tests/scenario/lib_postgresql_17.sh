# shellcheck shell=bash
# PostgreSQL 17 beside the machine's own version: the server and the programs of another Debian release, in a
# root folder of the scenario's own. Nothing is mounted.
#
#     postgresql_17_unpack
#     postgresql_17_use new new.tablespace     servers are of version 17 from here on, these may lie there
#     server_start new
#     postgresql_own_use                       of the machine's version again
#
# $folder/NAME of such a server is a link into the root folder, where it has the same path: so conninfo, paths of
# tablespaces and everything in lib.sh mean the same on both sides. $pg_bindir is then a folder of small scripts
# that run the programs over there; the program under test is given it as its pg-bindir.

cache=${XDG_CACHE_HOME:-$HOME/.cache}/incant-backup-tests
root_17=$folder/root-17
pg_bindir_17=$folder/bin-17
pg_bindir_own=$pg_bindir

# postgresql_17_unpack: the root folder, from the release that has version 17; downloaded once.
postgresql_17_unpack() {
    local kept=$cache/postgresql-17-trixie.tar new=$folder/download program
    need_root 'chroot'
    if [ ! -e "$kept" ]; then
        mkdir -p "$cache"
        debootstrap --variant=minbase --include=postgresql-17 trixie "$new" >"$folder/out" 2>&1 ||
            fail "debootstrap: $(tail -n 3 "$folder/out")"
        # Just-in-time compilation is a third of it, and no scenario needs it.
        rm -rf "$new"/var/lib/apt/lists/* "$new"/var/cache/apt/* "$new"/usr/share/doc "$new"/usr/share/locale \
            "$new"/usr/share/man "$new"/usr/lib/llvm* "$new"/usr/lib/*/libLLVM* \
            "$new"/usr/lib/postgresql/17/lib/llvmjit*
        tar --create --directory "$new" --one-file-system --file "$kept.new" .
        mv "$kept.new" "$kept"
        rm -rf "$new"
    fi
    mkdir "$root_17" "$pg_bindir_17"
    tar --extract --directory "$root_17" --file "$kept"
    chmod 1777 "$root_17/dev/shm"
    # Files get the same owner on both sides.
    getent passwd root postgres >"$root_17/etc/passwd"
    getent group root postgres >"$root_17/etc/group"
    for program in initdb pg_ctl pg_dumpall; do
        cat >"$pg_bindir_17/$program" <<-END
			#!/bin/sh
			exec chroot --userspec=postgres:postgres '$root_17' /usr/lib/postgresql/17/bin/$program "\$@"
		END
        chmod 755 "$pg_bindir_17/$program"
    done
}

# postgresql_17_use [NAME…]: $pg_bindir is that of version 17. Folders $folder/NAME lie over there.
postgresql_17_use() {
    local name
    pg_bindir=$pg_bindir_17
    for name in "$@"; do
        mkdir -p "$root_17$folder/$name"
        ln -s "$root_17$folder/$name" "$folder/$name"
    done
}

postgresql_own_use() {
    pg_bindir=$pg_bindir_own
}

# The scripts in $pg_bindir_17 change the user themselves, once they have changed the root.
as_server_user() {
    case $1 in
    "$pg_bindir_17"/*) "$@" ;;
    *) (cd / && exec setpriv --reuid=postgres --regid=postgres --init-groups -- "$@") ;;
    esac
}
