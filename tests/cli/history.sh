#!/bin/bash
# history: a history with known changes, told as findings: commit, region, what else changed, what took it back, what was decided.
. "$TOP/tests/tap.sh"

cat >make.py <<'E'
# Writes an export of a database: 60 commits, a day each, one run each but for number 19, which does not build.
import json
import random

random.seed(5)
COMMITS, START = 60, 1760000000
SIZES = [64, 256, 1024, 4096, 16384, 65536]
points = [("tri", v, "tri/%s:size=%d,threads=%d" % (v, s, t), s, t)
          for v in ("serial", "simd") for s in SIZES for t in (1, 2)]
points += [("other", "serial", "other/serial:size=%d" % s, s, 1) for s in SIZES]
points.append(("pace", "core", "pace/core", 1, 1)) # an anchor
lines = 0


def commit(i):
    return "%02x" % (i + 16) + "c0ffee" + "%032x" % i


def out(**record):
    global lines
    lines += "format" not in record and "records" not in record
    print(json.dumps(record))


def time_of(i, kernel, variant, size, threads):
    value = 1000.0 * size / threads
    if kernel == "tri" and variant == "simd" and size >= 1024 and 20 <= i < 40:
        value *= 1.06
    if kernel == "other":
        value *= (0.8 if i >= 46 else 1) * (1 + 0.0004 * i)
    if kernel == "pace" and i >= 46:
        value *= 0.9
    return value * (1 + random.gauss(0, 0.004))


def count_of(i, kernel, variant, size):
    value = 5000 * size
    if kernel == "tri" and variant == "serial" and i >= 30:
        value = value * 1005 // 1000
    if kernel == "other" and i >= 20:
        value = value * 101 // 100
    return float(value)


out(format="countermark-export", version=3)
out(type="machine", id=1, name="box", **{"class": ""}, facts={"cpu.model": "Planted"})
out(type="environment", id=1, fingerprint="00000000000000aa", facts={"kernel.release": "6.1"})
out(type="environment", id=2, fingerprint="00000000000000bb", facts={"kernel.release": "6.2"})
for i in range(COMMITS):
    out(type="build", id=i + 1, commit=commit(i), branch="main", subject="change \x1b[31mnumber %d" % i,
        commit_time=START + 86400 * i, dirty=False, compiler="cc", flags="-O2", binary_hash="%016x" % i, facts={})
for n, (kernel, variant, text, size, threads) in enumerate(points):
    out(type="point", id=n + 1, text=text, kernel=kernel, variant=variant, kernel_version="1", variant_version="1",
        code_hash="", axes={"size": str(size), "threads": str(threads)}, role="anchor" if kernel == "pace" else "")
out(type="metric", name="wall.time", unit="ns", kind="duration", better="lower", deterministic=False, meaning="time")
out(type="metric", name="papi.PAPI_TOT_INS", unit="1", kind="count", better="lower", deterministic=True, meaning="count")
for i in range(COMMITS):
    if i == 19:
        continue
    uuid = "00000000-0000-0000-0000-%012d" % i
    start = START + 86400 * i + 60
    out(type="run", uuid=uuid, group=uuid, machine=1, environment=1 if i < 46 else 2, build=i + 1, plan="p",
        arguments="run", seed="1", shard=1, shards=1, scripted=False, started=start, finished=start + 9,
        status="complete")
    for n, (kernel, variant, text, size, threads) in enumerate(points):
        out(type="launch", run=uuid, sequence=n, point=n + 1, number=0, **{"pass": ""}, status="done", exit_code=0,
            inner=1, started=start, wall_s=0.1, executing_s=0.1, match=0, deviations=0, elements=1.0, flops=0.0,
            bytes_read=0.0, bytes_written=0.0, checksum="",
            samples={"wall.time": [[0, time_of(i, kernel, variant, size, threads)]],
                     "papi.PAPI_TOT_INS": [[0, count_of(i, kernel, variant, size)]]})
for i in range(COMMITS):
    out(type="commit", commit=commit(i), parents=commit(i - 1) if i else "", branch="main",
        subject="change number %d" % i, time=START + 86400 * i,
        outcomes=[{"machine": "box", "status": "unbuildable" if i == 19 else "measured",
                   "reason": "make: it broke" if i == 19 else "", "tried": START}])
out(records=lines)
E
python3 make.py >lines.json || skip "python3 is needed"

# query EXPRESSION: Python over d, the JSON document, F, its findings that are told without --all, and at(COMMIT, KERNEL).
query() {
    python3 -c '
import json, re, sys
d = json.load(open("out"))
F = [f for f in d["findings"] if f["standing"] != "doubtful"]
def at(first, kernel):
    return [f for f in F if f["first"]["subject"].endswith("number %d" % first) and f["kernel"] == kernel]
print(eval("(" + sys.argv[1] + ")"))' "$1"
}

