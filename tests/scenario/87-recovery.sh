#!/bin/bash
# Goal: from an empty new machine to running again, by the very commands of incant-backup-recovery(7), with the program and without
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_age.sh"
. "$(dirname "$0")/lib_docker.sh"
. "$(dirname "$0")/lib_s3.sh"

need_age
bucket=incant-prod
gateway_start
engine_start
# shellcheck disable=SC2218 # not the one below
command docker network create incantations >/dev/null

# What the page calls by a name that this machine may have itself. All else is run as it stands.
here=$folder/machine
names=(-e "s,/etc/incant-backup,$here&,g; s,/srv/app,$here&,g; s,/root/,$here&,g; s,^cd /\$,cd $here,; s,-C /\$,-C $here,"
    -e "s,https://nyc3.digitaloceanspaces.com,http://127.0.0.1:$gateway_port,; s,PROVIDER=DigitalOcean,PROVIDER=Ceph,")

# blocks SECTION: the commands that a section of the page shows, in order.
blocks() {
    awk -v section=".Sh $1" '/^\.Sh / { inside = $0 == section } /^\.Ed/ { block = 0 } inside && block
        /^\.Bd -literal/ { block = 1 }' "$tree/man/incant-backup-recovery.7" | sed -e 's/\\e/\\/g; s/\\&//g' "${names[@]}"
}

# run SECTION…: as a user would, in one shell.
run() {
    local section
    : >"$folder/commands"
    for section in "$@"; do
        blocks "$section" >"$folder/block"
        [ -s "$folder/block" ] || fail "the page has no commands in $section"
        cat "$folder/block" >>"$folder/commands"
    done
    (cd "$here" && . "$folder/commands") >"$folder/out" 2>"$folder/err" || fail "the commands of: $*"
}

# The programs that belong to a machine: packages are here already, Compose starts the one container that it would.
apt-get() {
    dpkg --status "${@:4}" >/dev/null || fail "no package of these: ${*:4}"
}
systemctl() {
    (cd "$tree/scripts/systemd" && ls "${@:3}") >/dev/null || fail "no units: $*"
}
incant-backup() {
    INCANT_BACKUP_CONFIG=$here/etc/incant-backup/incant-backup.conf "$program" "$@" </dev/null
}
docker() {
    case $* in
    'compose up --detach postgres')
        container_network=incantations container_start incantations-postgres-1 --env POSTGRES_USER=incant \
            --env POSTGRES_DB=incantations --env "POSTGRES_PASSWORD=$(sed -n 's/^POSTGRES_PASSWORD=//p' "$here/srv/app/.env.prod")" \
            --label com.docker.compose.project=incantations --label com.docker.compose.service=postgres \
            --label com.docker.compose.oneoff=False
        ;;
    'compose up --detach') touch "$folder/application" ;;
    'compose exec -T postgres '*) command docker exec --interactive incantations-postgres-1 "${@:5}" ;;
    'compose --project-directory '*' exec -T postgres '*) command docker exec --interactive incantations-postgres-1 "${@:7}" ;;
    *) command docker "$@" ;;
    esac
}

# cluster: what is in it, but the salt of the password that the container was given.
cluster() {
    container_dump incantations-postgres-1 | sed '/^ALTER ROLE incant /s/SCRAM.*//'
}

# The old machine, with its application and last night's backup.
mkdir -p "$here/etc/incant-backup" "$here/srv/app/backend-data/letters" "$here/root"
echo 'services: {}' >"$here/srv/app/compose.yml"
(umask 077 && printf 'POSTGRES_USER=incant\nPOSTGRES_PASSWORD=sesame\n' >"$here/srv/app/.env.prod")
echo 'a letter' >"$here/srv/app/backend-data/letters/first"
docker compose up --detach postgres
container_sql incantations-postgres-1 incantations 'CREATE ROLE reader LOGIN PASSWORD $$open$$' \
    'CREATE TABLE "Spells" (id int PRIMARY KEY, words text)' 'GRANT SELECT ON "Spells" TO reader' \
    "INSERT INTO \"Spells\" SELECT i, md5(i::text) FROM generate_series(1, 3000) AS i"
"$program" keygen --output "$folder/identity.txt" >"$folder/recipient"
write_keys "$here/etc/incant-backup/spaces.key"
(umask 077 && sed "${names[@]}" >"$here/etc/incant-backup/incant-backup.conf" <<END)
[source]
name = incantations
kind = docker
docker-socket = $engine_socket
compose-project = incantations
compose-service = postgres
env-file = /srv/app/.env.prod
[files backend-data]
path = /srv/app/backend-data
[store local]
kind = directory
path = $folder/store
[store spaces]
kind = s3
endpoint = https://nyc3.digitaloceanspaces.com
bucket = incant-prod
prefix = backups
credentials = /etc/incant-backup/spaces.key
encrypt-to = $(cat "$folder/recipient")
END
incant-backup --quiet backup
cluster >"$folder/dump.before"
incant-backup --json doctor >"$folder/out" || true # the host of a test has much that is not well
for name in 'store spaces' 'store spaces keys' 'env file' settings docker; do
    expect_json "[.checks[] | select(.name == \"$name\") | .ok] == [true]"
done
! s3 ls --recursive s3://incant-prod | grep -q probe || fail 'doctor left something in the bucket'
run 'BEFORE IT IS NEEDED'
! grep -qa sesame "$here/root/kit.tar.gz.age" || fail 'the kit is not encrypted'
cp "$here/root/kit.tar.gz.age" "$folder/kit"

# new_machine: nothing is left but what was put aside.
new_machine() {
    docker rm --force --volumes incantations-postgres-1 >/dev/null
    rm -rf "$here" "$folder/store" "$folder/application"
    mkdir -p "$here/root"
    cp "$folder/kit" "$here/root/kit.tar.gz.age"
    cp "$folder/identity.txt" "$here/root/identity.txt"
}

# runs_again: the cluster, the files and the application are as they were.
runs_again() {
    cluster >"$folder/dump.after"
    same_files "$folder/dump.before" "$folder/dump.after" 'the recovered cluster'
    [ "$(cat "$here/srv/app/backend-data/letters/first")" = 'a letter' ] || fail 'the letter is not there'
    [ -e "$folder/application" ] || fail 'the application was not started'
    [ ! -e "$here/root/identity.txt" ] || fail 'the identity is still there'
}

new_machine
run 'A NEW DROPLET' 'WITH THIS PROGRAM'
runs_again
incant-backup --json list >"$folder/out"
expect_json '.backups | length == 2' '.backups[0].stores == ["local", "spaces"]'

new_machine
run 'A NEW DROPLET' 'WITHOUT THIS PROGRAM'
runs_again
grep -qx 'no errors' "$folder/out" || fail 'the server said something'
! grep -q 'instead of' "$folder/out" || fail 'rows are missing'
