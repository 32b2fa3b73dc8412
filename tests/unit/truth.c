/*
 * The loops with known counts. Do they do what they say: every result, at several n; a loop that was skipped is found out; and the
 * counts themselves, by witnesses that know nothing of us: valgrind (instructions, branches, loads, stores), the kernel (page
 * faults), and the CPU's own counters where there are any.
 *
 * `truth witness` executes each loop once between two statistics of callgrind's, for valgrind.
 */
#include "tests/unit/variants.h"

#include <linux/perf_event.h>
#include <math.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#if defined(__has_include)
#if __has_include(<valgrind/callgrind.h>)
#include <valgrind/callgrind.h>
#define HAVE_VALGRIND_HEADER 1
#endif
#endif

#define MOST 16      /* events of a variant */
#define AROUND 250.0 /* instructions around a loop: the call, moves before and after it */
#define SETTINGS "n=16384,size=65536,pages=64"

static const char *const known_events[] = {
    "instructions", "branches",    "branches_taken",    "branches_not_taken", "branch_misses",  "loads",
    "stores",       "l1d_misses",  "l2_misses",         "llc_misses",         "dtlb_misses",    "fp64_flops",
    "fp32_flops",   "page_faults", "warp_instructions", "dram_bytes",         "gpu_fp64_flops", "gpu_fp32_flops",
};

static bool is_truth(const struct registry_variant *row)
{
    return !strcmp(row->kernel, "truth");
}

static size_t expect(const struct registry_variant *row, const char *settings, struct expected *out)
{
    struct subject s;

    subject_describe(&s, "truth", row->variant, settings);
    return row->variant->expected(&s.run, out, MOST);
}

/* What the variant expects of this event; NaN if nothing. */
static double expected_count(const char *variant, const char *settings, const char *event, double *tolerance)
{
    struct expected all[MOST];
    size_t count = expect(registry_variant("truth", variant), settings, all);

    for (size_t i = 0; i < count; i++)
        if (!strcmp(all[i].event, event)) {
            if (tolerance)
                *tolerance = all[i].tolerance;
            return all[i].count;
        }
    return NAN;
}

static void test_results(void **state)
{
    static const char *const settings[] = {"n=64,size=4096,pages=16", SETTINGS, SETTINGS ",precision=fp32",
                                           "n=65536,size=65536,pages=4096"};

    (void)state;
    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++)
        subject_check_all("truth", settings[i]);
}

/* State goes on from execution to execution: the result of each is right. */
static void test_results_again(void **state)
{
    (void)state;
    for (const struct registry_variant *row = registry_variants; row->name; row++) {
        struct subject s;

        if (!is_truth(row) || subject_reason(row))
            continue;
        subject_open(&s, "truth", row->variant, SETTINGS);
        assert_int_equal(row->variant->prepare ? row->variant->prepare(&s.run) : 0, 0);
        for (int i = 0; i < 7; i++) {
            subject_poison(&s);
            if (row->variant->reset)
                row->variant->reset(&s.run);
            assert_int_equal(row->variant->run(&s.run), 0);
            assert_int_equal(subject_verify(&s, 0).match, MATCH_SAME_BITS);
        }
        if (row->variant->finish)
            row->variant->finish(&s.run);
        subject_close(&s);
    }
}

static void test_skipped_is_wrong(void **state)
{
    struct subject s;
    uint64_t fewer = 16384 - 1;

    (void)state;
    subject_open(&s, "truth", NULL, "n=16384");
    subject_poison(&s);
    assert_int_equal(subject_verify(&s, 0).match, MATCH_WRONG);
    assert_non_null(strstr(subject_verify(&s, 0).text, "not written"));
    memcpy(s.run.output, &fewer, sizeof fewer);
    assert_int_equal(subject_verify(&s, 0).match, MATCH_WRONG);
    assert_non_null(strstr(subject_verify(&s, 0).text, "16383 rounds, but there are 16384"));
    subject_close(&s);
}

static void test_bad_n(void **state)
{
    static const char *const settings[] = {"n=0", "n=65", "n=8388608"};
    struct subject s;

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        subject_describe(&s, "truth", NULL, settings[i]);
        assert_int_equal(s.kernel->setup(&s.run), -1);
        assert_non_null(strstr(s.run.error, "multiple of 64"));
    }
}