exits 2 "without a database" "$COUNTERMARK" history
exits 0 "the history is imported" "$COUNTERMARK" db import lines.json

exits 0 "its findings" "$COUNTERMARK" history
has out "machine box, branch main: 59 runs of 59 commits (1 more could not be measured), 2025-10-09 to 2025-12-07" \
    "whose history it is"
has out "commit 2ec0ffe  2025-11-08  change  [31mnumber 30" "a commit has its day and subject"
has out "tri/serial: instructions +0.50 % (12 points), time unchanged" "many points are one finding"
has out "between 22c0ffe and 24c0ffe (2 commits, 1 of them could not be measured)" "a change may lie between two runs"
has out "    23c0ffe  change number 19 (does not build: make: it broke)" \
    "the commits there are named, with why one has no run"
ok "and how to find the one" grep -Eq \
    '^      to find it: countermark bisect --point other/serial:size=[0-9]+ --metric papi.PAPI_TOT_INS --good 22c0ffee00 --bad 24c0ffee00$' out
has out "      to accept it: countermark accept --points 'tri/serial:*' --commit 2ec0ffee00 --reason TEXT" "how to decide it"
exits 2 "its number is of this list" "$COUNTERMARK" accept F1 --reason "so be it"
has err "F1 is a finding of the last check, and countermark.db holds none yet: countermark check; what history lists is taken by" \
    "and no name for accept"
cp countermark.db decided.db
exits 0 "the line that history prints" "$COUNTERMARK" accept --points 'tri/serial:*' --commit 2ec0ffee00 --reason "so be it" --db decided.db
exits 0 "decides it" "$COUNTERMARK" history --db decided.db
has out "accepted: so be it" "as can be read there"
exits 0 "its findings" "$COUNTERMARK" history
has out "      where: size >= 1024" "the region is told"
has out "also changed: the machine itself (anchors: pace/core -" "whether the machine moved"
has out ", kernel.release 6.1 -> 6.2" "and what else changed"
is "nothing in it steers a terminal" "$(tr -d '\n[:print:]' <out | wc -c)" 0

exits 0 "as JSON" "$COUNTERMARK" history --format json
is "a step in counts" "$(query '[(f["verdict"], f["standing"], len(f["series"]), f["commits"], f["variants"], f["region"])
    for f in at(30, "tri")]')" "[('slower', 'worse', 12, 1, ['serial'], '')]"
is "a step in time that is taken back" "$(query '[(f["verdict"], f["standing"], len(f["series"]), f["commits"], f["region"],
    f["undone_by"] == at(40, "tri")[0]["number"]) for f in at(20, "tri")]')" \
    "[('slower', 'settled', 8, 2, 'size >= 1024', True)]"
is "and what takes it back" "$(query '[(f["verdict"], f["standing"], f["undoes"] == at(20, "tri")[0]["number"])
    for f in at(40, "tri")]')" "[('faster', 'settled', True)]"
is "an improvement with another kernel of the system" "$(query '[(f["verdict"], f["standing"], len(f["series"]),
    re.sub("-(9.[89]|10.[01]) ", "-10.0 ", f["also_changed"])) for f in at(46, "other")]')" "[('faster', 'better', 6, 'the machine itself (anchors: pace/core -10.0 %), kernel.release 6.1 -> 6.2')]"
is "its size, with an interval around it" "$(query 'all(abs(s["ratio"] - 0.8) < 0.02 and s["low"] < s["ratio"] < s["high"]
    for s in at(46, "other")[0]["series"])')" True
is "the commit that has no run" "$(query '[(u["outcome"], u["run"]) for u in d["unmeasured"]]')" \
    "[('does not build: make: it broke', None)]"
is "numbers run from 1 on, ids differ" "$(query '[f["number"] for f in d["findings"]] ==
    list(range(1, len(d["findings"]) + 1)) and len({f["id"] for f in d["findings"]}) == len(d["findings"])')" True

exits 0 "the long list" "$COUNTERMARK" history --all
has out "  23c0ffe  change number 19 (does not build: make: it broke)" "names the commits that have no run"
exits 0 "a slow creep, before all became much faster" "$COUNTERMARK" history other/serial:size=64 --metric wall.time
has out "time crept" "is a finding"
ok "but gone again, with both values" grep -Eq '^      gone again since: 5[0-9.]+ us now, 6[0-9.]+ us before it$' out

