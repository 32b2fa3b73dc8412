#!/bin/bash
# The variants for GPUs, without one. First all of them as real programs: built by tests/tools/nvcc_on_cpu, run on the CPU beneath the
# stand-in driver, and verified at sizes that leave remainders, over all their axes; then with mistakes, which must be found
# out, and with failures of CUDA, each of which is a sentence. Last, where the toolkit is, as nvcc makes them.
# time: 600
. "$TOP/tests/tap.sh"

command -v g++ >/dev/null || skip "g++ is not installed: it compiles the variants for GPUs for the CPU"
[ -e "$BUILD/tests/tools/libcuda.so" ] || skip "the stand-in for the driver is not built"
mkdir standin
ln -s "$BUILD/tests/tools/libcuda.so" standin/libcuda.so.1
unset "${!STANDIN_@}" "${!CUDA_ON_CPU_@}" CUDA_VISIBLE_DEVICES

gpu() { # what `run` is asked for: a fresh database
    rm -f countermark.db
    LD_LIBRARY_PATH=$PWD/standin "$BUILD/emulated/countermark" run --plan brief --progress off "$@"
}
sql() {
    sqlite3 countermark.db "$1"
}
verified() { # NAME POINTS MATCHES ARGUMENT...: so many points, all measured, with these kinds of results
    local name=$1 points=$2 matches=$3
    shift 3
    exits 0 "$name" gpu "$@"
    is "... all of them, verified" "$(sql "SELECT count(*), (SELECT group_concat(match) FROM (SELECT DISTINCT match FROM launch
        WHERE status = 'done' ORDER BY 1)) FROM launch WHERE status = 'done'")" \
        "$points|$matches"
    is "... each with the device's time and those around it" "$(sql "SELECT count(DISTINCT s.launch || s.metric) FROM v_samples s
        WHERE s.metric IN ('device.time', 'device.setup', 'device.upload', 'device.download') AND s.value > 0")" \
        "$((4 * points))"
}

verified "mandelbrot, plain and tuned" 24 0 -k mandelbrot -v 'cuda,cuda_tuned' -s size=1,3,101,200 -s maxiter=1,30,1000
verified "mandelbrot of some size" 4 0 -k mandelbrot -v 'cuda,cuda_tuned' -s size=300 -s maxiter=100,1000
verified "mandelbrot in single precision" 9 0,1 -k mandelbrot -v cuda_fp32 -s size=3,100,300 -s maxiter=30,100,1000
is "... which deviates, but little" "$(sql "SELECT max(deviations) > 10 AND max(deviations) < 225 FROM launch")" 1
verified "the tuned one's axes: pixels, interior, blocks that end on and off the last iteration" 30 0 -k mandelbrot \
    -v cuda_tuned -s size=101 -s maxiter=1,16,17,100,1000 -s pixels=1,2,4 -s interior=skip,iterate
verified "its shapes of blocks" 8 0 -k mandelbrot -v cuda_tuned -s size=101 -s maxiter=100 -s pixels=1,4 \
    -s block=8x8,8x16,8x32,32x4
verified "the plain one's" 4 0 -k mandelbrot -v cuda -s size=101 -s maxiter=100 -s block=16x16,32x4,32x8,256x1
exits 0 "the result brought to the host in time" gpu -k mandelbrot -v cuda_tuned -s size=3,101 -s maxiter=100 -s result=host
is "... has no download of its own" "$(sql "SELECT count(*), sum(match) FROM launch WHERE status = 'done'")|$(sql \
    "SELECT count(*) FROM v_samples WHERE metric = 'device.download'")" "2|0|0"
verified "triad" 14 0 -k triad -v cuda -s size=24,47,48,6144,6168,100003,1M -s cache=warm,cold
verified "triad's blocks" 8 0 -k triad -v cuda -s size=24600,24624 -s block=32,64,512,1024
verified "copy" 5 0 -k copy -v cuda -s size=16,31,48,100003,1M
verified "peak" 4 0 -k peak -v cuda -s size=1024,3072 -s steps=640 -s precision=fp64,fp32
verified "truth: operations and bytes" 6 0 -k truth -v 'cuda,cuda_stream' -s n=64,320 -s precision=fp64,fp32

# Numbers that no kernel was made for.
refused() { # WORDS ARGUMENT...
    local words=$1
    shift
    gpu "$@" >out 2>err
    has out "$words" "refused: $words"
}
refused "pixels is 3, but must be 1, 2 or 4" -k mandelbrot -v cuda_tuned -s size=3 -s pixels=3
refused "block is 48, but must be a multiple of 32" -k triad -v cuda -s block=48

# Mistakes.
outcome() {
    sql "SELECT status, coalesce(reason, '') FROM launch"
}
mistake() { # EXIT MISTAKE OUTCOME
    exits "$1" "mistake=$2" gpu -k copy -v cuda_broken -s size=2400 -s mistake="$2"
    is "... is told" "$(outcome | sed 's/ is [0-9a-f]*, should be [0-9a-f]*;/ is wrong;/')" "$3"
}
mistake 0 none "done|"
mistake 5 word "wrong|word 75 is wrong; 1 of 150 words differ"
mistake 5 short "wrong|word 128 is wrong; 22 of 150 words differ"
mistake 5 once "wrong|the output was not written"
mistake 5 upload "wrong|word 0 is wrong; 150 of 150 words differ"
mistake 5 sync "wrong|the output was not written"
mistake 5 download "wrong|the output was not written"
mistake 4 threads "exited|starting the kernel failed: cudaErrorInvalidConfiguration (invalid configuration argument)"

# Failures of CUDA.
failing() { # CALL=NUMBER OUTCOME
    CUDA_ON_CPU_FAIL=$1 gpu -k copy -v cuda -s size=2400 >out 2>err
    is "$1" "$(outcome)" "$2"
}
failing cudaMalloc=2 "memory|reserving 1200 bytes on the GPU failed: cudaErrorMemoryAllocation (out of memory)"
failing cudaSetDevice=46 "unavailable|making the first visible GPU the current one failed: cudaErrorDevicesUnavailable (CUDA-capable device(s) is/are busy or unavailable)"
failing cudaMemcpyAsync=700 "$(printf 'exited|copying the input to the GPU failed: cudaErrorIllegalAddress (a kernel left its arrays)')"
failing cudaEventElapsedTime=719 "exited|copying the input to the GPU failed: cudaErrorLaunchFailure (unspecified launch failure)"
STANDIN_CUDA=12040 gpu -k copy -v cuda -s size=2400 >out 2>err
has out "the NVIDIA driver" "a driver that is too old is a reason"
lacks out "same bits" "... and nothing is measured"

# As nvcc makes them: they load and say what is missing.
if "$COUNTERMARK" list variants | grep -q '^triad/cuda .*built without'; then
    echo "# no CUDA toolkit here: the variants were not compiled by nvcc"
elif ! "$COUNTERMARK" list variants | grep -q '^triad/cuda .*no NVIDIA driver'; then
    echo "# there is a driver here: tests/gpu runs the variants as nvcc made them"
else
    rm -f countermark.db
    "$COUNTERMARK" run -k '*,truth' -v 'cuda*' --collect wall --launches 1 --progress off >out 2>err
    is "without a driver every point is stored as unavailable, with the reason" \
        "$(sql "SELECT DISTINCT status, reason LIKE 'no NVIDIA driver%' FROM launch")" "unavailable|1"
    is "... all of them" "$(sql "SELECT count(*) FROM launch")" "$("$COUNTERMARK" list variants | grep -c '/cuda')"
fi
done_testing
