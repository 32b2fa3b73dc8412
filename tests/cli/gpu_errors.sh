#!/bin/bash
# Everything that CUPTI or the driver can refuse, at each call that can refuse it: its sentence is stored, the times of that point
# are taken all the same, and the exit code is that of a run without counters.
# time: 900
. "$TOP/tests/tap.sh"
. "$TOP/tests/standin.sh"

standin_begin

sql() {
    sqlite3 -separator ' ' "$@"
}
run() { # COLLECT
    rm -rf e.db*
    gpu run --db e.db --collect "$1" --launches 2 --progress off -k mandelbrot -v cuda -s size=100 -s maxiter=50
}
# Why a metric has no value: of its samples, or of the launches that should have brought it.
reasons() { # METRIC PASS-GLOB
    sql e.db "SELECT DISTINCT quality FROM v_samples WHERE metric = '$1' AND quality LIKE 'unavailable(%'
              UNION SELECT DISTINCT reason FROM launch WHERE pass GLOB '$2' AND status = 'unavailable'"
}
refused() { # NAME SENTENCE: after a run, of the counters
    refused_as "$1" cupti.warp_instructions 'cupti:warp_instructions*' "$2"
}
refused_as() { # NAME METRIC PASS-GLOB SENTENCE
    is "$1: one reason" "$(reasons "$2" "$3" | wc -l)" 1
    reasons "$2" "$3" >reasons.txt
    has reasons.txt "$4" "$1: its sentence"
    is "$1: no value" "$(sql e.db "SELECT count(*) FROM v_samples WHERE metric = '$2' AND value IS NOT NULL")" 0
    is "$1: times are taken" "$(sql e.db "SELECT metric, count(*) > 0, max($undisturbed) FROM v_samples
        WHERE metric IN ('wall.time', 'device.time') AND pass = '' GROUP BY 1 ORDER BY 1" | tr '\n' ' ')" \
        "device.time 1 exact wall.time 1 exact "
    is "$1: and their launches are whole" "$(sql e.db "SELECT status, count(*) FROM launch WHERE pass = '' GROUP BY 1")" "done 2"
}

# ---- the device cannot be counted at all: known when the run is planned
while read -r failure text; do
    STANDIN_FAIL=$failure exits 0 "$failure" run cupti:gpu_core
    refused "$failure" "$text"
done <<'E2'
cuptiProfilerInitialize=15 CUPTI, its performance library and the driver do not fit together
cuptiProfilerInitialize=35 no permission for GPU counters
cuptiProfilerDeviceSupported=27 cuptiProfilerDeviceSupported
cuptiDeviceGetChipName=999 cuptiDeviceGetChipName
cuptiProfilerGetCounterAvailability=35 no permission for GPU counters (cuptiProfilerGetCounterAvailability: CUPTI_ERROR_INSUFFICIENT_PRIVILEGES, 35)
cuptiProfilerGetCounterAvailability=26 another program has the GPU's counters
cuptiProfilerGetCounterAvailability=43 this GPU is split into instances (MIG)
cuptiProfilerHostInitialize=15 do not fit together
cuptiProfilerHostConfigAddMetrics=17 CUPTI does not know one of the metrics
E2

# ---- the worker finds out
while read -r failure text; do
    STANDIN_FAIL=$failure exits 0 "$failure" run cupti:gpu_core
    refused "$failure" "$text"
done <<'E2'
cuptiRangeProfilerEnable=15 do not fit together
cuptiRangeProfilerEnable=35 no permission for GPU counters (cuptiRangeProfilerEnable: CUPTI_ERROR_INSUFFICIENT_PRIVILEGES, 35)
cuptiRangeProfilerEnable=43 this GPU is split into instances (MIG)
cuptiRangeProfilerGetCounterDataSize=17 CUPTI does not know one of the metrics
cuptiRangeProfilerCounterDataImageInitialize=999 cuptiRangeProfilerCounterDataImageInitialize
cuptiRangeProfilerSetConfig=26 another program has the GPU's counters
cuptiRangeProfilerStart=35 no permission for GPU counters (cuptiRangeProfilerStart: CUPTI_ERROR_INSUFFICIENT_PRIVILEGES, 35)
cuptiRangeProfilerStart=26 another program has the GPU's counters (cuptiRangeProfilerStart: CUPTI_ERROR_HARDWARE_BUSY, 26)
cuptiRangeProfilerPushRange=999 cuptiRangeProfilerPushRange
cuptiRangeProfilerDecodeData=43 this GPU is split into instances (MIG)
cuptiRangeProfilerGetCounterDataInfo=999 cuptiRangeProfilerGetCounterDataInfo
cuptiProfilerHostEvaluateToGpuValues=17 CUPTI does not know one of the metrics
E2
# What fails here leaves a session open: nothing more may be begun with it.
for call in PopRange Stop; do
    STANDIN_FAIL=cuptiRangeProfiler$call=999 exits 0 "cuptiRangeProfiler$call=999" run cupti:gpu_core
    is "cuptiRangeProfiler$call=999: no value" "$(sql e.db "SELECT count(*) FROM v_samples
        WHERE metric = 'cupti.warp_instructions' AND quality NOT LIKE 'unavailable(%'")" 0