/* Every variant expects something; names, tolerances and reasons are what truth.h promises. */
static void test_expectations(void **state)
{
    (void)state;
    for (const struct registry_variant *row = registry_variants; row->name; row++) {
        struct expected all[MOST];
        size_t count;

        if (!is_truth(row))
            continue;
        assert_non_null(row->variant->expected);
        count = expect(row, SETTINGS, all);
        assert_in_range(count, 1, MOST);
        for (size_t i = 0; i < count; i++) {
            bool known = false;

            for (size_t k = 0; k < sizeof known_events / sizeof known_events[0]; k++)
                known = known || !strcmp(known_events[k], all[i].event);
            if (!known)
                fail_msg("truth/%s: there is no event '%s'", row->name, all[i].event);
            assert_true(strlen(all[i].because) >= 10);
            assert_true(isnan(all[i].count) || (all[i].count >= 0 && all[i].tolerance >= 0));
        }
        assert_int_equal(expect(row, "n=64,size=4096,pages=16", all), count);
        assert_int_equal(row->variant->expected(&(struct run){0}, all, 0), 0);
    }
}

static long faults_so_far(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_minflt + usage.ru_majflt;
}

static void test_faults(void **state)
{
    const struct variant *v = registry_variant("truth", "faults")->variant;
    double tolerance, wanted = expected_count("faults", SETTINGS, "page_faults", &tolerance);
    struct subject s;

    (void)state;
    subject_open(&s, "truth", v, SETTINGS);
    assert_int_equal(v->prepare(&s.run), 0);
    assert_int_equal(v->run(&s.run), 0); /* a sanitizer's notes on this memory need pages of their own, once */
    for (int i = 0; i < 3; i++) {
        long before = faults_so_far();

        assert_int_equal(v->run(&s.run), 0);
        if (fabs((double)(faults_so_far() - before) - wanted) > fmax(2, tolerance * wanted))
            fail_msg("%ld page faults, expected %g", faults_so_far() - before, wanted);
    }
    v->finish(&s.run);
    subject_close(&s);
}

/* ---- the CPU's own counters */

struct counter {
    const char *event;
    uint64_t config;
};
static const struct counter counters[] = {
    {"instructions", PERF_COUNT_HW_INSTRUCTIONS},
    {"branches", PERF_COUNT_HW_BRANCH_INSTRUCTIONS},
    {"branch_misses", PERF_COUNT_HW_BRANCH_MISSES},
};

static int open_counter(uint64_t config)
{
    struct perf_event_attr attr = {
        .size = sizeof attr, .type = PERF_TYPE_HARDWARE, .config = config, .exclude_kernel = 1, .exclude_hv = 1};

    return (int)syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0);
}

/* The least of several executions, since an interrupt adds to one of them. */
static double count_by_cpu(int fd, const struct variant *v, struct run *r)
{
    double least = INFINITY;

    for (int i = 0; i < 9; i++) {
        int64_t before = 0, after = 0;

        if (read(fd, &before, sizeof before) != sizeof before || v->run(r) ||
            read(fd, &after, sizeof after) != sizeof after)
            return NAN;
        least = fmin(least, (double)(after - before));
    }
    return least;
}

static void compare(const struct counter *c, int fd, const struct registry_variant *row)
{
    double tolerance = 0, wanted = expected_count(row->name, SETTINGS, c->event, &tolerance), got;
    struct subject s;

    if (isnan(wanted))
        return;
    subject_open(&s, "truth", row->variant, SETTINGS);
    assert_int_equal(row->variant->prepare ? row->variant->prepare(&s.run) : 0, 0);
    got = count_by_cpu(fd, row->variant, &s.run);
    if (!(fabs(got - wanted) <= tolerance * (wanted > 0 ? wanted : 16384)))
        fail_msg("truth/%s: the CPU counts %g %s, expected %g", row->name, got, c->event, wanted);
    if (row->variant->finish)
        row->variant->finish(&s.run);
    subject_close(&s);
}

static void test_against_the_cpu(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof counters / sizeof counters[0]; i++) {
        int fd = open_counter(counters[i].config);

        if (fd < 0) {
            print_message("no counter of %s here\n", counters[i].event);
            skip();
        }
        for (const struct registry_variant *row = registry_variants; row->name; row++)
            if (is_truth(row) && !subject_reason(row))
                compare(&counters[i], fd, row);
        close(fd);
    }
}

/* ---- valgrind */

#ifdef HAVE_VALGRIND_HEADER

#define WITNESS_N "n=4096,size=65536,pages=64"

