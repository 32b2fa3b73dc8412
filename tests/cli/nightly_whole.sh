#!/bin/bash
# nightly: run, check and report in one command. The first night is the first baseline, the report stands before the exit code is
# given, and the last line tells the story.
. "$TOP/tests/tap.sh"

cat >.countermark.yaml <<'E'
plans:
  tiny: |
    launches 3
    target 3ms
    collect wall
    use mandelbrot/s* size=100 maxiter=30
    use null/empty
E
exits 0 "the first night: exit 0" "$COUNTERMARK" nightly tiny
ok "the last line says first baseline" sh -c 'tail -n 1 out | grep -q "stored as the first baseline"'
has out "report: report/index.html" "where the report is"
ok "the report is there" test -s report/index.html
is "the run tells how to repeat it" "$(sqlite3 countermark.db "SELECT arguments FROM run")" "countermark run --plan tiny"
printf '{"rules": [{"point": "mandelbrot/simd:*", "error": "wrong"}]}' >script.json
rm -r report
exits 5 "a wrong picture: exit 5" "$COUNTERMARK" nightly tiny --collect fake:script.json -o site --db other.db --format json
ok "one JSON document" python3 -c 'import json; json.load(open("out"))'
ok "the report was written all the same" test -s site/index.html
exits 0 "files for machines" "$COUNTERMARK" nightly tiny --junit j.xml --markdown m.md --db third.db
ok "both are there" test -s j.xml -a -s m.md
exits 2 "an unknown plan: exit 2" "$COUNTERMARK" nightly nightli
has err "did you mean nightly" "names the nearest"
exits 2 "two plans: exit 2" "$COUNTERMARK" nightly quick full
"$COUNTERMARK" nightly quick --db stop.db >out 2>err &
for _ in $(seq 1200); do
    [ "$(sqlite3 -readonly stop.db "SELECT count(*) >= 1 FROM launch WHERE status = 'done'" 2>/dev/null)" = 1 ] && break
    sleep 0.05
done
kill -INT $!
wait $!
is "stopped: exit 130" $? 130
is "and nothing was judged" "$(sqlite3 stop.db "SELECT count(*) FROM verdict")" 0
done_testing
