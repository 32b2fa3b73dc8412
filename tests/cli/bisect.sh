#!/bin/bash
# bisect over a small repository: times are scripted, so that every answer is known; its instructions are real. Noise is a hash of what
# it is for, so nothing here depends on this machine but which commits are looked at, and the steps are large enough for any way.
. "$TOP/tests/tap.sh"
. "$TOP/tests/history_repo.sh"

command -v git >/dev/null || skip "git is not installed"
history_repo repo >made.txt 2>&1 || tap_show made.txt
cd repo || exit 1
printf 'out\nerr\nok.out\n' >>.git/info/exclude

bisect() {
    "$COUNTERMARK" bisect --point command/prog "$@"
}
value() { # EXPRESSION over the JSON document
    python3 -c 'import json, sys; d = json.load(open("out")); print(eval(sys.argv[1]))' "$1"
}
subject() { # TAG
    git log -1 --format=%s "$1"
}
# A commit with a step in time: FACTOR SUBJECT. The 8th word of the script is the value.
commit_time() {
    python3 - "$1" <<'P'
import json, sys
d = json.load(open("time.json"))
d["seed"] += 100
d["rules"][0]["value"] *= float(sys.argv[1])
json.dump(d, open("time.json", "w"))
P
    echo "$2" >>NEWS
    git add -A
    git commit -q -m "$2"
}

exits 0 "a step of 4 % in time" bisect --good c4 --bad c11
has out "$(subject c7)" "has its commit"
has out "from end to end: +" "the ends are told with their interval"
has out "cost: " "and what it cost"
has err "7 commits between" "what it may cost was said before"
lacks out "one of" "nobody else is named"
is "the user's database is not touched" "$(find . -maxdepth 1 -name 'countermark.db')" ""
is "nor is the working tree" "$(git status --porcelain)" ""
is "every launch is kept" "$(sqlite3 countermark.db.builds/bisect.db "SELECT count(*) > 9 FROM v_samples WHERE metric = 'wall.time'")" 1
ok "in a sound database" "$COUNTERMARK" db check --db countermark.db.builds/bisect.db

exits 0 "the same again" bisect --good c4 --bad c11 --format json
is "finds the same" "$(value "[d['answer']] + [c['subject'] for x in d['culprits'] for c in x['commits']]")" "['found', '$(subject c7)']"
is "by what is kept" "$(value "d['cost']['reused'] > 9 and d['cost']['builds'] == 0")" True
is "with an interval around it" "$(value "all(x['low'] < 1.04 < x['high'] and x['in_turns'] for x in d['culprits'])")" True

exits 0 "its revert, an improvement" bisect --good c13 --bad c17
has out "$(subject c15)" "is found, too"
has out "$(git log -1 --format=%h --abbrev=10 c15)" "by its id"
exits 0 "ends the other way round" bisect --good c11 --bad c5
has out "where the bad end is the older one" "are told so"
has out "$(subject c7)" "and searched all the same"

exits 3 "a step and its revert in one range" bisect --good c5 --bad c19
has out "no change of 1 % or more lies between them" "leave no change"

exits 4 "few launches" bisect --good c3 --bad c10 --launches 3
has out "what was allowed is used up" "decide nothing"
exits 4 "and as few again" bisect --good c3 --bad c10 --launches 3
has out "; 3 launches of before" "go on from there"
has out ", 3 launches (" "with their own"
exits 0 "the same command with more" bisect --good c3 --bad c10
has out "launches of before" "goes on"

# What cannot be built cannot be told apart.
git checkout -q -b broken c19
echo 'int broken(' >>prog.c
commit_time 1.1 "Breaks it"
sed -i '/broken/d' prog.c
commit_time 1 "Mends it"
commit_time 1 "Goes on"
exits 0 "a culprit that does not build" bisect --good c17 --bad broken --format json
is "is named with the next that does" "$(value "[c['subject'] for x in d['culprits'] for c in x['commits']]")" "['Breaks it', 'Mends it']"
is "and with its reason" "$(value "[c['subject'] for c in d['left_out'] if 'does not build: prog.c' in c['reason']]")" "['Breaks it']"
exits 3 "an end that does not build" bisect --good c17 --bad broken~2
has err "the bad end" "is told"
has err "does not build: prog.c" "with the reason"

# Two culprits in one range.
for i in 1 2 3 4; do
    commit_time 1 "Padding $i"
done
commit_time 0.93 "Is quick again"
for i in 5 6 7; do
    commit_time 1 "Padding $i"
done
exits 0 "two culprits, one of them faster" bisect --good c17 --bad broken --format json
is "are both found" "$(value "[(x['commits'][0]['subject'], x['ratio'] > 1) for x in d['culprits']]")" "[('Breaks it', True), ('Is quick again', False)]"
git checkout -q main

"$COUNTERMARK" list collectors >collectors.txt 2>&1
if grep -Eq '^callgrind .* yes' collectors.txt; then
    exits 0 "half a per cent of the instructions" bisect --metric callgrind.instructions --good c16 --bad c20 --format json
    is "have their commit" "$(value "[c['subject'] for x in d['culprits'] for c in x['commits']]")" "['$(subject c18)']"
    is "in one launch a commit" "$(value "d['cost']['launches'] <= 8")" True
    is "and their share" "$(value "[0.003 < x['ratio'] - 1 < 0.007 for x in d['culprits']]")" "[True]"
else
    echo "# note: instructions are not counted: $(grep '^callgrind' collectors.txt | grep -o 'no: .*')"
fi

exits 2 "a revision that is not there" bisect --good nonsense
has err "git knows no 'nonsense'" "is named"
exits 2 "one commit" bisect --good c40 --bad main
has err "are one commit" "is no range"
git checkout -q --orphan alone
git commit -q -m "Alone"
exits 2 "no common history" bisect --good c40 --bad alone
has err "neither of c40 and alone descends from the other" "is told"
git checkout -q -f main
exits 2 "no point" "$COUNTERMARK" bisect --point 'prog*' --good c1
has err "is no point" "is told"
exits 0 "a point is measured" "$COUNTERMARK" run -k triad -v serial -s size=4K --launches 1 --collect wall --db slip.db
exits 3 "another one that there is not" "$COUNTERMARK" bisect --point triad/serail:size=4096 --good c39 --db slip.db
has err "no run in " "has no run"
has err "measured triad/serail:size=4096 (did you mean triad/serial?); those that were stand in \`countermark show last\`" \
    "and is told which have"
lacks err "choose another" "for no other commit has it either"
rm -r slip.db*
exits 2 "no metric" bisect --metric wall.tme --good c1
has err "did you mean wall.time?" "is told"
exits 2 "neither end" bisect
has err "--good REV" "is told"
mkdir ../elsewhere
cd ../elsewhere || exit 1
exits 2 "no repository" "$COUNTERMARK" bisect --point mandelbrot/serial:maxiter=20,size=64 --good c1
has err "is in no git repository" "is told"
cd ../repo || exit 1
rm .countermark.yaml
exits 2 "no word on how a program is run" bisect --good c3
has err "say in .countermark.yaml how it is run" "is told"
done_testing
