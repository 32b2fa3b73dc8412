#!/bin/bash
# Programs of exactly known length, counted from exec to exit: the instructions must be right within 0.1 %. Needs a PMU.
. "$TOP/tests/tap.sh"

"$COUNTERMARK" doctor --format json >doctor.json 2>err || {
    cat err
    exit 1
}
reason=$(python3 -c 'import json
print(next(c["reason"] for c in json.load(open("doctor.json"))["collectors"] if c["name"] == "papi"))')
[ -z "$reason" ] || skip "no counters here: $reason"

# No library, no loader: a loop of ROUNDS times two instructions, and the few that end the program.
cat >loop.c <<'E2'
void _start(void);
void _start(void)
{
#if defined(__x86_64__)
    __asm__ volatile("mov %0, %%rcx\n1: dec %%rcx\n\tjnz 1b\n\tmov $60, %%eax\n\txor %%edi, %%edi\n\tsyscall"
                     : : "i"(ROUNDS) : "rcx", "rax", "rdi");
#elif defined(__aarch64__)
    __asm__ volatile("ldr x1, =%0\n1: subs x1, x1, #1\n\tb.ne 1b\n\tmov x8, #93\n\tmov x0, #0\n\tsvc #0"
                     : : "i"(ROUNDS) : "x0", "x1", "x8", "cc");
#else
#error no loop of known length is written for this CPU
#endif
}
E2
for rounds in 1000000 20000000; do
    "${CC:-cc}" -O2 -nostdlib -static -fno-stack-protector "-DROUNDS=$rounds" loop.c -o "loop$rounds" 2>err ||
        skip "no loop of known length can be built here: $(head -n 1 err)"
    exits 0 "a loop of $rounds rounds runs" \
        "$COUNTERMARK" run --db "t$rounds.db" --collect papi:base --launches 1 -- "./loop$rounds"
    is "each repetition is within 0.1 % of $((2 * rounds)) instructions" "$(sqlite3 "t$rounds.db" "
        SELECT count(*) > 0, max(abs(value / inner / (2.0 * $rounds) - 1)) < 0.001, min(quality) FROM v_samples
        WHERE metric = 'papi.PAPI_TOT_INS'")" "1|1|exact"
done
done_testing
