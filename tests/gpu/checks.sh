# The checks of run.sh, which sets program, out and rehearse. Each prints what was wanted and what came.
# shellcheck shell=bash disable=SC2154

db=$out/gpu.db
failed=0
rm -rf "$db"* "$out/results.txt" "$out/gpu.jsonl"

say() {
    printf '%s\n' "$*" | tee -a "$out/results.txt"
}

# check NAME VALUE CONDITION UNIT: CONDITION is awk's about x; a rehearsal's numbers are not judged, but have to be there.
check() {
    local verdict=holds
    if [ -z "$2" ]; then
        verdict='FAILS: there is no value'
    elif [ -n "$rehearse" ]; then
        verdict='not judged: rehearsal'
    elif ! awk -v x="$2" "BEGIN { exit !($3) }"; then
        verdict=FAILS
    fi
    case $verdict in FAILS*) failed=1 ;; esac
    say "$(printf '%-62s %14.6g %-14s wanted %-22s %s' "$1" "${2:-nan}" "${4:-}" "$3" "$verdict")"
}

query() { # SQL
    sqlite3 -batch -noheader "$db" "$1"
}

# value POINT-GLOB METRIC [ORDER]: of the newest run that has it; with several points the best by ORDER (asc, desc).
value() {
    query "SELECT value FROM v_history WHERE metric = '$2' AND point GLOB '$1'
           ORDER BY run DESC, value ${3:-asc} LIMIT 1"
}

# ratio A B [FACTOR]
ratio() {
    [ -n "$1" ] && [ -n "$2" ] && awk -v a="$1" -v b="$2" -v f="${3:-1}" 'BEGIN { if (b != 0) printf "%.9g", f * a / b }'
}

measure() { # ARG...: a run that must succeed
    say "$ countermark run $*"
    "$program" run --db "$db" --progress off "$@" >"$out/run.log" 2>&1
    local status=$?
    if [ $status -ne 0 ]; then
        failed=1
        say "FAILS: exit $status" && tail -n 30 "$out/run.log" | tee -a "$out/results.txt"
    fi
}

machine() {
    "$program" doctor >"$out/doctor.txt" 2>&1
    "$program" doctor --format json >"$out/doctor.json" 2>/dev/null
    say "date: $(date -u +%F), kernel: $(uname -r), program: $("$program" --version 2>/dev/null | head -n 1)"
    nvidia-smi --query-gpu=name,driver_version,clocks.max.sm,clocks.max.mem,ecc.mode.current,power.limit --format=csv,noheader \
        2>/dev/null | tee -a "$out/results.txt"
    sed -n '/^gpu$/,/^$/p' "$out/doctor.txt" | tee -a "$out/results.txt"
    if "$program" list variants -k mandelbrot -v cuda | grep -q ' no: '; then
        say "no GPU that can be used: nothing was checked"
        exit 77
    fi
}

# Every CUDA variant gives the right result at sizes that fill blocks and at sizes that do not.
variants_are_right() {
    local sizes=100,101,300,1000,2000 bytes=24,1000,64K,16M,256M
    [ -z "$rehearse" ] || { sizes=100,101 && bytes=24,1000,64K; }
    measure -k mandelbrot -v 'cuda*' -s size=$sizes -s maxiter=100,1000 --launches 1
    measure -k mandelbrot -v cuda_tuned -s size=300 -s pixels=all -s block=all -s interior=all -s result=all --launches 1
    measure -k triad,copy -v cuda -s size=$bytes --launches 1
    measure -k triad -v cuda -s cache=cold -s size=64K --launches 1
    measure -k peak -v cuda -s precision=all --launches 1
    measure -k null -v cuda --launches 1
    check "CUDA launches that were not right" \
        "$(query "SELECT count(*) FROM launch WHERE status <> 'done'")" 'x == 0' launches
    query "SELECT variant, match, count(*), max(deviations) FROM launch l JOIN point p ON p.id = l.point GROUP BY 1, 2" |
        awk -F '|' '{ print "    " $1 ": " $3 " launches " ($2 ? "within tolerance, at most " $4 " deviations" : "same bits") }' |
        tee -a "$out/results.txt"
}

