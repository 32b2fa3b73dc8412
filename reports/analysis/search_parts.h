/* What the search's own files share. Nobody else includes this. */
#ifndef REPORTS_ANALYSIS_SEARCH_PARTS_H
#define REPORTS_ANALYSIS_SEARCH_PARTS_H

#include "search.h"

#define SEARCH_RECENT 14        /* launches that belong to one time, as a machine goes */
#define SEARCH_EXACT_LAUNCHES 2 /* of each end, where counts are: the same twice */

/* The ends' launches by blocks, and what was measured lately. */
struct search_turns {
    double ends[2][SEQUENTIAL_MOST];
    size_t end_counts[2];
    struct {
        size_t commit;
        double value;
    } recent[SEARCH_RECENT]; /* the newest first */
    size_t recent_count;
    bool early;      /* the inside was entered before the ends were sure */
    size_t disputed; /* pairs that were asked for since those before did not show the change */
};

/* What is known of every commit. */
struct search_view {
    double *change; /* [i]: the probability that the level of i is another than that of i - 1; [0] is 0 */
    double *other;  /* that a commit has another level than the likeliest path says */
    double *apart;  /* and how far away that is then, in standard deviations of a launch */
    double *level;  /* of the likeliest path, on a log scale */
    double sigma;
};

/* Asks for launches of the ends, or knows how they differ: goes inside, or finishes. */
void search_ends_next(struct search *s, struct search_step *step);
void search_finish(struct search *s, enum search_answer answer);

void search_model(const struct search *s, struct search_view *v);
void search_view_free(struct search_view *v);

/* The culprits that a view shows; true if each has its commit, as far as measuring can tell. */
bool search_culprits(struct search *s, const struct search_view *v);
/* Adds levels, ratios and intervals from the launches on both sides. */
void search_effects(struct search *s);
/* The nearest commit to `at`, between the two others and neither of them, that can be measured; or `low`. */
size_t search_nearest(const struct search *s, size_t low, size_t high, size_t at);
struct search_culprit *search_culprit_add(struct search *s);

/* Counts: intervals whose ends differ are halved. True with a step, false if there is nothing left to halve. */
bool search_exact_next(struct search *s, struct search_step *step);
void search_exact_culprits(struct search *s);

#endif
