/* The generated tables: every plug-in whose file exists, sorted by name. Each table ends with a row whose name is NULL. */
#ifndef HARNESS_REGISTRY_H
#define HARNESS_REGISTRY_H

#include "../collectors/collector.h"
#include "../variants/variant.h"
#include "base/asset.h"
#include "cmd.h"

struct registry_kernel {
    const char *name; /* "mandelbrot" */
    const struct kernel *kernel;
};

struct registry_variant {
    const char *kernel;            /* "mandelbrot" */
    const char *name;              /* "openmp_simd" */
    const struct variant *variant; /* always there: a file whose need is off is compiled with -DWITHOUT_<NEED> */
    const char *missing;           /* NULL, or why this build cannot run it: "built without OpenMP (OPENMP=0)" */
    const char *flags;             /* its own cflags: comment, or "" */
    const char *file;
};

struct registry_collector {
    const char *name;
    const struct collector *collector;
    const char *missing;
    const char *file;
};

struct registry_command {
    const char *name;
    const struct command *command;
};

extern const struct registry_kernel registry_kernels[];
extern const struct registry_variant registry_variants[];
extern const struct registry_collector registry_collectors[];
extern const struct registry_command registry_commands[];

/* Shared objects of .cu files, as nvcc made them, inside the program. Sorted; ends with a NULL kernel. */
struct registry_module {
    const char *kernel, *variant;
    const unsigned char *begin, *end;
};
extern const struct registry_module registry_modules[];
/* What made them: "13.0.88", or "" without CUDA. */
extern const char registry_cuda[];

/* Hex hash of the variant's machine code (its object's text and read-only data), from the build. */
struct registry_code {
    const char *kernel, *name, *hash;
};
extern const struct registry_code registry_codes[];
/* How this program was built, from the Makefile. */
extern const char registry_compiler[], registry_flags[], registry_version[];

const struct registry_kernel *registry_kernel(const char *name);
const struct registry_variant *registry_variant(const char *kernel, const char *name);
const struct registry_collector *registry_collector(const char *name);
/* The simulator (collector.wrap) that counts in a pass "callgrind:...", or NULL: the pass has another instrument, or this build none. */
const struct registry_collector *registry_simulator(const char *pass);
const struct registry_command *registry_command(const char *name);
/* "" for a variant that this program does not have. */
const char *registry_code_hash(const char *kernel, const char *variant);

#endif
