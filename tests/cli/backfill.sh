#!/bin/bash
# backfill: every commit is built and measured in a worktree of its own, and stored as a clean run of that commit; what does not build
# is an outcome; the same command goes on where it was stopped.
. "$TOP/tests/tap.sh"

command -v git >/dev/null || skip "git is not installed"
mkdir repo
cd repo || exit 1
git init -q .
git checkout -q -b main
git config user.name Somebody
git config user.email somebody@example.org
git config commit.gpgsign false

# Eight commits of a program that its "compiler" copies; the fourth does not build, the fifth builds nothing that can be run.
cat >prog.in <<'E'
#!/bin/sh
exit 0
E
cat >build.sh <<'E'
if [ -e broken ]; then
    echo "prog.in:7: error: something is missing" >&2
    echo "make: *** [Makefile:2: prog] Error 1" >&2
    exit 2
fi
[ -z "$SLOW" ] || sleep "$SLOW"
[ -e gone ] || { cp prog.in prog && chmod +x prog; }
echo "a build may write into what git tracks" >>NEWS
echo "int made;" >made.c
E
echo '*.db*' >.gitignore
for n in 1 2 3 4 5 6 7 8; do
    rm -f broken gone
    [ $n != 4 ] || : >broken
    [ $n != 5 ] || : >gone
    echo "$n" >>NEWS
    git add -A
    GIT_COMMITTER_DATE="$((1767225600 + n * 86400)) +0000" git commit -q -m "change $n"
    git tag "c$n"
done
cat >.countermark.yaml <<'E'
machine: box
build:
  command: sh build.sh
  run: --launches 1 --collect wall -- ./prog
E
printf '#!/bin/sh\necho "a hook of the user ran" >>%s\n' "$PWD/hook.out" >.git/hooks/post-checkout
chmod +x .git/hooks/post-checkout
sql() { sqlite3 countermark.db "$@"; }
backfill() { "$COUNTERMARK" backfill "$@"; }
measured() { sql "SELECT group_concat(subject, ', ') FROM (SELECT subject FROM build b JOIN run r ON r.build = b.id ORDER BY r.id)"; }

printf 'out\nerr\n*.out\n*.err\n' >>.git/info/exclude
before=$(git rev-parse HEAD)
exits 0 "where there is no time for a second commit" env SLOW=0.3 "$COUNTERMARK" backfill c1..main --budget 550ms
has out "6 left: the same command goes on" "and it says what is left"
is "the newest tells most" "$(measured)" "change 8"
exits 0 "the same command goes on" backfill c1..main
has out "7 commits, 1 done before; 4 measured" "with what is not done"
has err "6 to do, those that tell most first; about " "it knows from before how long that takes"
has out "; 1 does not build; 1 builds, but could not be measured; countermark history" "and tells what came of the rest"
is "the ends come first, then halves" "$(measured)" "change 8, change 2, change 7, change 6, change 3"
is "each run is a clean one of its commit, on the branch that was asked for" \
    "$(sql "SELECT DISTINCT dirty, branch, length(commit_id) FROM build")" "0|main|40"
is "and stands where it belongs" "$(sql "SELECT count(*) FROM commits c JOIN commits p ON c.parents = p.commit_id")" 6
is "what does not build is stored with the line that tells why" \
    "$(sql "SELECT status, reason, machine FROM commit_outcome WHERE commit_id = '$(git rev-parse c4)'")" \
    "unbuildable|prog.in:7: error: something is missing|box"
is "what cannot be measured as well" \
    "$(sql "SELECT status, reason LIKE '%./prog%' FROM commit_outcome WHERE commit_id = '$(git rev-parse c5)'")" "unrunnable|1"
is "the user's own tree is left alone" "$(git rev-parse HEAD) $(git status --porcelain)" "$before ?? .countermark.yaml"
is "no hook of theirs was run" "$(ls hook.out 2>/dev/null)" ""
exits 0 "there is nothing more to do" backfill c1..main
has out "7 commits, 7 done before; 0 measured" "and it says so"

