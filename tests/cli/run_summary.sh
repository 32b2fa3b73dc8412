#!/bin/bash
# run: what is printed and stored: the summary, one JSON document, progress on standard error alone, the stored identity.
. "$TOP/tests/tap.sh"

cat >.countermark.yaml <<'E'
machine: box
plans:
  tiny: |
    summary a few milliseconds
    launches 3
    target 3ms
    collect wall
    use mandelbrot/serial size=100 maxiter=30
    use mandelbrot/simd_fma size=100 maxiter=30
    use null/empty
E
sql() { sqlite3 "$@"; }

exits 0 "a run" "$COUNTERMARK" run --plan tiny
has err "plan tiny: 3 points, 9 time launches + 0 counter launches, under 1 s" "points, launches and time are told beforehand"
has out "mandelbrot/serial:maxiter=30,size=100" "the summary names the points"
has out "9 of 9 launches measured; " "it counts launches"
has out "went into executing variants" "it tells the share of the time"
ok "speed-up over serial" grep -Eq 'mandelbrot/serial:.* 1x +same bits$' out
is "every launch is done" "$(sql countermark.db "SELECT status, count(*) FROM launch GROUP BY status")" "done|9"
is "the run is complete" "$(sql countermark.db "SELECT plan, status, arguments FROM run")" \
    "tiny|complete|countermark run --plan tiny"
is "inner is the same in all launches of a point" \
    "$(sql countermark.db "SELECT max(c) FROM (SELECT count(DISTINCT inner) c FROM launch GROUP BY point)")" 1
is "the machine's name comes from the configuration" "$(sql countermark.db "SELECT name FROM machine")" box
is "three rounds, each with every point once" \
    "$(sql countermark.db "SELECT sequence / 3, count(DISTINCT point) FROM launch GROUP BY 1" | tr '\n' ' ')" "0|3 1|3 2|3 "
is "every descriptor is there" "$(sql countermark.db "SELECT unit FROM metric WHERE name = 'wall.time'")" ns

exits 0 "as JSON" "$COUNTERMARK" run --plan tiny --format json --seed 5
ok "one JSON document" python3 -c '
import json
d = json.load(open("out"))
assert d["document"] == "countermark run" and d["version"] == 1 and d["run"] == 2 and d["exit_code"] == 0, d
assert d["launches"]["done"] == 9 and d["launches"]["left"] == 0
p = {x["point"]: x for x in d["points"]}
s = p["mandelbrot/serial:maxiter=30,size=100"]
assert s["speed_up"] == 1 and s["elements"] == 25039 and s["verification"] == "same bits", s
assert abs(s["time_per_element_ns"] * s["elements"] - s["time_ns"]) < 1e-6 * s["time_ns"]
assert s["axes"] == {"maxiter": "30", "size": "100"}
'
is "the seed is stored" "$(sql countermark.db "SELECT seed FROM run WHERE id = 2")" 5
exits 0 "the same seed again" "$COUNTERMARK" run --plan tiny --seed 5
is "the same seed is the same order" \
    "$(sql countermark.db "SELECT count(*) FROM launch a JOIN launch b USING (sequence, point, number, pass) WHERE a.run = 2 AND b.run = 3")" 9
exits 0 "no progress" "$COUNTERMARK" run --plan tiny --progress off
lacks err "/9" "no progress line when it is off"
exits 0 "plan quick by its flag" "$COUNTERMARK" run --quick -k null -v empty --collect wall
has err "1 point, 2 time launches" "two launches, as plan quick says"
exits 0 "globs" "$COUNTERMARK" run --plan tiny -k 'null,mandel*' -v 'se*,empty' --launches 1
is "only what matches" "$(sql countermark.db "SELECT group_concat(DISTINCT p.variant) FROM launch l JOIN point p ON p.id = l.point WHERE run = 6 ORDER BY 1" | tr ',' '\n' | sort | tr '\n' ' ')" "empty serial "
is "and it is a custom plan" "$(sql countermark.db "SELECT plan FROM run WHERE id = 6")" custom
ok "the database is sound" "$COUNTERMARK" db check --db countermark.db

# What cannot run here is stored with its reason, without a process: 16 TiB fit into no machine that runs this test.
exits 3 "nothing fits: exit 3" "$COUNTERMARK" run -k triad -v serial -s size=16384G --collect wall --db large.db
has out "cannot run here: needs " "the summary says so"
is "one launch says why" "$(sql large.db "SELECT status, reason LIKE '%60 \% of this machine%' ESCAPE '\' FROM launch")" "unavailable|1"
done_testing
