/*
 * Part of the stand-in for the driver: its calls, declared as in NVIDIA's cuda.h with plain types.
 */
#ifndef TESTS_TOOLS_STANDIN_DRIVER_CALLS_H
#define TESTS_TOOLS_STANDIN_DRIVER_CALLS_H

int cuInit(unsigned flags);
int cuDriverGetVersion(int *version);
int cuDeviceGetCount(int *count);
int cuDeviceGet(int *device, int ordinal);
int cuDeviceGetName(char *name, int size, int device);
int cuDeviceGetUuid(unsigned char uuid[16], int device);
int cuDeviceGetUuid_v2(unsigned char uuid[16], int device);
int cuDeviceGetPCIBusId(char *text, int size, int device);
int cuDeviceGetAttribute(int *value, int attribute, int device);
int cuDeviceTotalMem_v2(size_t *bytes, int device);
int cuDevicePrimaryCtxRetain(struct context **context, int device);
int cuDevicePrimaryCtxRelease_v2(int device);
int cuDevicePrimaryCtxGetState(int device, unsigned *flags, int *active);
int cuCtxSetCurrent(struct context *context);
int cuCtxGetCurrent(struct context **context);
int cuCtxGetDevice(int *device);
int cuCtxSynchronize(void);
int cuGetErrorName(int error, const char **name);
int cuGetErrorString(int error, const char **text);

/* Every call but cuInit and those about errors and versions begins with this. */
#define ENTER()                                                                                                        \
    do {                                                                                                               \
        int status = enter(__func__);                                                                                  \
        if (status)                                                                                                    \
            return status;                                                                                             \
        if (!initialised)                                                                                              \
            return broken(__func__, CUDA_ERROR_NOT_INITIALIZED, "called before cuInit");                               \
    } while (0)
#define NEED_DEVICE(device)                                                                                            \
    do {                                                                                                               \
        if ((device) < 0 || (device) >= devices())                                                                     \
            return broken(__func__, CUDA_ERROR_INVALID_DEVICE, "there is no such device");                             \
    } while (0)

int cuInit(unsigned flags)
{
    int status = enter(__func__);

    if (status)
        return status;
    if (flags)
        return broken(__func__, CUDA_ERROR_INVALID_VALUE, "its flags must be 0");
    if (devices() < 1)
        return CUDA_ERROR_NO_DEVICE;
    initialised = 1;
    return CUDA_SUCCESS;
}

int cuDriverGetVersion(int *version)
{
    int status = enter(__func__);

    if (!status)
        *version = (int)enter_number("STANDIN_CUDA", 13000);
    return status;
}

int cuDeviceGetCount(int *count)
{
    ENTER();
    *count = devices();
    return CUDA_SUCCESS;
}

int cuDeviceGet(int *device, int ordinal)
{
    ENTER();
    NEED_DEVICE(ordinal);
    *device = ordinal;
    return CUDA_SUCCESS;
}

int cuDeviceGetName(char *name, int size, int device)
{
    ENTER();
    NEED_DEVICE(device);
    snprintf(name, (size_t)size, "%s%s", standin_chip()->board, MIG ? " MIG 1g.10gb" : "");
    return CUDA_SUCCESS;
}

static int uuid_of(unsigned char uuid[16], int device)
{
    for (int i = 0; i < 16; i++)
        uuid[i] = (unsigned char)(i < 15 ? 0x10 + i : device);
    return CUDA_SUCCESS;
}

int cuDeviceGetUuid(unsigned char uuid[16], int device)
{
    ENTER();
    NEED_DEVICE(device);
    return uuid_of(uuid, device);
}

int cuDeviceGetUuid_v2(unsigned char uuid[16], int device)
{
    ENTER();
    NEED_DEVICE(device);
    return uuid_of(uuid, device);
}

int cuDeviceGetPCIBusId(char *text, int size, int device)
{
    ENTER();
    NEED_DEVICE(device);
    snprintf(text, (size_t)size, "0000:%02X:00.0", 0x17 + device);
    return CUDA_SUCCESS;
}

