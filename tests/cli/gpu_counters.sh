#!/bin/bash
# Counters of GPU variants the whole way, from planning to the store, on stand-ins for NVIDIA's driver and CUPTI that count by
# formulas (tests/tools/standin/cupti_values.h): every stored value is compared with what was computed by hand. Time comes from
# launches that never load CUPTI, sets that need several rounds of the work get them, and points of the CPU have no share in it.
# time: 600
. "$TOP/tests/tap.sh"
. "$TOP/tests/standin.sh"

standin_begin
export STANDIN_TRACE=$PWD/trace

sql() { # DATABASE SQL: rows, columns parted by blanks
    sqlite3 -separator ' ' "$@"
}
run() { # DATABASE COLLECT ARGUMENT...: small mandelbrots, a fresh trace
    local db=$1 collect=$2
    shift 2
    rm -f trace
    gpu run --db "$db" --collect "$collect" --launches 2 --progress off -k mandelbrot -s size=100 -s maxiter=50 "$@"
}
values() { # DATABASE METRIC...: the one value per execution of each
    local db=$1 metric
    shift
    for metric; do
        sql "$db" "SELECT '$metric', group_concat(DISTINCT printf('%.10g', s.value / CASE WHEN d.kind = 'gauge' THEN 1 ELSE s.inner END)),
                          group_concat(DISTINCT s.quality)
                     FROM v_samples s JOIN metric d ON d.name = s.metric WHERE s.metric = '$metric'"
    done
}
calls() { # TEXT: how often a call was made, over all processes
    awk -v call="$1" '$2 == call { n++ } END { print n + 0 }' trace
}

# The picture is 50 x 50 pixels: with blocks of 32 x 8 threads that is a grid of 2 x 7 = 14 blocks, 3584 threads, 112 warps,
# at 100 ns a warp 11200 ns; a kernel starts 500 ns after what was before it.
exits 0 "a GPU variant is counted" run core.db cupti -v cuda,serial
is "every value is what the formulas say" "$(values core.db cupti.warp_instructions cupti.thread_instructions \
    cupti.threads_per_instruction cupti.ipc cupti.issue_used cupti.occupancy cupti.gpu_time cupti.gpc_cycles \
    cupti.sm_active_cycles cupti.dram_bytes cupti.dram_used cupti.l2_sectors)" \
    "cupti.warp_instructions 112000 exact
cupti.thread_instructions 3584000 exact
cupti.threads_per_instruction 32 exact
cupti.ipc 0.5 exact
cupti.issue_used 62.5 exact
cupti.occupancy 62.5 exact
cupti.gpu_time 11200 exact
cupti.gpc_cycles 22400 exact
cupti.sm_active_cycles 16969.69697 exact
cupti.dram_bytes 458752 exact
cupti.dram_used 62.5 exact
cupti.l2_sectors 14336 exact"
is "the device's time is that of the kernel and its start" \
    "$(sql core.db "SELECT metric, round(min(value / inner)), round(max(value / inner)), unit, quality FROM v_samples
                    WHERE metric = 'device.time' AND pass = '' AND $calm")" "device.time 11700.0 11700.0 ns exact"
is "so are the transfers, once a launch" \
    "$(sql core.db "SELECT DISTINCT metric, repetition, round(value), unit FROM v_samples
                    WHERE metric IN ('device.upload', 'device.download') AND pass = '' ORDER BY 1")" \
    "device.download -1 800.0 ns
device.upload -1 2000.0 ns"
is "set-up has its time" "$(sql core.db "SELECT count(*) = 2 AND min(value) > 0 FROM v_samples WHERE metric = 'device.setup' AND pass = ''")" 1

is "three kinds of passes: time, what ran, counters" \
    "$(sql core.db "SELECT DISTINCT replace(substr(pass, 1, instr(pass || '=', '=') - 1), 'cupti:', 'C ') FROM v_samples ORDER BY 1")" \
    "
C activity
C warp_instructions"
is "no time comes from a pass with counters" \
    "$(sql core.db "SELECT DISTINCT metric FROM v_samples WHERE pass <> '' AND metric NOT LIKE 'cupti.%'")" ""
is "points of the CPU have nothing of the GPU" \
    "$(sql core.db "SELECT DISTINCT metric FROM v_samples WHERE variant = 'serial' AND
                    (metric LIKE 'cupti.%' OR metric LIKE 'device.%' OR metric LIKE 'nvml.%')")" ""
is "and one kind of pass" "$(sql core.db "SELECT DISTINCT pass FROM v_samples WHERE variant = 'serial'")" ""
is "CUPTI is not loaded where time is taken" "$(awk '
    $2 == "launch" { worked[$1] = 1 }
    $2 ~ /^cupti/ { cupti[$1] = 1 }
    END { for (p in worked) n += !(p in cupti); print n + 0 }' trace)" 2
is "tracing and counting are never in one process" "$(awk '
    $2 == "cuptiActivityEnable" { traced[$1] = 1 }
    $2 == "cuptiRangeProfilerEnable" { counted[$1] = 1 }
    END { for (p in traced) { t++; both += p in counted } for (p in counted) c++; print t, c, both + 0 }' trace)" "1 1 0"
is "rates are counts over the time that no counter disturbed" \
    "$(sql core.db "SELECT metric, printf('%.6g', value), quality FROM v_history WHERE quality = 'derived' AND metric IN
       ('cupti.dram_bandwidth', 'cupti.simt_efficiency', 'cupti.sm_balance', 'cupti.l2_bandwidth') ORDER BY 1")" \
    "cupti.dram_bandwidth 39.2096 derived
