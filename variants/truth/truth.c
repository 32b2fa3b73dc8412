/*
 * The problem of the loops with known counts: to do n rounds. See truth.h.
 */
#include "truth.h"

#include <inttypes.h>
#include <unistd.h>

static const struct axis axes[] = {
    {"n", "16K,64K", "64K", "rounds, a multiple of 64", false},
    {0},
};

/* What variants reserve, for the planner: the largest of what their axes and n ask for. */
static int64_t footprint(const struct run *r)
{
    int64_t lines = run_number(r, "n") * TRUTH_LINE, pages = run_number(r, "pages") * (int64_t)sysconf(_SC_PAGESIZE);
    int64_t size = run_number(r, "size");
    int64_t most = lines > pages ? lines : pages;

    return size > most ? size : most;
}

static int setup(struct run *r)
{
    int64_t n = run_number(r, "n");

    r->problem = r->output = NULL;
    r->output_bytes = 0;
    if (n < TRUTH_ROUNDS || n > TRUTH_MOST_ROUNDS || n % TRUTH_ROUNDS) {
        snprintf(r->error, sizeof r->error, "n is %" PRId64 ", but must be a multiple of %d up to %d", n, TRUTH_ROUNDS,
                 TRUTH_MOST_ROUNDS);
        return -1;
    }
    r->output_bytes = sizeof(uint64_t);
    r->output = malloc(r->output_bytes);
    if (r->output)
        return 0;
    r->output_bytes = 0;
    snprintf(r->error, sizeof r->error, "no memory for the result");
    return -1;
}

static int reference(struct run *r, struct work *w)
{
    truth_result(r, (uint64_t)run_number(r, "n"));
    *w = (struct work){.elements = truth_rounds(r)};
    return 0;
}

static void verify(const struct run *r, const void *wanted, double tolerance, struct verdict *v)
{
    uint64_t is, should;

    (void)tolerance; /* whole numbers */
    *v = (struct verdict){.match = MATCH_SAME_BITS};
    memcpy(&is, r->output, sizeof is);
    memcpy(&should, wanted, sizeof should);
    if (is == should)
        return;
    v->match = MATCH_WRONG;
    v->deviations = 1;
    if (output_untouched(r->output, r->output_bytes))
        snprintf(v->text, sizeof v->text, "the output was not written");
    else
        snprintf(v->text, sizeof v->text, "what the loop added up says %" PRIu64 " rounds, but there are %" PRIu64, is,
                 should);
}

static void teardown(struct run *r)
{
    free(r->output);
    r->output = NULL;
    r->output_bytes = 0;
}

const struct kernel kernel_truth = {
    .abi = VARIANT_ABI,
    .role = ROLE_TRUTH,
    .version = "1",
    .summary = "loops whose counts are known by construction, to check what counts them",
    .element = "round",
    .axes = axes,
    .footprint = footprint,
    .setup = setup,
    .reference = reference,
    .verify = verify,
    .teardown = teardown,
};
