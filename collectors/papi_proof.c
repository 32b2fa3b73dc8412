/*
 * The loop of known length, and what a set must make of it. See papi_proof.h.
 * needs: papi
 */
#include "papi_proof.h"

#ifndef WITHOUT_PAPI

#include "papi_set.h"

#include <math.h>
#include <string.h>
#include <unistd.h>

/* A region is 16 events, each with its smallest and largest thread. */
enum { READINGS = 3 * PAPI_SET_EVENTS };

/* No CPU runs this many of the loop's instructions in one cycle. */
#define MOST_PER_CYCLE 16.0

int64_t papi_proof_loop(int64_t instructions)
{
    int64_t rounds = instructions / 2;

#if defined(__x86_64__)
    __asm__ volatile("1: dec %0\n\tjnz 1b" : "+r"(rounds) : : "cc");
    return instructions / 2 * 2;
#elif defined(__aarch64__)
    __asm__ volatile("1: subs %0, %0, #1\n\tb.ne 1b" : "+r"(rounds) : : "cc");
    return instructions / 2 * 2;
#else
    for (volatile int64_t i = 0; i < rounds; i++)
        continue;
    return 0;
#endif
}

static const struct reading *find(const struct reading *r, size_t count, const char *metric)
{
    for (size_t i = 0; i < count; i++)
        if (!strcmp(r[i].metric, metric))
            return &r[i];
    return NULL;
}

/* What one counted loop says about the set. */
static int judge(const struct reading *r, size_t count, int64_t known, struct err *e)
{
    const struct reading *cycles = find(r, count, "papi." PAPI_CYCLES);
    const struct reading *instructions = find(r, count, "papi." PAPI_INSTRUCTIONS);

    if (!cycles || !instructions)
        return err_set(e, CM_UNTRUSTED, "the set has no " PAPI_CYCLES " and " PAPI_INSTRUCTIONS " to check it by");
    for (size_t i = 0; i < count; i++)
        if (r[i].quality != QUALITY_EXACT)
            return err_set(e, CM_UNTRUSTED, "%s is not right on a known loop: %s", r[i].metric, r[i].reason);
    if (known && fabs(instructions->value / (double)known - 1) > PAPI_PROOF_TOLERANCE)
        return err_set(e, CM_UNTRUSTED, "a loop of %lld instructions was counted as %.0f", (long long)known,
                       instructions->value);
    if (cycles->value * MOST_PER_CYCLE < instructions->value)
        return err_set(e, CM_UNTRUSTED, "%.0f instructions in %.0f cycles are more than any CPU can do",
                       instructions->value, cycles->value);
    return 0;
}

/* One counted loop: 0 if the set gets it right. */
static int round_of_proof(struct papi_set *set, struct err *e)
{
    struct reading readings[READINGS];
    int64_t known;

    if (papi_set_start(set))
        return err_set(e, CM_UNTRUSTED, "the set could not be started");
    known = papi_proof_loop(PAPI_PROOF_INSTRUCTIONS);
    if (papi_set_stop(set))
        return err_set(e, CM_UNTRUSTED, "the set could not be stopped");
    return judge(readings, papi_set_read(set, readings, READINGS), known, e);
}

int papi_prove(const char *events, struct err *e)
{
    pid_t self = gettid();
    const struct target target = {.kind = TARGET_THREADS, .threads = &self, .thread_count = 1};
    struct papi_set *set = papi_set_open(events, &target, e);
    struct err wrong = {0};
    int right = 0, bad = 0;

    while (set && right < PAPI_PROOF_RIGHT && bad < PAPI_PROOF_WRONG) {
        if (round_of_proof(set, &wrong))
            bad++;
        else
            right++;
    }
    papi_set_close(set);
    if (set && right < PAPI_PROOF_RIGHT)
        return err_set(e, CM_UNTRUSTED, "%s", wrong.text);
    return set ? 0 : -1;
}

#endif