cupti.l2_bandwidth 39.2096 derived
cupti.simt_efficiency 100 derived
cupti.sm_balance 75.7576 derived"
is "per element too" "$(sql core.db "SELECT DISTINCT h.value * l.elements FROM v_history h JOIN v_points l ON l.point = h.point
    WHERE h.metric = 'cupti.warp_instructions_per_element'")" "112000.0"
is "the GPU's clock, heat and power stand beside them" \
    "$(sql core.db "SELECT DISTINCT metric, value FROM v_samples WHERE metric LIKE 'nvml.%' AND pass = '' ORDER BY 1")" \
    "nvml.held_back 0.0
nvml.memory_clock 2619.0
nvml.power 350.0
nvml.sm_clock 1980.0
nvml.temperature 45.0"
ok "the database is sound" "$COUNTERMARK" db check --db core.db

# The other kernels: one launch of the trace's shape an execution.
for point in "triad size=96K" "peak steps=640"; do
    rm -f trace
    exits 0 "${point% *}/cuda is counted" gpu run --db kernels.db --collect cupti:gpu_core --launches 1 --progress off \
        -k "${point% *}" -v cuda -s "${point#* }"
    is "${point% *}/cuda counts what it launched" "$(sql kernels.db "SELECT DISTINCT value, quality FROM v_samples
        WHERE kernel = '${point% *}' AND metric = 'cupti.warp_instructions'")" \
        "$(sed -n 's/^[0-9]* launch .* blocks=\([0-9]*\) threads=\([0-9]*\) .*/\1 \2/p' trace | sort -u |
            awk '{ printf "%.1f exact\n", 1000 * $1 * int(($2 + 31) / 32) }')"
done
is "and all computed the same bits" "$(sql kernels.db "SELECT DISTINCT match FROM launch")" "$(sql core.db "SELECT DISTINCT match FROM launch")"

# Four rounds of the work for one reading, whatever the real schedule is.
STANDIN_PASSES=4 exits 0 "a set that takes four rounds" run rounds.db cupti:gpu_core -v cuda
is "gives the same values" "$(values rounds.db cupti.warp_instructions cupti.dram_bytes)" \
    "cupti.warp_instructions 112000 exact
cupti.dram_bytes 458752 exact"
readings=$(calls cuptiRangeProfilerDecodeData)
ok "there are readings" test "$readings" -gt 0
is "each of four rounds" "$(calls cuptiRangeProfilerStart) $(calls cuptiRangeProfilerStop)" \
    "$((4 * readings)) $((4 * readings))"

# A group that takes several rounds on the real schedule.
exits 0 "the caches are counted" run cache.db cupti:gpu_cache -v cuda
is "by the formulas" "$(values cache.db cupti.l1_hit_rate cupti.l1_sectors cupti.l1_hits cupti.sectors_per_request \
    cupti.l2_sectors cupti.l2_hits cupti.l2_misses cupti.l2_reads cupti.l2_writes cupti.dram_read_bytes \
    cupti.dram_write_bytes cupti.warp_instructions)" \
    "cupti.l1_hit_rate 62.5 exact
cupti.l1_sectors 28672 exact
cupti.l1_hits 21504 exact
cupti.sectors_per_request 4 exact
cupti.l2_sectors 14336 exact
cupti.l2_hits 10752 exact
cupti.l2_misses 3584 exact
cupti.l2_reads 10752 exact
cupti.l2_writes 3584 exact
cupti.dram_read_bytes 344064 exact
cupti.dram_write_bytes 114688 exact
cupti.warp_instructions 112000 exact"
is "with a hit rate made of two counts" "$(sql cache.db "SELECT value FROM v_history WHERE metric = 'cupti.l2_hit_rate'")" 75.0
ok "in several rounds" test "$(calls cuptiRangeProfilerStart)" -gt "$(calls cuptiRangeProfilerDecodeData)"

# Counters that patch the code have launches of their own.
exits 0 "floating-point work is counted" run flops.db cupti:gpu_core+gpu_flops -v cuda
is "in two sets" "$(sql flops.db "SELECT count(DISTINCT pass) FROM v_samples WHERE pass LIKE 'cupti:%'")" 2
is "that do not mix" "$(sql flops.db "SELECT count(DISTINCT pass) FROM v_samples WHERE pass LIKE '%sass%' AND pass LIKE '%dram%'")" 0
is "work, rate and intensity" "$(sql flops.db "SELECT metric, printf('%.6g', value) FROM v_history WHERE metric IN
    ('cupti.fp64_flops', 'cupti.fp32_flops', 'cupti.fp64_rate', 'cupti.intensity') ORDER BY 1")" \
    "cupti.fp32_flops 39424
cupti.fp64_flops 100352
cupti.fp64_rate 8.57709
cupti.intensity 0.304688"

# On GPUs that call or have things otherwise, what stands for them.
STANDIN_CHIP=GB202 exits 0 "another chip" run gb202.db cupti:gpu_cache -v cuda
is "has the same metric under its own name" \
    "$(values gb202.db cupti.dram_read_bytes) $(sql gb202.db "SELECT max(pass LIKE '%dram__bytes_op_read.sum%') FROM v_samples")" \
    "cupti.dram_read_bytes 344064 exact 1"
STANDIN_CHIP=GB10B exits 0 "a chip without memory of its own" run gb10b.db cupti:gpu_core -v cuda
is "has an estimate, marked as such" "$(values gb10b.db cupti.dram_bytes)" \
    "cupti.dram_bytes 114688 suspect(an estimate: 32 x lts__t_sectors_lookup_miss.sum)"
done_testing
