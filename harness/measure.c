/* Warm-up, calibration and repetitions. See measure.h. */
#include "measure.h"
#include "base/mem.h"
#include "base/stats.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define GRAINS 100           /* a repetition lasts this many times what bracketing it costs */
#define STEADY_BATCHES 3     /* this many in a row ... */
#define STEADY_SHARE 0.02    /* ... within this share of each other are steady */
#define SHORTEST_BATCH 50000 /* ns: what is shorter is lost in interrupts */
#define MOST_INNER 1000000000
#define PATIENCE 10 /* times the target, and times the most repetitions, for the sake of precision */

/* One batch of the warm-up: what it took, ns. -1 if the subject failed. */
static int64_t batch(const struct measure_subject *s, const struct measure_settings *set, int64_t executions,
                     struct measure_report *report)
{
    int64_t before, ns;

    report->single = s->reset && s->reset(s->user);
    before = set->now();
    if (s->execute(s->user, report->single ? 1 : executions))
        return -1;
    ns = set->now() - before;
    report->executing_ns += ns;
    return ns;
}

static bool steady(const double *last, int count)
{
    return count >= STEADY_BATCHES &&
           stats_max(last, STEADY_BATCHES) <= (1 + STEADY_SHARE) * stats_min(last, STEADY_BATCHES);
}

static int64_t executions_for(double ns, double execution_ns)
{
    double n = ceil(ns / (execution_ns > 0.01 ? execution_ns : 0.01));

    return n < 1 ? 1 : n > MOST_INNER ? MOST_INNER : (int64_t)n;
}

/* Enough executions that bracketing does not matter, and that the repetitions asked for fill the time asked for. */
static void calibrate(const struct measure_settings *set, double bracket_ns, struct measure_report *report)
{
    double share = set->target_s * 1e9 / (set->max_repetitions > 0 ? set->max_repetitions : 1);

    if (set->inner > 0)
        report->inner = set->inner;
    else if (report->single)
        report->inner = 1;
    else
        report->inner = executions_for(fmax(share, GRAINS * bracket_ns), report->execution_ns);
}

int measure_warm_up(const struct measure_subject *s, const struct measure_settings *set, int64_t first_ns,
                    struct measure_report *report)
{
    double last[STEADY_BATCHES] = {0}, shortest = fmax(SHORTEST_BATCH, GRAINS * set->clock_ns);
    int64_t executions = 1, spent = first_ns, budget = (int64_t)(set->target_s * 1e9);
    int count = 0;

    report->execution_ns = (double)first_ns;
    while (spent < budget && !steady(last, count)) {
        int64_t ns = batch(s, set, executions, report);

        if (ns < 0)
            return -1;
        spent += ns > 0 ? ns : 1;
        report->execution_ns = (double)ns / (double)(report->single ? 1 : executions);
        if ((double)ns < shortest && !report->single && executions < MOST_INNER) {
            /* Ten-fold at the most: the first batches are slow, and would mislead. */
            int64_t wanted = executions_for(1.2 * shortest, report->execution_ns);

            executions = wanted > 10 * executions ? 10 * executions : wanted;
            count = 0;
            continue;
        }
        last[count++ % STEADY_BATCHES] = report->execution_ns;
    }
    if (count)
        report->execution_ns = stats_median(last, count < STEADY_BATCHES ? (size_t)count : STEADY_BATCHES);
    calibrate(set, set->clock_ns, report);
    return 0;
}

/* What starting and stopping costs: it is neither the subject's time nor may it outweigh it. */
static double empty_region(const struct measure_settings *set, struct measure_instruments *in)
{
    double ns[5];

    for (int i = 0; i < 5; i++) {
        int64_t before = set->now();

        if (measure_start(in, NULL))
            return 0;
        measure_stop(in);
        ns[i] = (double)(set->now() - before);
    }
    return stats_median(ns, 5);
}

/* The state of one series of repetitions. */
struct series {
    const struct measure_subject *subject;
    const struct measure_settings *set;
    struct measure_instruments *in;
    struct measure_report *report;
    pid_t *threads; /* that the instruments were opened on */
    size_t thread_count;
    struct reading readings[MEASURE_READINGS];
    int rounds;   /* of a repetition */
    bool untried; /* what an empty region costs is not known: the clock is read inside the instruments */
    double empty_ns;
    double *times; /* for the precision */
    size_t time_count, time_capacity;
};

static int open_instruments(struct series *s, struct err *e)
{
    struct target target = {.kind = s->in->kind, .count_kernel = s->in->count_kernel, .raw = s->in->raw};

    free(s->threads);
    s->threads = measure_threads(&s->thread_count);
    if (!s->threads)
        return err_set(e, CM_NOTHING, "/proc/self/task cannot be read, so the threads to be counted are not known");
    target.threads = s->threads;
    target.thread_count = s->thread_count;
    if (measure_open(s->in, &target, e))
        return -1;
    s->rounds = measure_rounds(s->in, &s->untried);
    return 0;
}

