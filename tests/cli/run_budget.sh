#!/bin/bash
# run --budget: whole rounds are cut and stored as skipped, the first round never.
. "$TOP/tests/tap.sh"

cat >.countermark.yaml <<'E'
plans:
  slow: |
    launches 200
    target 50ms
    collect wall
    use mandelbrot/serial size=100 maxiter=30
    use null/empty
E
sql() { sqlite3 countermark.db "$@"; }
exits 0 "a budget of 2 seconds" "$COUNTERMARK" run --plan slow --budget 2s --no-anchor
is "no round begins when it is spent" "$(sql "SELECT sum(wall_s) < 2 FROM launch WHERE status = 'done' AND
    sequence / 2 < (SELECT max(sequence / 2) FROM launch WHERE status = 'done')")" 1
has err "the budget is spent" "it is told"
has out "cut by the budget" "the summary counts them"
is "all launches are stored" "$(sql "SELECT count(*) FROM launch")" 400
is "done or skipped" "$(sql "SELECT group_concat(DISTINCT status) FROM launch ORDER BY 1" | tr ',' '\n' | sort | tr '\n' ' ')" "done skipped "
is "with the reason" "$(sql "SELECT DISTINCT reason FROM launch WHERE status = 'skipped'")" "cut by the budget"
is "rounds are whole" "$(sql "SELECT count(*) FROM (SELECT sequence / 2 r, count(DISTINCT status) c FROM launch GROUP BY r) WHERE c > 1")" 0
is "the run is complete" "$(sql "SELECT status FROM run")" complete
exits 0 "a budget of nothing" "$COUNTERMARK" run --plan slow --budget 1ms --no-anchor
is "the first round is always measured" "$(sql "SELECT min(sequence), max(sequence) FROM launch WHERE run = 2 AND status = 'done'")" "0|1"
exits 0 "a budget of nothing with anchors" "$COUNTERMARK" run --plan slow --budget 1ms
has out "2 of 400 launches measured plus 3 of 24 of the anchors, 398 cut by the budget" "cuts them with the rounds"
ok "the database is sound" "$COUNTERMARK" db check --db countermark.db
done_testing
