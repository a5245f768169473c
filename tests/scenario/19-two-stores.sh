#!/bin/bash
# Goal: a backup stands when the first store has it; a second store that fails is told, and catches up later
. "$(dirname "$0")/lib.sh"

server_start source
load_small source
settings_write source
cat >>"$folder/settings" <<-END
	[store second]
	kind = directory
	path = $folder/second
END
backup
expect_json '.backup.stores == ["local", "second"]' '.stores == [{"name": "local", "ok": true, "error": null},
    {"name": "second", "ok": true, "error": null}]'
diff -r "$backup_folder" "$folder/second/test/$backup_id" || fail 'the copy differs'
incant --json --quiet verify --all
expect_exit 0
expect_json '[.backups[].store] | sort == ["local", "second"]'

# The second one is refused: the backup stands, the run says so with exit code 5.
chmod 777 "$folder/second"
incant --json --quiet backup
expect_exit 5
expect_json '.ok == false' '.error.class == "store"' '.backup.stores == ["local"]' \
    '.stores[0].ok == true and .stores[1].ok == false and (.stores[1].error | length) > 0'
chmod 700 "$folder/second"
incant --json --quiet list
expect_json '.backups | length == 2' '.backups[0].stores == ["local"]' '.backups[1].stores == ["local", "second"]'
incant --json --quiet list --store second
expect_json '.backups | length == 1'

# One store damaged, the other gives it back.
chmod u+w "$folder/store/test/$backup_id/cluster.sql.zst"
truncate --size=10 "$folder/store/test/$backup_id/cluster.sql.zst"
incant --json --quiet verify "$backup_id"
expect_exit 7
incant --quiet cat "$backup_id" --store second
expect_exit 0
tail -n 3 "$folder/out" | grep -q 'cluster dump complete' || fail 'the second store does not give the dump back'

# A store that does not answer hides nothing of the other.
mv "$folder/second" "$folder/away"
touch "$folder/second"
incant --json --quiet list
expect_exit 0
expect_json '.backups | length == 2' '.warnings | length > 0'
