#!/bin/bash
# db check, merge, export, import from end to end; files that are none of ours; a second writer; a disk that gets full.
. "$TOP/tests/tap.sh"

cat >.countermark.yaml <<'E'
plans:
  tiny: |
    launches 2
    target 2ms
    collect wall
    use null/empty
    use mandelbrot/serial size=16 maxiter=20
E
run() { # DB
    "$COUNTERMARK" run --plan tiny --progress off --db "$1" >/dev/null 2>run.err || tap_show run.err
}
content() { # DB: what must survive every journey
    sqlite3 "$1" "SELECT r.uuid, p.text, l.pass, l.status, m.name, s.repetition, s.value, q.text FROM sample s
        JOIN launch l ON l.id = s.launch JOIN run r ON r.id = l.run JOIN point p ON p.id = l.point
        JOIN metric m ON m.id = s.metric JOIN quality q ON q.id = s.quality ORDER BY 1, 2, 3, 5, 6, l.number"
}

run a.db
run b.db
exits 0 "a database is sound" "$COUNTERMARK" db check --db a.db
has out "a.db is sound: 1 run, " "and says what it holds"
exits 0 "two become one" "$COUNTERMARK" db merge a.db b.db --db both.db
has out "b.db: 1 new run" "each file is reported"
exits 0 "merging again changes nothing" "$COUNTERMARK" db merge b.db --db both.db
has out "b.db: 0 new runs" "and says so"
exits 2 "merging into what is not there yet, without --db" "$COUNTERMARK" db merge none.db a.db
has err "named with --db" "the cure is named"
ok "and no database is left behind" test ! -e countermark.db
content both.db >both.txt
{ content a.db; content b.db; } | sort >parts.txt
sort both.txt >sorted.txt
ok "every sample is there" cmp sorted.txt parts.txt

exits 0 "export to standard output" "$COUNTERMARK" db export --db both.db
cp out both.jsonl
is "begins with its format" "$(head -n 1 both.jsonl)" '{"format":"countermark-export","version":3}'
ok "is JSON, line by line" python3 -c 'import json, sys; [json.loads(l) for l in open("both.jsonl")]'
exits 0 "import" "$COUNTERMARK" db import both.jsonl --db back.db
has out "both.jsonl: 2 new runs" "says what came"
content back.db >back.txt
ok "and is what went out" cmp back.txt both.txt
ok "by a pipe too" sh -c '"$0" db export --db both.db | "$0" db import - --db pipe.db' "$COUNTERMARK"
exits 0 "one run alone" "$COUNTERMARK" db export --db both.db --run last one.jsonl
is "is one run" "$(grep -c '"type":"run"' one.jsonl)" 1
exits 0 "everything is sound" "$COUNTERMARK" db check --db back.db

sed '3s/.*/{"type":"nonsense"}/' both.jsonl >bad.jsonl
exits 6 "a bad line is refused" "$COUNTERMARK" db import bad.jsonl --db new.db
has err "bad.jsonl, line 3: 'nonsense' is no type of record; nothing was imported" "with its number"
is "nothing came of it" "$(sqlite3 new.db 'SELECT count(*) FROM run')" 0

exits 2 "an unknown word" "$COUNTERMARK" db chek
has err "did you mean check" "names the nearest"
exits 2 "no word" "$COUNTERMARK" db
exits 2 "no database" "$COUNTERMARK" db check --db none.db
has err "there is no database none.db" "is said"
echo "a letter" >letter.db
exits 2 "a letter" "$COUNTERMARK" db check --db letter.db
has err "letter.db is not a database of countermark" "is no database"
sqlite3 foreign.db "CREATE TABLE t (x)"
exits 2 "a foreign database is not written" "$COUNTERMARK" run --plan tiny --db foreign.db
has err "another program" "and the sentence says why"
cp a.db newer.db
sqlite3 newer.db "PRAGMA user_version = 99" >/dev/null
exits 2 "a newer database is not touched" "$COUNTERMARK" run --plan tiny --db newer.db
has err "newer countermark" "and the sentence says why"

cp a.db changed.db
sqlite3 changed.db "UPDATE summary SET median = median * 2 WHERE rowid IN (SELECT 1); UPDATE summary SET median = median + 1" 2>/dev/null ||
    sqlite3 changed.db "UPDATE summary SET median = median + 1"
exits 6 "a changed summary" "$COUNTERMARK" db check --db changed.db
has out "is not what its samples give" "is found"

# A second writer is refused at once; readers are not.
cat >slow.c <<'E'
#include <unistd.h>
int main(int argc, char **argv)
{
    for (int i = 0; i < 3000 && argc > 1 && access(argv[1], F_OK); i++)
        usleep(20000);
    return 0;
}
E
if "${CC:-cc}" slow.c -o slow 2>/dev/null; then
    "$COUNTERMARK" run --launches 1 --progress off --db a.db -- ./slow "$PWD/go" >/dev/null 2>&1 &
    writer=$!
    for _ in $(seq 600); do
        [ -e a.db.lock ] && break
        sleep 0.1
    done
    exits 6 "two runs cannot write one database" "$COUNTERMARK" run --plan tiny --db a.db
    has err "a.db is being written by another run" "and the second says so"
    exits 0 "reading goes on meanwhile" "$COUNTERMARK" db check --db a.db
    : >go
    wait $writer
fi

# A disk that gets full in the middle: one sentence, and what was stored before is whole.
mkdir small
if [ "$(id -u)" = 0 ] && mount -t tmpfs -o size=2m none small 2>/dev/null; then
    run small/full.db
    head -c "$(($(df --output=avail -k small | tail -n 1) - 160))K" /dev/zero >small/filler
    status=0
    for _ in $(seq 60); do
        "$COUNTERMARK" run --plan tiny --progress off --db small/full.db >out 2>err || {
            status=$?
            break
        }
    done
    is "a full disk ends the run" "$status" 6
    has err "the disk is full" "with the reason"
    is "in one sentence" "$(grep -c 'disk is full' err)" 1
    cp small/full.db small/full.db-* . 2>/dev/null
    umount small
    exits 0 "what was stored is sound" "$COUNTERMARK" db check --db full.db
    ok "the first run is there" test "$(sqlite3 full.db "SELECT count(*) FROM launch WHERE status = 'done'")" -ge 4
else
    echo "# no tmpfs here: the full disk is tested by tests/unit/store_open.c alone"
fi
# A large database of an older version says why it keeps people waiting; a small one is done in a moment.
sqlite3 older.db <"$TOP/tests/golden/db/v2.sql" >/dev/null
cp older.db large.db
sqlite3 large.db "CREATE TABLE filler (bytes); INSERT INTO filler VALUES (zeroblob(70000000))"
exits 0 "a large database of an older version" "$COUNTERMARK" run -k null --launches 1 --collect wall --db large.db
has err "MiB are brought from schema 2 to 3, once" "says what is done to it"
exits 0 "a small one" "$COUNTERMARK" run -k null --launches 1 --collect wall --db older.db
lacks err "are brought from schema" "says nothing"
rm -f large.db*
done_testing