# The newest commit was measured first; that is what people mean by today, not what was measured last.
run_of() { sql "SELECT max(r.id) FROM run r JOIN build b ON b.id = r.build WHERE b.subject = 'change $1'"; }
exits 0 "what stood years ago is accepted" "$COUNTERMARK" accept "run:$(run_of 2)" --reason "the start of it all"
"$COUNTERMARK" check >out 2>err
has out "run $(run_of 8) (commit $(git rev-parse --short=7 c8)" "check judges the newest commit"
has err "a backfill measured last, run $(run_of 3); run $(run_of 8), of the newest commit, is checked" "and says so"
has out "against run $(run_of 2) (commit $(git rev-parse --short=7 c2))" "against what was accepted, though that was measured later"
exits 0 "the report" "$COUNTERMARK" report -o site.out
has site.out/index.html "Points of run $(run_of 8):" "looks at the newest commit, too"
cp countermark.db hand.db
exits 0 "then somebody measures something" "$COUNTERMARK" run --db hand.db --launches 1 --collect wall -- sh prog.in
"$COUNTERMARK" check --db hand.db >out 2>err
has out "run $(sqlite3 hand.db "SELECT max(id) FROM run") " "that is judged"

exits 0 "--every takes some" backfill c2..main --every 3 --again
has err "[2 of 2]" "only"
is "from the newest on, again" "$(measured)" \
    "change 8, change 2, change 7, change 6, change 3, change 8"
has out "1 builds, but could not be measured" "what cannot be measured is tried again, too"
exits 0 "other words are another measurement" backfill main~1.. --launches 2 --collect wall -- ./prog
has out "0 done before; 1 measured" "and made"
exits 0 "the first one does not build" backfill c2..c4 --again --launches 3 --collect wall -- ./prog
has err "; how long the rest takes is known when one is measured" "which says nothing of the others"

# Another build command is another build: what did not build is tried again.
sed -i 's/sh build.sh/rm -f broken; sh build.sh/' .countermark.yaml
exits 0 "another command is tried" backfill c3..c4
has out "1 measured" "and builds"
is "which is the outcome now" "$(sql "SELECT status FROM commit_outcome WHERE commit_id = '$(git rev-parse c4)'")" measured

# Two in a row that say nothing of their commit: it is not the commits.
rm -r countermark.db.builds
mkdir -p countermark.db.builds/commits
touch "countermark.db.builds/commits/$(git rev-parse c6)" "countermark.db.builds/commits/$(git rev-parse c8)"
exits 6 "no room for two commits" backfill c5..main --again
has err "2 commits in a row could not be measured" "ends it"
lacks err "[3 of 3]" "before all are tried"

# Everything kept may be thrown away at any time.
rm -r countermark.db.builds
exits 0 "worktrees that are gone are made anew" backfill c7..c8 --again
has out "1 measured" "and measured in"
rm -r countermark.db.builds
git worktree prune
exits 0 "as from within a hook" env GIT_DIR=.git GIT_INDEX_FILE=.git/index MAKEFLAGS=-n "$COUNTERMARK" backfill c7..c8 --again

exits 0 "or with a repository that was named" env GIT_DIR="$PWD/.git" "$COUNTERMARK" backfill c6..c8 --again
has out "2 measured" "each commit is itself"
git -C "countermark.db.builds/commits/$(git rev-parse c8)/tree" update-ref --no-deref HEAD c2
exits 0 "a worktree in which somebody checked out something else" backfill c7..c8 --again
is "is made anew" "$(sql "SELECT subject FROM build b JOIN run r ON r.build = b.id ORDER BY r.id DESC LIMIT 1")" "change 8"

