#!/bin/bash
# report: history pages about scripted runs of a small repository: a step of 5 % is a finding with a page of its own, its series stands
# first, every link leads somewhere, every picture is there in light and dark, wide and narrow.
. "$TOP/tests/tap.sh"

command -v git >/dev/null || skip "git is missing"
command -v sqlite3 >/dev/null || skip "sqlite3 is missing"

cat >.countermark.yaml <<'Y'
plans:
  night: |
    launches 2
    target 1ms
    collect wall
    use null/empty
    use triad/serial size=16K,64K
Y
export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b
git init -q -b main . && printf '*\n!.gitignore\n' >.gitignore && git add .gitignore

night() { # NUMBER TIME-OF-TRIAD
    GIT_AUTHOR_DATE="2026-03-01T00:00:$(printf %02d "$1")Z"
    GIT_COMMITTER_DATE=$GIT_AUTHOR_DATE
    export GIT_AUTHOR_DATE GIT_COMMITTER_DATE
    git commit -q --allow-empty -m "Commit <$1> & more"
    cat >night.json <<J
{"facts": {"governor": "$([ "$1" -gt 9 ] && echo powersave || echo performance)"}, "rules": [
 {"point": "triad/*", "metric": "wall.time", "value": $(($2 + ($1 * 7 % 5) * 200))},
 {"metric": "wall.time", "value": $((50000 + ($1 * 3 % 5) * 20))}]}
J
    "$COUNTERMARK" run --plan night --collect fake:night.json --machine box --db h.db --progress off >run.out 2>&1 ||
        tap_show run.out
}
for i in $(seq 1 8); do night "$i" 100000; done
for i in $(seq 9 16); do night "$i" 105000; done
commit=$(git rev-parse --short=7 HEAD~7)

for decision in accept note note; do
    ok "two kinds of decisions about one commit" "$COUNTERMARK" $decision --points 'triad/*' --commit HEAD~13 --reason "so it is" --db h.db
done
exits 0 "the report" "$COUNTERMARK" report --db h.db -o site
has site/history.html "1 open regression" "the step is an open regression"
has site/index.html "finding-$commit-triad-serial-step.html" "the overview leads to it"
has site/history.html "Commit &lt;9&gt; &amp; more" "with its commit, as text"
finding=site/finding-$commit-triad-serial-step.html
has "$finding" "wall.time" "its page has the metric"
has "$finding" "the first one with it" "and the commits"
has "$finding" "countermark run -k triad -v serial" "and what to type next"
has site/history-triad.html "governor performance -&gt; powersave" "another environment is told"
first=$(sed -n '/sorted by what matters/,$p' site/history.html | grep -o '<code>[^<]*' | head -n 1)
is "series that are worse stand first" "${first%%:*}" "<code>triad/serial"
is "links lead somewhere" "$(cd site && grep -oh 'href="[^"#]*' -- *.html | sort -u | sed 's/href="//' | while read -r file; do
    [ -e "$file" ] || [ "$file" = data: ] || [ "$file" = data:, ] || echo "$file"
done)" ""
is "pages are well-formed" "$(python3 -c 'import sys, xml.dom.minidom
for f in sys.argv[1:]: xml.dom.minidom.parse(f)' site/*.html 2>&1)" ""
lacks site/history.html "<script" "without a script"

exits 0 "a report of one run" "$COUNTERMARK" report --db h.db --run 3 -o one
not_ok "has no history" test -e one/history.html

if command -v gnuplot >/dev/null; then
    for form in '' -dark -narrow -narrow-dark; do
        ok "the picture is there$form" test -s "site/series-1$form.svg"
        has "site/series-1$form.svg" "+5.0 %" "with the change$form"
        has "site/series-1$form.svg" "surroundings changed" "and the environment$form"
    done
    is "pictures are well-formed" "$(python3 -c 'import sys, xml.dom.minidom
for f in sys.argv[1:]: xml.dom.minidom.parse(f)' site/series-*.svg 2>&1)" ""
    has "$finding" 'src="series-1.svg"' "the finding shows it"
    place() { grep -B1 "<text>$1</text>" "$(grep -l 'A accepted' site/series-*.svg | head -n 1)" | grep -o 'translate([0-9.,]*)'; }
    is "a letter per decision, each once" "$(place A | wc -l) $(place N | wc -l)" "1 1"
    ok "none on another" test "$(place A)" != "$(place N)"
fi

sqlite3 h.db "DELETE FROM summary WHERE run > 1; UPDATE run SET status = 'incomplete' WHERE id > 1"
exits 0 "a report with one complete run" "$COUNTERMARK" report --db h.db -o site
not_ok "has no history either" test -e site/history.html
not_ok "and no finding of the older report" test -e "$finding"
done_testing
