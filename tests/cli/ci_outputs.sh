#!/bin/bash
# What build servers read of a check: JUnit that its schema accepts, Markdown that renders with a picture of every finding, annotations
# in the form that GitHub documents, JSON with the history of what moved.
. "$TOP/tests/tap.sh"
. "$TOP/tests/nights.sh"

fast_plan 8 'mandelbrot/serial size=16,32 maxiter=20' 'mandelbrot/simd size=16 maxiter=20' 'mandelbrot/complex size=16 maxiter=20'
echo 'machine: bench-1' >>.countermark.yaml
rules='{"metric": "wall.time", "value": 1000000, "noise": 0.002}'
slow='{"point": "mandelbrot/simd*", "metric": "wall.time", "scale": 1.1}'
fast='{"point": "mandelbrot/complex*", "metric": "wall.time", "scale": 0.8}'
crash='{"point": "mandelbrot/serial:*size=32*", "launch": 3, "error": "crash"}'
echo "{\"rules\": [$rules]}" >base.json
echo "{\"rules\": [$crash, $slow, $fast, $rules]}" >eventful.json
for _ in 1 2 3; do
    night base.json
    "$COUNTERMARK" check >out 2>&1
done
night eventful.json
mkdir -p "out put/in"
exits 1 "an eventful night" "$COUNTERMARK" check --junit verdicts.xml --markdown "out put/summary.md" --format json
cp out check.json

# ---- JUnit
python3 - <<'P' >counted 2>&1
import xml.etree.ElementTree as tree
root = tree.parse("verdicts.xml").getroot()
total = dict(tests=0, failures=0, errors=0)
for suite in root:
    cases = suite.findall("testcase")
    for name, found in dict(tests=cases, failures=suite.findall("testcase/failure"), errors=suite.findall("testcase/error"),
                            skipped=suite.findall("testcase/skipped")).items():
        assert int(suite.get(name)) == len(found), (suite.get("name"), name)
        if name in total:
            total[name] += len(found)
assert {name: int(root.get(name)) for name in total} == total
assert total["failures"] == 1 and total["errors"] >= 1, total
failure = root.find(".//failure")
assert "slower" in failure.get("message") and "again: countermark run" in failure.text, failure.text
assert "this gate sees" in root.find("testsuite[@name='countermark']/testcase/system-out").text
print("fine")
P
is "JUnit: its numbers are those of its cases, and it says what was seen" "$(cat counted)" fine
if command -v xmllint >/dev/null; then
    valid() { xmllint --noout --schema "$TOP/tests/golden/junit.xsd" "$1"; }
    ok "JUnit: the schema accepts it" valid verdicts.xml
    for golden in "$TOP"/tests/golden/gate*.junit.xml; do
        ok "JUnit: and ${golden##*/}" valid "$golden"
    done
    sed 's/ timestamp="[^"]*"//' verdicts.xml >without.xml
    sed 's/<failure message/<failed message/; s/<\/failure>/<\/failed>/' verdicts.xml >other.xml
    sed 's/timestamp="\([^"]*\)"/timestamp="\1Z"/' verdicts.xml >zone.xml
    for broken in without other zone; do
        not_ok "JUnit: but not one that is broken ($broken)" valid $broken.xml
    done
else
    echo "# note: xmllint is not installed (make deps test): JUnit was not validated"
fi
"$COUNTERMARK" run --plan fast --collect wall,fake:base.json --progress off --machine other --db elsewhere.db >run.out 2>run.err
"$COUNTERMARK" db merge countermark.db --db elsewhere.db >out 2>&1
exits 3 "nothing is comparable" "$COUNTERMARK" check --db elsewhere.db --machine other --baseline run:2 --junit nothing.xml
is "JUnit: which is a failure of the gate itself" "$(python3 -c 'import xml.etree.ElementTree as tree
print([case.get("name") for case in tree.parse("nothing.xml").getroot().iter("testcase") if case.find("failure") is not None])')" "['gate']"

# ---- Markdown and its pictures
grep -o '(summary-pictures/F[0-9]*\.svg)' "out put/summary.md" | tr -d '()' >links
is "Markdown: a picture of every finding" "$(wc -l <links)" "$(python3 -c 'import json; print(len(json.load(open("check.json"))["findings"]))')"
is "Markdown: all of them are beside it" "$(cd "out put" && xargs ls <../links 2>&1 | sort)" "$(sort links)"
python3 - <<'P' >pictures 2>&1
import glob, xml.etree.ElementTree as tree
for name in glob.glob("out put/summary-pictures/*.svg"):
    root = tree.parse(name).getroot()
    svg = "{http://www.w3.org/2000/svg}"
    texts = " ".join(t.text for t in root.iter(svg + "text"))
    assert root.tag == svg + "svg" and root.find(svg + "title").text.startswith("mandelbrot/"), name
    assert "prefers-color-scheme: dark" in root.find(svg + "style").text
    assert "mandelbrot/" in texts and "%" in texts and " ms" in texts, texts
    assert not list(root.iter(svg + "script")) and not list(root.iter(svg + "image"))
    width, height = float(root.get("width")), float(root.get("height"))
    for mark in root.iter(svg + "circle"):
        assert 0 <= float(mark.get("cx")) <= width and 0 <= float(mark.get("cy")) <= height
    assert len(list(root.iter(svg + "circle"))) >= 11 # the past's three nights and eight launches before
    assert "run 1 to 4" in texts, texts
