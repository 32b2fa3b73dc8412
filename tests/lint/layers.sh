#!/bin/bash
# The layers, as includes: harness -> all; reports -> db, base; collectors, db -> base; variants -> nothing else of ours (a
# .cu file also variants/device.cuh). Vendors' headers stay in their one place, and printing and exiting belongs to main.c and cmd_*.c alone.
. "$TOP/tests/tap.sh"
notes=$PWD/code.txt

# Code without comments and without what stands in strings, with the file's name and line in front.
code() {
    awk -v file="$1" '
    {
        line = $0; out = ""
        while (line != "") {
            if (inside) {
                if (!(i = index(line, "*/"))) { line = ""; break }
                line = substr(line, i + 2); inside = 0
            } else if (match(line, /"([^"\\]|\\.)*"|\/\*|\/\//)) {
                token = substr(line, RSTART, RLENGTH)
                out = out substr(line, 1, RSTART - 1)
                line = substr(line, RSTART + RLENGTH)
                if (token == "/*") inside = 1
                else if (token == "//") line = ""
                else out = out (out ~ /#[ ]*include[ ]*$/ ? token : "\"\"")
            } else { out = out line; line = "" }
        }
        print file ":" FNR ":" out
    }' "$1"
}

# May FILE include TARGET (both relative to the top)?
allowed() {
    case $1 in
    harness/base/*) case $2 in harness/base/*) return 0 ;; esac ;;
    harness/*) return 0 ;;
    reports/*) case $2 in reports/* | db/* | harness/base/*) return 0 ;; esac ;;
    db/*) case $2 in db/* | harness/base/*) return 0 ;; esac ;;
    collectors/*) case $2 in collectors/* | harness/base/*) return 0 ;; esac ;;
    variants/*.cu | variants/*/*.cuh) case $2 in variants/variant.h | variants/device.cuh | "${1%/*}"/*) return 0 ;; esac ;;
    variants/device.cuh | variants/openmp.h) case $2 in variants/variant.h) return 0 ;; esac ;;
    variants/*) case $2 in variants/variant.h | variants/openmp.h | "${1%/*}"/*) return 0 ;; esac ;;
    esac
    return 1
}

includes() { # FILE
    local target word
    for word in $(sed -n 's/^[^:]*:[0-9]*:[ ]*#[ ]*include "\([^"]*\)".*/\1/p' "$notes"); do
        target=$(realpath -m --relative-to=. "${1%/*}/$word")
        [ -e "$target" ] || { echo "$1: includes $word, which is not there" && continue; }
        allowed "$1" "$target" || echo "$1: may not include $target"
    done
    for word in $(sed -n 's/^[^:]*:[0-9]*:[ ]*#[ ]*include <\([^>]*\)>.*/\1/p' "$notes"); do
        case $word:$1 in
        sqlite3.h:db/*) ;;
        sqlite3*.h:*) echo "$1: <$word> belongs to db/" ;;
        papi*.h:collectors/papi*) ;;
        papi*.h:*) echo "$1: <$word> belongs to collectors/papi*" ;;
        cupti*.h:collectors/cupti*) ;;
        cupti*.h:*) echo "$1: <$word> belongs to collectors/cupti*" ;;
        cuda.h:collectors/cu*) ;;
        cuda*.h:variants/*.cu | cuda*.h:variants/*.cuh) ;;
        cuda*.h:*) echo "$1: <$word> belongs to variants/*.cu, <cuda.h> also to collectors/cu*" ;;
        hwloc*.h:harness/host*) ;;
        hwloc*.h:*) echo "$1: <$word> belongs to harness/host*" ;;
        esac
    done
}

printing() { # FILE
    local what='(v?printf|puts|putchar|perror|exit|quick_exit)'
    case $1 in
    harness/main.c | harness/cmd_*.c) return ;;
    esac
    grep -E "(^|[^A-Za-z0-9_])${what}[ ]*\(" "$notes" | sed 's/$/    (belongs to main.c and cmd_*.c)/'
    case $1 in
    harness/base/log.c | harness/base/mem.c) return ;;
    esac
    grep -E '(^|[^A-Za-z0-9_])(stdout|stderr)([^A-Za-z0-9_]|$)' "$notes" | sed 's/$/    (log_note and log_warning are for that)/'
}

# Prints what is wrong in the tree at the working folder.
check() {
    local file
    find harness variants collectors db reports -name '*.[ch]' -o -name '*.cu' -o -name '*.cuh' | LC_ALL=C sort | while read -r file; do
        code "$file" >"$notes"
        includes "$file"
        printing "$file"
    done
}

# Every rule is first seen to bite, in a small tree with one offence each.
mkdir -p planted/{harness/base,variants/k,collectors,db,reports/analysis}
touch planted/variants/device.cuh planted/{harness/{plan,base/buf},variants/{variant,k/k},collectors/collector,db/store,reports/report}.h
plant() { # FILE TEXT: one offence
    printf '%s\n' "$2" >"planted/$1"
    (cd planted && check) >found.txt
    tap_result "$(($(grep -c . found.txt) != 1))" "seen in ${1}: $2"
    rm "planted/$1"
}
plant variants/k/k_a.c '#include "../../harness/base/buf.h"'
plant variants/k/k_a.c '#include "../../db/store.h"'
plant variants/k/k_a.c '#include "../device.cuh"'
plant variants/k/k_a.cu '#include "../../harness/base/buf.h"'
plant variants/k/k_a.c '#include <cuda_runtime.h>'
plant variants/k/k_a.cu 'printf("%d\n", 1);'
plant collectors/papi.c '#include <cuda.h>'
plant harness/a.c '#include <cupti_result.h>'
plant collectors/a.c '#include "../db/store.h"'
plant collectors/a.c '#include "../variants/variant.h"'
plant collectors/a.c '#include "../harness/plan.h"'
plant db/a.c '#include "../collectors/collector.h"'
plant reports/analysis/a.c '#include "../../harness/plan.h"'
plant reports/a.c '#include "../collectors/collector.h"'
plant harness/base/a.c '#include "../plan.h"'
plant reports/a.c '#include <sqlite3.h>'
plant harness/a.c '#include <papi.h>'
plant harness/plan.c 'printf("%d\n", 1);'
plant db/a.c '    exit(1);'
plant harness/a.c 'fputs("x", stderr);'

printf '%s\n' '/* printf( and exit( in a comment */ #define A "printf(" // stdout' 'snprintf(a, 1, "exit(");' '_exit(1);' \
    >planted/harness/fine.c
printf '%s\n' '#include "../device.cuh"' '#include "../variant.h"' '#include <cuda_runtime.h>' >planted/variants/k/k_fine.cu
(cd planted && check) >found.txt
is "comments, strings, other functions, and CUDA in a .cu file are no offence" "$(cat found.txt)" ""

(cd "$TOP" && check) >found.txt
is "the tree keeps the layers" "$(cat found.txt)" ""
done_testing
