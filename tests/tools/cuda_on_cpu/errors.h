/* The errors of CUDA's runtime that the emulation can answer, with the runtime's numbers, names and words. */
#ifndef TESTS_TOOLS_CUDA_ON_CPU_ERRORS_H
#define TESTS_TOOLS_CUDA_ON_CPU_ERRORS_H

#define CUDA_ON_CPU_ERRORS(ERROR)                                                                                      \
    ERROR(cudaSuccess, 0, "no error")                                                                                  \
    ERROR(cudaErrorInvalidValue, 1, "invalid argument")                                                                \
    ERROR(cudaErrorMemoryAllocation, 2, "out of memory")                                                               \
    ERROR(cudaErrorInitializationError, 3, "initialization error")                                                     \
    ERROR(cudaErrorInvalidConfiguration, 9, "invalid configuration argument")                                          \
    ERROR(cudaErrorInsufficientDriver, 35, "CUDA driver version is insufficient for CUDA runtime version")             \
    ERROR(cudaErrorDevicesUnavailable, 46, "CUDA-capable device(s) is/are busy or unavailable")                        \
    ERROR(cudaErrorNoDevice, 100, "no CUDA-capable device is detected")                                                \
    ERROR(cudaErrorInvalidDevice, 101, "invalid device ordinal")                                                       \
    ERROR(cudaErrorDeviceUninitialized, 201, "invalid device context")                                                 \
    ERROR(cudaErrorNoKernelImageForDevice, 209, "no kernel image is available for execution on the device")            \
    ERROR(cudaErrorECCUncorrectable, 214, "uncorrectable ECC error encountered")                                       \
    ERROR(cudaErrorInvalidResourceHandle, 400, "invalid resource handle")                                              \
    ERROR(cudaErrorNotReady, 600, "device not ready")                                                                  \
    ERROR(cudaErrorIllegalAddress, 700, "an illegal memory access was encountered")                                    \
    ERROR(cudaErrorLaunchOutOfResources, 701, "too many resources requested for launch")                               \
    ERROR(cudaErrorLaunchTimeout, 702, "the launch timed out and was terminated")                                      \
    ERROR(cudaErrorHostMemoryAlreadyRegistered, 712, "part or all of the requested memory range is already mapped")    \
    ERROR(cudaErrorHostMemoryNotRegistered, 713, "pointer does not correspond to a registered memory region")          \
    ERROR(cudaErrorLaunchFailure, 719, "unspecified launch failure")                                                   \
    ERROR(cudaErrorUnknown, 999, "unknown error")

enum cudaError {
#define CUDA_ON_CPU_NUMBER(name, number, text) name = number,
    CUDA_ON_CPU_ERRORS(CUDA_ON_CPU_NUMBER)
#undef CUDA_ON_CPU_NUMBER
};
typedef enum cudaError cudaError_t;

static inline const char *cudaGetErrorName(cudaError_t error)
{
    switch (error) {
#define CUDA_ON_CPU_NAME(name, number, text)                                                                           \
    case name: return #name;
        CUDA_ON_CPU_ERRORS(CUDA_ON_CPU_NAME)
#undef CUDA_ON_CPU_NAME
    }
    return "unrecognized error code";
}

static inline const char *cudaGetErrorString(cudaError_t error)
{
    switch (error) {
#define CUDA_ON_CPU_TEXT(name, number, text)                                                                           \
    case name: return text;
        CUDA_ON_CPU_ERRORS(CUDA_ON_CPU_TEXT)
#undef CUDA_ON_CPU_TEXT
    }
    return "unrecognized error code";
}

#endif