static bool threads_changed(const struct series *s)
{
    size_t count;
    pid_t *now = measure_threads(&count);
    bool changed = !now || count != s->thread_count || memcmp(now, s->threads, count * sizeof *now);

    free(now);
    return changed;
}

static double wall_of(const struct reading *readings, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!strcmp(readings[i].metric, "wall.time"))
            return readings[i].value;
    return NAN;
}

static void remember(struct series *s, size_t count, int64_t ns)
{
    double wall = wall_of(s->readings, count);

    if (!(s->set->precision > 0))
        return;
    VEC_ROOM(s->times, s->time_count, s->time_capacity);
    s->times[s->time_count++] = isnan(wall) ? (double)ns : wall;
}

/* The region once, from a restored subject: what it took, with its instruments. -1 on failure. */
static int64_t region(struct series *s, bool *good, struct err *e)
{
    const struct measure_subject *subject = s->subject;
    int64_t before, began, ended, after;
    bool inside = s->untried && !s->in->simulated;

    if (subject->reset)
        subject->reset(subject->user);
    before = s->set->now();
    if (measure_start(s->in, e))
        return -1;
    began = inside ? s->set->now() : before;
    if (subject->execute(subject->user, s->report->inner)) {
        measure_stop(s->in);
        return -1;
    }
    ended = inside ? s->set->now() : 0;
    *good = measure_stop(s->in);
    after = s->set->now();
    if (inside)
        s->report->executing_ns += ended - began;
    else if ((double)(after - before) > s->empty_ns)
        s->report->executing_ns += after - before - (int64_t)s->empty_ns;
    return after - before;
}

/* One repetition: what it took, with its instruments; -1 on failure. Of several rounds each has the same work, and all of them
 * make one reading. */
static int64_t repeat(struct series *s, int repetition, measure_callback *each, void *user, struct err *e)
{
    int64_t ns = 0;
    bool good = true;
    size_t count;

    measure_turn(s->in, repetition);
    if (s->in->fresh && open_instruments(s, e))
        return -1;
    for (int round = 0; round < s->rounds && good; round++) {
        int64_t took = region(s, &good, e);

        if (took < 0)
            return -1;
        ns += took;
    }
    count = measure_read(s->in, s->readings, MEASURE_READINGS);
    if (!good)
        measure_void(s->readings, count, "an instrument could not be stopped");
    else if (s->in->by_thread && threads_changed(s))
        measure_void(s->readings, count, "the threads of the process changed while they were counted");
    remember(s, count, ns);
    each(repetition, s->readings, count, user);
    if (s->in->fresh)
        measure_close(s->in);
    return ns;
}

static bool precise(const struct series *s)
{
    double low, high;

    if (!(s->set->precision > 0))
        return true;
    stats_median_interval(s->times, s->time_count, 0.95, &low, &high);
    return s->time_count >= 6 && high - low <= s->set->precision * stats_median(s->times, s->time_count);
}

/* Whether the repetitions so far are enough; `spent` and `last` in ns. */
static bool enough(const struct series *s, int done, int64_t spent, int64_t last)
{
    double target = s->set->target_s * 1e9;

    if (done < s->set->min_repetitions)
        return false;
    if (s->set->precision > 0)
        return precise(s) || done >= PATIENCE * s->set->max_repetitions || (double)spent >= PATIENCE * target;
    /* Half of a further repetition that would lie beyond the target is the limit. */
    return done >= s->set->max_repetitions || (double)spent + (double)last / 2 >= target;
}

static int repetitions(struct series *s, measure_callback *each, void *user, struct err *e)
{
    int64_t began = s->set->now(), last;
    size_t count;
    int done = 0;

    do {
        last = repeat(s, done, each, user, e);
        if (last < 0)
            return -1;
        s->report->repetitions = ++done;
    } while (!enough(s, done, s->set->now() - began, last));
    /* Instruments that are opened for each repetition are closed by now; those of a launch are never among them. */
    count = s->in->fresh ? 0 : measure_read_launch(s->in, s->readings, MEASURE_READINGS);
    if (count)
        each(-1, s->readings, count, user);
    return 0;
}

int measure_repeat(const struct measure_subject *subject, const struct measure_settings *set,
                   struct measure_instruments *in, measure_callback *each, void *user, struct measure_report *report,
                   struct err *e)
{
    struct series *s = mem_new(1, sizeof *s);
    int rc = -1;

    s->subject = subject;
    s->set = set;
    s->in = in;
    s->report = report;
    if (in->fresh || !open_instruments(s, e)) {
        /* An empty region would be one of the rounds that an instrument waits for. */
        if (!in->fresh && !s->untried)
            s->empty_ns = empty_region(set, in);
        /* Of the time pass only the innermost, the clock, is inside the region. */
        calibrate(set, in->by_thread ? s->empty_ns : set->clock_ns, report);
        rc = repetitions(s, each, user, e);
    }
    measure_close(in);
    free(s->threads);
    free(s->times);
    free(s);
    return rc;
}
