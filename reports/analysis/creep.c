/* Creep beside steps: see creep.h. */
#include "creep.h"

#include "../../harness/base/mem.h"
#include "../../harness/base/stats.h"

#include <math.h>
#include <stdlib.h>

enum {
    BLOCKS = 64, /* of values, whose medians are compared: pairs grow with the square */
    LEVEL = 5,   /* values that tell where a level stands */
    COUNTS = 3,  /* as many do where they repeat */
};

#define EFFECT 0.01
#define EFFECT_COUNT 0.001
#define DOUBT 0.01 /* p above which nothing is said */
#define Z95 1.96

/* The logarithms since `from`, in blocks; those of one level have one stratum. */
struct trend {
    double *value, *place;
    size_t *stratum;
    size_t count, values;
    double *slopes;
    size_t pairs;
    double s, variance; /* of Kendall's sum */
};

/* Does a new level begin at this index? A creep that is told already is no level: its values are left out. */
static bool begins(const struct change_list *known, size_t index)
{
    for (size_t i = 0; i < known->count; i++)
        if ((known->items[i].kind == CHANGE_STEP || known->items[i].kind == CHANGE_CREEP) &&
            (known->items[i].index == index || (known->items[i].kind == CHANGE_CREEP && known->items[i].end == index)))
            return true;
    return false;
}

static bool is_told(const struct change_list *known, size_t index)
{
    for (size_t i = 0; i < known->count; i++)
        if (known->items[i].kind == CHANGE_CREEP && index >= known->items[i].index && index < known->items[i].end)
            return true;
    return false;
}

static void add_block(struct trend *t, const double *values, const size_t *index, size_t count, size_t stratum)
{
    double *v = mem_new(count, sizeof *v), place = 0;

    for (size_t i = 0; i < count; i++) {
        v[i] = log(values[index[i]]);
        place += (double)index[i] / (double)count;
    }
    t->value[t->count] = stats_median(v, count);
    t->place[t->count] = place;
    t->stratum[t->count++] = stratum;
    free(v);
}

/* Blocks of equal length inside each level. */
static void read_blocks(struct trend *t, const double *values, size_t n, size_t from, const struct change_list *known)
{
    size_t size = (n - from + BLOCKS - 1) / BLOCKS, held = 0, stratum = 0, *index = mem_new(size, sizeof *index);

    for (size_t i = from; i < n; i++) {
        if (i > from && begins(known, i)) {
            if (held)
                add_block(t, values, index, held, stratum);
            held = 0;
            stratum++;
        }
        if (isnan(values[i]) || is_told(known, i))
            continue;
        t->values++;
        index[held++] = i;
        if (held == size) {
            add_block(t, values, index, held, stratum);
            held = 0;
        }
    }
    if (held)
        add_block(t, values, index, held, stratum);
    free(index);
}

static void compare_pairs(struct trend *t)
{
    for (size_t i = 0; i < t->count;) {
        size_t end = i;
        double n;

        while (end < t->count && t->stratum[end] == t->stratum[i])
            end++;
        n = (double)(end - i);
        t->variance += n * (n - 1) * (2 * n + 5) / 18;
        for (; i < end; i++) {
            for (size_t j = i + 1; j < end; j++) {
                double rise = t->value[j] - t->value[i];

                t->s += rise > 0 ? 1 : rise < 0 ? -1 : 0;
                t->slopes[t->pairs++] = rise / (t->place[j] - t->place[i]);
            }
        }
    }
}

/* Values that follow their neighbours say less than their number: how much more the sum varies for it. */
static double inflation(const struct trend *t, double slope)
{
    double middle = 0, sum = 0, square = 0, rho, *rest = mem_new(t->count + 1, sizeof *rest);

    for (size_t i = 0, from = 0; i < t->count; i++) {
        rest[i] = t->value[i] - slope * t->place[i];
        if (i + 1 < t->count && t->stratum[i + 1] == t->stratum[i])
            continue;
        middle = stats_median(rest + from, i + 1 - from);
        for (; from <= i; from++)
            rest[from] -= middle;
    }
    for (size_t i = 0; i < t->count; i++) {
        square += rest[i] * rest[i];
        if (i > 0 && t->stratum[i] == t->stratum[i - 1])
            sum += rest[i] * rest[i - 1];
    }
    free(rest);
    rho = square > 0 ? sum / square : 0;
    rho = fmin(fmax(rho, 0), 0.9);
    return (1 + rho) / (1 - rho);
}

