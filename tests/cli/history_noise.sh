#!/bin/bash
# history: a commit that makes times vary more, and one of them longer, is told as both: what only became noisier is not called slower.
. "$TOP/tests/tap.sh"

cat >make.py <<'E'
# Writes an export of a database: 100 commits, a day each, seven points; from number 50 on six vary eight times as much, one is 4 % slower.
import json
import random

random.seed(11)
COMMITS, START = 100, 1760000000
lines = 0


def out(**record):
    global lines
    lines += "format" not in record and "records" not in record
    print(json.dumps(record))


def time_of(i, n):
    if n == 6:
        return (1.04 if i >= 50 else 1) * 1e6 * (1 + random.gauss(0, 0.003))
    return 1e6 * (1 + random.gauss(0, 0.016 if i >= 50 else 0.002))


out(format="countermark-export", version=3)
out(type="machine", id=1, name="box", **{"class": ""}, facts={})
out(type="environment", id=1, fingerprint="00000000000000aa", facts={})
for i in range(COMMITS):
    out(type="build", id=i + 1, commit="%02x" % (i + 16) + "c0ffee" + "%032x" % i, branch="main", subject="number %d" % i,
        commit_time=START + 86400 * i, dirty=False, compiler="cc", flags="-O2", binary_hash="%016x" % i, facts={})
for n in range(7):
    out(type="point", id=n + 1, text="tri/serial:size=%d" % 4**n, kernel="tri", variant="serial", kernel_version="1",
        variant_version="1", code_hash="", axes={"size": str(4**n)}, role="")
out(type="metric", name="wall.time", unit="ns", kind="duration", better="lower", deterministic=False, meaning="time")
for i in range(COMMITS):
    uuid = "00000000-0000-0000-0000-%012d" % i
    start = START + 86400 * i + 60
    out(type="run", uuid=uuid, group=uuid, machine=1, environment=1, build=i + 1, plan="p", arguments="run", seed="1",
        shard=1, shards=1, scripted=False, started=start, finished=start + 9, status="complete")
    for n in range(7):
        out(type="launch", run=uuid, sequence=n, point=n + 1, number=0, **{"pass": ""}, status="done", exit_code=0,
            inner=1, started=start, wall_s=0.1, executing_s=0.1, match=0, deviations=0, elements=1.0, flops=0.0,
            bytes_read=0.0, bytes_written=0.0, checksum="", samples={"wall.time": [[0, time_of(i, n)]]})
out(records=lines)
E
python3 make.py >lines.json || skip "python3 is needed"

exits 0 "the history is imported" "$COUNTERMARK" db import lines.json
exits 0 "its findings" "$COUNTERMARK" history --format json
found() { # KIND: the points of such findings at number 50, give or take three, and what they say
    python3 -c '
import json, sys
for f in json.load(open("out"))["findings"]:
    if f["kind"] == sys.argv[1] and abs(int(f["first"]["subject"].split()[-1]) - 50) <= 3:
        print(len({s["point"] for s in f["series"]}), f["verdict"], f["summary"])' "$1" | sort -n | tail -n 1
}
ok "what became slower is a finding of its own" grep -Eq '^1 slower tri/serial: time \+(3\.[5-9]|4\.[0-5]) %' <(found step)
ok "what became noisier, too" grep -Eq '^[3-6] noisier tri/serial: time varies x([6-9]|1[0-2])[.0-9]* \([3-6] points\)' <(found spread)
found step | sed 's/^/# /'
found spread | sed 's/^/# /'
done_testing
