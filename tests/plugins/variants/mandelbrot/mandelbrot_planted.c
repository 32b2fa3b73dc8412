/*
 * Test plug-in: like serial, and then executes CM_TEST_EXTRA percent (0) of its iterations once more for nothing: as many more
 * instructions, for they are iterations of the same loop.
 *
 * cflags: -ffp-contract=off
 */
#include "mandelbrot.h"

struct plan {
    double share;
    volatile double origin; /* a point that never escapes; the compiler must not know */
    volatile int32_t sink;
};

static int prepare(struct run *r)
{
    const char *text = getenv("CM_TEST_EXTRA");
    struct plan *p = calloc(1, sizeof *p);

    if (!p) {
        snprintf(r->error, sizeof r->error, "no memory");
        return -1;
    }
    p->share = text ? strtod(text, NULL) / 100 : 0;
    r->state = p;
    return 0;
}

static int run_planted(struct run *r)
{
    const struct mandelbrot *m = r->problem;
    struct plan *p = r->state;
    int32_t *out = r->output;
    double iterations = 0;

    for (int row = 0; row < m->height; row++)
        for (int column = 0; column < m->width; column++) {
            int32_t it = mandelbrot_escape(m->x[column], m->y[row], m->maxiter);

            *out++ = it < m->maxiter ? it : 0;
            iterations += it < m->maxiter ? it + 1 : it;
        }
    for (double extra = iterations * p->share; extra >= 1; extra -= 1e6)
        p->sink = mandelbrot_escape(p->origin, 0, extra < 1e6 ? (int)extra : 1000000);
    return 0;
}

static void finish(struct run *r)
{
    free(r->state);
    r->state = NULL;
}

const struct variant variant_mandelbrot_planted = {
    .abi = VARIANT_ABI,
    .version = "1",
    .summary = "like serial, and more instructions on demand",
    .prepare = prepare,
    .run = run_planted,
    .finish = finish,
};
