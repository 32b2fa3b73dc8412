/*
 * The knee of a curve, and its move. On logarithmic scales most curves over a size are straight lines up to where
 * something runs out; there they bend (bandwidth), or jump (a cache's latency). Both are fitted at every place; the
 * best one counts if it says much more than one line does.
 */
#include "region.h"

#include "../../harness/base/mem.h"
#include "../../harness/base/text.h"
#include "region_axes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/*
 * What is left of a line's squared error must be below this share; and the bend or jump above what nobody would call
 * one.
 */
#define LEFT 0.35
#define BEND 0.15 /* of the slope */
#define JUMP 0.10 /* of the logarithm */

/* Least squares with three columns: 1, t and c. Answers what is left; `weight` is that of c. */
static double fit3(const double *t, const double *c, const double *y, size_t n, double *weight)
{
    double m[3][4] = {{0}}, x[3], left = 0;

    for (size_t i = 0; i < n; i++) {
        double row[4] = {1, t[i], c[i], y[i]};

        for (size_t a = 0; a < 3; a++)
            for (size_t b = 0; b < 4; b++)
                m[a][b] += row[a] * row[b];
    }
    for (size_t a = 0; a < 3; a++) {
        if (fabs(m[a][a]) < 1e-12)
            return INFINITY;
        for (size_t b = a + 1; b < 3; b++) {
            double f = m[b][a] / m[a][a];

            for (size_t k = a; k < 4; k++)
                m[b][k] -= f * m[a][k];
        }
    }
    for (size_t a = 3; a-- > 0;) {
        x[a] = m[a][3];
        for (size_t b = a + 1; b < 3; b++)
            x[a] -= m[a][b] * x[b];
        x[a] /= m[a][a];
    }
    for (size_t i = 0; i < n; i++)
        left += pow(y[i] - x[0] - x[1] * t[i] - x[2] * c[i], 2);
    *weight = x[2];
    return left;
}

static double line_error(const double *t, const double *y, size_t n)
{
    double st = 0, sy = 0, stt = 0, sty = 0, left = 0, slope;

    for (size_t i = 0; i < n; i++) {
        st += t[i];
        sy += y[i];
        stt += t[i] * t[i];
        sty += t[i] * y[i];
    }
    slope = (sty - st * sy / (double)n) / (stt - st * st / (double)n);
    for (size_t i = 0; i < n; i++)
        left += pow(y[i] - sy / (double)n - slope * (t[i] - st / (double)n), 2);
    return left;
}

bool knee_find(const double *x, const double *y, size_t n, size_t *at)
{
    double *work, *t, *v, *c, best = INFINITY, line;

    if (n < KNEE_LEAST)
        return false;
    work = mem_new(3 * n, sizeof *work);
    t = work, v = work + n, c = work + 2 * n;
    for (size_t i = 0; i < n; i++) {
        t[i] = log(x[i] / x[0]);
        v[i] = log(y[i]);
    }
    line = line_error(t, v, n);
    for (size_t k = 2; k + 2 < n; k++) {
        for (int jump = 0; jump < 2; jump++) {
            double weight = 0, left;

            for (size_t i = 0; i < n; i++)
                c[i] = i < k ? 0 : jump ? 1 : t[i] - t[k - 1];
            left = fit3(t, c, v, n, &weight);
            if (left < best && fabs(weight) >= (jump ? JUMP : BEND)) {
                best = left;
                *at = k;
            }
        }
    }
    free(work);
    return best < LEFT * line;
}

/* One curve over `axis`: the points that agree in everything else with the point `first`. */
struct curve {
    double *x, *before, *after;
    size_t *value; /* the place of x among the axis's values */
    size_t count;
};

static bool is_same_but(const struct region_axes *r, const struct region_point *points, size_t p, size_t q, size_t axis)
{
    size_t name = strcspn(points[p].text, ":");

    for (size_t a = 0; a < r->count; a++)
        if (a != axis && r->codes[p * r->count + a] != r->codes[q * r->count + a])
            return false;
    return strcspn(points[q].text, ":") == name && !strncmp(points[p].text, points[q].text, name);
}

/* In the order of the axis's values; only where both levels are known. */
static void curve_read(struct curve *c, const struct region_axes *r, const struct region_point *points, size_t first,
                       size_t axis)
{
    c->count = 0;
    for (size_t v = 0; v < r->axes[axis].count; v++) {
        for (size_t p = 0; p < r->points; p++) {
            if (r->codes[p * r->count + axis] != v || !is_same_but(r, points, first, p, axis))
                continue;
            if (!(points[p].before > 0) || !(points[p].after > 0) || !(r->axes[axis].numbers[v] > 0))
                continue;
            c->x[c->count] = r->axes[axis].numbers[v];
            c->before[c->count] = points[p].before;
            c->after[c->count] = points[p].after;
            c->value[c->count++] = v;
            break;
        }
    }
}

/* The first point of each curve stands for it. */
static bool is_first(const struct region_axes *r, const struct region_point *points, size_t p, size_t axis)
{
    for (size_t q = 0; q < p; q++)
        if (is_same_but(r, points, p, q, axis))
            return false;
    return true;
}

/* Counts how often the knee moved from value i to value j: moves[i * values + j]. True if any did. */
static bool count_moves(const struct region_axes *r, const struct region_point *points, size_t axis, size_t *moves)
{
    size_t values = r->axes[axis].count, from, to;
    struct curve c = {mem_new(values, sizeof *c.x), mem_new(values, sizeof *c.before), mem_new(values, sizeof *c.after),
                      mem_new(values, sizeof *c.value), 0};
    bool any = false;

    for (size_t p = 0; p < r->points; p++) {
        if (!is_first(r, points, p, axis))
            continue;
        curve_read(&c, r, points, p, axis);
        if (knee_find(c.x, c.before, c.count, &from) && knee_find(c.x, c.after, c.count, &to)) {
            moves[c.value[from] * values + c.value[to]]++;
            any = any || from != to;
        }
    }
    free(c.x);
    free(c.before);
    free(c.after);
    free(c.value);
    return any;
}

static char *axis_knee(const struct region_axes *r, const struct region_point *points, size_t axis)
{
    size_t values = r->axes[axis].count, *moves = mem_new(values * values, sizeof *moves), best = 0;
    char *words = NULL;

    if (count_moves(r, points, axis, moves)) {
        for (size_t m = 1; m < values * values; m++)
            if (moves[m] > moves[best])
                best = m;
        if (best / values != best % values)
            words = mem_format("the knee over %s moved from %s to %s", r->axes[axis].name,
                               r->axes[axis].values[best / values], r->axes[axis].values[best % values]);
    }
    free(moves);
    return words;
}

char *region_knee_words(const struct region_point *points, size_t count)
{
    struct region_axes axes;
    char *words = NULL;

    region_axes_read(&axes, points, count);
    for (size_t a = 0; a < axes.count && !words; a++)
        if (axes.axes[a].numeric && axes.axes[a].count >= KNEE_LEAST)
            words = axis_knee(&axes, points, a);
    region_axes_free(&axes);
    return words;
}
