#!/bin/bash
# list: a build without PAPI, OpenMP, valgrind, CUDA and MPI shows the same rows, each with its reason.
. "$TOP/tests/tap.sh"

off=$BUILD/bare/countermark # the program built so
for kind in kernels variants collectors metrics groups reports plans; do
    "$COUNTERMARK" list $kind | awk '{print $1}' >on.rows
    "$off" list $kind | awk '{print $1}' >off.rows
    ok "$kind: the same rows" cmp on.rows off.rows
done
"$off" list variants >out
ok "the reason stands there" grep -Eq '^mandelbrot/openmp .* no: built without OpenMP' out
ok "for variants for GPUs" grep -Eq '^mandelbrot/cuda .* no: built without CUDA \(CUDA=0\)' out
"$off" list collectors >out
ok "and for collectors" grep -Eq '^papi .* no: built without PAPI' out
exits 3 "what is off cannot run: exit 3" "$off" run -k mandelbrot -v openmp --collect wall --launches 2
has out "cannot run here: built without OpenMP" "and the summary says why"
is "it is stored with its reason" "$(sqlite3 countermark.db "SELECT status, reason LIKE 'built without%' FROM launch")" "unavailable|1"
exits 3 "nor can a variant for GPUs" "$off" run -k null -v cuda --collect wall --launches 2 --db gpu.db
has out "cannot run here: built without CUDA (CUDA=0)" "with its reason in the summary"
is "and stored" "$(sqlite3 gpu.db "SELECT DISTINCT status, reason FROM launch")" "unavailable|built without CUDA (CUDA=0)"
exits 0 "counters of a build without PAPI" "$off" run -k null --launches 1 --collect papi:base
is "are stored as unavailable" \
    "$(sqlite3 countermark.db "SELECT DISTINCT quality FROM v_samples WHERE metric = 'papi.PAPI_TOT_INS'")" "unavailable(built without PAPI)"
done_testing
