/*
 * Variants that nvcc compiled. See module.h.
 *
 * The loader takes files only, so the bytes become a file in memory. Its descriptor stays open: the loader knows what it has
 * loaded by path, and a second module under the same number would be taken for the first.
 *
 * libs: -ldl
 */
#include "module.h"
#include "base/mem.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct loaded {
    const struct registry_module *row;
    const struct variant_module *module;
    struct loaded *next;
};

static int write_all(int fd, const unsigned char *begin, const unsigned char *end)
{
    while (begin < end) {
        ssize_t n = write(fd, begin, (size_t)(end - begin));

        if (n < 0 && errno != EINTR)
            return -1;
        if (n > 0)
            begin += n;
    }
    return 0;
}

/* A file in memory that holds the bytes; -1 with the reason. */
static int memory_file(const char *name, const unsigned char *begin, const unsigned char *end, struct err *e)
{
    int fd = memfd_create(name, MFD_CLOEXEC), why;

    if (fd < 0)
        return err_set(e, CM_NOTHING, "%s cannot be loaded: the system refuses a file in memory (memfd_create: %s)",
                       name, strerror(errno));
    if (!write_all(fd, begin, end))
        return fd;
    why = errno;
    close(fd);
    return err_set(e, CM_NOTHING, "%s cannot be loaded: its %td bytes cannot be put into memory: %s", name, end - begin,
                   strerror(why));
}

/* What the loader says begins with the file that it means: ours has a number for a name. */
static const char *loader_words(const char *path)
{
    const char *words = dlerror();

    if (!words)
        return "the loader gives no reason";
    if (!strncmp(words, path, strlen(path)) && !strncmp(words + strlen(path), ": ", 2))
        words += strlen(path) + 2;
    return words;
}

const struct variant_module *module_open(const char *name, const unsigned char *begin, const unsigned char *end,
                                         struct err *e)
{
    const struct variant_module *module;
    char path[40];
    void *handle;
    int fd = memory_file(name, begin, end, e);

    if (fd < 0)
        return NULL;
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!handle) {
        const char *words = loader_words(path);

        err_set(e, CM_NOTHING, "%s cannot be loaded: %s%s", name, words,
                strstr(words, "libstdc++") ? " (the C++ library is not installed: package libstdc++6)" : "");
        close(fd);
        return NULL;
    }
    module = dlsym(handle, "variant_module");
    if (!module)
        err_set(e, CM_NOTHING, "%s was loaded, but does not define variant_module", name);
    else if (module->abi != VARIANT_ABI)
        err_set(e, CM_NOTHING, "%s was made for version %d of variant.h, this program has %d: build it anew", name,
                module->abi, VARIANT_ABI);
    else
        return module;
    dlclose(handle);
    close(fd);
    return NULL;
}

static const struct registry_module *find(const struct registry_variant *row)
{
    for (const struct registry_module *m = registry_modules; m->kernel; m++)
        if (!strcmp(m->kernel, row->kernel) && !strcmp(m->variant, row->name))
            return m;
    return NULL;
}

static const struct variant_module *load_once(const struct registry_module *row, struct err *e)
{
    static struct loaded *all;
    const struct variant_module *module;
    struct loaded *l;
    char name[160];

    for (l = all; l; l = l->next)
        if (l->row == row)
            return l->module;
    snprintf(name, sizeof name, "%s/%s", row->kernel, row->variant);
    module = module_open(name, row->begin, row->end, e);
    if (!module)
        return NULL;
    l = mem_new(1, sizeof *l);
    *l = (struct loaded){row, module, all};
    all = l;
    return module;
}

int module_load(const struct registry_variant *row, struct variant *out, struct err *e)
{
    const struct registry_module *found = find(row);
    const struct variant_module *module;

    if (!found)
        return err_set(e, CM_NOTHING, "%s", row->missing ? row->missing : "its module is not part of this program");
    module = load_once(found, e);
    if (!module)
        return -1;
    *out = *row->variant;
    out->prepare = module->prepare;
    out->reset = module->reset;
    out->upload = module->upload;
    out->run = module->run;
    out->sync = module->sync;
    out->download = module->download;
    out->figures = module->figures;
    out->finish = module->finish;
    return 0;
}
