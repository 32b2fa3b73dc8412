#!/bin/sh
# make deps: installs what the build and the program need on Debian and Ubuntu, nothing more. Packages that only tests, lint or
# benches need come along when that is among the goals. Without the right to install, it prints the line to run, and fails only if
# something is missing.
#
#   deps.sh GOAL...
#
# In the environment: CUDA=0 if variants for GPUs are not wanted; NVCC, CUDA_HOME, CUDA_PATH as for the build.
set -eu

# package, and why
always='
gcc             compiles the program, and variants at their own flags
libc6-dev       the C library to compile against
binutils        hashes the machine code of each variant (objdump)
make            runs the build
pkg-config      finds the libraries below
git             names the commit that is measured
libsqlite3-dev  the store: one file
libhwloc-dev    cores, caches, memory of the machine
libjansson-dev  JSON between processes, for exchange and for --format json
libyaml-dev     the configuration, .countermark.yaml
nettle-dev      SHA-256 of programs and of what they print
libpapi-dev     hardware counters
valgrind        counts instructions where no counter of the CPU can be used
gnuplot-nox     draws the reports
'
testing='
libcmocka-dev   unit tests
perl            runs the tests and counts them (prove)
g++             compiles variants for GPUs for this CPU, to verify them
python3         checks JSON, XML and HTML from outside
python3-yaml    reads the example workflows as build services do
libxml2-utils   validates JUnit reports against their schema (xmllint)
cmark-gfm       renders the Markdown summary as GitHub does
sqlite3         reads the database as a user would
chromium        loads every page of the report as a reader would
fonts-dejavu-core   letters for that
'
linting='
clang           the second compiler, and sanitizers
libomp-dev      OpenMP for it
clang-format    layout
clang-tidy      mistakes that compilers do not see
cppcheck        likewise
shellcheck      likewise, in scripts
'
benching='
g++             compiles the benchmark for the library below
libbenchmark-dev    Google Benchmark, to compare with
linux-perf      perf stat, likewise
hyperfine       likewise
python3         reads what they print
'
mpi='
libopenmpi-dev  MPI variants
openmpi-bin     likewise
'

cuda='
g++             the side of nvcc that is for the CPU
'

# The CUDA Toolkit is used if it is there; it is no package of Debian's, so it is only looked for.
has_nvcc() {
    scratch=$(mktemp -d)
    found=$(sh "$(dirname "$0")/cuda.sh" "$scratch" | grep '^nvcc')
    rm -rf "$scratch"
    case $found in
    *'nvcc was not found'*) return 1 ;;
    esac
}

list=$always
if [ "${CUDA:-}" = 0 ]; then
    :
elif has_nvcc; then
    list="$list$cuda"
else
    echo "The CUDA Toolkit is not here: variants for GPUs will be listed, but not built. Optional; its vendor packages it."
fi
for goal; do
    case $goal in
    test) list="$list$testing" ;;
    lint | ci) list="$list$testing$linting" ;;
    bench) list="$list$testing$benching" ;;
    mpi) list="$list$mpi" ;;
    esac
done

if ! command -v dpkg-query >/dev/null; then
    echo "This is not Debian or Ubuntu: please install what corresponds to these packages."
    printf '%s\n' "$list" | sed '/^$/d; s/^/    /'
    exit 0
fi

missing=
for package in $(printf '%s\n' "$list" | awk 'NF && !seen[$1]++ { print $1 }'); do
    # pkgconf took pkg-config's place later; either will do.
    [ "$package" = pkg-config ] && command -v pkg-config >/dev/null && continue
    case $(dpkg-query -W -f '${Status}' "$package" 2>/dev/null) in
    *' installed') ;;
    *) missing="$missing $package" ;;
    esac
done
if [ -z "$missing" ]; then
    echo "Everything that is needed is installed."
    exit 0
fi

echo "Missing:"
for package in $missing; do
    printf '%s\n' "$list" | awk -v p="$package" '$1 == p && !n++ { print "    " $0 }'
done
if [ "$(id -u)" = 0 ]; then
    become=
elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
    become=sudo
else
    echo "Neither root nor sudo: please have this run, then go on:"
    echo "    apt-get install -y --no-install-recommends$missing"
    exit 1
fi
$become env DEBIAN_FRONTEND=noninteractive apt-get update -q
# Word splitting is wanted: a list of packages.
# shellcheck disable=SC2086
$become env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $missing
