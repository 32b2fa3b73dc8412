#!/bin/bash
# What ran on a GPU, by activity records of the stand-in for CUPTI: kernels, registers, copies, and records that are lost or have no
# times. What the harness does around the region, as the transfers, is not of it. A GPU whose clock is held back marks its times.
# time: 600
. "$TOP/tests/tap.sh"
. "$TOP/tests/standin.sh"

standin_begin
export STANDIN_TRACE=$PWD/trace

sql() {
    sqlite3 -separator ' ' "$@"
}
run() { # DATABASE ARGUMENT...
    local db=$1
    shift
    rm -f trace
    gpu run --db "$db" --collect cupti:activity --launches 2 --progress off -k mandelbrot -v cuda -s size=100 -s maxiter=50 "$@"
}
values() { # DATABASE: metrics of the activity pass with their values and qualities
    sql "$1" "SELECT DISTINCT metric, value, quality FROM v_samples WHERE pass = 'cupti:activity' AND metric NOT IN
              ('cupti.traced_time', 'cupti.overhead_time') ORDER BY 1, 2"
}

# 14 blocks of 256 threads, 112 warps, at 100 ns each; every kernel of the stand-in has 32 registers a thread, 1024 bytes of
# shared memory and 16 of local memory. 2048 threads fit an SM of this chip, and so do 8 such blocks.
exits 0 "a GPU variant is traced" run a.db
is "one kernel, and nothing else" "$(values a.db)" \
    "cupti.block_threads 256.0 exact
cupti.copied_to_device 0.0 exact
cupti.copied_to_host 0.0 exact
cupti.copy_time 0.0 exact
cupti.dropped 0.0 exact
cupti.grid_blocks 14.0 exact
cupti.kernel_gap 0.0 exact
cupti.kernel_time 11200.0 exact
cupti.kernels 1.0 exact
cupti.local_memory 16.0 exact
cupti.occupancy_limit 100.0 exact
cupti.registers 32.0 exact
cupti.set_time 0.0 exact
cupti.shared_memory 1024.0 exact"
is "the traced region has its own time" "$(sql a.db "SELECT min(value) > 0 FROM v_samples WHERE metric = 'cupti.traced_time'")" 1
ok "although copies were traced too" awk '
    $2 == "cuptiActivityEnable" { traced[$1] = 1 }
    $2 == "copy" && ($1 in traced) { copies++ }
    END { exit !copies }' trace
ok "every kind that was enabled is disabled at the end" awk '
    $2 == "cuptiActivityEnable" { on[$1]++ } $2 == "cuptiActivityDisable" { off[$1]++ }
    END { for (p in on) if (on[p] != off[p]) exit 1 }' trace

# 128 registers a thread: of 65536 that is enough for 16 warps, of the 64 that an SM of this chip can hold and the 48 of that one.
STANDIN_REGISTERS=128 exits 0 "a kernel with many registers" run b.db
is "cannot fill this chip" "$(values b.db | grep -E 'registers|occupancy')" \
    "cupti.occupancy_limit 25.0 exact
cupti.registers 128.0 exact"
STANDIN_REGISTERS=128 STANDIN_CHIP=GA102 exits 0 "likewise" run b2.db
is "nor that one" "$(values b2.db | grep occupancy)" "cupti.occupancy_limit 33.3333333333333 exact"

exits 0 "a variant without a kernel" gpu run --db c.db --collect cupti:activity --launches 1 --progress off -k copy -v cuda \
    -s size=64K
is "copies" "$(values c.db | grep -E 'cupti.(kernels|copy_time) ')" "cupti.copy_time 800.0 exact
cupti.kernels 0.0 exact"

# ---- records that do not come
STANDIN_DROPPED=1 exits 0 "records are lost" run dropped.db
is "that is counted" "$(values dropped.db | grep dropped)" "cupti.dropped 1.0 exact"
is "and nothing is taken for measured" "$(sql dropped.db "SELECT DISTINCT quality FROM v_samples
    WHERE metric IN ('cupti.kernels', 'cupti.kernel_time', 'cupti.registers')")" \
    "unavailable(CUPTI delivered no record of what ran)"
is "but time is" "$(sql dropped.db "SELECT DISTINCT $undisturbed FROM v_samples WHERE metric IN ('wall.time', 'device.time')")" "exact"
STANDIN_NO_TIMES=1 exits 0 "a kernel without times" run untimed.db
is "takes no 0 ns" "$(values untimed.db | grep -E 'kernel_time|registers')" \
    "cupti.kernel_time  unavailable(CUPTI's records have no times)
cupti.registers 32.0 exact"

# ---- a clock that is held back
STANDIN_THROTTLE=thermal exits 0 "a GPU that is too hot" run hot.db
is "its times are suspect" "$(sql hot.db "SELECT DISTINCT metric, CASE WHEN $calm THEN quality ELSE 'suspect(the GPU''s clock was held back: heat)' END
    FROM v_samples WHERE metric IN ('wall.time', 'device.time') AND pass = '' ORDER BY 1")" \
    "device.time suspect(the GPU's clock was held back: heat)
wall.time suspect(the GPU's clock was held back: heat)"
is "and the clock is there" "$(sql hot.db "SELECT DISTINCT value FROM v_samples WHERE metric = 'nvml.sm_clock' AND pass = ''")" 1200.0
STANDIN_THROTTLE=power STANDIN_CLOCK=1900 exits 0 "a GPU near its power limit at nearly its full clock" run limit.db
is "is as it should be" "$(sql limit.db "SELECT DISTINCT $undisturbed FROM v_samples
    WHERE metric = 'device.time' AND pass = ''")" exact
STANDIN_THROTTLE=power exits 0 "a GPU that its power limit slows" run power.db
is "says so" "$(sql power.db "SELECT DISTINCT quality FROM v_samples WHERE metric = 'device.time' AND pass = '' AND $calm")" \
    "suspect(the GPU's clock was held back: power cap)"
done_testing
