#!/bin/bash
# time: 900
# Adding is one new file: on a copy of the tree a variant, one for GPUs, a collector, a command, a report, a plan, an event group
# and two tests are added as new files, and nothing is edited. The same files are then found in a folder outside of the tree (EXTRA=).
. "$TOP/tests/tap.sh"

# What was built already is taken along; the copy's make then compiles only what is new.
inside=${BUILD#"$TOP"/}
case $inside in
/*) skip "the build folder is outside of the tree" ;;
esac
mkdir tree
(cd "$TOP" && tar cf - --exclude=.git --exclude='./build*' --exclude='*.db*' . && tar cf - --exclude="$inside"/{tests,emulated,plugged,bare} "$inside") |
    (cd tree && tar xif -)

write_added() { # FOLDER
    mkdir -p "$1"/{variants/null,collectors/groups,harness/plans,reports,tests/unit,tests/cli}
    cat >"$1/variants/null/null_added.c" <<'C'
/* cflags: -DADDED=1 */
#include "../variant.h"

static int run(struct run *r)
{
    (void)r;
    return ADDED - 1;
}

const struct variant variant_null_added = {.abi = VARIANT_ABI, .version = "1", .summary = "added by a test", .run = run};
C
    cat >"$1/variants/null/null_gpu.cu" <<'C'
/*
 * nvflags: -DADDED=1
 */
#include "../device.cuh"

#ifdef __CUDACC__
static __global__ void added(int *out)
{
    *out = ADDED;
}

static int run(struct run *r)
{
    struct device *d = device_of(r);

    DEVICE_LAUNCH(added, ADDED, 1, d->stream, (int *)0);
    return 0;
}

extern "C" const struct variant_module variant_module = {
    .abi = VARIANT_ABI, .prepare = NULL, .reset = NULL, .upload = NULL, .run = run,
    .sync = NULL, .download = NULL, .figures = NULL, .finish = NULL};
#else
const struct variant variant_null_gpu = {
    .abi = VARIANT_ABI, .version = "1", .summary = "added by a test", .device = DEVICE_CUDA, .module = true};
#endif
C
    cat >"$1/collectors/added.c" <<'C'
/* needs: openmp */
#include "collector.h"

static const char *probe(const char **cure)
{
    if (cure)
        *cure = "";
    return "added by a test";
}

static const struct metric *catalogue(void)
{
    static const struct metric none[] = {{0}};

    return none;
}

const struct collector collector_added = {
    .abi = COLLECTOR_ABI, .summary = "added by a test", .probe = probe, .catalogue = catalogue};
C
    cat >"$1/harness/cmd_added_one.c" <<'C'
/* A command that a test adds. */
#include "cmd.h"

#include <stdio.h>

static int run(int argc, char **argv, struct err *e)
{
    (void)argc;
    (void)e;
    printf("%s was called\n", argv[0]);
    return 0;
}

const struct command command_added_one = {.summary = "added by a test", .usage = "", .run = run};
C
    (cd "$TOP" && set -- reports/*.gp && for plot; do [ "$plot" = reports/style.gp ] || break; done && cat "$plot") \
        >"$1/reports/added.gp"
    (cd "$TOP" && set -- harness/plans/*.plan && cat "$1") >"$1/harness/plans/added.plan"
    (cd "$TOP" && set -- collectors/groups/*.txt && cat "$1") >"$1/collectors/groups/added.txt"
    printf 'int main(void);\nint main(void)\n{\n    return 0;\n}\n' >"$1/tests/unit/added.c"
    printf 'echo 1..1\necho ok 1 - added\n' >"$1/tests/cli/added.sh"
}

state() { # of every file of the copy that was there before
    (cd tree && find . -path "./$inside" -prune -o -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum)
}

build() { # in the copy, as this tree was built; further words for make
    (cd tree && eval "${MAKE_COMMAND:-make} BUILD=$inside EXTRA= TESTS= GOALS= $*")
}

all_there() { # PROGRAM WHERE
    "$1" list variants >out 2>&1
    has out null/added "$2: the variant"
    if grep -q '^CUDA: yes' cuda; then
        ok "$2: the variant for GPUs" grep -q '^null/gpu ' out
        not_ok "$2: and built" grep -Eq '^null/gpu .*built without' out
        ok "$2: with its module" test -s "tree/$inside/modules/${3:-}variants/null/null_gpu.so"
    else
        echo "# $(cat cuda)"
        ok "$2: the variant for GPUs, with its reason" grep -Eq '^null/gpu .* no: built without CUDA' out
    fi
    "$1" list collectors >out 2>&1
    has out added "$2: the collector"
    "$1" list reports >out 2>&1
    has out added "$2: the report"
    "$1" list plans >out 2>&1
    has out added "$2: the plan"
    "$1" list groups >out 2>&1
    has out added "$2: the event group"
    "$1" help >out 2>&1
    has out added-one "$2: the command in the list of commands"
    exits 0 "$2: the command runs" "$1" added-one
    has out "added-one was called" "$2: it was that one"
}

state >before
build show >shown
grep '^CUDA:' shown >cuda
write_added tree
ok "the copy builds" build all
all_there "tree/$inside/countermark" "in the tree"
ok "the added tests run" build test TESTS="'$inside/tests/unit/added tests/cli/added.sh'"
has ok.out "Result: PASS" "they pass"
has ok.out "Files=2" "both of them"
(cd tree && sha256sum --quiet -c ../before) >changed 2>&1
is "no file was edited" "$(cat changed)" ""

ok "a no-op build does nothing" build all
lacks ok.out "  CC" "it compiles nothing"
lacks ok.out "  NVCC" "by either compiler"
ok "the collector lists its missing need" build all OPENMP=0
"tree/$inside/countermark" list collectors >out 2>&1
has out "built without OpenMP" "with the reason"
"$COUNTERMARK" list variants | awk '{ print $1 }' >rows
"tree/$inside/countermark" list variants | awk '{ print $1 }' | grep -v -e null/added -e null/gpu >rows.without
is "the rows of the variants stay the same without OpenMP" "$(cat rows.without)" "$(cat rows)"

rm tree/variants/null/null_added.c tree/variants/null/null_gpu.cu tree/collectors/added.c tree/harness/cmd_added_one.c tree/reports/added.gp
rm tree/harness/plans/added.plan tree/collectors/groups/added.txt
ok "what is removed is gone" build all
"tree/$inside/countermark" list variants >out
lacks out null/added "the variant is no longer listed"
lacks out null/gpu "nor the one for GPUs"

write_added outside
ok "a folder outside of the tree builds" build all EXTRA="$PWD/outside"
all_there "tree/$inside/countermark" "outside" extra/

printf '#include "../variant.h"\nconst struct variant variant_null_other = {0};\n' >tree/variants/null/null_wrong.c
not_ok "a file without what its name says fails the build" build all
has ok.out "null_wrong.c: must define \`const struct variant variant_null_wrong\`" "with a sentence"
done_testing
