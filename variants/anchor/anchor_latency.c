/*
 * How long memory takes to answer: one walk through 16 MiB, each step to where the last one says, in an order that nothing can
 * foresee. Past the private caches of most cores: shows the shared cache, its clock and who else uses it.
 */
#include "anchor.h"

#include <stdio.h>

#define PAIR 128 /* bytes of two cache lines, of which caches like to fetch the second too */
#define NODES ((size_t)(16 << 20) / PAIR)

struct node {
    struct node *next;
    char rest[PAIR - sizeof(struct node *)];
};

static uint64_t random_number(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/* One circle through all nodes (Sattolo), the same in every launch. */
static int prepare(struct run *r)
{
    struct node *nodes = anchor_memory(NODES * sizeof *nodes);
    uint64_t state = UINT64_C(0x9E3779B97F4A7C15);

    if (!nodes) {
        snprintf(r->error, sizeof r->error, "no memory for %zu bytes", NODES * sizeof *nodes);
        return -1;
    }
    for (size_t i = 0; i < NODES; i++)
        nodes[i].next = &nodes[i];
    for (size_t i = NODES - 1; i > 0; i--) {
        size_t k = random_number(&state) % i;
        struct node *other = nodes[i].next;

        nodes[i].next = nodes[k].next;
        nodes[k].next = other;
    }
    r->state = nodes;
    return 0;
}

static int run_latency(struct run *r)
{
    const struct node *start = r->state, *at = start;

    for (size_t i = 0; i < NODES; i++)
        at = at->next;
    anchor_result(r, (uint64_t)(uintptr_t)at, (uint64_t)(uintptr_t)start);
    return 0;
}

const struct variant variant_anchor_latency = {
    .abi = VARIANT_ABI,
    .version = "1",
    .summary = "a walk through 16 MiB where each step waits for the last",
    .prepare = prepare,
    .run = run_latency,
    .finish = anchor_finish,
};
