# shellcheck shell=bash disable=SC2154 # the names that lib.sh sets
# A Docker Engine of the scenario's own (its own data, socket and containerd namespace: a real one beside it is
# not touched), and a PostgreSQL image made from the distribution's packages: no registry is asked.
#
#     engine_start
#     container_start db --label com.docker.compose.project=shop …
#     container_sql db postgres 'SELECT 1'

cache=${XDG_CACHE_HOME:-$HOME/.cache}/incant-backup-tests

# engine_start: $DOCKER_HOST is set for the docker client; $engine_socket is the socket's path. The engine has
# image `postgres`.
engine_start() {
    need_root 'a Docker Engine'
    engine_socket=$folder/docker.sock
    export DOCKER_HOST=unix://$engine_socket
    dockerd --data-root "$folder/docker/data" --exec-root "$folder/docker/exec" --host "$DOCKER_HOST" \
        --pidfile "$folder/docker.pid" --bridge=none --iptables=false \
        --containerd-namespace "${folder##*/}" --containerd-plugins-namespace "${folder##*/}.plugins" \
        >"$folder/dockerd.log" 2>&1 </dev/null &
    at_end+=(engine_empty)
    wait_until 30 docker version >/dev/null 2>&1 ||
        fail "no Docker Engine: $(tail -n 3 "$folder/dockerd.log")"
    image_build
}

# Containers and networks are removed while the engine still runs: they would survive it.
engine_empty() {
    docker ps --all --quiet | xargs --no-run-if-empty docker rm --force --volumes >/dev/null
    docker network ls --quiet --filter type=custom | xargs --no-run-if-empty docker network rm >/dev/null
}

# image_tar: prints the name of a tar of a small system with a PostgreSQL server, of the release that this machine
# runs, so that the server is as old as ours. It is made once and kept.
image_tar() {
    # shellcheck disable=SC1091
    local release root=$folder/root kept
    release=$(. /etc/os-release && echo "$VERSION_CODENAME")
    kept=$cache/postgresql-image-$release.tar
    mkdir -p "$cache"
    exec 9>"$cache/lock" # two scenarios may want it at once
    flock 9
    if [ ! -e "$kept" ]; then
        debootstrap --variant=minbase --include=postgresql "$release" "$root" >"$folder/out" 2>&1 ||
            fail "debootstrap: $(tail -n 3 "$folder/out")"
        # Just-in-time compilation is a third of it, and no scenario needs it.
        rm -rf "$root"/var/lib/apt/lists/* "$root"/var/cache/apt/* "$root"/var/lib/postgresql/* \
            "$root"/usr/share/doc "$root"/usr/share/locale "$root"/usr/share/man "$root"/usr/lib/llvm* \
            "$root"/usr/lib/*/libLLVM* "$root"/usr/lib/postgresql/*/lib/llvmjit*
        tar --create --directory "$root" --one-file-system --file "$kept.new" .
        mv "$kept.new" "$kept"
        rm -rf "$root"
    fi
    exec 9>&-
    echo "$kept"
}

# image_build: image `postgres:scenario` of that system.
image_build() {
    local kept
    kept=$(image_tar)
    docker import --change 'ENV LANG=C.UTF-8' "$kept" postgres:scenario >/dev/null
}

# container_start NAME [OPTION-OF-DOCKER-RUN…]: a PostgreSQL container, ready for work. It has no network, but the
# one that $container_network names.
container_start() {
    local name=$1
    shift
    docker run --detach --network "${container_network:-none}" --stop-signal SIGINT --name "$name" --entrypoint /entry_point \
        --volume "$tree/tests/scenario/postgres_entry_point:/entry_point:ro" "$@" postgres:scenario >/dev/null
    container_ready "$name"
}

# The server answers, and the entry point has done its part.
container_ready() {
    # shellcheck disable=SC2016
    wait_until 60 docker exec "$1" sh -c 'test -e /run/postgresql/ready &&
        psql --username="${POSTGRES_USER:-postgres}" --dbname=postgres --command="SELECT 1"' >/dev/null 2>&1 ||
        fail "container $1 does not get ready: $(docker logs "$1" 2>&1 | tail -n 5)"
}

# container_sql NAME DATABASE STATEMENT…: as the superuser that the container was made with.
container_sql() {
    local name=$1 database=$2 statement words=()
    shift 2
    for statement in "$@"; do
        words+=(--command="$statement")
    done
    # shellcheck disable=SC2016
    docker exec "$name" sh -c 'exec psql --username="${POSTGRES_USER:-postgres}" "$@"' psql --no-psqlrc --quiet \
        --tuples-only --no-align --set=ON_ERROR_STOP=1 --dbname="$database" "${words[@]}"
}

# container_dump NAME: what the container's own pg_dumpall says.
container_dump() {
    # shellcheck disable=SC2016
    docker exec "$1" sh -c 'exec pg_dumpall --username="${POSTGRES_USER:-postgres}"' | same_keys
}

# settings_write_docker [LINE…]: settings for a source in the engine. Each LINE goes into [source]; it says
# which container.
settings_write_docker() {
    cat >"$folder/settings" <<-END
		[store local]
		kind = directory
		path = $folder/store
		[dump]
		lock-timeout = 300s
		[source]
		name = test
		kind = docker
		docker-socket = $engine_socket
	END
    printf '%s\n' "$@" >>"$folder/settings"
}
