/*
 * Words about how small a change can be seen: the same for `check` and for `doctor`, which measures it.
 *
 * A gate's sight is told in two numbers per metric, of which half of the points and nine of ten of them are seen better.
 */
#ifndef HARNESS_SIGHT_H
#define HARNESS_SIGHT_H

#include <stddef.h>

/* Counts of a machine whose A/A noise is known have a threshold as tight as that, but never below this. */
#define SIGHT_COUNT_FLOOR 0.0002
/*
 * Up to which p a time that moved against stored launches is suspected, so that it is measured again. Where it is known how far runs
 * drift by themselves the test means what it says, and one in twenty points measured again for nothing is cheap. Where it is not,
 * drift alone would make a suspect of every other point; but a gate over many points must not go blind either, and eight
 * launches a side give no smaller p than 0.00016.
 */
#define SIGHT_P_KNOWN 0.05
#define SIGHT_P 0.001

/* The smallest visible changes of one metric, one a point, as shares; INFINITY where none is visible. */
struct sight {
    const char *metric, *words; /* "wall.time", "time" */
    double *values;
    size_t count, capacity, estimated; /* so many of them are no measured numbers */
};

void sight_add(struct sight *s, double share);
double sight_half(const struct sight *s); /* NaN without points */
double sight_nine_of_ten(const struct sight *s);
void sight_free(struct sight *s);

/* "1.4 %", "0.02 %", "only more than a factor of 2". Returns `out`. */
const char *sight_share_words(double share, char *out, size_t size);

/* "this gate sees 1.4 % in time (half of the points; 6 % in nine of ten) and 0.02 % in instructions on this machine", or NULL
 * where no metric has points; free(). */
char *sight_sentence(const struct sight *list, size_t count);

#endif
