/*
 * What noisy launches say of every commit: levels that stay, and now and then jump.
 *
 * A hidden level per commit, on a grid of log values. From one commit to the next it stays, or, rarely, jumps to any other that is at
 * least half of what counts away. A launch lies around its commit's level with Student's t of 4 degrees of freedom, so that one
 * that was disturbed says little wherever it lies; and a commit's own level may be off by a quarter of what counts, since where the linker
 * put a loop moves it, too. With so few states the forward-backward recursion is exact: no culprit is assumed to be the only one,
 * and nothing has to be guessed but the launches' noise, of which five values are weighed by how well they explain what was seen.
 */
#include "search_parts.h"

#include "../../harness/base/mem.h"
#include "../../harness/base/stats.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MOST_LEVELS 120
#define SIGMAS 5
#define NEGLIGIBLE 0.01  /* shares of a noise that are not worth the way back */
#define JUMPS 0.3        /* expected in the whole range before anything is known */
#define LEAST_NOISE 0.05 /* of what counts */
#define LAYOUT 0.2       /* of what counts: how far a build lies from its level by chance */
#define DISTURBED 0.05   /* of the launches */
#define DISTURBED_BY 3.0 /* times the noise of the others, with the tails of Student's t of 3 degrees of freedom */
#define LIKELY 0.2

struct model {
    const struct search *s;
    size_t n, levels, near; /* near: so many steps of the grid are no jump */
    double low, step, sigma, hazard;
    double *forward; /* n x levels, each row sums to 1 */
    double *emit;    /* rows of measured commits; the others are 1 */
    double *back, *row, *cumulated;
    double *targets; /* of a jump from each level */
    double *posterior;
    double *change;
};

