/*
 * Inside cuda_*.c: the functions and numbers of NVIDIA's driver (cuda.h) and management library (nvml.h) that are used, written
 * down here since neither header need be installed. Both keep their numbers for good; tests/unit/cuda_driver.c compares
 * those of cuda.h where it is.
 */
#ifndef COLLECTORS_CUDA_PARTS_H
#define COLLECTORS_CUDA_PARTS_H

#include "cuda_driver.h"

/* CUdevice_attribute. */
enum cuda_attribute {
    CUDA_CLOCK_KHZ = 13,
    CUDA_SMS = 16,
    CUDA_ECC = 32,
    CUDA_MEMORY_CLOCK_KHZ = 36,
    CUDA_BUS_BITS = 37,
    CUDA_L2_BYTES = 38,
    CUDA_THREADS_PER_SM = 39,
    CUDA_MAJOR = 75,
    CUDA_MINOR = 76,
    CUDA_SHARED_PER_SM = 81,
    CUDA_REGISTERS_PER_SM = 82,
    CUDA_BLOCKS_PER_SM = 106,
    CUDA_SHARED_RESERVED = 111
};

/* CUresult: those with a sentence of their own. */
enum cuda_error {
    CUDA_OUT_OF_MEMORY = 2,
    CUDA_STUB_LIBRARY = 34,
    CUDA_TOO_OLD = 35, /* the runtime's cudaErrorInsufficientDriver */
    CUDA_CALL_TOO_NEW = 36,
    CUDA_DEVICE_BUSY = 46,
    CUDA_NO_DEVICE = 100,
    CUDA_INVALID_DEVICE = 101,
    CUDA_NOT_LICENSED = 102,
    CUDA_ECC_ERROR = 214,
    CUDA_NVLINK_ERROR = 220,
    CUDA_SYSTEM_ERROR = 304,
    CUDA_HARDWARE_STACK = 714,
    CUDA_LAUNCH_FAILED = 719,
    CUDA_NOT_PERMITTED = 800,
    CUDA_NOT_READY = 802,
    CUDA_MISMATCH = 803,
    CUDA_COMPAT = 804,
    CUDA_MPS_CONNECTION = 805,
    CUDA_MPS_RPC = 806,
    CUDA_MPS_NOT_READY = 807,
    CUDA_UNKNOWN = 999,
    CUDA_NO_LIBRARY = -1 /* ours: libcuda.so.1 cannot be loaded */
};

/* What is known when the driver refuses. Texts may be NULL. */
struct cuda_failure {
    int error;           /* CUresult, or CUDA_NO_LIBRARY */
    const char *call;    /* "cuInit" */
    const char *name;    /* the driver's own name for the number */
    const char *loading; /* CUDA_NO_LIBRARY: the loader's words */
    const char *visible; /* CUDA_VISIBLE_DEVICES; NULL if it is not set */
    int installed;       /* GPUs that the management library sees; -1: not known */
    bool kernel_module;  /* /proc/driver/nvidia is there */
};

/* One sentence each without a full stop; `cure` may come out as "". Pure. */
void cuda_explain(const struct cuda_failure *f, char *reason, size_t reason_size, char *cure, size_t cure_size);

/* The driver, opened once and never closed. cuGetErrorName and those behind it may be NULL in old drivers. */
#define CUDA_FUNCTIONS(X)                                                                                              \
    X(cuInit, "cuInit", unsigned flags)                                                                                \
    X(cuDriverGetVersion, "cuDriverGetVersion", int *version)                                                          \
    X(cuDeviceGetCount, "cuDeviceGetCount", int *count)                                                                \
    X(cuDeviceGet, "cuDeviceGet", int *device, int ordinal)                                                            \
    X(cuDeviceGetName, "cuDeviceGetName", char *name, int size, int device)                                            \
    X(cuDeviceTotalMem, "cuDeviceTotalMem_v2", size_t *bytes, int device)                                              \
    X(cuDeviceGetAttribute, "cuDeviceGetAttribute", int *value, int attribute, int device)                             \
    X(cuDevicePrimaryCtxRetain, "cuDevicePrimaryCtxRetain", void **context, int device)                                \
    X(cuCtxSetCurrent, "cuCtxSetCurrent", void *context)                                                               \
    X(cuCtxSynchronize, "cuCtxSynchronize", void)
