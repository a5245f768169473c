#!/bin/bash
# Goal: on a host with the application running, init and backup are all there is to do, and doctor tells what is not well
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_docker.sh"

engine_start
app=$folder/app
mkdir -p "$app/backend-data" "$app/nginx"
echo 'a letter' >"$app/backend-data/letter.txt"
echo 'services: {}' >"$app/compose.yml"
(umask 077 && printf 'POSTGRES_USER=incant\nPOSTGRES_PASSWORD=sesame\n' >"$app/.env.prod")
compose=(--label com.docker.compose.project=incantations --label com.docker.compose.oneoff=False
    --label "com.docker.compose.project.working_dir=$app" --label "com.docker.compose.project.config_files=$app/compose.yml")
container_start incantations-postgres-1 --env POSTGRES_USER=incant --env POSTGRES_PASSWORD=sesame --env POSTGRES_DB=incantations \
    "${compose[@]}" --label com.docker.compose.service=postgres --volume incantations_data:/var/lib/postgresql
container_sql incantations-postgres-1 incantations 'CREATE TABLE spells AS SELECT generate_series(1, 100) AS id'
docker tag postgres:scenario backend:scenario
docker run --detach --network none --name incantations-backend-1 --entrypoint sleep "${compose[@]}" \
    --label com.docker.compose.service=backend --volume "$app/backend-data:/data" --volume "$app/nginx:/nginx:ro" \
    backend:scenario 1000 >/dev/null

# The settings are shown before they are written, and the store is put where this test may write.
"$program" init --output - >"$folder/shown" || fail 'init fails'
grep -q '^compose-service = postgres$' "$folder/shown" || fail 'init does not name the service'
grep -q '^\[files backend-data\]$' "$folder/shown" || fail 'init does not name the folder'
grep -q '^; \[files nginx\]$' "$folder/shown" || fail 'a folder that is only read is no comment'
grep -q "^env-file = $app/.env.prod$" "$folder/shown" || fail 'init does not name the env file'
! grep -q sesame "$folder/shown" || fail 'init shows the password'

incant init --compose-file "$app/compose.yml" --output "$folder/made/incant-backup.conf"
expect_exit 0
cmp "$folder/shown" "$folder/made/incant-backup.conf" || fail 'what was written is not what was shown'
[ "$(stat -c %a "$folder/made/incant-backup.conf")" = 600 ] || fail 'others can read the settings'
incant init --output "$folder/made/incant-backup.conf"
expect_exit 3
cmp "$folder/shown" "$folder/made/incant-backup.conf" || fail 'init wrote over a file'
incant init --compose-file /etc/hostname --output -
expect_exit 4

sed "s|/var/backups/incant|$folder/store|" "$folder/made/incant-backup.conf" >"$folder/settings"
incant --json --quiet backup
expect_exit 0
expect_json '.backup.source == "incantations" and .backup.rows == 100'
expect_json '[.backup.objects[].name] | index("files-backend-data.tar.zst") != null'
incant cat --files backend-data
expect_exit 0
tar tf "$folder/out" | grep -q letter.txt || fail 'the folder is not in the backup'

# An env file that others can read is left out until that is mended, and said.
chmod 644 "$app/.env.prod"
incant --json init --output -
expect_exit 0
expect_json '.missing[] | contains("chmod 600")'
incant doctor
expect_exit 11
grep -q '^BAD   env file: ' "$folder/out" || fail 'doctor does not see that others can read the env file'
chmod 600 "$app/.env.prod"

# well NAME, unwell NAME: what doctor's JSON says of a check.
well() {
    expect_json "[.checks[] | select(.name == \"$1\") | .ok] == [true]"
}
unwell() {
    expect_json "[.checks[] | select(.name == \"$1\") | .ok and .hint != null] | index(true) == null and length > 0"
}
incant --json doctor
unwell settings # others can read it
chmod 600 "$folder/settings"
incant --json doctor
for name in settings 'env file' source role clock 'store local' 'store local space' docker 'data folder' 'published port'; do
    well "$name"
done
[ -z "$(find "$folder/store" -name '*probe*' -o -name '*doctor*')" ] || fail 'doctor left something in the store'

# A store that cannot be written to, a role without rights, a server that is gone.
container_sql incantations-postgres-1 incantations 'CREATE ROLE weak LOGIN'
sed -i 's/^user = .*/user = weak/' "$folder/settings"
incant --json doctor
expect_exit 11
unwell role
chmod 777 "$folder/store"
incant --json doctor
expect_json '[.checks[] | select(.name == "store local") | .ok] == [false]'
chmod 700 "$folder/store"
docker stop --time 30 incantations-postgres-1 >/dev/null
incant --json doctor
expect_exit 11
expect_json '[.checks[] | select(.name == "source") | .ok] == [false]'
well 'store local'
