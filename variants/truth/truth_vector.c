/* Products and sums of vectors of 16 bytes, which every x86-64 and AArch64 has. */
#include "arithmetic.h"

#define PER_ROUND (TRUTH_CHAIN_COUNT * TRUTH_STEPS)

static const struct axis axes[] = {TRUTH_PRECISION, {0}};

typedef double two_doubles __attribute__((vector_size(16)));
typedef float four_floats __attribute__((vector_size(16)));

static double singles(uint64_t n)
{
    four_floats x[TRUTH_CHAIN_COUNT] = {{0}}, one = {1, 1, 1, 1};
    double sum = 0;

    TRUTH_CHAINS("ps", TRUTH_4S, x, n, one);
    for (int k = 0; k < TRUTH_CHAIN_COUNT; k++)
        for (int lane = 0; lane < 4; lane++)
            sum += (double)x[k][lane];
    return sum / 4;
}

static double doubles(uint64_t n)
{
    two_doubles x[TRUTH_CHAIN_COUNT] = {{0}}, one = {1, 1};
    double sum = 0;

    TRUTH_CHAINS("pd", TRUTH_2D, x, n, one);
    for (int k = 0; k < TRUTH_CHAIN_COUNT; k++)
        for (int lane = 0; lane < 2; lane++)
            sum += x[k][lane];
    return sum / 2;
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
    return truth_arithmetic(r, truth_is_single(r) ? 4 : 2, out, capacity);
}

const struct variant variant_truth_vector = {
    .abi = VARIANT_ABI,
    .version = "1",
    .summary = "known operations on vectors of 16 bytes",
    .axes = axes,
    .run = run,
    .expected = expected,
};