print("fine")
P
is "pictures: point, unit, past and launches, for light and dark pages, without anything fetched" "$(cat pictures)" fine
has "out put/summary.md" "smallest that shows" "Markdown: the smallest change that would have been seen"
first=$(grep -n '^### ' "out put/summary.md" | head -n 1)
is "Markdown: the worst is first" "${first#*: }" "slower, mandelbrot/simd"
if command -v cmark-gfm >/dev/null; then
    cmark-gfm -e table -e autolink -e tagfilter "out put/summary.md" >page.html
    python3 - <<'P' >rendered 2>&1
import html.parser, re
class Page(html.parser.HTMLParser):
    tables = images = rows = 0
    heads = []
    def handle_starttag(self, tag, attributes):
        self.tables += tag == "table"
        self.rows += tag == "tr"
        if tag == "img":
            found = dict(attributes)
            assert re.fullmatch(r"summary-pictures/F\d+\.svg", found["src"]) and "mandelbrot/" in found["alt"], found
            self.images += 1
        assert tag not in ("script", "b", "a"), tag
page = Page()
page.feed(open("page.html").read())
text = open("page.html").read()
assert page.tables >= 3 and page.images >= 3, (page.tables, page.images)
assert not re.search(r"<p>[^<]*\|", text), "a table that did not become one"
assert "<pre><code>countermark run " in text
print("fine")
P
    is "Markdown: it renders, tables and pictures and code" "$(cat rendered)" fine
    # Names that would be markup if they could, as the unit test stores them.
    cmark-gfm -e table -e autolink -e tagfilter "$TOP/tests/golden/gate.ledger.md" >ledger.html
    lacks ledger.html "<known>" "Markdown: foreign text is no element"
    lacks ledger.html "<a " "nor a link"
    lacks "$TOP/tests/golden/gate.ledger.md" "@everybody" "nor calls anybody"
else
    echo "# note: cmark-gfm is not installed (make deps test): Markdown was not rendered"
fi
exits 1 "pictures elsewhere" "$COUNTERMARK" check --markdown "out put/in/s.md" --pictures "some where/p"
has "out put/in/s.md" "](../../some%20where/p/F1.svg)" "are linked from where the Markdown is"
ok "and are there" test -s "some where/p/F1.svg"
exits 1 "pictures that will be published" "$COUNTERMARK" check --markdown s.md --pictures p --pictures-url "https://example.org/a b/"
has s.md "](https://example.org/a%20b/F1.svg)" "are linked by their address"
touch file
exits 6 "a folder that cannot be made" "$COUNTERMARK" check --markdown s.md --pictures file/p
has err "file/p" "is named"

# ---- annotations
exits 1 "annotations" "$COUNTERMARK" check --format github
python3 - <<'P' >annotated 2>&1
import re
lines = open("out").read().splitlines()
form = re.compile(r"::(error|warning|notice) (?:file=[^,:]+,)?title=((?:[^%:,\r\n]|%25|%3A|%2C|%0D|%0A)+)::((?:[^%\r\n]|%25|%0D|%0A)+)")
kinds = []
for line in lines[:-1]:
    found = form.fullmatch(line)
    assert found, line
    kinds.append(found[1])
assert kinds[:3] == ["error", "error", "notice"], kinds
assert "slower" in lines[0] and "again: countermark run" in lines[0]
assert any("this gate sees" in line for line in lines[:-1])
assert not lines[-1].startswith("::") and "1 regression" in lines[-1]
print("fine")
P
is "have the documented form, the worst first" "$(cat annotated)" fine

# ---- JSON
python3 - <<'P' >told 2>&1
import json
check = json.load(open("check.json"))
worst = check["findings"][0]
assert worst["verdict"] == "slower" and worst["picture"] == "summary-pictures/F1.svg", worst["picture"]
assert worst["excused"] is False and worst["ledger"] is None and check["ledger"] == []
history = worst["history"]
assert history["metric"] == "wall.time" and history["point"].startswith("mandelbrot/simd:")
assert [r["run"] for r in history["runs"]] == [1, 2, 3, 4]
assert all(r["low"] <= r["value"] <= r["high"] for r in history["runs"])
assert history["runs"][3]["value"] / history["runs"][2]["value"] > 1.05
print("fine")
P
is "JSON: the worst point's history, run by run" "$(cat told)" fine
done_testing
