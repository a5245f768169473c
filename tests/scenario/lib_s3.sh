# shellcheck shell=bash
# A real Ceph RADOS Gateway for scenarios about S3: one monitor, one OSD that keeps everything in memory, cephx
# with one keyring, a gateway on a port of the loopback interface; no manager is needed. Sourced after lib.sh.
#
#     [gateway_tls=yes]           HTTPS on $gateway_tls_port too, as localhost, with the certificate $ceph/tls.pem;
#                                 and the bucket as a host, $bucket.localhost
#     gateway_start
#     settings_s3 spaces          appends [store spaces] to $folder/settings
#     s3 ls s3://bucket           s3cmd with the gateway's keys
#
# Everything lies in $folder/ceph, is started here, and is ended by its own pid at the end.

unset "${!AWS_@}" http_proxy https_proxy all_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY

ceph=$folder/ceph
gateway_port=
gateway_access_key=INCANTTESTACCESSKEY1
gateway_secret_key=incant/test+secret=key0123456789abcdefgh
bucket=backups

# free_port: one that nobody listens on at the moment, below those that the kernel gives to clients.
free_port() {
    local port
    while port=$((10000 + RANDOM % 20000)) && port_answers "$port"; do :; done
    echo "$port"
}

# in_background NAME COMMAND…: starts it with its output in $ceph/NAME.log; `jobs` ends it.
in_background() {
    local name=$1
    shift
    "$@" >"$ceph/$name.log" 2>&1 </dev/null &
    eval "${name}_pid=$!"
}

ceph_command() {
    ceph --conf "$ceph/ceph.conf" --name client.admin "$@"
}

ceph_ready() {
    timeout 20 ceph --conf "$ceph/ceph.conf" --name client.admin "$@" >/dev/null 2>&1
}

gateway_configure() {
    local mon_port tls='' dns_name=''
    mon_port=$(free_port)
    if [ -n "${gateway_tls:-}" ]; then
        gateway_tls_port=$(free_port)
        openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext "subjectAltName=DNS:localhost,DNS:$bucket.localhost" \
            -keyout "$ceph/tls.key" -out "$ceph/tls.pem" 2>/dev/null
        dns_name='rgw_dns_name = localhost'
        tls=" ssl_endpoint=127.0.0.1:$gateway_tls_port ssl_certificate=$ceph/tls.pem ssl_private_key=$ceph/tls.key"
    fi
    cat >"$ceph/ceph.conf" <<-END
		[global]
		fsid = 11111111-2222-3333-4444-555555555555
		mon_initial_members = a
		mon_host = v2:127.0.0.1:$mon_port
		public_addr = 127.0.0.1
		cluster_addr = 127.0.0.1
		keyring = $ceph/keyring
		log_file = /dev/null
		mon_cluster_log_file = /dev/null
		pid_file =
		run_dir = $ceph
		admin_socket =
		crash_dir = $ceph
		mon_data = $ceph/mon
		osd_data = $ceph/osd
		osd_objectstore = memstore
		memstore_device_bytes = ${gateway_bytes:-4294967296}
		osd_pool_default_size = 1
		osd_pool_default_min_size = 1
		osd_pool_default_pg_num = 1
		osd_pool_default_pgp_num = 1
		osd_pool_default_pg_autoscale_mode = off
		osd_crush_chooseleaf_type = 0
		osd_max_object_name_len = 256
		osd_max_object_namespace_len = 64
		mon_allow_pool_size_one = true
		mon_data_avail_warn = 1
		mon_data_avail_crit = 1
		mon_max_pg_per_osd = 1000
		paxos_propose_interval = 0.05
		paxos_min_wait = 0.01
		ms_bind_ipv6 = false
		auth_allow_insecure_global_id_reclaim = false
		[client.rgw]
		rgw_frontends = beast endpoint=127.0.0.1:$gateway_port$tls
		rgw_data = $ceph/rgw
		rgw_enable_ops_log = false
		rgw_enable_usage_log = false
		rgw_gc_obj_min_wait = 1
		rgw_thread_pool_size = 64
		rgw_bucket_quota_ttl = 0
		$dns_name
	END
    ceph-authtool --create-keyring "$ceph/keyring" --gen-key --name=mon. --cap mon 'allow *' >/dev/null
    ceph-authtool "$ceph/keyring" --gen-key --name=client.admin --cap mon 'allow *' --cap osd 'allow *' \
        --cap mgr 'allow *' >/dev/null
    ceph-authtool "$ceph/keyring" --gen-key --name=osd.0 --cap mon 'allow profile osd' --cap osd 'allow *' >/dev/null
    ceph-authtool "$ceph/keyring" --gen-key --name=client.rgw --cap mon 'allow rw' --cap osd 'allow rwx' >/dev/null
    monmaptool --create --fsid 11111111-2222-3333-4444-555555555555 \
        --addv a "[v2:127.0.0.1:$mon_port]" "$ceph/monmap" >/dev/null
}

