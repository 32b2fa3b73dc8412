#!/bin/bash
# report: the static site about a real run. Pages are well-formed, every link and picture is there, nothing is fetched, no script
# runs; refusals have a sentence and their exit code; without gnuplot there are tables.
# time: 600
. "$TOP/tests/tap.sh"

cat >.countermark.yaml <<'E'
plans:
  small: |
    launches 2
    target 2ms
    collect wall
    use mandelbrot/serial,simd* size=60,100,200 maxiter=30
    use mandelbrot/processes size=60,100,200 maxiter=30 procs=1,2
    use triad/* size=16K,64K,1M
    use null/empty
  other: |
    launches 2
    target 2ms
    collect wall
    use null/empty
E
# A PMU for everybody: counters from a script.
cat >pmu.json <<'E'
{"rules": [
 {"point": "null/*", "launch": "1", "error": "crash"},
 {"point": "mandelbrot/*", "metric": "papi.PAPI_TOT_INS", "scale": 10},
 {"point": "mandelbrot/*", "metric": "papi.PAPI_TOT_CYC", "scale": 1000},
 {"metric": "papi.PAPI_TOT_INS", "value": 4000000, "noise": 0.00001}, {"metric": "papi.PAPI_TOT_CYC", "value": 2000000},
 {"metric": "papi.PAPI_BR_MSP", "value": 300}, {"metric": "papi.PAPI_L1_DCM", "value": 900}, {"metric": "papi.PAPI_L2_DCM", "value": 40}]}
E

# Prints what is wrong with the site, nothing if all is well.
cat >check.py <<'E'
import html.parser, os, re, sys, xml.dom.minidom
folder = sys.argv[1]
names = set(os.listdir(folder))
used = {"index.html", "report.files"}
class Page(html.parser.HTMLParser):
    def handle_starttag(self, tag, attributes):
        if tag in ("script", "iframe", "object", "embed", "base", "form"):
            print(f"{self.name}: a <{tag}>")
        for name, value in attributes:
            if name.startswith("on") or name == "style":
                print(f"{self.name}: {tag} has {name}")
            if name not in ("href", "src", "srcset") or value == "data:,":
                continue
            file, _, anchor = value.partition("#")
            used.add(file)
            if file not in names:
                print(f"{self.name}: {tag} {name} leads nowhere: {value}")
            elif anchor and f'id="{anchor}"' not in open(os.path.join(folder, file), encoding="utf-8").read():
                print(f"{self.name}: no place {value}")
        if tag == "img" and not dict(attributes).get("alt"):
            print(f"{self.name}: no words for a picture")
for name in sorted(names):
    text = open(os.path.join(folder, name), encoding="utf-8").read()
    if name.endswith((".html", ".svg")):
        try:
            xml.dom.minidom.parseString(text.encode())
        except Exception as problem:
            print(f"{name}: not well-formed: {problem}")
    if name.endswith(".html"):
        page = Page()
        page.name = name
        page.feed(text)
        for line in re.findall(".*(?:gnuplot failed|No plot).*", text):
            print(f"{name}: {line}")
    if re.search(r"url\((?!'?#)|@import|javascript:|<script", text):
        print(f"{name}: fetches or runs something")
    if re.search(r"https?://", re.sub(r"http://www\.w3\.org/[\w/]+", "", text)):
        print(f"{name}: names an address")
for name in sorted(names - used):
    print(f"{name}: nobody links to it")
E
check() { python3 check.py "$1" 2>&1; }

exits 2 "no database" "$COUNTERMARK" report --db none.db -o none
not_ok "and no folder is made" test -e none

exits 0 "a small run" "$COUNTERMARK" run --plan small --db r.db
exits 0 "its report" "$COUNTERMARK" report --db r.db -o site
has out "site/index.html" "the page is named"
command -v gnuplot >/dev/null || skip "gnuplot is missing"
is "the site is whole and harmless" "$(check site)" ""
for page in index mandelbrot triad null machine; do
    ok "there is a page $page" test -s site/$page.html
done
for plot in mandelbrot-ladder mandelbrot-sweep mandelbrot-scaling triad-ladder triad-sweep triad-bandwidth triad-noise machine-effort; do
    for form in '' -dark -narrow -narrow-dark; do
        ok "there is a plot $plot$form" test -s "site/$plot$form.svg"
    done
done
has site/mandelbrot.html "times as fast as" "the ladder has a reading"
has site/mandelbrot-ladder.svg "10 to 500 times" "the tutorial's claim is in view"
lacks site/triad-ladder.svg "tutorial" "but not for other kernels"
has site/mandelbrot-ladder.svg "same bits" "with its verification class"
ok "cache sizes are drawn where the axis is in bytes" grep -Eq "<text>L(1d|2|3)</text>" site/triad-sweep.svg
lacks site/mandelbrot-sweep.svg "<text>L1d" "and only there"
has site/triad-sweep.svg "64 KiB" "sizes are words"
has site/index.html "No run has been checked yet" "no check, and that is said"

cp -r site before
exits 0 "the report again" "$COUNTERMARK" report --db r.db -o site
is "gives the same files" "$(ls -A site)" "$(ls -A before)"
same_plots() {
    for plot in site/*.svg; do cmp "$plot" "before/${plot#site/}" || return; done
}
ok "and the same plots" same_plots

exits 0 "a newer run of one kernel" "$COUNTERMARK" run --plan other --db r.db
exits 0 "the report after it" "$COUNTERMARK" report --db r.db -o site
is "is whole" "$(check site)" ""
ok "older kernels stay" test -s site/mandelbrot.html
has site/index.html "(from run 1)" "with the run they come from"
exits 0 "a report about that run alone" "$COUNTERMARK" report --db r.db --run 2 -o site
is "is whole too" "$(check site)" ""
not_ok "and leaves no page of the older report" test -e site/mandelbrot.html
not_ok "nor its plots" test -e site/mandelbrot-ladder.svg

"$COUNTERMARK" run --plan small --collect fake:pmu.json --db f.db >out 2>err || true
exits 0 "the report of a scripted run with counters" "$COUNTERMARK" report --db f.db -o fake
is "is whole" "$(check fake)" ""
for plot in instructions cycles ipc branches misses misses_sweep; do
    ok "there is a plot $plot" test -s fake/mandelbrot-$plot.svg
done
# However many a variant needs: gnuplot drops words that stand on some edges, and a power of ten is no number for people.
for form in '' -narrow; do
    for variant in serial simd simd_fma processes; do
        has fake/mandelbrot-instructions$form.svg "$variant" "bars have words${form:+ in narrow windows}: $variant"
    done
done
lacks fake/mandelbrot-cycles.svg "e+" "numbers without powers of ten"
has fake/mandelbrot.html "needs 20.0 k cycles per element" "in sentences neither"
has fake/index.html "come from a script" "it says that its numbers are scripted"
has fake/index.html "crashed" "and which launch failed"
has fake/mandelbrot.html "papi.PAPI_L1_DCM" "the counters stand in a table"

for instructions in 4000000 5000000; do
    sed "s/4000000/$instructions/" pmu.json >moved.json
    "$COUNTERMARK" run --plan small -k mandelbrot --collect fake:moved.json --db c.db >out 2>err
    "$COUNTERMARK" check --db c.db >out 2>err
done
exits 0 "the report of a checked run" "$COUNTERMARK" report --db c.db -o checked
has checked/overview-changes-narrow.svg "…" "long names of points are shortened"
lacks checked/overview-changes-narrow.svg "…:" "but not by their ends, which tell them apart"

# A run that could measure nothing of a kernel does not push its page aside.
cp r.db u.db
exits 3 "a size that no machine has" "$COUNTERMARK" run -k triad -v serial -s size=1000T --launches 1 --collect wall --db u.db
exits 0 "the report behind it" "$COUNTERMARK" report --db u.db -o unable
ok "shows what was measured before" test -s unable/triad-sweep.svg

# Shards are one run in pieces.
for shard in 1/2 2/2; do
    exits 0 "shard $shard" "$COUNTERMARK" run --plan small --seed 5 --shard $shard --db s.db
done
exits 0 "the report of both shards" "$COUNTERMARK" report --db s.db -o shards
points() { grep -o 'All [0-9]* points' "$1"; }
is "has all points of the plan" "$(points shards/mandelbrot.html)" "$(points before/mandelbrot.html)"

mkdir bin
for tool in sh env; do ln -s "$(command -v $tool)" bin/; done
exits 0 "without gnuplot" env PATH="$PWD/bin" "$COUNTERMARK" report --db r.db -o tables
has err "gnuplot was not found" "that is told"
is "the tables are whole" "$(check tables)" ""
lacks tables/mandelbrot.html "<img" "without pictures"
has tables/mandelbrot.html "same bits" "with the numbers"

exits 2 "an unknown run" "$COUNTERMARK" report --db r.db --run 77 -o other
exits 2 "an operand" "$COUNTERMARK" report r.db
: >file
exits 6 "a folder that is a file" "$COUNTERMARK" report --db r.db -o file
has err "file" "is named"
is "nothing is left behind" "$(find . -name '.countermark-*')" ""

# A run that was killed in the middle is no report.
sqlite3 r.db "UPDATE run SET status = 'running'; UPDATE launch SET status = 'planned' WHERE sequence > 0"
exits 3 "no complete run" "$COUNTERMARK" report --db r.db -o none
has err "no complete run" "and that is told"
not_ok "no folder is made then" test -e none
done_testing
