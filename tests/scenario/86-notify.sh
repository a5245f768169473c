#!/bin/bash
# Goal: a run tells how it went, to a dead-man switch, a webhook, a command and a file of metrics; what does not arrive fails nothing
. "$(dirname "$0")/lib.sh"

server_start source
load_small source

# A peer that writes down every request, and answers as $folder/answer says.
echo 200 >"$folder/answer"
python3 - "$folder" <<'END' &
import http.server, os, sys, json
folder = sys.argv[1]
class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        with open(folder + "/requests", "a") as log:
            log.write(json.dumps({"path": self.path, "type": self.headers.get("Content-Type"), "body": body,
                "stands": os.path.exists(folder + "/store/test") and any("manifest.json" in f
                    for _, _, f in os.walk(folder + "/second/test"))}) + "\n")
        self.send_response(int(open(folder + "/answer").read()))
        self.send_header("Content-Length", "0")
        self.end_headers()
    def log_message(self, *words):
        pass
server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
open(folder + "/port.new", "w").write(str(server.server_port))
os.rename(folder + "/port.new", folder + "/port")
server.serve_forever()
END
wait_until 20 test -e "$folder/port"
url=http://127.0.0.1:$(cat "$folder/port")

cat >"$folder/tell" <<-END
	#!/bin/sh
	echo "\$INCANT_BACKUP_EVENT \$INCANT_BACKUP_EXIT_CODE \$INCANT_BACKUP_SOURCE \$INCANT_BACKUP_ID" >$folder/told
	cat >$folder/told.json
END
chmod +x "$folder/tell"
settings_write source
cat >>"$folder/settings" <<-END
	[store second]
	kind = directory
	path = $folder/second
	[notify]
	ping = $url/secret-uuid
	webhook = $url/hook
	command = $folder/tell
	metrics = $folder/metrics/incant.prom
	time-limit = 5s
END
mkdir "$folder/metrics"
sound=$folder/settings.sound
cp "$folder/settings" "$sound"
# requests FILTER: true of all that came, in order.
requests() {
    jq -es "$1" "$folder/requests" >/dev/null || fail "not true of the requests: $1: $(cut -c 1-300 "$folder/requests")"
}
metric() {
    sed -n "s/^incant_backup_$1{source=\"test\"} //p" "$folder/metrics/incant.prom"
}

# Success: told when the copies stand as well, and not before.
backup
requests '[.[].path] == ["/secret-uuid/start", "/hook", "/secret-uuid"]' 
requests '.[0].stands == false and .[1].stands and .[2].stands and .[2].type == "text/plain; charset=utf-8"'
requests '.[2].body | contains("in store second")'
requests '.[1].body | fromjson | .ok and .exit_code == 0 and .command == "backup" and (.backup.stores | length == 2)'
[ "$(cat "$folder/told")" = "success 0 test $backup_id" ] || fail "the command was told: $(cat "$folder/told")"
jq -e --arg id "$backup_id" '.backup.id == $id' "$folder/told.json" >/dev/null || fail 'the command got other JSON'
[ "$(metric run_success)" = 1 ] && [ "$(metric success_rows)" = 1002 ] || fail 'metrics of a success'
[ "$(stat -c %a "$folder/metrics/incant.prom")" = 644 ] || fail 'others cannot read the metrics'
[ "$(ls "$folder/metrics")" = incant.prom ] || fail 'a file was left beside the metrics'
grep -vE '^(# (HELP|TYPE) incant_backup_[a-z_]+ .+|incant_backup_[a-z_]+\{source="test"\} [0-9.]+)$' \
    "$folder/metrics/incant.prom" && fail 'a line is no metric'
success_at=$(metric success_timestamp_seconds)

# Failure: the switch is told so, with the reason in the body; the metrics keep the last success.
rm "$folder/requests"
sed -i 's/^conninfo.*/conninfo = host=\/nowhere/' "$folder/settings"
incant --json --quiet backup
expect_exit 4
requests '[.[].path] == ["/secret-uuid/start", "/hook", "/secret-uuid/fail"]'
requests '.[2].body | contains("/nowhere")'
requests '.[1].body | fromjson | .ok == false and .error.class == "source" and .backup == null'
[ "$(cut -d ' ' -f 1-3 "$folder/told")" = "failure 4 test" ] || fail "the command was told: $(cat "$folder/told")"
[ "$(metric run_success)" = 0 ] && [ "$(metric run_exit_code)" = 4 ] || fail 'metrics of a failure'
[ "$(metric success_timestamp_seconds)" = "$success_at" ] && [ "$(metric success_rows)" = 1002 ] ||
    fail 'the last success is forgotten'
cp "$sound" "$folder/settings"

# A copy that fails is no success either.
rm "$folder/requests"
mv "$folder/second" "$folder/aside"
printf x >"$folder/second"
incant --json --quiet backup
expect_exit 5
requests '.[-1].path == "/secret-uuid/fail"'
rm "$folder/second"
mv "$folder/aside" "$folder/second"

# A signal: told all the same.
rm "$folder/requests"
lock_table source zoo animals
incant_begin --json --quiet backup
wait_until 20 dump_waits source || fail 'the dump does not wait for the lock'
kill -TERM "$incant_pid"
incant_end
expect_exit 143
requests '.[-1].path == "/secret-uuid/fail" and (.[-1].body | contains("SIGTERM"))'
unlock_table source

# Nothing that is not a run is told of.
rm "$folder/requests"
incant --json --quiet backup --dry-run
incant --json --quiet list
[ ! -e "$folder/requests" ] || fail 'a dry run was told of'

# What does not arrive is a warning that names the host and nothing more.
echo 404 >"$folder/answer"
backup
expect_json '[.warnings[] | select(contains("status 404"))] | length == 3'
grep -qE 'secret-uuid|/hook' "$folder/out" "$folder/err" && fail 'an address is in the output'
sed -i "s|^ping.*|ping = http://127.0.0.1:1/secret-uuid|; s|^command.*|command = /no/such/program|" "$folder/settings"
sed -i "s|^metrics.*|metrics = $folder/no/such/folder/x.prom|; s|^webhook.*|webhook = http://127.0.0.1:1/hook|" "$folder/settings"
sed -i 's/^time-limit.*/time-limit = 1s/' "$folder/settings"
backup
expect_json '.warnings | length >= 5' 'any(.warnings[]; contains("did not arrive"))' \
    'any(.warnings[]; contains("/no/such/program"))' 'any(.warnings[]; contains("x.prom"))'
grep -q 'secret-uuid' "$folder/out" "$folder/err" && fail 'an address is in the output'
# A peer that never answers holds nobody for long.
python3 -c 'import socket, time, sys; s = socket.socket(); s.bind(("127.0.0.1", 0)); s.listen(9)
open(sys.argv[1], "w").write(str(s.getsockname()[1])); time.sleep(600)' "$folder/mute" &
wait_until 20 test -s "$folder/mute"
cp "$sound" "$folder/settings"
sed -i "s|^ping.*|ping = http://127.0.0.1:$(cat "$folder/mute")/x|; /^webhook/d; s/^time-limit.*/time-limit = 1s/" "$folder/settings"
SECONDS=0
backup
[ "$SECONDS" -lt 30 ] || fail 'a mute peer held up the backup'
expect_json 'any(.warnings[]; contains("did not arrive"))'