# gateway_start: from nothing to a gateway with a user and an empty bucket.
gateway_start() {
    mkdir -p "$ceph/mon" "$ceph/osd" "$ceph/rgw"
    gateway_port=$(free_port)
    gateway_configure
    ceph-mon --conf "$ceph/ceph.conf" --mkfs --id a --monmap "$ceph/monmap" --keyring "$ceph/keyring" \
        >"$ceph/mkfs.log" 2>&1 || fail "ceph-mon --mkfs: $(tail -n 3 "$ceph/mkfs.log")"
    in_background mon ceph-mon --conf "$ceph/ceph.conf" --id a --foreground
    wait_until 60 ceph_ready mon stat || fail "the monitor does not start: $(tail -n 3 "$ceph/mon.log")"
    ceph_command osd new 99999999-2222-3333-4444-555555555555 0 >/dev/null 2>&1
    ceph-osd --conf "$ceph/ceph.conf" --id 0 --mkfs --osd-uuid 99999999-2222-3333-4444-555555555555 \
        >"$ceph/mkfs.log" 2>&1 || fail "ceph-osd --mkfs: $(tail -n 3 "$ceph/mkfs.log")"
    in_background osd ceph-osd --conf "$ceph/ceph.conf" --id 0 --foreground
    wait_until 60 osd_is_up || fail "the OSD does not start: $(tail -n 3 "$ceph/osd.log")"
    gateway_run
    gateway_user
    s3 mb --acl-public "s3://$bucket" >/dev/null || fail 'no bucket can be made'
}

osd_is_up() {
    ceph_command osd stat 2>/dev/null | grep -q '1 up'
}

# gateway_run: the gateway alone, in front of what is there.
gateway_run() {
    in_background rgw radosgw --conf "$ceph/ceph.conf" --name client.rgw --foreground
    wait_until 120 gateway_answers || fail "the gateway does not start: $(tail -n 3 "$ceph/rgw.log")"
}

gateway_stop() {
    kill "$rgw_pid"
    wait_until 30 process_ended "$rgw_pid" || kill -9 "$rgw_pid"
}

gateway_answers() {
    curl --silent --fail --output /dev/null --max-time 5 "http://127.0.0.1:$gateway_port/"
}

gateway_admin() {
    radosgw-admin --conf "$ceph/ceph.conf" --name client.rgw "$@"
}

gateway_user() {
    gateway_admin user create --uid=incant --display-name=incant --access-key="$gateway_access_key" \
        --secret-key="$gateway_secret_key" >/dev/null 2>"$ceph/user.log" ||
        fail "no user can be made: $(tail -n 3 "$ceph/user.log")"
}

# gateway_quota BYTES: how much the bucket may hold; -1 = as much as there is.
gateway_quota() {
    gateway_admin quota set --quota-scope=bucket --bucket="$bucket" --max-size="$1" >/dev/null 2>&1 &&
        gateway_admin quota enable --quota-scope=bucket --bucket="$bucket" >/dev/null 2>&1 ||
        fail 'the quota cannot be set'
}

# write_keys FILE [SECRET]: a credentials file.
write_keys() {
    (umask 077 && printf 'access-key = %s\nsecret-key = %s\n' "$gateway_access_key" \
        "${2:-$gateway_secret_key}" >"$1")
}

