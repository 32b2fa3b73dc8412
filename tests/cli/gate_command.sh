#!/bin/bash
# The gate on counts of a user's program whose file stayed the same: a little may come of its surroundings, much may not.
. "$TOP/tests/tap.sh"

printf '#!/bin/sh\nexit 0\n' >prog
chmod +x prog
night() { # INSTRUCTIONS [SCRIPT]
    local script=${2:-now.json}
    echo "{\"rules\": [{\"metric\": \"papi.PAPI_TOT_INS\", \"value\": $1}, {\"metric\": \"wall.time\", \"value\": 1000000}]}" >"$script"
    "$COUNTERMARK" run --collect "wall,fake:$script" --launches 2 --no-anchor --progress off -- ./prog >run.out 2>run.err ||
        tap_show run.err
}

night 1000000
exits 0 "a first night" "$COUNTERMARK" check
night 1003000
exits 0 "a little more of the same file is not red" "$COUNTERMARK" check --why
has out "+0.30 %, but the program file is that of run 1: so much may come of its environment and folder" "and says why"
night 1050000
exits 1 "much more is" "$COUNTERMARK" check
has out "instructions +5.0 %" "by so much"
echo "# another" >>prog
night 1003000 then.json # the older program is counted again, too: by its own script
echo '{"rules": [{"metric": "papi.PAPI_TOT_INS", "value": 1000000}, {"metric": "wall.time", "value": 1000000}]}' >now.json
exits 1 "and so is a little more of another file" "$COUNTERMARK" check
has out "instructions +0.30 %" "by so much"

# Other arguments are another computation: told in words, and nothing that could be compared is no good night.
command() { # ARGUMENT OPTION...
    local argument=$1

    shift
    "$COUNTERMARK" run --db two.db --collect fake:now.json --launches 2 --no-anchor --progress off "$@" -- ./prog "$argument" \
        >run.out 2>run.err || tap_show run.err
}
command enc
exits 0 "the first command is the first baseline" "$COUNTERMARK" check --db two.db
command dec
exits 3 "another command under the same name" "$COUNTERMARK" check --db two.db
has out "the command line is \`./prog dec\` and was \`./prog enc\` in run 1" "both are told"
command dec
exits 0 "it is compared from then on" "$COUNTERMARK" check --db two.db
command enc --name enc
exits 0 "a name of its own is a point of its own" "$COUNTERMARK" check --db two.db
done_testing
