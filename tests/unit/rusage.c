/* The system's own counts: faults, switches, CPU time and memory that a test makes on purpose, of this process and of children. */
#include "collectors/collector.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

enum { PAGES = 300 };

extern const struct collector collector_rusage;

/* Uses 40 ms of this process's CPU time. */
static void busy(void)
{
    struct timespec from, to;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
    do
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
    while ((to.tv_sec - from.tv_sec) * 1000000000L + to.tv_nsec - from.tv_nsec < 40000000L);
}

static void touch_pages(void)
{
    long page = sysconf(_SC_PAGESIZE);
    size_t length = (size_t)page * PAGES;
    volatile char *memory = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    assert_true(memory != MAP_FAILED);
    madvise((void *)memory, length, MADV_NOHUGEPAGE);
    for (int i = 0; i < PAGES; i++)
        memory[i * page] = 1;
    munmap((void *)memory, length);
}

static void in_child(void)
{
    pid_t child = fork();
    int status;

    if (!child) {
        busy();
        touch_pages();
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void here(void)
{
    busy();
    touch_pages();
    usleep(2000);
}

struct seen {
    struct reading readings[32];
    size_t count;
};

static struct seen around(enum target_kind kind, void (*work)(void))
{
    pid_t self = gettid();
    struct target t = {.kind = kind, .threads = &self, .thread_count = 1};
    void *h = collector_rusage.open("", &t, NULL);
    struct seen s;

    assert_non_null(h);
    assert_int_equal(collector_rusage.start(h), 0);
    work();
    assert_int_equal(collector_rusage.stop(h), 0);
    s.count = collector_rusage.read(h, s.readings, 32);
    assert_int_equal(collector_rusage.read(h, s.readings, 3), 3);
    collector_rusage.close(h);
    return s;
}

static double value(const struct seen *s, const char *metric)
{
    for (size_t i = 0; i < s->count; i++)
        if (!strcmp(s->readings[i].metric, metric))
            return s->readings[i].value;
    fail_msg("no reading %s", metric);
    return NAN;
}

static double cpu_time(const struct seen *s)
{
    return value(s, "os.user_time") + value(s, "os.system_time");
}

static void own_work_is_seen(void **state)
{
    struct seen s = around(TARGET_THREADS, here);

    (void)state;
    assert_true(value(&s, "os.faults_minor") >= PAGES);
    assert_true(value(&s, "os.faults_major") >= 0);
    assert_true(value(&s, "os.switches_voluntary") >= 1);
    assert_true(cpu_time(&s) >= 39e6);
    assert_true(value(&s, "os.max_rss") > 1 << 20);
}

static void children_belong_to_trees(void **state)
{
    struct seen tree = around(TARGET_TREE, in_child), threads = around(TARGET_THREADS, in_child);

    (void)state;
    assert_true(cpu_time(&tree) >= 39e6);
    assert_true(value(&tree, "os.faults_minor") >= PAGES);
    assert_true(cpu_time(&threads) < cpu_time(&tree));
}

/* Of a child nothing of this process is counted: what it does itself meanwhile is not seen. */
static void a_child_is_counted_alone(void **state)
{
    struct seen idle = around(TARGET_CHILD, here), child = around(TARGET_CHILD, in_child);

    (void)state;
    assert_true(cpu_time(&idle) == 0);
    assert_true(value(&idle, "os.faults_minor") == 0);
    assert_true(cpu_time(&child) >= 39e6);
    assert_true(value(&child, "os.faults_minor") >= PAGES);
    assert_true(value(&child, "os.max_rss") > 1 << 16);
}

static void stolen_time_is_told_or_excused(void **state)
{
    struct seen s = around(TARGET_THREADS, here);
    double steal = value(&s, "os.steal");

    (void)state;
    for (size_t i = 0; i < s.count; i++)
        assert_true(!isnan(s.readings[i].value) || s.readings[i].reason[0]);
    assert_true(isnan(steal) || steal < 1e12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(own_work_is_seen),
        cmocka_unit_test(children_belong_to_trees),
        cmocka_unit_test(a_child_is_counted_alone),
        cmocka_unit_test(stolen_time_is_told_or_excused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
