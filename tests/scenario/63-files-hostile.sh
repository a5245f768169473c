#!/bin/bash
# Goal: a tar that was made to do harm writes nothing outside the folder that it is restored into, nor over what is there
. "$(dirname "$0")/lib.sh"

need_root 'owners and devices'
server_start source
mkdir -p "$folder/app/data" "$folder/outside"
printf x >"$folder/app/data/x"
settings_write source
cat >>"$folder/settings" <<-END
	[files data]
	path = $folder/app/data
END
backup
rm "$backup_folder/files-data.json.zst"
tar=$backup_folder/files-data.tar.zst
printf 'untouched\n' >"$folder/outside/victim"
chmod 0600 "$folder/outside/victim"

# hostile NAME: puts that tar, framed as our own are, in the place of the backup's.
hostile() {
    python3 - "$1" "$folder/hostile.tar" "$folder/outside" <<-'END'
	import io, sys, tarfile
	case, path, outside = sys.argv[1:]
	tar = tarfile.open(path, "w", format=tarfile.PAX_FORMAT)
	def add(name, type=tarfile.REGTYPE, link="", data=b"", mode=0o644, **more):
	    info = tarfile.TarInfo(name)
	    info.type, info.linkname, info.size, info.mode = type, link, len(data), mode
	    for key, value in more.items():
	        setattr(info, key, value)
	    tar.addfile(info, io.BytesIO(data))
	bad = b"harm done\n"
	def folder(name, **more):
	    add(name, tarfile.DIRTYPE, mode=0o755, **more)
	def symlink(name, to):
	    add(name, tarfile.SYMTYPE, to, mode=0o777)
	def hard(name, to, data=b""):
	    add(name, tarfile.LNKTYPE, to, data)
	add("first", data=b"first\n")
	if case == "absolute":
	    add(outside + "/new", data=bad)
	elif case == "dotdot":
	    add("../outside/new", data=bad)
	elif case == "dotdot-inside":
	    folder("a"); add("a/../../outside/new", data=bad)
	elif case == "dot-slash-dotdot":
	    add("./.././outside/new", data=bad)
	elif case == "symlink-then-through":
	    symlink("way", outside); add("way/new", data=bad)
	elif case == "symlink-then-over":
	    symlink("way", outside + "/victim"); add("way", data=bad)
	elif case == "symlink-then-folder":
	    symlink("way", outside); folder("way", uid=4711); add("way/new", data=bad)
	elif case == "symlink-chain":
	    symlink("a", "."); symlink("b", "a/.."); add("b/outside/new", data=bad)
	elif case == "symlink-twice":
	    folder("d"); symlink("d", outside); add("d/new", data=bad)
	elif case == "hardlink-outside":
	    hard("way", outside + "/victim"); add("way", data=bad)
	elif case == "hardlink-dotdot":
	    hard("way", "../outside/victim"); add("way", data=bad)
	elif case == "hardlink-through-symlink":
	    symlink("way", outside); hard("victim", "way/victim")
	elif case == "hardlink-to-symlink":
	    symlink("way", outside + "/victim"); hard("again", "way", bad)
	elif case == "same-name-twice":
	    add("a", data=b"one\n"); add("a", data=bad)
	elif case == "top-is-a-link":
	    symlink(".", outside)
	elif case == "top-is-a-file":
	    add(".", data=bad)
	elif case == "no-name":
	    add("/", data=bad)
	elif case == "pax-path":
	    add("innocent", data=bad, pax_headers={"path": "../outside/new"})
	elif case == "pax-linkpath":
	    add("way", tarfile.LNKTYPE, "first", pax_headers={"linkpath": "../outside/victim"})
	else:
	    sys.exit("no case " + case)
	tar.close()
	END
    zstd --quiet --force --content-size "$folder/hostile.tar" -o "$folder/hostile.zst"
    python3 - "$folder/hostile.tar" "$folder/hostile.zst" "$tar" <<-'END'
	import struct, sys
	plain, frame = open(sys.argv[1], "rb").read(), open(sys.argv[2], "rb").read()
	table = struct.pack("<II", len(frame), len(plain)) + frame[-4:]
	table += struct.pack("<IBI", 1, 0x80, 0x8F92EAB1)
	open(sys.argv[3], "wb").write(frame + struct.pack("<II", 0x184D2A5E, len(table)) + table)
	END
}
chmod u+w "$tar"

for case in absolute dotdot dotdot-inside dot-slash-dotdot symlink-then-through symlink-then-over \
    symlink-then-folder symlink-chain symlink-twice hardlink-outside hardlink-dotdot hardlink-through-symlink \
    hardlink-to-symlink same-name-twice top-is-a-link top-is-a-file no-name pax-path pax-linkpath; do
    hostile "$case"
    before=$(stat -c '%n %i %a %u %s %h %Y' "$folder/outside" "$folder/outside"/*)
    incant --json --quiet restore --files data --into "$folder/target-$case"
    [ "$status" -eq 9 ] || fail "$case: exit status $status"
    expect_json '.error.class == "restore"'
    [ "$(stat -c '%n %i %a %u %s %h %Y' "$folder/outside" "$folder/outside"/*)" = "$before" ] ||
        fail "$case changed something outside"
    [ "$(ls "$folder/outside")" = victim ] && grep -qx untouched "$folder/outside/victim" ||
        fail "$case wrote outside: $(ls -l "$folder/outside")"
    grep -rq 'harm done' "$folder"/target-* && fail "$case put harm into place"
    [ "$(cat "$folder/target-$case/first")" = first ] || fail "$case: what came before is not there"
done

# A target that is a trap itself: a link in it leads outside.
hostile same-name-twice
mkdir "$folder/trap"
ln -s "$folder/outside/victim" "$folder/trap/first"
incant --json --quiet restore --files data --into "$folder/trap"
expect_error 9 restore 'not empty'
grep -qx untouched "$folder/outside/victim" || fail 'a link in the target was followed'

# Rubbish is named as such.
head -c 20000 /dev/urandom >"$folder/hostile.tar"
zstd --quiet --force --content-size "$folder/hostile.tar" -o "$folder/hostile.zst"
python3 - "$folder/hostile.tar" "$folder/hostile.zst" "$tar" <<-'END'
	import struct, sys
	plain, frame = open(sys.argv[1], "rb").read(), open(sys.argv[2], "rb").read()
	table = struct.pack("<II", len(frame), len(plain)) + frame[-4:]
	table += struct.pack("<IBI", 1, 0x80, 0x8F92EAB1)
	open(sys.argv[3], "wb").write(frame + struct.pack("<II", 0x184D2A5E, len(table)) + table)
END
incant --json --quiet restore --files data --into "$folder/rubbish"
expect_error 7 damaged 'no sound tar'
