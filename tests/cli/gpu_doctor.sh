#!/bin/bash
# doctor on GPUs, with stand-ins for NVIDIA's libraries: what is there, each way in which counters cannot be had with its cure, and that
# a driver which crashes or hangs costs its answer and nothing else.
# time: 300
. "$TOP/tests/tap.sh"

tools=$BUILD/tests/tools
unset "${!STANDIN_@}" CUDA_VISIBLE_DEVICES COUNTERMARK_CUPTI
mkdir standin none
ln -s "$tools/libcuda.so" standin/libcuda.so.1
ln -s "$tools/libnvidia_ml.so" standin/libnvidia-ml.so.1
ln -s "$tools/libcupti.so" standin/libcupti.so.13
# The real library's way of loading its parts ends a program with the address sanitizer.
! nm "$COUNTERMARK" | grep -q __asan_init || export STANDIN_CUPTI_REAL=none
export STANDIN_STRICT=1

examine() { # with the stand-ins; the document is in out
    LD_LIBRARY_PATH=$PWD/standin COUNTERMARK_CUPTI=${cupti:-$PWD/standin} "$COUNTERMARK" doctor "$@"
}
field() { # PYTHON EXPRESSION over g, the part on GPUs, d, the document, and `text`, the second argument
    python3 -c 'import json,sys
d = json.load(open("out"))
g = d["gpu"]
text = sys.argv[-1]
print(eval(sys.argv[1]))' "$@"
}
# WHAT TEXT...: g[WHAT] does not work, and its reason and cure together hold these texts
refused() {
    local what=$1 part
    shift
    is "  ... $what cannot be had" "$(field "${what}['works'], bool(${what}['reason']), bool(${what}['cure'])")" "(False, True, True)"
    for part in "$@"; do
        is "  ... it tells of $part" "$(field "text in ${what}['reason'] + ' ' + ${what}['cure']" "$part")" True
    done
}
gpu="g" counters="g['counters']" tracing="g['tracing']"

if ! ldconfig -p 2>/dev/null | grep -q 'libcuda\.so\.1 '; then
    exits 0 "without a driver" "$COUNTERMARK" doctor --format json
    refused "$gpu" "no NVIDIA driver: libcuda.so.1 was not found" "nvidia-smi"
    is "so nothing of a GPU can be had" "$(field "g['devices'], g['counters']['works'], g['tracing']['works']")" "([], False, False)"
    exits 0 "as text" "$COUNTERMARK" doctor
    has out "cannot be used: no NVIDIA driver" "it says why"
    is "and each group of GPUs says so, or that this build counts none" \
        "$(grep -c -E '^  gpu_.* missing: (no NVIDIA driver|built without)' out)" "$(grep -c '^  gpu_' out)"
fi

exits 0 "with a driver" examine --format json
is "the driver is told" "$(field "g['driver'], g['cuda'], g['restricted']")" "('580.65.06', '13.0', False)"
is "so is the GPU" "$(field "[(x['name'], x['capability'], x['sms'], x['bus_bits'], x['ecc'], x['mig']) for x in g['devices']]")" \
    "[('NVIDIA H100 80GB HBM3', '9.0', 132, 5120, True, False)]"

# What the driver refuses, whatever is built in.
for row in "34|for linking alone" "100|the driver knows 1|/dev/nvidia0" "803|different versions" "802|fabric" "999|nvidia_uvm" "46|nvidia-smi -c"; do
    IFS='|' read -r number words cure <<<"$row"
    STANDIN_FAIL=cuInit=$number exits 0 "cuInit answers $number" examine --format json
    refused "$gpu" "$words" ${cure:+"$cure"}
done
STANDIN_DEVICES=0 exits 0 "no GPU" examine --format json
refused "$gpu" "no NVIDIA GPU in this machine"
STANDIN_FAIL=cuInit=100 CUDA_VISIBLE_DEVICES=9 exits 0 "all GPUs are hidden" examine --format json
refused "$gpu" 'CUDA_VISIBLE_DEVICES is "9"' "unset CUDA_VISIBLE_DEVICES"
STANDIN_CRASH=cuInit exits 0 "the driver crashes" examine --format json
refused "$gpu" "died from signal 11"
STANDIN_HANG=cuInit exits 0 "the driver hangs" examine --format json
refused "$gpu" "within 20 s"
is "the rest was examined all the same" "$(field "[c['works'] for c in d['collectors'] if c['name'] == 'wall']")" "[True]"
STANDIN_FAIL=nvmlInit_v2=18 exits 0 "without the management library" examine --format json
is "its facts are not known, the others are" "$(field "g['driver'], g['devices'][0]['sms']")" "('', 132)"
STANDIN_DEVICES=2 STANDIN_MIG=1 exits 0 "two GPUs that are split" examine
is "each has its line" "$(grep -c 'split into instances (MIG)' out)" 2

"$COUNTERMARK" list variants >variants.txt 2>&1
if ! grep 'null/cuda' variants.txt | grep -q 'built without'; then
    STANDIN_CUDA=11080 exits 0 "a driver that is too old" examine --format json
    refused "$gpu" "is too old: it serves CUDA 11.8" "driver for CUDA"
fi

if ! nm -D "$tools/libcupti.so" | grep -q ' T cuptiRangeProfilerStart$'; then
    exits 0 "without CUPTI's headers" examine --format json
    refused "$counters" "built without"
    done_testing
