/* What the parts of change.c share: a series without its holes, its noise, and
 * cuts into levels. */
#ifndef REPORTS_ANALYSIS_CHANGE_PARTS_H
#define REPORTS_ANALYSIS_CHANGE_PARTS_H

#include "change.h"

/* How values remember those before them: neighbours correlate by `dependent`, values two places apart by its square and so on. */
struct change_memory {
    double dependent; /* from 0 */
    bool near;        /* sigma is that of neighbours' differences, which is too small by what neighbours share */
};
/* The variance of the mean of n values, times n, in that of independent ones. */
double change_wider(const struct change_memory *m, size_t n);
double change_widest(const struct change_memory *m); /* of very many values */

/* The values that are there, on the scale on which noise and steps are alike at
 * every level: logarithms if all are above 0. */
struct change_view {
    double *x;     /* on that scale */
    double *z;     /* in standard deviations of the noise, with outliers drawn in to
                  their neighbours; 0 is the median */
    double *raw;   /* as they came */
    size_t *where; /* their places in the caller's array */
    size_t n;
    size_t shortest; /* level: values */
    double middle;   /* median of x */
    double sigma;    /* standard deviation of the noise, on the scale of x; above 0 */
    struct change_memory memory;
    bool logarithms;
};

/* Sums from the start up to (without) each value, so that any piece of z is
 * judged in no time. */
struct change_sums {
    long double *z, *squares, *moments; /* moments: of place times z */
};

struct change_sums change_sums_make(const double *z, size_t n);
void change_sums_free(struct change_sums *s);
double change_mean(const struct change_sums *s, size_t from, size_t to);
double change_squares(const struct change_sums *s, size_t from, size_t to); /* around the mean */
double change_line(const struct change_sums *s, size_t from, size_t to);    /* squares around the best straight line */

/*
 * So far off, in standard deviations, that four values in a row are a short level and no outliers: something regressed and was taken
 * back before a level was full. Not at the end, where one more value will tell.
 */
#define CHANGE_FAR 6.0
#define CHANGE_EXCURSION 4

/* Noise (change_noise.c): sets middle, sigma, memory and z. `apart` 0: from
 * neighbours; else from values as far apart. */
void change_noise(struct change_view *v, const struct change_options *o, size_t apart);
double change_middle(double *x, size_t n);       /* the median, in time proportional to n; reorders x */
double change_median(const double *x, size_t n); /* likewise, x stays */

/*
 * Cuts values into levels so that the sum of squares around them and `price`
 * for each cut is the least possible. `starts` has room for n + 1: 0, the first
 * value of each further level, n. Returns how many levels. (change_fit.c)
 */
size_t change_fit(const double *z, size_t n, double price, size_t *starts);

/* What a cut needs to hold (change_judge.c). */
struct change_rule {
    size_t shortest;  /* level */
    size_t excursion; /* a level as short as this, if it lies CHANGE_FAR from its neighbours; 0: none */
    double apart;     /* levels, in standard deviations */
    double limit;     /* of the standard score */
    struct change_memory memory;
    const struct change_view
        *view;       /* the values themselves are looked at, too, which takes time; NULL: their sums alone */
    double straight; /* a straight line through both levels must leave more than
                       this share of their squares */
};
/* Takes away cuts that do not hold, the weakest first; the number of levels
 * that stay. */
size_t change_judge(const struct change_sums *s, const struct change_rule *rule, size_t *starts, size_t levels);
/* The standard score of a cut, and how sure that is from 0 to 1 with all n
 * places paid for where it might have been. */
double change_score(const struct change_sums *s, const struct change_memory *m, size_t from, size_t cut, size_t to);
double change_confidence(double score, size_t n);

/* The flat parts of a level: all of it twice, or what is before and behind a
 * creep. */
struct change_flat {
    size_t from, head, tail, to; /* from ... head, tail ... to */
};

struct change *change_append(struct change_list *out, enum change_kind kind);
double change_limit(size_t n); /* what a score needs where n places were looked at */
double change_smallest(const struct change_view *v,
                       const struct change_options *o); /* effect, in standard deviations */
/* Raw values of from ... head and tail ... to, and their ratio with its
 * interval. */
void change_describe(const struct change_view *v, const struct change_flat *f, struct change *c);

/* Appends creeps; cuts whose place they take are gone. `flats` has room for all
 * levels. Returns how many levels are left. */
size_t change_creeps(const struct change_view *v, const struct change_sums *s, const struct change_options *o,
                     size_t *starts, size_t levels, struct change_flat *flats, struct change_list *out);
/* `smallest`: how far apart groups of values must lie, in standard deviations. */
void change_spreads(const struct change_view *v, double smallest, const struct change_flat *flats, size_t levels,
                    struct change_list *out);
void change_pending(const struct change_view *v, const struct change_options *o, size_t from, struct change_list *out);

#endif
