/*
 * How fast memory streams: the sum over 64 MiB, read twice from end to end. Shows the memory, or on machines with a larger last cache that
 * cache, and who else uses it.
 *
 * cflags: -O3
 */
#include "anchor.h"

#include <stdio.h>

#define COUNT ((size_t)(64 << 20) / sizeof(uint64_t))
#define TIMES 2

static int prepare(struct run *r)
{
    const struct anchor *a = r->problem;
    uint64_t *numbers = anchor_memory(COUNT * sizeof *numbers);

    if (!numbers) {
        snprintf(r->error, sizeof r->error, "no memory for %zu bytes", COUNT * sizeof *numbers);
        return -1;
    }
    for (size_t i = 0; i < COUNT; i++)
        numbers[i] = i * a->stride;
    r->state = numbers;
    return 0;
}

static int run_bandwidth(struct run *r)
{
    const uint64_t *numbers = r->state;
    uint64_t sum = 0;

    for (int time = 0; time < TIMES; time++) {
        for (size_t i = 0; i < COUNT; i++)
            sum += numbers[i];
        __asm__ volatile("" : : "r"(numbers) : "memory"); /* the second reading is none that the first has done */
    }
    anchor_result(r, sum, (uint64_t)TIMES * COUNT * (COUNT - 1) / 2 * 3);
    return 0;
}

const struct variant variant_anchor_bandwidth = {
    .abi = VARIANT_ABI,
    .version = "1",
    .summary = "the sum over 64 MiB, read twice from end to end",
    .prepare = prepare,
    .run = run_bandwidth,
    .finish = anchor_finish,
};
