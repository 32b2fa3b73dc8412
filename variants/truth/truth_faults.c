/*
 * Page faults: memory is given back to the kernel, then one word in each of n lines of 64 bytes is written and read. The first
 * write to a page has the kernel hand out a new one. Huge pages are declined, which would be fewer.
 */
#include "truth.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

struct pages {
    size_t bytes;
    char *memory;
};

static size_t bytes_of(const struct run *r)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE), bytes = (size_t)run_number(r, "n") * TRUTH_LINE;

    return (bytes + page - 1) / page * page;
}

static int prepare(struct run *r)
{
    struct pages *p = malloc(sizeof *p);

    r->state = NULL;
    if (!p) {
        snprintf(r->error, sizeof r->error, "no memory for the variant's state");
        return -1;
    }
    p->bytes = bytes_of(r);
    p->memory = mmap(NULL, p->bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p->memory == MAP_FAILED) {
        snprintf(r->error, sizeof r->error, "no memory for %zu bytes of pages (%s)", p->bytes, strerror(errno));
        free(p);
        return -1;
    }
    madvise(p->memory, p->bytes, MADV_NOHUGEPAGE); /* refused by kernels that have no huge pages */
    r->state = p;
    return 0;
}

static int run(struct run *r)
{
    const struct pages *p = r->state;
    size_t end = (size_t)run_number(r, "n") * TRUTH_LINE;
    uint64_t rounds = 0;

    if (madvise(p->memory, p->bytes, MADV_DONTNEED)) {
        snprintf(r->error, sizeof r->error, "pages cannot be given back: madvise: %s", strerror(errno));
        return -1;
    }
    for (size_t i = 0; i < end; i += TRUTH_LINE)
        *(volatile uint64_t *)(void *)(p->memory + i) = 1; /* a read first would be a fault of its own */
    for (size_t i = 0; i < end; i += TRUTH_LINE)
        rounds += *(volatile uint64_t *)(void *)(p->memory + i);
    truth_result(r, rounds);
    return 0;
}

static void finish(struct run *r)
{
    struct pages *p = r->state;

    munmap(p->memory, p->bytes);
    free(p);
    r->state = NULL;
}

static size_t expected(const struct run *r, struct expected *out, size_t capacity)
{
    double pages = (double)bytes_of(r) / (double)sysconf(_SC_PAGESIZE);
    const struct expected all[] = {
        {"page_faults", pages, 0.01, "one for each page that n lines of 64 bytes touch"},
    };

    return TRUTH_LIST(out, capacity, all, false);
}

const struct variant variant_truth_faults = {
    .abi = VARIANT_ABI,
    .version = "1",
    .summary = "known page faults: pages that were given back",
    .prepare = prepare,
    .run = run,
    .finish = finish,
    .expected = expected,
};
