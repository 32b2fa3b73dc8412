/*
 * One launch of a variant: set up, execute once, verify, warm up, repeat, verify again. What is timed is measure.c's
 * business; here is the order of the calls that variant.h promises, and what becomes of a failure in each. A variant that
 * computes elsewhere gets its input, and a poisoned output, before each of the two rounds, and brings the result back after it.
 */
#include "base/clock.h"
#include "base/mem.h"
#include "base/stats.h"
#include "base/text.h"
#include "module.h"
#include "registry.h"
#include "worker.h"
#include "worker_figures.h"

#include <alloca.h>
#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STACK_STEPS 256      /* of 16 bytes: over one page */
#define DEVICE_REPETITIONS 3 /* of a launch that counts on a device */
#define TURN_REPETITIONS 3   /* of each set at least, where sets of events take turns */

struct session {
    struct worker *worker;
    const struct kernel *kernel;
    struct variant variant; /* with its module's functions */
    struct run run;
    struct worker_figures figures;
    struct value *values;
    struct reference reference;
    struct verdict verdict;
    int64_t executing_ns;
};

static int64_t axis_number(const char *text)
{
    char *end;
    int64_t number;

    errno = 0;
    number = strtoll(text, &end, 10);
    if (*end || end == text || errno)
        return text_size(text, &number) ? 0 : number;
    return number;
}

static int by_axis(const void *a, const void *b)
{
    return strcmp(((const struct value *)a)->axis, ((const struct value *)b)->axis);
}

static void fill_run(struct session *s)
{
    const struct launch_spec *spec = s->worker->spec;
    cpu_set_t cpus;
    size_t n = 0;

    while (spec->axes[n].name)
        n++;
    s->values = mem_new(n + 1, sizeof *s->values);
    for (size_t i = 0; i < n; i++)
        s->values[i] = (struct value){spec->axes[i].name, spec->axes[i].value, axis_number(spec->axes[i].value)};
    qsort(s->values, n, sizeof *s->values, by_axis);
    s->run.values = s->values;
    s->run.value_count = n;
    s->run.seed = spec->seed;
    s->run.cpus = sched_getaffinity(0, sizeof cpus, &cpus) ? 1 : CPU_COUNT(&cpus);
}

/* A failure that the kernel or variant told by itself. */
static void failed(struct session *s, const char *step, enum launch_status status)
{
    const char *why = s->run.error;

    if (strstr(why, "memory"))
        status = LAUNCH_MEMORY;
    if (*why)
        worker_outcome(s->worker, status, "%s", why);
    else
        worker_outcome(s->worker, status, "its %s failed without a reason", step);
}

/* Before each repetition. What the variant told of executions before it is none of its business. */
static bool reset(void *user)
{
    struct session *s = user;
    bool (*restore)(struct run *) = s->variant.reset ? s->variant.reset : s->kernel->reset;

    worker_figures_ask(&s->figures, &s->variant, &s->run);
    return restore && restore(&s->run);
}

static int execute(void *user, int64_t inner)
{
    struct session *s = user;
    int (*run)(struct run *) = s->variant.run;

    for (int64_t i = 0; i < inner; i++)
        if (run(&s->run))
            return -1;
    if (!s->variant.sync)
        return 0;
    *s->run.error = 0; /* a device tells here what went wrong since it was told to work */
    s->variant.sync(&s->run);
    return *s->run.error ? -1 : 0;
}

static void poison(struct session *s)
{
    if (s->run.output_bytes)
        memset(s->run.output, OUTPUT_POISON, s->run.output_bytes);
}

/* The input, and an output that a stale result cannot hide in, to where the variant works. */
static int send_input(struct session *s)
{
    poison(s);
    if (!s->variant.upload || !s->variant.upload(&s->run))
        return 0;
    failed(s, "upload", LAUNCH_EXITED);
    return -1;
}

static int fetch_result(struct session *s)
{
    if (!s->variant.download || !s->variant.download(&s->run))
        return 0;
    failed(s, "download", LAUNCH_EXITED);
    return -1;
}

/* Scripted wrong results. */
static void spoil(struct session *s)
{
    unsigned char *bytes = s->run.output;

    if (worker_fault_is(s->worker, "untouched"))
        poison(s);
    if (worker_fault_is(s->worker, "wrong"))
        for (size_t i = 0; i < s->run.output_bytes; i++)
            bytes[i] ^= 0x5A;
}

