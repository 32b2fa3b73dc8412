/*
 * GPUs as facts: what stays is of the machine, what a driver or an administrator changes of the environment. Asked of a worker, and
 * only where there is a driver. The machine's name says nothing of them, so that one that gains a GPU keeps the history of its CPU.
 */
#include "gpu.h"
#include "host_parts.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

__attribute__((format(printf, 4, 5))) static void add(struct facts *f, size_t gpu, const char *what, const char *format,
                                                      ...)
{
    char name[64], value[128];
    va_list args;

    va_start(args, format);
    vsnprintf(value, sizeof value, format, args);
    va_end(args);
    snprintf(name, sizeof name, "gpu.%zu.%s", gpu, what);
    facts_set(f, name, value);
}

/* Drivers keep some memory to themselves, each another amount: the fact is rounded, so that an update changes nothing. */
static int64_t rounded(int64_t bytes)
{
    int64_t grain = bytes >= (int64_t)8 << 30 ? (int64_t)1 << 30 : (int64_t)1 << 28;

    return (bytes + grain / 2) / grain * grain;
}

static void add_device(const struct cuda_device *d, size_t i, struct facts *machine, struct facts *environment)
{
    add(machine, i, "name", "%s", d->name);
    add(machine, i, "capability", "%d.%d", d->major, d->minor);
    add(machine, i, "sms", "%d", d->sms);
    add(machine, i, "l2.bytes", "%" PRId64, d->l2_bytes);
    add(machine, i, "memory.bytes", "%" PRId64, rounded(d->memory_bytes));
    add(machine, i, "memory.bus", "%d", d->bus_bits);
    add(machine, i, "sm_clock.max", "%d", d->sm_clock_mhz);
    add(machine, i, "memory_clock.max", "%d", d->memory_clock_mhz);
    add(environment, i, "ecc", "%s", d->ecc ? "on" : "off");
    add(environment, i, "mig", "%s", d->mig ? "on" : "off");
    if (d->power_limit_w > 0)
        add(environment, i, "power_limit", "%.0f", d->power_limit_w);
}

void host_gpu_facts(const struct cuda_facts *f, struct facts *machine, struct facts *environment)
{
    for (size_t i = 0; i < f->count; i++)
        add_device(&f->devices[i], i, machine, environment);
    facts_set(environment, "gpu.driver", f->driver);
    if (f->cuda)
        facts_setf(environment, "gpu.cuda", "%d.%d", f->cuda / 1000, f->cuda % 1000 / 10);
    facts_set(environment, "library.cupti", f->cupti);
}

void host_gather_gpu(struct facts *machine, struct facts *environment)
{
    if (!cuda_driver_present())
        return;
    host_gpu_facts(gpu_here(), machine, environment);
    facts_set(environment, "CUDA_VISIBLE_DEVICES", getenv("CUDA_VISIBLE_DEVICES"));
}
