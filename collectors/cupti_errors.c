/* CUPTI's error numbers as names, sentences and cures. See cupti_errors.h. */
#include "cupti_errors.h"

#include <stdarg.h>
#include <stdio.h>

static const struct {
    int error;
    const char *name; /* without CUPTI_ERROR_ */
} names[] = {
    {1, "INVALID_PARAMETER"},
    {2, "INVALID_DEVICE"},
    {3, "INVALID_CONTEXT"},
    {4, "INVALID_EVENT_DOMAIN_ID"},
    {5, "INVALID_EVENT_ID"},
    {6, "INVALID_EVENT_NAME"},
    {7, "INVALID_OPERATION"},
    {8, "OUT_OF_MEMORY"},
    {9, "HARDWARE"},
    {10, "PARAMETER_SIZE_NOT_SUFFICIENT"},
    {11, "API_NOT_IMPLEMENTED"},
    {12, "MAX_LIMIT_REACHED"},
    {13, "NOT_READY"},
    {14, "NOT_COMPATIBLE"},
    {15, "NOT_INITIALIZED"},
    {16, "INVALID_METRIC_ID"},
    {17, "INVALID_METRIC_NAME"},
    {18, "QUEUE_EMPTY"},
    {19, "INVALID_HANDLE"},
    {20, "INVALID_STREAM"},
    {21, "INVALID_KIND"},
    {22, "INVALID_EVENT_VALUE"},
    {23, "DISABLED"},
    {24, "INVALID_MODULE"},
    {25, "INVALID_METRIC_VALUE"},
    {26, "HARDWARE_BUSY"},
    {27, "NOT_SUPPORTED"},
    {28, "UM_PROFILING_NOT_SUPPORTED"},
    {29, "UM_PROFILING_NOT_SUPPORTED_ON_DEVICE"},
    {30, "UM_PROFILING_NOT_SUPPORTED_ON_NON_P2P_DEVICES"},
    {31, "UM_PROFILING_NOT_SUPPORTED_WITH_MPS"},
    {32, "CDP_TRACING_NOT_SUPPORTED"},
    {33, "VIRTUALIZED_DEVICE_NOT_SUPPORTED"},
    {34, "CUDA_COMPILER_NOT_COMPATIBLE"},
    {35, "INSUFFICIENT_PRIVILEGES"},
    {36, "OLD_PROFILER_API_INITIALIZED"},
    {37, "OPENACC_UNDEFINED_ROUTINE"},
    {38, "LEGACY_PROFILER_NOT_SUPPORTED"},
    {39, "MULTIPLE_SUBSCRIBERS_NOT_SUPPORTED"},
    {40, "VIRTUALIZED_DEVICE_INSUFFICIENT_PRIVILEGES"},
    {41, "CONFIDENTIAL_COMPUTING_NOT_SUPPORTED"},
    {42, "CMP_DEVICE_NOT_SUPPORTED"},
    {43, "MIG_DEVICE_NOT_SUPPORTED"},
    {44, "SLI_DEVICE_NOT_SUPPORTED"},
    {45, "WSL_DEVICE_NOT_SUPPORTED"},
    {46, "INVALID_CHIP_NAME"},
    {999, "UNKNOWN"},
};

const char *cupti_error_name(int error, char *room, size_t size)
{
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i].error == error) {
            snprintf(room, size, "CUPTI_ERROR_%s", names[i].name);
            return room;
        }
    snprintf(room, size, "error %d", error);
    return room;
}

/* The two sentences that are made. */
struct words {
    char *reason, *cure;
    size_t reason_size, cure_size;
};

__attribute__((format(printf, 2, 3))) static void say_reason(const struct words *w, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(w->reason, w->reason_size, format, args);
    va_end(args);
}

__attribute__((format(printf, 2, 3))) static void say_cure(const struct words *w, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(w->cure, w->cure_size, format, args);
    va_end(args);
}

static const char *text_or(const char *text, const char *otherwise)
{
    return text && *text ? text : otherwise;
}

/* The number's name with the call, in brackets behind each sentence: what people search for. */
static const char *source(const struct cupti_failure *f, char *room, size_t size)
{
    char name[64];

    cupti_error_name(f->error, name, sizeof name);
    snprintf(room, size, "%s: %s, %d", text_or(f->call, "CUPTI"), name, f->error);
    return room;
}

static void permission(const struct cupti_failure *f, const char *from, const struct words *w)
{
    say_reason(w, "no permission for GPU counters (%s); %s", from,
               f->restricted ? "RmProfilingAdminOnly is 1: the driver keeps them for administrators"
                             : "RmProfilingAdminOnly is not 1 here: a container or a virtual machine withholds them");
    say_cure(w,
             "run as root or with CAP_SYS_ADMIN (containers: --cap-add SYS_ADMIN, and root inside), or have the "
             "administrator put \"options nvidia NVreg_RestrictProfilingToAdminUsers=0\" into /etc/modprobe.d, rebuild "
             "the initramfs and restart");
}

static void virtual_permission(const char *from, const struct words *w)
{
    say_reason(w, "no permission for the counters of this virtual GPU (%s)", from);
    say_cure(w, "have the host's administrator set enable_profiling=1 for this virtual machine's GPU");
}

static void busy(const struct cupti_failure *f, const char *from, const struct words *w)
{
    say_reason(w, "another program has the GPU's counters (%s)", from);
    say_cure(
        w,
        "end it, or let it pause: DCGM's profiling (dcgmi profiling --pause, then --resume), Nsight Compute, Nsight "
        "Systems with GPU metrics, or another countermark%s%s",
        f->other_tool && *f->other_tool ? "; here it says it is " : "", text_or(f->other_tool, ""));
}

