/*
 * How much the vectors gain on the tutorial's problem, in interleaved executions: each round runs every contestant once, and the
 * ratio of a round is taken within it, so that a change of the clock or a neighbour hits both sides. The floors are claims of
 * the project: 15 times serial with the same bits on one core, at most 2.4 instructions an iteration. Falling short fails.
 *
 * Instructions come from the CPU's counter; without one from valgrind, which knows vectors up to AVX2 and so counts that path.
 * `simd ROUNDS` sets the rounds (21); `simd count VARIANT N` just executes, for valgrind.
 */
#include "harness/base/stats.h"
#include "tests/unit/variants.h"

#include <inttypes.h>
#include <linux/perf_event.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define PROBLEM "size=1000,maxiter=1000"
#define FLOOR_RATIO 15.0
#define FLOOR_INSTRUCTIONS 2.4
#define ROUNDS 21
#define MOST_ROUNDS 999

struct contestant {
    const char *name, *settings;
    bool must; /* the floors are about this one */
    const struct variant *variant;
    struct subject subject;
    double seconds[MOST_ROUNDS], ratio[MOST_ROUNDS];
    int64_t deviations;
};

static struct contestant contestants[] = {
    {.name = "serial", .settings = PROBLEM},           {.name = "simd", .settings = PROBLEM, .must = true},
    {.name = "simd", .settings = PROBLEM ",isa=avx2"}, {.name = "simd", .settings = PROBLEM ",isa=sse2"},
    {.name = "simd_fma", .settings = PROBLEM},         {.name = "openmp_simd", .settings = PROBLEM ",threads=2"},
};
#define CONTESTANTS (sizeof contestants / sizeof contestants[0])

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* False, with a line that says why, if it cannot run here. */
static bool enter(struct contestant *c)
{
    const struct registry_variant *row = registry_variant("mandelbrot", c->name);
    const char *reason = subject_reason(row);
    struct verdict v;

    c->variant = row->variant;
    if (!reason) {
        subject_open(&c->subject, "mandelbrot", c->variant, c->settings);
        if (c->variant->prepare && c->variant->prepare(&c->subject.run))
            reason = c->subject.run.error;
    }
    if (reason) {
        printf("%-12s %-34s %s\n", c->name, c->settings, reason);
        c->variant = NULL;
        return false;
    }
    subject_poison(&c->subject);
    c->variant->run(&c->subject.run);
    v = subject_verify(&c->subject, c->variant->tolerance);
    if (v.match == MATCH_WRONG) {
        printf("%-12s %-34s WRONG: %s\n", c->name, c->settings, v.text);
        exit(1);
    }
    c->deviations = v.deviations;
    return true;
}

static void race(int rounds)
{
    for (int round = 0; round < rounds; round++)
        for (size_t i = 0; i < CONTESTANTS; i++) {
            struct contestant *c = &contestants[i];
            double begun = now();

            if (!c->variant)
                continue;
            c->variant->run(&c->subject.run);
            c->seconds[round] = now() - begun;
            c->ratio[round] = contestants[0].seconds[round] / c->seconds[round];
        }
}

/* Instructions of one execution by the CPU's own counter, user space only; 0 without one. */
static double count_by_cpu(struct contestant *c)
{
    struct perf_event_attr attr = {
        .size = sizeof attr,
        .type = PERF_TYPE_HARDWARE,
        .config = PERF_COUNT_HW_INSTRUCTIONS,
        .exclude_kernel = 1,
        .exclude_hv = 1,
    };
    int64_t before = 0, after = 0;
    int fd = (int)syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0);
    bool good;

    if (fd < 0)
        return 0;
    good = read(fd, &before, sizeof before) == sizeof before && !c->variant->run(&c->subject.run) &&
           read(fd, &after, sizeof after) == sizeof after;
    close(fd);
    return good ? (double)(after - before) : 0;
}

