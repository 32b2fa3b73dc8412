/* GPUs, asked of a worker. See gpu.h. */
#include "gpu.h"

#include "../variants/variant.h"
#include "launch_ask.h"
#include "registry.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LONGEST_ANSWER (1 << 16)
#define PATIENCE_S 20

/* One answer of a worker; 0, or -1 with its reason. */
static int ask(const char *what, const char *who, const char *words, struct buf *answer, struct err *e)
{
    char name[] = "countermark", command[] = "worker", option[] = "--gpu", which[16];
    char *argv[] = {name, command, option, which, NULL};
    const struct launch_question q = {
        .argv = argv, .who = who, .what = words, .longest = LONGEST_ANSWER, .patience_s = PATIENCE_S};

    snprintf(which, sizeof which, "%s", what);
    return launch_ask(&q, answer, e);
}

void gpu_judge_age(struct cuda_facts *f, const char *built_with)
{
    int major = (int)strtol(built_with, NULL, 10);

    if (*f->reason || !f->cuda || major <= f->cuda / 1000)
        return;
    snprintf(f->reason, sizeof f->reason,
             "the NVIDIA driver %s%sis too old: it serves CUDA %d.%d, this program was built with %.20s", f->driver,
             *f->driver ? " " : "", f->cuda / 1000, f->cuda % 1000 / 10, built_with);
    snprintf(f->cure, sizeof f->cure, "install a driver for CUDA %d, or build with the CUDA toolkit %d", major,
             f->cuda / 1000);
}

static void read_facts(struct cuda_facts *f)
{
    struct buf answer = {0};
    struct err e = {.code = 0};

    if (!cuda_driver_present()) {
        cuda_facts_read(f); /* says so, and starts nothing */
        return;
    }
    memset(f, 0, sizeof *f);
    if (ask("facts", "NVIDIA's driver", "what GPUs are here", &answer, &e))
        snprintf(f->reason, sizeof f->reason, "%.*s", (int)sizeof f->reason - 1, e.text);
    else if (!gpu_parse(buf_text(&answer), answer.length, f))
        snprintf(f->reason, sizeof f->reason, "NVIDIA's driver gave no readable answer when asked what GPUs are here");
    if (*f->reason && !*f->cure)
        snprintf(f->cure, sizeof f->cure, "see that nvidia-smi works, and what the kernel's log (dmesg) says of NVRM");
    gpu_judge_age(f, registry_cuda);
    buf_free(&answer);
}

const struct cuda_facts *gpu_here(void)
{
    static struct cuda_facts facts;
    static bool asked;

    if (!asked)
        read_facts(&facts);
    asked = true;
    return &facts;
}

const char *gpu_reason(const struct variant *v)
{
    const char *reason = v->device == DEVICE_CUDA ? gpu_here()->reason : "";

    return *reason ? reason : NULL;
}

void gpu_check(const char *what, struct cupti_check *out)
{
    const struct registry_collector *c = registry_collector("cupti");
    const struct cuda_facts *here = gpu_here();
    struct buf answer = {0};
    struct err e = {.code = 0};

    memset(out, 0, sizeof *out);
    if (*here->reason) {
        snprintf(out->reason, sizeof out->reason, "%.255s", here->reason);
        snprintf(out->cure, sizeof out->cure, "%.255s", here->cure);
    } else if (!c || c->missing) {
        snprintf(out->reason, sizeof out->reason, "%s", c ? c->missing : "this program has no collector cupti");
        snprintf(out->cure, sizeof out->cure, "build it where the CUDA Toolkit with CUPTI is installed");
    } else if (ask(what, "CUPTI", strcmp(what, "tracing") ? "counters" : "a trace", &answer, &e)) {
        snprintf(out->reason, sizeof out->reason, "%.*s", (int)sizeof out->reason - 1, e.text);
        snprintf(
            out->cure, sizeof out->cure,
            "try CUPTI of another version (COUNTERMARK_CUPTI); a crash there costs the pass that uses it and no other");
    } else if (!gpu_parse_check(buf_text(&answer), answer.length, out)) {
        snprintf(out->reason, sizeof out->reason, "CUPTI was tried, and the answer cannot be read");
    }
    buf_free(&answer);
}
