/* Products and sums of single numbers, known one by one. */
#include "arithmetic.h"

#define PER_ROUND (TRUTH_CHAIN_COUNT * TRUTH_STEPS)

static const struct axis axes[] = {TRUTH_PRECISION, {0}};

static double singles(uint64_t n)
{
    float x[TRUTH_CHAIN_COUNT] = {0}, one = 1;
    double sum = 0;

    TRUTH_CHAINS("ss", TRUTH_S, x, n, one);
    for (int k = 0; k < TRUTH_CHAIN_COUNT; k++)
        sum += (double)x[k];
    return sum;
}

static double doubles(uint64_t n)
{
    double x[TRUTH_CHAIN_COUNT] = {0}, one = 1, sum = 0;

    TRUTH_CHAINS("sd", TRUTH_D, x, n, one);
    for (int k = 0; k < TRUTH_CHAIN_COUNT; k++)
        sum += x[k];
    return sum;
}

static int run(struct run *r)
{
    uint64_t n = (uint64_t)run_number(r, "n");
    double sum = truth_is_single(r) ? singles(n) : doubles(n);

    truth_result(r, (uint64_t)(sum / PER_ROUND));
    return 0;
}

static size_t expected(const struct run *r, struct expected *out, size_t capacity)
{
    return truth_arithmetic(r, 1, out, capacity);
}

const struct variant variant_truth_scalar = {
    .abi = VARIANT_ABI,
    .version = "1",
    .summary = "known operations on single numbers",
    .axes = axes,
    .run = run,
    .expected = expected,
};
