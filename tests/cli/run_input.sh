#!/bin/bash
# run: every mistake on the command line or in the configuration is one sentence with the cure, exit 2 (or the documented code),
# and leaves no database behind.
. "$TOP/tests/tap.sh"

refused() { # WORD NAME ARG...: exit 2, the word in the sentence, no database
    local word=$1 name=$2
    shift 2
    exits 2 "$name: exit 2" "$COUNTERMARK" run --db refused.db "$@"
    has err "$word" "$name: says $word"
    is "$name: one sentence" "$(grep -c '^countermark: ' err)" 1
    ok "$name: no database" test ! -e refused.db
}

refused "did you mean nightly" "plan" --plan nihgtly
refused "did you mean mandelbrot" "kernel" -k mandelbrod
refused "did you mean serial" "variant" -k mandelbrot -v serail
refused "did you mean size" "axis" -s sise=300
refused "did you mean dynamic" "value" -s schedule=dynamik
refused "takes whole numbers" "number" -s size=large
refused "write it like size=" "sweep without values" -s size
refused "smaller end first" "range" -s size=9:1:1
refused "did you mean papi" "collector" --collect papy
refused "needs its script" "fake without a script" --collect fake
refused "did you mean --launches" "option" --lanches 3
refused "--launches takes" "launches" --launches -1
refused "--launches takes" "no launches" --launches 0
refused "--seed takes" "seed" --seed -1
refused "takes whole numbers" "a fraction" -k triad -s size=1000.5
refused "from 1 to N" "shard" --shard 4/3
refused "from 1 to N" "shard words" --shard a/b
refused "N up to 256" "more shards than are told apart" --shard 1/257
refused "text, json" "format" --format xml
refused "--quick is plan quick" "two plans" --quick --plan full
refused "a time such as" "budget" --budget long
refused "a share" "precision" --precision much
refused "--machine takes" "machine" --machine "a b"
refused "for a command behind" "verify" --verify sha256
refused "a command is missing" "no command" --
refused "is not used by the command" "axis of a command" -s n=1 -- true
refused "-s alone" "kernel of a command" -k triad -- true

exits 2 "an unknown event group: exit 2" "$COUNTERMARK" run -k null --launches 1 --collect papi:cash
has err "cache" "an unknown event group names the nearest"

exits 3 "a command that is not there: exit 3" "$COUNTERMARK" run --db c.db -- no-such-command
has err "'no-such-command' is not found on PATH" "a command that is not there is named"
exits 3 "a path that is not there: exit 3" "$COUNTERMARK" run --db c.db -- ./no-such-command
has err "cannot be run: No such file" "a path that is not there says why"

printf 'gate:\n  min-efect: 1%%\n' >.countermark.yaml
exits 2 "a mistake in the configuration: exit 2" "$COUNTERMARK" run -k null
has err ".countermark.yaml:2:3: unknown key 'min-efect' (did you mean min-effect?)" "it is told with line and column"
printf 'plans:\n  mine: |\n    launches 2\n    use mandelbrot/serail\n' >.countermark.yaml
exits 2 "a mistake in an own plan: exit 2" "$COUNTERMARK" run --plan mine
has err "plan 'mine', line 2: no variant matches 'mandelbrot/serail'" "it is told with its line"
printf 'plans:\n  mine: |\n    program ./prog\n' >.countermark.yaml
exits 2 "a plan with a word of its own: exit 2" "$COUNTERMARK" run --plan mine
has err "'program' is no statement; there are summary, launches," "it is told what there is"
printf 'plans:\n  mine: |\n    use mandelbrot/serial\n' >.countermark.yaml
exits 2 "an empty plan: exit 2" "$COUNTERMARK" run --plan mine -k triad
has err "plan 'mine' has no point of kernel triad" "an empty plan says why"
rm .countermark.yaml

mkdir folder.db
exits 2 "a folder as database: exit 2" "$COUNTERMARK" run -k null --launches 1 --db folder.db
has err folder.db "the database is named"
head -c 8192 /dev/urandom >foreign.db
exits 2 "no database at all: exit 2" "$COUNTERMARK" run -k null --launches 1 --db foreign.db
has err foreign.db "the file is named"
exits 2 "a folder that is not there: exit 2" "$COUNTERMARK" run -k null --launches 1 --db no/such/x.db
has err no/such/x.db "the path is named"

exits 2 "resume without a database: exit 2" "$COUNTERMARK" run --resume --db none.db
has err none.db "resume names the database"
done_testing
