#!/bin/bash
# Goal: with --json every command prints one object of the documented shape, failures included
. "$(dirname "$0")/lib.sh"

server_start source
load_small source
settings_write source
time_shape='test("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$")'
backup_shape="(.id | test(\"^[0-9]{8}T[0-9]{6}Z(-[0-9]+)?$\")) and .source == \"test\" and (.created | $time_shape)
    and has(\"label\") and has(\"pinned\") and has(\"proof\") and (.server_version | type) == \"string\"
    and ([.plain_bytes, .stored_bytes, .databases, .tables, .rows | type] | all(. == \"number\"))
    and (.objects | length >= 3 and all((.name | type) == \"string\" and (.bytes | type) == \"number\"
        and (.sha256 | test(\"^[0-9a-f]{64}$\"))))
    and (.stores | type) == \"array\" and (.stores | all(type == \"string\"))"

# common COMMAND CODE: what every object has.
common() {
    expect_exit "$2"
    expect_json ".command == \"$1\"" ".ok == ($2 == 0)" ".exit_code == $2" '.warnings | type == "array"'
    if [ "$2" -eq 0 ]; then
        expect_json '.error == null'
    else
        expect_json '(.error.class | type) == "string"' '.error.message | type == "string"' '.error | has("hint")'
    fi
}

incant --json list
common list 0
expect_json '.backups == []'
incant --json show
common show 6
incant --json backup --label 'one "★"'
common backup 0
expect_json ".backup | $backup_shape" '.backup.label == "one \"★\""' '.backup.pinned == null' '.backup.proof == null' \
    '.backup.stores == ["local"]' '.dump_seconds | type == "number"' '.total_seconds >= .dump_seconds' \
    '.stores == [{"name": "local", "ok": true, "error": null}]' '.pruned == []' \
    '.backup.stored_bytes == ([.backup.objects[].bytes] | add)' '.backup.databases == 4' '.backup.rows == 1002'
id=$(jq -r .backup.id "$folder/out")
for object in $(jq -r '.backup.objects[].name' "$folder/out"); do
    found=$(sha256sum "$folder/store/test/$id/$object" | cut -d ' ' -f 1)
    expect_json ".backup.objects[] | select(.name == \"$object\") | .sha256 == \"$found\"
        and .bytes == $(stat -c %s "$folder/store/test/$id/$object")"
done
incant --json backup --dry-run
common backup 0
expect_json '.backup == null'
incant --json list
common list 0
expect_json '.backups | length == 1' ".backups[0] | $backup_shape"
incant --json show "$id"
common show 0
expect_json ".backup | $backup_shape"
incant --json show --tables
common show 0
expect_json '.contents | map(.database) | sort == ["postgres", "shop", "template1", "zoo"]' \
    '.contents | all(.tables | all((.schema | type) == "string" and (.name | type) == "string"
        and (.rows | type) == "number" and (.bytes | type) == "number" and (.digest | type) == "string"))' \
    '.contents[] | select(.database == "zoo") | .tables == [.tables[0]] and .tables[0].schema == "public"
        and .tables[0].name == "animals" and .tables[0].rows == 2 and .tables[0].bytes == 8'
incant --json verify
common verify 0
expect_json ".backups == [{\"id\": \"$id\", \"store\": \"local\", \"ok\": true, \"findings\": []}]
    or (.backups[0].id == \"$id\" and .backups[0].store == \"local\" and .backups[0].ok and .backups[0].findings == [])"
server_start target
incant --json restore --to "$(conninfo target)" --dry-run
common restore 0
incant --json restore --to "$(conninfo target)"
common restore 0
expect_json ".backup.id == \"$id\" or .backup == \"$id\"" '.seconds | type == "number"' \
    '.read_bytes | type == "number"' '.databases | map({name, restored_as, rows}) | sort_by(.name)
        | map(select(.name == "shop" or .name == "zoo"))
        == [{"name": "shop", "restored_as": "shop", "rows": 1000}, {"name": "zoo", "restored_as": "zoo", "rows": 2}]'
incant --json restore --to "$(conninfo target)"
common restore 9
incant --json verify absent
common verify 6
expect_json '.backups | type == "array"'
# What cat writes is the dump itself, so it has no JSON, and says so in JSON.
incant --json cat
common cat 2
chmod u+w "$folder/store/test/$id/cluster.sql.zst"
truncate --size=-1 "$folder/store/test/$id/cluster.sql.zst"
incant --json verify
common verify 7
expect_json '.backups[0].findings | length > 0 and all((.object | type) == "string" and (.offset | type) == "number"
    and (.problem | type) == "string")'
server_stop source
incant --json backup
common backup 4
expect_json '.backup == null' '.stores | type == "array"'
status=0
"$program" --json --config /nowhere/settings list >"$folder/out" 2>"$folder/err" || status=$?
common list 3
status=0
"$program" --json lst >"$folder/out" 2>"$folder/err" || status=$?
expect_exit 2
expect_json '.ok == false' '.exit_code == 2' '.error.class == "usage"' '.error.hint | test("list")'
