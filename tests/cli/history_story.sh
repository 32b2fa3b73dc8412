#!/bin/bash
# The whole story of a repository: forty commits are built and measured, and history, check and bisect tell what happened in them, and
# nothing else. Instructions are counted, time is scripted (tests/history_repo.sh).
# shellcheck disable=SC2317 # functions are called through exits and ok
# time: 600
. "$TOP/tests/tap.sh"
. "$TOP/tests/history_repo.sh"

command -v git >/dev/null || skip "git is not installed"
"$COUNTERMARK" list collectors >collectors.txt 2>&1
grep -Eq '^callgrind .* yes' collectors.txt || skip "$(grep '^callgrind' collectors.txt | grep -o 'no: .*')"

ok "the repository is made" history_repo repo
cd repo || exit 1
printf 'out\nerr\n*.out\n*.json\n*.txt\n' >>.git/info/exclude
id() { git rev-parse "c$1"; }
short() { git rev-parse --short=7 "c$1"; }
sql() { sqlite3 countermark.db "$@"; }

exits 0 "its commits are measured" "$COUNTERMARK" backfill c1..main
has out "39 commits, 0 done before; 38 measured" "each built in a worktree of its own"
has out "1 does not build" "but one"
is "which is stored with what the compiler said" \
    "$(sql "SELECT commit_id, status, reason LIKE 'prog.c:%error:%' FROM commit_outcome WHERE status <> 'measured'")" \
    "$(id 21)|unbuildable|1"
is "each as a clean run of its commit on main" \
    "$(sql "SELECT count(DISTINCT b.commit_id), max(b.dirty), min(b.branch), max(b.branch) FROM run r JOIN build b ON b.id = r.build
        WHERE r.status = 'complete'")" "38|0|main|main"
exits 0 "a second call has nothing to do" "$COUNTERMARK" backfill c1..main
has out "39 done before; 0 measured" "and says so"
ok "the database is sound" "$COUNTERMARK" db check

# history: one creep, one step in time that was taken back, one step in instructions.
exits 0 "history" "$COUNTERMARK" history
has out "Checks every argument" "names the commit that made it slower"
has out "Counts a little further" "and the one that counts further"
has out 'Revert "Checks every argument"' "and the one that took it back"
exits 0 "history as JSON" "$COUNTERMARK" history --format json
cat >tell.py <<'E'
import json, subprocess, sys

story = json.load(open("out"))
number = {}
for n in range(1, 41):
    number[subprocess.check_output(["git", "rev-parse", f"c{n}"], text=True).strip()] = n
for f in sorted(story["findings"], key=lambda f: number[f["first"]["commit"]]):
    first, last = number[f["first"]["commit"]], number[f["last"]["commit"]]
    for s in f["series"]:
        change = 100 * (s["ratio"] - 1)
        print(f["kind"], "pending" if f["pending"] else "", s["metric"], first, last, f"{change:.2f}",
              "undone" if f["undone_by"] else "undoes" if f["undoes"] else "", sep="|")
print("unmeasured", *(number[u["commit"]] for u in story["unmeasured"]))
E
python3 tell.py >story.txt
sed 's/^/# /' story.txt
# KIND METRIC COMMIT LOW HIGH: such a change, there
told() {
    awk -F'|' -v kind="$1" -v metric="$2" -v at="$3" -v low="$4" -v high="$5" '
        $1 == kind && $3 == metric && $4 == at && $6 + 0 >= low && $6 + 0 <= high { found++ } END { exit found != 1 }' story.txt
}
ok "the step in time is found at its commit" told step wall.time 7 3.5 4.5
ok "what took it back as well" told step wall.time 15 -4.4 -3.4
is "and both know of each other" "$(grep -c '^step|.*|7|7|.*|undone$' story.txt) $(grep -c '^step|.*|15|15|.*|undoes$' story.txt)" "1 1"
ok "half a percent of instructions is found at its commit" told step callgrind.instructions 18 0.45 0.55
ok "time crept" awk -F'|' '$1 == "creep" && $3 == "wall.time" && $4 >= 23 && $4 <= 28 && $5 >= 33 && $5 <= 38 && $6 > 3 && $6 < 4.3 { found++ }
    END { exit found != 1 }' story.txt
is "nothing else is told" "$(grep -vc unmeasured story.txt)" 4
has story.txt "unmeasured 21" "but the commit that does not build"

# check: the same changes, one against the other.
check() { "$COUNTERMARK" check --confirm-budget 0 --baseline "commit:$(id "$1")" --candidate "commit:$(id "$2")"; }
exits 1 "check of the commit that counts further" check 17 18
ok "is red" grep -Eq "1 regression: command/prog instructions \+0\.(4[5-9]|5[0-5]) %" out
has out "against commit $(short 17)" "and says against what"
exits 0 "check of the one that is slower, on stored times alone" check 6 7
has out "is the machine's doing: the same program as in run" "knows that the program is the same one, and says so"
lacks out "regression" "and is not red"
exits 0 "check of one that changed nothing" check 38 40
has out "nothing slower; 1 point same" "is silent"

# The report tells how to see it again: in the words that were measured, not in backfill's own.
exits 0 "the report" "$COUNTERMARK" report -o site
finding=$(echo site/finding-"$(short 18)"*.html)
ok "says what to type next" grep -q "countermark run --machine [^ ]* .*-- .*prog" "$finding"
lacks "$finding" "--progress off" "without what only a backfill needs"
has "$finding" '<span title="callgrind.instructions">instructions</span>' "and metrics have names that people use"

exits 2 "the one that does not build cannot be compared" "$COUNTERMARK" compare "commit:$(id 20)" "commit:$(id 21)"
has err "has no run of commit $(id 21): it does not build: prog.c:" "and the sentence says why"

# bisect: between ends that differ, with what was built already.
bisect() { "$COUNTERMARK" bisect --point command/prog "$@"; }
exits 0 "bisect of the instructions" bisect --metric callgrind.instructions --good c16 --bad main
has out "Counts a little further" "finds the commit"
ok "with its effect" grep -Eq "\+0\.(4[5-9]|5[0-5]) %" out
has err "about 0 builds" "which nothing has to be built for, as it says beforehand"
has out "cost: 0 builds" "without building anything again"
exits 0 "bisect of the time" bisect --metric wall.time --good c2 --bad c14
has out "Checks every argument" "finds the commit"
lacks out "Documentation" "and no other"
exits 3 "bisect between ends that do not differ" bisect --metric callgrind.instructions --good c20 --bad main
has out "no change of 0.1 % or more lies between them" "says so"
done_testing
