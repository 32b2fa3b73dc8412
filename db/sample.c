/* Names of the outcomes of a launch: see sample.h. */
#include "sample.h"

#include <string.h>

static const char *const names[] = {
    [LAUNCH_PLANNED] = "planned", [LAUNCH_DONE] = "done",       [LAUNCH_WRONG] = "wrong",
    [LAUNCH_CRASHED] = "crashed", [LAUNCH_HUNG] = "hung",       [LAUNCH_MEMORY] = "memory",
    [LAUNCH_EXITED] = "exited",   [LAUNCH_GARBLED] = "garbled", [LAUNCH_UNAVAILABLE] = "unavailable",
    [LAUNCH_SKIPPED] = "skipped",
};

const char *launch_status_name(enum launch_status s)
{
    return names[s];
}

int launch_status_parse(const char *name)
{
    size_t i;

    for (i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcmp(name, names[i]))
            return (int)i;
    return -1;
}
