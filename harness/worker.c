/* A worker's life: request in, one point measured, answer out. See worker.h. */
#include "worker.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "isolate.h"
#include "multiplex.h"
#include "registry.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#define LONGEST_REQUEST (1 << 20)

void worker_outcome(struct worker *w, enum launch_status status, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(w->reason, sizeof w->reason, format, args);
    va_end(args);
    w->result.status = status;
    w->result.reason = w->reason;
}

static int read_request(struct buf *b, struct err *e)
{
    char bytes[8192];
    ssize_t n;

    do {
        n = read(LAUNCH_REQUEST_FD, bytes, sizeof bytes);
        if (n > 0)
            buf_add_n(b, bytes, (size_t)n);
    } while ((n > 0 && b->length < LONGEST_REQUEST) || (n < 0 && errno == EINTR));
    if (n < 0)
        return err_set(e, CM_USAGE, "worker is started by countermark run, which hands it a request on descriptor %d",
                       LAUNCH_REQUEST_FD);
    if (b->length >= LONGEST_REQUEST)
        return err_set(e, CM_USAGE, "the request is longer than %d bytes", LONGEST_REQUEST);
    return 0;
}

int worker_answer(const struct buf *b, struct err *e)
{
    for (size_t done = 0; done < b->length;) {
        ssize_t n = write(LAUNCH_ANSWER_FD, b->text + done, b->length - done);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return err_set(e, CM_INTERNAL, "the answer could not be written to descriptor %d: %s", LAUNCH_ANSWER_FD,
                           strerror(errno));
        done += (size_t)n;
    }
    return 0;
}

static void write_small(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);

    /* Not allowed everywhere, and nothing depends on it. */
    if (fd >= 0 && write(fd, text, strlen(text)) < 0)
        errno = 0;
    if (fd >= 0)
        close(fd);
}

/* Dies with the parent, goes first when the machine runs out of memory, keeps its pipes from programs it starts. */
static int settle(const struct launch_request *q, struct err *e)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != q->parent)
        return err_set(e, CM_INTERRUPTED, "the program that started this worker has ended");
    write_small("/proc/self/oom_score_adj", "1000");
    close(LAUNCH_REQUEST_FD);
    fcntl(LAUNCH_ANSWER_FD, F_SETFD, FD_CLOEXEC);
    if (q->spec.isolate)
        setpriority(PRIO_PROCESS, 0, ISOLATE_PRIORITY); /* the run has said whether that is allowed */
    return 0;
}

static int load_script(struct worker *w, struct err *e)
{
    if (!w->spec->fake_script || !*w->spec->fake_script)
        return 0;
    w->fake = fake_load(w->spec->fake_script, e);
    if (!w->fake)
        return -1;
    w->fault = fake_error(w->fake, w->spec->point, w->spec->number);
    return 0;
}

static bool add_instrument(struct worker *w, const struct collector *c, const char *events)
{
    struct measure_instruments *in = &w->instruments;

    if (in->count == MEASURE_INSTRUMENTS)
        return false;
    in->items[in->count++] = (struct measure_instrument){.collector = c, .events = events};
    return true;
}

/* A device's instruments are for what a device computes. */
static bool concerns(const struct worker *w, const struct collector *c)
{
    return c->scope != SCOPE_DEVICE || w->device != DEVICE_NONE;
}

/* Pass 0: everything that belongs to it and works here, the clock innermost. */
static int time_instruments(struct worker *w)
{
    const struct registry_collector *wall = registry_collector("wall");

    for (const struct registry_collector *c = registry_collectors; c->name; c++)
        if (c != wall && c->collector->in_time_pass && !c->missing && concerns(w, c->collector) &&
            !(c->collector->probe && c->collector->probe(NULL)) && w->instruments.count < MEASURE_INSTRUMENTS - 1)
            add_instrument(w, c->collector, "");
    if (wall && add_instrument(w, wall->collector, ""))
        return 0;
    worker_outcome(w, LAUNCH_UNAVAILABLE, "this program was built without the collector wall");
    return -1;
}