fi

exits 0 "all is well" examine --format json
is "counters and traces work" "$(field "[(g[w]['works'], g[w]['reason'], g[w]['cure'], g[w]['cupti']) for w in ('counters', 'tracing')]")" \
    "[(True, '', '', '13.0.1'), (True, '', '', '13.0.1')]"
is "the chip is told" "$(field "g['counters']['chip']")" GH100
is "every event of the main group is counted" \
    "$(field "all(e['counted'] for x in d['groups'] if x['name'] == 'gpu_core' for e in x['events'])")" True
is "passes of CPU and GPU are told apart" "$(field "{p.split(':')[0] for p in d['passes']} - {'papi'}")" "{'cupti'}"
exits 0 "as text" examine
has out "counters  work: CUPTI 13.0.1 counts on GH100" "counters"
has out "tracing   works" "tracing"
lacks out "times of GPU variants are still taken" "nothing has to be said of times"

# Each way in which counters cannot be had, the words and the cure. The real library's catalogue has nothing to do with those, and
# looking all groups up in it takes seconds.
export STANDIN_CUPTI_REAL=none
while IFS='|' read -r call number words cure; do
    STANDIN_FAIL=$call=$number exits 0 "$call answers $number" examine --format json
    refused "$counters" "$words" "$cure" "$call" ", $number)"
    is "  ... tracing works all the same" "$(field "g['tracing']['works']")" True
    is "  ... every event says so" "$(field "all(e['reason'] == g['counters']['reason'] for x in d['groups'] if x['collector'] == 'cupti' for e in x['events'])")" True
done <<'ROWS'
cuptiProfilerInitialize|15|do not fit together|COUNTERMARK_CUPTI
cuptiRangeProfilerStart|26|another program has the GPU's counters|DCGM
cuptiRangeProfilerEnable|27|cannot count on GH100|7.5
cuptiProfilerGetCounterAvailability|33|virtual|enable_profiling=1
cuptiProfilerGetCounterAvailability|35|no permission for GPU counters|NVreg_RestrictProfilingToAdminUsers=0
cuptiRangeProfilerStart|35|no permission for GPU counters|CAP_SYS_ADMIN
cuptiRangeProfilerEnable|41|confidential|confidential computing off
cuptiRangeProfilerEnable|43|MIG|nvidia-smi -mig 0
cuptiRangeProfilerEnable|45|Windows Subsystem for Linux|Windows 11
cuptiDeviceGetChipName|46|chip|newer CUDA
cuptiRangeProfilerSetConfig|999|without saying why|nvidia-smi
ROWS
exits 0 "a refusal as text" env STANDIN_FAIL=cuptiRangeProfilerStart=35 LD_LIBRARY_PATH="$PWD/standin" COUNTERMARK_CUPTI="$PWD/standin" \
    "$COUNTERMARK" doctor
has out "counters  cannot be had: no permission for GPU counters" "the reason"
has out "cure: run as root or with CAP_SYS_ADMIN" "the cure"
has out "The times of GPU variants are still taken" "and what is measured nevertheless"

while IFS='|' read -r what words; do
    STANDIN_UNSUPPORTED=$what exits 0 "profiling is not supported: $what" examine --format json
    refused "$counters" "$words"
done <<'ROWS'
architecture|7.5
sli|SLI
vGpu|virtual GPU
confidentialCompute|confidential computing
cmp|CMP
wsl|WSL 2
ROWS

STANDIN_SUBSCRIBER="Nsight Systems" exits 0 "another profiler" examine --format json
refused "$tracing" "another profiler, Nsight Systems, is attached" "CUDA_INJECTION64_PATH" "39)"
STANDIN_FAIL=cuptiActivityEnable=27 exits 0 "tracing is refused" examine --format json
refused "$tracing" "cuptiActivityEnable"
is "counters work all the same" "$(field "g['counters']['works']")" True
STANDIN_FAIL=cuptiActivityFlushAll=999 exits 0 "records do not come" examine --format json
refused "$tracing" "cuptiActivityFlushAll" "999"
STANDIN_VERSION=120900 exits 0 "CUPTI of another major version" examine --format json
refused "$counters" "different major version" "COUNTERMARK_CUPTI"
cupti=$PWD/none exits 0 "no CUPTI" examine --format json
refused "$counters" "COUNTERMARK_CUPTI" "libcupti.so"
for call in cuptiRangeProfilerEnable cuptiDeviceGetChipName; do
    STANDIN_CRASH=$call exits 0 "CUPTI crashes in $call" examine --format json
    refused "$counters" "died from signal 11"
    is "tracing works all the same" "$(field "g['tracing']['works']")" True
done
STANDIN_CRASH=cuptiActivityEnable exits 0 "CUPTI crashes while tracing" examine --format json
refused "$tracing" "died from signal 11"
is "counters work all the same" "$(field "g['counters']['works']")" True
STANDIN_NO_EMPTY_RANGES=1 exits 0 "CUPTI keeps no range in which nothing ran" examine --format json
is "counters work" "$(field "g['counters']['works'], g['counters']['reason']")" "(True, '')"
STANDIN_NAN=smsp__inst_executed exits 0 "a counter that may not be read" examine --format json
refused "$counters" "may not be read here"
done_testing
