/*
 * The contract between the harness and what it measures. A kernel or variant file includes this header, the header of
 * its own kernel folder, and the system's; nothing else of the project but variants/openmp.h, and in a .cu file variants/device.cuh.
 *
 * A kernel is a computation with one definition of its result: variants/NAME/NAME.c defines `const struct kernel
 * kernel_NAME`. A variant is one implementation of it: variants/NAME/NAME_HOW.c defines `const struct variant
 * variant_NAME_HOW` and is listed as NAME/HOW. Creating the file is all that is needed.
 *
 * The first comment of a file may hold lines `cflags:`, `libs:` and `needs:` (a build switch, lower case: openmp, mpi,
 * cuda). If a need is switched off, the file is still compiled, with -DWITHOUT_<NEED>, and listed with that reason.
 *
 * Order of calls in a worker process:
 *     kernel.setup -> variant.prepare -> variant.upload
 *         -> { reset -> variant.run (inner times) -> variant.sync -> variant.figures }* -> variant.download -> verify
 *         -> variant.finish
 *     -> kernel.teardown
 * upload and download happen twice: around the first execution, and around all that is measured.
 *
 * A variant for a GPU is one .cu file, variants/NAME/NAME_HOW.cu, compiled twice. The C compiler sees its row, `const struct
 * variant variant_NAME_HOW` with everything but the functions; nvcc (__CUDACC__ is defined) sees `extern "C" const struct
 * variant_module variant_module` with the functions. nvcc's part becomes a shared object inside the program, loaded by the
 * worker that measures it and by nobody else: so the program needs neither CUDA nor C++ to start. The header can be
 * read by C11 and C++20.
 */
#ifndef VARIANTS_VARIANT_H
#define VARIANTS_VARIANT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define VARIANT_ABI 3

/*
 * A named parameter. `values` is its sweep as on the command line: "300,1000", "1:8:1", "pow2:4K:4LLC" (LLC, L1, L2 and
 * CPUS stand for this machine's sizes and CPU count; 4LLC is four times the last-level cache), or words:
 * "static,dynamic".
 */
struct axis {
    const char *name;    /* lower case; NULL ends a list */
    const char *values;  /* the full sweep */
    const char *initial; /* the default, one value, used where no plan says otherwise */
    const char *meaning; /* one line, with the unit */
    bool added_later;    /* left out of the point's text at its default, so that older history keeps its name */
};

struct value {
    const char *axis;
    const char *text;
    int64_t number; /* the value as a number; 0 for words */
};

/* The analytic work of ONE execution: what the algorithm needs, not what a variant spends. */
struct work {
    double elements; /* the count for "per element" figures */
    double flops;
    double bytes_read;
    double bytes_written;
};

/* What is handed to every function below. Values are sorted by axis name. */
struct run {
    const struct value *values;
    size_t value_count;
    void *problem;       /* the kernel's: set by kernel.setup */
    void *state;         /* the variant's: set by variant.prepare */
    void *output;        /* the result to be verified; allocated by kernel.setup, poisoned by the harness */
    size_t output_bytes; /* set by kernel.setup */
    uint64_t seed;       /* for input data: the same in every launch */
    int cpus;            /* CPUs that this process may use */
    char error[256];     /* why a function returned -1: one sentence */
};

enum match { MATCH_SAME_BITS, MATCH_TOLERANCE, MATCH_WRONG };

struct verdict {
    enum match match;
    int64_t deviations; /* elements that differ from the reference */
    char text[200];     /* for MATCH_WRONG: what and where, one sentence */
};

/*
 * What a kernel is for. Those with a role are in a plan only where -k names them in full, and in no report of the work:
 * an anchor's variants are measured in every run, by one program that is kept per machine, to tell whether the machine moved;
 * a truth's variants have counts that are known by construction, to tell how right this machine counts.
 */
enum kernel_role { ROLE_WORK, ROLE_ANCHOR, ROLE_TRUTH };

/* A count of ONE execution that is known by construction. */
struct expected {
    const char *event; /* "instructions", "branch_misses", ...: see variants/truth/truth.h */
    double count;      /* NaN: this variant is about the event, but its count here is not known; `because` says why */
    double tolerance;  /* the largest share by which a right instrument may differ; where 0 is expected, per element */
    const char *because; /* one line: where the number comes from */
};

struct kernel {
    int abi; /* VARIANT_ABI */
    enum kernel_role role;
    const char
        *version; /* change it when problem, work model or verification change: older results become incomparable */
    const char *summary; /* one line */
    const char *element; /* what an element is, singular: "iteration" */
    const struct axis *axes;

