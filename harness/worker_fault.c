/* Scripted accidents: each does for real what it is called after, so that the parent's handling is tested and not
 * imitated. */
#include "base/text.h"
#include "worker.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

bool worker_fault_is(const struct worker *w, const char *name)
{
    return w->fault && !strcmp(w->fault, name);
}

static void crash(void)
{
    struct rlimit none = {0, 0};

    setrlimit(RLIMIT_CORE, &none);
    /* Sanitizers catch the signal and make an exit status of it. */
    signal(SIGSEGV, SIG_DFL);
    raise(SIGSEGV);
}

struct block {
    struct block *before;
};

static void take_memory(struct worker *w)
{
    size_t size = 16u << 20;
    struct block *last = NULL, *one;

    while ((one = malloc(size))) {
        memset(one, 1, size);
        one->before = last;
        last = one;
    }
    worker_outcome(w, LAUNCH_MEMORY, "no memory is left (scripted)");
    while ((one = last)) {
        last = one->before;
        free(one);
    }
}

static void write_garbage(struct worker *w)
{
    static const char garbage[] = "{\"protocol\": 1}\n\001\002 this is no message {{{\n";

    if (write(LAUNCH_ANSWER_FD, garbage, sizeof garbage - 1) < 0)
        w->exit_code = CM_INTERNAL;
    else
        w->exit_code = CM_FINE;
}

bool worker_fault(struct worker *w)
{
    const char *f = w->fault ? w->fault : "";

    if (!strcmp(f, "crash"))
        crash();
    while (!strcmp(f, "hang"))
        pause();
    if (!strcmp(f, "memory"))
        take_memory(w);
    else if (text_starts(f, "exit:"))
        w->exit_code = (int)strtol(f + strlen("exit:"), NULL, 10) & 0xff;
    else if (!strcmp(f, "garbage"))
        write_garbage(w);
    else if (text_starts(f, "unavailable:"))
        worker_outcome(w, LAUNCH_UNAVAILABLE, "%s", f + strlen("unavailable:"));
    return w->result.status != LAUNCH_DONE || w->exit_code >= 0;
}
