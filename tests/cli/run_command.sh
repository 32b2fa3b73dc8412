#!/bin/bash
# run -- COMMAND: any program is a point like every other: axes fill its arguments, its output can be verified, failures have reasons.
. "$TOP/tests/tap.sh"

cat >prog.sh <<'E'
#!/bin/sh
# Counts to its first argument; the mode decides how it behaves.
i=0
while [ "$i" -lt "$1" ]; do i=$((i + 1)); done
case $2 in
steady) echo "$i" ;;
random) echo "$$" ;;
files) echo "$i" >out.1 ;;
fail) echo "no disk left" >&2; exit 9 ;;
crash) kill -SEGV $$ ;;
esac
E
chmod +x prog.sh
run() { "$COUNTERMARK" run --launches 3 --collect wall --db c.db "$@"; }
sql() { sqlite3 c.db "$@"; }

exits 0 "a sweep" run -s n=10,1000 --verify sha256 -- ./prog.sh '{n}' steady
is "one point per value" "$(sql "SELECT text FROM point ORDER BY 1" | tr '\n' ' ')" "command/prog.sh:n=10 command/prog.sh:n=1000 "
is "all measured" "$(sql "SELECT status, count(*) FROM launch GROUP BY status")" "done|6"
is "with a checksum each" "$(sql "SELECT count(DISTINCT checksum), min(length(checksum)) FROM launch")" "2|64"
ok "time is stored" test "$(sql "SELECT count(*) > 0 AND min(value) > 0 FROM v_samples WHERE metric = 'wall.time'")" = 1
ok "and what the system spent" test "$(sql "SELECT count(*) > 0 FROM v_samples WHERE metric = 'os.max_rss'")" = 1
is "the command line is kept" "$(sql "SELECT arguments FROM run")" \
    "countermark run --launches 3 --collect wall --db c.db -s n=10,1000 --verify sha256 -- ./prog.sh '{n}' steady"
exits 5 "an output that changes is wrong: exit 5" run -s n=10 --verify sha256 -- ./prog.sh '{n}' random
ok "and says so" test "$(sql "SELECT count(*) >= 1 FROM launch WHERE status = 'wrong' AND reason LIKE '%differs%'")" = 1
exits 0 "files can be verified too" run --verify 'out.*' -- ./prog.sh 10 files
ok "with their checksum" test "$(sql "SELECT count(*) FROM launch WHERE run = 3 AND length(checksum) = 64")" = 3
exits 4 "a command that fails: exit 4" run -- ./prog.sh 1 fail
is "its exit code is stored" "$(sql "SELECT max(exit_code) FROM launch WHERE run = 4")" 9
ok "its last words are in the reason" test "$(sql "SELECT count(*) >= 1 FROM launch WHERE run = 4 AND reason LIKE '%no disk left%'")" = 1
exits 4 "a command that crashes: exit 4" run -- ./prog.sh 1 crash
ok "the signal is stored" test "$(sql "SELECT max(signal) FROM launch WHERE run = 5")" = 11
exits 0 "true" run -- /bin/true
has out "command/true" "its point"
has out "elements: command: execution" "what its time is divided by"
exits 2 "a placeholder without an axis" run -- /bin/echo '{n}'
has err "'{n}' names no axis; give it values, -s n=1000,2000, or write {{n}}" "is refused"
exits 0 "braces that are meant" run --launches 1 --verify sha256 -- /bin/echo '{{n}}' "\${n}" '{"a":1}' '{}'
is "reach the program" "$(sql "SELECT checksum FROM launch ORDER BY id DESC LIMIT 1")" \
    "$(echo '{n} ${n} {"a":1} {}' | sha256sum | cut -d' ' -f1)"
exits 0 "-h" "$COUNTERMARK" run -h
has out "usage: countermark run" "is --help"
exits 0 "a sweep over powers" run -s n=8,16,128 -- ./prog.sh '{n}' steady
is "is listed by size" "$(grep -o ':n=[0-9]*' out | tr '\n' ' ')" ":n=8 :n=16 :n=128 "
is "other arguments are another identity" \
    "$(run -s n=10 -- ./prog.sh '{n}' files >/dev/null 2>&1; sql "SELECT count(DISTINCT variant_version) FROM point WHERE text = 'command/prog.sh:n=10'")" 3

mkdir no_repository
cd no_repository || exit 1
exits 0 "outside a repository" env GIT_CEILING_DIRECTORIES="$PWD/.." "$COUNTERMARK" run --launches 1 --collect wall -- true
is "a program of yours has no commit, least of all countermark's" \
    "$(sqlite3 countermark.db "SELECT commit_id || branch || subject, commit_time, dirty FROM build")" "|0|0"
is "nor a place in its history" "$(sqlite3 countermark.db "SELECT count(*) FROM commits")" 0
cd ..

# The files of a command line tell whether two runs ran the same thing.
code() { sql "SELECT count(DISTINCT code_hash), min(length(code_hash)) FROM point WHERE text = 'command/sh:n=$1'"; }
echo ': # nothing' >script
run -s n=5 -- sh script '{n}' >/dev/null 2>&1
run -s n=5 -- sh script '{n}' >/dev/null 2>&1
is "the same files are the same code" "$(code 5)" "1|16"
echo ': # something' >script
run -s n=5 -- sh script '{n}' >/dev/null 2>&1
is "another script is other code" "$(code 5)" "2|16"

ok "the database is sound" "$COUNTERMARK" db check --db c.db

# A command is started only because somebody typed it.
sql "UPDATE run SET status = 'incomplete' WHERE id = 1"
exits 2 "resume alone starts no command: exit 2" "$COUNTERMARK" run --resume --db c.db
has err "repeat the command" "it asks for the command"
done_testing
