#!/bin/bash
# What people decide, from end to end on scripted counts: an accepted regression stops failing and returns when it gets worse, an ignored
# one is told but does not fail up to its day, and what has ended or covers nothing speaks up.
. "$TOP/tests/tap.sh"
. "$TOP/tests/nights.sh"

fast_plan 2 'mandelbrot/serial size=16,32 maxiter=20' 'mandelbrot/simd size=16 maxiter=20'
gate_counts
rules='{"metric": "wall.time", "value": 1000000}, {"metric": "papi.PAPI_TOT_INS", "value": 1000000}'
script() { # FILE SERIAL SIMD: instructions
    echo "{\"rules\": [{\"point\": \"mandelbrot/serial*\", \"metric\": \"papi.PAPI_TOT_INS\", \"value\": $2},
        {\"point\": \"mandelbrot/simd*\", \"metric\": \"papi.PAPI_TOT_INS\", \"value\": $3}, $rules]}" >"$1"
}
script base.json 1000000 1000000
script more.json 1030000 1000000
script worse.json 1060000 1000000
script both.json 1030000 1100000
script both_worse.json 1060000 1100000

json() { # EXPRESSION over d, the document in ./out
    python3 -c "import json; d = json.load(open('out')); print($1)"
}
field() { # SQL
    sqlite3 countermark.db "$1"
}

night base.json --no-anchor
exits 0 "a first night" "$COUNTERMARK" check
night more.json --no-anchor
exits 1 "3 % more are red" "$COUNTERMARK" check

# Accepted: green, until it gets worse.
exits 2 "a glob that matches nothing is refused" "$COUNTERMARK" ignore --points 'mandelbrod/*' --reason x
has err "no point in countermark.db matches 'mandelbrod/*'" "with the sentence"
exits 2 "an unknown metric too" "$COUNTERMARK" ignore --points '*' --metrics nothing --reason x
exits 2 "nothing to decide about" "$COUNTERMARK" note --reason x
exits 2 "ignoring needs a reason" "$COUNTERMARK" ignore F1
exits 2 "an unknown commit is refused" "$COUNTERMARK" note --commit 12345678 --reason x
exits 0 "the finding is accepted" "$COUNTERMARK" accept F1 --reason "checks bounds"
is "in one entry with all its points" "$(field "SELECT count(*) FROM ledger WHERE reason = 'checks bounds'")" 1
exits 0 "and green" "$COUNTERMARK" check
night more.json --no-anchor
exits 0 "also the next night" "$COUNTERMARK" check
exits 0 "against the first run, by name, it is excused" "$COUNTERMARK" check --baseline run:1
has out "1 regression excused by the ledger: mandelbrot/serial" "and told"
night worse.json --no-anchor
exits 1 "worse than accepted is red again" "$COUNTERMARK" check --format json
is "by what it got worse" "$(json "[(f['verdict'], f['summary'], f['excused']) for f in d['findings']]")" \
    "[('slower', 'instructions +2.9 % (2 points)', False)]"
exits 1 "against the first run, too" "$COUNTERMARK" check --baseline run:1

# Ignored: told, but not failing, up to a day.
night both.json --no-anchor
exits 1 "another variant" "$COUNTERMARK" check
exits 2 "a day that has passed is no end" "$COUNTERMARK" ignore F1 --reason "fixed last week" --until 2020-12-31
has err "--until 2020-12-31 has passed" "and is said"
exits 0 "is ignored" "$COUNTERMARK" ignore F1 --reason "fixed next week" --until 2999-12-31
has out "does not fail for it, until 2999-12-31" "for so long"
exits 0 "the gate does not fail" "$COUNTERMARK" check --format json --junit j.xml --markdown m.md
is "but tells it, with what was decided" \
    "$(json "[(f['id'], f['verdict'], f['excused'], f['ledger']) for f in d['findings']]")" \
    "[('F1', 'slower', True, 'ignored until 2999-12-31: fixed next week')]"
is "no test fails" "$(grep -c '<failure' j.xml)" 0
has m.md "fixed next week" "Markdown has the reason"
exits 0 "the text, too" "$COUNTERMARK" check
has out "ignored until 2999-12-31: fixed next week" "has it"
is "and the story" "$(tail -n 1 out)" \
    "1 regression excused by the ledger: mandelbrot/simd instructions +10.0 % (1 point) against run 1; 2 points same"
night both_worse.json --no-anchor
exits 1 "what is not ignored fails beside it" "$COUNTERMARK" check
has out "1 regression: mandelbrot/serial" "alone"
night both.json --no-anchor
exits 0 "the next night it is ignored again" "$COUNTERMARK" check

# What has ended or covers nothing.
field "UPDATE ledger SET until = '2020-01-01' WHERE kind = 'ignore'"
exits 1 "past its day it fails again" "$COUNTERMARK" check --format json
is "and the entry speaks up" "$(json "len(d['ledger'])")" 1
is "with its reason" "$(json "d['ledger'][0]" | grep -o '(fixed next week) ended on 2020-01-01: what it covered counts again')" \
    "(fixed next week) ended on 2020-01-01: what it covered counts again"
field "UPDATE ledger SET until = NULL, points = 'gone/*' WHERE kind = 'ignore'"
exits 1 "an entry for points that are gone" "$COUNTERMARK" check
has out "the ignore of gone/*, papi.PAPI_TOT_INS (fixed next week) matches no point that is measured here" "speaks up"
field "UPDATE ledger SET points = '*', commit_id = 'abcd1234' WHERE kind = 'ignore'"
exits 1 "one for a commit that nobody knows" "$COUNTERMARK" check
has out "is about commit abcd1234, which is not known here" "too"
exits 0 "it is taken back by number" "$COUNTERMARK" ledger remove "$(field "SELECT id FROM ledger WHERE kind = 'ignore'")"
exits 1 "then it is" "$COUNTERMARK" check
lacks out "abcd1234" "silent"
exits 2 "what is not there cannot be taken back" "$COUNTERMARK" ledger remove 999
exits 2 "nor what is no number" "$COUNTERMARK" ledger remove '1 OR 1'
exits 0 "one night can be ignored" "$COUNTERMARK" ignore last --reason "somebody compiled"
exits 0 "and does not fail" "$COUNTERMARK" check
night both.json --no-anchor
exits 1 "the next one does" "$COUNTERMARK" check
exits 0 "accepted up to a day" "$COUNTERMARK" accept F1 --reason "for the release" --until 2999-01-01
exits 0 "it holds" "$COUNTERMARK" check
field "UPDATE ledger SET until = '2021-01-01' WHERE reason = 'for the release'"
exits 1 "when it has ended the older baseline is back" "$COUNTERMARK" check
has out "(for the release) ended on 2021-01-01: the older baseline is back" "and it is said"

# Points by name, with one metric; and notes, which excuse nothing.
exits 0 "points by name" "$COUNTERMARK" ignore --points 'mandelbrot/simd:*' --metrics wall.time --reason "shared machine"
exits 1 "another metric is not ignored with it" "$COUNTERMARK" check
exits 0 "a note on points" "$COUNTERMARK" note --points 'mandelbrot/simd:*' --reason "see the wiki"
exits 1 "excuses nothing" "$COUNTERMARK" check
has out "noted: see the wiki" "but is repeated"
exits 0 "a newer decision" "$COUNTERMARK" ignore --points 'mandelbrot/*' --reason "all of it"
exits 0 "counts" "$COUNTERMARK" check

# A wrong result is nobody's decision.
echo "{\"rules\": [{\"point\": \"mandelbrot/simd*\", \"error\": \"wrong\"}, $rules]}" >wrong.json
night wrong.json --no-anchor
exits 5 "what is wrong fails, whatever is ignored" "$COUNTERMARK" check
exits 2 "and cannot be ignored" "$COUNTERMARK" ignore F1 --reason x
has err "never ignored, it is repaired" "with the sentence"
ok "the database is whole" "$COUNTERMARK" db check
done_testing
