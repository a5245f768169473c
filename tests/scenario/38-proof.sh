#!/bin/bash
# Goal: a nasty cluster's backup is restored, dumped again and found equal; the proof stands in every store
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_scratch.sh"

server_start source
load_nasty source
sql source postgres "ALTER ROLE postgres PASSWORD 'never to be shown'"
settings_write source
settings_scratch
cat >>"$folder/settings" <<-END
	[store other]
	kind = directory
	path = $folder/other
END
backup
incant --json --quiet show
expect_json '.backup.proof == null'
rows=$(jq .backup.rows "$folder/out")

incant --json --quiet verify --restore
expect_exit 0
expect_json '.proof | .ok and .scratch == "cluster" and .seconds > 0 and .differences == [] and .reason == null' \
    ".proof.rows == $rows and .proof.databases > 10" \
    "[.backups[] | .id, .store, .ok] == [\"$backup_id\", \"local\", true]" '.backups[0].findings == []' \
    '.conninfo == null'
expect_no_scratch

# In both stores, for people and for programs.
cmp "$folder/store/test/$backup_id/proof.json" "$folder/other/test/$backup_id/proof.json"
jq -e '.format == 1 and .ok and .scratch == "cluster"' "$folder/other/test/$backup_id/proof.json" >/dev/null
for command in list show; do
    incant --json --quiet "$command" --store other
    expect_json '[.backups[0].proof, .backup.proof] | map(select(. != null)) | .[0] |
        .ok and .scratch == "cluster" and .seconds > 0 and (.at | test("Z$"))'
done
incant show
grep -q '^proof  *restored and compared on ' "$folder/out" || fail 'show does not tell of the proof'
incant list
grep -q ' ago ' "$folder/out" || fail 'list does not tell of the proof'

# What it took tells what a restore will take.
incant --json --quiet restore --dry-run
expect_exit 0
expect_json ".forecast | .by_proof_of == \"$backup_id\" and .seconds > 0 and .needed_bytes > 0 and .free_bytes > .needed_bytes"
incant --json --quiet verify
expect_exit 0
expect_json ".backups | length == 2 and all(.[]; .ok)"

# The backup is only read, and a proof is no object of it.
incant verify
expect_exit 0
! grep -rqF 'never to be shown' "$folder/out" "$folder/err" "$folder/store" || fail 'a password is shown'

# One copy alone, and all of them.
incant --json --quiet verify --restore --all --store other
expect_exit 0
expect_json '.backups | length == 1 and .[0].store == "other" and .[0].proof.ok'
jq -e '.store == "other"' "$folder/store/test/$backup_id/proof.json" >/dev/null
expect_no_scratch

# Words that make no sense.
incant --json --quiet verify --keep
expect_error 2 usage '--keep goes with --restore'
incant --json --quiet verify --restore --scratch nowhere
expect_error 2 usage "not 'nowhere'"
incant --json --quiet verify --restore --keep --all
expect_error 2 usage '--all'
incant --json --quiet verify --restore 19990101T000000Z
expect_exit 6