# settings_s3 NAME [PORT [LINE…]]: appends the gateway, or what listens on PORT in front of it, as a store.
settings_s3() {
    local name=$1 port=${2:-$gateway_port}
    shift
    [ $# -eq 0 ] || shift
    [ -e "$folder/keys" ] || write_keys "$folder/keys"
    cat >>"$folder/settings" <<-END
		[store $name]
		kind = s3
		endpoint = http://127.0.0.1:$port
		bucket = $bucket
		prefix = some/where
		credentials = $folder/keys
	END
    printf '%s\n' "$@" >>"$folder/settings"
}

# s3 ARGUMENT…: another program's view of the bucket.
s3() {
    s3cmd --config=/dev/null --access_key="$gateway_access_key" --secret_key="$gateway_secret_key" \
        --host="127.0.0.1:$gateway_port" --host-bucket="127.0.0.1:$gateway_port" --no-ssl --region=us-east-1 \
        --no-progress "$@"
}

# s3_ask QUERY: a listing of the bucket, which anybody may have: quicker to start than s3cmd.
s3_ask() {
    curl --silent --fail --max-time 60 "http://127.0.0.1:$gateway_port/$bucket?$1" ||
        fail "the gateway does not list: $1"
}

# s3_names: the keys in the bucket, below the prefix of settings_s3.
s3_names() {
    s3_ask 'list-type=2&prefix=some%2Fwhere%2F' | grep -o '<Key>[^<]*' | sed 's,<Key>some/where/,,' || true
}

# s3_copy FOLDER PREFIX: all files in it, many at once, by yet another program.
s3_copy() {
    RCLONE_CONFIG_GATEWAY_TYPE=s3 RCLONE_CONFIG_GATEWAY_PROVIDER=Ceph \
        RCLONE_CONFIG_GATEWAY_ACCESS_KEY_ID=$gateway_access_key \
        RCLONE_CONFIG_GATEWAY_SECRET_ACCESS_KEY=$gateway_secret_key \
        RCLONE_CONFIG_GATEWAY_ENDPOINT=http://127.0.0.1:$gateway_port \
        rclone --config=/dev/null --transfers=16 copy "$1" "gateway:$bucket/$2" 2>"$folder/rclone" ||
        fail "rclone: $(tail -n 3 "$folder/rclone")"
}

# made_by_hand FROM TO MEGABYTES: a backup like the one in the folder FROM, with an archive of so many random
# megabytes that no restore would like, but a copy does: its manifest and sums hold.
made_by_hand() {
    mkdir -p "$2"
    chmod 700 "$(dirname "$(dirname "$2")")"
    cp "$1"/contents.json.zst "$2"
    head -c "$3M" /dev/urandom >"$2/cluster.sql.zst"
    write_manifest "$1/manifest.json" "$2"
}

# manifests_like TEMPLATE FOLDER NUMBER SOURCE…: as many manifests of each source, and nothing else of them.
manifests_like() {
    local template=$1 to=$2 number=$3 source i
    shift 3
    for source in "$@"; do
        for ((i = 0; i < number; i++)); do
            mkdir -p "$to/$source/$(printf '202501%02dT%02d0000Z' $((i / 24 + 1)) $((i % 24)))"
        done
    done
    write_manifest "$template" "$to"/*/*
}

# write_manifest TEMPLATE FOLDER…: SOURCE/ID are the folder's last names; objects that lie in it are looked at.
write_manifest() {
    python3 - "$@" <<'END'
import hashlib, json, os, sys
for folder in sys.argv[2:]:
    with open(sys.argv[1]) as file:
        manifest = json.load(file)
    del manifest["sha256"]
    manifest["source"], manifest["id"] = folder.split("/")[-2:]
    sums = ""
    for item in manifest["objects"]:
        path = os.path.join(folder, item["name"])
        if item["name"] == "SHA256SUMS" and sums:
            with open(path, "w") as file:
                file.write(sums)
        if os.path.exists(path):
            with open(path, "rb") as file:
                item["sha256"] = hashlib.sha256(file.read()).hexdigest()
            item["bytes"] = os.path.getsize(path)
            sums += "%s  %s\n" % (item["sha256"], item["name"])
    body = json.dumps(manifest, indent=2)[:-2] + ",\n"
    with open(os.path.join(folder, "manifest.json"), "w") as file:
        file.write('%s  "sha256": "%s"\n}\n' % (body, hashlib.sha256(body.encode()).hexdigest()))
END
}

# s3_unfinished: uploads that are neither complete nor given up, a line each.
s3_unfinished() {
    s3_ask 'uploads=' | grep -o '<Key>[^<]*' | sed 's,<Key>,,' || true
}

# expect_whole_bucket: every key belongs to a backup with a manifest, and no upload is left.
expect_whole_bucket() {
    local name
    s3_names >"$folder/names"
    while read -r name; do
        case $name in
        test/catalog.json | test/lock) ;;
        *) grep -qxF "${name%/*}/manifest.json" "$folder/names" || fail "left behind: $name" ;;
        esac
    done <"$folder/names"
    [ -z "$(s3_unfinished)" ] || fail "an upload was left: $(s3_unfinished)"
}

# The fault proxy (tests/fake/fault_proxy) ----------------------------------------------------------------------

# proxy_start: in front of the gateway, on $proxy_port, the same one every time. Its rules are $folder/rules, its
# log $folder/proxy.log.
proxy_start() {
    proxy_port=${proxy_port:-$(free_port)}
    touch "$folder/rules" "$folder/proxy.log"
    python3 "$tree/tests/fake/fault_proxy" "$proxy_port" "$gateway_port" "$folder/rules" "$folder/proxy.log" \
        2>"$folder/proxy.errors" </dev/null &
    proxy_pid=$!
    wait_until 20 port_answers "$proxy_port" || fail "the proxy does not start: $(cat "$folder/proxy.errors")"
}

port_answers() {
    (: <"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

proxy_stop() {
    kill "$proxy_pid" 2>/dev/null || true
    wait "$proxy_pid" 2>/dev/null || true
}

# rules LINE…: what happens from now on; the log begins anew.
rules() {
    printf '%s\n' "$@" >"$folder/rules"
    : >"$folder/proxy.log"
}

# happened PATTERN [TIMES]: the proxy's log has a line like that, so many times at least.
happened() {
    [ "$(grep -cE -- "$1" "$folder/proxy.log")" -ge "${2:-1}" ] ||
        fail "the proxy has not seen '$1': $(tail -n 20 "$folder/proxy.log")"
}

# sent_bytes: of parts that the proxy has passed on, in all.
sent_bytes() {
    awk '$1 == "PUT" && /partNumber/ { sum += $3 } END { print sum + 0 }' "$folder/proxy.log"
}
