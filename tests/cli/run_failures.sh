#!/bin/bash
# run: a variant that crashes, hangs, takes all memory, exits, prints garbage, computes wrong or leaves its output untouched costs
# its own launches alone; each is stored with its reason, named in the summary, and gives the documented exit code.
. "$TOP/tests/tap.sh"

cat >.countermark.yaml <<'E'
plans:
  tiny: |
    launches 4
    target 2ms
    collect wall
    use mandelbrot/serial size=100 maxiter=30
    use null/empty
E
sql() { sqlite3 "$@"; }

script() { # ERROR [LAUNCH]: of the mandelbrot point
    printf '{"rules": [{"point": "mandelbrot/*", %s"error": "%s"}]}' "${2:+\"launch\": \"$2\", }" "$1" >script.json
}

fails() { # ERROR STATUS EXIT
    rm -rf f.db f.db.builds
    script "$1"
    exits "$3" "$1: exit $3" "$COUNTERMARK" run --plan tiny --collect fake:script.json --timeout 4s --db f.db
    is "$1: stored as $2" "$(sql f.db "SELECT DISTINCT l.status FROM launch l JOIN point p ON p.id = l.point WHERE p.kernel = 'mandelbrot'")" "$2"
    is "$1: every launch has its reason" "$(sql f.db "SELECT count(*) FROM launch WHERE status <> 'done' AND coalesce(reason, '') = ''")" 0
    is "$1: the other point is measured" "$(sql f.db "SELECT count(*) FROM launch WHERE status = 'done'")" 4
    is "$1: after two the point is not tried again" \
        "$(sql f.db "SELECT count(*) FROM launch WHERE reason LIKE 'not tried again%'")" 2
    has err "mandelbrot/serial:maxiter=30,size=100 failed 2 times alike and is not tried again" "$1: and that is told"
    ok "$1: the summary names it" grep -Eq '^  mandelbrot/serial.*(failed|WRONG|cannot run)' out
    is "$1: the run is scripted" "$(sql f.db "SELECT scripted FROM run")" 1
}

fails crash crashed 4
ok "the signal is stored" test "$(sql f.db "SELECT max(signal) > 0 FROM launch")" = 1
fails exit:3 exited 4
is "the exit code is stored" "$(sql f.db "SELECT max(exit_code) FROM launch WHERE reason NOT LIKE 'not tried%'")" 3
fails garbage garbled 4
fails hang hung 4
fails wrong wrong 5
fails untouched wrong 5

# One failure costs one launch.
rm -rf f.db f.db.builds
script crash 1
exits 4 "one crash: exit 4" "$COUNTERMARK" run --plan tiny --collect fake:script.json --db f.db
is "one crash costs one launch" "$(sql f.db "SELECT status, count(*) FROM launch GROUP BY status" | tr '\n' ' ')" "crashed|1 done|7 "

# Failures that are not in a row leave the point its chance.
rm -rf f.db f.db.builds
printf '{"rules": [{"point": "mandelbrot/*", "launch": 0, "error": "crash"}, {"point": "mandelbrot/*", "launch": 2, "error": "crash"}]}' \
    >script.json
exits 4 "two crashes apart: exit 4" "$COUNTERMARK" run --plan tiny --collect fake:script.json --db f.db
is "two crashes apart cost two launches" "$(sql f.db "SELECT status, count(*) FROM launch GROUP BY status" | tr '\n' ' ')" \
    "crashed|2 done|6 "

# A variant that is not right has no speed, and nothing is faster than it.
rm -rf f.db f.db.builds
printf '{"rules": [{"point": "mandelbrot/serial*", "launch": 1, "error": "wrong"}]}' >script.json
exits 5 "wrong once: exit 5" "$COUNTERMARK" run -k mandelbrot -v serial,simd -s size=100 -s maxiter=30 --launches 3 \
    --collect wall,fake:script.json --db f.db --format json
is "wrong once: no speed-up over it" \
    "$(python3 -c 'import json; print([p["speed_up"] for p in json.load(open("out"))["points"]])')" "[None, None]"

# Unavailable is no failure, but alone it is nothing.
rm -rf f.db f.db.builds
script "unavailable:no such device"
exits 0 "unavailable beside others: exit 0" "$COUNTERMARK" run --plan tiny --collect fake:script.json --db f.db
has out "cannot run here: " "the summary says so"
exits 3 "unavailable alone: exit 3" "$COUNTERMARK" run --plan tiny -k mandelbrot --collect fake:script.json --db f.db
ok "the database is sound" "$COUNTERMARK" db check --db f.db

printf '{"rules": [' >script.json
exits 2 "a script with a mistake: exit 2" "$COUNTERMARK" run --plan tiny --collect fake:script.json --db g.db
has err "script.json" "names the script"
done_testing
