/* See rank.h. Exact up to EXACT_LAUNCHES launches in total; ties get midranks in the test, and the interval then follows it. */
#include "rank.h"

#include "../../harness/base/mem.h"
#include "../../harness/base/stats.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define EXACT_LAUNCHES 50
#define NORMAL_QUANTILE 1.959963984540054 /* 97.5 % */

/* Doubled midranks of the joined values: whole numbers even with ties. `ties` receives the sum of t^3 - t. */
static void doubled_ranks(const double *all, size_t n, int *rank, double *ties)
{
    *ties = 0;
    for (size_t i = 0; i < n; i++) {
        size_t below = 0, equal = 0;

        for (size_t j = 0; j < n; j++) {
            below += all[j] < all[i];
            equal += all[j] == all[i];
        }
        rank[i] = (int)(2 * below + equal + 1);
        *ties += (double)equal * (double)equal - 1; /* summed over its `equal` members: t^3 - t */
    }
}

/* Share of all choices of `m` ranks whose sum lies at least as far from the expected one as `sum`. */
static double exact_tail(const int *rank, size_t n, size_t m, int sum)
{
    int total = 0, expected;
    double *ways, all = 0, far = 0;
    size_t width;

    for (size_t i = 0; i < n; i++)
        total += rank[i];
    width = (size_t)total + 1;
    ways = mem_new((m + 1) * width, sizeof *ways);
    ways[0] = 1;
    for (size_t i = 0; i < n; i++) {
        for (size_t k = m; k >= 1; k--) {
            for (size_t s = width - 1; s + 1 > (size_t)rank[i]; s--)
                ways[k * width + s] += ways[(k - 1) * width + s - (size_t)rank[i]];
        }
    }
    /* Doubled ranks make m (n + 1) the expected sum. */
    expected = (int)(m * (n + 1));
    for (size_t s = 0; s < width; s++) {
        all += ways[m * width + s];
        if (abs((int)s - expected) >= abs(sum - expected))
            far += ways[m * width + s];
    }
    free(ways);
    return far / all;
}

static double normal_tail(size_t n, size_t m, int sum, double ties)
{
    double total = (double)n, a = (double)m, b = total - a;
    double distance = fabs(sum / 2.0 - a * (total + 1) / 2);
    double variance = a * b / 12 * (total + 1 - ties / (total * (total - 1)));

    if (variance <= 0)
        return 1;
    return fmin(1, erfc(fmax(0, distance - 0.5) / sqrt(2 * variance)));
}

/* Mann-Whitney U, two-sided. */
static double rank_test(const double *b, size_t nb, const double *c, size_t nc)
{
    size_t n = nb + nc;
    double *all = mem_new(n, sizeof *all), ties, p;
    int *rank = mem_new(n, sizeof *rank), sum = 0;

    memcpy(all, b, nb * sizeof *all);
    memcpy(all + nb, c, nc * sizeof *all);
    doubled_ranks(all, n, rank, &ties);
    for (size_t i = nb; i < n; i++)
        sum += rank[i];
    p = n <= EXACT_LAUNCHES ? exact_tail(rank, n, nc, sum) : normal_tail(n, nc, sum, ties);
    free(all);
    free(rank);
    return p;
}

/*
 * The largest launch of i + j is of the first side with probability i / (i + j), and then above all j of the other one:
 * share(i, j, u) = i / (i + j) share(i - 1, j, u - j) + j / (i + j) share(i, j - 1, u).
 */
void rank_distribution(size_t m, size_t n, double *out)
{
    size_t width = m * n + 1;
    double *ways = mem_new((n + 1) * width, sizeof *ways);

    for (size_t j = 0; j <= n; j++)
        ways[j * width] = 1;
    for (size_t i = 1; i <= m; i++) {
        for (size_t j = 1; j <= n; j++) {
            double *here = ways + j * width, of_m = (double)i / (double)(i + j);
            const double *fewer = here - width;

            for (size_t u = width; u-- > 0;)
                here[u] = of_m * (u >= j ? here[u - j] : 0) + (1 - of_m) * fewer[u];
        }
    }
    memcpy(out, ways + n * width, width * sizeof *out);
    free(ways);
}

