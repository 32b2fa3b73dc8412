/* The chain of a chase, and the loop along it. See chase.h. */
#include "chase.h"

#include <errno.h>
#include <sys/mman.h>

#define ONE_LOAD (UINT64_C(1) << 32)

/* A generator of its own: the chain is the same in every launch. */
static uint64_t draw(uint64_t *x)
{
    *x ^= *x << 13;
    *x ^= *x >> 7;
    *x ^= *x << 17;
    return *x;
}

static uint64_t place(const struct chase_shape *s, size_t node)
{
    return node * s->distance + node % s->stagger * TRUTH_LINE;
}

static void link_nodes(char *memory, uint64_t from, uint64_t to)
{
    uint64_t node = ONE_LOAD | to;

    memcpy(memory + from, &node, sizeof node);
}

/* One cycle through all groups, in random order (Sattolo's shuffle of their numbers), and in each from node to node. */
static int link_all(struct chase *c, const struct chase_shape *s, uint64_t seed)
{
    size_t groups = s->nodes / s->together;
    uint32_t *order = calloc(groups, sizeof *order);
    uint64_t x = seed * 2 + 1;

    if (!order)
        return -1;
    for (size_t i = 0; i < groups; i++)
        order[i] = (uint32_t)i;
    for (size_t i = groups - 1; i > 0; i--) {
        size_t k = draw(&x) % i;
        uint32_t swapped = order[i];

        order[i] = order[k];
        order[k] = swapped;
    }
    for (size_t i = 0; i < groups; i++) {
        size_t first = i * s->together, next = order[i] * s->together;

        for (size_t k = 0; k + 1 < s->together; k++)
            link_nodes(c->memory, place(s, first + k), place(s, first + k + 1));
        link_nodes(c->memory, place(s, first + s->together - 1), place(s, next));
    }
    free(order);
    return 0;
}

int chase_prepare(struct run *r, const struct chase_shape *s)
{
    struct chase *c = calloc(1, sizeof *c);

    r->state = NULL;
    if (!c) {
        snprintf(r->error, sizeof r->error, "no memory for the variant's state");
        return -1;
    }
    c->bytes = s->nodes * s->distance;
    c->memory = mmap(NULL, c->bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (c->memory == MAP_FAILED) {
        snprintf(r->error, sizeof r->error, "no memory for a chain in %zu bytes (%s)", c->bytes, strerror(errno));
        free(c);
        return -1;
    }
    madvise(c->memory, c->bytes, MADV_NOHUGEPAGE); /* refused by kernels that have no huge pages */
    r->state = c;
    if (!link_all(c, s, r->seed))
        return 0;
    snprintf(r->error, sizeof r->error, "no memory for the order of %zu nodes", s->nodes);
    chase_finish(r);
    return -1;
}

void chase_finish(struct run *r)
{
    struct chase *c = r->state;

    if (!c)
        return;
    munmap(c->memory, c->bytes);
    free(c);
    r->state = NULL;
}

/* The place after n loads from `at`; *sum is how many the nodes say there were. */
static uint64_t follow(const char *memory, uint64_t at, uint64_t n, uint64_t *sum)
{
    uint64_t loads = 0;

#if defined(__x86_64__)
    uint64_t t;

    __asm__ volatile("1:\n\t"
                     "mov (%[memory],%[at]), %[at]\n\t"
                     "mov %[at], %[t]\n\t"
                     "shr $32, %[t]\n\t"
                     "add %[t], %[loads]\n\t"
                     "mov %k[at], %k[at]\n\t"
                     "sub $1, %[n]\n\t"
                     "jnz 1b"
                     : [at] "+&r"(at), [loads] "+&r"(loads), [n] "+&r"(n), [t] "=&r"(t)
                     : [memory] "r"(memory)
                     : "cc", "memory");
#elif defined(__aarch64__)
    __asm__ volatile("1:\n\t"
                     "ldr %[at], [%[memory], %[at]]\n\t"
                     "add %[loads], %[loads], %[at], lsr #32\n\t"
                     "mov %w[at], %w[at]\n\t"
                     "subs %[n], %[n], #1\n\t"
                     "b.ne 1b"
                     : [at] "+&r"(at), [loads] "+&r"(loads), [n] "+&r"(n)
                     : [memory] "r"(memory)
                     : "cc", "memory");
#else
    while (n--) {
        memcpy(&at, memory + at, sizeof at);
        loads += at >> 32;
        at &= ONE_LOAD - 1;
    }
#endif
    *sum = loads;
    return at;
}

int chase_run(struct run *r)
{
    struct chase *c = r->state;
    uint64_t loads;

    c->at = follow(c->memory, c->at, (uint64_t)run_number(r, "n"), &loads);
    truth_result(r, loads);
    return 0;
}
