# shellcheck shell=bash disable=SC2154 # the names that lib.sh sets
# PostgreSQL's own regression database: what its developers test the server with, full of corners. Its SQL is
# fetched from the distribution's source package when it is needed; nothing of it is in this tree.
#
#     load_regression NAME      loads database `regression` into server NAME
#
# The source package is kept in $cache, so that a second run needs no network.

cache=${XDG_CACHE_HOME:-$HOME/.cache}/incant-backup-tests

# regression_source FOLDER: puts PostgreSQL's source archive into FOLDER. The system's package lists stay as
# they are: apt works on lists of its own. A source package that is newer or older than the server by a minor
# version will do; the mirrors do not always have the very one.
regression_source() {
    local into=$1 work=$folder/apt version options
    mkdir -p "$work/lists/partial" "$work/cache/archives/partial"
    chmod -R a+rwX "$work"
    # shellcheck disable=SC2016 # the names between $() are apt's
    apt-get indextargets --format 'deb-src $(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' |
        sort -u >"$work/sources.list"
    options=(-q -o "Dir::Etc::SourceList=$work/sources.list" -o Dir::Etc::SourceParts=/dev/null
        -o "Dir::State::Lists=$work/lists" -o "Dir::Cache=$work/cache" -o APT::Sandbox::User=root)
    apt-get "${options[@]}" update >"$folder/err" 2>&1 || fail "apt-get cannot read the lists of sources"
    for version in $(apt-cache "${options[@]}" madison "postgresql-$pg_major" |
        awk -F ' *[|] *' '$3 ~ /Sources/ { print $2 }'); do
        if (cd "$into" && apt-get "${options[@]}" --download-only source "postgresql-$pg_major=$version") \
            >>"$folder/err" 2>&1; then
            return 0
        fi
    done
    fail "no source package of postgresql-$pg_major can be had"
}

# regression_unpack: src/test/regress and the module for security labels, into $folder/regress.
regression_unpack() {
    local kept=$cache/postgresql-$pg_major-source
    if ! ls "$kept"/*.orig.tar.* >/dev/null 2>&1; then
        rm -rf "$kept"
        mkdir -p "$kept.new"
        regression_source "$kept.new"
        mv "$kept.new" "$kept"
    fi
    mkdir -p "$folder/regress"
    tar -C "$folder/regress" --strip-components=1 --wildcards -xf "$(ls "$kept"/*.orig.tar.*)" \
        '*/src/test/regress' '*/src/test/modules/dummy_seclabel'
}

# regression_compile SOURCE MODULE: a module that the server can load.
regression_compile() {
    gcc -shared -fPIC -O1 -w -I"$("$pg_bindir/pg_config" --includedir-server)" -o "$2" "$1" ||
        fail "cannot compile $1"
}

load_regression() {
    local name=$1 regress=$folder/regress/src/test/regress
    pg_major=$("$pg_bindir/pg_config" --version | sed -E 's/^[^0-9]*([0-9]+).*/\1/')
    regression_unpack
    mkdir -p "$folder/modules"
    regression_compile "$regress/regress.c" "$folder/modules/regress.so"
    [ "$(id -u)" -ne 0 ] || chown -R postgres: "$folder/regress"
    # Some tests fail for reasons of place (locale, build options) and load their tables all the same, so its
    # verdict is not asked for; that everything was loaded is.
    as_server_user env PGUSER=postgres "$(pg_regress_program)" --inputdir="$regress" \
        --outputdir="$folder/regress" --bindir="$pg_bindir" --dlpath="$folder/modules" --host="$folder/$name" \
        --max-concurrent-tests=20 --schedule="$regress/parallel_schedule" >"$folder/out" 2>&1 || true
    grep -q '^ *[a-z].*\.\.\. ok' "$folder/out" || fail "pg_regress did not run"
    [ "$(sql "$name" regression "SELECT count(*) > 400 FROM pg_class WHERE relkind IN ('r', 'p')
        AND relnamespace <> 'pg_catalog'::regnamespace")" = t ] || fail "the regression database is not whole"
}

pg_regress_program() {
    find "$("$pg_bindir/pg_config" --pgxs | xargs dirname)/../.." -name pg_regress -type f | head -n 1
}

# load_labels NAME: a database with security labels. The server needs a provider of labels for that: the one
# from PostgreSQL's own tests. Both the source and the target of a restore need it.
use_labels() {
    local name
    mkdir -p "$folder/modules"
    regression_compile "$folder/regress/src/test/modules/dummy_seclabel/dummy_seclabel.c" \
        "$folder/modules/dummy_seclabel.so"
    for name in "$@"; do
        echo "shared_preload_libraries = '$folder/modules/dummy_seclabel.so'" |
            as_server_user tee -a "$folder/$name/data/postgresql.conf" >/dev/null
    done
}

load_labels() {
    sql "$1" postgres 'CREATE DATABASE labels'
    sql "$1" labels "CREATE TABLE public.labelled (id int, note text)" \
        "INSERT INTO public.labelled VALUES (1, 'x')" "SELECT lo_create(4711)" \
        "SECURITY LABEL ON TABLE public.labelled IS 'classified'" \
        "SECURITY LABEL ON COLUMN public.labelled.note IS 'secret'" \
        "SECURITY LABEL ON LARGE OBJECT 4711 IS 'unclassified'" \
        "SECURITY LABEL ON DATABASE labels IS 'unclassified'" \
        "CREATE ROLE labelled" "SECURITY LABEL ON ROLE labelled IS 'secret'" >/dev/null
}
