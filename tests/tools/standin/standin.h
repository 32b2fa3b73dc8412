/*
 * What the stand-ins for NVIDIA's libraries (libcuda.c, libcupti.c, libnvidia_ml.c) know of each other, and what emulated
 * kernels tell them: libcuda keeps a log of all that the "device" did, libcupti makes records and counts of it. C11 and C++.
 *
 * An emulation finds these functions by dlsym in libcuda.so.1, if that is loaded and has them: a real driver has none.
 * What the stand-ins do beyond that is told by environment variables; each file names its own.
 */
#ifndef TESTS_TOOLS_STANDIN_H
#define TESTS_TOOLS_STANDIN_H

#ifdef __cplusplus
extern "C" {
#endif

/* Kinds of copies, numbered as CUPTI's CUpti_ActivityMemcpyKind. */
enum standin_copy_kind { STANDIN_TO_DEVICE = 1, STANDIN_TO_HOST = 2, STANDIN_ON_DEVICE = 8 };

/* A kernel ran for `ns`. The device's clock (standin_clock) moves on by what is returned: `ns`, or with STANDIN_NS_PER_WARP=n
 * a time that depends on the launch alone, so that tests can tell it beforehand. */
unsigned long long standin_launch(const char *kernel, const unsigned grid[3], const unsigned block[3],
                                  unsigned long long ns);
/* The same for a copy, and for a memory set; with STANDIN_NS_PER_WARP a copy takes that per 4096 bytes begun. */
unsigned long long standin_copy(int kind, unsigned long long bytes, unsigned long long ns);
unsigned long long standin_set(unsigned long long bytes, unsigned long long ns);
/* The host waited for the device by other means than cuCtxSynchronize (an event, a stream). */
void standin_synchronised(void);
/* The device's clock in ns: what events measure. Every kernel and copy starts STANDIN_GAP_NS after the one before it. */
unsigned long long standin_clock(void);

enum { STANDIN_GAP_NS = 500 };

/* ---- between the stand-ins */
enum standin_kind { STANDIN_KERNEL, STANDIN_COPY, STANDIN_SET };

struct standin_event {
    enum standin_kind kind;
    int copy_kind;
    char name[128];
    unsigned grid[3], block[3];
    unsigned long long bytes, start, end;
};

struct standin_chip {
    const char *name; /* "GH100" */
    const char *board;
    int major, minor, sms;
    int shared_per_sm_kib, blocks_per_sm, threads_per_sm;
    int l2_kib, memory_gib, clock_mhz, memory_clock_mhz, bus_bits;
};

struct standin_log {
    struct standin_event *events;
    unsigned long count;
    unsigned long waiting; /* events since the host last waited for the device */
};

/* The log of this process; the pointer stays, its contents change. */
const struct standin_log *standin_log(void);
const struct standin_chip *standin_chip(void);
/* Whether the driver is initialised, the context that is current in this thread, and whether it is one of ours. */
int standin_initialised(void);
void *standin_current(void);
int standin_is_context(const void *context);

#ifdef __cplusplus
}
#endif

#endif
