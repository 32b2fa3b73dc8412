/*
 * A stand-in for NVIDIA's management library, libnvidia-ml.so.1: what collectors/cuda_watch.c calls, for the same device as the
 * stand-in for the driver. What it should tell stands in the environment:
 *
 *     STANDIN_CHIP, STANDIN_DEVICES, STANDIN_MIG    as for the driver
 *     STANDIN_DRIVER=580.65.06      the driver's version
 *     STANDIN_CLOCK=1900            MHz; 1200 while it is held back
 *     STANDIN_THROTTLE=thermal      why the clock is held back: thermal, power, brake or hardware; thermal@3: at the third look
 *                                   of a process alone. The clock is then 1200 MHz.
 *     STANDIN_TEMPERATURE=45 STANDIN_POWER=350000 (milliwatts)
 *
 * and what standin/enter.h tells of failures. Every call before nvmlInit_v2 answers 1 (uninitialized), as the real one does.
 */
#include "standin/chips.h"
#include "standin/enter.h"

struct device;

enum { UNINITIALIZED = 1, INVALID_ARGUMENT = 2, NOT_SUPPORTED = 3, NOT_FOUND = 6, INSUFFICIENT_SIZE = 7 };
enum { CLOCK_GRAPHICS, CLOCK_SM, CLOCK_MEMORY, CLOCK_VIDEO };
enum { POWER_CAP = 0x4, HARDWARE_SLOWDOWN = 0x8, SOFTWARE_HEAT = 0x20, HARDWARE_HEAT = 0x40, POWER_BRAKE = 0x80 };

/* A device is a place in this array. */
struct device {
    char nothing;
};
static struct device devices[16];
static int ready;

int nvmlInit_v2(void);
int nvmlShutdown(void);
const char *nvmlErrorString(int error);
int nvmlSystemGetDriverVersion(char *text, unsigned size);
int nvmlDeviceGetCount_v2(unsigned *count);
int nvmlDeviceGetHandleByIndex_v2(unsigned index, struct device **device);
int nvmlDeviceGetHandleByPciBusId_v2(const char *id, struct device **device);
int nvmlDeviceGetHandleByUUID(const char *uuid, struct device **device);
int nvmlDeviceGetName(struct device *device, char *name, unsigned size);
int nvmlDeviceGetEccMode(struct device *device, int *now, int *pending);
int nvmlDeviceGetMigMode(struct device *device, unsigned *now, unsigned *pending);
int nvmlDeviceGetEnforcedPowerLimit(struct device *device, unsigned *milliwatts);
int nvmlDeviceGetMaxClockInfo(struct device *device, int clock, unsigned *mhz);
int nvmlDeviceGetClockInfo(struct device *device, int clock, unsigned *mhz);
int nvmlDeviceGetTemperature(struct device *device, int sensor, unsigned *celsius);
int nvmlDeviceGetPowerUsage(struct device *device, unsigned *milliwatts);
int nvmlDeviceGetCurrentClocksEventReasons(struct device *device, unsigned long long *bits);

#define ENTER()                                                                                                        \
    do {                                                                                                               \
        int status = enter(__func__);                                                                                  \
        if (status)                                                                                                    \
            return status;                                                                                             \
        if (!ready)                                                                                                    \
            return broken(__func__, UNINITIALIZED, "called before nvmlInit_v2");                                       \
    } while (0)
#define NEED_DEVICE(device)                                                                                            \
    do {                                                                                                               \
        if ((device) < devices || (device) >= devices + device_count())                                                \
            return broken(__func__, INVALID_ARGUMENT, "this is no device");                                            \
    } while (0)

static long device_count(void)
{
    long n = enter_number("STANDIN_DEVICES", 1);

    return n > 16 ? 16 : n;
}

static const struct standin_chip *chip(void)
{
    const char *name = getenv("STANDIN_CHIP");

    for (size_t i = 0; name && i < sizeof standin_chips / sizeof *standin_chips; i++)
        if (!strcmp(standin_chips[i].name, name))
            return &standin_chips[i];
    return &standin_chips[0];
}

int nvmlInit_v2(void)
{
    int status = enter(__func__);

    ready += !status;
    return status;
}

int nvmlShutdown(void)
{
    ENTER();
    ready--;
    return 0;
}

const char *nvmlErrorString(int error)
{
    return error ? "an error of the stand-in" : "The operation was successful";
}

int nvmlSystemGetDriverVersion(char *text, unsigned size)
{
    const char *version = getenv("STANDIN_DRIVER");

    ENTER();
    version = version ? version : "580.65.06";
    if (strlen(version) >= size)
        return INSUFFICIENT_SIZE;
    memcpy(text, version, strlen(version) + 1);
    return 0;
}

/* ---- devices */
int nvmlDeviceGetCount_v2(unsigned *count)
{
    ENTER();
    *count = (unsigned)device_count();
    return 0;
}

