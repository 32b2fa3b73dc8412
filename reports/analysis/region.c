/*
 * The box around what changed: see region.h. A box is the set of allowed values of every axis; of axes with numbers
 * it has no holes.
 */
#include "region.h"

#include "../../harness/base/buf.h"
#include "../../harness/base/mem.h"
#include "region_axes.h"

#include <stdlib.h>
#include <string.h>

/* From this share of agreement on, the box is what people are told. */
#define FITS 0.7
/* A change of the box must be worth it: ties go to the simpler box. */
#define BETTER 1e-9

struct box {
    const struct region_axes *axes;
    const struct region_point *points;
    bool **in; /* per axis, per value */
};

/* How the box and what changed agree. */
struct fit {
    size_t both, box, changed; /* points in both; in the box; changed */
    double share;              /* both / (in one of them) */
};

static bool holds(const struct box *b, size_t point)
{
    for (size_t a = 0; a < b->axes->count; a++)
        if (!b->in[a][b->axes->codes[point * b->axes->count + a]])
            return false;
    return true;
}

static struct fit fit_of(const struct box *b)
{
    struct fit f = {0};

    for (size_t p = 0; p < b->axes->points; p++) {
        bool inside = (b->points[p].changed || !b->points[p].blind) && holds(b, p);

        f.both += inside && b->points[p].changed;
        f.box += inside;
        f.changed += b->points[p].changed;
    }
    f.share = f.changed ? (double)f.both / (double)(f.box + f.changed - f.both) : 0;
    return f;
}

static void first_and_last(const struct box *b, size_t axis, size_t *first, size_t *last)
{
    *first = 0;
    *last = b->axes->axes[axis].count - 1;
    while (*first < *last && !b->in[axis][*first])
        ++*first;
    while (*last > *first && !b->in[axis][*last])
        --*last;
}

/* The smallest box around everything that changed. */
static void surround(struct box *b)
{
    for (size_t a = 0; a < b->axes->count; a++) {
        size_t first, last;

        b->in[a] = mem_new(b->axes->axes[a].count + 1, sizeof **b->in);
        for (size_t p = 0; p < b->axes->points; p++)
            if (b->points[p].changed)
                b->in[a][b->axes->codes[p * b->axes->count + a]] = true;
        first_and_last(b, a, &first, &last);
        for (size_t v = first; v <= last && b->axes->axes[a].numeric; v++)
            b->in[a][v] = true;
    }
}

/* May this value change sides? Ranges grow and shrink at their ends; something always stays. */
static bool may_move(const struct box *b, size_t axis, size_t value)
{
    size_t first, last;

    first_and_last(b, axis, &first, &last);
    if (b->in[axis][value] && first == last)
        return false;
    if (!b->axes->axes[axis].numeric)
        return true;
    return value == first || value == last || value + 1 == first || value == last + 1;
}

/* The one move that makes it fit best; false if none makes it fit better. */
static bool improve(struct box *b)
{
    double best = fit_of(b).share + BETTER;
    bool *chosen = NULL;

    for (size_t a = 0; a < b->axes->count; a++) {
        for (size_t v = 0; v < b->axes->axes[a].count; v++) {
            bool *value = &b->in[a][v];
            double share;

            if (!may_move(b, a, v))
                continue;
            *value = !*value;
            share = fit_of(b).share;
            *value = !*value;
            if (share > best) {
                best = share;
                chosen = value;
            }
        }
    }
    if (chosen)
        *chosen = !*chosen;
    return chosen != NULL;
}

/* An axis that does not help to tell the changed from the unchanged is not spoken of. */
static void simplify(struct box *b)
{
    for (size_t a = 0; a < b->axes->count; a++) {
        size_t count = b->axes->axes[a].count;
        bool *kept = b->in[a], *all = mem_new(count + 1, sizeof *all);
        double share = fit_of(b).share;

        memset(all, true, count);
        b->in[a] = all;
        if (fit_of(b).share + BETTER < share) {
            b->in[a] = kept;
            kept = all;
        }
        free(kept);
    }
}

static void add_list(struct buf *out, const struct box *b, size_t axis, bool which)
{
    const struct region_axis *x = &b->axes->axes[axis];
    bool first = true;

    for (size_t v = 0; v < x->count; v++) {
        if (b->in[axis][v] != which)
            continue;
        buf_addf(out, "%s%s", first ? "" : " or ", *x->values[v] ? x->values[v] : "default");
        first = false;
    }
}

/* Words: those that are meant, or those that are not, whichever list is shorter. */
static void add_words(struct buf *out, const struct box *b, size_t axis)
{
    size_t inside = 0, count = b->axes->axes[axis].count;

    for (size_t v = 0; v < count; v++)
        inside += b->in[axis][v];
    buf_addf(out, "%s %s ", b->axes->axes[axis].name, inside > 1 && inside > count - inside ? "is not" : "=");
    add_list(out, b, axis, !(inside > 1 && inside > count - inside));
}

static void add_axis(struct buf *out, const struct box *b, size_t axis)
{
    const struct region_axis *x = &b->axes->axes[axis];
    size_t first, last, inside = 0;

    for (size_t v = 0; v < x->count; v++)
        inside += b->in[axis][v];
    if (inside == x->count)
        return;
    if (out->length)
        buf_add(out, " and ");
    first_and_last(b, axis, &first, &last);
    if (!x->numeric)
        add_words(out, b, axis);
    else if (first == last)
        buf_addf(out, "%s = %s", x->name, x->values[first]);
    else if (last + 1 == x->count)
        buf_addf(out, "%s >= %s", x->name, x->values[first]);
    else if (first == 0)
        buf_addf(out, "%s <= %s", x->name, x->values[last]);
    else
        buf_addf(out, "%s %s to %s", x->name, x->values[first], x->values[last]);
}

static char *box_words(const struct box *b, size_t seeing)
{
    struct fit f = fit_of(b);
    struct buf out = {0};

    if (f.share < FITS) {
        buf_addf(&out, "%zu of %zu points", f.changed, seeing);
        return buf_take(&out);
    }
    for (size_t a = 0; a < b->axes->count; a++)
        add_axis(&out, b, a);
    if (out.length && f.box > f.both)
        buf_addf(&out, " (%zu of the %zu points there)", f.both, f.box);
    else if (f.box > f.both)
        buf_addf(&out, "%zu of %zu points", f.changed, seeing);
    if (out.length && f.changed > f.both)
        buf_addf(&out, " and %zu more", f.changed - f.both);
    return out.length ? buf_take(&out) : mem_copy("");
}

char *region_words(const struct region_point *points, size_t count)
{
    struct region_axes axes;
    struct box b = {&axes, points, NULL};
    size_t changed = 0, seeing = 0;
    char *words;

    for (size_t p = 0; p < count; p++) {
        changed += points[p].changed;
        seeing += points[p].changed || !points[p].blind;
    }
    if (!changed || changed == seeing)
        return mem_copy("");
    region_axes_read(&axes, points, count);
    b.in = mem_new(axes.count + 1, sizeof *b.in);
    surround(&b);
    while (improve(&b))
        ;
    simplify(&b);
    words = box_words(&b, seeing);
    for (size_t a = 0; a < axes.count; a++)
        free(b.in[a]);
    free(b.in);
    region_axes_free(&axes);
    return words;
}