/* What valgrind counts for this program with `n` executions; 0 if it cannot. */
static double valgrind_count(const char *name, int n)
{
    char self[4096], command[200], line[300];
    ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
    double found = 0;
    FILE *pipe;

    if (length < 0)
        return 0;
    self[length] = '\0';
    setenv("BENCH_SELF", self, 1);
    snprintf(command, sizeof command,
             "valgrind --tool=callgrind --callgrind-out-file=/dev/null \"$BENCH_SELF\" count %s %d 2>&1", name, n);
    pipe = popen(command, "r");
    while (pipe && fgets(line, sizeof line, pipe)) {
        const char *p = strstr(line, "Collected : ");

        if (p)
            found = strtod(p + strlen("Collected : "), NULL);
    }
    return pipe && pclose(pipe) == 0 ? found : 0;
}

static int only_execute(const char *name, int n)
{
    const struct variant *v = registry_variant("mandelbrot", name)->variant;
    struct subject s;

    subject_describe(&s, "mandelbrot", v, PROBLEM);
    if (s.kernel->setup(&s.run) || (v->prepare && v->prepare(&s.run)))
        return 1;
    while (n-- > 0)
        v->run(&s.run);
    return 0;
}

/* Per iteration; 0 if nothing can count. */
static double instructions(struct contestant *c, const char **how)
{
    double one = count_by_cpu(c), three;

    *how = "CPU counter";
    if (one <= 0) {
        *how = "valgrind, AVX2 path";
        one = valgrind_count(c->name, 1);
        three = valgrind_count(c->name, 3);
        one = one > 0 && three > one ? (three - one) / 2 : 0;
    }
    return one / c->subject.work.elements;
}

static bool report(struct contestant *c, int rounds)
{
    double ms = 1e3 * stats_median(c->seconds, (size_t)rounds), ratio = stats_median(c->ratio, (size_t)rounds), low,
           high;
    bool good = !c->must || ratio >= FLOOR_RATIO;

    stats_median_interval(c->ratio, (size_t)rounds, 0.95, &low, &high);
    printf("%-12s %-34s %9.3f ms %7.2f x  (%.2f to %.2f, n=%d)  ", c->name, c->settings, ms, ratio, low, high, rounds);
    if (c->deviations)
        printf("%" PRId64 " pixels moved", c->deviations);
    else
        printf("same bits");
    printf("%s\n", !c->must ? "" : good ? "; floor 15 x: met" : "; floor 15 x: MISSED");
    return good;
}

int main(int argc, char **argv)
{
    int rounds = argc == 2 ? atoi(argv[1]) : ROUNDS;
    bool good = true;

    if (argc == 4 && !strcmp(argv[1], "count"))
        return only_execute(argv[2], atoi(argv[3]));
    if (rounds < 1 || rounds > MOST_ROUNDS) {
        printf("rounds must lie between 1 and %d\n", MOST_ROUNDS);
        return 2;
    }
    for (size_t i = 0; i < CONTESTANTS; i++)
        enter(&contestants[i]);
    race(rounds);
    for (size_t i = 0; i < CONTESTANTS; i++)
        if (contestants[i].variant && !report(&contestants[i], rounds))
            good = false;
    for (size_t i = 0; i < 2; i++) {
        struct contestant *c = &contestants[i];
        const char *how;
        double per = c->variant ? instructions(c, &how) : 0;

        if (per <= 0) {
            printf("%-12s instructions: no CPU counter and no valgrind here\n", c->name);
            continue;
        }
        printf("%-12s %.3f instructions an iteration (%s)", c->name, per, how);
        printf("%s\n", !c->must ? "" : per <= FLOOR_INSTRUCTIONS ? "; ceiling 2.4: kept" : "; ceiling 2.4: BROKEN");
        good = good && (!c->must || per <= FLOOR_INSTRUCTIONS);
    }
    return good ? 0 : 1;
}
