#!/bin/bash
# A disturbed machine, scripted: neighbours, heat and a hypervisor's theft stand beside a time that moved, which is then never more
# than ambiguous by itself.
. "$TOP/tests/tap.sh"
. "$TOP/tests/nights.sh"

fast_plan 8 'mandelbrot/serial size=16,32 maxiter=20' 'mandelbrot/simd size=16 maxiter=20'
facts='"facts": {"cpu.count": "2"}'
rules='{"metric": "wall.time", "value": 1000000, "noise": 0.002}'
slow='{"point": "mandelbrot/simd*", "metric": "wall.time", "scale": 1.1}'
script() { # FILE RULE...
    local file=$1
    shift
    echo "{$facts, \"rules\": [$* $rules]}" >"$file"
}
script base.json
script neighbour.json '{"metric": "os.others", "value": 1.02},' "$slow,"
script neighbour_fast.json '{"metric": "os.others", "value": 1.02},' "${slow/1.1/0.9},"
script neighbour_blip.json '{"metric": "os.others", "value": 1.02},' "${slow/simd\*\"/simd*\", \"launch\": \"0-7\"},"
script heat.json '{"metric": "os.throttles", "value": 3},' "$slow,"
script theft.json '{"metric": "os.steal", "value": 500000},' "$slow,"
script theft_some.json '{"metric": "os.steal", "repetition": "0-1", "value": 500000},' \
    '{"point": "mandelbrot/simd*", "metric": "wall.time", "repetition": "0-1", "scale": 1.5},'
script theft_little.json '{"metric": "os.steal", "value": 15000},'

sql() { sqlite3 -separator ' ' countermark.db "$1"; }
stored() { # verdict on the time of simd in the newest run
    sql "SELECT verdict FROM verdict WHERE run = (SELECT max(id) FROM run) AND point LIKE 'mandelbrot/simd%'"
}
reason() { # WORDS: are they in it?
    sql "SELECT count(*) FROM verdict WHERE run = (SELECT max(id) FROM run) AND point LIKE 'mandelbrot/simd%'
        AND instr(reason, '$1') > 0"
}

night base.json
exits 0 "the first night is the baseline" "$COUNTERMARK" check
is "nobody disturbs a scripted launch but its script" "$(sql "SELECT metric, max(value) FROM v_samples
    WHERE metric IN ('os.others', 'os.steal', 'os.throttles') GROUP BY 1" | tr '\n' ';')" \
    "os.others 0.0;os.steal 0.0;os.throttles 0.0;"

beside="beside a neighbour that kept 1.0 of 2 CPUs busy, none in the baseline"
night neighbour.json
is "what the script says is stored once a launch" "$(sql "SELECT count(*), min(value), max(value), max(repetition)
    FROM v_samples WHERE run = 2 AND metric = 'os.others'")" "24 1.02 1.02 -1"
exits 0 "10 % more time beside a neighbour is no regression by itself" "$COUNTERMARK" check --confirm-budget 0
is "but ambiguous" "$(stored)" ambiguous
has out "$beside" "and the neighbour is named"
exits 4 "strict gates trust it no more" "$COUNTERMARK" check --confirm-budget 0 --strict
exits 0 "compare" "$COUNTERMARK" compare run:1 last --why
has out "$beside" "names it too"
exits 1 "measured again in turns it is what it is" "$COUNTERMARK" check
is "slower" "$(stored) $(reason neighbour)" "slower 0"

night neighbour_blip.json
exits 0 "what was the neighbour's doing" "$COUNTERMARK" check
is "does not show again" "$(stored)" same
is "and is put down to him" "$(reason "did not show when measured again") $(reason "$beside")" "1 1"

night neighbour_fast.json
exits 0 "less time beside a neighbour" "$COUNTERMARK" check --confirm-budget 0
is "is not put down to him" "$(stored) $(reason neighbour)" "ambiguous 0"

night heat.json
exits 0 "10 % more time while heat held the CPUs back" "$COUNTERMARK" check --confirm-budget 0
is "is ambiguous" "$(stored)" ambiguous
is "and the heat is named" "$(reason "heat held the CPUs back 24 times, never in the baseline")" 1

night base.json
"$COUNTERMARK" check >out 2>err # three ambiguous nights running would be another story
night theft.json
is "times are marked while the hypervisor takes the CPUs away" "$(sql "SELECT count(*), sum(quality LIKE
    'suspect(the hypervisor took % ms away)') = count(*), sum(value IS NULL) FROM v_samples WHERE metric = 'wall.time'
    AND run = (SELECT max(id) FROM run)" | cut -d' ' -f2-)" "1 0"
exits 0 "such times decide nothing" "$COUNTERMARK" check
is "they are ambiguous" "$(stored)" ambiguous
is "for that reason" "$(reason "the hypervisor took")" 1

night theft_some.json
is "a few marked repetitions" "$(sql "SELECT count(DISTINCT repetition) FROM v_samples WHERE metric = 'wall.time'
    AND quality LIKE 'suspect%' AND run = (SELECT max(id) FROM run)")" 2
exits 0 "are left out" "$COUNTERMARK" check
is "and the rest decides" "$(stored)" same
night theft_little.json
is "what is less than 2 % of a repetition marks nothing" "$(sql "SELECT count(*) FROM v_samples WHERE metric = 'wall.time'
    AND quality <> 'exact' AND run = (SELECT max(id) FROM run)")" 0

done_testing
