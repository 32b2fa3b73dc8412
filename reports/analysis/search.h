/*
 * Which commit was it? An adaptive search over an ordered range of commits whose measurements are noisy. Pure: it says what to measure
 * next, is told what came out, and says what follows from it.
 *
 * First the ends, in shuffled turns, until they are the same or different (sequential.h). Then launches go where they tell most for
 * what they cost: a commit that still has to be built is dearer than one more launch of a built one. When every change has its place,
 * the commits on both sides of it are measured in turns, so that a machine that moved while it searched convicts nobody.
 * The method, its assumptions and its measured errors stand in search.c.
 */
#ifndef REPORTS_ANALYSIS_SEARCH_H
#define REPORTS_ANALYSIS_SEARCH_H

#include "sequential.h"

#define SEARCH_MOST_STEPS (2 * SEQUENTIAL_MOST)

struct search_options {
    double threshold;         /* changes below this share do not count; 0: 1 %, of counts 0.1 % */
    bool deterministic;       /* counts: what differs, differs */
    double build_s, launch_s; /* what a build and a launch take; only their relation counts */
    size_t most_launches;     /* 0: 300 */
    uint64_t seed;
};

struct search_commit {
    double *values; /* of its launches, in the order in which they were made */
    size_t count, capacity;
    bool built;   /* launches are all it costs */
    bool skipped; /* cannot be measured */
    bool settled; /* a change here was measured in turns, and holds */
};

/* A change, and where it came from. */
struct search_culprit {
    size_t first, last;      /* one of these commits; the same one where that is known */
    double probability;      /* that it is there */
    double ratio, low, high; /* new level / old level, with its 95 % interval */
    double before, after;    /* the levels */
    size_t before_launches, after_launches;
    bool in_turns; /* both sides of it were measured in turns, and agree */
};

enum search_answer {
    SEARCH_NOT_YET,
    SEARCH_FOUND,     /* every change has its commit, or those that cannot be told apart by measuring */
    SEARCH_SAME,      /* the ends do not differ by what counts */
    SEARCH_UNDECIDED, /* launches were used up; what is known so far stands in the culprits */
};

enum search_phase { SEARCH_ENDS, SEARCH_INSIDE, SEARCH_TURNS, SEARCH_OVER };

/* Read what you like; change it by the functions alone. */
struct search {
    struct search_options options;
    struct search_commit *commits; /* [0] the good end, [count - 1] the bad one */
    size_t count, launches;
    enum search_phase phase;
    enum search_answer answer;
    struct sequential ends; /* what their turns say */
    struct search_culprit *culprits;
    size_t culprit_count, culprit_capacity;
    double noise;    /* relative standard deviation of a launch, as it was seen; NaN unknown */
    bool spread_out; /* the ends differ, but no single commit by what counts */
    uint64_t seed;
    struct search_turns *turns; /* private */
};

/* Commits to measure one after the other, one launch each; after that, ask again. */
struct search_step {
    size_t commits[SEARCH_MOST_STEPS], count;
};

/* At least two commits. */
void search_begin(struct search *s, size_t commits, const struct search_options *o);
void search_free(struct search *s);
/* A launch's value. What is not finite is left out: measure that commit again, or skip it. */
void search_add(struct search *s, size_t commit, double value);
void search_built(struct search *s, size_t commit);
/* What a build and a launch turned out to take. */
void search_price(struct search *s, double build_s, double launch_s);
/* It cannot be measured. Not for the ends: -1. */
int search_skip(struct search *s, size_t commit);
/* SEARCH_NOT_YET with a step; else it is over, and the step is empty. */
enum search_answer search_next(struct search *s, struct search_step *step);
/* Stops it here: what is known becomes the result. */
void search_stop(struct search *s);
/* What is expected of a range before anything is known, and from where it stands. */
void search_expect(const struct search *s, double *builds, double *launches);

#endif
