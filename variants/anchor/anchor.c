/*
 * The same work in every run, by one program that is kept for each machine: if it takes another time than it did, the machine has
 * moved and not the code. Each variant leans on another part of the machine, since a neighbour, a governor or another kernel
 * slows some parts and spares others. An execution takes some 10 to 20 ms.
 */
#include "anchor.h"

#include <stdio.h>
#include <sys/mman.h>

#define LARGE_PAGE ((size_t)2 << 20)

static const struct axis axes[] = {{0}};

void *anchor_memory(size_t bytes)
{
    size_t room = (bytes + LARGE_PAGE - 1) / LARGE_PAGE * LARGE_PAGE;
    void *memory = aligned_alloc(LARGE_PAGE, room);

    if (memory)
        (void)madvise(memory, room, MADV_HUGEPAGE); /* without them it works as well */
    return memory;
}

static void teardown(struct run *r)
{
    free(r->problem);
    free(r->output);
    r->problem = r->output = NULL;
    r->output_bytes = 0;
}

static int setup(struct run *r)
{
    struct anchor *a = calloc(1, sizeof *a);

    r->problem = a;
    r->output_bytes = sizeof(uint64_t);
    r->output = malloc(r->output_bytes);
    if (!a || !r->output) {
        teardown(r);
        snprintf(r->error, sizeof r->error, "no memory for a few numbers");
        return -1;
    }
    *a = (struct anchor){1, 1, 3};
    return 0;
}

static int reference(struct run *r, struct work *w)
{
    anchor_result(r, 0, 0);
    *w = (struct work){.elements = 1};
    return 0;
}

static void verify(const struct run *r, const void *wanted, double tolerance, struct verdict *v)
{
    (void)tolerance;
    *v = (struct verdict){.match = MATCH_SAME_BITS};
    if (!memcmp(r->output, wanted, r->output_bytes))
        return;
    *v = (struct verdict){.match = MATCH_WRONG, .deviations = 1};
    if (output_untouched(r->output, r->output_bytes))
        snprintf(v->text, sizeof v->text, "the output was not written");
    else
        snprintf(v->text, sizeof v->text, "its outcome is not the one that arithmetic says");
}

const struct kernel kernel_anchor = {
    .abi = VARIANT_ABI,
    .role = ROLE_ANCHOR,
    .version = "1",
    .summary = "the same work in every run, to tell whether the machine moved",
    .element = "execution",
    .axes = axes,
    .setup = setup,
    .reference = reference,
    .verify = verify,
    .teardown = teardown,
};
