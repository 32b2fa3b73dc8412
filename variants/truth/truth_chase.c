/*
 * A chase through a footprint that a level of cache holds, or that is far too large for it. Nodes lie in every second line: a
 * prefetcher that brings lines in pairs brings one that nobody wants.
 */
#include "chase.h"
#include "levels.h"

#define DISTANCE (2 * TRUTH_LINE)
#define MOST (INT64_C(1) << 31)

static const struct axis axes[] = {
    {"size", "L1/4,L2/4,8L2", "L2/4", "bytes that the chain lies in, a multiple of 128", false},
    {0},
};

static int prepare(struct run *r)
{
    int64_t size = run_number(r, "size");

    if (size < 2 * DISTANCE || size > MOST || size % DISTANCE) {
        snprintf(r->error, sizeof r->error, "size is %lld, but must be a multiple of %d from %d to %lld",
                 (long long)size, DISTANCE, 2 * DISTANCE, (long long)MOST);
        return -1;
    }
    return chase_prepare(
        r, &(struct chase_shape){.nodes = (size_t)size / DISTANCE, .distance = DISTANCE, .together = 1, .stagger = 1});
}

static size_t expected(const struct run *r, struct expected *out, size_t capacity)
{
    double n = truth_rounds(r);
    struct expected all[6];
    size_t levels = truth_level_misses(r, all, DISTANCE, 0.2,
                                       "every load goes to a line that was dropped since its last visit; an event that "
                                       "counts a prefetcher's lines too may show twice as many");

    all[levels] = (struct expected){"loads", n, TRUTH_EXACT, "one a round"};
    all[levels + 1] = (struct expected){"instructions", n * CHASE_INSTRUCTIONS, TRUTH_EXACT, CHASE_WORDS};
    all[levels + 2] = (struct expected){"branches", n, TRUTH_EXACT, "one that closes the loop a round"};
    return TRUTH_LIST(out, capacity, all, true);
}

const struct variant variant_truth_chase = {
    .abi = VARIANT_ABI,
    .version = "1",
    .summary = "known misses: a chase through a footprint that a cache holds, or cannot hold",
    .axes = axes,
    .prepare = prepare,
    .run = chase_run,
    .finish = chase_finish,
    .expected = expected,
};
