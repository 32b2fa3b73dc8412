/*
 * A stand-in for NVIDIA's driver, libcuda.so.1: what collectors/cuda_driver.c calls, with one device and its primary context, and
 * a log of what emulated kernels did (tests/tools/standin/standin.h). Put it into a folder as libcuda.so.1 and that folder
 * into LD_LIBRARY_PATH: tests/standin.sh does. What it should be stands in the environment:
 *
 *     STANDIN_CHIP=GH100        which chip: see standin/chips.h; another name is a chip that nobody knows
 *     STANDIN_CUDA=13000        the highest CUDA version that the driver serves
 *     STANDIN_DEVICES=1         how many devices there are; all are alike
 *     STANDIN_MIG=1             the device is an instance of a shared GPU
 *     STANDIN_NS_PER_WARP=n     how long a kernel takes: n ns for each warp, instead of what the emulation measured
 *
 * and what standin/enter.h tells of failures. Calls in a wrong order answer as the driver does: 3 before cuInit, 201 without a
 * context.
 * libs: -Wl,-soname,libcuda.so.1
 */
#include "standin/standin.h"

#include "standin/chips.h"
#include "standin/enter.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

enum {
    CUDA_SUCCESS = 0,
    CUDA_ERROR_INVALID_VALUE = 1,
    CUDA_ERROR_NOT_INITIALIZED = 3,
    CUDA_ERROR_NO_DEVICE = 100,
    CUDA_ERROR_INVALID_DEVICE = 101,
    CUDA_ERROR_INVALID_CONTEXT = 201,
    CUDA_ERROR_NOT_FOUND = 500,
    CUDA_ERROR_PRIMARY_CONTEXT_INACTIVE = 709,
    DEVICES = 16,
};

/* A primary context: alive while it is retained. */
struct context {
    int device, retained;
};

static struct context contexts[DEVICES];
static int initialised;
static _Thread_local struct context *current;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* ---- what was done */
static struct standin_log done;
static unsigned long long device_time = 1000000000;
static size_t room;

const struct standin_log *standin_log(void)
{
    return &done;
}

unsigned long long standin_clock(void)
{
    return device_time;
}

void standin_synchronised(void)
{
    pthread_mutex_lock(&lock);
    done.waiting = 0;
    pthread_mutex_unlock(&lock);
}

/* Appends the event, which takes `ns`. */
static unsigned long long did(struct standin_event *event, unsigned long long ns)
{
    pthread_mutex_lock(&lock);
    if (done.count == room) {
        room = room ? 2 * room : 1024;
        done.events = realloc(done.events, room * sizeof *done.events);
        if (!done.events)
            abort();
    }
    event->start = device_time + STANDIN_GAP_NS;
    event->end = event->start + ns;
    device_time = event->end;
    done.events[done.count++] = *event;
    done.waiting++;
    pthread_mutex_unlock(&lock);
    return ns;
}

unsigned long long standin_launch(const char *kernel, const unsigned grid[3], const unsigned block[3],
                                  unsigned long long ns)
{
    struct standin_event event = {.kind = STANDIN_KERNEL};
    unsigned long long blocks = (unsigned long long)grid[0] * grid[1] * grid[2];
    unsigned long long threads = (unsigned long long)block[0] * block[1] * block[2];

    snprintf(event.name, sizeof event.name, "%s", kernel);
    memcpy(event.grid, grid, sizeof event.grid);
    memcpy(event.block, block, sizeof event.block);
    if (getenv("STANDIN_NS_PER_WARP"))
        ns = blocks * ((threads + 31) / 32) * (unsigned long long)enter_number("STANDIN_NS_PER_WARP", 1);
    enter_trace("launch %s blocks=%llu threads=%llu ns=%llu", kernel, blocks, threads, ns);
    return did(&event, ns);
}

/* A copy or a set of so many bytes. */
static unsigned long long moved(struct standin_event *event, const char *what, unsigned long long ns)
{
    if (getenv("STANDIN_NS_PER_WARP"))
        ns = (event->bytes + 4095) / 4096 * (unsigned long long)enter_number("STANDIN_NS_PER_WARP", 1);
    enter_trace("%s kind=%d bytes=%llu ns=%llu", what, event->copy_kind, event->bytes, ns);
    return did(event, ns);
}

unsigned long long standin_copy(int kind, unsigned long long bytes, unsigned long long ns)
{
    struct standin_event event = {.kind = STANDIN_COPY, .copy_kind = kind, .bytes = bytes};

    return moved(&event, "copy", ns);
}

unsigned long long standin_set(unsigned long long bytes, unsigned long long ns)
{
    struct standin_event event = {.kind = STANDIN_SET, .bytes = bytes};

    return moved(&event, "set", ns);
}

/* ---- what it is */
const struct standin_chip *standin_chip(void)
{
    static struct standin_chip unknown;
    const char *name = getenv("STANDIN_CHIP");

    name = name ? name : "GH100";
    for (size_t i = 0; i < sizeof standin_chips / sizeof *standin_chips; i++)
        if (!strcmp(standin_chips[i].name, name))
            return &standin_chips[i];
    unknown = standin_chips[0];
    unknown.name = name;
    unknown.board = "NVIDIA Unheard-of";
    return &unknown;
}

static int devices(void)
{
    long n = enter_number("STANDIN_DEVICES", 1);

    return n > DEVICES ? DEVICES : (int)n;
}

int standin_initialised(void)
{
    return initialised;
}

void *standin_current(void)
{
    return current && current->retained ? current : NULL;
}

int standin_is_context(const void *context)
{
    for (int i = 0; i < DEVICES; i++)
        if (context == &contexts[i])
            return contexts[i].retained > 0;
    return 0;
}

#define MIG (enter_number("STANDIN_MIG", 0) != 0)
#include "standin/driver_calls.h"