    /* Bytes needed for these values: the planner leaves out what does not fit. May be NULL (nothing worth planning). */
    int64_t (*footprint)(const struct run *r);
    /* Allocates and fills problem and output. 0, or -1 with r->error. */
    int (*setup)(struct run *r);
    /* Restores consumed input before each execution, untimed; also makes caches cold if an axis says so. May be NULL.
     * Returns true if there was something to do: then a repetition is one execution, however short. */
    bool (*reset)(struct run *r);
    /* Computes the reference result into r->output and its work into *w, the plain way. Runs once per axes and build;
     * the harness keeps both in a file. 0, or -1 with r->error. */
    int (*reference)(struct run *r, struct work *w);
    /* Compares r->output with the reference (output_bytes bytes). `tolerance`: what the variant declares. */
    void (*verify)(const struct run *r, const void *reference, double tolerance, struct verdict *v);
    void (*teardown)(struct run *r); /* frees problem and output */
};

/* Where a variant computes. */
enum variant_device { DEVICE_NONE, DEVICE_CUDA };

/*
 * Times that only the variant can tell, ns, by the device's own clock where there is one. Of a repetition: FIGURE_TIME, from the
 * first command of the repetition to the end of the last. Of the launch, each once: what set-up (context, code, memory), the
 * transfer of the input and the transfer of the result took. NaN: not known.
 */
enum figure { FIGURE_TIME, FIGURE_SETUP, FIGURE_UPLOAD, FIGURE_DOWNLOAD, FIGURES };

/* The functions of a variant that stand in a shared object of its own; the meaning is struct variant's. */
struct variant_module {
    int abi; /* VARIANT_ABI */
    int (*prepare)(struct run *r);
    bool (*reset)(struct run *r);
    int (*upload)(struct run *r);
    int (*run)(struct run *r);
    void (*sync)(struct run *r);
    int (*download)(struct run *r);
    void (*figures)(struct run *r, double figures[FIGURES]);
    void (*finish)(struct run *r);
};

struct variant {
    int abi;                 /* VARIANT_ABI */
    const char *version;     /* change it to start a new history on purpose */
    const char *summary;     /* one line */
    const struct axis *axes; /* its own axes, beside the kernel's; NULL for none */
    double
        tolerance; /* 0: same bits or wrong. Else what kernel.verify takes: the largest share of deviating elements */
    bool forks;    /* run() creates processes: counters are opened with inheritance, a fresh set per repetition */
    enum variant_device device; /* not DEVICE_NONE: collectors of devices count it, those of the CPU do not */
    /* A .cu file's row: true, and no functions below but probe; the harness takes them from its struct variant_module. */
    bool module;

    const char *(*probe)(void);    /* NULL if it can run here, else the reason: one sentence. May be NULL. */
    int (*prepare)(struct run *r); /* untimed: allocate, plan, start threads. May be NULL. 0, or -1 with r->error */
    /* Instead of kernel.reset, for a variant whose input or caches are elsewhere. May be NULL. */
    bool (*reset)(struct run *r);
    /* Untimed: brings the input, and the output as it is (it may be poisoned), to where run works. May be NULL. 0 or -1. */
    int (*upload)(struct run *r);
    int (*run)(struct run *r); /* timed: one execution; no allocation, no printing. 0, or -1 with r->error */
    /* Waits for an asynchronous device, inside the timed region. May be NULL. Puts into r->error what went wrong since. */
    void (*sync)(struct run *r);
    int (*download)(struct run *r); /* untimed: brings the result to r->output. May be NULL. 0, or -1 with r->error */
    /* Fills what it knows since the last call, all preset to NaN. May be NULL. */
    void (*figures)(struct run *r, double figures[FIGURES]);
    void (*finish)(struct run *r); /* frees state. May be NULL. */
    /* Of a truth's variant: what is known for these values, from r->values alone (nothing is set up); returns how many. */
    size_t (*expected)(const struct run *r, struct expected *out, size_t capacity);
};

/* Every byte of the output before a variant runs. */
#define OUTPUT_POISON 0xA5

/* For kernel.verify: nothing was written here. */
static inline bool output_untouched(const void *output, size_t bytes)
{
    const unsigned char *p = (const unsigned char *)output;

    for (size_t i = 0; i < bytes; i++)
        if (p[i] != OUTPUT_POISON)
            return false;
    return true;
}

static inline const struct value *run_value(const struct run *r, const char *axis)
{
    for (size_t i = 0; i < r->value_count; i++)
        if (!strcmp(r->values[i].axis, axis))
            return &r->values[i];
    return NULL;
}

/* The value of a numeric axis; an axis that the kernel or variant declares is always there. */
static inline int64_t run_number(const struct run *r, const char *axis)
{
    const struct value *v = run_value(r, axis);

    return v ? v->number : 0;
}

static inline const char *run_word(const struct run *r, const char *axis)
{
    const struct value *v = run_value(r, axis);

    return v ? v->text : "";
}

#endif
