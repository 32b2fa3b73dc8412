#!/bin/bash
# run --shard: the union of all shards, merged, is the whole plan; shards of one plan share a run group.
. "$TOP/tests/tap.sh"

cat >.countermark.yaml <<'E'
plans:
  tiny: |
    launches 5
    target 2ms
    collect wall
    use mandelbrot/serial size=100,200 maxiter=30
    use mandelbrot/simd size=100 maxiter=30
    use null/empty
E
list() { # DB: every launch
    sqlite3 "$1" "SELECT p.text, l.number, l.pass FROM launch l JOIN point p ON p.id = l.point WHERE l.status = 'done' ORDER BY 1, 2, 3"
}

exits 0 "the whole" "$COUNTERMARK" run --plan tiny --db whole.db
for i in 1 2 3; do
    exits 0 "shard $i of 3" "$COUNTERMARK" run --plan tiny --shard $i/3 --db part$i.db
    has err "shard $i of 3: " "shard $i says so"
    ok "shard $i is a part" test "$(list part$i.db | wc -l)" -lt 20 -a "$(list part$i.db | wc -l)" -gt 0
done
is "the whole is 20 launches" "$(list whole.db | wc -l)" 20
ok "merged" "$COUNTERMARK" db merge --db part1.db part2.db part3.db
list whole.db >whole
list part1.db >merged
ok "the union of the shards is the whole plan" cmp whole merged
is "no launch twice" "$(uniq -d merged)" ""
is "three runs of one group" "$(sqlite3 part1.db "SELECT count(*), count(DISTINCT run_group), count(DISTINCT seed) FROM run")" "3|1|1"
is "numbered" "$(sqlite3 part1.db "SELECT shard || '/' || shards FROM run ORDER BY 1" | tr '\n' ' ')" "1/3 2/3 3/3 "
ok "the merged database is sound" "$COUNTERMARK" db check --db part1.db

# The gate takes the shards for one run: all points, all launches, also when a commit is measured in a second night.
exits 0 "a shard alone is judged" "$COUNTERMARK" check --db part2.db
has err "2 others of its plan are not here" "and people are warned"
exits 0 "the merged shards are judged" "$COUNTERMARK" check --db part1.db
lacks err "of its plan" "without a warning"
has out "with 4 points" "as the whole plan"
for i in 1 2 3; do
    "$COUNTERMARK" run --plan tiny --shard $i/3 --db night$i.db >run.out 2>&1
done
ok "the second night is merged" "$COUNTERMARK" db merge --db part1.db night1.db night2.db night3.db
exits 0 "and judged" "$COUNTERMARK" check --db part1.db --format json
is "by 5 launches a point on either side" "$(python3 -c '
import json
print(sorted(c["launches"] for c in json.load(open("out"))["comparisons"] if c["metric"] == "wall.time"))')" \
    "[[5, 5], [5, 5], [5, 5], [5, 5]]"
done_testing
