/* Test plug-in: its functions should stand in a shared object that nobody made. */
#include "traced.h"

const struct variant variant_traced_lost = {
    .abi = VARIANT_ABI,
    .version = "1",
    .summary = "a row without its module",
    .device = DEVICE_CUDA,
    .module = true,
};
