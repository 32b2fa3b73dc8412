/* What the driver's refusals mean for a user, as sentences with cures. Pure: no driver needed. */
#include "cuda_parts.h"

#include <stdio.h>
#include <string.h>

struct sentence {
    int error;
    const char *reason, *cure;
};

static const struct sentence sentences[] = {
    {CUDA_OUT_OF_MEMORY, "the GPU has no memory left for another program",
     "end other programs that use it (nvidia-smi lists them)"},
    {CUDA_STUB_LIBRARY, "the libcuda.so.1 that was found is the toolkit's, for linking alone, and no driver",
     "take the toolkit's folder stubs out of LD_LIBRARY_PATH and install NVIDIA's driver"},
    {CUDA_TOO_OLD, "the NVIDIA driver is too old for the CUDA that this program was built with",
     "install a newer driver, or build with an older CUDA toolkit"},
    {CUDA_CALL_TOO_NEW, "the NVIDIA driver is too old for a function that is needed", "install a newer driver"},
    {CUDA_DEVICE_BUSY, "the GPU is taken: another program has it for itself, or its compute mode forbids programs",
     "end the other program, or set the mode: sudo nvidia-smi -c DEFAULT"},
    {CUDA_INVALID_DEVICE, "a GPU that CUDA names cannot be used; on one that is split (MIG) no instance may be there",
     "create instances with sudo nvidia-smi mig -cgi ... -C, or switch MIG off: sudo nvidia-smi -mig 0"},
    {CUDA_NOT_LICENSED, "the virtual GPU has no license", "license it, as your virtualisation's manual tells"},
    {CUDA_ECC_ERROR, "the GPU's memory has an error that ECC cannot correct",
     "reset the GPU or the machine; nvidia-smi -q -d ECC tells more"},
    {CUDA_NVLINK_ERROR, "the GPU's NVLink has an error that cannot be corrected", "reset the GPU or the machine"},
    {CUDA_SYSTEM_ERROR, "the operating system refused the driver something",
     "see that /dev/nvidia* may be read and written by you, and that the kernel's log (dmesg) has no NVRM line"},
    {CUDA_NOT_PERMITTED, "the driver does not permit it", "see that /dev/nvidia* may be read and written by you"},
    {CUDA_NOT_READY, "the GPUs are not ready: their fabric is not set up",
     "start the service nvidia-fabricmanager in the driver's own version, or wait until the machine has started up"},
    {CUDA_MISMATCH, "the driver's library and its kernel module have different versions",
     "restart the machine after a driver update; in a container, take the host's library"},
    {CUDA_COMPAT, "the compatibility library of a newer CUDA does not serve this GPU",
     "take the folder compat out of LD_LIBRARY_PATH, or install a newer driver"},
    {CUDA_MPS_CONNECTION, "the multi-process service (MPS) does not answer",
     "start it (nvidia-cuda-mps-control -d) or unset CUDA_MPS_PIPE_DIRECTORY"},
    {CUDA_MPS_RPC, "the multi-process service (MPS) failed", "restart it: echo quit | nvidia-cuda-mps-control"},
    {CUDA_MPS_NOT_READY, "the multi-process service (MPS) is not ready", "wait, or restart it"},
    {CUDA_HARDWARE_STACK, "the GPU's call stack has an error", "run it again; then reset the GPU"},
    {CUDA_LAUNCH_FAILED, "what ran on the GPU failed", "look for the access that is out of bounds: compute-sanitizer"},
    {CUDA_UNKNOWN, "the driver fails without saying why",
     "see that the kernel modules nvidia and nvidia_uvm are loaded (sudo nvidia-modprobe -u), and restart the machine "
     "if it has slept"},
};

/* What cannot be loaded. */
static void explain_loading(const struct cuda_failure *f, char *reason, size_t reason_size, char *cure,
                            size_t cure_size)
{
    bool absent = !f->loading || !*f->loading || strstr(f->loading, "No such file");

    if (absent)
        snprintf(reason, reason_size, "no NVIDIA driver: libcuda.so.1 was not found%s",
                 f->kernel_module ? ", though the kernel's part of the driver is loaded" : "");
    else
        snprintf(reason, reason_size, "the NVIDIA driver's library cannot be loaded: %.160s", f->loading);
    if (f->kernel_module)
        snprintf(cure, cure_size,
                 "in a container, start it with --gpus all (NVIDIA Container Toolkit), NVIDIA_DRIVER_CAPABILITIES must "
                 "have compute and utility; else install the driver's library in the module's version");
    else
        snprintf(cure, cure_size,
                 "install NVIDIA's driver, so that nvidia-smi works; in a container, start it with --gpus all");
}

static void explain_none(const struct cuda_failure *f, char *reason, size_t reason_size, char *cure, size_t cure_size)
{
    if (f->visible && f->installed != 0) {
        snprintf(reason, reason_size, "no GPU is visible: CUDA_VISIBLE_DEVICES is \"%.60s\"", f->visible);
        snprintf(cure, cure_size, "unset CUDA_VISIBLE_DEVICES, or name a GPU that nvidia-smi -L lists");
    } else if (f->installed > 0) {
        snprintf(reason, reason_size, "CUDA sees no GPU, though the driver knows %d", f->installed);
        snprintf(cure, cure_size, "see that /dev/nvidia0 is there and may be read and written by you");
    } else {
        snprintf(reason, reason_size, "there is no NVIDIA GPU in this machine, or none that this driver serves");
        snprintf(cure, cure_size,
                 "see with lspci whether there is one, and install a driver that serves it; in a "
                 "container, start it with --gpus all");
    }
}

static void with_call(const struct cuda_failure *f, const char *sentence, char *reason, size_t size)
{
    if (f->name && *f->name)
        snprintf(reason, size, "%s (%s: %.60s, %d)", sentence, f->call ? f->call : "CUDA", f->name, f->error);
    else
        snprintf(reason, size, "%s (%s: error %d)", sentence, f->call ? f->call : "CUDA", f->error);
}

void cuda_explain(const struct cuda_failure *f, char *reason, size_t reason_size, char *cure, size_t cure_size)
{
    snprintf(cure, cure_size, "%s", "");
    if (f->error == CUDA_NO_LIBRARY) {
        explain_loading(f, reason, reason_size, cure, cure_size);
        return;
    }
    if (f->error == CUDA_NO_DEVICE) {
        explain_none(f, reason, reason_size, cure, cure_size);
        return;
    }
    for (size_t i = 0; i < sizeof sentences / sizeof *sentences; i++)
        if (sentences[i].error == f->error) {
            with_call(f, sentences[i].reason, reason, reason_size);
            snprintf(cure, cure_size, "%s", sentences[i].cure);
            return;
        }
    with_call(f, "the NVIDIA driver refuses", reason, reason_size);
    snprintf(cure, cure_size, "see that nvidia-smi works, and what the kernel's log (dmesg) says of NVRM");
}
