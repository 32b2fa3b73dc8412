/* Which events a machine is known to count right, and which wrong: what `doctor --calibrate` found, for those who show or judge. */
#ifndef HARNESS_TRUST_H
#define HARNESS_TRUST_H

#include "host.h"

/* A metric with its worst verdict. */
struct trust_event {
    char *metric;
    char *verdict; /* right, wrong, unknown, unavailable */
    char *words;   /* "wrong, +100 %": short, for tables */
    char *
        reason; /* of a wrong one, a clause: "it counts +100 % where the count is known (truth/loads:n=65536)"; else NULL */
};

struct trust {
    struct trust_event *events; /* sorted by metric */
    size_t count, capacity;
};

/* On the machine and in the environment of a stored run; of this host as it is now. Empty where nothing was calibrated. */
int trust_of_run(struct store *s, int64_t run, struct trust *out, struct err *e);
int trust_of_host(struct store *s, const struct host *h, bool scripted, struct trust *out, struct err *e);
void trust_free(struct trust *t);

const struct trust_event *trust_find(const struct trust *t, const char *metric); /* NULL: nobody looked at it */
bool trust_is_wrong(const struct trust_event *event);                            /* NULL is not */

#endif
