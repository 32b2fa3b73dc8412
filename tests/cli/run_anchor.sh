#!/bin/bash
# The program of the anchors: kept once per machine, used by later programs too, made anew when it is gone or damaged, and no trouble
# for the run when it cannot be had. Shards, resumed runs and programs of the user have anchors like any run.
# time: 300
. "$TOP/tests/tap.sh"

cat >.countermark.yaml <<'E'
machine: box
plans:
  tiny: |
    launches 8
    target 1ms
    collect wall
    use null/empty
E
echo '{"rules": [{"point": "anchor/core", "metric": "wall.time", "value": 1e6}]}' >anchors.json
echo '{"rules": [{"metric": "wall.time", "value": 1e6}]}' >none.json
db=countermark.db
kept=$db.builds/anchor-box/countermark
sql() { sqlite3 -separator ' ' -cmd '.timeout 5000' "$db" "$@"; }
tiny() { # PROGRAM [OPTIONS]: quick, since a script says the times
    local program=$1
    shift
    "$program" run --plan tiny --db "$db" --collect wall,fake:anchors.json --progress off "$@"
}
anchors() { # RUN: statuses of its anchors, and how many programs measured them
    sql "SELECT l.status, count(*), count(DISTINCT p.code_hash) FROM launch l JOIN point p ON p.id = l.point
         WHERE l.run = $1 AND p.role = 'anchor' GROUP BY 1"
}

# Another program: what stands behind an ELF file is not loaded.
cp "$COUNTERMARK" other
echo other >>other

exits 0 "the first run on a machine" tiny "$COUNTERMARK"
ok "keeps its program" cmp "$COUNTERMARK" "$kept"
is "which measured the anchors" "$(anchors 1)" "done 24 1"
is "whole, and alone in its folder" "$(ls "$db.builds/anchor-box")" countermark
exits 0 "another program" tiny ./other
ok "does not replace it" cmp "$COUNTERMARK" "$kept"
is "and has it measure the anchors" "$(sql "SELECT count(DISTINCT p.code_hash), count(DISTINCT l.run) FROM launch l
    JOIN point p ON p.id = l.point WHERE p.role = 'anchor'")" "1 2"
exits 0 "--no-anchor" tiny "$COUNTERMARK" --no-anchor
is "measures none" "$(anchors 3)" ""
exits 0 "seven launches" tiny "$COUNTERMARK" --launches 7
is "are too few for times to be judged" "$(anchors 4)" ""
exits 0 "a script that does not name them" "$COUNTERMARK" run --plan tiny --collect wall,fake:none.json --progress off
is "has no anchors" "$(anchors 5)" ""
exits 0 "200 launches" "$COUNTERMARK" run --plan tiny --db many.db --collect wall --launches 200 --budget 1ms --progress off
is "have no more anchors than eight" "$(sqlite3 many.db "SELECT max(c) FROM (SELECT count(*) c FROM launch l
    JOIN point p ON p.id = l.point WHERE p.role = 'anchor' GROUP BY p.id)")" 8

printf 'x' | dd of="$kept" bs=1 seek=1000 conv=notrunc 2>dd.err
exits 0 "a damaged program" tiny "$COUNTERMARK"
has err "is not the one that was kept (damaged, or replaced)" "is told"
ok "and made anew" cmp "$COUNTERMARK" "$kept"
rm -r "$db.builds/anchor-box"
exits 0 "one that is gone" tiny ./other
has err "anchor-box/countermark is gone: this run begins a new history of anchors" "is told"
ok "and made anew" cmp other "$kept"
is "its anchors are others" "$(sql "SELECT count(DISTINCT code_hash) FROM point WHERE role = 'anchor'")" 2
exits 0 "the next run" tiny ./other
lacks err "anchor program" "says nothing of it"
cut=$(($(stat -c %s "$kept") / 2))
head -c "$cut" other >"$kept"
exits 0 "half a program" tiny ./other
ok "is made anew, too" cmp other "$kept"