static void subscribed(const struct cupti_failure *f, const char *from, const struct words *w)
{
    say_reason(w, "another profiler, %s, is attached to this process (%s)",
               text_or(f->other_tool, "which does not give its name"), from);
    say_cure(
        w, "run countermark outside of Nsight Systems, Nsight Compute and other tools, and unset CUDA_INJECTION64_PATH "
           "and NVTX_INJECTION64_PATH");
}

static void mismatch(const struct cupti_failure *f, const char *from, const struct words *w)
{
    char cuda[24] = "";

    if (f->cuda)
        snprintf(cuda, sizeof cuda, ", CUDA %d.%d", f->cuda / 1000, f->cuda % 1000 / 10);
    say_reason(w,
               "CUPTI, its performance library and the driver do not fit together (%s); CUPTI is %s, the driver %s%s",
               from, text_or(f->cupti, "of an unknown version"), text_or(f->driver, "of an unknown version"), cuda);
    say_cure(
        w, "install a driver that is as new as the CUDA toolkit or newer, or let COUNTERMARK_CUPTI name the folder of "
           "an older CUPTI, with libnvperf_host.so and libnvperf_target.so of the same version beside it");
}

static void unsupported(const struct cupti_failure *f, const char *from, const struct words *w)
{
    const char *chip = text_or(f->chip, ""), *version = text_or(f->cupti, "here");

    if (f->error == 46)
        say_reason(w, "CUPTI %s does not know %s%s (%s)", version, *chip ? "the chip " : "this GPU's chip", chip, from);
    else
        say_reason(w, "CUPTI %s cannot count on %s, or not this set of metrics (%s)", version,
                   *chip ? chip : "this GPU", from);
    say_cure(w, "counters need compute capability 7.5 or newer and a CUPTI that knows the chip: install a newer CUDA "
                "toolkit for a newer chip; countermark list groups --chip NAME shows what a chip can count");
}

static void split(const char *from, const struct words *w)
{
    say_reason(w, "this GPU is split into instances (MIG), and counters cannot be had in this one (%s)", from);
    say_cure(w,
             "use a compute instance that has its GPU instance for itself, or switch MIG off: sudo nvidia-smi -mig 0");
}

struct fixed {
    int error;
    const char *reason, *cure;
};

static const struct fixed sentences[] = {
    {1, "CUPTI refuses a parameter, as libraries of another version do",
     "install the CUPTI of the CUDA toolkit that this program was built with, or build again"},
    {2, "CUPTI does not know the GPU", "see that nvidia-smi works"},
    {3, "CUPTI does not know the program's context", "see that no other tool is attached to this process"},
    {7, "CUPTI does not permit this now", "see that no other tool is attached to this process"},
    {8, "CUPTI has no memory left", "give the process or the GPU more free memory"},
    {9, "the GPU's counters failed", "see what the kernel's log (dmesg) says of NVRM, and reset the GPU"},
    {17, "CUPTI does not know one of the metrics on this chip",
     "countermark list metrics --chip NAME shows those there are"},
    {33, "the GPU is a virtual one whose host does not let its counters be used",
     "have the host's administrator set enable_profiling=1 for this virtual machine's GPU, or measure on the host"},
    {36, "another part of CUPTI is in use in this process already",
     "see that no other tool is attached to this process"},
    {38, "this part of CUPTI has been removed from the library that was found",
     "let COUNTERMARK_CUPTI name the folder of the CUPTI that this program was built with"},
    {41, "the GPU computes confidentially, and gives out no counters then",
     "switch confidential computing off, or to its development mode, for measuring"},
    {42, "this GPU is one for mining (CMP), which has no counters", "measure on another GPU"},
    {44, "the GPUs are coupled (SLI), and give out no counters then", "switch SLI off"},
    {45, "this Windows Subsystem for Linux does not let the GPU's counters be used",
     "use WSL 2 on Windows 11 and permit counters in the NVIDIA control panel (developer settings), or measure under "
     "Linux"},
    {999, "CUPTI fails without saying why",
     "see that nvidia-smi works, that no other profiler is running, and try CUPTI of another version "
     "(COUNTERMARK_CUPTI)"},
};

static void other(const struct cupti_failure *f, const char *from, const struct words *w)
{
    for (size_t i = 0; i < sizeof sentences / sizeof *sentences; i++)
        if (sentences[i].error == f->error) {
            say_reason(w, "%s (%s)", sentences[i].reason, from);
            say_cure(w, "%s", sentences[i].cure);
            return;
        }
    say_reason(w, "CUPTI refuses (%s)", from);
    say_cure(w, "see that nvidia-smi works and that no other profiler is running");
}

void cupti_explain(const struct cupti_failure *f, char *reason, size_t reason_size, char *cure, size_t cure_size)
{
    const struct words w = {reason, cure, reason_size, cure_size};
    char from[160];

    source(f, from, sizeof from);
    switch (f->error) {
    case 15: mismatch(f, from, &w); break;
    case 26: busy(f, from, &w); break;
    case 27:
    case 46: unsupported(f, from, &w); break;
    case 35: permission(f, from, &w); break;
    case 39: subscribed(f, from, &w); break;
    case 40: virtual_permission(from, &w); break;
    case 43: split(from, &w); break;
    default: other(f, from, &w); break;
    }
}