int nvmlDeviceGetHandleByIndex_v2(unsigned index, struct device **device)
{
    ENTER();
    if (index >= (unsigned)device_count())
        return INVALID_ARGUMENT;
    *device = &devices[index];
    return 0;
}

/* "0000:17:00.0" or with eight digits in front, as the real one takes both. */
int nvmlDeviceGetHandleByPciBusId_v2(const char *id, struct device **device)
{
    unsigned domain = 0, bus = 0;

    ENTER();
    if (sscanf(id, "%x:%x:", &domain, &bus) != 2 || domain || bus < 0x17 || bus >= 0x17 + (unsigned)device_count())
        return NOT_FOUND;
    *device = &devices[bus - 0x17];
    return 0;
}

int nvmlDeviceGetHandleByUUID(const char *uuid, struct device **device)
{
    unsigned last = 0;

    ENTER();
    if (sscanf(uuid, "GPU-10111213-1415-1617-1819-1a1b1c1d1e%2x", &last) != 1 || last >= (unsigned)device_count())
        return NOT_FOUND;
    *device = &devices[last];
    return 0;
}

int nvmlDeviceGetName(struct device *device, char *name, unsigned size)
{
    ENTER();
    NEED_DEVICE(device);
    snprintf(name, size, "%s", chip()->board);
    return 0;
}

int nvmlDeviceGetEccMode(struct device *device, int *now, int *pending)
{
    ENTER();
    NEED_DEVICE(device);
    *now = *pending = 1;
    return 0;
}

int nvmlDeviceGetMigMode(struct device *device, unsigned *now, unsigned *pending)
{
    ENTER();
    NEED_DEVICE(device);
    if (chip()->major < 8)
        return NOT_SUPPORTED;
    *now = *pending = enter_number("STANDIN_MIG", 0) != 0;
    return 0;
}

int nvmlDeviceGetEnforcedPowerLimit(struct device *device, unsigned *milliwatts)
{
    ENTER();
    NEED_DEVICE(device);
    *milliwatts = 700000;
    return 0;
}

int nvmlDeviceGetMaxClockInfo(struct device *device, int clock, unsigned *mhz)
{
    ENTER();
    NEED_DEVICE(device);
    if (clock < CLOCK_GRAPHICS || clock > CLOCK_VIDEO)
        return broken(__func__, INVALID_ARGUMENT, "there is no such clock");
    *mhz = (unsigned)(clock == CLOCK_MEMORY ? chip()->memory_clock_mhz : chip()->clock_mhz);
    return 0;
}

/* ---- what changes at work */

/* The bits of STANDIN_THROTTLE; at one look alone if it says so. */
static unsigned long long reasons_now(unsigned long look)
{
    static const struct {
        const char *word;
        unsigned long long bits;
    } rows[] = {
        {"thermal", SOFTWARE_HEAT},
        {"power", POWER_CAP},
        {"brake", HARDWARE_SLOWDOWN | POWER_BRAKE},
        {"hardware", HARDWARE_SLOWDOWN},
    };
    const char *text = getenv("STANDIN_THROTTLE");
    size_t length = text ? strcspn(text, "@") : 0;
    unsigned long only = length && text[length] ? strtoul(text + length + 1, NULL, 10) : 0;

    for (size_t i = 0; length && i < sizeof rows / sizeof *rows; i++)
        if (strlen(rows[i].word) == length && !strncmp(rows[i].word, text, length))
            return !only || only == look ? rows[i].bits : 0;
    return 0;
}

int nvmlDeviceGetClockInfo(struct device *device, int clock, unsigned *mhz)
{
    ENTER();
    NEED_DEVICE(device);
    if (clock < CLOCK_GRAPHICS || clock > CLOCK_VIDEO)
        return broken(__func__, INVALID_ARGUMENT, "there is no such clock");
    if (clock == CLOCK_MEMORY)
        *mhz = (unsigned)chip()->memory_clock_mhz;
    else
        *mhz = (unsigned)enter_number("STANDIN_CLOCK", getenv("STANDIN_THROTTLE") ? 1200 : chip()->clock_mhz);
    return 0;
}

int nvmlDeviceGetTemperature(struct device *device, int sensor, unsigned *celsius)
{
    ENTER();
    NEED_DEVICE(device);
    if (sensor)
        return broken(__func__, INVALID_ARGUMENT, "there is no such sensor");
    *celsius = (unsigned)enter_number("STANDIN_TEMPERATURE", 45);
    return 0;
}

int nvmlDeviceGetPowerUsage(struct device *device, unsigned *milliwatts)
{
    ENTER();
    NEED_DEVICE(device);
    *milliwatts = (unsigned)enter_number("STANDIN_POWER", 350000);
    return 0;
}

int nvmlDeviceGetCurrentClocksEventReasons(struct device *device, unsigned long long *bits)
{
    static unsigned long looks;

    ENTER();
    NEED_DEVICE(device);
    *bits = reasons_now(++looks);
    return 0;
}