/* Compares the output with the reference; the worst verdict so far is kept. False: wrong. */
static bool verify(struct session *s)
{
    struct verdict v = {.match = MATCH_SAME_BITS};

    spoil(s);
    if (s->kernel->verify && s->reference.bytes)
        s->kernel->verify(&s->run, s->reference.bytes, s->variant.tolerance, &v);
    else if (s->worker->fault)
        v = (struct verdict){.match = MATCH_WRONG, .text = "wrong, as the script says"};
    if (v.match >= s->verdict.match)
        s->verdict = v;
    s->worker->result.match = (int)s->verdict.match;
    s->worker->result.deviations = s->verdict.deviations;
    if (v.match != MATCH_WRONG)
        return true;
    worker_outcome(s->worker, LAUNCH_WRONG, "%.*s", (int)sizeof v.text,
                   *v.text ? v.text : "the result differs from the reference");
    return false;
}

static void note_work(struct session *s, const struct work *w)
{
    struct launch_result *r = &s->worker->result;

    r->elements = w->elements > 0 ? w->elements : 1;
    r->flops = w->flops;
    r->bytes_read = w->bytes_read;
    r->bytes_written = w->bytes_written;
}

/* The first execution: cold, into poisoned memory. Its time, or -1. */
static int64_t first_execution(struct session *s)
{
    int64_t before;

    if (send_input(s))
        return -1;
    reset(s);
    before = clock_ns();
    if (execute(s, 1)) {
        failed(s, "execution", LAUNCH_EXITED);
        return -1;
    }
    s->executing_ns = clock_ns() - before;
    return s->executing_ns;
}

static void choose_target(struct session *s)
{
    struct measure_instruments *in = &s->worker->instruments;
    bool counters = *s->worker->spec->pass != 0, host = s->variant.device == DEVICE_NONE;

    in->kind = s->variant.forks ? TARGET_TREE : TARGET_THREADS;
    in->fresh = counters && host && s->variant.forks;
    in->simulated = worker_simulator(s->worker) != NULL;
    in->by_thread = counters && host && !s->variant.forks && !in->simulated;
}

static int larger(int a, int b)
{
    return a > b ? a : b;
}

/* Counts of a device are exact for one execution, and a region around it costs milliseconds: a few repetitions of one execution
 * say all, however short it is. */
static struct measure_settings settings_of(const struct session *s)
{
    const struct launch_spec *spec = s->worker->spec;
    bool few = *spec->pass && s->variant.device != DEVICE_NONE;
    int turns = s->worker->instruments.turns > 1 ? TURN_REPETITIONS * (int)s->worker->instruments.turns : 1;

    if (worker_simulator(s->worker))
        return (struct measure_settings){.inner = 1, .min_repetitions = 1, .max_repetitions = 1, .now = clock_ns};
    return (struct measure_settings){.inner = few ? 1 : spec->inner,
                                     .target_s = spec->target_s,
                                     .min_repetitions = few ? 1 : larger(spec->min_repetitions, turns),
                                     .max_repetitions = few ? DEVICE_REPETITIONS : larger(spec->max_repetitions, turns),
                                     .precision = few ? 0 : spec->precision,
                                     .now = clock_ns,
                                     .clock_ns = clock_cost_ns() + clock_resolution_ns()};
}

/* A measure_callback: the variant's own times stand beside what the instruments read. */
static void record(int repetition, struct reading *readings, size_t count, void *user)
{
    struct session *s = user;

    worker_figures_ask(&s->figures, &s->variant, &s->run);
    if (!*s->worker->spec->pass && repetition >= 0)
        count = worker_figures_add(&s->figures, readings, count, MEASURE_READINGS);
    worker_record_readings(repetition, readings, count, s->worker);
}

static void record_launch(struct session *s)
{
    struct reading one;

    worker_figures_ask(&s->figures, &s->variant, &s->run);
    for (int i = FIGURE_TIME + 1; i < FIGURES; i++)
        if (!*s->worker->spec->pass && worker_figures_launch(&s->figures, (enum figure)i, &one))
            worker_record_state(s->worker, &one);
}

