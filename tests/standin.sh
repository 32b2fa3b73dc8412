# For tests of GPUs without one; use with:  . "$TOP/tests/tap.sh"; . "$TOP/tests/standin.sh"
#
#   standin_begin            makes a folder ./standin with the stand-ins of tests/tools for NVIDIA's libraries; skips the test where
#                            the program with the variants for GPUs emulated on the CPU (make emulated) cannot be
#   standin COMMAND...       with the environment that makes a program find them: $EMULATED is the program
#   gpu ARGUMENT...          $EMULATED with those arguments, so
#
# A broken rule ends the program (STANDIN_STRICT), and a kernel takes 100 ns for each of its warps (STANDIN_NS_PER_WARP), so that
# times can be computed by hand. What else can be asked for: tests/tools/standin/enter.h and the first comments of
# tests/tools/lib{cuda,cupti,nvidia_ml}.c.
# shellcheck shell=bash

standin_begin() {
    local tools=$BUILD/tests/tools

    nm -D "$tools/libcupti.so" 2>/dev/null | grep -q ' T cuptiRangeProfilerStart$' || skip "built without CUPTI's headers"
    command -v g++ >/dev/null || skip "g++ is not installed: it compiles the variants for GPUs for the CPU"
    mkdir -p standin
    ln -sf "$tools/libcuda.so" standin/libcuda.so.1
    ln -sf "$tools/libnvidia_ml.so" standin/libnvidia-ml.so.1
    ln -sf "$tools/libcupti.so" standin/libcupti.so.13
    unset "${!STANDIN_@}" CUDA_VISIBLE_DEVICES
    # The way in which the real library loads its parts ends a program with the address sanitizer.
    if nm "$COUNTERMARK" | grep -q __asan_init; then
        export STANDIN_CUPTI_REAL=none
    fi
    export STANDIN_STRICT=1 STANDIN_NS_PER_WARP=100
    EMULATED=$BUILD/emulated/countermark
}

standin() {
    LD_LIBRARY_PATH=$PWD/standin COUNTERMARK_CUPTI=$PWD/standin "$@"
}

# Stand-ins count by formulas, not what runs: how right they are is no question, and on a CPU the answer would take minutes.
gpu() {
    if [ "$1" = run ]; then
        shift
        set -- run --no-calibrate "$@"
    fi
    standin "$EMULATED" "$@"
}
