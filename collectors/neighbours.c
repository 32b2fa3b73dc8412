/*
 * What others did to the machine while a launch measured: how many CPUs they kept busy, and whether heat held the CPU back. Tells a
 * slow program from a crowded machine.
 *
 * Busy is what is neither idle, nor waiting for a disk, nor stolen: the CPUs times the time that passed, less those three of
 * /proc/stat, whose steps of 10 ms are then the only error (sums of its busy columns are sampled by ticks, and worse). What this
 * process and its children used is subtracted: the system knows it exactly. So one look costs some microseconds, and there are two
 * in a launch: at open, behind the warm-up, and at read, behind the last repetition.
 *
 * In most containers /proc/stat is the host's. That is right here: whoever shares the CPUs disturbs, whatever he may see.
 * Children that are still there at read are others; children that were waited for are not.
 */
#include "collector.h"

#include "../harness/base/clock.h"
#include "../harness/base/mem.h"

#include <fcntl.h>
#include <math.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define STEPS 2     /* of the system's clock: a launch that is shorter tells nothing */
#define MOST_CPUS 8 /* whose throttling is looked at: two looks at hundreds would cost more than a launch may */
#define THERMAL "/sys/devices/system/cpu/cpu%d/thermal_throttle/%s_throttle_count"

enum row { OTHERS, THROTTLES, ROWS };

static const struct metric metrics[ROWS + 1] = {
    {"os.others", "CPUs", "CPUs that others kept busy during the launch", NULL, METRIC_GAUGE, BETTER_LOWER, false},
    {"os.throttles", "1", "Times that heat held the CPUs back during the launch", NULL, METRIC_GAUGE, BETTER_LOWER,
     false},
    {0},
};

struct look {
    int64_t at;       /* ns */
    double free_ns;   /* of all CPUs: idle, waiting for a disk, or stolen; NaN: not known */
    double own_ns;    /* CPU time of this process and of children that were waited for */
    double throttles; /* NaN: not known */
};

struct watch {
    int stat; /* /proc/stat, or -1 */
    int thermal[MOST_CPUS + 1];
    size_t thermal_count;
    double tick_ns;
    long cpus;
    struct look begun;
};

static const char *probe(const char **cure)
{
    if (cure)
        *cure = "";
    if (!access("/proc/stat", R_OK))
        return NULL;
    if (cure)
        *cure = "mount /proc; times are measured without it";
    return "/proc/stat cannot be read, so nobody tells how busy the CPUs are";
}

static const struct metric *catalogue(void)
{
    return metrics;
}

/* Of the first line, "cpu user nice system idle iowait irq softirq steal ...", the fourth, fifth and eighth number. A system that
 * keeps no such account has zeros. */
static double free_ns(const struct watch *w)
{
    char text[512], *at = text + 3, *end;
    ssize_t n = w->stat < 0 ? -1 : pread(w->stat, text, sizeof text - 1, 0);
    double sum = 0, all = 0;

    if (n <= 3 || memcmp(text, "cpu", 3) != 0)
        return NAN;
    text[n] = '\0';
    for (int i = 0; i < 8; i++, at = end) {
        double ticks = (double)strtoull(at, &end, 10);

        if (end == at)
            return NAN;
        all += ticks;
        sum += i == 3 || i == 4 || i == 7 ? ticks : 0;
    }
    return all > 0 ? sum * w->tick_ns : NAN;
}

static double used_ns(int who)
{
    struct rusage use;

    if (getrusage(who, &use))
        return 0;
    return 1e9 * (double)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) +
           1e3 * (double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec);
}

static double throttles(const struct watch *w)
{
    double sum = w->thermal_count ? 0 : NAN;
    char text[32];

    for (size_t i = 0; i < w->thermal_count; i++) {
        ssize_t n = pread(w->thermal[i], text, sizeof text - 1, 0);

        text[n > 0 ? n : 0] = '\0';
        sum += (double)strtoull(text, NULL, 10);
    }
    return sum;
}