static bool judge(struct trend *t, double length, struct change *out)
{
    double slope, z, half, error;

    stats_sort(t->slopes, t->pairs);
    slope = stats_quantile(t->slopes, t->pairs, 0.5);
    error = sqrt(t->variance * inflation(t, slope));
    if (!(error > 0))
        return false;
    z = (fabs(t->s) - 1) / error;
    out->confidence = 1 - erfc(fmax(z, 0) / sqrt(2));
    half = fmin(Z95 * error / (double)t->pairs / 2, 0.5);
    out->ratio = exp(slope * length);
    out->low = exp(stats_quantile(t->slopes, t->pairs, 0.5 - half) * length);
    out->high = exp(stats_quantile(t->slopes, t->pairs, 0.5 + half) * length);
    return 1 - out->confidence <= DOUBT;
}

/* The median of up to `most` values from `from` on in one direction, all of one level. */
static double level_at(const double *values, size_t n, size_t from, int step, size_t most,
                       const struct change_list *known)
{
    double v[LEVEL];
    size_t count = 0;

    for (size_t i = from; i < n && count < most; i += (size_t)step) {
        if (!isnan(values[i]))
            v[count++] = values[i];
        if (begins(known, step > 0 ? i + 1 : i))
            break;
    }
    return stats_median(v, count);
}

/* What known changes behind `from` explain, as a ratio. */
static double explained(const struct change_list *known, size_t from)
{
    double ratio = 1;

    for (size_t i = 0; i < known->count; i++)
        if (known->items[i].index > from && known->items[i].ratio > 0 &&
            (known->items[i].kind == CHANGE_STEP || known->items[i].kind == CHANGE_CREEP))
            ratio *= known->items[i].ratio;
    return ratio;
}

/* Counts: what the steps leave. */
static bool count_creep(const struct change_list *known, size_t from, struct change *out)
{
    out->ratio = out->after / out->before / explained(known, from);
    out->low = out->high = out->ratio;
    out->confidence = 1;
    return true;
}

static bool time_creep(const double *values, size_t n, size_t from, const struct change_list *known, struct change *out)
{
    struct trend t = {0};
    bool found = false;

    t.value = mem_new(2 * BLOCKS + known->count * 2 + 2, sizeof *t.value);
    t.place = mem_new(2 * BLOCKS + known->count * 2 + 2, sizeof *t.place);
    t.stratum = mem_new(2 * BLOCKS + known->count * 2 + 2, sizeof *t.stratum);
    read_blocks(&t, values, n, from, known);
    t.slopes = mem_new(t.count * (t.count + 1) / 2 + 1, sizeof *t.slopes);
    compare_pairs(&t);
    if (t.values >= CREEP_LEAST && t.pairs > 0)
        found = judge(&t, (double)(n - 1 - from), out);
    free(t.value);
    free(t.place);
    free(t.stratum);
    free(t.slopes);
    return found;
}

bool creep_since(const double *values, size_t n, size_t from, const struct change_list *known,
                 const struct change_options *o, struct change *out)
{
    bool counts = o && o->deterministic, found;
    double effect = o && o->min_effect > 0 ? o->min_effect : counts ? EFFECT_COUNT : EFFECT;

    if (from + 1 >= n)
        return false;
    for (size_t i = from; i < n; i++)
        if (values[i] <= 0)
            return false;
    *out = (struct change){.kind = CHANGE_CREEP, .index = from + 1, .end = n - 1};
    out->before = level_at(values, n, from, 1, counts ? COUNTS : LEVEL, known);
    out->after = level_at(values, n, n - 1, -1, counts ? COUNTS : LEVEL, known);
    if (isnan(out->before) || isnan(out->after))
        return false;
    found = counts ? count_creep(known, from, out) : time_creep(values, n, from, known, out);
    return found && fabs(log(out->ratio)) >= log1p(effect);
}