peak_instructions() { # MULTIPLY-ADDS CHAINS ENDS
    awk -v n="$1" -v c="$2" -v e="$3" 'BEGIN { printf "%.15g", n / 32 * 643 / 640 + c / 32 / 8 * e }'
}

# Work whose counts are known by construction: elements and the analytic work stand in the launch's row.
counters_are_right() {
    local large=1610612736 fma
    # What fills a large GPU: 16M chains.
    local chains=16777216
    [ -z "$rehearse" ] || { large=65536 && chains=16384; }
    fma="peak/cuda:*precision=fp64*size=$chains*"
    measure -k peak -v cuda -s precision=all -s size=$chains --collect cupti:activity+gpu_core+gpu_pipes,cupti:gpu_flops --launches 3
    measure -k triad,copy -v cuda -s size=$large --collect cupti:activity+gpu_core+gpu_cache,cupti:gpu_flops --launches 3
    local elements
    elements=$(query "SELECT elements FROM launch l JOIN point p ON p.id = l.point WHERE p.text GLOB '$fma' AND elements > 0 LIMIT 1")
    check "peak fp64: DFMA counted / known" "$(ratio "$(value "$fma" cupti.sass_dfma)" "$elements")" 'x > 0.99 && x < 1.01'
    # variants/peak/peak.h: 643 instructions for 640 multiply-adds, and those that begin and end a warp.
    check "peak fp64: warp instructions / known" "$(ratio "$(value "$fma" cupti.warp_instructions)" \
        "$(peak_instructions "$elements" "$chains" 47)")" 'x > 0.99 && x < 1.01'
    check "peak fp32: warp instructions / known" "$(ratio "$(value "${fma/fp64/fp32}" cupti.warp_instructions)" \
        "$(peak_instructions "$elements" "$chains" 46)")" 'x > 0.99 && x < 1.01'
    local n
    n=$(query "SELECT elements FROM launch l JOIN point p ON p.id = l.point WHERE p.text GLOB 'triad/cuda:*size=$large' LIMIT 1")
    check "triad $large: DRAM bytes counted / 24 a update" \
        "$(ratio "$(value "triad/cuda:*size=$large" cupti.dram_bytes)" "$n" 0.041666666667)" 'x > 0.98 && x < 1.02'
    check "triad $large: DRAM bytes read / 16 an update" \
        "$(ratio "$(value "triad/cuda:*size=$large" cupti.dram_read_bytes)" "$n" 0.0625)" 'x > 0.98 && x < 1.02'
    check "triad $large: flops counted / 2 an update" \
        "$(ratio "$(value "triad/cuda:*size=$large" cupti.fp64_flops)" "$n" 0.5)" 'x > 0.99 && x < 1.01'
    check "copy $large: DRAM bytes counted / bytes moved" \
        "$(ratio "$(value "copy/cuda:*size=$large" cupti.dram_bytes)" "$(query "SELECT bytes_read + bytes_written FROM launch l
            JOIN point p ON p.id = l.point WHERE p.text GLOB 'copy/cuda:*size=$large' AND bytes_read > 0 LIMIT 1")")" \
        'x > 0.98 && x < 1.02'
    check "peak fp64: CUPTI's time / the events' time" \
        "$(ratio "$(value "$fma" cupti.gpu_time)" "$(value "$fma" device.time)")" 'x > 0.9 && x < 1.1'
    check "peak fp64: traced kernels' time / the events' time" \
        "$(ratio "$(value "$fma" cupti.kernel_time)" "$(value "$fma" device.time)")" 'x > 0.9 && x < 1.1'
    check "records that tracing lost" "$(query "SELECT coalesce(sum(value), 0) FROM v_samples WHERE metric = 'cupti.dropped'")" \
        'x == 0' records
}