/* One execution of every variant, each between two statistics; the dump's description is the variant's name. */
static void execute_for_valgrind(void)
{
    for (const struct registry_variant *row = registry_variants; row->name; row++) {
        struct subject s;

        if (!is_truth(row) || subject_reason(row))
            continue;
        subject_open(&s, "truth", row->variant, WITNESS_N);
        if (row->variant->prepare && row->variant->prepare(&s.run))
            exit(1);
        row->variant->run(&s.run);
        if (row->variant->reset)
            row->variant->reset(&s.run);
        CALLGRIND_ZERO_STATS;
        row->variant->run(&s.run);
        CALLGRIND_DUMP_STATS_AT(row->name);
        if (row->variant->finish)
            row->variant->finish(&s.run);
        subject_close(&s);
    }
}

/* Runs this program under valgrind; its files lie in the working folder then. False if valgrind cannot. */
static bool run_under_valgrind(void)
{
    char self[4096];
    ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
    int status = -1;
    pid_t pid;

    assert_true(length > 0);
    self[length] = 0;
    pid = fork();
    if (!pid) {
        execlp("valgrind", "valgrind", "-q", "--tool=callgrind", "--callgrind-out-file=witness", "--branch-sim=yes",
               "--cache-sim=yes", self, "witness", (char *)NULL);
        _exit(127);
    }
    assert_true(pid > 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) && !WEXITSTATUS(status);
}

/* Of one of callgrind's files: the variant it is about, and the sum of an event; NaN if it has none. */
static double witness_sum(const char *path, char variant[64], const char *event)
{
    char line[500], names[500] = "";
    double sum = NAN;
    FILE *f = fopen(path, "r");

    *variant = '\0';
    assert_non_null(f);
    while (fgets(line, sizeof line, f)) {
        char *rest = line, *name_rest = names;

        sscanf(line, "desc: Trigger: Client Request: %63s", variant);
        if (!strncmp(line, "events: ", 8))
            snprintf(names, sizeof names, "%s", line + 8);
        if (strncmp(line, "totals: ", 8) && strncmp(line, "summary: ", 9))
            continue;
        strtok_r(line, " ", &rest);
        for (char *name = strtok_r(names, " \n", &name_rest); name; name = strtok_r(NULL, " \n", &name_rest)) {
            const char *number = strtok_r(NULL, " \n", &rest);

            if (!strcmp(name, event))
                sum = number ? strtod(number, NULL) : 0;
        }
        break;
    }
    fclose(f);
    return sum;
}

static void witness(const char *path, int *compared)
{
    static const struct {
        const char *event, *theirs;
        double around;
    } events[] = {
        {"instructions", "Ir", AROUND},
        {"branches", "Bc", 60},
        {"loads", "Dr", 60},
        {"stores", "Dw", 60},
    };

    for (size_t i = 0; i < sizeof events / sizeof events[0]; i++) {
        char variant[64];
        double got = witness_sum(path, variant, events[i].theirs);
        double wanted = *variant ? expected_count(variant, WITNESS_N, events[i].event, NULL) : NAN;

        if (isnan(wanted))
            continue;
        if (!(got >= wanted && got <= wanted + events[i].around))
            fail_msg("truth/%s: valgrind counts %.0f %s, expected %.0f and at most %.0f around them", variant, got,
                     events[i].event, wanted, events[i].around);
        ++*compared;
    }
}

static void test_against_valgrind(void **state)
{
    int compared = 0;

    (void)state;
    if (!run_under_valgrind()) {
        print_message("valgrind cannot run this program here\n");
        skip();
    }
    for (int i = 1; i < 50; i++) {
        char path[40];

        snprintf(path, sizeof path, "witness.%d", i);
        if (!access(path, R_OK))
            witness(path, &compared);
    }
    assert_true(compared >= 25 || isnan(expected_count("loads", WITNESS_N, "loads", NULL)));
}

#else

static void execute_for_valgrind(void)
{
}

static void test_against_valgrind(void **state)
{
    (void)state;
    print_message("valgrind's header is not here\n");
    skip();
}

#endif

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_results),          cmocka_unit_test(test_results_again),
        cmocka_unit_test(test_skipped_is_wrong), cmocka_unit_test(test_bad_n),
        cmocka_unit_test(test_expectations),     cmocka_unit_test(test_faults),
        cmocka_unit_test(test_against_the_cpu),  cmocka_unit_test(test_against_valgrind),
    };

    if (argc == 2 && !strcmp(argv[1], "witness")) {
        execute_for_valgrind();
        return 0;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
