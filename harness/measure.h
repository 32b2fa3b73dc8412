/*
 * Measuring one point: warm-up, calibration, repetitions. No input or output: readings go to a callback, and the
 * callback must not print either (a system call between two repetitions is seen by the second).
 *
 * Instruments are collectors, opened on the threads that the subject made. The last instrument is the innermost: its
 * start is the last thing before the region and its stop the first behind it. Where one needs several rounds for a reading, a
 * repetition is so many regions: reset, start, the executions, stop; and one reading behind the last.
 */
#ifndef HARNESS_MEASURE_H
#define HARNESS_MEASURE_H

#include "../collectors/collector.h"

#include <stdint.h>

#define MEASURE_INSTRUMENTS 8
#define MEASURE_READINGS 512

struct measure_instrument {
    const struct collector *collector;
    const char *events; /* of the pass; "" for collectors of the time pass */
    void *handle;       /* NULL while closed */
};

struct measure_instruments {
    struct measure_instrument items[MEASURE_INSTRUMENTS]; /* outermost first */
    size_t count;
    bool fresh;     /* opened anew for every repetition: exited children cannot be reset */
    bool by_thread; /* one set per thread: the list of threads must not change under a repetition */
    bool simulated; /* nothing but the subject may be executed inside: the clock is read outside */
    bool count_kernel;
    bool raw;     /* what an empty region costs stays in the readings */
    size_t turns; /* above 1: the items take turns, one a repetition (see multiplex.h) */
    size_t turn;  /* whose it is */
    enum target_kind kind;
};

/* What is measured. */
struct measure_subject {
    /* Before every repetition, untimed; may be NULL. True: there was something to restore, so one execution is a
     * repetition. */
    bool (*reset)(void *user);
    /* `inner` executions and, on asynchronous devices, the wait for them. 0 or -1. */
    int (*execute)(void *user, int64_t inner);
    void *user;
};

struct measure_settings {
    int64_t inner;   /* 0: calibrate */
    double target_s; /* all repetitions together */
    int min_repetitions, max_repetitions;
    double precision;     /* > 0: until the median's interval is this narrow (share), up to 10 x target_s */
    int64_t (*now)(void); /* a clock, ns */
    double clock_ns;      /* what reading the clock costs, and its smallest step, together */
};

struct measure_report {
    int64_t inner;
    double execution_ns; /* of one execution, once warm */
    bool single;         /* the subject consumes its input: one execution per repetition */
    int repetitions;
    int64_t executing_ns; /* inside the subject: warm-up and repetitions */
};

/* Readings of one repetition, at last those of the launch as a whole as repetition -1; they may be changed, none of them outlives
 * the call. */
typedef void measure_callback(int repetition, struct reading *readings, size_t count, void *user);

/*
 * Warms the subject up until its time is steady. `first_ns` is what its first execution took. Fills report->inner
 * with the calibrated number of executions (or settings->inner).
 */
int measure_warm_up(const struct measure_subject *s, const struct measure_settings *set, int64_t first_ns,
                    struct measure_report *report);

/* The repetitions, with what is opened and closed for them. -1 when the subject failed (`e` stays empty: the subject
 * tells why) or an instrument did (`e` tells which). */
int measure_repeat(const struct measure_subject *s, const struct measure_settings *set, struct measure_instruments *in,
                   measure_callback *each, void *user, struct measure_report *report, struct err *e);

/* The parts of it, for a subject that is another process: open on it, bracket the region, read, close. */
int measure_open(struct measure_instruments *in, const struct target *target, struct err *e);
int measure_start(struct measure_instruments *in, struct err *e);
bool measure_stop(struct measure_instruments *in); /* false: the readings are worth nothing */
/* Whose turn the repetition is, where they take turns; before it is opened or started. */
void measure_turn(struct measure_instruments *in, int repetition);
/* How many regions of equal work make one reading; `counted`: an instrument counts them, so none may be started for other ends. */
int measure_rounds(const struct measure_instruments *in, bool *counted);
size_t measure_read(struct measure_instruments *in, struct reading *out, size_t capacity);
/* What only the instruments tell that speak of the whole launch; the others have no part in it. */
size_t measure_read_launch(struct measure_instruments *in, struct reading *out, size_t capacity);
void measure_close(struct measure_instruments *in);
/* All readings become unavailable, for this reason where they have none of their own. */
void measure_void(struct reading *readings, size_t count, const char *reason);

/* The ids of this process's threads, the caller's first, the others ascending; free(). NULL if /proc does not tell. */
pid_t *measure_threads(size_t *count);

#endif
