/* What disturbed the machine under a point's launches, and the words for what only one of two sides met. Private to the gate. */
#ifndef HARNESS_GATE_DISTURBED_H
#define HARNESS_GATE_DISTURBED_H

#include <stdbool.h>

/* NaN: not known. */
struct disturbed {
    double others;    /* CPUs that others kept busy: the median over launches */
    double throttles; /* times that heat held the CPUs back, all launches together */
    double stolen;    /* by the hypervisor, as a share of the measured time */
    double cpus;      /* of the machine */
    double threads;   /* that work in the point */
};

/* What can have made the slower side slow: "; beside a neighbour that kept 1.0 of 2 CPUs busy, none in the baseline". NULL: nothing
 * that the other side did not meet too. free(). */
char *disturbed_words(const struct disturbed *before, const struct disturbed *now, bool slower);

#endif