/* The largest count of ratios below 1 that the test rejects, or -1 where nothing is unlikely enough. */
static long rejected(size_t nb, size_t nc)
{
    double middle = (double)nb * (double)nc / 2, sum = 0, *share;
    long k = -1;

    if (nb + nc > EXACT_LAUNCHES) {
        double deviation = sqrt(middle * (double)(nb + nc + 1) / 6);

        return (long)fmax(-1, floor(middle - 0.5 - NORMAL_QUANTILE * deviation));
    }
    share = mem_new(nb * nc + 1, sizeof *share);
    rank_distribution(nb, nc, share);
    while ((sum += share[k + 1]) <= RANK_LEVEL / 2)
        k++;
    free(share);
    return k;
}

void rank_signed_distribution(size_t n, double *out)
{
    size_t most = n * (n + 1) / 2;

    memset(out, 0, (most + 1) * sizeof *out);
    out[0] = 1;
    for (size_t rank = 1; rank <= n; rank++) {
        for (size_t u = most + 1; u-- > 0;)
            out[u] = (out[u] + (u >= rank ? out[u - rank] : 0)) / 2;
    }
}

double rank_middle(const double *sorted, size_t n)
{
    double a = sorted[(n - 1) / 2], b = sorted[n / 2];

    return a == b ? a : sqrt(a) * sqrt(b);
}

/* Ties bend the test a little; people shall not read "no change" beside an interval that knows one, nor the other way round. */
static void agree(struct rank_result *r)
{
    if (r->p > RANK_LEVEL) {
        r->low = r->low >= 1 ? nextafter(1, 0) : r->low;
        r->high = r->high <= 1 ? nextafter(1, 2) : r->high;
    } else if (r->low < 1 && r->high > 1) {
        *(r->ratio > 1 ? &r->low : &r->high) = 1;
    }
}

/* The p of the least that the drift leaves of the ratio: no shift inside it is a difference. */
static double drifted_test(const double *b, size_t nb, const double *c, size_t nc, double ratio, double drift)
{
    double *moved, p;

    if (drift == 0)
        return rank_test(b, nb, c, nc);
    if (ratio <= 1 + drift && ratio * (1 + drift) >= 1)
        return 1;
    moved = mem_new(nc, sizeof *moved);
    for (size_t i = 0; i < nc; i++)
        moved[i] = ratio > 1 ? c[i] / (1 + drift) : c[i] * (1 + drift);
    p = rank_test(b, nb, moved, nc);
    free(moved);
    return p;
}

/* Sorted ratios of all pairs of launches; free(). And which of them bounds the interval, from both ends: with too few launches
 * for any interval at this level the outermost, all that was seen. */
static double *sorted_ratios(const double *b, size_t nb, const double *c, size_t nc, size_t *bound)
{
    double *ratios = mem_new(nb * nc, sizeof *ratios);
    long k = rejected(nb, nc);

    for (size_t i = 0; i < nb * nc; i++)
        ratios[i] = c[i % nc] / b[i / nc];
    stats_sort(ratios, nb * nc);
    *bound = k < 0 ? 0 : (size_t)k;
    return ratios;
}

void rank_compare(const double *baseline, size_t nb, const double *candidate, size_t nc, double drift,
                  struct rank_result *r)
{
    size_t n = nb * nc, bound;
    double *ratios = sorted_ratios(baseline, nb, candidate, nc, &bound);

    r->low = ratios[bound] / (1 + drift);
    r->high = ratios[n - 1 - bound] * (1 + drift);
    r->ratio = rank_middle(ratios, n);
    r->p = drifted_test(baseline, nb, candidate, nc, r->ratio, drift);
    agree(r);
    free(ratios);
}

double rank_miss(const double *a, size_t na, const double *b, size_t nb)
{
    size_t bound;
    double *ratios = sorted_ratios(a, na, b, nb, &bound), low = ratios[bound], high = ratios[na * nb - 1 - bound];

    free(ratios);
    return fmax(0, fmax(low, 1 / high) - 1);
}