static double log_of(double value)
{
    return log(fmax(value, 1e-300));
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Deviations inside commits, robust: what launches of one program differ by. */
static double noise_of(const struct search *s)
{
    double *all = mem_new(s->launches + 1, sizeof *all), sigma, floor = s->options.threshold * LEAST_NOISE;
    size_t count = 0, free_ones = 0;

    for (size_t i = 0; i < s->count; i++) {
        const struct search_commit *c = &s->commits[i];
        double median;

        if (c->count < 3)
            continue;
        median = log_of(stats_median(c->values, c->count));
        for (size_t k = 0; k < c->count; k++)
            all[count++] = fabs(log_of(c->values[k]) - median);
        free_ones += c->count - 1;
    }
    sigma = count ? 1.4826 * stats_median(all, count) * sqrt((double)count / (double)free_ones) : 0;
    free(all);
    return fmax(sigma, floor);
}

/* From the lowest to the highest commit, without the launches that lie far from all others. */
static void lay_grid(struct model *m)
{
    const struct search *s = m->s;
    double *medians = mem_new(s->count, sizeof *medians), low, high, middle, room;
    size_t count = 0;

    for (size_t i = 0; i < s->count; i++) {
        if (s->commits[i].count)
            medians[count++] = log_of(stats_median(s->commits[i].values, s->commits[i].count));
    }
    low = log_of(stats_median(s->commits[0].values, s->commits[0].count));
    high = log_of(stats_median(s->commits[s->count - 1].values, s->commits[s->count - 1].count));
    middle = (low + high) / 2;
    room = 3 * fabs(high - low) + 6 * m->sigma;
    qsort(medians, count, sizeof *medians, by_value);
    low = fmax(medians[0], middle - room) - 2 * m->sigma;
    high = fmin(medians[count - 1], middle + room) + 2 * m->sigma;
    free(medians);
    m->step = fmax(m->sigma / 4, (high - low) / (MOST_LEVELS - 1));
    m->levels = (size_t)ceil((high - low) / m->step) + 1;
    m->low = low;
    m->near = (size_t)fmax(1, ceil(s->options.threshold / 2 / m->step));
}

/* The level of one build is its commit's give or take the layout's share. */
static void smear(const struct model *m, double *row)
{
    double width = m->s->options.threshold * LAYOUT / m->step, weight[8];
    size_t reach = (size_t)fmin(7, ceil(2 * width));
    double *was = m->row;

    for (size_t k = 0; k <= reach; k++)
        weight[k] = exp(-0.5 * (double)(k * k) / fmax(width * width, 0.01));
    memcpy(was, row, m->levels * sizeof *row);
    for (size_t g = 0; g < m->levels; g++) {
        double sum = 0, all = 0;

        for (size_t k = 0; k <= reach; k++) {
            if (g >= k) {
                sum += weight[k] * was[g - k];
                all += weight[k];
            }
            if (k && g + k < m->levels) {
                sum += weight[k] * was[g + k];
                all += weight[k];
            }
        }
        row[g] = sum / all;
    }
}

/* The log density of a launch that lies z standard deviations from its level, but for a constant. */
static double likely(double z)
{
    double far = 1 + z * z / (3 * DISTURBED_BY * DISTURBED_BY);

    return log((1 - DISTURBED) * exp(-z * z / 2) + DISTURBED * 0.92 / DISTURBED_BY / (far * far));
}

/* How well each level explains the launches of each commit; answers the log of the factor that was taken out. */
static double weigh_launches(struct model *m, double sigma)
{
    double taken = 0;

    for (size_t i = 0; i < m->n; i++) {
        const struct search_commit *c = &m->s->commits[i];
        double *row = m->emit + i * m->levels, most = -INFINITY;

        for (size_t g = 0; g < m->levels; g++)
            row[g] = c->count ? 0 : 1;
        if (!c->count)
            continue;
        for (size_t k = 0; k < c->count; k++) {
            double y = log_of(c->values[k]);

            for (size_t g = 0; g < m->levels; g++)
                row[g] += likely((y - m->low - (double)g * m->step) / sigma);
        }
        for (size_t g = 0; g < m->levels; g++)
            most = fmax(most, row[g]);
        for (size_t g = 0; g < m->levels; g++)
            row[g] = exp(row[g] - most);
        taken += most - (double)c->count * log(sigma);
        smear(m, row);
    }
    return taken;
}

/* out[g]: the sum of from[k] over all k that are no nearer than a jump. */
static void sum_of_far(const struct model *m, const double *from, double *out)
{
    double *sum = m->cumulated;

    sum[0] = 0;
    for (size_t g = 0; g < m->levels; g++)
        sum[g + 1] = sum[g] + from[g];
    for (size_t g = 0; g < m->levels; g++) {
        size_t low = g + 1 > m->near ? g + 1 - m->near : 0, high = g + m->near < m->levels ? g + m->near : m->levels;

        out[g] = sum[low] + sum[m->levels] - sum[high];
    }
}

/* What jumps bring to each level, from a row of probabilities. */
static void jump(struct model *m, const double *from, double *out)
{
    for (size_t g = 0; g < m->levels; g++)
        m->row[g] = m->targets[g] > 0 ? from[g] / m->targets[g] : 0;
    sum_of_far(m, m->row, out);
    for (size_t g = 0; g < m->levels; g++)
        out[g] *= m->hazard;
}

static double scale(double *row, size_t n)
{
    double sum = 1e-300; /* never nothing */

    for (size_t g = 0; g < n; g++)
        sum += row[g];
    for (size_t g = 0; g < n; g++)
        row[g] /= sum;
    return log(sum);
}

/* Answers the log of how likely all that was seen is. */
static double go_forward(struct model *m)
{
    double evidence = 0, *jumped = mem_new(m->levels, sizeof *jumped);

    for (size_t i = 0; i < m->n; i++) {
        double *now = m->forward + i * m->levels;

        if (i)
            jump(m, now - m->levels, jumped);
        for (size_t g = 0; g < m->levels; g++) {
            double arrives = i ? (1 - m->hazard) * (now - m->levels)[g] + jumped[g] : 1 / (double)m->levels;

            now[g] = fmax(arrives, 1e-290) * m->emit[i * m->levels + g];
        }
        evidence += scale(now, m->levels);
    }
    free(jumped);
    return evidence;
}

/* The way back, which adds this noise's share to what is known of levels and changes. */
static void go_back(struct model *m, double share)
{
    double *ahead = mem_new(3 * m->levels, sizeof *ahead), *far = ahead + m->levels, *jumped = far + m->levels;

    for (size_t g = 0; g < m->levels; g++)
        m->back[g] = 1;
    for (size_t i = m->n; i-- > 0;) {
        const double *now = m->forward + i * m->levels;
        double sum = 0, from_jump = 0, all = 0;

        for (size_t g = 0; g < m->levels; g++)
            sum += now[g] * m->back[g];
        for (size_t g = 0; g < m->levels; g++)
            m->posterior[i * m->levels + g] += share * now[g] * m->back[g] / sum;
        if (!i)
            break;
        for (size_t g = 0; g < m->levels; g++)
            ahead[g] = m->emit[i * m->levels + g] * m->back[g];
        jump(m, now - m->levels, jumped);
        for (size_t g = 0; g < m->levels; g++) {
            from_jump += jumped[g] * ahead[g];
            all += ((1 - m->hazard) * (now - m->levels)[g] + jumped[g]) * ahead[g];
        }
        m->change[i] += share * from_jump / all;
        sum_of_far(m, ahead, far);
        for (size_t g = 0; g < m->levels; g++)
            m->back[g] = (1 - m->hazard) * ahead[g] + (m->targets[g] > 0 ? m->hazard * far[g] / m->targets[g] : 0);
        scale(m->back, m->levels);
    }
    free(ahead);
}

/* Each noise by how well it explains what was seen. */
static void weigh_noises(struct model *m)
{
    static const double factors[SIGMAS] = {0.6, 0.78, 1, 1.3, 1.7};
    double evidence[SIGMAS] = {0}, most = -INFINITY, sum = 0;

    for (int pass = 0; pass < 2; pass++) {
        for (int k = 0; k < SIGMAS; k++) {
            double taken, share = pass ? exp(evidence[k] - most) / sum : 0;

            if (pass && share < NEGLIGIBLE)
                continue;
            taken = weigh_launches(m, m->sigma * factors[k]);
            evidence[k] = go_forward(m) + taken;
            if (pass)
                go_back(m, share);
        }
        for (int k = 0; k < SIGMAS && !pass; k++)
            most = fmax(most, evidence[k]);
        for (int k = 0; k < SIGMAS && !pass; k++)
            sum += exp(evidence[k] - most);
    }
}

static void model_begin(struct model *m, const struct search *s, double *change)
{
    double *ones;

    *m = (struct model){.s = s, .n = s->count, .hazard = fmin(0.2, JUMPS / (double)(s->count - 1)), .change = change};
    m->sigma = noise_of(s);
    lay_grid(m);
    m->forward = mem_new(3 * m->n * m->levels, sizeof *m->forward);
    m->emit = m->forward + m->n * m->levels;
    m->posterior = m->emit + m->n * m->levels;
    m->back = mem_new(4 * m->levels + 1, sizeof *m->back);
    m->row = m->back + m->levels;
    m->targets = m->row + m->levels;
    m->cumulated = m->targets + m->levels;
    ones = mem_new(m->levels, sizeof *ones);
    for (size_t g = 0; g < m->levels; g++)
        ones[g] = 1;
    sum_of_far(m, ones, m->targets);
    free(ones);
}

/* Where the posterior of one commit has its peak, and what lies beyond its surroundings. */
static void part(const struct model *m, size_t i, size_t width, struct search_view *v)
{
    const double *p = m->posterior + i * m->levels;
    size_t peak = 0;
    double inside = 0, here = 0, beyond = 0, there = 0;

    for (size_t g = 1; g < m->levels; g++)
        peak = p[g] > p[peak] ? g : peak;
    for (size_t g = 0; g < m->levels; g++) {
        bool near = g + width >= peak && g <= peak + width;

        *(near ? &inside : &beyond) += p[g];
        *(near ? &here : &there) += p[g] * (double)g;
    }
    v->level[i] = m->low + m->step * (inside > 0 ? here / inside : (double)peak);
    v->other[i] = beyond;
    v->apart[i] = beyond > 0 ? fabs(there / beyond - here / inside) * m->step / m->sigma : 0;
}

/* Launches on the same level as each commit: as far as no change is likely. */
static void launches_around(const struct search *s, const double *change, size_t *known)
{
    for (size_t from = 0, to; from < s->count; from = to) {
        size_t n = s->commits[from].count;

        for (to = from + 1; to < s->count && change[to] < LIKELY; to++)
            n += s->commits[to].count;
        for (size_t i = from; i < to; i++)
            known[i] = n;
    }
}

void search_model(const struct search *s, struct search_view *v)
{
    size_t *known = mem_new(s->count, sizeof *known);
    struct model m;

    *v = (struct search_view){.change = mem_new(4 * s->count, sizeof *v->change)};
    v->other = v->change + s->count;
    v->apart = v->other + s->count;
    v->level = v->apart + s->count;
    model_begin(&m, s, v->change);
    weigh_noises(&m);
    launches_around(s, v->change, known);
    for (size_t i = 0; i < s->count; i++) {
        double width = fmax(s->options.threshold / 2, 2.5 * m.sigma / sqrt(fmax((double)known[i], 1)));

        part(&m, i, (size_t)ceil(width / m.step), v);
    }
    v->sigma = m.sigma;
    free(known);
    free(m.forward);
    free(m.back);
}

void search_view_free(struct search_view *v)
{
    free(v->change);
    *v = (struct search_view){0};
}
