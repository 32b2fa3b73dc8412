#!/bin/bash
# time: 600
# Builds with CUDA: by the toolkit where it is, and by the compiler that stands in for nvcc; what is missing is said; the
# program stays free of NVIDIA's libraries and C++; a variant's hash follows its code on the GPU and nothing else.
. "$TOP/tests/tap.sh"

compiler=${CC:-gcc}
standin=$TOP/tests/tools/nvcc_on_cpu
build() { # FOLDER WORD...: makes in the tree at FOLDER, for one architecture; a sanitizer would put line numbers into code
    local folder=$1
    shift
    "${MAKE_COMMAND:-make}" -C "$folder" CUDA= CUDA_ARCHS=90 SANITIZE= EXTRA= TESTS= GOALS= CFLAGS=-O0 -j2 "$@"
}
shows() { # PATTERN NAME WORD...: a line of `make show`
    local pattern=$1 name=$2
    shift 2
    build "$TOP" BUILD="$PWD/shown" "$@" show >show.txt 2>&1
    ok "$name" grep -Eq "$pattern" show.txt
}
free_of_cuda() { # PROGRAM NAME
    is "$2 needs no library of NVIDIA's and no C++" \
        "$("${OBJDUMP:-objdump}" -p "$1" | grep -E 'NEEDED.*(libcu|libnv|libstdc)')" ""
}

# ---- what is missing
mkdir tools
printf '#!/bin/sh\n[ "$1" != --version ] || echo "Cuda compilation tools, release 11.8, V11.8.89"\n' >tools/nvcc
printf '#!/bin/sh\ncase " $* " in *" -fsyntax-only "*) exit 1 ;; esac\nexec %s "$@"\n' \
    "$(command -v "$compiler" || echo "$compiler")" >tools/no_headers
chmod +x tools/*
shows '^CUDA: no; built without CUDA \(/nowhere/nvcc cannot be run' "a compiler that is not there" NVCC=/nowhere/nvcc
shows '^CUDA: no; built without CUDA \(nvcc 11.8.89 is too old' "one that is too old" NVCC="$PWD/tools/nvcc"
shows '^CUDA: no; built without CUDA \(CUDA=0\)' "one that is not wanted" CUDA=0
shows '^CUPTI: no; built without CUPTI \(the headers of CUPTI were not found' "no headers" CC="$PWD/tools/no_headers"
not_ok "CUDA=1 without nvcc fails" build "$TOP" BUILD="$PWD/none" NVCC=/nowhere/nvcc CUDA=1
has ok.out "CUDA=1 was asked for, but /nowhere/nvcc cannot be run" "and says what is missing"
lacks ok.out "  CC" "before anything is compiled"
not_ok "CUDA=1 without the headers fails" build "$TOP" BUILD="$PWD/none" CC="$PWD/tools/no_headers" CUDA=1
has ok.out "CUDA=1 was asked for, but the headers of CUPTI were not found: install the CUDA Toolkit" "likewise"

# ---- hashes, in two small trees of other paths
small_tree() { # FOLDER
    mkdir -p "$1/harness" "$1/variants"
    cp "$TOP/Makefile" "$1/"
    cp "$TOP"/harness/{registry,cuda}.sh "$1/harness/"
    cp -r "$TOP"/variants/{variant.h,device.cuh,null} "$1/variants/"
}
hash_in() { # FOLDER WORD...: of null/cuda
    local folder=$1
    shift
    build "$folder" BUILD=out "$@" out/registry_codes.c >"$folder/make.txt" 2>&1 || tap_show "$folder/make.txt"
    sed -n 's/.*"null", "cuda", "\([0-9a-f]*\)".*/\1/p' "$folder/out/registry_codes.c"
}
change() { # FOLDER SED-SCRIPT
    sed -i "$2" "$1/variants/null/null_cuda.cu"
}
hashes() { # WHO WORD...
    local who=$1 a=one.$1 b=a/second/tree.$1 base
    shift
    small_tree "$a"
    small_tree "$b"
    base=$(hash_in "$a" "$@")
    is "$who: a hash has 64 digits" "${#base}" 64
    is "$who: the same hash elsewhere" "$(hash_in "$b" "$@")" "$base"
    change "$b" '1s/.*/&\n * Said otherwise./'
    is "$who: a comment changes nothing" "$(hash_in "$b" "$@")" "$base"
    has "$b/make.txt" "NVCC" "$who: though it was compiled"
    hash_in "$b" "$@" >again
    lacks "$b/make.txt" "NVCC" "$who: and is not when nothing changed"
    change "$b" '/^static __global__/{n;s/.*/{\n    volatile int kept = 1;\n\n    (void)kept;/}'
    ok "$who: a changed kernel has another" grep -Eqvx "$base|.{0,63}" <(hash_in "$b" "$@")
    cp "$a/variants/null/null_cuda.cu" "$b/variants/null/"
    echo '#define LATER 1' >>"$b/variants/device.cuh"
    hash_in "$b" "$@" >again
    has "$b/make.txt" "NVCC" "$who: a header that it includes has it compiled anew"
    change "$b" 's/^    struct device \*d = .*/&\n    int never_used;/'
    not_ok "$who: a warning is an error if asked for" build "$b" BUILD=out WERROR=1 "$@" out/registry_codes.c
    has ok.out never_used "$who: and is shown"
}

