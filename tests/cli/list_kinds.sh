#!/bin/bash
# list: every kind as aligned text and as JSON with the same rows; mistakes name what is near.
. "$TOP/tests/tap.sh"

for kind in kernels variants points collectors metrics groups reports plans; do
    exits 0 "list $kind" "$COUNTERMARK" list $kind
    mv out text
    exits 0 "list $kind as JSON" "$COUNTERMARK" list $kind --format json
    ok "$kind: both have the same rows" python3 -c '
import json, sys
d = json.load(open("out"))
lines = open("text").read().splitlines()
assert d["document"] == "countermark list " + sys.argv[1] and d["version"] == 1
assert len(d["rows"]) == len(lines) - 1 > 0
head = lines[0].split()
assert list(d["rows"][0]) == head, head
for row, line in zip(d["rows"], lines[1:]):
    assert line.startswith(row[head[0]]), line
' $kind
done
exits 0 "variants without a word" "$COUNTERMARK" list
has out "mandelbrot/serial" "the variants"
exits 0 "variants of one kernel" "$COUNTERMARK" list variants -k triad -v serial
is "one row" "$(wc -l <out)" 2
exits 0 "points of a selection" "$COUNTERMARK" list points -k mandelbrot -v serial -s size=100,200
is "two rows" "$(wc -l <out)" 3
exits 0 "points of everything" "$COUNTERMARK" list points -k '*'
has out "mandelbrot/serial" "work"
lacks out "truth/" "but nothing that is there to check instruments"
exits 0 "points of a kernel with a role" "$COUNTERMARK" list points -k truth -v loads -s n=16K,64K
is "its whole name is enough" "$(tail -n +2 out | sed 's/ .*//' | paste -s)" "truth/loads:n=16384	truth/loads:n=65536"
exits 2 "a glob" "$COUNTERMARK" list points -k 'tr[u]th'
has err "named in full: -k truth" "... is not"
exits 0 "points of a plan" "$COUNTERMARK" list points --plan nightly
ok "sorted" sh -c 'tail -n +2 out | LC_ALL=C sort -c'
exits 2 "an unknown kind" "$COUNTERMARK" list variant
has err "did you mean variants" "names the nearest"
exits 2 "two kinds" "$COUNTERMARK" list variants points
exits 2 "an unknown kernel" "$COUNTERMARK" list kernels -k mandelbrod
has err "did you mean mandelbrot" "names the nearest kernel"
exits 2 "an unknown variant" "$COUNTERMARK" list variants -k triad -v simb
has err "did you mean simd" "names the nearest variant"
exits 0 "a variant with its kernel" "$COUNTERMARK" list variants -v triad/simd
is "that row alone" "$(wc -l <out)" 2
exits 2 "an unknown plan" "$COUNTERMARK" list points --plan nightli
has err "did you mean nightly" "names the nearest plan"

printf 'plans:\n  mine: |\n    summary my own\n    launches 2\n    use null/empty\n' >.countermark.yaml
exits 0 "own plans" "$COUNTERMARK" list plans
ok "an own plan is listed" grep -Eq '^mine +1 +2 .*my own$' out
done_testing
