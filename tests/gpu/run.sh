#!/bin/bash
# Everything that only a real GPU can show, in one command: variants verified at several sizes, counters against work of known
# instructions, operations and bytes, the cost of tracing and counting, how close the fastest variants come to the hardware.
#
#   run.sh [--out DIR]            builds with make, or uses the program of a bundle, checks, exports DIR/gpu.jsonl
#   run.sh --bundle DIR           makes DIR: this script, the program and the libraries it needs, for a GPU machine without
#                                 packages; run DIR/run.sh there
#   run.sh --rehearse [--out DIR] the same with the stand-in compiler, driver and CUPTI: small sizes, and numbers are shown
#                                 but not judged
#
# Exit: 0 all checks hold, 1 one does not, 77 no usable GPU. Needs the sqlite3 program; a bundle brings it.
set -u
here=$(cd "$(dirname "$0")" && pwd)
out='' bundle='' rehearse=''
while [ $# -gt 0 ]; do
    case $1 in
    --out) out=${2:?--out needs a folder} && shift ;;
    --bundle) bundle=${2:?--bundle needs a folder} && shift ;;
    --rehearse) rehearse=1 ;;
    *) sed -n '2,/^set -u/s/^# \{0,1\}//p' "$0" | sed '$d' >&2 && exit 2 ;;
    esac
    shift
done
[ -e "$here/countermark" ] || top=$(cd "$here/../.." && pwd)

# What a program needs beside the C library, which every machine has in its own version.
libraries_of() { # PROGRAM
    ldd "$1" | awk '$3 ~ /^\// && $1 !~ /^(libc|libm|libdl|librt|libpthread|ld-linux.*)\.so/ { print $3 }'
}

make_bundle() {
    local build=$top/build/gpu-bundle cupti
    make -C "$top" BUILD="$build" CUDA=1 OPENMP=1 -j"$(nproc)" all || exit 1
    mkdir -p "$bundle/lib" "$bundle/cupti" || exit 1
    cp "$here"/*.sh "$build/countermark" "$(command -v sqlite3)" "$bundle" || exit 1
    # The modules inside the program need the C++ library.
    for file in $(libraries_of "$build/countermark") $(libraries_of "$(command -v sqlite3)") \
        "$(gcc -print-file-name=libstdc++.so.6)" "$(gcc -print-file-name=libgcc_s.so.1)"; do
        cp -L "$file" "$bundle/lib/${file##*/}" || exit 1
    done
    cupti=$(make -s -C "$top" BUILD="$build" CUDA=1 show | sed -n "s/^CUPTI: .*library in \(\/.*\)/\1/p")
    for name in libcupti.so.13 libnvperf_host.so libnvperf_target.so; do
        cp -L "$cupti/$name" "$bundle/cupti/" || exit 1
    done
    chmod +x "$bundle/run.sh"
    echo "$bundle: $(du -sh "$bundle" | cut -f1); run $bundle/run.sh on the machine with the GPU"
    exit 0
}
[ -z "$bundle" ] || make_bundle

# The stand-ins of the tests, and the program with the variants for GPUs emulated on the CPU.
rehearsal() {
    export TOP=$top BUILD=$top/build/gpu COUNTERMARK=$top/build/gpu/countermark
    local tools=$BUILD/tests/tools

    make -C "$top" BUILD="$BUILD" -j"$(nproc)" emulated "$tools/libcuda.so" "$tools/libcupti.so" "$tools/libnvidia_ml.so" \
        >"$out/make.log" 2>&1 || { tail -n 20 "$out/make.log" && exit 1; }
    cd "$out" || exit 1
    # shellcheck source=tests/tap.sh
    . "$top/tests/tap.sh"
    # shellcheck source=tests/standin.sh
    . "$top/tests/standin.sh"
    standin_begin
    program=$EMULATED
    export LD_LIBRARY_PATH=$out/standin COUNTERMARK_CUPTI=$out/standin
}

: "${out:=$PWD/gpu-results}"
mkdir -p "$out" || exit 1
out=$(cd "$out" && pwd)
if [ -e "$here/countermark" ]; then
    program=$here/countermark
    export LD_LIBRARY_PATH=$here/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH} PATH=$PATH:$here
    # Of the toolkit that the program was built with: a newer one may be too new for the driver.
    export COUNTERMARK_CUPTI=${COUNTERMARK_CUPTI:-$here/cupti}
elif [ -n "$rehearse" ]; then
    rehearsal
else
    make -C "$top" BUILD="$top/build/gpu" CUDA=1 OPENMP=1 -j"$(nproc)" all >"$out/make.log" 2>&1 || {
        tail -n 20 "$out/make.log"
        exit 1
    }
    program=$top/build/gpu/countermark
fi
cd "$out" || exit 1
# Where no daemon keeps the driver's state, it is made anew for each process, which takes seconds; an open device keeps it too.
[ -n "$rehearse" ] || ! [ -w /dev/nvidia0 ] || exec 9<>/dev/nvidia0
export out program rehearse
# shellcheck source=tests/gpu/checks.sh
. "$here/checks.sh"
