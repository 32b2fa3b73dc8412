#!/bin/bash
# The generator of the tables, on small trees: flags of files, needs that are off, mistakes, hashes of machine code.
. "$TOP/tests/tap.sh"

generate=$TOP/harness/registry.sh
mkdir -p variants/k collectors harness db/schema
cat >variants/k/k.c <<'E'
/* The kernel. */
const struct kernel kernel_k = {0};
E
cat >variants/k/k_fast.c <<'E'
/*
 * A variant that is fast.
 * cflags: -O3 -DNAME="x"
 * libs: -lm
 * needs: openmp
 */
/* cflags: -Dnot_in_the_first_comment */
const struct variant variant_k_fast = {0};
E
cat >variants/k/k_line.c <<'E'
// cflags: -DA
// cflags: -DB
const struct variant variant_k_line = {0};
// cflags: -DC
E
cat >collectors/one.c <<'E'
/* needs: papi, openmp */
const struct collector collector_one = {0};
E
echo '/* A helper: no table row. */' >collectors/helper.c
echo 'const struct command command_two_words = {0};' >harness/cmd_two_words.c
printf 'a "quoted" \\ back\ttab ??= end\nsecond' >db/schema/0001_x.sql
: >db/schema/0002_empty.sql
files="variants/k/k.c variants/k/k_fast.c variants/k/k_line.c collectors/one.c collectors/helper.c harness/cmd_two_words.c"

# The lists are meant to be split.
# shellcheck disable=SC2046,SC2086
{
    is "flags come from the first comment" "$(sh "$generate" flags $files)" 'cflags-variants/k/k_fast.c := -O3 -DNAME="x"
libs-variants/k/k_fast.c := -lm
cflags-variants/k/k_line.c := -DA -DB'
    is "a need that is off" "$(OFF='|openmp=no OpenMP|papi=no PAPI' sh "$generate" flags $files)" \
        'cflags-variants/k/k_fast.c := -DWITHOUT_OPENMP
cflags-variants/k/k_line.c := -DA -DB
cflags-collectors/one.c := -DWITHOUT_PAPI -DWITHOUT_OPENMP'

    OFF='|openmp=no OpenMP' sh "$generate" tables $files db/schema/0001_x.sql db/schema/0002_empty.sql >tables.c
    has tables.c '{"k", &kernel_k},' "the kernel"
    has tables.c '{"k", "fast", &variant_k_fast, "no OpenMP", "", "variants/k/k_fast.c"},' "the variant with its reason"
    has tables.c '{"k", "line", &variant_k_line, NULL, "-DA -DB", "variants/k/k_line.c"},' "the variant with its flags"
    has tables.c '{"one", &collector_one, "no OpenMP", "collectors/one.c"},' "the collector"
    lacks tables.c helper "a helper has no row"
    has tables.c '{"two-words", &command_two_words},' "the command, with a dash"
    OFF='' sh "$generate" tables $files db/schema/0001_x.sql >tables.with.c
    has tables.with.c '"-O3 -DNAME=\"x\""' "quotes in flags are escaped"
    for f in tables.c tables.with.c; do
        sed -n 's/^    {"k", "\([a-z]*\)", .*/\1/p' $f >"$f.rows"
    done
    ok "the same rows either way" cmp tables.c.rows tables.with.c.rows
    is "sorted by name" "$(cat tables.c.rows)" 'fast
line'
    sh "$generate" tables db/schema/0001_x.sql $(printf '%s\n' $files | sort -r) >reversed.c
    ok "the order of the files does not matter" cmp tables.with.c reversed.c
}

# A .cu file needs nvcc, other files that need cuda its headers: each can be off alone.
cat >variants/k/k_gpu.cu <<'E'
/*
 * cflags: -DROW
 * nvflags: -fmad=false
 */
const struct variant variant_k_gpu = {0};
E
echo '/* needs: cuda */' >harness/asks.c
echo '/* A part. */' >collectors/cupti_part.c
# The list is meant to be split.
# shellcheck disable=SC2086
{
    gpu="variants/k/k_gpu.cu harness/asks.c collectors/cupti_part.c"
    is "flags for both compilers, and the headers" "$(CUDA_CFLAGS='-isystem /cuda' sh "$generate" flags $gpu)" \
        'cflags-variants/k/k_gpu.cu := -DROW
nvflags-variants/k/k_gpu.cu := -fmad=false
cflags-harness/asks.c := -isystem /cuda
cflags-collectors/cupti_part.c := -isystem /cuda'
    is "without nvcc" "$(OFF='|nvcc=no nvcc' CUDA_CFLAGS='-isystem /cuda' sh "$generate" flags $gpu)" \
        'cflags-variants/k/k_gpu.cu := -DWITHOUT_CUDA
cflags-harness/asks.c := -isystem /cuda
cflags-collectors/cupti_part.c := -isystem /cuda'
    is "without headers" "$(OFF='|cuda=no headers' sh "$generate" flags $gpu)" \
        'cflags-variants/k/k_gpu.cu := -DROW
nvflags-variants/k/k_gpu.cu := -fmad=false
cflags-harness/asks.c := -DWITHOUT_CUDA
cflags-collectors/cupti_part.c := -DWITHOUT_CUDA'
    sh "$generate" tables variants/k/k.c $gpu >tables.gpu.c
    has tables.gpu.c '{"k", "gpu", &variant_k_gpu, NULL, "-DROW -fmad=false", "variants/k/k_gpu.cu"},' "a row with all flags"
    OFF='|nvcc=no nvcc' sh "$generate" tables variants/k/k.c $gpu >tables.gpu.c
    has tables.gpu.c '{"k", "gpu", &variant_k_gpu, "no nvcc", "", "variants/k/k_gpu.cu"},' "a row with its reason"
}
rm variants/k/k_gpu.cu harness/asks.c collectors/cupti_part.c