# A program that is whole, but lacks a library, or speaks another protocol.
db=wrapped.db
kept=$db.builds/anchor-box/countermark
mkdir -p "$db.builds/anchor-box"
printf '#!/bin/sh\n[ ! -e broken ] || { echo "cannot find libx.so.1" >&2; exit 127; }\nexec "%s" "$@"\n' "$COUNTERMARK" >"$kept"
chmod +x "$kept"
cp "$kept" wrapper
exits 0 "a program that stands there before anything is stored" tiny "$COUNTERMARK"
ok "is used if it runs" cmp wrapper "$kept"
: >broken
exits 0 "when it runs no more, the run goes on" tiny "$COUNTERMARK"
has err "no anchors in this run, so nothing tells whether the machine moved: the anchor program" "it is told"
has err "cannot find libx.so.1" "with the reason"
is "once" "$(grep -c 'anchor' err)" 1
has out "8 of 8 launches measured plus 0 of 24 of the anchors" "the summary counts them"
is "and stored with it" "$(sql "SELECT l.status, count(*), min(l.reason LIKE '%cannot find libx.so.1%') FROM launch l
    JOIN point p ON p.id = l.point WHERE p.role = 'anchor' AND l.run = 2 GROUP BY 1")" "unavailable 24 1"
ok "it is not replaced" cmp wrapper "$kept"
rm broken
exits 0 "when it runs again" tiny "$COUNTERMARK"
is "so do the anchors" "$(anchors 3)" "done 24 1"

# Nothing can be kept where nothing can be written.
db=blocked.db
mkdir -p "$db.builds"
: >"$db.builds/anchor-box"
exits 0 "a file where the folder should be" tiny "$COUNTERMARK"
has err "no anchors in this run" "costs the anchors alone"
is "which is stored" "$(anchors 1)" "unavailable 24 1"

# A run that is taken up again with another anchor program does not mix the two.
db=resumed.db
kept=$db.builds/anchor-box/countermark
mkdir -p "$db.builds/anchor-box"
cp wrapper "$kept"
"$COUNTERMARK" run --plan tiny --launches 40 --db "$db" --collect wall --progress off >out 2>err &
pid=$!
for _ in $(seq 1200); do
    [ "$(sqlite3 -readonly "$db" "SELECT count(*) >= 6 FROM launch WHERE status = 'done'" 2>/dev/null)" = 1 ] && break
    sleep 0.05
done
kill -TERM $pid
wait $pid
is "a stopped run" $? 130
done_before=$(sql "SELECT count(*) FROM launch l JOIN point p ON p.id = l.point WHERE p.role = 'anchor' AND l.status = 'done'")
rm "$kept"
exits 0 "is gone on with after its anchor program was lost" "$COUNTERMARK" run --resume --db "$db" --progress off
is "all its own launches are there" "$(sql "SELECT status, count(*) FROM launch l JOIN point p ON p.id = l.point
    WHERE p.role = '' GROUP BY 1")" "done 40"
is "and no anchor by the other program" "$(sql "SELECT count(DISTINCT p.code_hash), sum(l.status = 'done') FROM launch l
    JOIN point p ON p.id = l.point WHERE p.role = 'anchor'")" "1 $done_before"

# Shards have the anchors' launches between them.
for i in 1 2 3; do
    db=part$i.db
    ok "shard $i" tiny "$COUNTERMARK" --shard $i/3
    parts="${parts-} $db"
done
# shellcheck disable=SC2086
ok "are merged" "$COUNTERMARK" db merge $parts --db whole.db
db=whole.db
is "into one set of anchors" "$(sql "SELECT count(*), count(DISTINCT l.point) FROM launch l
    JOIN point p ON p.id = l.point WHERE p.role = 'anchor' AND l.status = 'done'")" "24 3"

db=program.db
exits 0 "a program of the user" "$COUNTERMARK" run --db "$db" --collect wall --progress off -- /bin/true
is "has anchors beside it" "$(anchors 1)" "done 24 1"
exits 0 "by name they are points like others" "$COUNTERMARK" run -k anchor --launches 8 --db named.db \
    --collect wall,fake:anchors.json --progress off
has out "anchor/latency" "listed as such"
is "without a second set" "$(sqlite3 named.db "SELECT count(*) FROM launch"): $(sqlite3 named.db "SELECT DISTINCT role FROM point")" "24: "
done_testing
