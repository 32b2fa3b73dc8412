/*
 * Opening CUPTI. It finds its performance library (libnvperf_host.so) by name alone, not beside itself, and answers
 * "not initialized" without it: so those of the same folder are loaded first, by their full paths.
 * needs: cuda
 */
#ifndef WITHOUT_CUDA

#include "cupti_library.h"

#include "../harness/base/file.h"
#include "../harness/base/mem.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define UNDER_ADDRESS_SANITIZER 1
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
#define UNDER_ADDRESS_SANITIZER 1
#endif

/* The versions of CUDA and CUPTI whose headers this was compiled with: structures grow from one minor version to the next, and
 * a library accepts the smaller ones of its past. */
enum { MAJOR = CUDA_VERSION / 1000 };

static const char *const usual_folders[] = {
#ifdef CUPTI_FOLDER
    CUPTI_FOLDER,
#endif
    NULL, /* the loader's own search */
    "/usr/local/cuda/extras/CUPTI/lib64",
    "/usr/local/cuda/lib64",
};

static void *open_from(const char *folder)
{
    static const char *const helpers[] = {"libnvperf_host.so", "libnvperf_target.so"};
    char path[4096];

    for (size_t i = 0; folder && i < sizeof helpers / sizeof *helpers; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, helpers[i]);
        dlopen(path, RTLD_NOW | RTLD_LOCAL);
    }
    snprintf(path, sizeof path, "%s%slibcupti.so.%d", folder ? folder : "", folder ? "/" : "", MAJOR);
    return dlopen(path, RTLD_NOW | RTLD_LOCAL);
}

static void *open_any(struct err *e)
{
    const char *folder = getenv("COUNTERMARK_CUPTI");
    void *library = NULL;

    if (folder && *folder) {
        library = open_from(folder);
        if (!library)
            err_set(e, CM_NOTHING, "COUNTERMARK_CUPTI is %s, but CUPTI does not load from there: %s", folder,
                    dlerror());
        return library;
    }
#ifdef UNDER_ADDRESS_SANITIZER
    err_set(e, CM_NOTHING, "CUPTI cannot be loaded into a build with the address sanitizer");
    return NULL;
#endif
    for (size_t i = 0; i < sizeof usual_folders / sizeof *usual_folders && !library; i++) {
        char *path = usual_folders[i] ? mem_format("%s/libcupti.so.%d", usual_folders[i], MAJOR) : NULL;

        if (!path || file_exists(path))
            library = open_from(usual_folders[i]);
        free(path);
    }
    if (!library)
        err_set(e, CM_NOTHING,
                "CUPTI (libcupti.so.%d of the CUDA toolkit %d) was not found: name its folder in COUNTERMARK_CUPTI",
                MAJOR, MAJOR);
    return library;
}

static int find_functions(void *library, struct cupti *c, struct err *e)
{
    const char *missing = NULL;

    /* Through a pointer to an object: C has no conversion from it to one of a function. */
#define FIND(name)                                                                                                     \
    *(void **)&c->name = dlsym(library, #name);                                                                        \
    if (!c->name && !missing)                                                                                          \
        missing = #name;
    CUPTI_FUNCTIONS(FIND)
#undef FIND
    if (missing)
        return err_set(e, CM_NOTHING, "CUPTI lacks %s: it is another version than the %d.%d that this program is for",
                       missing, MAJOR, CUDA_VERSION % 1000 / 10);
    return 0;
}

/* 130001 is 13.0.1; before CUDA 13 the numbers were small ones that only counted up. */
static int check_version(struct cupti *c, struct err *e)
{
    uint32_t version = 0;
    CUptiResult result = c->cuptiGetVersion(&version);
    int major = version < 100000 ? 12 : (int)(version / 10000);

    if (result != CUPTI_SUCCESS)
        return err_set(e, CM_NOTHING, "CUPTI at %s does not tell its version (error %d)", c->path, (int)result);
    if (version < 100000)
        snprintf(c->version, sizeof c->version, "12 (%u)", (unsigned)version);
    else
        snprintf(c->version, sizeof c->version, "%u.%u.%u", (unsigned)version / 10000, (unsigned)version % 10000 / 100,
                 (unsigned)version % 100);
    if (major != MAJOR)
        return err_set(e, CM_NOTHING,
                       "CUPTI at %s is of CUDA %d%s (version %u), a different major version than the %d that this "
                       "program was built for",
                       c->path, major, version < 100000 ? " or older" : "", (unsigned)version, MAJOR);
    return 0;
}

static int library_open(struct cupti *c, struct err *e)
{
    void *library = open_any(e);
    Dl_info where;

    if (!library || find_functions(library, c, e))
        return -1;
    if (dladdr(*(void **)&c->cuptiGetVersion, &where) && where.dli_fname)
        snprintf(c->path, sizeof c->path, "%s", where.dli_fname);
    return check_version(c, e);
}

const struct cupti *cupti_library(struct err *e)
{
    static struct cupti library;
    static struct err failure;
    static int state; /* 0: not tried, 1: works, -1: does not */

    if (!state)
        state = library_open(&library, &failure) ? -1 : 1;
    if (state > 0)
        return &library;
    err_set(e, (enum exit_code)failure.code, "%s", failure.text);
    return NULL;
}

#endif