/* Numbers as in enum CUdevice_attribute. */
int cuDeviceGetAttribute(int *value, int attribute, int device)
{
    const struct standin_chip *chip = standin_chip();

    ENTER();
    NEED_DEVICE(device);
    switch (attribute) {
    case 1: *value = 1024; break;      /* threads of a block */
    case 8: *value = 48 * 1024; break; /* shared memory of a block */
    case 10: *value = 32; break;       /* warp */
    case 12:
    case 82: *value = 65536; break;                  /* registers of a block, of an SM */
    case 13: *value = chip->clock_mhz * 1000; break; /* kHz */
    case 16: *value = chip->sms; break;
    case 32: *value = 1; break;             /* ECC */
    case 33: *value = 0x17 + device; break; /* PCI bus, */
    case 34:
    case 50: *value = 0; break;                             /* device, domain */
    case 36: *value = chip->memory_clock_mhz * 1000; break; /* kHz */
    case 37: *value = chip->bus_bits; break;
    case 38: *value = chip->l2_kib * 1024; break;
    case 39: *value = chip->threads_per_sm; break;
    case 75: *value = chip->major; break;
    case 76: *value = chip->minor; break;
    case 81: *value = chip->shared_per_sm_kib * 1024; break;
    case 97: *value = (chip->shared_per_sm_kib - 1) * 1024; break; /* of a block, if it asks for it */
    case 106: *value = chip->blocks_per_sm; break;
    case 111: *value = chip->major >= 8 ? 1024 : 0; break; /* shared memory reserved by a block */
    default:
        if (attribute < 1 || attribute > 150)
            return broken(__func__, CUDA_ERROR_INVALID_VALUE, "there is no such attribute");
        *value = 0;
    }
    return CUDA_SUCCESS;
}

int cuDeviceTotalMem_v2(size_t *bytes, int device)
{
    ENTER();
    NEED_DEVICE(device);
    *bytes = (size_t)standin_chip()->memory_gib << 30;
    return CUDA_SUCCESS;
}

/* ---- contexts */
int cuDevicePrimaryCtxRetain(struct context **context, int device)
{
    ENTER();
    NEED_DEVICE(device);
    contexts[device].device = device;
    contexts[device].retained++;
    *context = &contexts[device];
    return CUDA_SUCCESS;
}

int cuDevicePrimaryCtxRelease_v2(int device)
{
    ENTER();
    NEED_DEVICE(device);
    if (!contexts[device].retained)
        return broken(__func__, CUDA_ERROR_INVALID_CONTEXT, "the primary context is not retained");
    contexts[device].retained--;
    return CUDA_SUCCESS;
}

int cuDevicePrimaryCtxGetState(int device, unsigned *flags, int *active)
{
    ENTER();
    NEED_DEVICE(device);
    *flags = 0;
    *active = contexts[device].retained > 0;
    return CUDA_SUCCESS;
}

int cuCtxSetCurrent(struct context *context)
{
    ENTER();
    if (context && !standin_is_context(context))
        return broken(__func__, CUDA_ERROR_INVALID_CONTEXT, "this is no context, or it was released");
    current = context;
    return CUDA_SUCCESS;
}

int cuCtxGetCurrent(struct context **context)
{
    ENTER();
    *context = standin_current();
    return CUDA_SUCCESS;
}

int cuCtxGetDevice(int *device)
{
    ENTER();
    if (!standin_current())
        return broken(__func__, CUDA_ERROR_INVALID_CONTEXT, "no context is current");
    *device = current->device;
    return CUDA_SUCCESS;
}

int cuCtxSynchronize(void)
{
    ENTER();
    if (!standin_current())
        return broken(__func__, CUDA_ERROR_INVALID_CONTEXT, "no context is current");
    standin_synchronised();
    return CUDA_SUCCESS;
}

/* ---- errors */
struct error_words {
    int error;
    const char *name, *text;
};

static const struct error_words *words_of(int error)
{
    static const struct error_words words[] = {
        {0, "CUDA_SUCCESS", "no error"},
        {1, "CUDA_ERROR_INVALID_VALUE", "invalid argument"},
        {2, "CUDA_ERROR_OUT_OF_MEMORY", "out of memory"},
        {3, "CUDA_ERROR_NOT_INITIALIZED", "initialization error"},
        {34, "CUDA_ERROR_STUB_LIBRARY", "CUDA driver is a stand-in for linking"},
        {46, "CUDA_ERROR_DEVICE_UNAVAILABLE", "CUDA-capable device(s) is/are busy or unavailable"},
        {100, "CUDA_ERROR_NO_DEVICE", "no CUDA-capable device is detected"},
        {101, "CUDA_ERROR_INVALID_DEVICE", "invalid device ordinal"},
        {201, "CUDA_ERROR_INVALID_CONTEXT", "invalid device context"},
        {700, "CUDA_ERROR_ILLEGAL_ADDRESS", "an illegal memory access was encountered"},
        {719, "CUDA_ERROR_LAUNCH_FAILED", "unspecified launch failure"},
        {802, "CUDA_ERROR_SYSTEM_NOT_READY", "system not yet initialized"},
        {803, "CUDA_ERROR_SYSTEM_DRIVER_MISMATCH", "system has unsupported display driver / cuda driver combination"},
        {999, "CUDA_ERROR_UNKNOWN", "unknown error"},
    };

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (words[i].error == error)
            return &words[i];
    return NULL;
}

int cuGetErrorName(int error, const char **name)
{
    const struct error_words *w = words_of(error);

    *name = w ? w->name : NULL;
    return w ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}

int cuGetErrorString(int error, const char **text)
{
    const struct error_words *w = words_of(error);

    *text = w ? w->text : NULL;
    return w ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}

#endif
