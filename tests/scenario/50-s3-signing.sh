#!/bin/bash
# Goal: requests with odd names, queries and keys are signed as another implementation signs them
. "$(dirname "$0")/lib.sh"

make -C "$(dirname "$program")" --silent tests/fake/sign_s3
python3 - "$(dirname "$program")/tests/fake/sign_s3" <<'END' || fail 'the signatures differ'
import datetime, random, subprocess, sys, urllib.parse
import botocore.auth, botocore.awsrequest, botocore.credentials
from botocore.utils import percent_encode

draw = random.Random(20261122)
NOW = datetime.datetime(2026, 11, 22, 3, 0, 0)
ODD = list("abcXYZ019-._~ !\"#$%&'()*+,:;<=>?@[]^`{|}\\") + ["ä", "ß", "☃", "𝒳", "%20", "%2F", "..", "a b", "//", "+"]

class Clock(datetime.datetime):
    @classmethod
    def utcnow(cls):
        return NOW

botocore.auth.datetime.datetime = Clock

def word(least, most, without=""):
    return "".join(c for c in (draw.choice(ODD) for _ in range(draw.randint(least, most))) if c not in without) or "x"

cases, lines = [], []
for number in range(400):
    method = draw.choice(["GET", "PUT", "POST", "DELETE", "HEAD"])
    key = "/" + "/".join(word(1, 8) for _ in range(draw.randint(1, 5)))
    query = {word(1, 6): draw.choice(["", word(1, 10), "/", word(1, 3)]) for _ in range(draw.randint(0, 6))}
    access, secret = "AK" + str(number), word(10, 40)
    region = draw.choice(["us-east-1", "nyc3", "eu-central-1"])
    body = word(0, 50).encode() if method in ("PUT", "POST") else b""
    headers = {"host": "127.0.0.1:%d" % draw.randint(1024, 65535), "content-md5": word(3, 10, " "),
               "range": "bytes=%d-%d" % (number, number + 9)}
    if number % 3 == 0:
        headers["x-amz-meta-odd"] = "  two   blanks " + str(number)
    url = "http://" + headers["host"] + percent_encode(key, safe="/~-._")
    request = botocore.awsrequest.AWSRequest(method=method, url=url, params=query, data=body, headers=dict(headers))
    auth = botocore.auth.S3SigV4Auth(botocore.credentials.Credentials(access, secret), "s3", region)
    auth.add_auth(request)
    sha256, time = request.headers["X-Amz-Content-SHA256"], request.headers["X-Amz-Date"]
    headers.update({"x-amz-content-sha256": sha256, "x-amz-date": time})
    quote = lambda text: urllib.parse.quote(text.encode(), safe="") or "%00"
    fields = [method, urllib.parse.quote(key.encode(), safe=""), sha256, time, region, quote(access), quote(secret)]
    fields += [":" + quote(n) + "=" + urllib.parse.quote(v) for n, v in headers.items()]
    fields += [quote(n) + "=" + urllib.parse.quote(v, safe="") for n, v in query.items()]
    lines.append("\t".join(fields) + "\n")
    cases.append((request.headers["Authorization"], lines[-1]))

answer = subprocess.run([sys.argv[1]], input="".join(lines).encode(), stdout=subprocess.PIPE, check=True).stdout
signed = answer.decode().splitlines()[1::2]
assert len(signed) == len(cases) == 400, len(signed)
for ours, (theirs, line) in zip(signed, cases):
    if ours.replace(" ", "") != theirs.replace(" ", ""):
        print(line, ours, theirs, sep="\n", file=sys.stderr)
        sys.exit(1)
END
