#!/bin/sh
# What of NVIDIA's CUDA Toolkit is here: prints make variables. nvcc compiles the variants in .cu files; the headers of CUDA and
# CUPTI are for the collectors. Either can be there without the other, and what is missing gets its reason.
#
#   cuda.sh FOLDER      FOLDER/ receives the two files that CUPTI's headers need beside them
#
# In the environment: NVCC, the compiler if not the one that is found; CUDA_HOME, CUDA_PATH; CUDA_ARCHS, the architectures to
# compile for (90, or 80,90; empty: each that nvcc knows), with PTX of the newest for those that come later; CC.
set -eu
export LC_ALL=C

folder=$1
cc=${CC:-cc}

# Texts go through make and a shell: only what is plain there, and paths as they are or not at all.
plain() {
    printf '%s' "$1" | tr -cd 'A-Za-z0-9_./:,+=@%() -'
}

find_nvcc() {
    if [ -n "${NVCC:-}" ]; then
        nvcc=$NVCC
        return
    fi
    nvcc=
    for nvcc in "${CUDA_HOME:+$CUDA_HOME/bin/nvcc}" "${CUDA_PATH:+$CUDA_PATH/bin/nvcc}" "$(command -v nvcc || :)" \
        /usr/local/cuda/bin/nvcc; do
        if [ -n "$nvcc" ] && [ -x "$nvcc" ]; then
            return
        fi
    done
    nvcc=
}

# nvcc compiles for the host with gcc; if the program is compiled by another compiler, then with that one's C++ side.
find_host_compiler() {
    ccbin=
    host=gcc
    # Words of a command.
    # shellcheck disable=SC2086
    set -- $cc
    for word; do
        case ${word##*/} in
        *clang*) ccbin=$(printf '%s' "$word" | sed 's/clang\([^/]*\)$/clang++\1/') host=$ccbin ;;
        gcc | cc) ;;
        *gcc*) ccbin=$(printf '%s' "$word" | sed 's/gcc\([^/]*\)$/g++\1/') host=$ccbin ;;
        esac
    done
    echo 'int x;' | $host -x c++ - -c -o /dev/null 2>/dev/null
}

# The version that counts is in `release 13.0, V13.0.88`. A compiler that is not called nvcc is named.
nvcc_version() {
    said=$($nvcc --version 2>/dev/null) || return 1
    number=$(printf '%s\n' "$said" | sed -n 's/.*release.* V\([0-9][0-9.]*\).*/\1/p' | head -n 1)
    version=${number:-unknown}
    case ${nvcc##*/} in
    nvcc) ;;
    *) version="$version ($(plain "${nvcc##*/}"))" ;;
    esac
}

find_architectures() {
    archs=$(printf '%s' "${CUDA_ARCHS:-}" | tr ', ' '\n\n' | sed 's/^\(sm\|compute\)_//; /^$/d')
    [ -n "$archs" ] || archs=$($nvcc --list-gpu-arch 2>/dev/null | sed -n 's/^compute_\([0-9][0-9]*[a-z]*\)$/\1/p')
    archs=$(printf '%s\n' "$archs" | sort -n -u)
    newest=$(printf '%s\n' "$archs" | tail -n 1)
    codes=
    for arch in $archs; do
        codes="$codes -gencode arch=compute_$arch,code=sm_$arch"
    done
    codes="${codes# } -gencode arch=compute_$newest,code=compute_$newest"
}

no_compiler() {
    echo "nvcc :="
    echo "nvcc-why := $(plain "$1")"
}