# Shown, with no limit: what the instruments cost on work of some milliseconds.
overheads() {
    local p
    for p in 'peak/cuda:*precision=fp64*' 'triad/cuda:*' 'copy/cuda:*'; do
        check "$p: traced / timed (B/A)" "$(ratio "$(value "$p" cupti.traced_time desc)" "$(value "$p" wall.time desc)")" 'x > 0'
        check "$p: counted / timed (C/A)" "$(ratio "$(value "$p" cupti.counted_time desc)" "$(value "$p" wall.time desc)")" 'x > 0'
    done
}

# Bytes per ns of the largest arrays of a kernel on the device.
bandwidth() { # KERNEL
    query "SELECT (l.bytes_read + l.bytes_written) / h.value FROM v_history h JOIN launch l ON l.point = h.point_id AND l.run = h.run
           WHERE h.metric = 'device.time' AND h.point GLOB '$1/cuda*' AND l.bytes_read > 0
           ORDER BY l.bytes_read DESC, h.value LIMIT 1"
}

# The fastest setting is looked for on a smaller picture, by time alone; the large one, 8000 x 8000 pixels (size doubles the
# sides), is then measured with that. Its reference takes one CPU core a minute, once.
fast_enough() {
    local size=16000 trial=8000 best variant settings=() word cpu
    [ -z "$rehearse" ] || { size=300 && trial=200; }
    measure -k mandelbrot -v cuda,cuda_tuned -s size=$trial -s block=all -s pixels=all -s interior=all --collect wall --launches 1
    best=$(query "SELECT point FROM v_history WHERE metric = 'wall.time' AND point GLOB 'mandelbrot/cuda*size=$trial*'
                  AND point GLOB '*maxiter=1000,*' AND point NOT GLOB '*fp32*' ORDER BY value LIMIT 1")
    say "fastest with the same bits at size=$trial: $best"
    variant=${best#*/}
    for word in $(tr ',' ' ' <<<"${best#*:}"); do
        case $word in size=*) ;; *) settings+=(-s "$word") ;; esac
    done
    measure -k mandelbrot -v "${variant%%:*}" -s size=$size "${settings[@]}" --timeout 5m --collect cupti:activity+gpu_core+gpu_pipes --launches 8
    measure -k mandelbrot -v cuda -s size=$size --timeout 5m --collect cupti:activity+gpu_core+gpu_pipes --launches 3
    measure -k mandelbrot -v openmp_simd -s size=$size --timeout 5m --collect wall --launches 8
    query "SELECT point, round(value / 1e6, 3) || ' ms' FROM v_history WHERE metric = 'wall.time' AND point GLOB '*size=$size*'
           ORDER BY value" | tee -a "$out/results.txt"
    best=${best/size=$trial/size=$size}
    cpu=$(value "mandelbrot/openmp_simd:*size=$size*" wall.time)
    check "mandelbrot: openmp_simd on all cores / best CUDA variant" "$(ratio "$cpu" "$(value "$best" wall.time)")" 'x >= 100' times
    check "mandelbrot: best CUDA variant keeps the fp64 pipes busy" "$(value "$best" cupti.fp64_pipe_used)" 'x >= 60' %
    check "triad's bandwidth / device copy's, largest arrays" "$(ratio "$(bandwidth triad)" "$(bandwidth copy)")" 'x >= 0.9'
}

# Counters without privileges: the sentence, and times all the same.
without_privileges() {
    [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null || return
    mkdir -p "$out/nobody" && chown 65534:65534 "$out/nobody"
    say "as a user without privileges:"
    (cd "$out/nobody" && setpriv --reuid 65534 --regid 65534 --clear-groups "$program" run --db nobody.db -k peak -v cuda \
        --collect cupti --launches 1 --progress off 2>&1 | tail -n 8) | tee -a "$out/results.txt"
}

machine
variants_are_right
counters_are_right
overheads
fast_enough
without_privileges
"$program" db check --db "$db" || failed=1
"$program" db export "$out/gpu.jsonl" --db "$db" || failed=1
"$program" report --db "$db" -o "$out/report" >/dev/null 2>&1 || failed=1
say "$SECONDS s; results: $out/results.txt, $out/gpu.jsonl"
exit $failed