static struct look look(const struct watch *w)
{
    return (struct look){.at = clock_ns(),
                         .free_ns = free_ns(w),
                         .own_ns = used_ns(RUSAGE_SELF) + used_ns(RUSAGE_CHILDREN),
                         .throttles = throttles(w)};
}

static void watch_thermal(struct watch *w, int cpu, const char *what)
{
    char path[96];
    int fd;

    snprintf(path, sizeof path, THERMAL, cpu, what);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd >= 0)
        w->thermal[w->thermal_count++] = fd;
}

/* The counts of the first CPUs that this process may use, and of the package that the first of them is in. */
static void open_thermal(struct watch *w)
{
    cpu_set_t allowed;
    int left = MOST_CPUS;

    if (sched_getaffinity(0, sizeof allowed, &allowed))
        return;
    for (int cpu = 0; cpu < CPU_SETSIZE && left; cpu++) {
        if (!CPU_ISSET(cpu, &allowed))
            continue;
        if (left == MOST_CPUS)
            watch_thermal(w, cpu, "package");
        watch_thermal(w, cpu, "core");
        if (!w->thermal_count)
            return; /* no such account on this machine */
        left--;
    }
}

static void *neighbours_open(const char *events, const struct target *target, struct err *e)
{
    struct watch *w = mem_new(1, sizeof *w);

    (void)events;
    (void)target;
    (void)e;
    w->stat = open("/proc/stat", O_RDONLY | O_CLOEXEC);
    w->tick_ns = 1e9 / (double)sysconf(_SC_CLK_TCK);
    w->cpus = sysconf(_SC_NPROCESSORS_ONLN);
    open_thermal(w);
    w->begun = look(w);
    return w;
}

/* Nothing is done around the region. */
static int neighbours_bracket(void *handle)
{
    (void)handle;
    return 0;
}

static void unavailable(struct reading *r, const char *reason)
{
    r->value = NAN;
    r->quality = QUALITY_UNAVAILABLE;
    snprintf(r->reason, sizeof r->reason, "%s", reason);
}

static void read_others(const struct watch *w, const struct look *now, struct reading *r)
{
    double passed = (double)(now->at - w->begun.at), idle = now->free_ns - w->begun.free_ns;
    double others = ((double)w->cpus * passed - idle - (now->own_ns - w->begun.own_ns)) / passed;

    if (isnan(idle))
        unavailable(r, "this system does not tell how busy its CPUs are");
    else if (passed < STEPS * w->tick_ns)
        unavailable(r, "the launch was too short to tell: the system counts in steps of 10 ms");
    else /* steps of the clock can make a little less than nothing */
        r->value = fmin(fmax(others, 0), (double)w->cpus);
}

static void read_throttles(const struct watch *w, const struct look *now, struct reading *r)
{
    r->value = now->throttles - w->begun.throttles;
    if (isnan(r->value))
        unavailable(r, "this machine does not tell whether heat held its CPUs back");
}

static size_t neighbours_read(void *handle, struct reading *out, size_t capacity)
{
    const struct watch *w = handle;
    struct look now = look(w);
    size_t count = capacity < ROWS ? capacity : ROWS;

    for (size_t i = 0; i < count; i++) {
        out[i] = (struct reading){.metric = metrics[i].name, .quality = QUALITY_EXACT, .share = 1};
        if (i == OTHERS)
            read_others(w, &now, &out[i]);
        else
            read_throttles(w, &now, &out[i]);
    }
    return count;
}

static void neighbours_close(void *handle)
{
    struct watch *w = handle;

    for (size_t i = 0; i < w->thermal_count; i++)
        close(w->thermal[i]);
    if (w->stat >= 0)
        close(w->stat);
    free(w);
}

const struct collector collector_neighbours = {
    .abi = COLLECTOR_ABI,
    .summary = "CPUs that others kept busy, and heat that held the CPUs back, during a launch",
    .scope = SCOPE_PROCESS,
    .claims = CLAIM_NONE,
    .in_time_pass = true,
    .once = true,
    .probe = probe,
    .catalogue = catalogue,
    .open = neighbours_open,
    .start = neighbours_bracket,
    .stop = neighbours_bracket,
    .read = neighbours_read,
    .close = neighbours_close,
};