done

# ---- tracing
while read -r failure text; do
    STANDIN_FAIL=$failure exits 0 "$failure" run cupti:activity
    refused_as "$failure" cupti.kernels cupti:activity "$text"
done <<'E2'
cuptiSubscribe=39 another profiler
cuptiActivityRegisterCallbacks=999 cuptiActivityRegisterCallbacks
cuptiActivityEnable=15 do not fit together
cuptiActivityEnable=35 no permission
cuptiActivityFlushAll=35 CUPTI_ERROR_INSUFFICIENT_PRIVILEGES, 35
E2
STANDIN_SUBSCRIBER="Nsight Systems" exits 0 "another tool is attached" run cupti:activity
refused_as "another tool" cupti.kernels cupti:activity "another profiler, Nsight Systems, is attached to this process"

# ---- values that are none
STANDIN_NAN=dram__bytes exits 0 "not a number" run cupti:gpu_core
refused_as "not a number" cupti.dram_bytes nothing "CUPTI has no value"
is "not a number: others have theirs" "$(sql e.db "SELECT DISTINCT value, quality FROM v_samples WHERE metric = 'cupti.l2_sectors'")" \
    "14336.0 exact"
STANDIN_DROPPED_RANGES=2 exits 0 "dropped ranges" run cupti:gpu_core
refused "dropped ranges" "CUPTI lost what it had counted (2 dropped)"

# ---- versions and chips
STANDIN_VERSION=28 exits 0 "CUPTI of CUDA 12" run cupti:gpu_core
refused "CUPTI of CUDA 12" "a different major version"
STANDIN_VERSION=130200 exits 0 "a newer CUPTI of the same major version" run cupti:gpu_core
is "counts" "$(sql e.db "SELECT DISTINCT value, quality FROM v_samples WHERE metric = 'cupti.warp_instructions'")" "112000.0 exact"
STANDIN_CHIP=GX999 exits 0 "a chip that CUPTI does not know" run cupti:gpu_core
refused "unknown chip" "does not know this GPU's chip, GX999"
STANDIN_CHIP=GP100 exits 0 "a chip that is too old" run cupti:gpu_core
refused "old chip" "of an architecture that CUPTI cannot profile"
while read -r word text; do
    STANDIN_UNSUPPORTED=$word exits 0 "$word" run cupti:gpu_core
    refused "$word" "$text"
done <<'E2'
sli SLI is on
vGpu profiling is switched off for this virtual GPU
confidentialCompute confidential computing is on
cmp mining processor
wsl this version of WSL
E2
COUNTERMARK_CUPTI_WAS=$PWD/standin
rm standin/libcupti.so.13
exits 0 "no CUPTI in the folder that was named" run cupti:gpu_core
refused "no CUPTI" "COUNTERMARK_CUPTI is $COUNTERMARK_CUPTI_WAS, but CUPTI does not load from there"
ln -s "$BUILD/tests/tools/libcupti.so" standin/libcupti.so.13

# ---- a device that cannot be used: the point itself cannot run, and nothing else did
while read -r setting text; do
    export "${setting?}"
    exits 3 "$setting" run cupti
    unset "${setting%%=*}"
    is "$setting: stored as unavailable" "$(sql e.db "SELECT DISTINCT status FROM launch")" unavailable
    sql e.db "SELECT DISTINCT reason FROM launch" >reasons.txt
    has reasons.txt "$text" "$setting: its sentence"
    has out "cannot run here: " "$setting: and it is told"
done <<'E2'
STANDIN_CUDA=12040 is too old: it serves CUDA 12.4, this program was built with 13.0
STANDIN_DEVICES=0 there is no NVIDIA GPU
STANDIN_FAIL=cuInit=999 cuInit: CUDA_ERROR_UNKNOWN, 999
STANDIN_FAIL=cuInit=802 cuInit: CUDA_ERROR_SYSTEM_NOT_READY, 802
STANDIN_FAIL=cuInit=803 cuInit: CUDA_ERROR_SYSTEM_DRIVER_MISMATCH, 803
E2
exits 0 "without a driver, beside a variant of the CPU" "$EMULATED" run --db e2.db --collect cupti --launches 1 --progress off \
    -k mandelbrot -v cuda,serial -s size=100 -s maxiter=50
is "the outcome is stored" "$(sql e2.db "SELECT variant, status, reason LIKE 'no NVIDIA driver%' FROM launch
    JOIN point ON point.id = launch.point ORDER BY 1")" "cuda unavailable 1
serial done "
done_testing