# The texts arrive in the program byte for byte.
{
    echo '#include <stdio.h>'
    echo 'struct asset { const char *name; const char *text; };'
    sed -n '/^const struct asset asset_schema/,/^};/p' tables.c
    echo 'int main(void)'
    echo '{'
    echo '    for (int i = 0; asset_schema[i].name; i++)'
    echo '        printf("%s|%s", asset_schema[i].name, asset_schema[i].text);'
    echo '}'
} >assets.c
ok "the assets compile" "${CC:-cc}" -std=c11 -Wall -Werror assets.c -o assets
printf '0001_x|a "quoted" \\ back\ttab ??= end\nsecond\n0002_empty|' >wanted.txt
./assets >got.txt
ok "with the files' text" cmp wanted.txt got.txt

refused() { # SENTENCE FILE TEXT
    printf '%s\n' "$3" >"$2"
    not_ok "refused: $1" sh "$generate" tables "$2"
    has ok.out "$1" "with the sentence"
    rm "$2"
}
# Backquotes are part of the sentences.
# shellcheck disable=SC2016
{
    refused 'variants/k/k_b.c: must define `const struct variant variant_k_b`' variants/k/k_b.c \
        'const struct variant variant_k_c = {0};'
    refused 'harness/cmd_b.c: must define `const struct command command_b`' harness/cmd_b.c 'int x;'
    refused 'collectors/b.c: must define `const struct collector collector_b`' collectors/b.c \
        'const struct collector collector_other = {0};'
    refused 'variants/k/other.c: defines a kernel or variant, but is not named' variants/k/other.c \
        'const struct variant variant_k_b = {0};'
    refused 'harness/b.c: defines a plug-in in a folder where none is looked for' harness/b.c \
        'const struct collector collector_b = {0};'
    refused 'collectors/b.c: needs: quantum is no build switch' collectors/b.c '/* needs: quantum */
const struct collector collector_b = {0};'
}
mkdir -p more/variants/k
cp variants/k/k_line.c more/variants/k/
not_ok "two files of one name" env EXTRA=more sh "$generate" tables variants/k/k.c variants/k/k_line.c more/variants/k/k_line.c
has ok.out "variant k line is there twice" "with the sentence"

# Hashes: of what runs, not of what is said about it.
calls='int f(int x); int g(int); int h(int);'
shared='int help(int x); int help(int x) { return x; }'
hash_of() { # TEXT: the hash of a variant that holds it, with $shared in a file beside it
    printf '%s\n' "$1" >variants/k/k_fast.c
    printf '%s\n' "$shared" >variants/k/help.c
    for f in k k_fast help; do
        "${CC:-cc}" -g -O1 -c "variants/k/$f.c" -o "variants/k/$f.o" || return
    done
    sh "$generate" codes variants/k/help.o variants/k/k.o variants/k/k_fast.o | sed -n 's/.*"fast", "\([0-9a-f]*\)".*/\1/p'
}
different() { # WHAT HASH
    ok "another hash for $1" test -n "$2" -a "$2" != "$base"
}
echo 'int kernel;' >variants/k/k.c
base=$(hash_of "$calls int f(int x) { return g(x) + 1; }")
is "a hash has 64 digits" "${#base}" 64
is "the same code has the same hash" "$(hash_of "/* said otherwise */ $calls

int f(int y) { return g(y) + 1; }")" "$base"
different "another constant" "$(hash_of "$calls int f(int x) { return g(x) + 2; }")"
different "a call of another function" "$(hash_of "$calls int f(int x) { return h(x) + 1; }")"
different "another table" "$(hash_of "$calls int f(int x) { static const int t[] = {1, 5, 2}; return g(x) + t[x]; }")"
echo 'int kernel = 2; int work(int x); int work(int x) { return x * 3; }' >variants/k/k.c
is "the kernel's own file is not part of it" "$(hash_of "$calls int f(int x) { return g(x) + 1; }")" "$base"
shared='int help(int x); int help(int x) { return x + 1; }'
different "a change in what the folder's variants share" "$(hash_of "$calls int f(int x) { return g(x) + 1; }")"
done_testing
