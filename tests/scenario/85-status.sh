#!/bin/bash
# Goal: status says whether all is well, to people, programs and Nagios, and ends with 11 when it is not
. "$(dirname "$0")/lib.sh"

server_start source
load_small source
settings_write source
cat >>"$folder/settings" <<-END
	[store second]
	kind = directory
	path = $folder/second
END

# bad NAME TEXT: status fails, and that check says so, with a hint.
bad() {
    incant --json --quiet status
    expect_error 11 check 'not all is well'
    jq -e --arg name "$1" --arg text "$2" '.checks | any(.name == $name and .ok == false and
        (.detail | contains($text)))' "$folder/out" >/dev/null || fail "no check '$1' that says: $2"
}
good() {
    incant --json --quiet status
    expect_exit 0
    expect_json '.checks | length >= 4' 'all(.checks[]; .ok and .hint == null and (.detail | length > 0))'
}

bad 'newest backup' 'there is no backup'
bad 'store local' 'has no backup'
backup
good
expect_json '[.checks[].name] | index("newest backup") < index("store local")' \
    'any(.checks[]; .name == "newest proof" and (.detail | contains("none is asked for")))'
incant status
expect_exit 0
grep -q '^ok    newest backup: ' "$folder/out" || fail 'no line for a person'
incant status --nagios
expect_exit 0
grep -qE '^INCANT-BACKUP OK - .* \| age=[0-9]+s;;93600$' "$folder/out" || fail "not Nagios's line: $(cat "$folder/out")"
[ "$(wc -l <"$folder/out")" -eq 1 ] || fail 'more than one line'

# A copy that is missing; a store that does not answer; one with damage.
mv "$folder/second" "$folder/aside"
bad 'store second' 'has no backup'
chmod 0777 "$folder/aside"
mv "$folder/aside" "$folder/second"
bad 'store second' 'second'
chmod 0700 "$folder/second"
good
chmod u+w "$folder/second/test/$backup_id/manifest.json"
printf x >>"$folder/second/test/$backup_id/manifest.json"
bad 'store second' 'damaged manifest'
incant status --nagios
expect_exit 2
grep -q '^INCANT-BACKUP CRITICAL - store second: ' "$folder/out" || fail "not Nagios's line: $(cat "$folder/out")"
rm -rf "$folder/second"
incant --quiet backup
good

# Age: a backup from the past, by its manifest. Its digest is made anew.
cp "$folder/settings" "$folder/settings.sound"
printf '[status]\nmax-age = 1s\n' >>"$folder/settings"
sleep 2
bad 'newest backup' 'are allowed'
bad 'store local' 'old'
sed -i 's/^max-age.*/max-age = 0\nmax-proof-age = 8d/' "$folder/settings"
bad 'newest proof' 'no backup has been test-restored'
cp "$folder/settings.sound" "$folder/settings"

# Application files that the newest backup lacks.
printf '[files data]\npath = %s/no-such-folder\n' "$folder" >>"$folder/settings"
incant --quiet backup
expect_exit 4
bad 'files' 'No such file'
cp "$folder/settings.sound" "$folder/settings"
incant --quiet backup
good

# The report is one sound page: every element is closed, nothing is fetched, and labels are text.
incant --quiet backup --label 'a <b>label</b> & "more"' --pin
incant report --output "$folder/page.html"
expect_exit 0
[ "$(stat -c %a "$folder/page.html")" = 600 ] || fail 'others can read the report'
python3 - "$folder/page.html" <<'END' || fail 'the page is not sound'
import html.parser, sys

class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.text, self.seen = [], "", set()
    def handle_starttag(self, tag, attributes):
        assert tag not in ("script", "link", "img", "iframe", "b"), tag
        assert not {"src", "href", "style" if tag != "svg" else ""} & {name for name, _ in attributes}, attributes
        self.seen.add(tag)
        if tag != "meta":
            self.open.append(tag)
    def handle_startendtag(self, tag, attributes):
        self.seen.add(tag)
    def handle_endtag(self, tag):
        assert self.open.pop() == tag, tag
    def handle_data(self, data):
        self.text += data

text = open(sys.argv[1], encoding="utf-8").read()
page = Page()
page.feed(text)
page.close()
assert page.open == [] and {"svg", "rect", "circle", "polyline", "table"} <= page.seen
assert "url(" not in text and "@import" not in text
for words in ("What rotation does next", 'a <b>label</b> & "more"', "kept: last 1 of 3", "shop", "Size of a backup"):
    assert words in page.text, words
END

# doctor asks a server beside the program where it listens.
incant --json doctor
expect_json 'all(.checks[] | select(.name == "source" or .name == "role" or .name == "clock" or .name == "listening"); .ok)' \
    '[.checks[].name] | index("listening") != null and index("docker") == null'

# Words and settings.
incant --json status --nagios
expect_exit 3
rm "$folder/settings"
incant status --nagios
expect_exit 3
grep -q '^INCANT-BACKUP UNKNOWN' "$folder/out" || fail "not Nagios's line: $(cat "$folder/out")"