static void measure(struct session *s, int64_t first_ns)
{
    bool resets = s->kernel->reset || s->variant.reset || s->variant.figures;
    const struct measure_subject subject = {resets ? reset : NULL, execute, s};
    const struct measure_settings settings = settings_of(s);
    struct measure_report *report = &s->worker->report;
    struct err e = {0};

    choose_target(s);
    if (measure_warm_up(&subject, &settings, first_ns, report) ||
        measure_repeat(&subject, &settings, &s->worker->instruments, record, s, report, &e)) {
        if (e.code)
            worker_outcome(s->worker, LAUNCH_UNAVAILABLE, "%.380s", e.text);
        else
            failed(s, "execution", LAUNCH_EXITED);
    }
    s->worker->result.inner = report->inner;
    s->executing_ns += report->executing_ns;
    s->worker->result.executing_s = (double)s->executing_ns / 1e9;
}

/* Under a simulator the first execution was not counted, and so told what a counted one will take. */
static bool is_simulable(struct session *s, int64_t first_ns)
{
    const struct collector *c = worker_simulator(s->worker);

    return !c || worker_simulable(s->worker, (double)first_ns / 1e9 / c->idle_slowdown * c->slowdown);
}

static void with_prepared(struct session *s)
{
    struct worker *w = s->worker;
    int64_t first_ns = first_execution(s);

    if (first_ns < 0 || worker_fault(w) || !is_simulable(s, first_ns))
        return;
    w->result.executing_s = (double)first_ns / 1e9;
    if (fetch_result(s) || !verify(s) || send_input(s))
        return;
    measure(s, first_ns);
    if (w->result.status != LAUNCH_DONE || fetch_result(s))
        return;
    record_launch(s);
    verify(s);
    snprintf(w->checksum, sizeof w->checksum, "%016" PRIx64, worker_checksum(s->run.output, s->run.output_bytes));
    w->result.checksum = w->checksum;
}

static void with_problem(struct session *s)
{
    struct work work = {0};

    if (s->kernel->reference && worker_reference(s->worker->spec, s->kernel, &s->run, &s->reference, &work)) {
        failed(s, "reference", LAUNCH_UNAVAILABLE);
        return;
    }
    note_work(s, &work);
    if (s->variant.prepare && s->variant.prepare(&s->run)) {
        failed(s, "preparation", LAUNCH_UNAVAILABLE);
    } else {
        with_prepared(s);
        if (s->variant.finish)
            s->variant.finish(&s->run);
    }
    free(s->reference.memory);
}

static __attribute__((noinline)) void session(struct session *s)
{
    fill_run(s);
    if (s->kernel->setup && s->kernel->setup(&s->run)) {
        failed(s, "set-up", LAUNCH_UNAVAILABLE);
    } else {
        with_problem(s);
        if (s->kernel->teardown)
            s->kernel->teardown(&s->run);
    }
    free(s->values);
}

/* Where the stack lies in its page changes times by some percent: every launch draws another place, so that no build
 * is lucky. */
static __attribute__((noinline)) void on_random_stack(struct session *s, uint64_t seed)
{
    size_t size = 16 * (1 + stats_random(&seed) % STACK_STEPS);
    /* cppcheck-suppress allocaCalled ; another size at every call is the point */
    volatile char *room = alloca(size);

    room[0] = 0;
    session(s);
    room[size - 1] = 0;
}

/* Why this process cannot measure the variant, or NULL. */
static const char *cannot(struct session *s, const struct registry_variant *row)
{
    if (row->missing)
        return row->missing;
    if (s->kernel->abi != VARIANT_ABI || row->variant->abi != VARIANT_ABI)
        return "it was compiled for another version of variant.h";
    return row->variant->probe ? row->variant->probe() : NULL;
}

static int load(struct session *s, const struct registry_variant *row)
{
    const char *reason = cannot(s, row);
    struct err e = {0};

    s->variant = *row->variant;
    s->worker->device = row->variant->device;
    if (!reason && row->variant->module && module_load(row, &s->variant, &e))
        reason = e.text;
    if (reason)
        worker_outcome(s->worker, LAUNCH_UNAVAILABLE, "%.380s", reason);
    return reason ? -1 : 0;
}

void worker_variant(struct worker *w)
{
    const struct registry_kernel *kernel = registry_kernel(w->spec->kernel);
    const struct registry_variant *row = registry_variant(w->spec->kernel, w->spec->variant);
    struct session s = {.worker = w};

    if (!kernel || !row) {
        worker_outcome(w, LAUNCH_UNAVAILABLE, "this build has no variant %.100s/%.100s", w->spec->kernel,
                       w->spec->variant);
        return;
    }
    s.kernel = kernel->kernel;
    worker_figures_start(&s.figures);
    if (!load(&s, row) && !worker_instruments(w))
        on_random_stack(&s, w->spec->layout_seed);
}
