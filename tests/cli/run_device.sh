#!/bin/bash
# Runs over points of the CPU and of a GPU: who is asked for counters at all, what is stored where, which launches there are, also
# stopped, gone on with and in shards; and counters that fail, which cost no time launch. On stand-ins for NVIDIA's libraries.
# time: 600
. "$TOP/tests/tap.sh"
. "$TOP/tests/standin.sh"

standin_begin
export STANDIN_CUPTI_REAL=none # its few metrics are enough here, and known at once
cat >.countermark.yaml <<'E'
plans:
  both: |
    launches 3
    target 2ms
    collect papi:base,cupti:gpu_core+gpu_cache
    use mandelbrot/cuda size=32 maxiter=20
    use mandelbrot/serial size=32 maxiter=20
  cpu: |
    launches 1
    target 2ms
    collect papi:base,cupti:gpu_core
    use mandelbrot/serial size=32 maxiter=20
E
sql() { # SQL: rows in one line
    sqlite3 -cmd '.timeout 5000' -separator ' ' countermark.db "$1" | tr '\n' ';'
}
launches() { # WHERE: how many of each variant and kind of pass
    sql "SELECT p.variant, substr(l.pass, 1, instr(l.pass, ':') - (l.pass <> '')), l.status, count(*) FROM launch l
         JOIN point p ON p.id = l.point WHERE $1 AND p.role = '' AND l.pass NOT LIKE 'papi:%' GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
}

# ---- without a GPU, or without a point that could use one
if "$EMULATED" list variants -v cuda | grep -q 'no: no NVIDIA driver'; then
    exits 0 "a run of both without a driver" "$EMULATED" run --plan both --progress off
    is "stores why a point cannot run, once" "$(sql "SELECT p.variant, count(*) FROM launch l JOIN point p ON p.id = l.point
        WHERE l.status = 'unavailable' AND l.reason LIKE 'no NVIDIA driver%'")" "cuda 1;"
    is "in one line on standard error" "$(grep -c "NVIDIA" err)" 1
    has err "1 of the points cannot run here: no NVIDIA driver" "with the reason"
    lacks err "cupti" "and without a word about its counters"
    is "which stand nowhere" "$(sql "SELECT DISTINCT metric FROM v_samples WHERE metric LIKE 'cupti%'")" ""
    is "what the CPU cannot count is no matter of the GPU's point" "$(sql "SELECT DISTINCT p.variant FROM sample s
        JOIN launch l ON l.id = s.launch JOIN point p ON p.id = l.point JOIN metric m ON m.id = s.metric
        WHERE m.name LIKE 'papi.%' AND p.variant = 'cuda'")" ""
    rm -f countermark.db
fi
export STANDIN_TRACE=$PWD/trace
exits 0 "a run of the CPU's points" gpu run --plan cpu --progress off
is "asks one process for the facts of the environment, none for counters" \
    "$(awk '{ print $1 }' trace | sort -u | wc -l) $(grep -c "cuptiProfiler\|cuptiDevice" trace)" "1 0"
lacks err "cupti" "and says nothing of it"
exits 0 "asked for by hand" gpu run --plan cpu --collect cupti --progress off
has err "cupti counts nothing in this run: none of its points that can run here computes on a device" "the answer is a note"
is "and still nobody is asked" "$(grep -c "cuptiProfiler\|cuptiDevice" trace)" 0
unset STANDIN_TRACE
exits 2 "a mistyped group is told even so" gpu run --plan cpu --collect cupti:gpu_cor --progress off
has err 'there is no group or metric "gpu_cor"' "by its name"
rm -f countermark.db

# ---- the list of launches
exits 0 "a run of both" gpu run --plan both --progress off
is "has passes of the GPU for its point alone" "$(launches 1)" "cuda  done 3;cuda cupti done 2;serial  done 3;"
is "each counts one execution a repetition" "$(sql "SELECT DISTINCT inner FROM launch WHERE pass LIKE 'cupti%'")" "1;"
is "a few times" "$(sql "SELECT max(n) <= 3 FROM (SELECT count(DISTINCT repetition) n FROM v_samples WHERE pass LIKE 'cupti%' GROUP BY launch)")" "1;"
is "and times of counters are no times" "$(sql "SELECT DISTINCT metric FROM v_samples WHERE pass LIKE 'cupti%' AND metric NOT LIKE 'cupti.%'")" ""
for shard in 1 2 3; do
    exits 0 "shard $shard" gpu run --plan both --shard $shard/3 --progress off
done
is "the shards are the whole" "$(launches 'l.run > 1')" "cuda  done 3;cuda cupti done 2;serial  done 3;"
rm -f countermark.db
gpu run --plan both --launches 40 --progress off >out 2>err &
pid=$!
for _ in $(seq 1200); do
    [ "$(sqlite3 -readonly countermark.db "SELECT sum(pass LIKE 'cupti%') >= 2 FROM launch WHERE status = 'done'" 2>/dev/null)" = 1 ] && break
    sleep 0.05
done
# The program itself, not the shell that started it.
kill -INT "$(pgrep -P $pid countermark || echo $pid)"
wait $pid
is "stopped" $? 130
is "something is missing" "$(sql "SELECT count(*) > 0 FROM launch WHERE status = 'planned'")" "1;"
exits 0 "and gone on with" gpu run --resume --progress off
is "all is there" "$(launches 1)" "cuda  done 40;cuda cupti done 2;serial  done 40;"
rm -f countermark.db

# ---- counters that fail alike, one after the other
STANDIN_FAIL=cuptiRangeProfilerEnable=35 gpu run --plan both --launches 8 --progress off >out 2>err
is "cost no time launch" "$(launches "l.pass = ''")" "cuda  done 8;serial  done 8;"
is "none of them counts" "$(sql "SELECT count(*) FROM launch WHERE pass LIKE 'cupti:%=%' AND status = 'done' AND id IN (SELECT launch FROM v_samples WHERE metric LIKE 'cupti.%' AND value IS NOT NULL)")" "0;"
rm -f countermark.db

# ---- a clock that is held back for a moment
# Each region is looked at twice; five empty ones and the first repetition come before.
STANDIN_THROTTLE=thermal@13 exits 0 "one look at the GPU finds it hot" gpu run --plan both --collect wall --progress off
is "which marks the second repetition of a launch" "$(sql "SELECT max(marked), min(marked), count(*) > 0 FROM
    (SELECT sum(quality LIKE 'suspect(the GPU%') marked FROM v_samples WHERE metric = 'device.time' GROUP BY launch HAVING count(*) > 1)")" "1 1 1;"
is "for its reason" "$(sql "SELECT DISTINCT quality FROM v_samples WHERE metric IN ('wall.time', 'device.time') AND quality <> 'exact' AND $calm")" \
    "suspect(the GPU's clock was held back: heat);"
is "and none of the CPU's" "$(sql "SELECT count(*) FROM v_samples WHERE variant = 'serial' AND quality LIKE 'suspect%' AND $calm")" "0;"
done_testing