#define CUDA_OPTIONAL_FUNCTIONS(X)                                                                                     \
    X(cuGetErrorName, "cuGetErrorName", int error, const char **name)                                                  \
    X(cuDeviceGetUuid, "cuDeviceGetUuid_v2", char *bytes, int device)                                                  \
    X(cuDeviceGetPCIBusId, "cuDeviceGetPCIBusId", char *id, int size, int device)

struct cuda_api {
#define MEMBER(name, symbol, ...) int (*name)(__VA_ARGS__);
    CUDA_FUNCTIONS(MEMBER)
    CUDA_OPTIONAL_FUNCTIONS(MEMBER)
#undef MEMBER
};

/* The bus address ("0000:1B:00.0") and the UUID ("GPU-...") of a CUDA device; "" where they are not known. */
struct cuda_place {
    char bus[32], uuid[48];
};
/* The place of the first visible device; false if CUDA does not work here. Initialises it. */
bool cuda_first_place(struct cuda_place *out);

/* ---- the management library: every function may be NULL */
enum nvml_number {
    NVML_CLOCK_SM = 1,
    NVML_CLOCK_MEMORY = 2,
    NVML_TEMPERATURE_GPU = 0,
    /* clocks event reasons, bits */
    NVML_IDLE = 0x1,
    NVML_APPLICATION_CLOCKS = 0x2,
    NVML_POWER_CAP = 0x4,
    NVML_HARDWARE_SLOWDOWN = 0x8,
    NVML_SYNC_BOOST = 0x10,
    NVML_SOFTWARE_HEAT = 0x20,
    NVML_HARDWARE_HEAT = 0x40,
    NVML_POWER_BRAKE = 0x80,
    NVML_DISPLAY_CLOCK = 0x100
};

#define NVML_FUNCTIONS(X)                                                                                              \
    X(init, "nvmlInit_v2", void)                                                                                       \
    X(driver_version, "nvmlSystemGetDriverVersion", char *text, unsigned size)                                         \
    X(count, "nvmlDeviceGetCount_v2", unsigned *count)                                                                 \
    X(by_index, "nvmlDeviceGetHandleByIndex_v2", unsigned index, void **device)                                        \
    X(by_bus, "nvmlDeviceGetHandleByPciBusId_v2", const char *id, void **device)                                       \
    X(by_uuid, "nvmlDeviceGetHandleByUUID", const char *uuid, void **device)                                           \
    X(ecc, "nvmlDeviceGetEccMode", void *device, int *current, int *pending)                                           \
    X(mig, "nvmlDeviceGetMigMode", void *device, unsigned *current, unsigned *pending)                                 \
    X(power_limit, "nvmlDeviceGetEnforcedPowerLimit", void *device, unsigned *milliwatts)                              \
    X(max_clock, "nvmlDeviceGetMaxClockInfo", void *device, int clock, unsigned *mhz)                                  \
    X(clock, "nvmlDeviceGetClockInfo", void *device, int clock, unsigned *mhz)                                         \
    X(temperature, "nvmlDeviceGetTemperature", void *device, int sensor, unsigned *celsius)                            \
    X(power, "nvmlDeviceGetPowerUsage", void *device, unsigned *milliwatts)                                            \
    X(reasons, "nvmlDeviceGetCurrentClocksEventReasons", void *device, unsigned long long *bits)

struct nvml_api {
#define MEMBER(name, symbol, ...) int (*name)(__VA_ARGS__);
    NVML_FUNCTIONS(MEMBER)
#undef MEMBER
};

/* Opened and initialised once, never closed; NULL with the reason. */
const struct nvml_api *nvml_library(struct err *e);
/* The management library's handle of a CUDA device: by its address on the bus (so also for a part of a GPU), else by its UUID,
 * else because there is but one. NULL if it cannot be found. */
void *nvml_device(const struct nvml_api *nvml, const struct cuda_place *place);
/* GPUs that it sees, whatever CUDA_VISIBLE_DEVICES hides; -1 if that is not known. */
int nvml_count(const struct nvml_api *nvml);

/* "heat", "power cap", ... from the bits above; "" if nothing holds the clock back. Returns `out`. `clock_share`: of the highest
 * clock, NaN if it is not known. A large GPU at work is always near its power limit; that counts from a quarter of the clock on. */
const char *nvml_held_back(unsigned long long reasons, double clock_share, char *out, size_t size);

#endif
