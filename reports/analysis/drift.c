/* See drift.h. */
#include "drift.h"

#include "../../harness/base/buf.h"
#include "../../harness/base/mem.h"

#include <math.h>
#include <stdio.h>

/* Half the width of a 95 % interval on the scale of logarithms. */
static double half_width(const struct comparison *c)
{
    return fmax((log(c->high) - log(c->low)) / 2, 1e-4);
}

static bool is_known(const struct comparison *c)
{
    return c->verdict != COMPARE_INCOMPARABLE && c->verdict != COMPARE_NEW && c->ratio > 0 && c->low > 0 &&
           isfinite(c->high) && isfinite(c->ratio);
}

static void compare_parts(const struct drift_anchor *anchors, size_t count, const struct compare_options *o,
                          struct drift *d)
{
    struct compare_options mine = *o;
    struct comparison controlled[DRIFT_MOST];
    size_t fewest = o->min_launches / 2;

    mine.min_launches = fewest;
    for (size_t i = 0; i < count && d->count < DRIFT_MOST; i++) {
        struct drift_part *p = &d->parts[d->count];

        if (anchors[i].before.count < fewest || anchors[i].now.count < fewest)
            continue;
        compare_time(anchors[i].before, anchors[i].now, true, &mine, &p->c);
        p->name = anchors[i].name;
        if (is_known(&p->c))
            controlled[d->count++] = p->c;
    }
    compare_control(controlled, d->count, o->false_discovery);
    for (size_t i = 0; i < d->count; i++)
        d->parts[i].moved = controlled[i].verdict == COMPARE_SLOWER || controlled[i].verdict == COMPARE_FASTER;
}

/* Do all intervals meet, or nearly so? */
static bool are_alike(const struct drift *d, double tolerance)
{
    double low = 0, high = INFINITY;

    for (size_t i = 0; i < d->count; i++) {
        low = fmax(low, d->parts[i].c.low);
        high = fmin(high, d->parts[i].c.high);
    }
    return low <= high * (1 + tolerance);
}

/* One ratio of all: the mean, each anchor with the weight of its certainty; as uncertain as they say, or as they differ. */
static void take_mean(struct drift *d)
{
    double weights = 0, sum = 0, squares = 0, mean, half;

    for (size_t i = 0; i < d->count; i++) {
        double w = 1 / (half_width(&d->parts[i].c) * half_width(&d->parts[i].c));

        weights += w;
        sum += w * log(d->parts[i].c.ratio);
    }
    mean = sum / weights;
    for (size_t i = 0; i < d->count; i++) {
        double w = 1 / (half_width(&d->parts[i].c) * half_width(&d->parts[i].c));

        squares += w * (log(d->parts[i].c.ratio) - mean) * (log(d->parts[i].c.ratio) - mean);
    }
    half = fmax(1 / sqrt(weights), 2 * sqrt(squares / weights / (double)d->count));
    d->ratio = exp(mean);
    d->low = exp(mean - half);
    d->high = exp(mean + half);
}

static void take_range(struct drift *d)
{
    d->ratio = NAN;
    d->low = INFINITY;
    d->high = 0;
    for (size_t i = 0; i < d->count; i++) {
        d->low = fmin(d->low, d->parts[i].c.ratio);
        d->high = fmax(d->high, d->parts[i].c.ratio);
    }
}

void drift_compare(const struct drift_anchor *anchors, size_t count, const struct compare_options *o, struct drift *d)
{
    *d = (struct drift){.alike = true, .ratio = NAN, .low = NAN, .high = NAN};
    compare_parts(anchors, count, o, d);
    if (!d->count)
        return;
    for (size_t i = 0; i < d->count; i++)
        d->moved = d->moved || d->parts[i].moved;
    d->alike = are_alike(d, o->min_effect);
    if (d->alike)
        take_mean(d);
    else
        take_range(d);
}

void drift_beyond(const struct drift *d, double ratio, double *low, double *high)
{
    *low = ratio / (d->alike ? d->ratio : d->high);
    *high = ratio / (d->alike ? d->ratio : d->low);
}

static void add_change(struct buf *b, double ratio)
{
    buf_addf(b, "%+.1f %%", 100 * (ratio - 1));
}

static void add_interval(struct buf *b, double low, double high)
{
    buf_addf(b, "95 %% %.1f to %.1f", 100 * (low - 1), 100 * (high - 1));
}

static void add_parts(struct buf *b, const struct drift *d)
{
    const char *separator = "";

    for (size_t i = 0; i < d->count; i++) {
        const struct drift_part *p = &d->parts[i];

        if (!p->moved)
            continue;
        buf_addf(b, "%s%s ", separator, p->name);
        add_change(b, p->c.ratio);
        buf_add(b, " (");
        add_interval(b, p->c.low, p->c.high);
        buf_add(b, ")");
        separator = ", ";
    }
    for (size_t i = 0; i < d->count; i++) {
        if (d->parts[i].moved)
            continue;
        buf_addf(b, "%s%s the same", separator, d->parts[i].name);
        separator = ", ";
    }
}

char *drift_words(const struct drift *d)
{
    struct buf b = {0};

    if (!d->moved)
        return NULL;
    if (d->alike) {
        buf_add(&b, "the machine changed by ");
        add_change(&b, d->ratio);
        buf_add(&b, " (anchors, ");
        add_interval(&b, d->low, d->high);
        buf_add(&b, ")");
    } else {
        buf_add(&b, "parts of the machine changed (anchors: ");
        add_parts(&b, d);
        buf_add(&b, ")");
    }
    return buf_take(&b);
}