exits 0 "kernels by glob" "$COUNTERMARK" history 'tri/*' --format json
is "nothing is told of others" "$(query '{f["kernel"] for f in F}')" "{'tri'}"
exits 0 "metrics by glob" "$COUNTERMARK" history --metric papi.PAPI_TOT_INS --format json
is "changes of counts are all" "$(query '[f["summary"] for f in d["findings"]]')" \
    "['tri/serial: instructions +0.50 % (12 points)', 'other/serial: instructions +1.0 % (6 points)']"
exits 0 "the newest runs" "$COUNTERMARK" history 'tri/*' --window 32 --format json
is "have no older changes" "$(query '[f["first"]["subject"][-2:] for f in F]')" "['40']"
exits 0 "since a day" "$COUNTERMARK" history 'tri/*' --since 2025-11-01 --format json
is "older changes are not told" "$(query 'sorted(f["first"]["subject"][-2:] for f in F)')" "['30', '40']"
exits 0 "since a commit" "$COUNTERMARK" history --since 12c0ff --format json
is "what crept is told" "$(query '{f["kernel"] for f in F if f["kind"] == "creep"}')" "{'other'}"
is "by how much" "$(query '{1.01 < s["ratio"] < 1.035 for f in F if f["kind"] == "creep" for s in f["series"]}')" "{True}"
exits 2 "since something unknown" "$COUNTERMARK" history --since v9
has err "the newest are: 4bc0ffee00, 4ac0ffee00" "names what there is"
exits 2 "a point that is not there" "$COUNTERMARK" history 'tri/nothing*'
has err "matches tri/nothing*" "is named"
exits 2 "two globs" "$COUNTERMARK" history a b
exits 3 "another branch" "$COUNTERMARK" history --branch topic
has err "branch topic" "has nothing"
exits 2 "a window below one" "$COUNTERMARK" history --window=-1

exits 0 "one point" "$COUNTERMARK" history tri/serial:size=64,threads=1
has out "instructions, papi.PAPI_TOT_INS: 2 levels" "has its levels"
ok "with their step" grep -Eq \
    '^  2ec0ffe +2025-11-08  4bc0ffe +2025-12-07 +30 +322 k +322 k\.\.322 k +\+0\.50 %$' out
exits 0 "as JSON" "$COUNTERMARK" history tri/serial:size=64,threads=1 --metric papi.PAPI_TOT_INS --format json
is "it has its levels too" "$(query '[(l["median"], l["runs"]) for l in d["levels"][0]["levels"]]')" \
    "[(320000.0, 29), (321600.0, 30)]"

# Decisions.
sql() {
    sqlite3 countermark.db "$1"
}
sql "INSERT INTO ledger (kind, points, metrics, run, reason, until, created, commit_id)
    VALUES ('ignore', 'tri/serial:*', '*', NULL, 'known', '2999-12-31', 1, '2ec0ffee')"
exits 0 "a decision about a commit" "$COUNTERMARK" history --format json
is "settles its finding" "$(query '[(f["standing"], f["state"], f["ledger"]) for f in at(30, "tri")]')" \
    "[('settled', 'ignored', 'ignored: known (until 2999-12-31)')]"
is "and no other" "$(query '{f["state"] for f in F if f not in at(30, "tri")}')" "{'open'}"
sql "UPDATE ledger SET until = '2020-01-01'"
exits 0 "when it has expired" "$COUNTERMARK" history --format json
is "the finding is open again" "$(query 'at(30, "tri")[0]["state"]')" open
sql "UPDATE ledger SET until = NULL, points = 'tri/serial:size=64,threads=*'"
exits 0 "a decision about a part" "$COUNTERMARK" history --format json
is "settles nothing, but is told" "$(query '[(f["standing"], f["state"], f["ledger"]) for f in at(30, "tri")]')" \
    "[('worse', 'open', 'ignored for 2 of 12 series: known')]"
sql "UPDATE ledger SET kind = 'accept', commit_id = '', points = '*',
    run = (SELECT r.id FROM run r JOIN build b ON b.id = r.build WHERE b.subject LIKE '%number 35')"
exits 0 "an accepted run" "$COUNTERMARK" history --format json
is "accepts what was there by then" \
    "$(query '(at(30, "tri")[0]["state"], at(40, "tri")[0]["state"], at(46, "other")[0]["state"])')" \
    "('accepted', 'open', 'open')"
sql "UPDATE ledger SET commit_id = (SELECT b.commit_id FROM run r JOIN build b ON b.id = r.build WHERE r.id = run)"
exits 0 "a finding of the gate that was accepted at a later commit" "$COUNTERMARK" history --format json
is "is accepted with what led to it" "$(query '(at(30, "tri")[0]["state"], at(40, "tri")[0]["state"])')" "('accepted', 'open')"
done_testing
