/* The collector of what others do, on a system whose accounts the test keeps: CPU times, clock, own use and throttle counts. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#include "harness/base/clock.h"

enum { STAT = 1000, PACKAGE, CORES };

/* The system: 4 CPUs, times in steps of 10 ms. */
static struct {
    int64_t now_ms;
    long user, idle, iowait, steal; /* steps, of all CPUs */
    int64_t own_ms, children_ms;
    int package, core; /* throttle counts; core -1: no such account */
    bool silent;       /* /proc/stat is not there */
    int open;
} sys;

static int64_t fake_clock(void)
{
    return sys.now_ms * 1000000;
}

static ssize_t fake_pread(int fd, void *bytes, size_t size, off_t offset)
{
    assert_int_equal(offset, 0);
    if (fd == STAT)
        return snprintf(bytes, size, "cpu  %ld 0 0 %ld %ld 0 0 %ld 0 0\ncpu0 1 2 3\n", sys.user, sys.idle, sys.iowait,
                        sys.steal);
    return snprintf(bytes, size, "%d\n", fd == PACKAGE ? sys.package : sys.core);
}

static int fake_open(const char *path, int flags)
{
    int fd = -1;

    assert_true(flags & O_CLOEXEC);
    if (!strcmp(path, "/proc/stat"))
        fd = sys.silent ? -1 : STAT;
    else if (strstr(path, "package_throttle_count"))
        fd = sys.core < 0 ? -1 : PACKAGE;
    else if (strstr(path, "core_throttle_count"))
        fd = sys.core < 0 ? -1 : CORES;
    sys.open += fd >= 0;
    return fd;
}

static int fake_close(int fd)
{
    assert_true(fd >= STAT);
    sys.open--;
    return 0;
}

static int fake_rusage(int who, struct rusage *use)
{
    int64_t ms = who == RUSAGE_SELF ? sys.own_ms : sys.children_ms;

    *use = (struct rusage){.ru_utime = {ms / 1000, ms % 1000 * 1000}};
    return 0;
}

static long fake_sysconf(int name)
{
    return name == _SC_CLK_TCK ? 100 : 4;
}

#define clock_ns fake_clock
#define pread fake_pread
#define open(path, flags) fake_open(path, flags)
#define close(fd) fake_close(fd)
#define getrusage fake_rusage
#define sysconf fake_sysconf
#define collector_neighbours tested
#include "collectors/neighbours.c" /* NOLINT(bugprone-suspicious-include): its system is replaced */
#undef open
#undef close

static void *begin(void)
{
    struct target t = {.kind = TARGET_THREADS};
    void *h;

    sys.now_ms = 5000;
    sys.user = sys.idle = 70000;
    h = tested.open("", &t, NULL);
    assert_non_null(h);
    assert_int_equal(tested.start(h), 0);
    return h;
}

/* 100 ms pass, of which all CPUs together are free for so many steps. */
static void pass(long idle, long iowait, long steal)
{
    sys.now_ms += 100;
    sys.idle += idle;
    sys.iowait += iowait;
    sys.steal += steal;
    sys.user += 40 - idle - iowait - steal;
}

static struct reading end(void *h, enum row row)
{
    struct reading r[ROWS + 1];

    assert_int_equal(tested.stop(h), 0);
    assert_int_equal(tested.read(h, r, ROWS + 1), ROWS);
    tested.close(h);
    assert_int_equal(sys.open, 0);
    return r[row];
}

static void others_are_what_is_left(void **state)
{
    void *h = begin();
    struct reading r;

    (void)state;
    pass(15, 0, 0); /* 2.5 CPUs busy */
    sys.own_ms += 90;
    sys.children_ms += 10;
    r = end(h, OTHERS);
    assert_string_equal(r.metric, "os.others");
    assert_int_equal(r.quality, QUALITY_EXACT);
    assert_float_equal(r.value, 1.5, 1e-9);
}

static void waiting_and_stolen_time_is_nobodys(void **state)
{
    void *h = begin();

    (void)state;
    pass(10, 4, 6);
    sys.own_ms += 100;
    assert_float_equal(end(h, OTHERS).value, 1, 1e-9);
}

static void steps_never_make_less_than_nobody(void **state)
{
    void *h = begin();

    (void)state;
    pass(31, 0, 0);
    sys.own_ms += 100;
    assert_float_equal(end(h, OTHERS).value, 0, 1e-9);
}

static void a_short_launch_tells_nothing(void **state)
{
    void *h = begin();
    struct reading r;

    (void)state;
    sys.now_ms += 19;
    sys.idle += 8;
    r = end(h, OTHERS);
    assert_int_equal(r.quality, QUALITY_UNAVAILABLE);
    assert_true(isnan(r.value));
    assert_non_null(strstr(r.reason, "too short"));
}

static void a_system_without_accounts_says_so(void **state)
{
    void *h;
    struct reading r;

    (void)state;
    sys.silent = true;
    h = begin();
    pass(15, 0, 0);
    r = end(h, OTHERS);
    assert_int_equal(r.quality, QUALITY_UNAVAILABLE);
    assert_non_null(strstr(r.reason, "does not tell"));

    sys.silent = false;
    h = begin();
    sys.now_ms += 100;
    sys.user = sys.idle = sys.iowait = sys.steal = 0; /* a sandbox's: all zeros */
    r = end(h, OTHERS);
    assert_int_equal(r.quality, QUALITY_UNAVAILABLE);
}

static void heat_is_counted(void **state)
{
    void *h;
    struct reading r;

    (void)state;
    h = begin();
    pass(20, 0, 0);
    sys.package += 2;
    r = end(h, THROTTLES);
    assert_string_equal(r.metric, "os.throttles");
    assert_float_equal(r.value, 2, 0);

    h = begin();
    sys.core++;
    assert_true(end(h, THROTTLES).value >= 1);

    sys.core = -1;
    h = begin();
    r = end(h, THROTTLES);
    assert_int_equal(r.quality, QUALITY_UNAVAILABLE);
    assert_non_null(strstr(r.reason, "does not tell"));
}

static int fresh(void **state)
{
    (void)state;
    memset(&sys, 0, sizeof sys);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(others_are_what_is_left, fresh),
        cmocka_unit_test_setup(waiting_and_stolen_time_is_nobodys, fresh),
        cmocka_unit_test_setup(steps_never_make_less_than_nobody, fresh),
        cmocka_unit_test_setup(a_short_launch_tells_nothing, fresh),
        cmocka_unit_test_setup(a_system_without_accounts_says_so, fresh),
        cmocka_unit_test_setup(heat_is_counted, fresh),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
