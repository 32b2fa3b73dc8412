#!/bin/bash
# detect: change points of numbers from files and standard input, one value a line or CSV; what is no number, and odd lengths.
. "$TOP/tests/tap.sh"

ask() { # EXPRESSION on the document d in ./out
    python3 -c "import json; d = json.load(open('out')); s = d['series']; print($1)"
}
noise() { # N SEED: values around 100, from a small generator of awk
    awk -v n="$1" -v seed="$2" 'BEGIN { srand(seed); for (i = 0; i < n; i++) { s = 0; for (k = 0; k < 12; k++) s += rand();
        printf "%.6f\n", 94 + s } }'
}

{ noise 60 1; noise 40 2 | awk '{ print $1 + 6 }'; } >step.txt
noise 100 3 >calm.txt
exits 0 "two files" "$COUNTERMARK" detect --format json step.txt calm.txt
is "each is a series, in order" "$(ask '[x["file"] for x in s], [x["n"] for x in s]')" \
    "['step.txt', 'calm.txt'] [100, 100]"
is "the step is where it was put" "$(ask '[c["index"] for c in s[0]["change_points"]]')" "[60]"
is "and has its levels, ratio and confidence" "$(ask '[(round(c["before"]), round(c["after"]), c["low"] < 1.06 < c["high"],
    1.04 < c["ratio"] < 1.08, c["confidence"] > 0.99, c["kind"], c["end"]) for c in s[0]["change_points"]]')" \
    "[(100, 106, True, True, True, 'step', 100)]"
is "what did not change has empty lists" "$(ask '[s[1][k] for k in ("change_points", "pending", "creeps", "spread_changes",
    "modes")]')" "[[], [], [], [], []]"
exits 0 "text for people" "$COUNTERMARK" detect step.txt calm.txt
ok "says where, from what to what, and how far" grep -Eq '^  60: from (99|100)\.[0-9]+ to 10[56]\.[0-9]+  \+[56]' out
has out "calm.txt: 100 values, no change" "says what did not change"
"$COUNTERMARK" detect --format json <step.txt >piped 2>err
"$COUNTERMARK" detect --format json - <step.txt >dashed 2>>err
ok "standard input, with and without a dash" cmp piped dashed
has piped '"index": 60' "is read as a file is"
"$COUNTERMARK" detect --format json - - <step.txt >out 2>err
is "it can be read once" "$?" 2

{ head -n 60 step.txt; echo; echo '# a remark'; echo nan; tail -n 40 step.txt; echo 130; } | tr '\n' '@' |
    sed 's/@/\r\n/g' >dirty.txt
exits 0 "remarks, empty lines, missing values and foreign line ends" "$COUNTERMARK" detect --format json dirty.txt
is "missing values are counted, remarks are not" \
    "$(ask 's[0]["n"], s[0]["missing"], [c["index"] for c in s[0]["change_points"]]')" "102 1 [61]"
is "a bad night at the end is pending" "$(ask '[c["index"] for c in s[0]["pending"]]')" "[101]"

{ echo 'commit,"the ""time""",note'; awk '{ printf "c%d, %s ,\"a, b\"\n", NR, $1 }' step.txt; echo 'c101,,x'; } >a.csv
exits 0 "a column of CSV" "$COUNTERMARK" detect --format json --column 'the "time"' a.csv
is "quotes, blanks and empty fields are understood" \
    "$(ask 's[0]["n"], s[0]["missing"], [c["index"] for c in s[0]["change_points"]]')" "101 1 [60]"
tr ',' '\t' <a.csv >a.tsv
exits 2 "a column that is not there" "$COUNTERMARK" detect --column seconds a.csv
has err "a.csv has no column 'seconds'; it has: commit, the \"time\", note" "names those that are"
exits 2 "CSV without a column's name" "$COUNTERMARK" detect a.csv
has err "a.csv:1: 'commit" "names file and line"
has err "name a column of CSV with --column" "and the cure"
printf '1\n2\nthree\n' >garbage.txt
exits 2 "what is no number" "$COUNTERMARK" detect calm.txt garbage.txt
has err "garbage.txt:3: 'three' is no number" "is named with file and line"
printf '1\n1e999\n' >huge.txt
exits 2 "what is too large" "$COUNTERMARK" detect huge.txt
has err "huge.txt:2:" "likewise"
printf 'a,b\n1,2\n3\n' >short.csv
exits 2 "a line without the column" "$COUNTERMARK" detect -c b short.csv
has err "short.csv:3: the line ends before column 'b'" "likewise"
printf '1\n\0002\n' >zero.bin
exits 2 "a file that is no text" "$COUNTERMARK" detect zero.bin
exits 2 "a file that is not there" "$COUNTERMARK" detect nowhere.txt
has err "nowhere.txt" "is named"
exits 2 "a negative effect" "$COUNTERMARK" detect --min-effect -1% calm.txt

: >empty.txt
exits 3 "nothing at all" "$COUNTERMARK" detect --format json empty.txt
is "is said in the document, too" "$(ask 's[0]["n"], s[0]["change_points"]')" "0 []"
exits 3 "nothing at all, for people" "$COUNTERMARK" detect empty.txt
is "is one sentence" "$(cat out)" ""
has err "empty.txt: there are no values; detect reads one number a line" "which names the file and the cure"
printf 'nan\nNA\n' >missing.txt
exits 3 "nothing but missing values" "$COUNTERMARK" detect missing.txt
has err "missing.txt: all values are missing (2)" "is said"
exits 3 "nothing in two files" "$COUNTERMARK" detect empty.txt empty.txt
has err "all files: there are no values" "is said once"
printf '1\n2\n3\n' >three.txt
exits 0 "three values" "$COUNTERMARK" detect three.txt empty.txt
has out "three.txt: 3 values, too few to tell: a step takes 10" "are too few"
has out "empty.txt: 0 values, too few to tell" "so are none"
exits 0 "three counts" "$COUNTERMARK" detect --counts three.txt
has out "a step takes 6" "need fewer"
exits 0 "nothing in one of two" "$COUNTERMARK" detect --format json empty.txt calm.txt
echo 5 >one.txt
yes 5 | head -n 1000 >equal.txt
exits 0 "one value, all equal" "$COUNTERMARK" detect --format json one.txt equal.txt
is "have no change" "$(ask 'sum(len(x[k]) for x in s for k in ("change_points", "pending", "creeps", "spread_changes", "modes"))')" 0
{ yes 1000000 | head -n 20; yes 1001000 | head -n 3; } >counts.txt
exits 0 "counts" "$COUNTERMARK" detect --counts --format json counts.txt
is "a thousandth is found in the third value" "$(ask '[c["index"] for c in s[0]["change_points"]]')" "[20]"
exits 0 "the same as times" "$COUNTERMARK" detect --format json counts.txt
is "is too small" "$(ask 's[0]["change_points"]')" "[]"
awk 'BEGIN { srand(4); for (i = 0; i < 1000000; i++) printf "%.5f\n", (i < 400000 ? 100 : 103) + rand() }' >million.txt
exits 0 "a million values" timeout 300 "$COUNTERMARK" detect --format json million.txt
is "are read and judged" "$(ask '[abs(c["index"] - 400000) < 5 for c in s[0]["change_points"]]')" "[True]"
done_testing