compiler() {
    find_nvcc
    if [ -z "$nvcc" ]; then
        no_compiler "nvcc was not found: install the CUDA Toolkit"
    elif ! nvcc_version; then
        no_compiler "$nvcc cannot be run: give NVCC= another one"
    elif [ -n "$number" ] && [ "${number%%.*}" -lt 12 ]; then
        no_compiler "nvcc $number is too old: install the CUDA Toolkit 12.6 or newer"
    elif ! find_host_compiler; then
        no_compiler "nvcc needs a C++ compiler: install $(echo "$host" | sed 's/^gcc$/g++/')"
    else
        find_architectures
        echo "nvcc := $nvcc"
        echo "nvcc-version := $version"
        echo "nvcc-archs := $(echo $archs)"
        echo "nvcc-flags := $codes${ccbin:+ -ccbin $ccbin}"
        echo "nvcc-host := ${ccbin:+-ccbin $ccbin}"
    fi
}

# Where a toolkit may be. nvcc may be a link or a wrapper, so it is asked.
roots() {
    {
        [ -z "$nvcc" ] || $nvcc --dryrun -x cu -c /dev/null -o /dev/null 2>&1 | sed -n 's/^.\$ TOP=//p'
        printf '%s\n' "${CUDA_HOME:-}" "${CUDA_PATH:-}"
        case $nvcc in
        */*) ! real=$(readlink -f "$nvcc") || echo "${real%/*}/.." ;;
        esac
        echo /usr/local/cuda
    } | while read -r root; do
        case $root in
        /*) [ ! -d "$root" ] || (cd -P "$root" && pwd) ;;
        esac
    done | grep -v -x / | awk '!seen[$0]++'
}

machine_folders() { # the folders of targets/ that are for this machine
    case $($cc -dumpmachine 2>/dev/null || uname -m) in
    aarch64*) echo sbsa-linux aarch64-linux ;;
    x86_64*) echo x86_64-linux ;;
    *) echo "$(uname -m)-linux" ;;
    esac
}

headers() { # ROOT: prints the flags if the headers there can be used
    flags=
    for path in extras/CUPTI/include include $(for t in $(machine_folders); do echo "targets/$t/include"; done); do
        if [ -d "$1/$path" ] && [ "$1" != /usr ]; then
            (cd -P "$1/$path" && pwd)
        fi
    done | awk '!seen[$0]++' >"$folder/headers.$$"
    while read -r path; do
        flags="$flags -isystem $path"
    done <"$folder/headers.$$"
    rm -f "$folder/headers.$$"
    # One of CUPTI's C headers includes the C++ header <string> and uses nothing of it: an empty file, found last, will do.
    flags="$flags -idirafter $folder/last"
    printf '#include <cuda.h>\n#include <cupti_profiler_host.h>\n#include <cupti_range_profiler.h>\n' |
        $cc -std=c11 $flags -fsyntax-only -x c - 2>/dev/null || return 1
    echo "${flags# }"
}

library_folder() { # ROOT
    for path in extras/CUPTI/lib64 lib64 lib $(for t in $(machine_folders); do echo "targets/$t/lib"; done); do
        for file in "$1/$path"/libcupti.so*; do
            if [ -e "$file" ]; then
                echo "${file%/*}"
                return
            fi
        done
    done
}

cupti() {
    mkdir -p "$folder/last"
    [ -e "$folder/last/string" ] || : >"$folder/last/string"
    for root in $(roots) /usr; do
        case $root in
        *[!A-Za-z0-9_./+-]*) continue ;;
        esac
        if flags=$(headers "$root"); then
            library=$(library_folder "$root")
            echo "cupti := $root"
            echo "cupti-library := $library"
            echo "cupti-cflags := $flags -include $folder/cupti_folder.h"
            # Touched only if it changes, since objects depend on it.
            text="#define CUPTI_FOLDER \"$library\""
            [ "$(cat "$folder/cupti_folder.h" 2>/dev/null)" = "$text" ] || {
                printf '%s\n' "$text" >"$folder/cupti_folder.h.$$" && mv "$folder/cupti_folder.h.$$" "$folder/cupti_folder.h"
            }
            return
        fi
    done
    echo "cupti :="
    echo "cupti-why := the headers of CUPTI were not found: install the CUDA Toolkit 12.6 or newer, with CUPTI"
}

compiler
cupti
