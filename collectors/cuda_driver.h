/*
 * NVIDIA's driver and its management library, opened at run time (libcuda.so.1, libnvidia-ml.so.1): no header and no library of
 * theirs is needed to build. Types and numbers are those of cuda.h and nvml.h, which keep them stable; a test compares
 * them where the toolkit is installed.
 */
#ifndef COLLECTORS_CUDA_DRIVER_H
#define COLLECTORS_CUDA_DRIVER_H

#include "../harness/base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CUDA_DEVICES 16

/* One GPU. Texts are "" and numbers 0 where they are not known. */
struct cuda_device {
    char name[96];
    char uuid[48];
    int major, minor; /* compute capability */
    int sms;
    int threads_per_sm, registers_per_sm, blocks_per_sm; /* limits, for the theoretical occupancy */
    int64_t shared_per_sm, shared_reserved_per_block;    /* bytes */
    int64_t l2_bytes, memory_bytes;
    int sm_clock_mhz, memory_clock_mhz; /* the highest */
    int bus_bits;
    bool ecc, mig;
    double power_limit_w;
};

struct cuda_facts {
    char reason[256];          /* "" if CUDA works here, else why not: one sentence */
    char cure[256];            /* what the user can do, or "" */
    int cuda;                  /* the highest CUDA version that the driver serves: 13000 is 13.0 */
    char driver[64];           /* "580.65.06", from the management library, or "" */
    char cupti[16];            /* CUPTI's version, if somebody has looked for it, or "" */
    bool profiling_restricted; /* counters are for administrators only (NVreg_RestrictProfilingToAdminUsers) */
    struct cuda_device devices[CUDA_DEVICES];
    size_t count;
};

/* Asks the driver. Initialises CUDA in this process: for workers only. Never fails: what is wrong is in `reason`. */
void cuda_facts_read(struct cuda_facts *out);

/* True if libcuda.so.1 can be found; quick, initialises nothing. */
bool cuda_driver_present(void);

/* Makes the primary context of the first visible device current in this thread, and answers it; NULL with the reason. */
void *cuda_context(struct err *e);
/* What can be done where it gave none: one sentence, or "". */
const char *cuda_cure(void);
/* Waits for everything in the current context. 0, or the driver's error number. */
int cuda_synchronise(void);

/* ---- what is measured while a GPU works */
struct cuda_state {
    double sm_clock_mhz, memory_clock_mhz, temperature_c, power_w; /* NaN: not known */
    char held_back[96];                                            /* why the clock is held back: "heat", or "" */
};
/* True if the management library can be found; starts nothing. */
bool cuda_watch_present(void);
/* NULL with the reason if the management library is not there, or does not know the first visible GPU. */
void *cuda_watch_open(struct err *e);
void cuda_watch_read(void *handle, struct cuda_state *out);
void cuda_watch_close(void *handle);

#endif
