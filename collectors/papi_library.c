/*
 * Starting PAPI, and its error codes as sentences with a cure.
 * needs: papi
 */
#include "papi_set.h"

#ifndef WITHOUT_PAPI

#include "../harness/base/file.h"

#include <papi.h>
#include <stdio.h>
#include <stdlib.h>

static int last_code;

int papi_last_code(void)
{
    return last_code;
}

/* /proc/sys/kernel/perf_event_paranoid, or -2 if it cannot be read. */
static int paranoid(void)
{
    char *text = file_read("/proc/sys/kernel/perf_event_paranoid", NULL, NULL);
    int level = text ? (int)strtol(text, NULL, 10) : -2;

    free(text);
    return level;
}

const char *papi_reason(int code)
{
    static char text[200];

    last_code = code;
    switch (code) {
    case PAPI_ENOEVNT: return "this CPU, or what this machine shows of it, cannot count it";
    case PAPI_EPERM:
        snprintf(text, sizeof text, "the system does not permit counting (kernel.perf_event_paranoid is %d)",
                 paranoid());
        return text;
    case PAPI_ECNFLCT:
    case PAPI_ECOUNT: return "it does not fit the CPU's counters together with the rest of its set";
    case PAPI_ENOSUPP: return "the system does not support counting it";
    case PAPI_ESYS: return "perf_event_open failed";
    default: break;
    }
    snprintf(text, sizeof text, "PAPI says: %s", PAPI_strerror(code) ? PAPI_strerror(code) : "an unknown error");
    return text;
}

const char *papi_cure(int code)
{
    switch (code) {
    case PAPI_EPERM:
    case PAPI_ECMP_DISABLED:
        if (paranoid() > 2)
            return "run `sudo sysctl kernel.perf_event_paranoid=1`, or give the program the capability CAP_PERFMON";
        return "allow the system call perf_event_open in the container's seccomp profile and give it CAP_PERFMON, or "
               "measure "
               "outside the container";
    case PAPI_ENOEVNT:
    case PAPI_ENOSUPP:
        return "give a virtual machine a virtual PMU (KVM: -cpu host,pmu=on) or measure on the bare machine; without "
               "it "
               "callgrind counts instructions, by simulation";
    case PAPI_ECNFLCT:
    case PAPI_ECOUNT:
        return "end other users of the counters: perf, or the watchdog with `sudo sysctl kernel.nmi_watchdog=0`";
    case PAPI_ESYS: return "see that the kernel has perf events and that no seccomp profile forbids perf_event_open";
    default: return "";
    }
}

static int library_start(struct err *e)
{
    const PAPI_component_info_t *info;
    int version = PAPI_library_init(PAPI_VER_CURRENT), component;

    if (version != PAPI_VER_CURRENT && version > 0)
        return err_set(e, CM_NOTHING, "the program was built for PAPI %d.%d, but %d.%d is installed: build it again",
                       PAPI_VERSION_MAJOR(PAPI_VER_CURRENT), PAPI_VERSION_MINOR(PAPI_VER_CURRENT),
                       PAPI_VERSION_MAJOR(version), PAPI_VERSION_MINOR(version));
    if (version != PAPI_VER_CURRENT)
        return err_set(e, CM_NOTHING, "PAPI does not start: %s", papi_reason(version));
    component = PAPI_get_component_index("perf_event");
    info = component < 0 ? NULL : PAPI_get_component_info(component);
    if (!info)
        return err_set(e, CM_NOTHING, "the installed PAPI has no component perf_event");
    if (info->disabled) {
        last_code = PAPI_ECMP_DISABLED;
        return err_set(e, CM_NOTHING, "PAPI cannot use the CPU's counters: %.200s",
                       info->disabled_reason[0] ? info->disabled_reason : "its component perf_event is disabled");
    }
    return 0;
}

int papi_library(struct err *e)
{
    static struct err failure;
    static int state, code; /* state: 0 not tried, 1 works, -1 does not */

    if (!state) {
        state = library_start(&failure) ? -1 : 1;
        code = last_code;
    }
    if (state > 0)
        return 0;
    last_code = code;
    return err_set(e, CM_NOTHING, "%s", failure.text);
}

#endif
