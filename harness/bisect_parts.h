/* Inside bisect*.c: one bisect under way. */
#ifndef HARNESS_BISECT_PARTS_H
#define HARNESS_BISECT_PARTS_H

#include "bisect.h"
#include "gate_model.h"
#include "host.h"
#include "launch.h"

struct bisect {
    const struct bisect_request *q;
    struct bisect_outcome *out;
    char *database;     /* absolute: programs work in other folders */
    struct store *kept; /* bisect's own */
    struct host host;
    char *arguments; /* what is measured and how it is built: what is stored under other words is another thing */
    /* The point and how a launch measures it. */
    char *kernel, *variant, *pass;
    struct fact *axes; /* ended by a NULL name */
    char **command;    /* of a program of the user, ended by NULL; or NULL */
    char *verify;
    char *script; /* of a scripted collector, as in the configuration: relative to the worktree */
    bool isolate;
    char
        *unmeasured; /* that no run in the user's database measured this point, and which look like it; NULL: one did */
    struct gate_metric metric;
    bool derived;
    int64_t inner;
    int number;
    size_t most_launches; /* that this call may make */
    int64_t started_ns;
};

/* bisect_shape.c: from the point's text, the configuration and what is stored to how it is launched. */
int bisect_shape(struct bisect *b, struct err *e);
void bisect_shape_free(struct bisect *b);

/* bisect_store.c: opens bisect's own database and reads what it knows of the commits; one more launch. */
int bisect_store_open(struct bisect *b, struct err *e);
int bisect_store_launch(struct bisect *b, size_t commit, const struct commit_build *built, const char *pass,
                        const struct launch_outcome *out, struct err *e);
int bisect_store_close(struct bisect *b, struct err *e);

/* bisect_measure.c: one launch of a commit, built if need be. *value is NaN with a reason in the commit if it cannot be measured. */
int bisect_measure(struct bisect *b, size_t commit, double *value, struct err *e);
/* One launch in another pass, stored and not looked at. */
int bisect_count(struct bisect *b, size_t commit, const char *pass, bool *well, struct err *e);

/* bisect_why.c: counts both sides of every culprit, and says what moved. */
int bisect_why(struct bisect *b, struct err *e);

#endif