/* One instrument, or one for each set where they take turns. */
static int add_sets(struct worker *w, const struct collector *c, const char *events)
{
    size_t count = multiplex_sets(events);
    bool room = true;

    if (count < 2)
        return add_instrument(w, c, events) ? 0 : -1;
    w->sets = text_split(events, '|', &count);
    for (size_t i = 0; i < count && room; i++)
        room = add_instrument(w, c, w->sets[i]);
    w->instruments.turns = count;
    if (!room)
        worker_outcome(w, LAUNCH_UNAVAILABLE, "%zu sets of events cannot take turns in one launch: at most %d", count,
                       MEASURE_INSTRUMENTS);
    return room ? 0 : -1;
}

static int counter_instruments(struct worker *w)
{
    const char *pass = w->spec->pass, *colon = strchr(pass, ':'), *reason = NULL;
    const struct registry_collector *c;
    bool on_device = w->device != DEVICE_NONE;
    char name[64];

    snprintf(name, sizeof name, "%.*s", (int)(colon ? colon - pass : (ptrdiff_t)strlen(pass)), pass);
    c = registry_collector(name);
    if (c && on_device != (c->collector->scope == SCOPE_DEVICE))
        reason = on_device ? "it counts on the CPU, but this variant computes on a device"
                           : "it counts on a device, but this variant computes on the CPU";
    else if (c)
        reason = c->missing ? c->missing : c->collector->probe ? c->collector->probe(NULL) : NULL;
    if (!c || reason) {
        worker_outcome(w, LAUNCH_UNAVAILABLE, "%s: %s", name, c ? reason : "there is no such collector");
        return -1;
    }
    return add_sets(w, c->collector, colon ? colon + 1 : "");
}

int worker_instruments(struct worker *w)
{
    w->instruments.count_kernel = w->spec->count_kernel;
    w->instruments.raw = w->spec->raw;
    return *w->spec->pass ? counter_instruments(w) : time_instruments(w);
}

const struct collector *worker_simulator(const struct worker *w)
{
    for (size_t i = 0; i < w->instruments.count; i++)
        if (w->instruments.items[i].collector->wrap)
            return w->instruments.items[i].collector;
    return NULL;
}

bool worker_simulable(struct worker *w, double seconds)
{
    char text[300];

    if (!launch_too_large(seconds, w->spec->simulate_s, text, sizeof text))
        return true;
    worker_outcome(w, LAUNCH_UNAVAILABLE, "%s", text);
    return false;
}

static void measure(struct worker *w)
{
    w->result = (struct launch_result){.status = LAUNCH_DONE, .match = -1, .reason = "", .checksum = ""};
    w->exit_code = -1;
    if (w->spec->command)
        worker_program(w);
    else
        worker_variant(w);
}

static int answer(struct worker *w, struct err *e)
{
    struct buf b = {0};
    int rc;

    launch_answer_hello(&b);
    worker_record_write(&w->record, &b);
    launch_answer_result(&b, &w->result);
    launch_answer_end(&b, w->record.sample_count);
    rc = worker_answer(&b, e);
    buf_free(&b);
    return rc;
}

int worker_serve(struct err *e)
{
    struct worker w = {0};
    struct buf request = {0};
    int code = -1;

    if (!read_request(&request, e) && !launch_request_decode(buf_text(&request), &w.request, e)) {
        w.spec = &w.request.spec;
        if (!settle(&w.request, e) && !load_script(&w, e)) {
            measure(&w);
            code = w.exit_code >= 0 ? w.exit_code : answer(&w, e);
        }
        worker_record_clear(&w.record);
        fake_free(w.fake);
        free(w.sets);
    }
    launch_request_free(&w.request);
    buf_free(&request);
    return code < 0 ? e->code : code;
}
