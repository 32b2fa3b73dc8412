/*
 * Test plug-in: computes on a "device" that is plain memory, so that the order of the calls, each failure and the variant's own
 * times can be seen without a GPU. The axis `mode` says what goes wrong; an execution takes 1000 ns by the device's clock.
 */
#include "traced.h"

static const struct axis axes[] = {
    {"mode", "good,stale,upload,upload2,sync,sync2,download,download2,forgets,silent", "good", "what goes wrong",
     false},
    {.name = NULL},
};

struct device {
    int64_t memory[TRACED_COUNT];
    int uploads, downloads, executions, syncs, pending, told;
};

static bool mode(const struct run *r, const char *word)
{
    return !strcmp(run_word(r, "mode"), word);
}

static int fail(struct run *r, const char *why)
{
    snprintf(r->error, sizeof r->error, "%s", why);
    return -1;
}

static int prepare(struct run *r)
{
    traced_note('P');
    r->state = calloc(1, sizeof(struct device));
    return r->state ? 0 : -1;
}

static bool reset(struct run *r)
{
    (void)r;
    traced_note('R');
    return false;
}

static int upload(struct run *r)
{
    struct device *d = r->state;

    traced_note('U');
    d->uploads++;
    if (mode(r, "upload") || (mode(r, "upload2") && d->uploads == 2))
        return fail(r, "copying the input to the GPU failed: a planted error");
    memcpy(d->memory, r->output, sizeof d->memory);
    return 0;
}

static int run(struct run *r)
{
    struct device *d = r->state;

    traced_note('x');
    if (!mode(r, "stale") || !d->executions)
        traced_squares(d->memory);
    d->executions++;
    d->pending++;
    return 0;
}

static void sync(struct run *r)
{
    struct device *d = r->state;

    traced_note('s');
    d->syncs++;
    if ((mode(r, "sync") && d->syncs == 1) || (mode(r, "sync2") && d->syncs == 3))
        fail(r, "the GPU's work failed: a planted error");
}

static int download(struct run *r)
{
    struct device *d = r->state;

    traced_note('D');
    d->downloads++;
    if (mode(r, "download") || (mode(r, "download2") && d->downloads == 2))
        return fail(r, "copying the result from the GPU failed: a planted error");
    if (!mode(r, "forgets"))
        memcpy(r->output, d->memory, sizeof d->memory);
    return 0;
}

static void figures(struct run *r, double out[FIGURES])
{
    struct device *d = r->state;

    if (mode(r, "silent"))
        return;
    if (d->pending)
        out[FIGURE_TIME] = 1000.0 * d->pending;
    d->pending = 0;
    if (!d->told++)
        out[FIGURE_SETUP] = 5e6;
    out[FIGURE_UPLOAD] = 100.0 * d->uploads;
    out[FIGURE_DOWNLOAD] = 10.0 * d->downloads;
}

static void finish(struct run *r)
{
    traced_note('F');
    free(r->state);
}

const struct variant variant_traced_device = {
    .abi = VARIANT_ABI,
    .version = "1",
    .summary = "squares on a device that is plain memory",
    .axes = axes,
    .device = DEVICE_CUDA,
    .prepare = prepare,
    .reset = reset,
    .upload = upload,
    .run = run,
    .sync = sync,
    .download = download,
    .figures = figures,
    .finish = finish,
};
