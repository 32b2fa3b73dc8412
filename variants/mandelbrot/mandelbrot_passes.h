/*
 * The array way: each operation of an iteration is one pass over all points that writes a temporary, as NumPy evaluates
 * z = z*z + q; done = abs(z) > 2; q, z = where(done, 0, ...); output = where(done, it, output). A point that escaped stays
 * at zero and is carried along to the end. Shared by the variants that differ only in how many points a pass covers.
 */
#ifndef VARIANTS_MANDELBROT_MANDELBROT_PASSES_H
#define VARIANTS_MANDELBROT_MANDELBROT_PASSES_H

#include "mandelbrot.h"

struct passes {
    size_t capacity;
    double *zx, *zy, *qx, *qy, *xx, *yy, *xy; /* `capacity` points each */
    unsigned char *done;
};

static inline void passes_free(struct passes *p)
{
    if (!p)
        return;
    free(p->zx); /* one block for all arrays of doubles */
    free(p->done);
    free(p);
}

static inline struct passes *passes_make(size_t capacity)
{
    struct passes *p = calloc(1, sizeof *p);
    double *block = calloc(capacity * 7, sizeof *block);

    if (!p || !block || !(p->done = malloc(capacity))) {
        free(block);
        free(p);
        return NULL;
    }
    p->capacity = capacity;
    p->zx = block;
    p->zy = block + capacity;
    p->qx = block + capacity * 2;
    p->qy = block + capacity * 3;
    p->xx = block + capacity * 4;
    p->yy = block + capacity * 5;
    p->xy = block + capacity * 6;
    return p;
}

static inline void passes_multiply(size_t n, double *restrict out, const double *a, const double *b)
{
    for (size_t i = 0; i < n; i++)
        out[i] = a[i] * b[i];
}

/* z = z*z + q, from the products already made. */
static inline void passes_advance(const struct passes *p, size_t n)
{
    double *restrict zx = p->zx, *restrict zy = p->zy;
    const double *restrict xx = p->xx, *restrict yy = p->yy, *restrict xy = p->xy, *restrict qx = p->qx,
                           *restrict qy = p->qy;

    for (size_t i = 0; i < n; i++)
        zx[i] = (xx[i] - yy[i]) + qx[i];
    for (size_t i = 0; i < n; i++)
        zy[i] = (xy[i] + xy[i]) + qy[i];
}

static inline void passes_compare(const struct passes *p, size_t n)
{
    const double *restrict xx = p->xx, *restrict yy = p->yy;
    unsigned char *restrict done = p->done;

    for (size_t i = 0; i < n; i++)
        done[i] = xx[i] + yy[i] > 4.0;
}

static inline void passes_clear(size_t n, double *restrict a, const unsigned char *restrict done)
{
    for (size_t i = 0; i < n; i++)
        a[i] = done[i] ? 0 : a[i];
}

static inline void passes_note(size_t n, int32_t *restrict out, const unsigned char *restrict done, int32_t it)
{
    for (size_t i = 0; i < n; i++)
        out[i] = done[i] ? it : out[i];
}

/* All iterations of the `n` points from pixel `first` on. */
static inline void passes_run(const struct mandelbrot *m, const struct passes *p, size_t first, size_t n, int32_t *out)
{
    for (size_t i = 0; i < n; i++) {
        p->qx[i] = m->x[(first + i) % (size_t)m->width];
        p->qy[i] = m->y[(first + i) / (size_t)m->width];
    }
    memset(p->zx, 0, n * sizeof *p->zx);
    memset(p->zy, 0, n * sizeof *p->zy);
    memset(out, 0, n * sizeof *out);
    for (int it = 0; it < m->maxiter; it++) {
        passes_multiply(n, p->xx, p->zx, p->zx);
        passes_multiply(n, p->yy, p->zy, p->zy);
        passes_multiply(n, p->xy, p->zx, p->zy);
        passes_advance(p, n);
        passes_multiply(n, p->xx, p->zx, p->zx);
        passes_multiply(n, p->yy, p->zy, p->zy);
        passes_compare(p, n);
        passes_clear(n, p->qx, p->done);
        passes_clear(n, p->qy, p->done);
        passes_clear(n, p->zx, p->done);
        passes_clear(n, p->zy, p->done);
        passes_note(n, out, p->done, it);
    }
}

static inline int passes_prepare(struct run *r, size_t capacity)
{
    r->state = passes_make(capacity);
    if (r->state)
        return 0;
    snprintf(r->error, sizeof r->error, "no memory for temporaries of %zu points", capacity);
    return -1;
}

static inline void passes_finish(struct run *r)
{
    passes_free(r->state);
    r->state = NULL;
}

#endif
