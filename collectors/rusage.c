/*
 * What the system did to the process while it ran: page faults, switches, CPU time, peak memory, and the time that the
 * hypervisor took away. Tells why a time is odd; costs two system calls and a look at /proc/stat, so it belongs around the
 * timed region, not inside it.
 *
 * Of a child (any program) the counts are those of all children that were waited for between start and stop, so the child
 * must be waited for before stop. Peak memory has no difference: it is the highest of the process so far.
 */
#include "collector.h"

#include "../harness/base/mem.h"

#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

struct snapshot {
    struct rusage self, children;
    double steal_ns; /* NaN: not known */
};

struct watch {
    enum target_kind kind;
    int stat; /* /proc/stat, or -1 */
    struct snapshot begun, ended;
};

enum row { FAULTS_MINOR, FAULTS_MAJOR, SWITCHES_VOLUNTARY, SWITCHES_INVOLUNTARY, USER, SYSTEM, MAX_RSS, STEAL, ROWS };

static const struct metric metrics[ROWS + 1] = {
    {"os.faults_minor", "1", "Page faults served without reading a disk", NULL, METRIC_COUNT, BETTER_LOWER, false},
    {"os.faults_major", "1", "Page faults that read a disk", NULL, METRIC_COUNT, BETTER_LOWER, false},
    {"os.switches_voluntary", "1", "Times a thread gave up its CPU to wait", NULL, METRIC_COUNT, BETTER_LOWER, false},
    {"os.switches_involuntary", "1", "Times a thread was taken off its CPU", NULL, METRIC_COUNT, BETTER_LOWER, false},
    {"os.user_time", "ns", "CPU time in the program, all threads", NULL, METRIC_DURATION, BETTER_LOWER, false},
    {"os.system_time", "ns", "CPU time in the kernel for the program", NULL, METRIC_DURATION, BETTER_LOWER, false},
    {"os.max_rss", "bytes", "Largest resident memory so far of the largest process", NULL, METRIC_GAUGE, BETTER_LOWER,
     false},
    {"os.steal", "ns", "Time that the hypervisor gave to others, all CPUs of the machine", NULL, METRIC_DURATION,
     BETTER_LOWER, false},
    {0},
};

static const char *probe(const char **cure)
{
    struct rusage use;

    if (cure)
        *cure = "";
    return getrusage(RUSAGE_SELF, &use) ? "the system does not tell the resource use of a process" : NULL;
}

static const struct metric *catalogue(void)
{
    return metrics;
}

/* The eighth number of the first line of /proc/stat, in clock ticks. */
static double stolen_ns(int stat)
{
    char text[512], *at = text + 3, *end;
    ssize_t n = stat < 0 ? -1 : pread(stat, text, sizeof text - 1, 0);
    long ticks = sysconf(_SC_CLK_TCK);
    unsigned long long number = 0;

    if (n <= 3 || ticks <= 0 || memcmp(text, "cpu", 3) != 0)
        return NAN;
    text[n] = '\0';
    for (int i = 0; i < 8; i++, at = end) {
        number = strtoull(at, &end, 10);
        if (end == at)
            return NAN;
    }
    return (double)number * 1e9 / (double)ticks;
}

static int look(const struct watch *w, struct snapshot *s)
{
    s->steal_ns = stolen_ns(w->stat);
    if (getrusage(RUSAGE_SELF, &s->self) || getrusage(RUSAGE_CHILDREN, &s->children))
        return -1;
    return 0;
}

static void *rusage_open(const char *events, const struct target *target, struct err *e)
{
    struct watch *w = mem_new(1, sizeof *w);

    (void)events;
    (void)e;
    w->kind = target->kind;
    w->stat = open("/proc/stat", O_RDONLY | O_CLOEXEC);
    return w;
}

static int rusage_start(void *handle)
{
    struct watch *w = handle;

    return look(w, &w->begun);
}

static int rusage_stop(void *handle)
{
    struct watch *w = handle;

    return look(w, &w->ended);
}

static double nanoseconds(struct timeval t)
{
    return (double)t.tv_sec * 1e9 + (double)t.tv_usec * 1e3;
}

static double since(const struct rusage *before, const struct rusage *after, enum row row)
{
    switch (row) {
    case FAULTS_MINOR: return (double)(after->ru_minflt - before->ru_minflt);
    case FAULTS_MAJOR: return (double)(after->ru_majflt - before->ru_majflt);
    case SWITCHES_VOLUNTARY: return (double)(after->ru_nvcsw - before->ru_nvcsw);
    case SWITCHES_INVOLUNTARY: return (double)(after->ru_nivcsw - before->ru_nivcsw);
    case USER: return nanoseconds(after->ru_utime) - nanoseconds(before->ru_utime);
    case SYSTEM: return nanoseconds(after->ru_stime) - nanoseconds(before->ru_stime);
    default: return NAN;
    }
}

static double value_of(const struct watch *w, enum row row)
{
    bool self = w->kind != TARGET_CHILD, children = w->kind != TARGET_THREADS;
    double value = 0;

    if (row == STEAL)
        return w->ended.steal_ns - w->begun.steal_ns;
    if (row == MAX_RSS) {
        long own = self ? w->ended.self.ru_maxrss : 0, theirs = children ? w->ended.children.ru_maxrss : 0;

        return 1024.0 * (double)(own > theirs ? own : theirs);
    }
    if (self)
        value += since(&w->begun.self, &w->ended.self, row);
    if (children)
        value += since(&w->begun.children, &w->ended.children, row);
    return value;
}

static size_t rusage_read(void *handle, struct reading *out, size_t capacity)
{
    const struct watch *w = handle;
    size_t count = capacity < ROWS ? capacity : ROWS;

    for (size_t i = 0; i < count; i++) {
        struct reading *r = &out[i];

        *r = (struct reading){.metric = metrics[i].name, .quality = QUALITY_EXACT, .share = 1};
        r->value = value_of(w, (enum row)i);
        if (isnan(r->value)) {
            r->quality = QUALITY_UNAVAILABLE;
            snprintf(r->reason, sizeof r->reason, "/proc/stat does not tell the stolen time");
        } else if (r->value < 0) {
            r->quality = QUALITY_SUSPECT;
            snprintf(r->reason, sizeof r->reason, "the system's count went backwards by %.0f", -r->value);
        }
    }
    return count;
}

static void rusage_close(void *handle)
{
    struct watch *w = handle;

    if (w->stat >= 0)
        close(w->stat);
    free(w);
}

const struct collector collector_rusage = {
    .abi = COLLECTOR_ABI,
    .summary = "Page faults, switches, CPU time, peak memory and stolen time, from the system",
    .scope = SCOPE_PROCESS,
    .claims = CLAIM_NONE,
    .in_time_pass = true,
    .probe = probe,
    .catalogue = catalogue,
    .open = rusage_open,
    .start = rusage_start,
    .stop = rusage_stop,
    .read = rusage_read,
    .close = rusage_close,
};
