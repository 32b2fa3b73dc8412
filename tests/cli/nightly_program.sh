#!/bin/bash
# A program of one's own as the night: behind --, or as a plan's commands, with names, axes, verified output and a history each.
. "$TOP/tests/tap.sh"

cat >prog <<'P'
#!/bin/sh
i=0
while [ "$i" -lt "$2" ]; do i=$((i + 1)); done
echo "$1 $i"
P
chmod +x prog
cat >.countermark.yaml <<'Y'
plans:
  nightly: |
    launches 2
    target 1ms
    collect wall
    verify sha256
    command enc n=10,20 ~5ms -- ./prog enc {n}
    command dec n=30 -- ./prog 'dec #1 {{n}}' {n} # two of one program
  mixed: |
    launches 1
    use null/empty
    command -- ./prog x 5
Y
night() { "$COUNTERMARK" nightly --progress off "$@"; }
points() { "$COUNTERMARK" list points "$@" | awk 'NR > 1 { print $1 }' | tr '\n' ' '; }

is "a plan's commands are its points" "$(points --plan nightly)" "command/dec:n=30 command/enc:n=10 command/enc:n=20 "
is "-s changes an axis of theirs" "$(points --plan nightly -s n=7)" "command/dec:n=7 command/enc:n=7 "
is "-v chooses among them" "$(points --plan nightly -v enc)" "command/enc:n=10 command/enc:n=20 "
is "variants and programs share a plan" "$(points --plan mixed)" "command/prog null/empty "
is "-k command leaves the programs" "$(points --plan mixed -k command)" "command/prog "
exits 0 "a first night" night
has out "3 points of run 1 stored as the first baseline" "all points are the first baseline"
is "what they put out is verified" "$(sqlite3 countermark.db "SELECT count(DISTINCT checksum), min(length(checksum)) FROM launch")" "3|64"
is "the plan keeps its name" "$(sqlite3 countermark.db "SELECT plan FROM run")" nightly
"$COUNTERMARK" run --plan nightly --progress off --launches 2 --verify sha256 >out 2>err
has err "--verify is for a command behind '--'" "--verify is no option of a plan"

exits 0 "a program behind --" night --db b.db --launches 2 --collect wall -s n=5,6 --name own -- ./prog x '{n}'
is "is measured in place of the plan's points" "$(sqlite3 b.db "SELECT text FROM point ORDER BY 1" | tr '\n' ' ')" \
    "command/own:n=5 command/own:n=6 "
is "run with these words does the same" "$(sqlite3 b.db "SELECT arguments FROM run")" \
    "countermark run --plan nightly -s n=5,6 --collect wall --launches 2 --name own -- ./prog x '{n}'"
refused() { # SENTENCE WHAT OPTION...
    local sentence=$1 what=$2

    shift 2
    exits 2 "$what" night --db b.db "$@"
    has err "$sentence" "$what is told"
}
refused "'{n}' names no axis; give it values, -s n=" "a placeholder without an axis" -- ./prog x '{n}'
refused "a command is missing behind '--'" "no command" --
refused "--name is for a command behind '--'" "a name for no command" --name x
refused "--name takes a name of letters" "a name that is none" --name 'a b' -- ./prog x 1
refused "no command of plan 'nightly' has an axis {m}" "an axis that no command has" -s m=1
mistake() { # SENTENCE LINE...
    local sentence=$1

    shift
    { printf 'plans:\n  nightly: |\n' && printf '    %s\n' "$@"; } >.countermark.yaml
    refused "$sentence" "a plan with '$*'"
}
mistake "line 2: a second command is called 'prog': give it another name" 'command -- ./prog a 1' 'command -- ./prog b 1'
mistake "line 1: '{n}' names no axis; give it values, n=" 'command -- ./prog a {n}'
mistake "line 1: axis 'n' is not used by the command" 'command n=1 -- ./prog a 1'
mistake "line 1: a quote is not closed" "command -- ./prog 'a 1"
mistake "blanks inside a word are kept by single quotes" 'command -- ./prog "a b" 1'
mistake "write it like command NAME n=1000 -- ./prog" 'command ./prog'
mistake "a command is called by one name" 'command a b -- ./prog'
printf 'plans:\n  nightly: |\n    command -- ./no-such-program\n' >.countermark.yaml
exits 3 "a program that nobody built" night --db c.db
has err "the command './no-such-program' cannot be run" "is named"
ok "and nothing is stored" test ! -e c.db
done_testing