# A program that each commit builds measures into a scratch database: here one that refuses what another one began.
cat >wrapper <<E
#!/bin/bash
for ((i = 1; i < \$#; i++)); do
    if [ "\${!i}" = --db ]; then i=\$((i + 1)); db=\${!i}; fi
done
[ ! -e "\$db" ] || { echo "countermark: \$db was made by a newer version"; exit 2; }
[ "\$(tail -n 1 NEWS)" != 6 ] || { echo "countermark: there is no plan small"; exit 2; }
exec "$COUNTERMARK" "\$@"
E
chmod +x wrapper
cat >.countermark.yaml <<E
build:
  command: mkdir -p out && cp $PWD/wrapper out/cm
  program: out/cm
  run: --machine=box --plan small
plans:
  small: |
    launches 1
    target 1ms
    collect wall
    use triad/serial size=4K
E
exits 0 "built programs measure" backfill c5..main
has out "2 measured" "each its commit"
has out "1 builds, but could not be measured" "but for one that does not know these words"
is "their runs are here" "$(sql "SELECT count(DISTINCT b.commit_id) FROM run r JOIN build b ON b.id = r.build WHERE r.plan = 'small' AND b.dirty = 0")" 2
is "their programs are kept beside the database" \
    "$(for hash in $(sql "SELECT DISTINCT binary_hash FROM build b JOIN run r ON r.build = b.id WHERE r.plan = 'small'"); do
        [ -x "countermark.db.builds/$hash/countermark" ] && echo kept; done)" kept
is "nothing is left of the scratch database" "$(ls countermark.db.builds/commits/backfill.db* 2>/dev/null)" ""
exits 0 "what they measured is known" backfill c5..main
has out "3 commits, 3 done before" "and not done again"
sed -i 's#program: .*#program: out/other#' .countermark.yaml
exits 3 "a program that the build does not make: no commit can be measured" backfill c6..main --again
has err "does not build: the build made no program out/other" "and each says why"
ok "the database is sound" "$COUNTERMARK" db check

# Stopped while a build hangs: nothing half is left, and the next call goes on.
cat >.countermark.yaml <<'E'
machine: box
build:
  command: if [ ! -e ../../../go ]; then touch ../../../hangs; sleep 600; fi; sh build.sh
  run: --launches 1 --collect wall -- ./prog
E
rm -r countermark.db.builds
"$COUNTERMARK" backfill c6..main --again >first.out 2>first.err &
pid=$!
for _ in $(seq 600); do
    [ ! -e countermark.db.builds/hangs ] || break
    sleep 0.05
done
exits 2 "two at a time" backfill c6..main --again
has err "another backfill fills countermark.db" "would disturb each other"
kill -TERM $pid
wait $pid
is "stopped while it builds: exit 130" $? 130
has first.err "countermark: interrupted" "and says so"
is "no half-built worktree is left" "$(ls countermark.db.builds/commits/*/outcome.json countermark.db.builds/commits/*/tree 2>/dev/null)" ""
touch countermark.db.builds/go
exits 0 "the next call goes on" backfill c6..main --again
has out "2 measured" "to the end"
sed -i 's/command: .*/command: sleep 600/; s/^build:/&\n  timeout: 300ms/' .countermark.yaml
exits 3 "a build that takes too long" backfill c7..main --again
has err "does not build: the build did not end within" "is none"

# What backfill tells a run about its commit is not seen by what is measured: counts of a small program would differ.
sed -i 's/command: .*/command: sh build.sh/; /timeout/d' .countermark.yaml
printf '%s\n' '#!/bin/sh' "env | grep -E '^(COUNTERMARK_BRANCH|GITHUB_HEAD_REF|GIT_CONFIG_COUNT)=' >>$PWD/seen.out" \
    "echo began >>$PWD/seen.out" >prog.in
git add prog.in
git commit -q -m "looks at its environment"
exits 0 "a program that looks at its environment" backfill HEAD~..HEAD
is "sees nothing of that" "$(sort -u seen.out)" began
printf '#!/bin/sh\nexit 3\n' >prog.in
git commit -q -a -m "fails"
exits 3 "a program that always fails" backfill HEAD~..HEAD
has out "1 builds, but could not be measured" "measures nothing"

# One sentence each.
exits 2 "a revision that git does not know" backfill nothing..main
has err "git knows no 'nothing..main'" "is named"
exits 2 "one commit is no range" backfill main
has err "backfill takes a range" "and told so"
exits 2 "three dots are another range" backfill c1...main
exits 3 "an empty range" backfill main..c1
has err "there is no commit in main..c1" "is told, too"
exits 2 "an option in its place" backfill -- --output=x..main
exits 2 "a revision that looks like an option" backfill c1..--output=x -- ./prog
exits 2 "--every and --bisect-order" backfill c1..main --every 2 --bisect-order
exits 2 "--every 0" backfill c1..main --every 0
sed -i 's/command: .*/command: sh build.sh/; /timeout/d' .countermark.yaml
exits 2 "a plan that is not there ends it at once" backfill c7..main --plan nothing --again
lacks err "[2 of" "before it is tried everywhere"
echo 'machine: box' >.countermark.yaml
exits 2 "without a way to build" backfill c1..main
has err "nothing says how a commit is built" "it is told what is missing"
cd ..
mkdir elsewhere
cd elsewhere || exit 1
exits 2 "outside a repository" env GIT_CEILING_DIRECTORIES="$PWD/.." "$COUNTERMARK" backfill a..b -- true
has err "no git repository" "it says so"
done_testing