# ---- the toolkit
build "$TOP" BUILD="$PWD/shown" NVCC= show >show.txt 2>&1
if grep -q '^CUDA: yes; .*nvcc [0-9.]* .*for 90$' show.txt; then
    hashes toolkit NVCC=
    build "$TOP" BUILD="$PWD/shown" NVCC= CUDA_ARCHS="90 80" show >show.txt 2>&1
    ok "CUDA_ARCHS chooses architectures" grep -q '^CUDA: yes; .* for 80 90$' show.txt
    has show.txt "arch=compute_80,code=sm_80 -gencode arch=compute_90,code=sm_90 -gencode arch=compute_90,code=compute_90" \
        "with PTX of the newest"
    # Everything on this page also holds for the program that is tested, however it was built.
    free_of_cuda "$COUNTERMARK" "the program"
else
    echo "# not tried with the toolkit: $(grep '^CUDA:' show.txt)"
fi

# ---- the compiler that stands in for it, where not even headers are
if command -v g++ >/dev/null; then
    hashes stand-in NVCC="$standin"
    # From what was built with it and with headers: only what needs those is compiled, if the compiler that finds none goes by
    # the usual one's name.
    cp -a "$BUILD/emulated" standin
    case $compiler in
    *[/\ ]*) without=$PWD/tools/no_headers ;;
    *) mkdir bin && ln -s "$PWD/tools/no_headers" "bin/$compiler" && without=$compiler ;;
    esac
    build_without() {
        PATH=$PWD/bin:$PATH "${MAKE_COMMAND:-make}" -C "$TOP" BUILD="$PWD/standin" CC="$without" NVCC=tests/tools/nvcc_on_cpu \
            CUDA= CUDA_ARCHS="${CUDA_ARCHS:-}" EXTRA= TESTS= GOALS= -j2 "$@"
    }
    ok "a build with the stand-in and without headers" build_without
    free_of_cuda standin/countermark "it"
    standin/countermark list variants >out
    ok "its variants for GPUs are there" grep -q '^null/cuda ' out
    not_ok "and built" grep -Eq '^null/cuda .*built without' out
    "$COUNTERMARK" list variants | awk '{ print $1 }' >rows
    awk '{ print $1 }' out >standin.rows
    ok "the rows are the same" cmp rows standin.rows
    standin/countermark list collectors >out
    ok "its collector has the reason" grep -Eq '^cupti .*built without CUPTI' out
    build_without "$PWD/standin/tests/unit/module" >make.txt 2>&1 || tap_show make.txt
    ok "its modules can be loaded" env -u BUILD standin/tests/unit/module
    has ok.out "(nvcc_on_cpu)" "as that which made them"
else
    echo "# not tried with the stand-in: g++ is not installed"
fi
done_testing
