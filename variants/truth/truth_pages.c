/*
 * A chase from page to page: one line in each, so that caches hold all of it while the translations of addresses fit, or do not. No
 * page is a huge one.
 */
#include "chase.h"

#include <unistd.h>

#define MOST (INT64_C(1) << 18)
#define HELD 16    /* pages: every first table of translations holds them */
#define LOST 32768 /* pages: twice as many as any table holds, even where four neighbours share an entry */

static const struct axis axes[] = {
    {"pages", "16,256,32K", "32K", "pages that the chain lies in", false},
    {0},
};

static int prepare(struct run *r)
{
    int64_t pages = run_number(r, "pages");

    if (pages < 2 || pages > MOST) {
        snprintf(r->error, sizeof r->error, "pages is %lld, but must be from 2 to %lld", (long long)pages,
                 (long long)MOST);
        return -1;
    }
    return chase_prepare(
        r, &(struct chase_shape){
               .nodes = (size_t)pages, .distance = (size_t)sysconf(_SC_PAGESIZE), .together = 1, .stagger = 63});
}

static size_t expected(const struct run *r, struct expected *out, size_t capacity)
{
    double n = truth_rounds(r), pages = (double)run_number(r, "pages");
    const struct expected all[] = {
        {"dtlb_misses",
         pages <= HELD   ? 0
         : pages >= LOST ? n
                         : TRUTH_UNKNOWN,
         pages <= HELD ? 0.02 : 0.2,
         pages <= HELD   ? "every table of translations holds 16 pages"
         : pages >= LOST ? "every load goes to a page whose translation no table holds any more"
                         : "a miss of the first table only, which some events count and some do not"},
        {"loads", n, TRUTH_EXACT, "one a round"},
        {"instructions", n * CHASE_INSTRUCTIONS, TRUTH_EXACT, CHASE_WORDS},
    };

    return TRUTH_LIST(out, capacity, all, true);
}

const struct variant variant_truth_pages = {
    .abi = VARIANT_ABI,
    .version = "1",
    .summary = "known misses of address translation: a chase from page to page",
    .axes = axes,
    .prepare = prepare,
    .run = chase_run,
    .finish = chase_finish,
    .expected = expected,
};
